"""What a planner knows from past work: which machines stand in for each other, and how long work takes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from statistics import mean

from gonghe.engines.planning.workshop.log import RealOrder, Step

FIRST_GUESS = 2 * 3600  # seconds, as long as nothing at all is finished
PRIOR = 2  # a resource's mean counts as much as this many past operations of the part on it


class Twins:
    """Resources on which the same part was routed and whose names differ only in their numbers."""

    def __init__(self, orders: Iterable[RealOrder] = ()) -> None:
        self.seen: dict[tuple[str, str], set[str]] = defaultdict(set)
        for order in orders:
            self.add(order)

    def add(self, order: RealOrder) -> None:
        """Learn from the routing of an order."""
        for step in order.steps:
            self.seen[step.part, _kind(step.resource)].add(step.resource)

    def of(self, step: Step) -> tuple[str, ...]:
        """Resources that may do a step, its own first."""
        others = self.seen.get((step.part, _kind(step.resource)), set()) - {step.resource}
        return (step.resource, *sorted(others))


def _kind(resource: str) -> str:
    return re.sub(r"\d+", "", resource)


class Estimates:
    """Durations guessed from finished work.

    The mean per piece of the same part on the same resource, times the pieces, is shrunk towards the mean of
    all operations of the resource: n past operations weigh n against `PRIOR`.
    """

    def __init__(self) -> None:
        self.by_resource: dict[str, list[int]] = defaultdict(list)
        self.per_piece: dict[tuple[str, str], list[float]] = defaultdict(list)

    def learn(self, order: RealOrder, step: Step) -> None:
        """Take in a finished operation."""
        self.by_resource[step.resource].append(step.work)
        self.per_piece[step.resource, step.part].append(step.work / max(1, order.quantity))

    def seconds(self, order: RealOrder, step: Step) -> float:
        """Work expected for a step of an order."""
        usual = self._usual(step.resource)
        past = self.per_piece.get((step.resource, step.part))
        if not past:
            return usual
        count = len(past)
        return (count * mean(past) * order.quantity + PRIOR * usual) / (count + PRIOR)

    def _usual(self, resource: str) -> float:
        past = self.by_resource.get(resource)
        if past:
            return mean(past)
        everything = [work for works in self.by_resource.values() for work in works]
        return mean(everything) if everything else FIRST_GUESS
