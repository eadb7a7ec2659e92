"""The workshop day by day: re-plan each morning with what is known then, work as it really went.

The plan gives the order of work. Between two plans every resource takes, among the operations that are
there, the one that the last plan starts first; an order that arrives during the day queues behind the
planned ones.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from gonghe.engines.model.planning import Interval, Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning.solver import solve
from gonghe.engines.planning.workshop import Calendar, RealOrder, Workshop, breaks_of, weekly_breaks

DAY = 86_400
HORIZON = 60 * DAY  # how far ahead the foreseen calendar reaches
LATER = 1 << 50  # added to the rank of orders that no plan knows yet
FIRST_GUESS = 2 * 3600  # seconds for a resource without any past job


@dataclass(slots=True)
class Floor:
    """The workshop floor: what runs, what waits, what is done."""

    shop: Workshop
    closed: dict[str, tuple[Interval, ...]]
    free: dict[str, int] = field(default_factory=dict)
    queue: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    running: dict[tuple[str, int], int] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)  # next step of every released order
    done: dict[str, int] = field(default_factory=dict)
    rank: dict[tuple[str, int], int] = field(default_factory=dict)
    past: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


class Rolling:
    """Plays the log through."""

    def __init__(self, shop: Workshop, calendar: Calendar, iterations: int, seed: int) -> None:
        self.shop, self.iterations, self.seed = shop, iterations, seed
        self.orders = {order.name: order for order in shop.orders}
        self.floor = Floor(shop, {name: breaks_of(shop, calendar, name) for name in shop.busy})
        self.floor.free = dict(shop.capacity)
        self.events: list[tuple[int, int, str]] = []  # time, kind (0 step done, 1 released, 2 re-plan), order

    def run(self) -> dict[str, int]:
        """Completion of every order in seconds."""
        for order in self.shop.orders:
            heapq.heappush(self.events, (order.start, 1, order.name))
        first = min(order.start for order in self.shop.orders) // DAY * DAY
        heapq.heappush(self.events, (first, 2, ""))
        while len(self.floor.done) < len(self.orders):
            now = self.events[0][0]
            while self.events and self.events[0][0] == now:
                _, kind, name = heapq.heappop(self.events)
                self._happen(now, kind, name)
            for resource in sorted(self.floor.queue):
                self._start_next(resource, now)
        return self.floor.done

    def _happen(self, now: int, kind: int, name: str) -> None:
        floor = self.floor
        if kind == 2:
            self._plan(now)
            heapq.heappush(self.events, (now + DAY, 2, ""))
            return
        if kind == 1:
            floor.at[name] = 0
        else:
            step = floor.at[name]
            del floor.running[name, step]
            floor.free[self.orders[name].steps[step].resource] += 1
            floor.past[self.orders[name].steps[step].resource].append(self.orders[name].steps[step].work)
            floor.at[name] = step + 1
        step = floor.at[name]
        if step == len(self.orders[name].steps):
            floor.done[name] = now
        else:
            floor.queue[self.orders[name].steps[step].resource].append((name, step))

    def _start_next(self, resource: str, now: int) -> None:
        """Start the waiting operations that the plan puts first while the resource has room."""
        floor, waiting = self.floor, self.floor.queue[resource]
        waiting.sort(key=lambda key: (floor.rank.get(key, LATER + self.orders[key[0]].start), key))
        while waiting and floor.free[resource] > 0:
            name, step = waiting.pop(0)
            floor.free[resource] -= 1
            end = _finish(floor.closed[resource], now, self.orders[name].steps[step].work)
            floor.running[name, step] = end
            heapq.heappush(self.events, (end, 0, name))

    def _guess(self, resource: str) -> int:
        past = self.floor.past[resource]
        return int(median(past)) if past else FIRST_GUESS

    def _plan(self, now: int) -> None:
        """Rank all known work by a plan from what is known at `now`."""
        open_orders = [self.orders[name] for name in self.floor.at if name not in self.floor.done]
        jobs = tuple(job for order in open_orders if (job := self._job(order, now)) is not None)
        if not jobs:
            return
        machines = tuple(
            Machine(
                name,
                "shop",
                breaks=weekly_breaks(
                    [(a, min(b, now)) for a, b in self.shop.busy[name] if a < now], now, now + HORIZON
                ),
                capacity=self.shop.capacity[name],
            )
            for name in sorted(self.shop.busy)
        )
        problem = Problem(("shop",), machines, jobs, objective="flow", horizon_start=now)
        plan = solve(problem, iterations=self.iterations, seed=self.seed)
        self.floor.rank = {(row.job, int(row.operation)): row.start for row in plan.schedule}

    def _job(self, order: RealOrder, now: int) -> Job | None:
        """What is left of an order; running work is guessed to need half of what past jobs took."""
        step = self.floor.at[order.name]
        release = now
        if (order.name, step) in self.floor.running:
            release = now + max(3600, self._guess(order.steps[step].resource) // 2)
            step += 1
        operations = tuple(
            Operation(str(i), (Mode(left.resource, self._guess(left.resource)),), resumable=True)
            for i, left in enumerate(order.steps)
            if i >= step
        )
        return Job(order.name, operations, release=release) if operations else None


def _finish(closed: tuple[Interval, ...], start: int, work: int) -> int:
    """When `work` seconds that begin at `start` or as soon as it is open are done."""
    for begin, until in closed:
        if until <= start:
            continue
        if start + work <= begin:
            break
        work -= max(0, begin - start)
        start = until
    return start + work
