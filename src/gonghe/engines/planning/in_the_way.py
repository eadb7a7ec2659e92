"""When no plan is possible: a smallest set of obstacles whose lifting makes one possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gonghe.engines.model.planning import Problem
from gonghe.engines.planning.bounds import job_floors
from gonghe.engines.planning.compiled import compile_problem
from gonghe.engines.planning.kernel.arrays import UNPLACED
from gonghe.engines.planning.lots import open_lines
from gonghe.engines.planning.obstacles import Obstacle, obstacles, without
from gonghe.engines.planning.solver import Budget, NoFeasiblePlan, Search, solve

ITERATIONS = 1000  # of a search for any plan at all
TRIES = 120  # searches, each on the problem with other obstacles lifted


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Obstacles that together leave no room.

    Parameters
    ----------
    jobs
        Jobs that found no place.
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
    problem: Problem, jobs: Sequence[str], *, iterations: int = ITERATIONS, tries: int = TRIES, seed: int = 0
) -> InTheWay:
    """Find out what to lift so that jobs without a place get one.

    All obstacles of these jobs are lifted, then put back in halves as long as a plan is found (a deletion
    filter by bisection, after Junker, "QuickXplain", AAAI 2004): what cannot be put back is in the way.
    Time lags and closed hours go back first, reservations last, so that of several ways out the one over
    reservations and bid windows is named. When more than one obstacle stays, each is then tried alone.

    Parameters
    ----------
    jobs
        `NoFeasiblePlan.jobs` of the refusal.
    iterations
        Budget of each search.
    tries
        How many searches at most. The same seed gives the same answer.
    """
    names = tuple(jobs)
    trial = _Trial(problem, obstacles(problem, names), iterations, tries, seed)
    if not trial.candidates or not trial.possible(trial.candidates):
        return InTheWay(names, (), minimal=False)
    trial.put_back(trial.candidates)
    if len(trial.lifted) > 1:
        trial.single()
    found = tuple(item for item in reversed(trial.candidates) if item in trial.lifted)
    return InTheWay(names, found, minimal=trial.left >= 0)


class _Trial:
    """Searches with fewer and fewer obstacles lifted."""

    def __init__(
        self, problem: Problem, candidates: list[Obstacle], iterations: int, tries: int, seed: int
    ) -> None:
        self.problem, self.candidates = problem, candidates
        self.lifted = dict.fromkeys(candidates)
        self.iterations, self.left, self.seed = iterations, tries, seed

    def possible(self, lifted: Sequence[Obstacle]) -> bool:
        """Whether a plan is found; after the last try nothing is."""
        self.left -= 1
        if self.left < 0:
            return False
        return has_plan(without(self.problem, lifted), self.iterations, self.seed)

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
        for item in self._alone(spare):
            if self.possible([item]):
                self.lifted = {item: None}
                return

    def _alone(self, spare: int) -> Iterator[Obstacle]:
        others = [item for item in reversed(self.candidates) if item not in self.lifted]
        return iter(others[: max(0, spare)])


def has_plan(problem: Problem, iterations: int, seed: int) -> bool:
    """Whether a search finds a place for every job, in lots where a line may be divided."""
    if open_lines(problem):
        try:
            solve(problem, iterations=iterations, seed=seed)
        except NoFeasiblePlan:
            return False
        return True
    compiled = compile_problem(problem)
    search = Search(compiled, job_floors(compiled), seed)

    def found() -> bool:
        return search.best().value()[0] < UNPLACED

    search.construct(None, found)
    if not found():
        search.improve(Budget(None, iterations, found), 0)
    return found()
