"""`<plan-gantt>` on a phone, and the plan as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.web.harness import Site
from tests.web.test_gantt import drawn, open_plan

pytestmark = pytest.mark.browser

LATHE = "LATHE-SMALL-1 小型数控车床"
MILL = "MILL3-1 三轴加工中心"


def two_machines(firm: str = "Hengxi Hardware") -> dict[str, Any]:
    """Work on a mill and then on a lathe of another firm (or the same), 9 to 12 March."""
    return {
        "rows": [
            {"id": "m", "organization": "Hengda Precision", "equipment": MILL, "own": True},
            {"id": "l", "organization": firm, "equipment": LATHE, "own": False},
        ],
        "bars": [
            {"id": "a", "row": "m", "order": "GH-1", "label": "10 Mill", "kind": "done", "chain": True}
            | {"start": "2026-03-09T08:00:00+08:00", "end": "2026-03-10T16:00:00+08:00"},
            {"id": "b", "row": "l", "order": "GH-2", "label": "20 Turn", "kind": "own"}
            | {"start": "2026-03-11T08:00:00+08:00", "end": "2026-03-12T10:00:00+08:00"},
            {"id": "busy", "row": "l", "label": "", "kind": "taken"}
            | {"start": "2026-03-20T08:00:00+08:00", "end": "2026-03-21T10:00:00+08:00"},
        ],
        "links": [{"from": "a", "to": "b", "chain": False}],
    }


def names(page: Page) -> list[str]:
    """What stands beside or above the rows."""
    return [
        " | ".join(item.locator(":scope > *").all_inner_texts())
        for item in page.locator("plan-gantt ol li:not(.corner)").all()
    ]


def test_on_a_phone_rows_name_firm_and_machine_above_their_bars(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_plan(page, site, two_machines())
    assert names(page) == [f"Hengda Precision | {MILL}", f"Hengxi Hardware | {LATHE}"]
    whole = page.locator("plan-gantt canvas").bounding_box()
    frame = page.locator("plan-gantt .gantt-frame").bounding_box()
    assert whole is not None
    assert frame is not None
    assert whole["width"] == frame["width"]
    for bar, name in (("a", "Hengda Precision"), ("b", "Hengxi Hardware")):
        top = page.evaluate(
            "(id) => { const g = document.querySelector('plan-gantt'); const bar = g.layout.byId.get(id);"
            " return g.layout.barTop(g.layout.rowOf.get(bar.row), bar) }",
            bar,
        )
        said = page.locator("plan-gantt li", has_text=name).locator("small").bounding_box()
        assert said is not None
        assert said["y"] + said["height"] <= whole["y"] + top
        assert said["x"] + said["width"] <= frame["x"] + frame["width"]


def test_names_go_back_beside_the_bars_when_there_is_room(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_plan(page, site, two_machines())
    page.set_viewport_size({"width": 1440, "height": 844})
    page.wait_for_function("() => document.querySelector('plan-gantt').layout.band === 0")
    drawn(page)
    names_end = page.locator("plan-gantt ol").bounding_box()
    canvas = page.locator("plan-gantt canvas").bounding_box()
    assert names_end is not None
    assert canvas is not None
    assert names_end["x"] + names_end["width"] <= canvas["x"] + 1


def test_machines_of_one_firm_are_told_apart_by_their_names(page: Page, site: Site) -> None:
    open_plan(page, site, two_machines("Hengda Precision"))
    assert names(page) == [MILL, LATHE]


@pytest.mark.parametrize("width", [390, 1440])
def test_by_order_the_tip_names_the_machine(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_plan(page, site, two_machines())
    page.get_by_role("button", name="Orders").click()
    assert names(page) == ["GH-1", "GH-2"]
    place = page.evaluate(
        "() => { const g = document.querySelector('plan-gantt'); const bar = g.layout.byId.get('a');"
        " const box = g.querySelector('canvas').getBoundingClientRect();"
        " return [box.x + ((bar.start + bar.end) / 2 - g.from) * g.scale,"
        "   box.y + g.layout.barTop(g.layout.rowOf.get(bar.row), bar) + 9 - g.scroll] }"
    )
    page.mouse.move(*place)
    tip = page.locator("plan-gantt .gantt-tip")
    tip.wait_for()
    assert f"Hengda Precision {MILL}" in tip.inner_text()


def test_all_shows_the_work_from_its_first_day_to_its_last(page: Page, site: Site) -> None:
    """Hours that others have a week later do not count."""
    open_plan(page, site, two_machines())
    page.get_by_role("button", name="All", exact=True).click()
    drawn(page)
    assert page.locator("plan-gantt .seen").inner_text() == "Mon 9 March – Thu 12 March"
    assert page.get_by_role("button", name="All", exact=True).get_attribute("aria-pressed") == "true"
