"""Closed hours of machines, for work with somebody beside it and for work that runs unattended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gonghe.engines.model.planning_base import Interval

if TYPE_CHECKING:
    from gonghe.engines.model.planning import Assignment, Machine, Operation


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted union of intervals; touching ones become one."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def without(intervals: Iterable[Interval], others: Iterable[Interval]) -> list[Interval]:
    """The union of `intervals` where none of `others` lies."""
    result: list[Interval] = []
    taken = merged(others)
    for start, end in merged(intervals):
        at = start
        for begin, until in taken:
            if until <= at or begin >= end:
                continue
            if begin > at:
                result.append((at, begin))
            at = until
        if at < end:
            result.append((at, end))
    return result


def worked_until(closed: Iterable[Interval], start: int, work: int) -> int:
    """When `work` seconds from `start` on are done if closed hours (merged ones) interrupt them."""
    for begin, until in closed:
        if until <= start:
            continue
        if start + work <= begin:
            break
        work -= max(0, begin - start)
        start = until
    return start + work


def closed_hours(machine: Machine, unattended: bool = False) -> list[Interval]:
    """Merged hours in which work on a machine stands still (in which it may not start: the attended ones)."""
    if unattended:
        return without(machine.breaks, machine.unattended)
    return merged((*machine.breaks, *machine.unattended))


def runs_unattended(operation: Operation, row: Assignment) -> bool:
    """Whether an operation runs unattended where it is assigned."""
    return operation.unattended or any(
        mode.unattended
        for mode in operation.modes
        if mode.machine == row.machine and row.bid in (None, mode.bid)
    )
