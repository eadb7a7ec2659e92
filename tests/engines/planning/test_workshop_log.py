"""A log becomes orders, capacities and calendars; plans of it are valid and rolling plans know no future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gonghe.engines.planning import check, solve
from gonghe.engines.planning.rolling import Rolling
from gonghe.engines.planning.workshop import (
    HOUR,
    breaks_of,
    lead_of,
    read_workshop,
    weekly_breaks,
    workshop_problem,
)
from gonghe.engines.planning.workshop_report import workshop_report
from gonghe.standards.eventlog.rows import Kind, LogRow

MONDAY = datetime(2012, 1, 2, tzinfo=UTC)


def row(order: str, resource: str, start: float, end: float, kind: Kind = "run") -> LogRow:
    at = MONDAY + timedelta(hours=start)
    return LogRow(1, order, "", resource, kind, at, MONDAY + timedelta(hours=end), 10)


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
    hours = [(a / HOUR, b / HOUR) for a, b in breaks_of(shop, "worked", "lathe")]
    assert hours == [(0, 8), (13, 14), (16, 32)]
    assert breaks_of(shop, "open", "lathe") == ()
    # the pattern of lathe: Monday 8-13 and 14-16, Tuesday 8-10
    assert weekly_breaks(shop.busy["lathe"], 168 * HOUR, 184 * HOUR) == (
        (168 * HOUR, 176 * HOUR),
        (181 * HOUR, 182 * HOUR),
    )


def test_hindsight_plan_by_hand() -> None:
    """Always open: a needs 8 h, b 4 h; both want the lathe at 14 h, so one waits 2 h: (8 + 6) / 2."""
    shop = read_workshop(LOG)
    problem = workshop_problem(shop, "open")
    result = solve(problem, iterations=500)
    assert check(problem, result.schedule) == ()
    lead = lead_of(shop, result.completion)
    assert (lead.mean_lead_h, lead.setup_h, lead.later_than_real) == (7, 1, 0)
    worked = lead_of(shop, solve(workshop_problem(shop, "worked"), iterations=500).completion)
    assert worked.mean_lead_h == pytest.approx((26 + 8) / 2)


def test_rolling_finishes_everything_and_starts_nothing_before_its_release() -> None:
    shop = read_workshop(LOG)
    done = Rolling(shop, "open", 50, 0).run()
    assert {name: end / HOUR for name, end in done.items()} == {"a": 16, "b": 20}


def test_report_tells_what_it_assumes() -> None:
    report = workshop_report(LOG, "open", seconds=0.2)
    assert report["orders"] == 2
    assert report["operations"] == 5
    assert report["real"] == {"mean_lead_h": 17.0, "median_lead_h": 17.0}
    assert report["planned"]["mean_lead_h"] == 7
    assert report["verified"] is True
    assert any("hindsight" in line for line in report["assumptions"])
    rolling = workshop_report(LOG, "worked", rolling=True)
    assert not any("hindsight" in line for line in rolling["assumptions"])
