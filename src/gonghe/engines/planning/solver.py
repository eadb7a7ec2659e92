"""`solve`: constructive orders, then ruin and recreate, always with a bound and a check."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gonghe.engines.model.planning import PlanningError, Problem, Schedule
from gonghe.engines.planning.bounds import Floors, job_floors, lower_bound
from gonghe.engines.planning.check import check
from gonghe.engines.planning.compiled import SECONDS_PER_HOUR, Compiled, compile_problem
from gonghe.engines.planning.costs import CostBreakdown, evaluate
from gonghe.engines.planning.kernel.arrays import COST, UNPLACED, Best, State
from gonghe.engines.planning.kernel.search import anneal, build, keep, load, totals
from gonghe.engines.planning.orders import constructive_orders

Progress = Callable[[int, int, int], None]
Stop = Callable[[], bool]

BLOCK = 512  # iterations between looks at the clock, the callbacks and the temperature
DEFAULT_ITERATIONS = 20_000
REMOVED = 4
WARM, COLD = 0.5, 0.005  # temperature, as part of the mean worsening seen at the beginning


class NoFeasiblePlan(PlanningError):
    """Windows and reservations leave no room for some jobs; `jobs` names them, `partial` has the rest."""

    def __init__(self, jobs: tuple[str, ...], partial: Schedule) -> None:
        self.jobs, self.partial = jobs, partial
        names = ", ".join(jobs[:20]) + (" ..." if len(jobs) > 20 else "")
        super().__init__(
            f"no room inside the bid windows and around the reservations for: {names}. "
            "Ask for wider windows or more machines, or free reserved hours."
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

    def to_json(self) -> dict[str, Any]:
        return {
            "objective": self.objective,
            "lower_bound": self.lower_bound,
            "gap": self.gap,
            "first_seconds": self.first_seconds,
            "seconds": self.seconds,
            "iterations": self.iterations,
            "verified": self.verified,
            "cost": self.cost.to_json(),
            "late": list(self.late),
            "trace": [[point.seconds, point.iterations, point.objective] for point in self.trace],
        }


class Search:
    """One run of the search over a compiled problem."""

    def __init__(self, compiled: Compiled, floors: Floors, seed: int) -> None:
        self.compiled, self.floors, self.seed = compiled, floors, seed
        self.began = time.perf_counter()
        self.trace: list[Point] = []
        self.iterations = 0
        self.first_seconds = 0.0
        self.unit = SECONDS_PER_HOUR if compiled.data.objective == COST else 1
        self.state: State = self._empty()
        self.best: Best = compiled.new_best(self.state)

    def _empty(self) -> State:
        state = self.compiled.new_state(self.seed)
        state.jobs["floor"] = self.floors.price
        return state

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def objective(self) -> int:
        return -(-int(self.best.sums[0]) // self.unit)

    def construct(self, seconds: float | None, should_stop: Stop | None) -> None:
        """Keep the best of the named orders; the first one always runs to its end."""
        d = self.compiled.data
        for _, order in constructive_orders(d, self.floors):
            state = self._empty()
            build(d, state, order)
            price, _ = totals(d, state)
            if not self.trace or price < self.best.sums[0]:
                self.state, self.best = state, self.compiled.new_best(state)
                self.adopt()
            if not self.first_seconds:
                self.first_seconds = self.elapsed()
            out_of_time = seconds is not None and self.elapsed() > 0.3 * seconds
            if out_of_time or (should_stop is not None and should_stop()):
                break

    def start_from(self, schedule: Schedule) -> None:
        """Begin with a schedule that is valid but may leave out jobs: those are inserted by due date."""
        d = self.compiled.data
        mode, start, end = self.compiled.arrays(schedule)
        state = self._empty()
        load(d, state, mode, start, end)
        out = np.flatnonzero(state.jobs["price"] >= UNPLACED).astype(np.int64)
        build(d, state, out[np.argsort(d.jobs["due"][out], kind="stable")])
        self.state, self.best = state, self.compiled.new_best(state)
        self.adopt()
        self.first_seconds = self.elapsed()

    def adopt(self) -> None:
        """Book the current state as the best."""
        price, guide = totals(self.compiled.data, self.state)
        keep(self.compiled.data, self.state, self.best, price, guide)
        self.note()

    def note(self) -> None:
        self.trace.append(Point(self.elapsed(), self.iterations, self.objective()))

    def improve(
        self,
        seconds: float | None,
        iterations: int | None,
        bound: int,
        on_progress: Progress | None,
        should_stop: Stop | None,
        warmth: float = WARM,
    ) -> None:
        """Anneal until time, iterations or the bound is reached, or `should_stop` says so."""
        d = self.compiled.data
        saved = np.zeros((len(d.ops) - 1, 3), np.int64)
        most = min(REMOVED, len(d.jobs) - 1)
        scale = self._mean_worsening(saved, most)
        begun = self.elapsed()
        while self.objective() > bound:
            done = self._progress(begun, seconds, iterations)
            if done >= 1 or (should_stop is not None and should_stop()):
                break
            heat = int(scale * warmth * (COLD / WARM) ** done)
            before = int(self.best.sums[0])
            block = BLOCK if iterations is None else min(BLOCK, iterations - self.iterations)
            anneal(d, self.state, self.best, block, most, heat, saved)
            self.iterations += block
            if self.best.sums[0] < before:
                self.note()
            if on_progress is not None:
                on_progress(self.objective(), bound, self.iterations)

    def _mean_worsening(self, saved: Any, most: int) -> float:
        """Mean worsening of a rejected move, from a short cold run: the scale of temperatures."""
        probe = 200
        worse = anneal(self.compiled.data, self.state, self.best, probe, most, 0, saved)
        return max(1.0, worse / probe)

    def _progress(self, begun: float, seconds: float | None, iterations: int | None) -> float:
        """Part of the budget that is used; iterations alone decide it when they are given."""
        if iterations is not None:
            out_of_time = seconds is not None and self.elapsed() >= seconds
            return 1.0 if out_of_time else self.iterations / max(iterations, 1)
        assert seconds is not None
        return (self.elapsed() - begun) / max(seconds - begun, 1e-9)


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    start: Schedule | None = None,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> Result:
    """Plan a problem.

    Parameters
    ----------
    seconds, iterations
        Budget; whichever is used up first ends the search. With iterations alone (the default, 20,000) the
        same seed gives the same schedule on any machine.
    start
        A valid schedule to begin with instead of the constructive orders; it may leave out jobs.
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
    search = Search(compiled, floors, seed)
    if start is None:
        search.construct(seconds, should_stop)
    else:
        search.start_from(start)
    bound = lower_bound(compiled, floors)
    search.improve(seconds, iterations, bound, on_progress, should_stop)
    schedule = compiled.to_schedule(search.best.ops)
    if search.best.sums[0] >= UNPLACED:
        raise NoFeasiblePlan(_unplaced(problem, schedule), schedule)
    return _result(
        problem,
        schedule,
        bound,
        search.iterations,
        search.elapsed(),
        search.first_seconds,
        tuple(search.trace),
    )


def _unplaced(problem: Problem, partial: Schedule) -> tuple[str, ...]:
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
