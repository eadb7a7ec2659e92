"""Proofs for small problems: CP-SAT on an exact model, begun with the best known schedule.

One worker and deterministic time, so that the same problem and effort give the same answer everywhere.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gonghe.engines.model.planning import Problem, Schedule
from gonghe.engines.planning.bounds.features import foreign
from gonghe.engines.planning.checker.check import check
from gonghe.engines.planning.costs import evaluate

MOST_OPERATIONS, MOST_MODES = 60, 400
LOOK = 0.2  # seconds
MOST_ARCS = 5_000  # pairs of operations on machines with set-ups


@dataclass(frozen=True, slots=True)
class Proof:
    """What CP-SAT knows of a problem.

    `bound` is a lower bound of the objective; `schedule` is a better schedule than the one begun with, if one
    was found, and valid by the independent checker.
    """

    bound: int
    schedule: Schedule | None = None


def refusal(problem: Problem) -> str:
    """Why a problem has no exact model, in words; empty when it has one."""
    steps = [operation for job in problem.jobs for operation in job.operations]
    modes = sum(len(operation.modes) for operation in steps)
    if len(steps) > MOST_OPERATIONS or modes > MOST_MODES:
        return f"{len(steps)} operations with {modes} modes are too many for a proof"
    unknown = foreign(problem)
    if unknown:
        return f"the exact model does not know {', '.join(unknown)}"
    if problem.fixed and (problem.resources or problem.grid > 1):
        return "fixed work together with people, tools or a grid"
    for operation in steps:
        names = [mode.machine for mode in operation.modes]
        if any(mode.bid is None and names.count(mode.machine) > 1 for mode in operation.modes):
            return f"operation {operation.id!r} has two offers of one machine, one of them without a name"
    return _setup_refusal(problem) or _grid_refusal(problem)


def _setup_refusal(problem: Problem) -> str:
    arcs = 0
    for machine in problem.machines:
        if not (machine.setups or machine.setup_costs):
            continue
        users = [
            mode.work
            for job in problem.jobs
            for operation in job.operations
            for mode in operation.modes
            if mode.machine == machine.id
        ]
        arcs += len(users) ** 2
        if machine.reserved or min(users, default=1) == 0:
            return f"set-ups of {machine.id!r} beside reservations or work without length"
    return "too many pairs of operations with set-ups" if arcs > MOST_ARCS else ""


def _grid_refusal(problem: Problem) -> str:
    """Calendars of people and the start of the horizon need not lie on the grid."""
    if problem.grid == 1:
        return ""
    times = [problem.horizon_start]
    times += [time for resource in problem.resources for pair in resource.breaks for time in pair]
    return "times off the grid" if any(time % problem.grid for time in times) else ""


def prove(
    problem: Problem,
    start: Schedule,
    *,
    effort: float,
    seconds: float | None = None,
    seed: int = 0,
    on_bound: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Proof | None:
    """Look for a better schedule, or for the proof that there is none.

    Parameters
    ----------
    start
        A valid schedule.
    effort
        Deterministic time of CP-SAT, roughly seconds.
    seconds
        Time after which it ends in any case.
    on_bound
        Called with every new lower bound.
    should_stop
        Asked a few times a second.

    Returns
    -------
    None when the problem has no exact model (`refusal`), is too large for one, or nothing was learnt.
    """
    if refusal(problem):
        return None
    from ortools.sat.python import cp_model

    from gonghe.engines.planning.bounds.proof_model import Exact, TooLarge

    known = evaluate(problem, start).objective
    try:
        exact = Exact(problem)
    except TooLarge:
        return None
    exact.limit(known)
    exact.hint(start)
    exact.model.minimize(exact.objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % (1 << 31)
    solver.parameters.max_deterministic_time = effort
    if seconds is not None:
        solver.parameters.max_time_in_seconds = seconds
    if on_bound is not None:
        solver.best_bound_callback = lambda bound: on_bound(min(known, _rounded(bound)))
    with _watched(solver.stop_search, should_stop):
        status = solver.solve(exact.model)
    if status in (cp_model.MODEL_INVALID, cp_model.INFEASIBLE) or math.isinf(solver.best_objective_bound):
        return None
    bound = min(known, _rounded(solver.best_objective_bound))
    if status == cp_model.UNKNOWN:
        return Proof(bound)
    found = exact.schedule(solver.value)
    better = not check(problem, found) and evaluate(problem, found).objective < known
    return Proof(bound, found if better else None)


def _rounded(bound: float) -> int:
    return math.ceil(bound - 1e-6)


@contextmanager
def _watched(stop: Callable[[], None], should_stop: Callable[[], bool] | None) -> Iterator[None]:
    """Ask in a thread of its own whether to stop, as long as the block runs."""
    if should_stop is None:
        yield
        return
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK):
            if should_stop():
                stop()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
