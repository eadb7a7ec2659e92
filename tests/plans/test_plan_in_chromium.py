"""Pages of plans as a person sees them in Chromium: the product's own answers, served to a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, sync_playwright
from tests.factories import signed_in
from tests.plans.making import NOW, Scene
from tests.web.conftest import ARGUMENTS
from tests.web.harness import Answer, Site, as_json, until

from gonghe import clock
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.plans import scenarios, services
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.wishes import EARLIEST, Wish

pytestmark = pytest.mark.browser
WISH = {"start": "2026-03-10T00:00:00.000Z"}
FIGURES = {
    "objective": 441_000,
    "bound": 400_000,
    "gap": 9.3,
    "currency": "CNY",
    "trace": [[0.1, 520_000, 400_000], [0.8, 450_000, 400_000], [1.4, 441_000, 400_000]],
}


@dataclass
class Pages:
    """Answers of the product to the buyer: the plan, a trial, scenarios, a running search."""

    plan: Answer
    trial: Answer
    scenarios: Answer
    working: Answer
    addresses: dict[str, str]
    milling: str
    mill: str


@pytest.fixture
def pages(scene: Scene, proposed: Plan) -> Pages:
    """Everything is asked before the browser starts, which keeps the database out of its thread."""
    plan = services.accept_award(scene.buyer, proposed)
    wishes = (
        (0, Wish(weight=EARLIEST, overtime_h=2)),
        (2, Wish(without=str(scene.mill.pk), without_name="Hengda Precision, M1")),
        (1, Wish(overtime_h=1)),
    )
    for minute, wish in wishes:
        run_until_idle()  # the last one stays in the queue
        with clock.telling(NOW + timedelta(minutes=minute)):
            scenarios.ask(scene.buyer, scene.order, wish)
    job = Job.objects.get(state=Job.State.QUEUED, kind=scenarios.KIND)
    client = signed_in(scene.buyer)
    addresses = {
        "plan": reverse("plans:plan", args=["lanshan", plan.pk]),
        "try": reverse("plans:try", args=["lanshan", plan.pk]),
        "scenarios": reverse("plans:scenarios", args=["lanshan", scene.order.pk]),
        "working": reverse("plans:working", args=["lanshan", job.pk]),
        "job": reverse("web:job", args=["lanshan", job.pk]),
    }
    wish = WISH | {"bar": str(scene.milling.pk), "row": str(scene.mill.pk)}
    return Pages(
        plan=_get(client, addresses["plan"]),
        trial=Answer(client.post(addresses["try"], wish).content),
        scenarios=_get(client, addresses["scenarios"]),
        working=_get(client, addresses["working"]),
        addresses=addresses,
        milling=str(scene.milling.pk),
        mill=str(scene.mill.pk),
    )


def _get(client: Client, address: str) -> Answer:
    """The page without its live feed, which this small server does not have."""
    text = client.get(address).content.decode()
    return Answer(re.sub(r"<live-feed[^>]*></live-feed>", "", text).encode())


@pytest.fixture
def site(pages: Pages) -> Iterator[Site]:
    """The pages at their own addresses."""
    made = Site()
    made.routes[pages.addresses["plan"]] = lambda _asked: pages.plan
    made.routes[pages.addresses["try"]] = lambda _asked: pages.trial
    made.routes[pages.addresses["scenarios"]] = lambda _asked: pages.scenarios
    made.routes[pages.addresses["working"]] = lambda _asked: pages.working
    state: dict[str, Any] = {"state": "running", "progress": 40, "message": "", "figures": FIGURES}
    made.routes[pages.addresses["job"]] = lambda _asked: as_json(state)
    yield made
    made.close()


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """A tab at 1440 px that complains about errors of the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        complaints: list[str] = []
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        yield tab
        browser.close()
        assert complaints == []


def drawn(page: Page, count: int = 1) -> None:
    """Wait until every plan of the page is drawn."""
    until(
        page, f"[...document.querySelectorAll('plan-gantt')].filter((one) => one.painter).length === {count}"
    )


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_a_dragged_bar_is_priced_and_offered_as_a_proposal(page: Page, site: Site, pages: Pages) -> None:
    page.goto(site.url + pages.addresses["plan"])
    drawn(page)
    page.evaluate(f"document.querySelector('plan-gantt').show('{pages.milling}')")
    page.focus("plan-gantt .surface")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Propose this change")
    button.wait_for()
    told = page.locator("#trial").inner_text()
    assert "10 Mill can run from 10 March, 08:00 to 11 March, 11:30." in told
    assert "Work of Fenghua Grinding, Hengda Precision would move too; they have to agree." in told
    (asked,) = [one for one in site.asked if one.path == pages.addresses["try"]]
    assert f"bar={pages.milling}&row={pages.mill}&start=".encode() in asked.body
    fields = page.locator("#trial form input[type=hidden]").evaluate_all(
        "(all) => Object.fromEntries(all.map((one) => [one.name, one.value]))"
    )
    assert (fields["bar"], fields["row"], fields["start"]) == (pages.milling, pages.mill, WISH["start"])
    assert len(fields["key"]) == 32
    page.get_by_role("button", name="Leave it as it is").click()
    assert page.locator("#trial").inner_text() == ""
    assert page.evaluate("document.querySelector('plan-gantt').ghost ?? null") is None


def test_hovering_tells_the_chain_of_reasons(page: Page, site: Site, pages: Pages) -> None:
    page.goto(site.url + pages.addresses["plan"])
    drawn(page)
    place = page.evaluate(
        "(id) => { const g = document.querySelector('plan-gantt'); g.show(id);"
        " const bar = g.layout.byId.get(id); const row = g.layout.rowOf.get(bar.row);"
        " const box = g.querySelector('canvas').getBoundingClientRect();"
        " return [box.x + ((bar.start + bar.end) / 2 - g.from) * g.scale,"
        "   box.y + g.layout.barTop(row, bar) + 9 - g.scroll] }",
        pages.milling,
    )
    page.mouse.move(*place)
    tip = page.locator("plan-gantt .gantt-tip")
    tip.wait_for()
    assert "The material is there on Saturday 7 March, 10:00." in tip.inner_text()
    assert "Mill at Hengda Precision takes 11.5 h, with breaks until" in tip.inner_text()


@pytest.mark.parametrize(("width", "beside"), [(1440, True), (768, False), (390, False)])
def test_scenarios_lie_side_by_side_where_there_is_room(
    page: Page, site: Site, pages: Pages, width: int, beside: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site.url + pages.addresses["scenarios"])
    drawn(page, 2)
    tops = [box["y"] for box in (one.bounding_box() for one in page.locator("plan-gantt").all()) if box]
    assert (abs(tops[0] - tops[1]) < 2) is beside
    assert overflow(page) <= 0
    assert page.locator("#compare h3").all_inner_texts() == ["as it is", "without Hengda Precision, M1"]
    words = page.locator("#scenarios tbody b").all_inner_texts()
    assert words[0] == "as it is"
    assert set(words[1:]) == {
        "1 hour of overtime a day",
        "without Hengda Precision, M1",
        "2 hours of overtime a day, as early as possible",
    }
    assert page.get_by_role("button", name="Adopt").count() == 1  # overtime only informs


@pytest.mark.parametrize("width", [1440, 390])
def test_a_running_search_shows_where_it_stands(page: Page, site: Site, pages: Pages, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.url + pages.addresses["working"])
    page.get_by_role("button", name="Stop and keep the best so far").wait_for()
    assert page.locator(".solve-figures dd").all_inner_texts() == ["¥4,410", "¥4,000", "9.3 %"]
    assert overflow(page) <= 0
