"""The workshop behind a log, on a log small enough to work out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonghe.engines.signals import Breakdown, Busy, derive
from gonghe.engines.signals.workshop_log import parallelism, union
from gonghe.standards.eventlog import Log, LogRow

MONDAY = datetime(2012, 1, 2, tzinfo=UTC)


def at(hour: float) -> datetime:
    """Hours after Monday, 2 January 2012, 00:00 UTC."""
    return MONDAY + timedelta(hours=hour)


def unix(hour: float) -> int:
    return int(at(hour).timestamp())


def report(line: int, order: str, resource: str, kind: Any, start: float, end: float, **more: Any) -> LogRow:
    return LogRow(
        line, order, f"{resource} work", resource, kind, at(start), at(end), more.pop("quantity", 4), **more
    )


ROWS = (
    report(2, "A", "lathe", "setup", 8, 9),
    report(3, "A", "lathe", "run", 8.5, 11, completed=3, rejected=1),
    report(4, "A", "lathe", "breakdown", 11, 12),
    report(5, "A", "mill", "run", 13, 14, completed=4),
    report(6, "A", "lathe", "run", 15, 15, completed=1),
    report(7, "B", "mill", "run", 13.5, 14.25, quantity=10),
    report(8, "B", "saw", "breakdown", 20, 21, quantity=10),
    report(9, "B", "mill", "setup", 30, 31, quantity=10),
)


def workshop(*rows: LogRow, zone: str = "UTC") -> Any:
    return derive(Log(rows, zone))


def test_consecutive_reports_on_a_resource_are_an_operation() -> None:
    first, second = workshop(*ROWS).orders
    assert (first.id, first.quantity, first.release, first.end, first.lead_s) == (
        "A",
        4,
        unix(8),
        unix(15),
        7 * 3600,
    )
    assert [
        (step.number, step.equipment, step.setup_s, step.run_s, step.breakdown_s) for step in first.operations
    ] == [
        (10, "lathe", 3600, 7200, 3600),
        (20, "mill", 0, 3600, 0),
        (30, "lathe", 0, 0, 0),
    ]
    assert first.operations[0].worked == ((unix(8), unix(11)),)
    assert first.operations[0].run_per_piece_s == 1800
    assert (first.operations[0].completed, first.operations[0].rejected) == (3, 1)
    # What stood on the saw was nothing but a breakdown: no work, no operation, but the mill is taken up anew.
    assert [(step.number, step.equipment, step.setup_s, step.run_s) for step in second.operations] == [
        (10, "mill", 0, 2700),
        (20, "mill", 3600, 0),
    ]


def test_equipment_with_its_hours() -> None:
    lathe, mill, saw = workshop(*ROWS).equipment
    assert (lathe.name, lathe.parallel, lathe.busy_s, lathe.reports) == ("lathe", 1, 3 * 3600, 4)
    assert lathe.week == (8, 9, 10)
    assert lathe.shifts == ((0, 8, 11),)
    assert mill.worked == ((unix(13), unix(14.25)), (unix(30), unix(31)))
    assert mill.week == (13, 14, 30)
    assert mill.shifts == ((0, 13, 15), (1, 6, 7))
    assert mill.parallel == 2  # half an hour of two and a quarter
    assert (saw.worked, saw.week, saw.parallel) == ((), (), 1)


def test_hours_are_local() -> None:
    lathe = workshop(*ROWS, zone="Asia/Shanghai").equipment[0]
    assert lathe.week == (16, 17, 18)


def test_a_shift_over_midnight_is_cut_there() -> None:
    lathe = workshop(report(2, "A", "lathe", "run", 22.5, 26)).equipment[0]
    assert lathe.week == (22, 23, 24, 25)
    assert lathe.shifts == ((0, 22, 24), (1, 0, 2))


def test_moving_a_time_stamp_changes_the_calendar() -> None:
    before = workshop(*ROWS).equipment[0]
    moved = report(3, "A", "lathe", "run", 8.5, 12.5, completed=3)
    after = workshop(ROWS[0], moved, *ROWS[2:]).equipment[0]
    assert set(after.week) - set(before.week) == {11, 12}
    assert after.busy_s - before.busy_s == 5400


def test_breakdowns() -> None:
    assert workshop(*ROWS).breakdowns == (
        Breakdown("lathe", "A", unix(11), unix(12)),
        Breakdown("saw", "B", unix(20), unix(21)),
    )


def test_order_of_the_rows_does_not_matter() -> None:
    assert workshop(*reversed(ROWS)) == workshop(*ROWS)
    assert workshop().orders == ()


def test_orders_of_a_week_in_lanes() -> None:
    found = workshop(*ROWS).orders_of_week(date(2012, 1, 8))
    assert found == (
        Busy("A", 10, "lathe", 0, unix(8), unix(11)),
        Busy("A", 20, "mill", 0, unix(13), unix(14)),
        Busy("B", 10, "mill", 1, unix(13.5), unix(14.25)),
        Busy("B", 20, "mill", 0, unix(30), unix(31)),
    )
    assert workshop(*ROWS).orders_of_week(date(2012, 1, 9)) == ()


def test_the_week_is_local_and_cuts() -> None:
    rows = (report(2, "A", "lathe", "run", -20, 8),)
    assert [(busy.start, busy.end) for busy in workshop(*rows).orders_of_week(date(2012, 1, 2))] == [
        (unix(0), unix(8))
    ]
    assert [
        (busy.start, busy.end)
        for busy in workshop(*rows, zone="Asia/Shanghai").orders_of_week(date(2012, 1, 2))
    ] == [(unix(-8), unix(8))]


def test_rounding_to_a_grid_keeps_what_is_disjoint_disjoint() -> None:
    minute = 1 / 60
    rows = (
        report(2, "A", "lathe", "run", 8 + 3 * minute, 9 + 8 * minute),
        report(3, "B", "lathe", "run", 9 + 8 * minute, 9 + 40 * minute),
        report(4, "C", "lathe", "run", 10 + 1 * minute, 10 + 5 * minute),
    )
    assert workshop(*rows).orders_of_week(date(2012, 1, 2), grid=900) == (
        Busy("A", 10, "lathe", 0, unix(8), unix(9.25)),
        Busy("B", 10, "lathe", 0, unix(9.25), unix(9.75)),
    )
    with pytest.raises(ValueError, match="at least one second"):
        workshop(*rows).orders_of_week(date(2012, 1, 2), grid=0)


def test_parallelism_covers_95_percent_of_the_busy_time() -> None:
    assert parallelism([(0, 100), (0, 5)]) == 1
    assert parallelism([(0, 100), (0, 6)]) == 2
    assert parallelism([(0, 10), (0, 10), (0, 10), (50, 60)]) == 3
    assert parallelism([(0, 10), (10, 20)]) == 1
    assert parallelism([(5, 5)]) == 1
    assert parallelism([]) == 1


spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: (pair[0], sum(pair))), max_size=12
)


@given(spans)
def test_union_covers_the_same_seconds(given_spans: list[tuple[int, int]]) -> None:
    merged = union(given_spans)
    assert {second for span in merged for second in range(*span)} == {
        second for span in given_spans for second in range(*span)
    }
    assert all(before[1] < after[0] for before, after in pairwise(merged))


@given(spans)
def test_parallelism_is_the_least_level_that_suffices(given_spans: list[tuple[int, int]]) -> None:
    level = [sum(start <= second < end for start, end in given_spans) for second in range(80)]
    busy = [count for count in level if count]
    enough = [some for some in range(1, 13) if sum(count <= some for count in busy) >= 0.95 * len(busy)]
    assert parallelism(given_spans) == enough[0]


@given(spans)
def test_lanes_never_overlap(given_spans: list[tuple[int, int]]) -> None:
    rows = [report(2 + n, f"{n}", "lathe", "run", start, end) for n, (start, end) in enumerate(given_spans)]
    last: dict[int, int] = {}
    for busy in workshop(*rows).orders_of_week(date(2012, 1, 2)):
        assert last.get(busy.lane, 0) <= busy.start
        last[busy.lane] = busy.end
