"""Operations of an order that overlapped in reality may overlap in a plan, as far as they did.

Pieces of a lot go on to the next machine while the rest is still on the one before. An operation is cut where
a later operation of the order began and where an earlier one ended. What was done before a later operation
began goes before it; what was done after an earlier one ended comes after it. So no operation gets further
ahead of another than it really was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gonghe.engines.model.planning import Interval, Mode, Operation
from gonghe.engines.planning.workshop.log import Step


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a step, and when it was really done."""

    step: int
    number: int
    start: int
    end: int
    work: int

    @property
    def key(self) -> tuple[int, int]:
        return (self.step, self.number)

    @property
    def name(self) -> str:
        return f"o{self.step}.{self.number}"


def overlapping(steps: Sequence[Step], machines: Sequence[Sequence[str]]) -> tuple[Operation, ...]:
    """Operations of an order whose steps may run on `machines` each, with their precedence."""
    pieces = [piece for number in range(len(steps)) for piece in _cut(steps, number)]
    before: dict[tuple[int, int], set[tuple[int, int]]] = {}
    found: list[Operation] = []
    for number, piece in enumerate(pieces):
        direct = {other.key: other for other in pieces[:number] if _precedes(other, piece)}
        implied = {key for name in direct for key in before[name]}
        before[piece.key] = implied | set(direct)
        after = tuple(other.name for key, other in direct.items() if key not in implied)
        modes = tuple(Mode(machine, piece.work) for machine in machines[piece.step])
        found.append(Operation(piece.name, modes, after=after, resumable=True))
    return tuple(found)


def _precedes(first: Piece, second: Piece) -> bool:
    """For a piece that is listed before the other."""
    return first.step == second.step or first.end <= second.start


def _cut(steps: Sequence[Step], number: int) -> Iterator[Piece]:
    """Pieces of a step, none without work (unless the whole step has none)."""
    step = steps[number]
    marks = {later.start for later in steps[number + 1 :]} | {earlier.end for earlier in steps[:number]}
    edges = [step.start]
    for mark in sorted(marks):
        if _within(step, edges[-1], mark) and _within(step, mark, step.end):
            edges.append(mark)
    edges.append(step.end)
    for index, (low, high) in enumerate(pairwise(edges)):
        spans = _within(step, low, high)
        start, end = (spans[0][0], spans[-1][1]) if spans else (step.start, step.end)
        yield Piece(number, index, start, end, sum(b - a for a, b in spans))


def _within(step: Step, low: int, high: int) -> list[Interval]:
    """Spans of work in an interval of time."""
    inside = ((max(low, start), min(high, end)) for start, end in step.spans)
    return [(start, end) for start, end in inside if start < end]
