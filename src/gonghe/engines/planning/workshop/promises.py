"""Promises for the orders of a real log, held against how long the work really took.

Every second morning the work of the coming week is planned with estimates, promised, and then played with
the real durations under the policy that the promise assumes. Nothing after that morning enters the estimates
or what is known of their errors.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

import numpy as np

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem, Schedule
from gonghe.engines.planning.answers.history import Finished, spread_of
from gonghe.engines.planning.answers.promise import JobPromise, promise
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.search.solver import solve
from gonghe.engines.planning.workshop.floor import DAY
from gonghe.engines.planning.workshop.log import HOUR, RealOrder, Step, Workshop, read_workshop
from gonghe.engines.planning.workshop.past import Estimates
from gonghe.engines.planning.workshop.problem import SITE
from gonghe.standards.eventlog.rows import LogRow

FIRST, EVERY, AHEAD = 14 * DAY, 2 * DAY, 7 * DAY
ITERATIONS, RUNS = 2000, 300
SHORTEST = 60  # seconds, of an estimate
WARM = 30  # finished operations before estimates are worth comparing with
LEAST = 5  # finished operations of a resource before it has a history of its own
RARE = "rare"  # group of all resources that have less
ASSUMPTIONS = (
    "on every second morning from the 14th day on, orders released in the next 7 days are promised; "
    "orders in the shop take part with the operations that had not really begun",
    "durations are estimated, and the errors of estimates known, from work that was finished by that "
    "morning; earlier estimates count as they were made at the release of their order",
    "every operation stays on the resource that really did it; operations of an order follow each other",
    "machines are always open: hours read from the log would give away how long the work really took",
    "kept means: played with the real durations, same machines and same order of work, nothing earlier than "
    "planned, the order is done by then; promises of neighbouring mornings share much of their work",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise and what became of it, seconds from the epoch of the log."""

    order: str
    morning: int
    p50: int
    p90: int
    arrival: int


class Past:
    """What was known of durations at a moment: finished work, and what had been estimated for it.

    Moments are asked for in ascending order.
    """

    def __init__(self, shop: Workshop) -> None:
        self.orders = shop.orders
        self.estimates = Estimates()
        self.finished: list[Finished] = []
        self.guessed: dict[tuple[str, int], tuple[str, float]] = {}
        self.count = 0
        # (time, whether it is a release, order, step): what ends at a time is known to what comes then
        self.events: list[tuple[int, bool, int, int]] = []
        for number, order in enumerate(shop.orders):
            self.events.append((order.start, True, number, 0))
            self.events += [(step.end, False, number, index) for index, step in enumerate(order.steps)]
        heapq.heapify(self.events)

    def until(self, moment: int) -> None:
        """Take in what happened up to a moment."""
        while self.events and self.events[0][0] <= moment:
            _, is_release, number, index = heapq.heappop(self.events)
            order = self.orders[number]
            if not is_release:
                self._learn(order, index)
            elif self.count >= WARM:
                for row, step in enumerate(order.steps):
                    self.guessed[order.name, row] = (self.group(step), self.seconds(order, step))

    def group(self, step: Step) -> str:
        """The resource, or the group of all that have hardly worked yet."""
        return step.resource if len(self.estimates.by_resource.get(step.resource, ())) >= LEAST else RARE

    def seconds(self, order: RealOrder, step: Step) -> int:
        """Estimated work."""
        return max(SHORTEST, round(self.estimates.seconds(order, step)))

    def _learn(self, order: RealOrder, index: int) -> None:
        step = order.steps[index]
        guess = self.guessed.get((order.name, index))
        if guess is not None and step.work > 0:
            self.finished.append(Finished(*guess, step.work))
        self.estimates.learn(order, step)
        self.count += 1


@dataclass(frozen=True, slots=True)
class Outlook:
    """The work of a morning: estimated and real seconds by operation, and the orders that are promised."""

    problem: Problem
    estimated: dict[tuple[str, str], tuple[str, float]]
    real: dict[tuple[str, str], int]
    promised: tuple[str, ...]


