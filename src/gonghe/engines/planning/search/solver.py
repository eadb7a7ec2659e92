"""`solve`: constructive orders, then ruin and recreate, always with a bound and a check."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gonghe.engines.model.planning import PlanningError, Problem, Schedule
from gonghe.engines.planning.bounds.floors import Floors, job_floors, lower_bound
from gonghe.engines.planning.bounds.proof import Proof, prove, refusal
from gonghe.engines.planning.bounds.relax import Rising
from gonghe.engines.planning.checker.check import check
from gonghe.engines.planning.compiled.compiled import Compiled, compile_problem
from gonghe.engines.planning.compiled.compiler import SECONDS_PER_HOUR
from gonghe.engines.planning.costs import CostBreakdown, evaluate
from gonghe.engines.planning.kernel.arrays import COST, INFINITY, MAKESPAN, PLACES, UNPLACED, Ints
from gonghe.engines.planning.lots import open_lines, plainly
from gonghe.engines.planning.search.chains import WARM, AnnealChain, Chain, best_draft, is_pure
from gonghe.engines.planning.search.orders import MIXTURES, constructive_orders, features, mixed_order

Progress = Callable[[int, int, int], None]
Stop = Callable[[], bool]
Crew = Callable[[int], Chain]  # makes the chain of a seed, wherever it runs

BLOCK = 512  # iterations between looks at the clock, the callbacks and the temperature
DEFAULT_ITERATIONS = 20_000
CONSTRUCT = 0.3  # part of the time budget after which no more orders are tried
MIXED = 300  # mixtures of orders that are tried
EXCHANGE = 32  # blocks between exchanges of the best schedule
TABU_FROM = 0.2  # part of the budget after which chains go over to tabu search
LEAST_EFFORT = 0.02  # below it nothing would be proven
INFINITE = 1e9  # deterministic time that no search takes
# a small problem is searched for this part of the time before a proof is tried in most of the rest
SEARCH_FIRST, PROOF_PART = 0.4, 0.7
EFFORT = 2e-5  # deterministic time of a proof per iteration of the search: some seconds for 100,000
SETTLED = 0.7  # part of the budget before which annealing chains are left to themselves


class NoFeasiblePlan(PlanningError):
    """Windows, lags, limits and reservations leave no room for some jobs.

    `jobs` names them (none when only share caps or the least sizes of batches are in the way), `partial` has
    the rest; `batches` names the machines with a batch that is too small.
    """

    def __init__(self, jobs: tuple[str, ...], partial: Schedule, batches: tuple[str, ...] = ()) -> None:
        self.jobs, self.partial, self.batches = jobs, partial, batches
        if batches and not jobs:
            super().__init__(
                f"no plan was found in which every batch is large enough on: {', '.join(batches)}. "
                "Lower the minimum, wait for more orders of the family, or name other machines."
            )
            return
        if not jobs:
            super().__init__(
                "no plan was found in which every firm keeps its share cap. "
                "Allow larger shares, exclude fewer firms, or invite more workshops."
            )
            return
        names = ", ".join(jobs[:20]) + (" ..." if len(jobs) > 20 else "")
        super().__init__(
            f"no room inside bid windows, time lags and limits and around the reservations for: {names}. "
            "Ask for wider windows, longer lags, more pick-ups, firms or machines, or free reserved hours."
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
        self,
        compiled: Compiled,
        floors: Floors,
        seed: int,
        threads: int = 1,
        warmth: float = WARM,
        crew: Crew | None = None,
        began: float | None = None,
    ) -> None:
        self.compiled, self.floors, self.seed = compiled, floors, seed
        self.began = time.perf_counter() if began is None else began
        self.trace: list[Point] = []
        self.iterations = 0
        self.first_seconds = 0.0
        self.unit = SECONDS_PER_HOUR if compiled.data.objective == COST else 1
        self.builder = AnnealChain(compiled, floors, seed, warmth)
        self.chains: list[Chain] = [self.builder]
        self.seeds, self.warmth, self.crew = [seed + 7919 * n for n in range(threads)], warmth, crew
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
        for _, order in constructive_orders(self.compiled.data, self.floors):
            self._try(order, 0)
            self.first_seconds = self.first_seconds or self.elapsed()
            if self._over(CONSTRUCT, seconds, should_stop):
                break
        if self.pure:
            self._noted(lambda: self.builder.try_places(*best_draft(self.compiled)))

    def mix(self, seconds: float | None, should_stop: Stop | None, bound: int) -> None:
        """Search mixtures of orders by random moves from the best one so far, unless the bound is reached."""
        d = self.compiled.data
        keys, random = features(d, self.floors), np.random.default_rng(self.seed)
        best, price = MIXTURES[0], INFINITY
        for turn in range(len(MIXTURES) + MIXED):
            if self.objective() <= bound or self._over(CONSTRUCT, seconds, should_stop):
                break
            mixture = MIXTURES[turn] if turn < len(MIXTURES) else best.moved(random, turn)
            found = self._try(mixed_order(keys, mixture), 0 if d.priced else mixture.toll)
            if found < price:
                best, price = mixture, found

    def _try(self, order: Ints, toll: int) -> int:
        """Build in an order; returns the price."""
        return self._noted(lambda: self.builder.try_order(order, toll))

    def _noted(self, trial: Callable[[], int]) -> int:
        """Price of a trial; a better one is noted."""
        before = self.builder.value()[0]
        price = trial()
        if price < before:
            self.note()
        return price

    def _over(self, part: float, seconds: float | None, should_stop: Stop | None) -> bool:
        """Whether this part of the time is used up."""
        out_of_time = seconds is not None and self.elapsed() > part * seconds
        return out_of_time or (should_stop is not None and should_stop())

    def start_from(self, schedule: Schedule) -> None:
        """Begin with a schedule that is valid but may leave out jobs: those are inserted by due date."""
        self.builder.start(*self.compiled.arrays(schedule))
        self.first_seconds = self.elapsed()
        self.note()

    def _seat(self) -> None:
        """Let the chains go on from what was built, here or where the crew has them."""
        if self.seeds:
            make = self.crew or (lambda seed: AnnealChain(self.compiled, self.floors, seed, self.warmth))
            self.chains = [make(seed) for seed in self.seeds]
            for chain in self.chains:
                chain.adopt(self.builder.places())
            self.seeds = []

    def _share(self, done: float = 1.0) -> None:
        """Give chains that are behind the best schedule; warm annealing chains would only lose it."""
        best = self.best()
        places, price = best.places(), best.value()[0]
        for chain in self.chains:
            warm = chain.anneals and done < SETTLED
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
        self._seat()
        self.bound = max(self.bound, bound)
        with ThreadPoolExecutor(len(self.chains)) as pool:
            while not budget.enough(self.objective(), self.bound):
                done = budget.used(self.iterations, self.elapsed(), begun)
                if done >= 1:
                    break
                if self.pure:
                    self._switch(done)
                before = self.objective()
                blocks = budget.blocks(self.iterations, done, EXCHANGE if self.crew else 1)
                done = blocks[-1][1]
                if self.pure:  # annealing is over, and cold, when the tabu search begins
                    blocks = [(size, min(1.0, part / TABU_FROM)) for size, part in blocks]
                list(pool.map(lambda chain, plan=blocks: chain.run(plan), self.chains))
                block = sum(size for size, _ in blocks)
                self.iterations += block
                epoch += len(blocks)
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
        """On pure makespan problems chains go over to tabu search."""
        if done < TABU_FROM:
            return
        for number, chain in enumerate(self.chains):
            if chain.anneals:
                self.chains[number] = chain.as_tabu(self.seed + number)


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

    def blocks(self, iterations: int, done: float, most: int) -> list[tuple[int, float]]:
        """The next blocks with the part of the budget used before each; time is not foreseen."""
        if self.iterations is None:
            return [(BLOCK, done)] * most
        starts = range(iterations, self.iterations, BLOCK)[:most]
        return [(min(BLOCK, self.iterations - start), start / self.iterations) for start in starts]

    def part(self, share: float) -> Budget:
        """The first part of the time; with iterations, all of them."""
        if self.iterations is not None or self.seconds is None:
            return self
        return replace(self, seconds=share * self.seconds)

    def enough(self, objective: int, bound: int) -> bool:
        """Whether the bound is near enough."""
        return objective - bound <= self.gap * abs(objective)


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    threads: int = 1,
    start: Schedule | None = None,
    crew: Crew | None = None,
    gap: float = 0.0,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> Result:
    """Plan a problem; lines with open lots are divided where that helps.

    Parameters
    ----------
    seconds, iterations
        Budget; whichever is used up first ends the search. With iterations alone (the default, 20,000) the
        same seed gives the same schedule on any machine.
    threads
        Chains side by side; the same seed, iterations and threads give the same schedule.
    start
        A valid schedule to begin with instead of the constructive orders; it may leave out jobs.
    crew
        Makes the chains elsewhere (see `gonghe.compute.cluster`) instead of in threads.
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
    began = time.perf_counter()
    if seconds is None and iterations is None:
        iterations = DEFAULT_ITERATIONS
    if open_lines(problem):
        from gonghe.engines.planning.search.splitting import solve_lots

        return solve_lots(
            problem, Budget(seconds, iterations, should_stop, gap), seed, threads, start, on_progress
        )
    compiled = compile_problem(problem)
    if not problem.jobs:
        return result_of(problem, Schedule(()), 0, 0, 0.0, 0.0, ())
    floors = job_floors(compiled)
    search = Search(compiled, floors, seed, threads, crew=crew, began=began)
    if start is None:
        search.construct(seconds, should_stop)
    else:
        search.start_from(start)
    bound = lower_bound(compiled, floors)
    if start is None and iterations != 0 and compiled.data.objective != MAKESPAN:
        search.mix(seconds, should_stop, bound)
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
        raise NoFeasiblePlan(unplaced(problem, schedule), schedule, small_batches(problem, schedule))
    if proof is not None and proof.schedule is not None:
        schedule = min(proof.schedule, schedule, key=lambda plan: evaluate(problem, plan).objective)
    return result_of(
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
    problem, partial = plainly(problem, partial)
    placed = partial.by_operation()
    return tuple(job.id for job in problem.jobs if any((job.id, o.id) not in placed for o in job.operations))


def small_batches(problem: Problem, schedule: Schedule) -> tuple[str, ...]:
    """Machines on which a batch of a schedule is too small."""
    found = {violation.machine for violation in check(problem, schedule) if violation.code == "batch_small"}
    return tuple(sorted(found))


def result_of(
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
