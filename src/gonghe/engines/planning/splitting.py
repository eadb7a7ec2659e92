"""Which lines run in lots, and in which: a search over divisions, each trial planned from the last plan.

It begins with the plan in which every line runs as one. A proposal divides a line, shifts pieces between its
lots or makes it one again; the lines that it changes are taken out of the plan and inserted anew, a short
search lets the others make room, and what is better stays. Proposals for many lines at once come first.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gonghe.engines.model.planning import Job, Lots, Problem, Schedule
from gonghe.engines.planning.bounds import Floors, job_floors, lower_bound
from gonghe.engines.planning.chains import WARM
from gonghe.engines.planning.compiled import Compiled, compile_problem
from gonghe.engines.planning.compiler import SECONDS_PER_HOUR
from gonghe.engines.planning.cuts import SPREADS, Cut, Divider, Spread, even, shifted
from gonghe.engines.planning.kernel.arrays import FLOW, INFINITY, MAKESPAN, UNPLACED, Table
from gonghe.engines.planning.load import load_bound
from gonghe.engines.planning.lots import Divided, as_planned, divide, open_lines
from gonghe.engines.planning.solver import (
    Budget,
    NoFeasiblePlan,
    Point,
    Progress,
    Result,
    Search,
    result_of,
    unplaced,
)

UNDIVIDED, TRIED, PRUNED = 0.4, 0.8, 0.85  # part of the budget by which each phase ends
TRIAL = (100, 1000)  # iterations of a trial, least and most
COOL = 0.05  # start temperature of a trial: the plan is left only for clear gains
REST = 4  # one of so many trials leaves the lots alone, so that these do not win by mere search

Cuts = Mapping[str, Cut]


class Plan:
    """A division and the best schedule that was found for it."""

    def __init__(self, cuts: Cuts, divided: Divided, search: Search) -> None:
        best = search.best()
        self.cuts, self.divided, self.compiled = cuts, divided, search.compiled
        self.value = best.value()
        self.places = best.places().copy()
        gaps = _gaps(search.compiled, self.places, search.floors)
        self.gaps = {job.id: gap for job, gap in zip(divided.problem.jobs, gaps, strict=True)}

    def plain(self) -> Schedule:
        return self.compiled.to_schedule(self.places)

    def schedule(self) -> Schedule:
        return self.divided.in_lots(self.plain())


def _gaps(compiled: Compiled, places: Table, floors: Floors) -> list[int]:
    """What an earlier arrival of every job could bring (J)."""
    d = compiled.data
    jobs, mode = d.jobs[:-1], places["mode"]
    target = jobs["dest"][d.ops["job"][:-1]]
    way = d.travel[d.modes["site"][np.maximum(mode, 0)], np.maximum(target, 0)]
    reach = np.where(d.ops["next"][:-1] == 0, places["end"] + np.where(target >= 0, way, 0), -INFINITY)
    done = np.maximum.reduceat(reach, jobs["first"])
    if d.objective == MAKESPAN:
        gap = done - d.begin
    elif d.objective == FLOW:
        gap = done - floors.done
    else:
        gap = np.maximum(0, done - np.minimum(jobs["due"], 1 << 50)) * jobs["rate"]
    missing = np.minimum.reduceat(mode, jobs["first"]) < 0
    return [int(value) for value in np.where(missing, INFINITY, gap)]


def lots_bound(problem: Problem) -> int:
    """Lower bound in units of the objective, however the open lines are divided.

    The largest of n lots has at least 1/n of the pieces and goes through all operations, without overhead;
    shares of the cost and whole fares add up to no less than the line's as one.
    """
    relaxed = divide(problem).problem
    lines = {job.id: job for job in open_lines(problem)}
    jobs = tuple(_largest(lines[job.id], problem.grid) if job.id in lines else job for job in relaxed.jobs)
    compiled = compile_problem(replace(relaxed, jobs=jobs))
    bound = lower_bound(compiled, job_floors(compiled))
    if problem.objective == "makespan":
        bound = max(bound, load_bound(compile_problem(relaxed)))
    return bound


def _largest(job: Job, grid: int) -> Job:
    """A line as long as its largest lot at least."""
    lots = job.lots
    assert lots is not None
    size = -(-lots.quantity // lots.highest)
    steps = []
    for step in job.operations:
        works = [
            -(-(m.setup * lots.quantity + m.duration * size) // (lots.quantity * grid)) for m in step.modes
        ]
        pairs = zip(step.modes, works, strict=True)
        modes = tuple(replace(mode, duration=work * grid - mode.setup) for mode, work in pairs)
        steps.append(step if step.whole else replace(step, modes=modes))
    return replace(job, operations=tuple(steps), lots=None)


class Splitter:
    """The search of one call."""

    def __init__(
        self, problem: Problem, budget: Budget, seed: int, threads: int, on_progress: Progress | None
    ) -> None:
        self.problem, self.budget, self.seed, self.threads = problem, budget, seed, threads
        self.began = time.perf_counter()
        self.divider = Divider(problem)
        self.random = random.Random(seed)  # noqa: S311 - a search, no secret
        self.trial = min(max(TRIAL[0], 10 * len(problem.jobs)), TRIAL[1])
        self.iterations = self.trials = 0
        self.trace: list[Point] = []
        self.bound = lots_bound(problem)
        self.unit = SECONDS_PER_HOUR if problem.objective == "cost" else 1
        self.first_seconds = 0.0
        self.on_progress = on_progress

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def begin(self, start: Schedule | None) -> Plan:
        """The best plan of the lines as one, or in the lots of the schedule to begin with."""
        cuts: dict[str, Cut] = {}
        if start is not None:
            planned = as_planned(self.problem, start)
            sizes = {job.id: job.lots.settled for job in planned.jobs if job.lots}
            cuts = {name: Cut(sizes[name]) for name in self.divider.lines if len(sizes[name]) > 1}
        divided = self.divider.divided(cuts)
        assert divided is not None
        search = self._search(divided, WARM)
        if start is None:
            search.construct(self.budget.seconds, self.budget.should_stop)
        else:
            search.start_from(divided.plain(start))
        self.first_seconds = search.first_seconds
        self._run(search, self._until(UNDIVIDED))
        return Plan(cuts, divided, search)

    def _search(self, divided: Divided, warmth: float) -> Search:
        compiled = compile_problem(divided.problem)
        search = Search(compiled, job_floors(compiled), self.seed + self.trials, self.threads, warmth)
        search.began = self.began
        return search

    def _until(self, part: float) -> Budget:
        """What is left of the budget up to a part of it."""
        whole = self.budget
        iterations = None if whole.iterations is None else int(whole.iterations * part) - self.iterations
        seconds = whole.seconds if iterations is not None or whole.seconds is None else whole.seconds * part
        return Budget(seconds, iterations, whole.should_stop)

    def _used(self) -> float:
        return self.budget.used(self.iterations, self.elapsed(), 0.0)

    def _run(self, search: Search, budget: Budget) -> None:
        best = self.trace[-1].objective if self.trace else None

        def progress(objective: int, bound: int, iterations: int) -> None:
            if self.on_progress is not None:
                least = objective if best is None else min(best, objective)
                self.on_progress(least, bound, self.iterations + iterations)

        search.improve(budget, self.bound, progress)
        for point in search.trace:
            if not self.trace or point.objective < self.trace[-1].objective:
                self.trace.append(replace(point, iterations=self.iterations + point.iterations))
        self.iterations += search.iterations

    def attempt(self, plan: Plan, changes: Mapping[str, Cut | None], *, dropping: bool = False) -> Plan:
        """Cut some lines anew (None: as one) and search a little; a better plan stays, else the old one.

        When `dropping` it is enough that the price is no higher.
        """
        cuts = {name: cut for name, cut in {**plan.cuts, **changes}.items() if cut is not None}
        divided = self.divider.divided(cuts)
        if divided is None:
            return plan
        self.trials += 1
        search = self._search(divided, COOL)
        kept = tuple(row for row in plan.plain() if row.job not in changes)
        search.start_from(Schedule(kept))
        self._run(search, Budget(self.budget.seconds, self.trial, self.budget.should_stop))
        better = search.best().value() < plan.value
        if better or (dropping and search.best().value()[0] <= plan.value[0]):
            return Plan(cuts, divided, search)
        return plan

    def waves(self, plan: Plan) -> Plan:
        """Divide many lines at once, half as many whenever that does not help."""
        size = len(self._candidates(plan))
        while size and self._used() < TRIED:
            chosen = [name for name in self._candidates(plan) if name not in plan.cuts][:size]
            if not chosen:
                break
            for spread in SPREADS:
                plan = self.attempt(plan, {name: self._halves(name, spread) for name in chosen})
            if not set(chosen) & set(plan.cuts):
                size //= 2
        return plan

    def _halves(self, name: str, spread: Spread) -> Cut:
        return Cut(even(self._lots(name), 2), spread)

    def _lots(self, name: str) -> Lots:
        lots = self.divider.lines[name].lots
        assert lots is not None
        return lots

    def _candidates(self, plan: Plan) -> list[str]:
        """Open lines that could gain, those with most to gain first."""
        found = [name for name in self.divider.lines if plan.gaps[name] > 0]
        return sorted(found, key=lambda name: -plan.gaps[name])

    def singles(self, plan: Plan) -> Plan:
        """One proposal after the other for a line that could gain or runs in lots."""
        turn = 0
        while self._used() < TRIED:
            names, cut = self._candidates(plan), sorted(plan.cuts)
            if not names and not cut:
                return plan
            turn += 1
            if turn % REST == 0:
                plan = self.attempt(plan, {})
                continue
            name = self._pick(names, cut)
            plan = self.attempt(plan, {name: self._proposal(name, plan.cuts.get(name))})
        return plan

    def _pick(self, late: Sequence[str], cut: Sequence[str]) -> str:
        """Mostly a line near the head of those that could gain."""
        if not late or (cut and self.random.random() < 0.25):
            return self.random.choice(cut)
        return late[int(len(late) * self.random.random() ** 2)]

    def _proposal(self, name: str, cut: Cut | None) -> Cut | None:
        lots, rng = self._lots(name), self.random
        kind = rng.random()
        if cut is not None and kind < 0.2:
            return None
        spread, turn = rng.choice(SPREADS), rng.randrange(1 << 16)
        if cut is not None and kind < 0.5:
            return replace(cut, sizes=shifted(lots, cut.sizes, rng))
        if cut is not None and kind < 0.7:
            return Cut(cut.sizes, spread, turn)
        sizes = even(lots, rng.randint(2, lots.highest))
        return Cut(shifted(lots, sizes, rng) if rng.random() < 0.3 else sizes, spread, turn)

    def prune(self, plan: Plan) -> Plan:
        """Make lines one again where nothing is lost by it, those that could gain least first."""
        for name in sorted(plan.cuts, key=lambda name: (plan.gaps[name], name)):
            if self._used() >= PRUNED:
                break
            plan = self.attempt(plan, {name: None}, dropping=True)
        return plan

    def finish(self, plan: Plan) -> Plan:
        """Spend what is left on the schedule of the division."""
        self.trials += 1
        search = self._search(plan.divided, COOL)
        search.start_from(plan.plain())
        self._run(search, self._until(1.0))
        return Plan(plan.cuts, plan.divided, search)


def solve_lots(
    problem: Problem,
    budget: Budget,
    seed: int,
    threads: int,
    start: Schedule | None,
    on_progress: Progress | None,
) -> Result:
    """Plan a problem that has lines with open lots; arguments and errors as for `solve`."""
    splitter = Splitter(problem, budget, seed, threads, on_progress)
    plan = splitter.begin(start)
    for step in (splitter.waves, splitter.singles, splitter.prune, splitter.finish):
        if -(-plan.value[0] // splitter.unit) > splitter.bound:
            plan = step(plan)
    schedule = plan.schedule()
    if plan.value[0] >= UNPLACED:
        raise NoFeasiblePlan(unplaced(plan.divided.problem, plan.plain()), schedule)
    return result_of(
        problem,
        schedule,
        splitter.bound,
        splitter.iterations,
        splitter.elapsed(),
        splitter.first_seconds,
        tuple(splitter.trace),
    )
