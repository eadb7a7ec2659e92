"""`solve`: constructive orders, then ruin and recreate, always with a bound and a check."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gonghe.engines.model.planning import PlanningError, Problem, Schedule
from gonghe.engines.planning.bounds import Floors, job_floors, lower_bound
from gonghe.engines.planning.chains import WARM, AnnealChain, Chain, TabuChain, is_pure
from gonghe.engines.planning.check import check
from gonghe.engines.planning.compiled import Compiled, compile_problem
from gonghe.engines.planning.compiler import SECONDS_PER_HOUR
from gonghe.engines.planning.costs import CostBreakdown, evaluate
from gonghe.engines.planning.kernel.arrays import COST, PLACES, UNPLACED
from gonghe.engines.planning.orders import constructive_orders
from gonghe.engines.planning.proof import Proof, prove, refusal
from gonghe.engines.planning.relax import Rising

Progress = Callable[[int, int, int], None]
Stop = Callable[[], bool]

BLOCK = 512  # iterations between looks at the clock, the callbacks and the temperature
DEFAULT_ITERATIONS = 20_000
LEAST_EFFORT = 0.02  # below it nothing would be proven
INFINITE = 1e9  # deterministic time that no search takes
EXCHANGE = 32  # blocks between exchanges of the best schedule
# part of the budget after which chains go over to tabu search: one alone; even and odd ones of several
TABU_ALONE, TABU_FROM = 0.5, (0.15, 0.9)
# a small problem is searched for this part of the time before a proof is tried in most of the rest
SEARCH_FIRST, PROOF_PART = 0.4, 0.7
EFFORT = 2e-5  # deterministic time of a proof per iteration of the search: some seconds for 100,000
SETTLED = 0.7  # part of the budget before which annealing chains are left to themselves


class NoFeasiblePlan(PlanningError):
    """Windows, lags, limits and reservations leave no room for some jobs.

    `jobs` names them (none when only share caps are in the way), `partial` has the rest.
    """

    def __init__(self, jobs: tuple[str, ...], partial: Schedule) -> None:
        self.jobs, self.partial = jobs, partial
        if not jobs:
            super().__init__(
                "no plan was found in which every firm keeps its share cap. "
                "Allow larger shares, exclude fewer firms, or invite more workshops."
            )
            return
        names = ", ".join(jobs[:20]) + (" ..." if len(jobs) > 20 else "")
        super().__init__(
            f"no room inside bid windows, time lags and limits and around the reservations for: {names}. "
            "Ask for wider windows, longer lags, more firms or machines, or free reserved hours."
        )


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of the search at which the best schedule improved."""

    seconds: float
    iterations: int
    objective: int


@dataclass(frozen=True, slots=True)
class Result:
    """A schedule and how good it is.

    `objective` and `lower_bound` are in units of the problem's objective (minor units for cost, seconds
    otherwise); `gap` = (objective - lower_bound) / objective; `verified` says that the independent checker
    found nothing wrong.
    """

    schedule: Schedule
    objective: int
    cost: CostBreakdown
    lower_bound: int
    gap: float
    iterations: int
    seconds: float
    first_seconds: float
    verified: bool
    trace: tuple[Point, ...]
    completion: dict[str, int]
    late: tuple[str, ...]

    @property
    def optimal(self) -> bool:
        """Whether no schedule can be better."""
        return self.objective <= self.lower_bound

    def to_json(self) -> dict[str, Any]:
        return {
            "objective": self.objective,
            "lower_bound": self.lower_bound,
            "gap": self.gap,
            "optimal": self.optimal,
            "first_seconds": self.first_seconds,
            "seconds": self.seconds,
            "iterations": self.iterations,
            "verified": self.verified,
            "cost": self.cost.to_json(),
            "late": list(self.late),
            "trace": [[point.seconds, point.iterations, point.objective] for point in self.trace],
        }


