"""Real workshops as one planning problem: alone, or several that share machines of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning.past import Twins
from gonghe.engines.planning.workshop import Calendar, RealOrder, Step, Workshop, breaks_of

ALONE = "shop"


@dataclass(frozen=True, slots=True)
class Truth:
    """A problem with real durations and hours, and what its ids mean in the logs.

    `orders` is by job id, `resource` by machine id.
    """

    problem: Problem
    orders: Mapping[str, RealOrder]
    resource: Mapping[str, str]


def workshop_truth(shop: Workshop, calendar: Calendar, *, own_machines: bool = False) -> Truth:
    """All orders of one workshop, to be planned for a short flow.

    With `own_machines` every operation stays on the resource that really did it.
    """
    return joined({ALONE: shop}, calendar, own_machines=own_machines)


def joined(
    shops: Mapping[str, Workshop], calendar: Calendar, *, own_machines: bool = False, transport: int = 0
) -> Truth:
    """The orders of several workshops as one problem; each order begins and ends at its own workshop.

    Parameters
    ----------
    shops
        By site. Work may go to another site that has the resource (or, unless `own_machines`, a twin).
    transport
        Seconds between any two sites.
    """
    twins = Twins(() if own_machines else [order for shop in shops.values() for order in shop.orders])
    sites = tuple(shops)
    machines = tuple(
        Machine(_id(site, name), site, breaks=breaks_of(shop, calendar, name), capacity=shop.capacity[name])
        for site, shop in shops.items()
        for name in sorted(shop.busy)
    )
    jobs = tuple(
        Job(
            order.name,
            tuple(
                Operation(f"o{number}", _modes(step, shops, site, twins), resumable=True)
                for number, step in enumerate(order.steps)
            ),
            release=order.start,
            source=site,
            destination=site,
        )
        for site, shop in shops.items()
        for order in shop.orders
    )
    way = tuple(tuple(0 if one == two else transport for two in sites) for one in sites)
    return Truth(
        Problem(sites, machines, jobs, transport_seconds=way, objective="flow"),
        {order.name: order for shop in shops.values() for order in shop.orders},
        {_id(site, name): name for site, shop in shops.items() for name in shop.busy},
    )


def _modes(step: Step, shops: Mapping[str, Workshop], home: str, twins: Twins) -> tuple[Mode, ...]:
    """The step on its own resource at home first, then on all others that may do it."""
    sites = [home, *(site for site in shops if site != home)]
    return tuple(
        Mode(_id(site, name), step.work)
        for name in twins.of(step)
        for site in sites
        if name in shops[site].busy
    )


def _id(site: str, resource: str) -> str:
    return resource if site == ALONE else f"{site}: {resource}"
