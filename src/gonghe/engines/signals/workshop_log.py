"""A production log turned into the workshop behind it: equipment, hours, past orders and times.

All moments are whole seconds since 1970-01-01 UTC; a span is a pair (start, end) with the end excluded.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import TypeAlias
from zoneinfo import ZoneInfo

from gonghe.standards.eventlog import Log, LogRow

Span: TypeAlias = tuple[int, int]

PARALLEL_SHARE = 0.95
"""Equipment is as parallel as it was seen to be during this share of its busy time."""

HOUR = 3600


@dataclass(frozen=True, slots=True)
class WorkshopEquipment:
    """A resource of the log.

    Parameters
    ----------
    name : str
    activities : tuple of str
        What was done on it, most reported first.
    parallel : int
        How many operations it works at once (see `PARALLEL_SHARE`); 1 if it never worked for a second.
    worked : tuple of (int, int)
        When at least one set-up or run was reported: disjoint, ascending.
    week : tuple of int
        Hours of the week in which it ever worked, ascending; 0 is Monday 00:00 to 01:00 of local time.
    reports : int
        Rows of the log.
    """

    name: str
    activities: tuple[str, ...]
    parallel: int
    worked: tuple[Span, ...]
    week: tuple[int, ...]
    reports: int

    @property
    def busy_s(self) -> int:
        """Seconds in which it worked at least one operation."""
        return _length(self.worked)

    @property
    def shifts(self) -> tuple[tuple[int, int, int], ...]:
        """The weekly pattern as (weekday, first hour, end hour), Monday is 0; none runs over midnight."""
        runs: list[list[int]] = []
        for hour in self.week:
            if runs and runs[-1][2] == hour and hour % 24:
                runs[-1][2] = hour + 1
            else:
                runs.append([hour // 24, hour, hour + 1])
        return tuple((day, start - day * 24, end - day * 24) for day, start, end in runs)


@dataclass(frozen=True, slots=True)
class PastOperation:
    """An order's consecutive reports on one resource.

    Parameters
    ----------
    number : int
        10, 20, ... in the order in which the operations began.
    equipment, activity : str
        The activity is the most reported one.
    worked : tuple of (int, int)
        Union of the spans of its set-ups and runs.
    setup_s, run_s : int
        Union of the set-up spans, and what the runs add to it, so that both sum to the length of `worked`.
    breakdown_s : int
        Union of the breakdown spans.
    quantity : int
        Pieces of the order.
    completed, rejected : int
        Pieces reported good and scrapped.
    """

    number: int
    equipment: str
    activity: str
    worked: tuple[Span, ...]
    setup_s: int
    run_s: int
    breakdown_s: int
    quantity: int
    completed: int
    rejected: int

    @property
    def run_per_piece_s(self) -> float:
        """Seconds of run per piece of the order."""
        return self.run_s / self.quantity


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order of the log; its release is the start of its first report, its end the last one's."""

    id: str
    part: str
    quantity: int
    release: int
    end: int
    operations: tuple[PastOperation, ...]

    @property
    def lead_s(self) -> int:
        """Seconds from release to end."""
        return self.end - self.release


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A breakdown that was reported on equipment while it worked on an order."""

    equipment: str
    order: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Busy:
    """Time that an operation of an order takes on equipment.

    `lane` counts the operations that run at once, from 0; where more were reported than the equipment is
    parallel, it reaches ``parallel`` or beyond.
    """

    order: str
    operation: int
    equipment: str
    lane: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the log tells: equipment by name, orders by release, breakdowns by start."""

    zone: str
    equipment: tuple[WorkshopEquipment, ...]
    orders: tuple[PastOrder, ...]
    breakdowns: tuple[Breakdown, ...]

    def orders_of_week(self, day: date, grid: int = 1) -> tuple[Busy, ...]:
        """Return what was on the machines in the week (Monday to Sunday, local time) that holds `day`.

        Parameters
        ----------
        day : date
        grid : int
            Starts and ends are rounded to multiples of so many seconds. Both are rounded alike, so that what
            did not overlap does not overlap afterwards; work that rounds to nothing is left out.

        Returns
        -------
        tuple of Busy
            By equipment, start and lane; cut at the ends of the week.

        Raises
        ------
        ValueError
            If `grid` is not positive.
        """
        if grid < 1:
            raise ValueError("the grid must be at least one second")
        low, high = _week(day, ZoneInfo(self.zone))
        pieces: dict[str, list[tuple[int, int, str, int]]] = {}
        for order in self.orders:
            for operation in order.operations:
                cut = ((max(start, low), min(end, high)) for start, end in operation.worked)
                rounded = ((_round(start, grid), _round(end, grid)) for start, end in cut if start < end)
                pieces.setdefault(operation.equipment, []).extend(
                    (start, end, order.id, operation.number) for start, end in union(rounded)
                )
        return tuple(busy for name in sorted(pieces) for busy in _in_lanes(name, sorted(pieces[name])))