class Search:
    """A portfolio of chains over a compiled problem."""

    def __init__(
        self, compiled: Compiled, floors: Floors, seed: int, threads: int = 1, warmth: float = WARM
    ) -> None:
        self.compiled, self.floors, self.seed = compiled, floors, seed
        self.began = time.perf_counter()
        self.trace: list[Point] = []
        self.iterations = 0
        self.first_seconds = 0.0
        self.unit = SECONDS_PER_HOUR if compiled.data.objective == COST else 1
        self.chains: list[Chain] = [
            AnnealChain(compiled, floors, seed + 7919 * number, warmth) for number in range(threads)
        ]
        self.pure = is_pure(compiled)
        self.bound = 0

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def best(self) -> Chain:
        """The chain with the best schedule (the first of equal ones)."""
        return min(self.chains, key=lambda chain: chain.value())

    def objective(self) -> int:
        return -(-self.best().value()[0] // self.unit)

    def note(self) -> None:
        self.trace.append(Point(self.elapsed(), self.iterations, self.objective()))

    def construct(self, seconds: float | None, should_stop: Stop | None) -> None:
        """Keep the best of the named orders; the first one always runs to its end."""
        first = self.chains[0]
        assert isinstance(first, AnnealChain)
        for _, order in constructive_orders(self.compiled.data, self.floors):
            if first.try_order(order):
                self.note()
            self.first_seconds = self.first_seconds or self.elapsed()
            out_of_time = seconds is not None and self.elapsed() > 0.3 * seconds
            if out_of_time or (should_stop is not None and should_stop()):
                break
        self._share()

    def start_from(self, schedule: Schedule) -> None:
        """Begin with a schedule that is valid but may leave out jobs: those are inserted by due date."""
        first = self.chains[0]
        assert isinstance(first, AnnealChain)
        first.start(*self.compiled.arrays(schedule))
        self.first_seconds = self.elapsed()
        self.note()
        self._share()

    def _share(self, done: float = 1.0) -> None:
        """Give chains that are behind the best schedule; warm annealing chains would only lose it."""
        best = self.best()
        places, price = best.places(), best.value()[0]
        for chain in self.chains:
            warm = isinstance(chain, AnnealChain) and done < SETTLED
            if not warm and chain.value()[0] > price:
                chain.adopt(places)

    def improve(
        self,
        budget: Budget,
        bound: int,
        on_progress: Progress | None = None,
        rising: Rising | None = None,
    ) -> None:
        """Step the chains side by side until the budget is used or the bound is near enough.

        Chains exchange at fixed iterations, and so does the bound rise, so the same seed, iterations and
        threads give the same schedule.
        """
        begun, epoch = self.elapsed(), 0
        self.bound = max(self.bound, bound)
        with ThreadPoolExecutor(len(self.chains)) as pool:
            while not budget.enough(self.objective(), self.bound):
                done = budget.used(self.iterations, self.elapsed(), begun)
                if done >= 1:
                    break
                if self.pure:
                    self._switch(done)
                before = self.objective()
                block = budget.block(self.iterations)
                list(pool.map(lambda chain, b=block, part=done: chain.step(b, part), self.chains))
                self.iterations += block
                epoch += 1
                if epoch % EXCHANGE == 0:
                    self._share(done)
                if self.objective() < before:
                    self.note()
                if rising is not None:
                    self.bound = max(self.bound, rising.after(block, self.best().value()[0]))
                if on_progress is not None:
                    on_progress(self.objective(), self.bound, self.iterations)

    def prove(self, budget: Budget, on_progress: Progress | None = None) -> Proof | None:
        """Ask CP-SAT for a better schedule, from which chains go on, or the proof that there is none."""
        objective = self.objective()
        effort = INFINITE if budget.iterations is None else EFFORT * budget.iterations
        if (
            self.best().value()[0] >= UNPLACED
            or budget.enough(objective, self.bound)
            or effort < LEAST_EFFORT
        ):
            return None

        def rise(bound: int) -> None:
            self.bound = max(self.bound, bound)
            if on_progress is not None:
                on_progress(objective, self.bound, self.iterations)

        proof = prove(
            self.compiled.problem,
            self.compiled.to_schedule(self.best().places()),
            effort=effort,
            seconds=budget.seconds and PROOF_PART * max(0.0, budget.seconds - self.elapsed()),
            seed=self.seed,
            on_bound=rise,
            should_stop=budget.should_stop,
        )
        if proof is None:
            return None
        self.bound = max(self.bound, proof.bound)
        if proof.schedule is not None:
            self._take(proof.schedule)
        return proof

    def _take(self, schedule: Schedule) -> None:
        places = np.zeros(len(self.compiled.operations), PLACES)
        places["mode"], places["start"], places["end"] = self.compiled.arrays(schedule)
        if (places["mode"] >= 0).all():
            for chain in self.chains:
                chain.adopt(places)
            self.note()

    def _switch(self, done: float) -> None:
        """On pure makespan problems chains go over to tabu search, even ones early, odd ones late."""
        alone = len(self.chains) == 1
        for number, chain in enumerate(self.chains):
            begin = TABU_ALONE if alone else TABU_FROM[number % 2]
            if isinstance(chain, AnnealChain) and done >= begin:
                self.chains[number] = TabuChain(self.compiled, self.seed + number, chain.places())


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop. Iterations, when given, alone drive the cooling; time then only cuts off.

    `gap` is the part of the objective that may be missing to the bound.
    """

    seconds: float | None
    iterations: int | None
    should_stop: Stop | None = None
    gap: float = 0.0

    def used(self, iterations: int, elapsed: float, begun: float) -> float:
        """Part of the budget that is used, 1 when it is over."""
        if self.should_stop is not None and self.should_stop():
            return 1.0
        if self.iterations is None:
            assert self.seconds is not None
            return (elapsed - begun) / max(self.seconds - begun, 1e-9)
        if self.seconds is not None and elapsed >= self.seconds:
            return 1.0
        return iterations / self.iterations if self.iterations > 0 else 1.0

    def part(self, share: float) -> Budget:
        """The first part of the time; with iterations, all of them."""
        if self.iterations is not None or self.seconds is None:
            return self
        return replace(self, seconds=share * self.seconds)

    def enough(self, objective: int, bound: int) -> bool:
        """Whether the bound is near enough."""
        return objective - bound <= self.gap * abs(objective)

    def block(self, iterations: int) -> int:
        return BLOCK if self.iterations is None else min(BLOCK, self.iterations - iterations)


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    threads: int = 1,
    start: Schedule | None = None,
    gap: float = 0.0,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> Result:
    """Plan a problem.

    Parameters
    ----------
    seconds, iterations
        Budget; whichever is used up first ends the search. With iterations alone (the default, 20,000) the
        same seed gives the same schedule on any machine.
    threads
        Chains side by side; the same seed, iterations and threads give the same schedule.
    start
        A valid schedule to begin with instead of the constructive orders; it may leave out jobs.
    gap
        Stop as soon as no schedule can be better by more than this part of the objective (0.01: 1%).
    on_progress
        Called with (objective, lower bound, iterations) between blocks.
    should_stop
        Asked between blocks; True ends the search with the best schedule so far.

    Raises
    ------
    NoFeasiblePlan
        When bid windows and reservations leave no room for some job. Late jobs are no error: see
        `Result.late`.
    """
    if seconds is None and iterations is None:
        iterations = DEFAULT_ITERATIONS
    compiled = compile_problem(problem)
    if not problem.jobs:
        return _result(problem, Schedule(()), 0, 0, 0.0, 0.0, ())
    floors = job_floors(compiled)
    search = Search(compiled, floors, seed, threads)
    if start is None:
        search.construct(seconds, should_stop)
    else:
        search.start_from(start)
    bound = lower_bound(compiled, floors)
    rising = Rising(compiled, floors, int(search.best().places()["end"].max()))
    budget = Budget(seconds, iterations, should_stop, gap)
    proof = None
    if not refusal(problem):
        search.improve(budget.part(SEARCH_FIRST), bound, on_progress, rising)
        proof = search.prove(budget, on_progress)
    search.improve(budget, bound, on_progress, rising)
    best = search.best()
    schedule = compiled.to_schedule(best.places())
    if best.value()[0] >= UNPLACED:
        raise NoFeasiblePlan(unplaced(problem, schedule), schedule)
    if proof is not None and proof.schedule is not None:
        schedule = min(proof.schedule, schedule, key=lambda plan: evaluate(problem, plan).objective)
    return _result(
        problem,
        schedule,
        search.bound,
        search.iterations,
        search.elapsed(),
        search.first_seconds,
        tuple(search.trace),
    )


def unplaced(problem: Problem, partial: Schedule) -> tuple[str, ...]:
    """Jobs of which a schedule leaves out an operation."""
    placed = partial.by_operation()
    return tuple(job.id for job in problem.jobs if any((job.id, o.id) not in placed for o in job.operations))


def _result(
    problem: Problem,
    schedule: Schedule,
    bound: int,
    iterations: int,
    seconds: float,
    first_seconds: float,
    trace: tuple[Point, ...],
) -> Result:
    value = evaluate(problem, schedule)
    gap = (value.objective - bound) / value.objective if value.objective > 0 else 0.0
    late = tuple(j.id for j in problem.jobs if j.due is not None and value.completion[j.id] > j.due)
    return Result(
        schedule=schedule,
        objective=value.objective,
        cost=value.cost,
        lower_bound=bound,
        gap=gap,
        iterations=iterations,
        seconds=seconds,
        first_seconds=first_seconds,
        verified=not check(problem, schedule),
        trace=trace,
        completion=value.completion,
        late=late,
    )
