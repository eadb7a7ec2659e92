"""A log becomes orders, capacities and calendars; plans of it are valid and rolling plans know no future."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gonghe.engines.planning import check, evaluate
from gonghe.engines.planning.workshop.log import (
    HOUR,
    breaks_of,
    lead_of,
    read_workshop,
    weekly_breaks,
)
from gonghe.engines.planning.workshop.past import Estimates, Twins
from gonghe.engines.planning.workshop.problem import workshop_truth
from gonghe.engines.planning.workshop.report import in_hindsight, played, workshop_report
from gonghe.standards.eventlog.rows import Kind, LogRow

MONDAY = datetime(2012, 1, 2, tzinfo=UTC)


def row(
    order: str,
    resource: str,
    start: float,
    end: float,
    kind: Kind = "run",
    *,
    part: str = "",
    pieces: int = 10,
) -> LogRow:
    at = MONDAY + timedelta(hours=start)
    return LogRow(1, order, "", resource, kind, at, MONDAY + timedelta(hours=end), pieces, part)


LOG = (
    row("a", "lathe", 8, 9, "setup"),
    row("a", "lathe", 9, 12),
    row("a", "lathe", 11, 13),  # overlaps: counted once
    row("a", "check", 20, 21),
    row("a", "lathe", 32, 34),  # comes back: an operation of its own
    row("b", "lathe", 14, 16),
    row("b", "lathe", 15, 15.5, "breakdown"),  # no work
    row("b", "check", 20, 22),
)


def test_reads_operations_times_and_capacities() -> None:
    shop = read_workshop(LOG)
    a, b = shop.orders
    assert [(s.resource, s.work / HOUR, s.setup / HOUR) for s in a.steps] == [
        ("lathe", 5, 1),
        ("check", 1, 0),
        ("lathe", 2, 0),
    ]
    assert (a.start / HOUR, a.end / HOUR, b.lead / HOUR) == (8, 34, 8)
    assert shop.capacity == {"lathe": 1, "check": 2}
    assert shop.epoch == MONDAY


def test_calendars() -> None:
    shop = read_workshop(LOG)
    hours = [(a / HOUR, b / HOUR) for a, b in breaks_of(shop, "exact", "lathe")]
    assert hours == [(0, 8), (13, 14), (16, 32)]
    half = read_workshop((row("a", "lathe", 8.5, 9.25), row("a", "lathe", 11, 11.5)))
    assert breaks_of(half, "exact", "lathe")[0] == (0, 8.5 * HOUR)
    hours = [(a / HOUR, b / HOUR) for a, b in breaks_of(half, "worked", "lathe")]
    assert hours == [(0, 8), (10, 11)]  # whole clock hours; open after the last report
    assert breaks_of(shop, "open", "lathe") == ()
    # the pattern of lathe: Monday 8-13 and 14-16, Tuesday 8-10
    assert weekly_breaks(shop.busy["lathe"], 168 * HOUR, 184 * HOUR) == (
        (168 * HOUR, 176 * HOUR),
        (181 * HOUR, 182 * HOUR),
    )


def test_hindsight_plan_by_hand() -> None:
    """Always open: a needs 8 h, b 4 h; both want the lathe at 14 h, so one waits 2 h: (8 + 6) / 2."""
    shop = read_workshop(LOG)
    truth = workshop_truth(shop, "open")
    schedule = in_hindsight(truth, None, 0, iterations=500)
    assert check(truth.problem, schedule) == ()
    lead = lead_of(shop, evaluate(truth.problem, schedule).completion)
    assert (lead.mean_lead_h, lead.setup_h, lead.later_than_real) == (7, 1, 0)
    exact = workshop_truth(shop, "exact")
    done = evaluate(exact.problem, in_hindsight(exact, None, 0, iterations=500)).completion
    assert lead_of(shop, done).mean_lead_h == pytest.approx((26 + 8) / 2)


def test_rolling_plays_every_order_and_starts_nothing_before_its_release() -> None:
    """At 14 h a (back at 14 h with 2 h of guessed work left) and b (4 h) want the lathe: b arrives too."""
    shop = read_workshop(LOG)
    truth = workshop_truth(shop, "open")
    schedule = played(truth, own_machines=False)
    assert check(truth.problem, schedule) == ()
    done = evaluate(truth.problem, schedule).completion
    assert {name: end / HOUR for name, end in done.items()} == {"a": 16, "b": 20}


LATER = (
    row("old", "Mill 1", 0, 2, part="ring"),
    row("new", "Mill 2", 24, 28, part="ring"),
    row("next", "saw", 24, 25, part="ring"),
    row("next", "Mill 2", 28, 30, part="ring"),
    row("other", "saw", 25, 26, part="bush"),
    row("other", "Mill 2", 30, 31, part="bush"),
)


def test_twins_are_machines_of_a_kind_that_saw_the_same_part() -> None:
    shop = read_workshop(LATER)
    steps = {order.name: order.steps[-1] for order in shop.orders}
    twins = Twins(shop.orders)
    assert twins.of(steps["next"]) == ("Mill 2", "Mill 1")
    assert twins.of(steps["other"]) == ("Mill 2",)
    assert Twins(shop.orders[1:]).of(steps["next"]) == ("Mill 2",)


def test_waiting_work_goes_to_a_twin_that_is_known_by_then() -> None:
    """`next` finds Mill 2 taken at 25 h; Mill 1 saw the part the day before, so it need not wait."""
    truth = workshop_truth(read_workshop(LATER), "open")
    rows = played(truth, own_machines=False).by_operation()
    assert (rows["next", "o1"].machine, rows["next", "o1"].start) == ("Mill 1", 25 * HOUR)
    assert (rows["other", "o1"].machine, rows["other", "o1"].start) == ("Mill 2", 28 * HOUR)
    own = workshop_truth(read_workshop(LATER), "open", own_machines=True)
    assert played(own, own_machines=True).by_operation()["next", "o1"].start == 28 * HOUR


def test_what_is_released_today_is_no_evidence_yet() -> None:
    same_day = (*LATER[1:], row("old", "Mill 1", 24.5, 24.75, part="ring"))
    rows = played(workshop_truth(read_workshop(same_day), "open"), own_machines=False).by_operation()
    assert (rows["next", "o1"].machine, rows["next", "o1"].start) == ("Mill 2", 28 * HOUR)


def test_estimates_by_hand() -> None:
    """Two past rings took 12 and 24 min a piece; the mill's mean is (2 + 4 + 3) h / 3 = 3 h.

    10 pieces: (2 x 18 min x 10 + 2 x 3 h) / 4 = 3 h; a part never seen: 3 h; nothing seen at all: 2 h.
    """
    log = (
        row("r1", "Mill 1", 0, 2, part="ring"),
        row("r2", "Mill 1", 2, 6, part="ring"),
        row("b", "Mill 1", 6, 9, part="bush"),
        row("r3", "Mill 1", 9, 10, part="ring", pieces=30),
    )
    orders = {order.name: order for order in read_workshop(log).orders}
    estimates = Estimates()
    assert estimates.seconds(orders["b"], orders["b"].steps[0]) == 2 * HOUR
    for name in ("r1", "r2", "b"):
        estimates.learn(orders[name], orders[name].steps[0])
    assert estimates.seconds(orders["r1"], orders["r1"].steps[0]) == 3 * HOUR
    assert estimates.seconds(orders["r3"], orders["r3"].steps[0]) == (2 * 9 + 2 * 3) / 4 * HOUR
    unseen = replace(orders["b"].steps[0], part="gear")
    assert estimates.seconds(orders["b"], unseen) == 3 * HOUR


def test_report_tells_what_it_assumes() -> None:
    report = workshop_report(LOG, "open", seconds=0.2)
    assert report["orders"] == 2
    assert report["operations"] == 5
    assert report["real"] == {"mean_lead_h": 17.0, "median_lead_h": 17.0}
    assert report["planned"]["mean_lead_h"] == 7
    assert report["bound_h"] == 6  # a 8 h, b 4 h, each alone
    assert report["after_the_log"] == 0
    assert report["verified"] is True
    assert any("hindsight" in line for line in report["assumptions"])
    rolling = workshop_report(LOG, "worked", rolling=True)
    assert rolling["verified"] is True
    assert not any("hindsight" in line for line in rolling["assumptions"])
    own = workshop_report(LOG, "worked", rolling=True, own_machines=True)
    assert "every operation stays on the resource that really did it" in own["assumptions"]
