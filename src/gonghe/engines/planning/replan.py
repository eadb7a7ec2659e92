"""Re-planning: keep what has started, offer the choice between fewer moves and less lateness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gonghe.engines.model.planning import Assignment, Problem, Schedule
from gonghe.engines.planning.bounds import job_floors
from gonghe.engines.planning.check import check
from gonghe.engines.planning.compiled import compile_problem
from gonghe.engines.planning.costs import evaluate
from gonghe.engines.planning.disturbances import Disturbance, disturb
from gonghe.engines.planning.kernel.arrays import UNPLACED
from gonghe.engines.planning.repair import RightShift
from gonghe.engines.planning.solver import Budget, NoFeasiblePlan, Search, small_batches, unplaced

ITERATIONS = 3000
COOL = 0.05  # start temperature of the search: a plan in force is left only for clear gains
DEAR_SECONDS, CHEAP_SECONDS = 4 * 3600, 60  # a move must save this much lateness of a usual job


@dataclass(frozen=True, slots=True)
class Move:
    """An operation that is elsewhere or at another time than planned; `before` is None for new work."""

    job: str
    operation: str
    before: Assignment | None
    after: Assignment


@dataclass(frozen=True, slots=True)
class Proposal:
    """A way to go on.

    `label` is "wait" (same machines and order, everything later), "least_moves" or "least_late"; `problem`
    is the problem as it now stands and `schedule` its plan; `cost_delta` is in minor units,
    `lateness_delta` in seconds over all jobs, both against the plan in force; `touched` are the
    organizations whose hours move.
    """

    label: str
    problem: Problem
    schedule: Schedule
    moved: tuple[Move, ...]
    cost_delta: int
    lateness_delta: int
    touched: tuple[str, ...]
    objective: int
    verified: bool


def replan(
    problem: Problem,
    schedule: Schedule,
    now: int,
    disturbance: Disturbance,
    *,
    iterations: int = ITERATIONS,
    seed: int = 0,
) -> tuple[Proposal, ...]:
    """Proposals after a disturbance at `now`, fewest moves first.

    Raises
    ------
    UnknownObject
        When the disturbance names something that the problem does not have.
    NoFeasiblePlan
        When hard windows and reservations leave no room for some job.
    """
    after, rest = disturb(problem, schedule, now, disturbance)
    if not after.jobs:
        return ()
    compare = Comparison(problem, schedule, after)
    shifted = _shifted(after, rest)
    found: list[Proposal] = []
    if shifted is not None:
        found.append(compare.proposal("wait", shifted))
    starts = [start for start in (shifted, _without_conflicts(after, rest)) if start is not None]
    for label, seconds in (("least_moves", DEAR_SECONDS), ("least_late", CHEAP_SECONDS)):
        better = _search(after, rest, starts, seconds, iterations, seed)
        found.append(compare.proposal(label, better))
    return _distinct(found)


def _distinct(found: list[Proposal]) -> tuple[Proposal, ...]:
    """Fewest moves first, without plans that are worse in every way (but waiting stays, to compare)."""
    kept: list[Proposal] = []
    for item in sorted(found, key=lambda item: (len(item.moved), item.objective)):
        if item.label == "wait" or not any(old.objective <= item.objective for old in kept):
            kept.append(item)
    return tuple(kept)


def _shifted(problem: Problem, rest: Schedule) -> Schedule | None:
    """The plan in force, right-shifted; None when it has no place for some work or breaks a rule."""
    try:
        shifted = RightShift(compile_problem(problem), rest).schedule()
    except ValueError:
        return None
    return None if check(problem, shifted) else shifted


def _without_conflicts(problem: Problem, rest: Schedule) -> Schedule:
    """The plan in force without the jobs that the disturbance hits."""
    fixed = {row.key for row in problem.fixed}
    while True:
        bad = {violation.job for violation in check(problem, rest) if violation.code != "missing"}
        held = tuple(row for row in rest if row.job not in bad or row.key in fixed)
        if len(held) == len(rest.assignments):
            return rest
        rest = Schedule(held)


def _search(
    problem: Problem, rest: Schedule, starts: Iterable[Schedule], seconds: int, iterations: int, seed: int
) -> Schedule:
    """Improve the best start with moves priced at so many seconds of a usual job's lateness."""
    price = _move_price(problem, seconds)
    free = {row.key for row in rest} - {row.key for row in problem.fixed}
    known = tuple(row for row in rest if row.key in free)
    priced = replace(problem, reference=known, move_cost=price, transfer_cost=price)
    compiled = compile_problem(priced)
    floors = job_floors(compiled)
    runs = []
    for start in starts:
        search = Search(compiled, floors, seed, warmth=COOL)
        search.start_from(start)
        runs.append(search)
    best = min(runs, key=lambda run: run.best().value())
    best.improve(Budget(None, iterations), 0)
    found = compiled.to_schedule(best.best().places())
    if best.best().value()[0] >= UNPLACED:
        raise NoFeasiblePlan(unplaced(problem, found), found, small_batches(problem, found))
    return found


def _move_price(problem: Problem, seconds: int) -> int:
    if problem.objective == "cost":
        rates = sorted(job.lateness_cost_per_hour for job in problem.jobs)
        return max(1, rates[len(rates) // 2] * seconds // 3600)
    if problem.objective == "tardiness":
        weights = sorted(job.weight for job in problem.jobs)
        return max(1, weights[len(weights) // 2] * seconds)
    return seconds


class Comparison:
    """Measures proposals against the plan in force."""

    def __init__(self, problem: Problem, schedule: Schedule, after: Problem) -> None:
        self.after = after
        self.before = schedule.by_operation()
        self.fixed = {row.key for row in after.fixed}
        self.owner = {machine.id: machine.organization for machine in problem.machines}
        value = evaluate(problem, schedule)
        self.cost = value.cost.total - value.cost.disturbance
        self.late = _lateness(problem, value.completion)

    def proposal(self, label: str, schedule: Schedule) -> Proposal:
        value = evaluate(self.after, schedule)
        moved = tuple(self._moves(schedule))
        machines = {move.after.machine for move in moved}
        machines |= {move.before.machine for move in moved if move.before is not None}
        return Proposal(
            label=label,
            problem=self.after,
            schedule=schedule,
            moved=moved,
            cost_delta=value.cost.total - self.cost,
            lateness_delta=_lateness(self.after, value.completion) - self.late,
            touched=tuple(sorted({self.owner[machine] for machine in machines})),
            objective=value.objective,
            verified=not check(self.after, schedule),
        )

    def _moves(self, schedule: Schedule) -> Iterable[Move]:
        for row in schedule:
            old = self.before.get(row.key)
            same = old is not None and (old.machine, old.start) == (row.machine, row.start)
            if row.key not in self.fixed and not same:
                yield Move(row.job, row.operation, old, row)


def _lateness(problem: Problem, completion: dict[str, int]) -> int:
    return sum(max(0, completion[job.id] - job.due) for job in problem.jobs if job.due is not None)