def derive(log: Log) -> Workshop:
    """Derive the workshop from its log.

    An order's consecutive reports on one resource, by start, are one operation. Breakdowns are not work: they
    count neither as set-up or run nor as worked hours. An operation of nothing but breakdowns is left out.

    Parameters
    ----------
    log : gonghe.standards.eventlog.Log

    Returns
    -------
    Workshop
        The same for the same rows, whatever their order.
    """
    rows = sorted(log.rows, key=lambda row: (row.order, row.start, row.end, row.line))
    orders = [_order(id_, list(group)) for id_, group in groupby(rows, key=lambda row: row.order)]
    return Workshop(
        zone=log.zone,
        equipment=_equipment(rows, orders, ZoneInfo(log.zone)),
        orders=tuple(sorted(orders, key=lambda order: (order.release, order.id))),
        breakdowns=tuple(
            sorted(
                (Breakdown(row.resource, row.order, *_span(row)) for row in rows if row.kind == "breakdown"),
                key=lambda breakdown: (breakdown.start, breakdown.equipment, breakdown.order, breakdown.end),
            )
        ),
    )


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Merge spans that overlap or touch; empty ones vanish."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def parallelism(spans: Iterable[Span]) -> int:
    """Return the least number that at least `PARALLEL_SHARE` of the busy time does not exceed; 1 if none.

    Parameters
    ----------
    spans : iterable of (int, int)
        Work that may overlap.
    """
    time_at: Counter[int] = Counter()
    level = last = 0
    for moment, step in sorted(
        edge for start, end in spans for edge in ((start, 1), (end, -1)) if start < end
    ):
        time_at[level] += moment - last
        level, last = level + step, moment
    del time_at[0]
    busy = sum(time_at.values())
    covered = 0
    for level in sorted(time_at):
        covered += time_at[level]
        if covered >= PARALLEL_SHARE * busy:
            return level
    return 1


def _order(id_: str, rows: Sequence[LogRow]) -> PastOrder:
    quantity = rows[0].quantity
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row.resource)]
    working = [group for group in groups if any(row.kind != "breakdown" for row in group)]
    return PastOrder(
        id=id_,
        part=rows[0].part,
        quantity=quantity,
        release=_seconds(rows[0].start),
        end=max(_seconds(row.end) for row in rows),
        operations=tuple(
            _operation(10 * index, group, quantity) for index, group in enumerate(working, start=1)
        ),
    )


def _operation(number: int, rows: Sequence[LogRow], quantity: int) -> PastOperation:
    worked = union(_span(row) for row in rows if row.kind != "breakdown")
    setup_s = _length(union(_span(row) for row in rows if row.kind == "setup"))
    return PastOperation(
        number=number,
        equipment=rows[0].resource,
        activity=_most_frequent(row.activity for row in rows)[0],
        worked=worked,
        setup_s=setup_s,
        run_s=_length(worked) - setup_s,
        breakdown_s=_length(union(_span(row) for row in rows if row.kind == "breakdown")),
        quantity=quantity,
        completed=sum(row.completed for row in rows),
        rejected=sum(row.rejected for row in rows),
    )


def _equipment(
    rows: Sequence[LogRow], orders: Iterable[PastOrder], zone: ZoneInfo
) -> tuple[WorkshopEquipment, ...]:
    spans: dict[str, list[Span]] = {}
    for order in orders:
        for operation in order.operations:
            spans.setdefault(operation.equipment, []).extend(operation.worked)
    activities: dict[str, list[str]] = {}
    for row in rows:
        activities.setdefault(row.resource, []).append(row.activity)
    return tuple(
        WorkshopEquipment(
            name=name,
            activities=_most_frequent(activities[name]),
            parallel=parallelism(spans.get(name, ())),
            worked=union(spans.get(name, ())),
            week=_hours_of_week(union(spans.get(name, ())), zone),
            reports=len(activities[name]),
        )
        for name in sorted(activities)
    )


def _hours_of_week(spans: Iterable[Span], zone: ZoneInfo) -> tuple[int, ...]:
    hours: set[int] = set()
    for start, end in spans:
        first = datetime.fromtimestamp(start, zone)
        moment = start - first.minute * 60 - first.second
        while moment < end:
            local = datetime.fromtimestamp(moment, zone)
            hours.add(local.weekday() * 24 + local.hour)
            moment += HOUR
    return tuple(sorted(hours))


def _week(day: date, zone: ZoneInfo) -> Span:
    monday = day - timedelta(days=day.weekday())
    midnights = (datetime.combine(monday + timedelta(days=days), time(), zone) for days in (0, 7))
    low, high = (_seconds(midnight.astimezone(UTC)) for midnight in midnights)
    return low, high


def _in_lanes(name: str, pieces: Iterable[tuple[int, int, str, int]]) -> Iterable[Busy]:
    """Give each piece the lowest lane that is free at its start."""
    free: list[int] = []
    taken: list[tuple[int, int]] = []
    for start, end, order, operation in pieces:
        while taken and taken[0][0] <= start:
            heapq.heappush(free, heapq.heappop(taken)[1])
        lane = heapq.heappop(free) if free else len(taken)
        heapq.heappush(taken, (end, lane))
        yield Busy(order, operation, name, lane, start, end)


def _most_frequent(words: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(words)
    return tuple(sorted(counts, key=lambda word: (-counts[word], word)))


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def _round(moment: int, grid: int) -> int:
    return (moment + grid // 2) // grid * grid


def _span(row: LogRow) -> Span:
    return _seconds(row.start), _seconds(row.end)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
