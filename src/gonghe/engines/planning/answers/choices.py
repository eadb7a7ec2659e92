"""Cost against date: the cheapest, the balanced and the earliest plan of a problem.

Two figures count: the *price* (work, set-ups and transport, in minor units) and the *date* (mean arrival of
the jobs). Penalties for lateness are left to whoever chooses; each choice says what they would be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gonghe.engines.model.planning import Job, Problem, Schedule
from gonghe.engines.planning.checker.check import check
from gonghe.engines.planning.costs import SECONDS_PER_HOUR, CostBreakdown, evaluate
from gonghe.engines.planning.search.solver import Stop, solve

ITERATIONS = 20_000  # of all searches together
SEARCHES = 4
MINUTE = 60  # mean arrivals in the same minute count as equal
POLISH = 20  # the last search weighs the date so many times as much as the balanced one
MOST_WEIGHT = 10**13  # prices of the search must stay well below that of a job without any place


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan between the least price and the earliest date.

    Parameters
    ----------
    label
        "cheapest", "balanced" or "earliest".
    cost
        With the lateness penalties of the problem.
    mean_arrival, last_arrival
        Seconds from the problem's epoch.
    lateness
        Seconds over all late jobs.
    """

    label: str
    schedule: Schedule
    cost: CostBreakdown
    completion: dict[str, int]
    mean_arrival: int
    last_arrival: int
    lateness: int
    late: tuple[str, ...]
    verified: bool

    def to_json(self, problem: Problem) -> dict[str, Any]:
        """Plain data; money in units of the currency."""
        minor = problem.minor_per_unit
        return {
            "label": self.label,
            "price": self.cost.price / minor,
            "cost": {name: amount / minor for name, amount in self.cost.to_json().items()},
            "mean_arrival": self.mean_arrival,
            "last_arrival": self.last_arrival,
            "lateness": self.lateness,
            "late": list(self.late),
            "verified": self.verified,
            "schedule": self.schedule.to_json(problem),
        }


def choices(
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    should_stop: Stop | None = None,
) -> tuple[Choice, ...]:
    """One to three plans of which none is both dearer and later than another, the cheapest first.

    - cheapest: the least price, whatever the date; of equal prices the earlier plan,
    - earliest: the least mean arrival; of plans in the same minute the cheaper one,
    - balanced: price plus mean arrival, an hour being worth what it costs on average to get from the cheapest
      plan to the earliest: the knee of the curve between them.

    Plans that coincide with another or lose to one are left out (prices that are all the same leave the
    earliest alone). Reference plans and the price of moves are not looked at.

    Parameters
    ----------
    seconds, iterations
        Budget of all four searches together (by default 20,000 iterations). With iterations alone the same
        seed gives the same choices.
    should_stop
        Asked by every search; True ends it with the best plan so far.

    Raises
    ------
    NoFeasiblePlan
        When there is no room for some job.
    """
    if not problem.jobs:
        return ()
    if seconds is None and iterations is None:
        iterations = ITERATIONS
    plain = replace(problem, reference=(), move_cost=0, transfer_cost=0)
    budget = (
        None if seconds is None else seconds / SEARCHES,
        None if iterations is None else max(1, iterations // SEARCHES),
    )
    pool = _Pool(plain, budget, seed, should_stop)
    pool.fill()
    return tuple(pool.chosen())


class _Pool:
    """Plans found on the way; every search starts from the one that is best in its own sense."""

    def __init__(
        self, problem: Problem, budget: tuple[float | None, int | None], seed: int, should_stop: Stop | None
    ) -> None:
        self.problem, self.budget, self.seed, self.should_stop = problem, budget, seed, should_stop
        self.plans: list[Choice] = []
        self.rate = 1.0  # minor units an hour of one job's arrival, for the balanced plan

    def fill(self) -> None:
        self._search(_weighing(self.problem, 0), None)
        self._search(replace(self.problem, objective="flow"), self.plans[0])
        low, high = self.cheapest(), self.earliest()
        hours = self._hours(low) - self._hours(high)
        if hours > 0:
            self.rate = max(1.0, (high.cost.price - low.cost.price) / hours)
        for rate in (self.rate, POLISH * self.rate):
            best = min(self.plans, key=lambda plan, rate=rate: self._value(plan, rate))  # type: ignore[misc]
            self._search(_weighing(self.problem, self._safe(rate)), best)

    def _safe(self, rate: float) -> int:
        late = sum(self.plans[0].completion[job.id] - _zero(self.problem, job) for job in self.problem.jobs)
        return max(1, min(round(rate), MOST_WEIGHT // max(1, late)))

    def _search(self, problem: Problem, start: Choice | None) -> None:
        seconds, iterations = self.budget
        found = solve(
            problem,
            seconds=seconds,
            iterations=iterations,
            seed=self.seed,
            start=None if start is None else start.schedule,
            should_stop=self.should_stop,
        )
        self.plans.append(_measured(self.problem, found.schedule))

    def _hours(self, plan: Choice) -> float:
        return sum(plan.completion.values()) / SECONDS_PER_HOUR

    def _value(self, plan: Choice, rate: float) -> float:
        return plan.cost.price + rate * self._hours(plan)

    def cheapest(self) -> Choice:
        return min(self.plans, key=lambda plan: (plan.cost.price, plan.mean_arrival))

    def earliest(self) -> Choice:
        return min(self.plans, key=lambda plan: (-(-plan.mean_arrival // MINUTE), plan.cost.price))

    def chosen(self) -> Iterator[Choice]:
        balanced = min(self.plans, key=lambda plan: self._value(plan, self.rate))
        named = {"earliest": self.earliest(), "cheapest": self.cheapest(), "balanced": balanced}
        kept: list[tuple[str, Choice]] = []
        for label, plan in named.items():
            if not any(_loses(plan, other) for _, other in kept):
                kept.append((label, plan))
        for label, plan in sorted(kept, key=lambda item: item[1].cost.price):
            yield replace(plan, label=label)


def _loses(plan: Choice, other: Choice) -> bool:
    """Whether a plan is neither cheaper nor (by a minute) earlier than another."""
    minutes = [-(-item.mean_arrival // MINUTE) for item in (plan, other)]
    return plan.cost.price >= other.cost.price and minutes[0] >= minutes[1]


def _zero(problem: Problem, job: Job) -> int:
    """When the arrival of a job begins to count."""
    return max(job.release, problem.horizon_start)


def _weighing(problem: Problem, rate: int) -> Problem:
    """The problem in money, where every hour until a job arrives costs `rate` minor units."""
    jobs = tuple(replace(job, due=_zero(problem, job), lateness_cost_per_hour=rate) for job in problem.jobs)
    return replace(problem, jobs=jobs, objective="cost")


def _measured(problem: Problem, schedule: Schedule) -> Choice:
    value = evaluate(problem, schedule)
    late = {
        job.id: value.completion[job.id] - job.due
        for job in problem.jobs
        if job.due is not None and value.completion[job.id] > job.due
    }
    arrivals = value.completion.values()
    return Choice(
        label="",
        schedule=schedule,
        cost=value.cost,
        completion=value.completion,
        mean_arrival=sum(arrivals) // len(arrivals),
        last_arrival=max(arrivals),
        lateness=sum(late.values()),
        late=tuple(late),
        verified=not check(problem, schedule),
    )
