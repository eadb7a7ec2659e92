"""A real workshop as a planning problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning.workshop.log import Calendar, RealOrder, Workshop, breaks_of
from gonghe.engines.planning.workshop.overlap import overlapping
from gonghe.engines.planning.workshop.past import Twins

SITE = "shop"


@dataclass(frozen=True, slots=True)
class Truth:
    """A problem with real durations and hours, its orders by job id, and whether they go step by step."""

    problem: Problem
    orders: Mapping[str, RealOrder]
    in_sequence: bool


def workshop_truth(
    shop: Workshop, calendar: Calendar, *, own_machines: bool = False, overlap: bool = False
) -> Truth:
    """All orders of a workshop, to be planned for a short flow.

    An operation may go to its own resource or a twin of it; with `own_machines` it stays on the resource
    that really did it. With `overlap` operations of an order may overlap as far as they did, otherwise they
    follow each other.
    """
    twins = Twins(() if own_machines else shop.orders)
    resources = sorted(shop.busy)
    machines = tuple(
        Machine(name, SITE, breaks=breaks_of(shop, calendar, name), capacity=shop.capacity[name])
        for name in resources
    )
    jobs = tuple(
        Job(
            order.name,
            operations_of(order, _machines(order, shop, twins), overlap=overlap),
            release=order.start,
            source=SITE,
            destination=SITE,
        )
        for order in shop.orders
    )
    problem = Problem((SITE,), machines, jobs, objective="flow")
    return Truth(problem, {order.name: order for order in shop.orders}, in_sequence=not overlap)


def operations_of(
    order: RealOrder, machines: Sequence[Sequence[str]], *, overlap: bool
) -> tuple[Operation, ...]:
    """The steps of an order as operations, each on any of its machines."""
    if overlap:
        return overlapping(order.steps, machines)
    return tuple(
        Operation(f"o{number}", tuple(Mode(name, step.work) for name in names), resumable=True)
        for number, (step, names) in enumerate(zip(order.steps, machines, strict=True))
    )


def _machines(order: RealOrder, shop: Workshop, twins: Twins) -> list[list[str]]:
    """For every step its own resource first, then all others that may do it."""
    return [[name for name in twins.of(step) if name in shop.busy] for step in order.steps]
