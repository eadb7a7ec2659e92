"""Re-planning: keep what has started, offer the choice between fewer moves and less lateness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gonghe.engines.model.planning import Assignment, Problem, Schedule
from gonghe.engines.planning.answers.disturbances import Disturbance, disturb
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.bounds.floors import job_floors, lower_bound
from gonghe.engines.planning.checker.check import check
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.costs import evaluate
from gonghe.engines.planning.kernel.arrays import UNPLACED
from gonghe.engines.planning.search.solver import (
    Budget,
    NoFeasiblePlan,
    Progress,
    Search,
    Stop,
    small_batches,
    unplaced,
)

# of each search: so many an operation, but within limits
PER_OPERATION, FEWEST, MOST = 3, 3000, 30_000
COOL = 0.05  # start temperature of the search: a plan in force is left only for clear gains
# a move must save this much lateness of a usual job; with a quarter hour the search keeps within a tenth of
# the moves of solving anew and within 5% of its objective (benchmarks/replanning.py)
DEAR_SECONDS, CHEAP_SECONDS = 4 * 3600, 900


@dataclass(frozen=True, slots=True)
class Move:
    """An operation that is elsewhere or at another time than planned; `before` is None for new work."""

    job: str
    operation: str
    before: Assignment | None
    after: Assignment


@dataclass(frozen=True, slots=True)
class MovePrices:
    """What changes to a plan in force are worth, in seconds of lateness of a usual job.

    Parameters
    ----------
    move
        Of each operation that is on another machine or at another time: somebody re-arranges a job.
    hour
        Of each hour by which an operation begins earlier or later.
    firm
        Of each firm whose hours move: a phone call and an agreement.
    """

    move: int = 300
    hour: int = 60
    firm: int = 1800

    def price(self, moved: int, seconds: int, firms: int) -> int:
        """Seconds of a usual job's lateness."""
        return self.move * moved + self.hour * seconds // 3600 + self.firm * firms


PRICES = MovePrices()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A way to go on.

    `label` is "wait" (same machines and order, everything later), "least_moves" or "least_late"; `problem`
    is the problem as it now stands and `schedule` its plan; `cost_delta` is in minor units,
    `lateness_delta` in seconds over all jobs, both against the plan in force; `touched` are the
    organizations whose hours move, `moved_seconds` is by how much starts move in all, and `disturbance` the
    price of all that (`MovePrices`) in units of the objective.
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
    moved_seconds: int
    disturbance: int


