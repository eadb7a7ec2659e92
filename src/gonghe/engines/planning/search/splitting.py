"""Which lines run in lots, and in which: divisions race each other, then the best one is refined.

It begins with the plan in which every line runs as one. Divisions of the lines that could gain (few or many
of them, in few or many lots) are planned side by side; the worse half drops out again and again. Then single
lines are divided otherwise or made one again, and the rest of the budget goes into the best division.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gonghe.engines.model.planning import Job, Lots, Problem, Schedule
from gonghe.engines.model.planning_lots import MOST_LOTS
from gonghe.engines.planning.bounds.floors import job_floors, lower_bound
from gonghe.engines.planning.compiled.compiled import Compiled, compile_problem
from gonghe.engines.planning.kernel.arrays import FLOW, INFINITY, MAKESPAN, UNPLACED, Ints, Table
from gonghe.engines.planning.lots import Divided, as_planned, divide, open_lines
from gonghe.engines.planning.search.chains import WARM
from gonghe.engines.planning.search.cuts import SPREADS, Cut, Divider, Spread, even, shifted
from gonghe.engines.planning.search.solver import (
    Budget,
    NoFeasiblePlan,
    Point,
    Progress,
    Result,
    Search,
    result_of,
    unplaced,
)

AS_ONE, RACED, REFINED, PRUNED = 0.1, 0.4, 0.55, 0.6  # parts of the budget by which the phases end
ENTRIES = 12  # divisions in a race
TRIAL = 0.015  # part of the budget for trying one change
TAKEN = 200  # iterations of the race for a division to take part
WARMTH = 0.2  # start temperature of all but the first plan, between a new plan and the repair of an old one

Cuts = Mapping[str, Cut]


class Plan:
    """A division of the lines and the search for its schedule."""

    def __init__(self, cuts: Cuts, divided: Divided, search: Search) -> None:
        self.cuts, self.divided, self.search = cuts, divided, search

    def value(self) -> tuple[int, int]:
        return self.search.best().value()

    def gaps(self, earliest: Ints) -> dict[str, int]:
        """What an earlier arrival of every job could bring, given the earliest that lots allow (J)."""
        gaps = _gaps(self.search.compiled, self.search.best().places(), earliest)
        return {job.id: gap for job, gap in zip(self.divided.problem.jobs, gaps, strict=True)}

    def ends(self, job: str) -> dict[int, int]:
        """When the lots of a line are done, by number."""
        found: dict[int, int] = {}
        for row in self.divided.in_lots(self.plain()):
            if row.job == job and row.lot:
                found[row.lot] = max(row.end, found.get(row.lot, row.end))
        return found

    def plain(self) -> Schedule:
        return self.search.compiled.to_schedule(self.search.best().places())


def _gaps(compiled: Compiled, places: Table, earliest: Ints) -> list[int]:
    d = compiled.data
    jobs, mode = d.jobs[:-1], places["mode"]
    target = jobs["dest"][d.ops["job"][:-1]]
    way = d.travel[d.modes["site"][np.maximum(mode, 0)], np.maximum(target, 0)]
    reach = np.where(d.ops["next"][:-1] == 0, places["end"] + np.where(target >= 0, way, 0), -INFINITY)
    done = np.maximum.reduceat(reach, jobs["first"])
    if d.objective == MAKESPAN:
        gap = done - d.begin
    elif d.objective == FLOW:
        gap = done - earliest
    else:
        gap = np.maximum(0, done - np.minimum(jobs["due"], 1 << 50)) * jobs["rate"]
    missing = np.minimum.reduceat(mode, jobs["first"]) < 0
    return [int(value) for value in np.where(missing, INFINITY, gap)]


def lots_bound(problem: Problem) -> tuple[int, Ints]:
    """Lower bound in units of the objective and earliest arrivals (J), however the open lines are divided.

    The largest of n lots has at least 1/n of the pieces and goes through all operations, without overhead;
    shares of the cost and whole fares add up to no less than the line's as one.
    """
    relaxed = divide(problem).problem
    lines = {job.id: job for job in open_lines(problem)}
    jobs = tuple(_largest(lines[job.id], problem.grid) if job.id in lines else job for job in relaxed.jobs)
    compiled = compile_problem(replace(relaxed, jobs=jobs))
    floors = job_floors(compiled)
    return lower_bound(compiled, floors), floors.done


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
        self.iterations = self.plans = 0
        self.first_seconds = 0.0
        self.trace: list[Point] = []
        self.bound, self.earliest = lots_bound(problem)
        self.on_progress = on_progress

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def used(self) -> float:
        return self.budget.used(self.iterations, self.elapsed(), 0.0)

    def proven(self, plan: Plan) -> bool:
        """Whether nothing can be better by more than the gap that is allowed."""
        objective = plan.search.objective()
        return objective - self.bound <= self.budget.gap * objective

    def _share(self, part: float) -> Budget:
        """A part of the budget, from now on."""
        whole = self.budget
        if whole.iterations is not None:
            left = whole.iterations - self.iterations
            iterations = min(left, int(whole.iterations * part))
            return Budget(whole.seconds, iterations, whole.should_stop, whole.gap)
        assert whole.seconds is not None
        seconds = min(whole.seconds, self.elapsed() + whole.seconds * part)
        return Budget(seconds, None, whole.should_stop, whole.gap)

    def _plan(self, cuts: Cuts, start: Schedule | None = None, warmth: float = WARMTH) -> Plan | None:
        """A first schedule of a division, from a schedule that may leave out jobs or from nothing."""
        divided = self.divider.divided(cuts)
        if divided is None:
            return None
        compiled = compile_problem(divided.problem)
        search = Search(compiled, job_floors(compiled), self.seed + self.plans, self.threads, warmth)
        search.began = self.began
        self.plans += 1
        if start is None:
            search.construct(self.budget.seconds, self.budget.should_stop)
        else:
            search.start_from(start)
        self.first_seconds = self.first_seconds or search.first_seconds
        return Plan(cuts, divided, search)

    def _run(self, plan: Plan, budget: Budget) -> None:
        search, best = plan.search, self.trace[-1].objective if self.trace else None

        def progress(objective: int, bound: int, iterations: int) -> None:
            if self.on_progress is not None:
                least = objective if best is None else min(best, objective)
                self.on_progress(least, bound, self.iterations + iterations)

        search.iterations = 0
        search.improve(budget, self.bound, progress)
        for point in search.trace:
            if not self.trace or point.objective < self.trace[-1].objective:
                self.trace.append(replace(point, iterations=self.iterations + point.iterations))
        search.trace.clear()
        self.iterations += search.iterations

    def begin(self, start: Schedule | None) -> Plan:
        """The plan of the lines as one, or in the lots of the schedule to begin with."""
        cuts: dict[str, Cut] = {}
        if start is not None:
            planned = as_planned(self.problem, start)
            sizes = {job.id: job.lots.settled for job in planned.jobs if job.lots}
            cuts = {name: Cut(sizes[name]) for name in self.divider.lines if len(sizes[name]) > 1}
            start = divide(planned).plain(start)
        plan = self._plan(cuts, start, WARM)
        assert plan is not None  # as one, lines keep all their modes; a start was planned in its lots
        budget = self.budget
        if start is None and budget.iterations != 0 and self.problem.objective != "makespan":
            plan.search.mix(budget.seconds, budget.should_stop, self.bound)
        self._run(plan, self._share(AS_ONE))
        return plan

    def race(self, plan: Plan) -> Plan:
        """The best of several divisions; the plan to begin with takes part to the end."""
        plans = [plan]
        for cuts in self._divisions(plan):
            made = None if self.used() >= (AS_ONE + RACED) / 2 else self._plan(cuts)
            if made is not None:
                plans.append(made)
        rounds = max(1, (len(plans) - 1).bit_length())
        part = (RACED - self.used()) / rounds
        for _ in range(rounds):
            for one in plans:
                self._run(one, self._share(part / len(plans)))
            if len(plans) < 3 or self.proven(min(plans, key=Plan.value)):
                break
            plans = [plan, *sorted(plans[1:], key=Plan.value)[: len(plans) // 2]]
        return min(plans, key=Plan.value)

    def _divisions(self, plan: Plan) -> list[Cuts]:
        """More or fewer lines, in two lots or as many as go, kept apart in different ways."""
        names = self._candidates(plan)
        most = ENTRIES
        if self.budget.iterations is not None:
            most = min(most, int(self.budget.iterations * (RACED - AS_ONE)) // TAKEN)
        found: dict[tuple[tuple[str, Cut], ...], None] = {}
        for part in (1, 4, 16, 2) if names else ():
            for lots in (2, MOST_LOTS):
                for spread in SPREADS:
                    chosen = names[: -(-len(names) // part)]
                    cuts = {name: self._even(name, lots, spread) for name in chosen}
                    found[tuple({**plan.cuts, **cuts}.items())] = None
        return [dict(pairs) for pairs in list(found)[:most]]

    def _even(self, name: str, count: int, spread: Spread) -> Cut:
        lots = self._lots(name)
        return Cut(even(lots, min(count, lots.highest)), spread)

    def _lots(self, name: str) -> Lots:
        lots = self.divider.lines[name].lots
        assert lots is not None
        return lots

    def _candidates(self, plan: Plan) -> list[str]:
        """Open lines that could gain, those with most to gain first."""
        gaps = plan.gaps(self.earliest)
        return sorted((name for name in self.divider.lines if gaps[name] > 0), key=lambda name: -gaps[name])

    def _attempt(self, plan: Plan, changes: Mapping[str, Cut | None], *, fresh: bool = False) -> Plan:
        """Cut some lines anew (None: as one); the new plan when it is better, else the old one.

        Lines that only become one again need not gain anything. A fresh plan starts from nothing, any other
        from the old one without the lines that change.
        """
        cuts = {name: cut for name, cut in {**plan.cuts, **changes}.items() if cut is not None}
        kept = Schedule(tuple(row for row in plan.plain() if row.job not in changes))
        made = self._plan(cuts, None if fresh else kept)
        if made is None:
            return plan
        self._run(made, self._share(TRIAL))
        dropping = all(cut is None for cut in changes.values())
        fine = made.value()[0] <= plan.value()[0] if dropping else made.value() < plan.value()
        return made if fine else plan

    def refine(self, plan: Plan) -> Plan:
        """Change one or a few lines at a time, mostly such that could gain."""
        fresh = False
        while self.used() < REFINED and not self.proven(plan):
            late, cut = self._candidates(plan), sorted(plan.cuts)
            if not late and not cut:
                break
            names = {self._pick(late, cut) for _ in range(self.random.choice((1, 1, 2, 4, 8)))}
            changes = {name: self._proposal(plan, name) for name in sorted(names)}
            plan = self._attempt(plan, changes, fresh=fresh)
            fresh = not fresh
        return plan

    def _pick(self, late: Sequence[str], cut: Sequence[str]) -> str:
        if not late or (cut and self.random.random() < 0.25):
            return self.random.choice(cut)
        return late[int(len(late) * self.random.random() ** 2)]

    def _proposal(self, plan: Plan, name: str) -> Cut | None:
        """Another way to divide a line, None: as one."""
        lots, cut, rng = self._lots(name), plan.cuts.get(name), self.random
        kind = rng.random()
        if cut is not None and kind < 0.2:
            return None
        if cut is not None and kind < 0.6:
            return replace(cut, sizes=self._balanced(plan, name, cut))
        spread, turn = rng.choice(SPREADS), rng.randrange(1 << 16)
        if cut is not None and kind < 0.75:
            return Cut(cut.sizes, spread, turn)
        return Cut(even(lots, rng.randint(2, lots.highest)), spread, turn)

    def _balanced(self, plan: Plan, name: str, cut: Cut) -> tuple[int, ...]:
        """Pieces go from the lot that is done last to the one that is done first, or to any."""
        ends = plan.ends(name)
        if len(ends) < len(cut.sizes):
            return cut.sizes
        order = sorted(ends, key=lambda lot: (ends[lot], lot))
        taker = order[0] if self.random.random() < 0.7 else self.random.choice(order[:-1])
        return shifted(
            self._lots(name), cut.sizes, order[-1] - 1, taker - 1, self.random.choice((2, 4, 8, 16))
        )

    def prune(self, plan: Plan) -> Plan:
        """Make lines one again where nothing is lost by it: all, then halves and so on."""
        gaps = plan.gaps(self.earliest)
        groups = [sorted(plan.cuts, key=lambda name: (gaps[name], name))]
        while groups and plan.cuts and self.used() < PRUNED:
            group = groups.pop(0)
            pruned = self._attempt(plan, dict.fromkeys(group))
            if pruned is plan and len(group) > 1:
                groups += [group[: len(group) // 2], group[len(group) // 2 :]]
            plan = pruned
        return plan

    def finish(self, plan: Plan) -> Plan:
        """Spend what is left on the schedule of the division."""
        made = self._plan(plan.cuts, plan.plain(), WARM)
        assert made is not None  # its cuts were planned before
        self._run(made, self._share(1.0))
        return min(plan, made, key=Plan.value)


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
    for step in (splitter.race, splitter.refine, splitter.prune, splitter.finish):
        if step == splitter.prune or not splitter.proven(plan):
            plan = step(plan)
    schedule = plan.divided.in_lots(plan.plain())
    if plan.value()[0] >= UNPLACED:
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
