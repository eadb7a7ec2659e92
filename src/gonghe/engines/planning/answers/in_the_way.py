"""When no plan is possible: a smallest set of obstacles whose lifting makes one possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from gonghe.engines.model.planning import Problem, Schedule
from gonghe.engines.planning.answers.obstacles import Obstacle, obstacles, without
from gonghe.engines.planning.answers.replan import without_conflicts
from gonghe.engines.planning.bounds.floors import job_floors
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.kernel.arrays import UNPLACED
from gonghe.engines.planning.lots import open_lines
from gonghe.engines.planning.search.solver import Budget, NoFeasiblePlan, Search, solve

ITERATIONS = 1000  # of a search for any plan at all
TRIES = 120  # searches, each on the problem with other obstacles lifted
SINGLES = 24  # of them for obstacles that might be enough alone
MOST_JOBS = 3  # jobs that are explained together


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Obstacles that together leave no room.

    Parameters
    ----------
    jobs
        Jobs without a place that are explained: three at most.
    obstacles
        Without all of these a plan is possible; empty when none was found even so (work that is fixed, for
        instance, is never lifted).
    minimal
        Whether no smaller part of them is enough, as far as the search can tell; False when the number of
        searches ran out before.
    """

    jobs: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    minimal: bool

    def of(self, organization: str) -> tuple[Obstacle, ...]:
        """The part that one firm may see: what is its own."""
        return tuple(item for item in self.obstacles if item.organization == organization)

    def to_json(self) -> dict[str, Any]:
        """Plain data without what is open or empty."""
        rows = [
            {name: value for name, value in asdict(item).items() if value not in ("", None)}
            for item in self.obstacles
        ]
        return {"jobs": list(self.jobs), "minimal": self.minimal, "in_the_way": rows}


def in_the_way(
    problem: Problem,
    jobs: Sequence[str],
    partial: Schedule | None = None,
    *,
    iterations: int = ITERATIONS,
    tries: int = TRIES,
    seed: int = 0,
) -> InTheWay:
    """Find out what to lift so that jobs without a place get one.

    All obstacles of these jobs are lifted, then put back kind by kind, in halves, as long as a plan is found
    (a deletion filter by bisection, after Junker, "QuickXplain", AAAI 2004): what cannot be put back is in
    the way. Time lags and closed hours go back first, reservations last, so that of several ways out the one
    over reservations and bid windows is named. When more than one obstacle stays, some others are tried
    alone.

    Parameters
    ----------
    jobs
        `NoFeasiblePlan.jobs` of the refusal. The first three are explained, as if the others were not
        ordered; what is in their way can be asked for when these have a place.
    partial
        `NoFeasiblePlan.partial`: where the other jobs have a place; every search goes on from the last plan.
    iterations
        Budget of each search.
    tries
        How many searches at most. The same seed gives the same answer.
    """
    names = tuple(jobs[:MOST_JOBS])
    small = _only(problem, set(jobs) - set(names))
    trial = _Trial(small, obstacles(small, names), iterations, tries, seed)
    if partial is not None:
        known = {job.id for job in small.jobs}
        trial.plan = Schedule(tuple(row for row in partial if row.job in known))
    if not trial.candidates or not trial.possible(trial.candidates):
        return InTheWay(names, (), minimal=False)
    for _, group in groupby(trial.candidates, key=lambda item: item.kind):
        trial.put_back(list(group))
    if len(trial.lifted) > 1:
        trial.single()
    found = tuple(item for item in reversed(trial.candidates) if item in trial.lifted)
    return InTheWay(names, found, minimal=trial.left >= 0)


def _only(problem: Problem, names: set[str]) -> Problem:
    """The problem without these jobs, unless some of their work is fixed."""
    gone = names - {row.job for row in problem.fixed}
    if not gone:
        return problem
    caps = [
        replace(cap, jobs=tuple(name for name in cap.jobs if name not in gone)) for cap in problem.share_caps
    ]
    return replace(
        problem,
        jobs=tuple(job for job in problem.jobs if job.id not in gone),
        reference=tuple(row for row in problem.reference if row.job not in gone),
        share_caps=tuple(
            cap for cap, old in zip(caps, problem.share_caps, strict=True) if cap.jobs or not old.jobs
        ),
    )


class _Trial:
    """Searches with fewer and fewer obstacles lifted."""

    def __init__(
        self, problem: Problem, candidates: list[Obstacle], iterations: int, tries: int, seed: int
    ) -> None:
        self.problem, self.candidates = problem, candidates
        self.lifted = dict.fromkeys(candidates)
        self.iterations, self.left, self.seed = iterations, tries, seed
        self.plan: Schedule | None = None

    def possible(self, lifted: Sequence[Obstacle]) -> bool:
        """Whether a plan is found; after the last try nothing is."""
        self.left -= 1
        if self.left < 0:
            return False
        found = any_plan(without(self.problem, lifted), self.plan, self.iterations, self.seed)
        self.plan = found or self.plan
        return found is not None

    def put_back(self, group: list[Obstacle]) -> None:
        """Put back as much of a group as goes."""
        back = set(group)
        if self.possible([item for item in self.lifted if item not in back]):
            self.lifted = {item: None for item in self.lifted if item not in back}
        elif len(group) > 1:
            middle = len(group) // 2
            self.put_back(group[:middle])
            self.put_back(group[middle:])

    def single(self) -> None:
        """Look for one obstacle that is enough alone; running out of tries only leaves the set as it is."""
        spare = self.left
        for item in self._alone(min(spare, SINGLES)):
            if self.possible([item]):
                self.lifted = {item: None}
                return

    def _alone(self, spare: int) -> Iterator[Obstacle]:
        others = [item for item in reversed(self.candidates) if item not in self.lifted]
        return iter(others[: max(0, spare)])


def any_plan(problem: Problem, start: Schedule | None, iterations: int, seed: int) -> Schedule | None:
    """A plan with a place for every job, in lots where a line may be divided; None when none is found.

    Jobs of `start` that keep all rules begin where they are.
    """
    if open_lines(problem):
        try:
            return solve(problem, iterations=iterations, seed=seed).schedule
        except NoFeasiblePlan:
            return None
    compiled = compile_problem(problem)
    floors = job_floors(compiled)
    searches = []
    if start is not None:
        searches.append(Search(compiled, floors, seed))
        searches[0].start_from(without_conflicts(problem, start))
    searches.append(Search(compiled, floors, seed))
    for search in searches:

        def found(search: Search = search) -> bool:
            return search.best().value()[0] < UNPLACED

        if search is searches[-1]:
            search.construct(None, found)
        if not found():
            search.improve(Budget(None, iterations, found), 0)
        if found():
            return compiled.to_schedule(search.best().places())
    return None
