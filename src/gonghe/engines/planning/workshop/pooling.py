"""Two workshops apart and together: the orders of a log split at random, each half a shop of its own.

Each shop has the machines, the open hours and the parallel work that its own half of the log shows. Apart,
an order stays at home; together, its operations may also go to the other shop, two hours away, and the order
comes home in the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from statistics import mean, median
from typing import Any

from gonghe.engines.model.planning import Job, Machine, Operation, Problem, Schedule
from gonghe.engines.planning.checker.check import check
from gonghe.engines.planning.costs import evaluate
from gonghe.engines.planning.search.solver import solve
from gonghe.engines.planning.workshop.floor import Floor
from gonghe.engines.planning.workshop.log import (
    HOUR,
    Calendar,
    RealOrder,
    Workshop,
    breaks_of,
    read_workshop,
    workshop_of,
)
from gonghe.engines.planning.workshop.past import Twins
from gonghe.engines.planning.workshop.problem import operations_of
from gonghe.engines.planning.workshop.report import (
    CALENDAR_WORDS,
    FORESIGHT,
    HINDSIGHT,
    OVERLAP,
    SEQUENCE,
)
from gonghe.engines.planning.workshop.rolling import Morning, Ranking
from gonghe.standards.eventlog.rows import LogRow

AWAY = 2 * HOUR
SITES = ("first", "second")
ASSUMPTIONS = (
    "orders are split at random into two halves; each half is a workshop of its own with the machines, the "
    "open hours and the parallel work that its own reports show",
    "the way between the shops takes 2 h; orders begin and end at home",
    "apart and together are planned with the same rules and the same budget",
    "neither figure is what a shop really did: the difference is between two plans, not a saving",
)
TWINS = (
    "apart, orders stay at home; together, an operation may go to the same resource or a twin of either shop"
)
OWN = "apart, orders stay at home; together, an operation may go to the same resource of either, to no twin"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two shops as one problem, and the orders by job id."""

    problem: Problem
    orders: Mapping[str, RealOrder]


def split(shop: Workshop, seed: int) -> tuple[Workshop, Workshop]:
    """Two shops with half of the orders each, chosen at random."""
    orders = sorted(shop.orders, key=lambda order: order.name)
    Random(seed).shuffle(orders)  # noqa: S311 - chooses a split, guards nothing
    middle = len(orders) // 2
    first, second = (workshop_of(half, shop.until, shop.epoch) for half in (orders[:middle], orders[middle:]))
    return first, second


def machine_id(site: str, resource: str) -> str:
    return f"{site}: {resource}"


def resource_of(machine: str) -> str:
    return machine.partition(": ")[2]


def pair_of(
    shops: tuple[Workshop, Workshop],
    calendar: Calendar,
    *,
    together: bool,
    overlap: bool = False,
    own_machines: bool = False,
) -> Pair:
    """The work of two shops, with the other shop's machines open to each or not.

    Parameters
    ----------
    overlap
        Operations of an order may overlap as far as they really did.
    own_machines
        An operation stays on the resource that really did it, in either shop.
    """
    twins = Twins(() if own_machines else (order for shop in shops for order in shop.orders))
    machines = tuple(
        Machine(
            machine_id(site, name),
            site,
            breaks=breaks_of(shop, calendar, name),
            capacity=shop.capacity[name],
        )
        for site, shop in zip(SITES, shops, strict=True)
        for name in sorted(shop.busy)
    )
    there = {machine.id for machine in machines}
    jobs: list[Job] = []
    for home, shop in zip(SITES, shops, strict=True):
        sites = (home, *(site for site in SITES if site != home and together))
        for order in shop.orders:
            ids = [
                [machine_id(site, name) for site in sites for name in dict.fromkeys(twins.of(step))]
                for step in order.steps
            ]
            open_to = [[name for name in names if name in there] for names in ids]
            operations: tuple[Operation, ...] = operations_of(order, open_to, overlap=overlap)
            jobs.append(Job(order.name, operations, order.start, source=home, destination=home))
    problem = Problem(
        SITES, machines, tuple(jobs), transport_seconds=((0, AWAY), (AWAY, 0)), objective="flow"
    )
    return Pair(problem, {order.name: order for shop in shops for order in shop.orders})


