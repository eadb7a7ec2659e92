"""A real workshop read from its log: orders, busy times, how parallel its resources are, open hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import mean, median
from typing import Literal

from gonghe.engines.model.planning import Interval
from gonghe.engines.model.planning_hours import merged
from gonghe.engines.model.planning_rules import gaps
from gonghe.standards.eventlog.rows import LogRow

Calendar = Literal["exact", "worked", "pattern", "open"]
HOUR = 3600
WEEK = 168 * HOUR
SHARE = 0.95  # part of a resource's busy time in which it ran no more than its capacity


@dataclass(frozen=True, slots=True)
class Step:
    """Consecutive reports of an order on one resource.

    `spans` is the union of their times (a report without length is a moment in it), `work` its length in
    seconds.
    """

    resource: str
    spans: tuple[Interval, ...]
    work: int
    setup: int
    part: str

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class RealOrder:
    """An order as it really ran, in seconds from the epoch."""

    name: str
    steps: tuple[Step, ...]
    start: int
    end: int
    quantity: int = 1

    @property
    def lead(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Workshop:
    """The log read as orders, the busy times of every resource and how many orders it ran at a time.

    `hours` are the clock hours of which a report tells, be it only a moment; `until` is the end of the log.
    `epoch` is the Monday 0:00 before the first report, so that hours of the week come out right.
    """

    orders: tuple[RealOrder, ...]
    busy: dict[str, tuple[Interval, ...]]
    hours: dict[str, tuple[Interval, ...]]
    capacity: dict[str, int]
    until: int
    epoch: datetime


def read_workshop(rows: Iterable[LogRow]) -> Workshop:
    """Group the reports of a log. Breakdown reports count as lead time but not as work."""
    log = list(rows)
    first = min(row.start for row in log)
    epoch = first.replace(hour=0, minute=0, second=0, microsecond=0)
    shift = epoch.weekday() * 24 * HOUR

    def seconds(moment: datetime) -> int:
        return int((moment - epoch).total_seconds()) + shift

    by_order: dict[str, list[LogRow]] = defaultdict(list)
    ends: dict[str, list[int]] = defaultdict(list)
    for row in log:
        ends[row.order] += [seconds(row.start), seconds(row.end)]
        if row.kind == "breakdown":
            continue
        by_order[row.order].append(row)
    orders = []
    for name, reports in by_order.items():
        reports.sort(key=lambda row: (row.start, row.end, row.line))
        groups: list[list[LogRow]] = []
        for row in reports:
            if groups and groups[-1][-1].resource == row.resource:
                groups[-1].append(row)
            else:
                groups.append([row])
        steps = tuple(_step(group, [(seconds(r.start), seconds(r.end)) for r in group]) for group in groups)
        orders.append(RealOrder(name, steps, min(ends[name]), max(ends[name]), reports[0].quantity))
    return workshop_of(orders, max(order.end for order in orders), epoch)


def workshop_of(orders: Iterable[RealOrder], until: int, epoch: datetime) -> Workshop:
    """The shop that did these orders, and nothing else, up to the end of a log."""
    chosen = sorted(orders, key=lambda order: (order.start, order.name))
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for order in chosen:
        for step in order.steps:
            spans[step.resource] += [(start, end, order.name) for start, end in step.spans]
    return Workshop(
        orders=tuple(chosen),
        busy={name: tuple(merged((a, b) for a, b, _ in rows if a < b)) for name, rows in spans.items()},
        hours={name: tuple(_clock_hours((a, b) for a, b, _ in rows)) for name, rows in spans.items()},
        capacity={name: _parallel(rows) for name, rows in spans.items()},
        until=until,
        epoch=epoch,
    )


def _step(group: Sequence[LogRow], spans: Sequence[Interval]) -> Step:
    setup = [span for span, row in zip(spans, group, strict=True) if row.kind == "setup"]
    return Step(group[0].resource, tuple(merged(spans)), _length(spans), _length(setup), group[0].part)


def _length(spans: Iterable[Interval]) -> int:
    return sum(end - start for start, end in merged(spans))


def _parallel(spans: Sequence[tuple[int, int, str]]) -> int:
    """Orders at a time that cover 95% of the busy time."""
    edges: list[tuple[int, int]] = []
    by_order: dict[str, list[Interval]] = defaultdict(list)
    for start, end, order in spans:
        by_order[order].append((start, end))
    for rows in by_order.values():
        for start, end in merged(rows):
            edges += [(start, 1), (end, -1)]
    edges.sort()
    time_at: dict[int, int] = defaultdict(int)
    level = 0
    for (moment, change), (following, _) in pairwise([*edges, (edges[-1][0], 0)]):
        level += change
        time_at[level] += following - moment
    total = sum(time for count, time in time_at.items() if count > 0)
    seen = 0
    for count in sorted(count for count in time_at if count > 0):
        seen += time_at[count]
        if seen >= SHARE * total:
            return count
    return 1


def breaks_of(shop: Workshop, calendar: Calendar, resource: str) -> tuple[Interval, ...]:
    """Closed hours of a resource from the first week to the last report of the log; open from then on.

    `exact` keeps to the second when it was busy, `worked` to the clock hours of which a report tells,
    `pattern` to those hours of any week.
    """
    if calendar == "open":
        return ()
    if calendar == "pattern":
        return weekly_breaks(shop.hours[resource], 0, shop.until)
    busy = shop.busy[resource] if calendar == "exact" else shop.hours[resource]
    return tuple(gaps(busy, 0, shop.until))


def _clock_hours(spans: Iterable[Interval]) -> list[Interval]:
    """Hours that spans touch; a span without length touches the one in which it lies."""
    return merged((a // HOUR * HOUR, (max(a, b - 1) // HOUR + 1) * HOUR) for a, b in spans)


def weekly_breaks(busy: Sequence[Interval], start: int, until: int) -> tuple[Interval, ...]:
    """Closed hours when a resource is open in those hours of the week in which it ever worked."""
    hours = {hour % 168 for a, b in busy for hour in range(a // HOUR, -(-b // HOUR))}
    if not hours:
        return ()
    closed = [
        (max(start, hour * HOUR), min(until, (hour + 1) * HOUR))
        for hour in range(start // HOUR, -(-until // HOUR))
        if hour % 168 not in hours
    ]
    return tuple(merged(pair for pair in closed if pair[0] < pair[1]))


@dataclass(frozen=True, slots=True)
class Lead:
    """Mean and median lead time in hours, hours of set-up, and orders later than in reality."""

    mean_lead_h: float
    median_lead_h: float
    setup_h: float
    later_than_real: int


def lead_of(shop: Workshop, completion: dict[str, int]) -> Lead:
    """Lead times of the orders for given completions (seconds)."""
    leads = [(completion[order.name] - order.start) / HOUR for order in shop.orders]
    setup = sum(step.setup for order in shop.orders for step in order.steps) / HOUR
    later = sum(1 for order in shop.orders if completion[order.name] > order.end)
    return Lead(mean(leads), median(leads), setup, later)
