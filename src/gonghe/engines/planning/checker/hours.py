"""The checker's judgement of work that runs while nobody is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from gonghe.engines.model.planning import Assignment, Interval, Machine, Mode, Operation

Broken = tuple[str, str]  # code and message


def is_alone(machine: Machine, operation: Operation, mode: Mode) -> bool:
    """Whether work makes use of unattended hours of its machine."""
    return bool(machine.unattended) and (operation.unattended or mode.unattended)


def broken_hours(
    row: Assignment, machine: Machine, operation: Operation, mode: Mode, away: Sequence[Interval]
) -> Iterator[Broken]:
    """Play unattended work through, stretch by stretch; `away` are the breaks of what it needs."""
    hours = (*machine.breaks, *machine.unattended, *away)
    edges = {row.start, row.end, *(edge for pair in hours for edge in pair if row.start < edge < row.end)}
    state = _state(row.start, machine, away)
    if state != "open":
        yield ("unattended" if state == "alone" else "closed"), "starts while nobody is there to load it"
    load, left, worked = mode.setup, mode.duration, True
    for start, end in pairwise(sorted(edges)):
        state = _state(start, machine, away)
        worked = state == "open" or (state == "alone" and not load)
        if worked:
            loaded = min(load, end - start)
            load, left = load - loaded, left - (end - start - loaded)
        elif not operation.resumable:
            yield ("unattended" if state == "alone" else "closed"), f"cannot be interrupted at {start}"
    if load or left:
        yield "work", f"{load} s of set-up and {left} s of work are missing at its end"
    if operation.resumable and not worked:
        yield "closed", "ends while the machine stands still"


def _state(time: int, machine: Machine, away: Sequence[Interval]) -> str:
    if any(start <= time < end for start, end in away):
        return "closed"
    if any(start <= time < end for start, end in machine.unattended):
        return "alone"
    return "closed" if any(start <= time < end for start, end in machine.breaks) else "open"