class PairMorning(Morning):
    """What both shops know on a morning: each resource stands for its machines in either shop."""

    def machines(self, job: Job, step: int) -> Collection[str]:
        key = (job.id, step)
        if key not in self.allowed:
            names = self.twins.of(self.orders[job.id].steps[step])
            modes = job.operations[step].modes
            self.allowed[key] = [mode.machine for mode in modes if resource_of(mode.machine) in names]
        return self.allowed[key]


def played(pair: Pair) -> Schedule:
    """The days as they would have gone in both shops, nothing known beforehand."""
    known = PairMorning(pair.orders, own_machines=False)
    return Floor(pair.problem, Ranking(pair.problem, known)).play()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Mean lead time in hours, and whether the checker found no fault."""

    mean_lead_h: float
    verified: bool


def pooling_report(
    rows: Iterable[LogRow],
    calendar: Calendar,
    *,
    rolling: bool = False,
    own_machines: bool = False,
    in_sequence: bool = False,
    seconds: float | None = 20.0,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    splits: int = 5,
) -> dict[str, Any]:
    """Mean lead times apart and together for `splits` random halves, from `seed` on.

    `ratio` is together / apart of a split; the report's own is their median. Every plan has `seconds`
    (`rolling` needs none) on `threads`; operations of an order may overlap as they really did unless they are
    to go `in_sequence` (played ones always do); `verified` tells that the checker found no fault in any.
    """
    shop = read_workshop(rows)
    overlap = not rolling and not in_sequence
    how = _How(calendar, rolling, overlap, own_machines, seconds, iterations, threads)
    found: list[dict[str, Any]] = []
    for number in range(seed, seed + splits):
        shops = split(shop, number)
        apart, together = (
            _outcome(shops, how, together=is_together, seed=number) for is_together in (False, True)
        )
        found.append(
            {
                "seed": number,
                "apart_h": apart.mean_lead_h,
                "together_h": together.mean_lead_h,
                "ratio": together.mean_lead_h / apart.mean_lead_h,
                "verified": apart.verified and together.verified,
            }
        )
    return {
        "orders": len(shop.orders),
        "operations": sum(len(order.steps) for order in shop.orders),
        "real": {"mean_lead_h": mean(order.lead for order in shop.orders) / HOUR},
        "apart_h": median(row["apart_h"] for row in found),
        "together_h": median(row["together_h"] for row in found),
        "ratio": median(row["ratio"] for row in found),
        "splits": found,
        "calendar": calendar,
        "rolling": rolling,
        "assumptions": [
            *ASSUMPTIONS,
            OWN if own_machines else TWINS,
            OVERLAP if overlap else SEQUENCE,
            CALENDAR_WORDS[calendar],
            FORESIGHT if rolling else HINDSIGHT,
        ],
        "verified": all(row["verified"] for row in found),
    }


@dataclass(frozen=True, slots=True)
class _How:
    """Hours, rules and budget that both plans of every split share."""

    calendar: Calendar
    rolling: bool
    overlap: bool
    own_machines: bool
    seconds: float | None
    iterations: int | None
    threads: int


def _outcome(shops: tuple[Workshop, Workshop], how: _How, *, together: bool, seed: int) -> Outcome:
    pair = pair_of(shops, how.calendar, together=together, overlap=how.overlap, own_machines=how.own_machines)
    if how.rolling:
        schedule = played(pair)
    else:
        schedule = solve(
            pair.problem, seconds=how.seconds, iterations=how.iterations, threads=how.threads, seed=seed
        ).schedule
    completion = evaluate(pair.problem, schedule).completion
    lead = mean(completion[name] - order.start for name, order in pair.orders.items()) / HOUR
    return Outcome(lead, not check(pair.problem, schedule))
