"""Whole numbers for the exact model: the unit of time, the latest time, and open hours as segments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gonghe.engines.model.planning import Interval, Lag, Problem
from gonghe.engines.model.planning_hours import merged


@dataclass(frozen=True, slots=True)
class Segment:
    """Open hours from `start` to `end`, after `off` closed ones; all in units."""

    start: int
    end: int
    off: int


class Clock:
    """Seconds as whole units.

    The unit is the largest one in which every number of the problem is whole: rounding all times of a
    schedule down to it keeps every rule and ends no job later. Where work that pauses must be followed
    within a longest lag this need not hold, and seconds are counted. A grid is the unit itself.
    """

    def __init__(self, problem: Problem) -> None:
        self.unit = problem.grid if problem.grid > 1 else _common(problem)
        self.latest = self.up(_latest(problem))

    def up(self, seconds: int) -> int:
        return -(-seconds // self.unit)

    def down(self, seconds: int) -> int:
        return seconds // self.unit

    def segments(self, closed: Iterable[Interval], begin: int, end: int) -> list[Segment]:
        """Open hours between two times (units); the closed ones (seconds) are whole units."""
        found: list[Segment] = []
        since, off = begin, 0
        for start, until in merged(closed):
            low, high = self.up(start), self.down(until)
            if high <= begin:
                continue
            if low >= end:
                break
            if low > since:
                found.append(Segment(since, low, off))
            off += high - max(since, low)
            since = max(since, high)
        if since < end:
            found.append(Segment(since, end, off))
        return found


def lags(problem: Problem) -> Iterator[Lag]:
    """All lags."""
    for job in problem.jobs:
        for operation in job.operations:
            yield from operation.lags.values()


def _common(problem: Problem) -> int:
    pausing = any(operation.resumable for job in problem.jobs for operation in job.operations)
    if pausing and any(lag.maximum is not None for lag in lags(problem)):
        return 1
    return max(1, math.gcd(*_moments(problem), *_durations(problem)))


def _moments(problem: Problem) -> Iterator[int]:
    """Times at which something may change; due dates need not be whole units."""
    yield problem.horizon_start
    for closed in (*(m.breaks for m in problem.machines), *(m.reserved for m in problem.machines)):
        for pair in closed:
            yield from pair
    for resource in problem.resources:
        for pair in resource.breaks:
            yield from pair
    for row in problem.fixed:
        yield from (row.start, row.end)
    for planned in problem.reference:
        yield planned.start
    for job in problem.jobs:
        yield job.release
        for operation in job.operations:
            for mode in operation.modes:
                yield from (time for time in (mode.earliest, mode.latest) if time is not None)


def _durations(problem: Problem) -> Iterator[int]:
    for row in problem.transport_seconds:
        yield from row
    for lag in lags(problem):
        yield from (lag.minimum, lag.maximum or 0)
    for machine in problem.machines:
        for pairs in machine.setups.values():
            yield from pairs.values()
    for job in problem.jobs:
        for operation in job.operations:
            yield from (mode.work for mode in operation.modes)


def _latest(problem: Problem) -> int:
    """A time by which all work can be over in some best schedule.

    After the last moment at which anything changes, a schedule without idle time passes along one path of
    operations, each with its work, way, rest and set-up once.
    """
    way = max((max(row, default=0) for row in problem.transport_seconds), default=0)
    setup = max(
        (seconds for m in problem.machines for pairs in m.setups.values() for seconds in pairs.values()),
        default=0,
    )
    total = max(_moments(problem)) + 2 * way + problem.grid
    for job in problem.jobs:
        for operation in job.operations:
            rest = max((lag.minimum for lag in operation.lags.values()), default=0)
            total += max(mode.work for mode in operation.modes) + way + rest + setup
            total += 2 * (problem.grid - 1)
    return total
