"""A re-plan watched while it is searched: objective, bound, gap; ended with the best so far.

The worker is a process of its own. It is held still as soon as it has told where it stands, so that the page
can be looked at in peace, and goes on when the wish to stop is there.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.person import Cluster, Person
from tests.server import free_port, own_environment, serving

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Asia/Shanghai")
PATIENCE = 120


@dataclass
class Large:
    """The installation with its large order, and how to start the process that plans."""

    cluster: Cluster
    plan: str
    environment: dict[str, str]


@pytest.fixture(scope="module")
def large(browser: Browser, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    """Pages are served without workers of their own."""
    folder = tmp_path_factory.mktemp("large")
    port = free_port()
    environment = own_environment(folder, port) | {"GONGHE_PLAN_SECONDS": "1", "GONGHE_WORKERS": "0"}
    prepare = [sys.executable, str(Path(__file__).with_name("prepare_large.py")), str(folder)]
    told = json.loads(subprocess.run(prepare, env=environment, check=True, capture_output=True).stdout)
    plan = told.pop("plan")
    with serving(environment, port, folder / "server.log"):
        yield Large(Cluster(browser, environment["GONGHE_ORIGIN"], pictures, **told), plan, environment)
    assert "Traceback" not in (folder / "server.log").read_text()


@pytest.fixture
def start_worker(large: Large) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the process that plans."""
    command = [str(Path(sys.executable).with_name("gonghe")), "worker"]
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(command, env=large.environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_replan_shows_where_it_stands_and_ends_with_the_best_so_far(
    large: Large, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    buyer, owner = large.cluster.sign_in("lanshan-buyer"), large.cluster.sign_in("hengda-owner")
    _report_a_breakdown(owner)
    _find_the_search(buyer, large)
    worker = start_worker()  # only now: on a quick machine the search would be over before it is found
    figures = _hold_still(buyer, worker)
    _read_the_figures(buyer, figures)
    buyer.shoot("27-replan-live", chinese=True)
    buyer.press("Stop and keep the best so far").reads("Stopping; the best so far is kept.")
    os.kill(worker.pid, signal.SIGCONT)
    expect(buyer.page.locator("#moves")).to_be_visible(timeout=PATIENCE * 1000)
    assert buyer.answer().startswith("Hengda Precision M3 is down until ")
    buyer.reads("0 of ", "have agreed").shoot("28-replan-proposed", chinese=True)
    assert [complaint for person in (buyer, owner) for complaint in person.leave()] == []


def _report_a_breakdown(owner: Person) -> None:
    """The mill is down for three days."""
    until = datetime.now(ZONE) + timedelta(days=3)
    owner.station("Capacity").press("M3", exact=False).press("It is down")
    dialog = owner.page.locator("dialog[open]")
    dialog.get_by_label("Until").fill(f"{until:%Y-%m-%dT%H:%M}")
    dialog.get_by_role("button", name="It is down").click()
    owner.reads("M3 is down until")


def _find_the_search(buyer: Person, large: Large) -> None:
    """The page of the plan says that ways to change it are being worked out."""
    link = buyer.page.get_by_role("link", name="Watch or stop the search")
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        buyer.page.goto(f"{large.cluster.origin}/o/lanshan/plans/{large.plan}/")
        if link.count():
            break
        time.sleep(0.3)
    buyer.press("Watch or stop the search")


def _hold_still(buyer: Person, worker: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What the search has told by the moment at which it is held."""
    source = buyer.page.locator("job-progress").get_attribute("src")
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        job = buyer.page.request.get(f"{_origin(buyer)}{source}").json()
        assert not job["over"], job
        if job["figures"]:
            os.kill(worker.pid, signal.SIGSTOP)
            found: dict[str, Any] = buyer.page.request.get(f"{_origin(buyer)}{source}").json()["figures"]
            return found
        time.sleep(0.02)
    pytest.fail("The search never told where it stands.")


def _origin(person: Person) -> str:
    return re.sub(r"(https?://[^/]+).*", r"\1", person.page.url)


def _read_the_figures(buyer: Person, figures: dict[str, Any]) -> None:
    """The page shows what the search told; no plan can cost less than the bound."""
    assert figures["objective"] >= figures["bound"] > 0
    gap = 100 * (figures["objective"] - figures["bound"]) / figures["objective"]
    assert figures["gap"] == round(gap, 1)
    shown = [f"¥{round(figures[name] / 100):,}" for name in ("objective", "bound")]
    expect(buyer.page.locator(".solve-figures dd")).to_have_text([*shown, f"{figures['gap']:.1f} %"])