def replan(
    problem: Problem,
    schedule: Schedule,
    now: int,
    disturbance: Disturbance,
    *,
    iterations: int | None = None,
    seed: int = 0,
    prices: MovePrices = PRICES,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> tuple[Proposal, ...]:
    """Proposals after a disturbance at `now`, the one that disturbs least first.

    A proposal that disturbs more than another without a better objective is left out, except for "wait".

    Parameters
    ----------
    iterations
        Of each of the two searches; by default three an operation, at least 3,000 and at most 30,000.
    prices
        How moves, hours and firms touched are weighed against each other.
    on_progress
        Called with (best objective so far, lower bound, iterations of both searches), moves not priced.
    should_stop
        Asked between blocks; True ends both searches with the best proposals so far.

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
    if iterations is None:
        iterations = default_iterations(after)
    compare = Comparison(problem, schedule, after, prices)
    shifted = _shifted(after, rest)
    found: list[Proposal] = []
    if shifted is not None:
        found.append(compare.proposal("wait", shifted))
    starts = [start for start in (shifted, without_conflicts(after, rest)) if start is not None]
    watch = None if on_progress is None else Watch(after, on_progress, shifted)
    for label, seconds in (("least_moves", DEAR_SECONDS), ("least_late", CHEAP_SECONDS)):
        price = move_price(after, seconds)
        better = improve(after, rest, starts, price, iterations, seed, watch, should_stop)
        found.append(compare.proposal(label, better))
    return _distinct(found)


class Watch:
    """Tells how far searches are that follow each other, in the objective of the problem itself.

    Waiting, where it is possible, is the first plan of all.
    """

    def __init__(self, problem: Problem, tell: Progress, waiting: Schedule | None) -> None:
        self.problem, self.report = problem, tell
        compiled = compile_problem(problem)
        self.bound = lower_bound(compiled, job_floors(compiled))
        self.done, self.seen = 0, -1
        self.best = None if waiting is None else evaluate(problem, waiting).objective

    def tell(self, search: Search) -> None:
        """A block is over: a new best schedule of this search is measured without the price of its moves."""
        price = search.best().value()[0]
        if price != self.seen and price < UNPLACED:
            self.seen = price
            found = evaluate(self.problem, search.compiled.to_schedule(search.best().places())).objective
            self.best = found if self.best is None else min(self.best, found)
        if self.best is not None:
            self.report(self.best, self.bound, self.done + search.iterations)

    def over(self, search: Search) -> None:
        """The next search begins."""
        self.done, self.seen = self.done + search.iterations, -1


def default_iterations(problem: Problem) -> int:
    """Iterations of one search that goes on from a plan in force."""
    operations = sum(len(job.operations) for job in problem.jobs)
    return min(max(FEWEST, PER_OPERATION * operations), MOST)


def _distinct(found: list[Proposal]) -> tuple[Proposal, ...]:
    """Least disturbance first, without plans that are worse in every way (but waiting stays, to compare)."""
    kept: list[Proposal] = []
    for item in sorted(found, key=lambda item: (item.disturbance, item.objective)):
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


def without_conflicts(problem: Problem, rest: Schedule) -> Schedule:
    """The plan in force without the jobs that the disturbance hits."""
    fixed = {row.key for row in problem.fixed}
    while True:
        bad = {violation.job for violation in check(problem, rest) if violation.code != "missing"}
        held = tuple(row for row in rest if row.job not in bad or row.key in fixed)
        if len(held) == len(rest.assignments):
            return rest
        rest = Schedule(held)


def improve(
    problem: Problem,
    rest: Schedule,
    starts: Iterable[Schedule],
    price: int,
    iterations: int,
    seed: int,
    watch: Watch | None = None,
    should_stop: Stop | None = None,
) -> Schedule:
    """Improve the best start, where each move away from `rest` costs `price` (units of the objective).

    Starts must be valid but may leave out jobs.

    Raises
    ------
    NoFeasiblePlan
        When there is no room for some job.
    """
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
    tell = None if watch is None else lambda _objective, _bound, _iterations: watch.tell(best)
    best.improve(Budget(None, iterations, should_stop), 0, tell)
    if watch is not None:
        watch.over(best)
    found = compiled.to_schedule(best.best().places())
    if best.best().value()[0] >= UNPLACED:
        raise NoFeasiblePlan(unplaced(problem, found), found, small_batches(problem, found))
    return found


def move_price(problem: Problem, seconds: int) -> int:
    """So many seconds of a usual (median) job's lateness in units of the objective, at least 1."""
    if problem.objective == "cost":
        rates = sorted(job.lateness_cost_per_hour for job in problem.jobs)
        return max(1, rates[len(rates) // 2] * seconds // 3600)
    if problem.objective == "tardiness":
        weights = sorted(job.weight for job in problem.jobs)
        return max(1, weights[len(weights) // 2] * seconds)
    return seconds


class Comparison:
    """Measures proposals against the plan in force."""

    def __init__(
        self, problem: Problem, schedule: Schedule, after: Problem, prices: MovePrices = PRICES
    ) -> None:
        self.after, self.prices = after, prices
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
        touched = tuple(sorted({self.owner[machine] for machine in machines}))
        shifts = (abs(m.after.start - m.before.start) for m in moved if m.before is not None)
        seconds = sum(shifts)
        price = self.prices.price(len(moved), seconds, len(touched))
        return Proposal(
            label=label,
            problem=self.after,
            schedule=schedule,
            moved=moved,
            cost_delta=value.cost.total - self.cost,
            lateness_delta=_lateness(self.after, value.completion) - self.late,
            touched=touched,
            objective=value.objective,
            verified=not check(self.after, schedule),
            moved_seconds=seconds,
            disturbance=move_price(self.after, price) if price else 0,
        )

    def _moves(self, schedule: Schedule) -> Iterable[Move]:
        for row in schedule:
            old = self.before.get(row.key)
            same = old is not None and (old.machine, old.start) == (row.machine, row.start)
            if row.key not in self.fixed and not same:
                yield Move(row.job, row.operation, old, row)


def _lateness(problem: Problem, completion: dict[str, int]) -> int:
    return sum(max(0, completion[job.id] - job.due) for job in problem.jobs if job.due is not None)
