"""Estimates rest on the firm's own figures, follow when these change, and say which are its own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.factories import People, signed_in
from tests.orders.making import an_order
from tests.orders.test_reading import BRACKET, dropped, read_only

from gonghe.apps.audit.services import settle
from gonghe.apps.jobs import services as jobs
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import access, services
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.technology import stating

PRICE, MILLING, RATE = "material.steel.price", "material.steel.milling", "process.milling-3axis.rate"
BY_HAND = OperationIn("milling-3axis", "Mill", {}, setup_s=3600, run_s=600, number=10)


def do_jobs(kind: str) -> int:
    """Do the waiting jobs of a kind, not what other apps make of events; returns how many."""
    settle()
    waiting = Job.objects.filter(kind=kind, state=Job.State.QUEUED)
    Job.objects.exclude(kind=kind).filter(state=Job.State.QUEUED).update(state=Job.State.CANCELLED)
    count = waiting.count()
    for _ in range(count):
        assert jobs.work_once()
    return count


def again(acting: Acting, line: OrderLine) -> OrderLine:
    return access.get_line(acting, line.pk)


def told(line: OrderLine) -> dict[str, dict[str, Any]]:
    assert line.estimate is not None
    return {one["code"]: one for one in line.estimate["assumptions"]}


def runs(line: OrderLine) -> dict[str, int]:
    return {step.requirement["process"]: step.run_s for step in line.operations.all()}


def middle(line: OrderLine) -> int:
    assert line.estimate is not None
    return int(line.estimate["cost"]["p50"])


def test_new_lines_are_reckoned_with_the_firms_figures(acting_owner: Acting, acting_buyer: Acting) -> None:
    line = LineIn(part="B-1", name="Block", quantity=100, operations=(BY_HAND,))
    plain = an_order(acting_buyer, line).lines.get()
    stating.state(acting_owner, {RATE: Decimal(65)})
    own = an_order(acting_owner, line).lines.get()
    assert middle(own) * 2 == middle(plain)  # the shipped rate is 130
    assert (told(own)["rate.milling-3axis"]["value"], told(own)["rate.milling-3axis"]["source"]) == (
        65,
        "own",
    )
    assert told(own)["overhead"]["source"].startswith("Gonghe starting values")
    assert middle(an_order(acting_buyer, line).lines.get()) == middle(plain)


def test_a_change_reaches_drafts_by_one_job(people: People, acting_buyer: Acting, parts: Path) -> None:
    line = dropped(acting_buyer, parts / BRACKET, quantity=60)
    read_only()
    before = again(acting_buyer, line)
    before_s = runs(before)
    stating.state(people.lanshan_owner, {MILLING: Decimal(30), PRICE: Decimal("12.4")})
    assert do_jobs("orders.estimate_again") == 1
    after = again(acting_buyer, line)
    after_s = runs(after)
    assert after_s["milling-3axis"] > before_s["milling-3axis"]
    assert after_s["saw"] == before_s["saw"]
    assert told(after)["material.price"]["value"] == 12.4
    assert {told(after)[code]["source"] for code in ("material.price", MILLING)} == {"own"}
    assert told(before)[MILLING]["value"] == 60
    assert middle(after) > middle(before)
    stating.take_back(people.lanshan_owner)
    assert do_jobs("orders.estimate_again") == 1
    assert again(acting_buyer, line).estimate == before.estimate


def test_steps_made_by_hand_and_orders_gone_out_keep_their_times(acting_owner: Acting) -> None:
    draft = an_order(acting_owner, LineIn(part="B-1", quantity=10, operations=(BY_HAND,)))
    gone = an_order(acting_owner, LineIn(part="B-2", quantity=10, operations=(BY_HAND,)))
    services.set_state(acting_owner.principal, gone, "called")
    before = {one: middle(one.lines.get()) for one in (draft, gone)}
    stating.state(acting_owner, {MILLING: Decimal(30), RATE: Decimal(260)})
    do_jobs("orders.estimate_again")
    assert draft.lines.get().operations.get().run_s == 600
    assert middle(draft.lines.get()) == pytest.approx(2 * before[draft], abs=1)
    assert middle(gone.lines.get()) == before[gone]


def test_the_page_says_which_figures_are_the_firms_own(acting_owner: Acting) -> None:
    stating.state(acting_owner, {RATE: Decimal(65)})
    line = an_order(acting_owner, LineIn(part="B-1", quantity=10, operations=(BY_HAND,))).lines.get()
    text = signed_in(acting_owner).get(f"/o/hengda/orders/lines/{line.pk}/").content.decode()
    assert text.count('<span class="tag mine">your own</span>') == 1
    order = signed_in(acting_owner).get(f"/o/hengda/orders/{line.order_id}/").content.decode()
    assert '<span class="tag mine">your own</span>' in order
