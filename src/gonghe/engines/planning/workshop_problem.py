"""A real workshop as a planning problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning.past import Twins
from gonghe.engines.planning.workshop import Calendar, RealOrder, Step, Workshop, breaks_of

SITE = "shop"


@dataclass(frozen=True, slots=True)
class Truth:
    """A problem with real durations and hours, and its orders by job id."""

    problem: Problem
    orders: Mapping[str, RealOrder]


def workshop_truth(shop: Workshop, calendar: Calendar, *, own_machines: bool = False) -> Truth:
    """All orders of a workshop, to be planned for a short flow.

    An operation may go to its own resource or a twin of it; with `own_machines` it stays on the resource
    that really did it.
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
            tuple(
                Operation(f"o{number}", _modes(step, shop, twins), resumable=True)
                for number, step in enumerate(order.steps)
            ),
            release=order.start,
            source=SITE,
            destination=SITE,
        )
        for order in shop.orders
    )
    return Truth(
        Problem((SITE,), machines, jobs, objective="flow"), {order.name: order for order in shop.orders}
    )


def _modes(step: Step, shop: Workshop, twins: Twins) -> tuple[Mode, ...]:
    """The step on its own resource first, then on all others that may do it."""
    return tuple(Mode(name, step.work) for name in twins.of(step) if name in shop.busy)