def promises_kept(shop: Workshop, seed: int = 0) -> list[Kept]:
    """Promises of all mornings with what became of them."""
    past = Past(shop)
    starts = [order.start for order in shop.orders]
    found: list[Kept] = []
    for morning in range(min(starts) // DAY * DAY + FIRST, max(starts) + 1, EVERY):
        past.until(morning)
        outlook = outlook_of(shop, past, morning)
        if outlook.promised:
            found += _promised(outlook, past, morning, seed)
    return found


def outlook_of(shop: Workshop, past: Past, morning: int) -> Outlook:
    """Everything that is to be done from a morning on, as far as it is known then."""
    estimated: dict[tuple[str, str], tuple[str, float]] = {}
    real: dict[tuple[str, str], int] = {}
    jobs: list[Job] = []
    for order in shop.orders:
        left = [(f"o{row}", step) for row, step in enumerate(order.steps) if step.start >= morning]
        if not left or order.start >= morning + AHEAD:
            continue
        for name, step in left:
            estimated[order.name, name] = (past.group(step), past.seconds(order, step))
            real[order.name, name] = step.work
        operations = tuple(
            Operation(name, (Mode(step.resource, past.seconds(order, step)),)) for name, step in left
        )
        jobs.append(Job(order.name, operations, max(morning, order.start)))
    machines = tuple(Machine(name, SITE, capacity=shop.capacity[name]) for name in sorted(shop.busy))
    promised = tuple(job.id for job in jobs if _start(shop, job.id) >= morning)
    return Outlook(Problem((SITE,), machines, tuple(jobs), objective="flow"), estimated, real, promised)


def _start(shop: Workshop, name: str) -> int:
    return next(order.start for order in shop.orders if order.name == name)


def _promised(outlook: Outlook, past: Past, morning: int, seed: int) -> list[Kept]:
    problem = outlook.problem
    schedule = solve(problem, iterations=ITERATIONS, seed=seed).schedule
    spread = spread_of(past.finished)
    dates = promise(
        problem,
        schedule,
        factors=spread.factors(outlook.estimated),
        runs=RUNS,
        seed=seed,
    )
    arrivals = _really(outlook, schedule)
    return [_kept(name, morning, dates[name], arrivals[name]) for name in outlook.promised]


def _kept(name: str, morning: int, dates: JobPromise, arrival: int) -> Kept:
    return Kept(name, morning, dates.p50, dates.p90, arrival)


def _really(outlook: Outlook, schedule: Schedule) -> dict[str, int]:
    """Completion by job when the schedule is played with the real durations."""
    jobs = outlook.problem.jobs
    policy = RightShift(compile_problem(outlook.problem), schedule)
    keys = ((jobs[job].id, jobs[job].operations[index].id) for job, index in policy.compiled.operations)
    _, end = policy.run(np.array([outlook.real[key] for key in keys], np.int64))
    return {job.id: int(moment) for job, moment in zip(jobs, policy.arrival(end), strict=True)}


def promises_report(rows: Iterable[LogRow], *, seed: int = 0) -> dict[str, Any]:
    """How many promises would have been kept.

    `kept_p50` and `kept_p90` are shares of all promises; `width_h` (median) and `mean_width_h` say how far
    P90 lies after P50; `mean_lead_h` is the real time from the morning of a promise to the arrival.
    """
    shop = read_workshop(rows)
    kept = promises_kept(shop, seed)
    widths = [(row.p90 - row.p50) / HOUR for row in kept]
    return {
        "orders": len(shop.orders),
        "promises": len(kept),
        "promised_orders": len({row.order for row in kept}),
        "mornings": len({row.morning for row in kept}),
        "kept_p50": mean(row.arrival <= row.p50 for row in kept) if kept else None,
        "kept_p90": mean(row.arrival <= row.p90 for row in kept) if kept else None,
        "width_h": median(widths) if kept else None,
        "mean_width_h": mean(widths) if kept else None,
        "mean_lead_h": mean((row.arrival - row.morning) / HOUR for row in kept) if kept else None,
        "assumptions": list(ASSUMPTIONS),
    }
