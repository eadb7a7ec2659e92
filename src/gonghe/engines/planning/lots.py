"""Lines that run in lots as plain problems: every operation of a lot becomes an operation of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from gonghe.engines.model.planning import (
    Assignment,
    Issue,
    Job,
    Lots,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
    ScheduleError,
)
from gonghe.engines.model.planning_lots import lot_names, lot_predecessors, lots_in_force

Sizes = Mapping[str, tuple[int, ...]]  # pieces of every lot, by job
Part = tuple[str, int, int]  # operation, lot and its pieces
Parts = dict[tuple[str, str], Part]  # by job and name in the plain problem
Row = TypeVar("Row", bound=Assignment)


@dataclass(frozen=True, slots=True)
class Divided:
    """A plain problem and what its operations stand for."""

    problem: Problem
    parts: Mapping[tuple[str, str], Part]

    def plain(self, schedule: Schedule) -> Schedule:
        """A schedule of the line in terms of the plain problem."""
        return Schedule(tuple(_plain(row) for row in schedule))

    def in_lots(self, schedule: Schedule) -> Schedule:
        """A schedule of the plain problem in terms of the line."""
        return Schedule(tuple(self._in_lots(row) for row in schedule))

    def _in_lots(self, row: Assignment) -> Assignment:
        if row.key not in self.parts:
            return row
        operation, lot, quantity = self.parts[row.key]
        return replace(row, operation=operation, lot=lot, quantity=quantity)


def _plain(row: Row) -> Row:
    return replace(row, operation=row.key[1], lot=0, quantity=0) if row.lot else row


def divide(problem: Problem) -> Divided:
    """The plain problem of the settled lots; lines whose lots are open run as one.

    Every lot after the first takes the overhead: its seconds before every operation, its cost once, with
    the first operation. Seconds are rounded up to the grid, money to a minor unit.

    Raises
    ------
    ProblemError
        When a lot with its overhead fits no offer's window.
    """
    if not any(job.lots for job in problem.jobs):
        return Divided(problem, {})
    parts: Parts = {}
    jobs = []
    for job in problem.jobs:
        plain, own = divided_job(job, problem.grid)
        jobs.append(plain)
        parts |= own
    fixed = tuple(_plain(row) for row in problem.fixed)
    reference = tuple(_plain(row) for row in problem.reference)
    return Divided(replace(problem, jobs=tuple(jobs), fixed=fixed, reference=reference), parts)


def divided_job(job: Job, grid: int) -> tuple[Job, Parts]:
    """The plain job of a line in its settled lots, and what its operations stand for.

    Raises
    ------
    ProblemError
        When a lot with its overhead fits no offer's window.
    """
    lots, sizes = job.lots, lots_in_force(job)
    if lots is None:
        return job, {}
    if not sizes:
        return replace(job, lots=None), {}
    parts: Parts = {}
    names, before = lot_names(job), lot_predecessors(job)
    first = next((step.id for step in job.operations if not step.whole), None)
    operations = []
    for step in job.operations:
        for index, name in enumerate(names[step.id]):
            modes = step.modes
            if not step.whole:
                modes = _modes(step, lots, index, sizes[index], grid, step.id == first)
                parts[job.id, name] = (step.id, index + 1, sizes[index])
            if not modes:
                text = f"a lot of {sizes[index]} pieces and its overhead fit into the window of no offer"
                raise ProblemError([Issue("lots", f"job {job.id!r} operation {step.id!r}", text)])
            lags = {
                own: lag for other, lag in step.lags.items() for own in names[other] if own in before[name]
            }
            operations.append(replace(step, id=name, modes=modes, after=before[name], lags=lags, whole=False))
    return replace(job, operations=tuple(operations), lots=None), parts


def _modes(step: Operation, lots: Lots, index: int, size: int, grid: int, first: bool) -> tuple[Mode, ...]:
    """The modes of one lot, without those whose window is too short for its overhead."""
    overhead, fee = (lots.overhead_seconds, lots.overhead_cost if first else 0) if index else (0, 0)
    found = []
    for mode in step.modes:
        setup = mode.setup + overhead
        work = -(-(setup * lots.quantity + mode.duration * size) // (lots.quantity * grid)) * grid
        cost = -(-mode.cost * size // lots.quantity) + fee
        try:
            found.append(replace(mode, setup=setup, duration=work - setup, cost=cost))
        except ProblemError:
            continue
    return tuple(found)


def open_lines(problem: Problem) -> list[Job]:
    """Lines whose lots the planner may decide: not settled, none of their work fixed or planned before."""
    if not any(job.lots for job in problem.jobs):
        return []
    bound = {row.job for row in (*problem.fixed, *problem.reference)}
    return [
        job
        for job in problem.jobs
        if job.lots and not job.lots.settled and job.lots.highest > 1 and job.id not in bound
        if not all(step.whole for step in job.operations)
    ]


def settle(problem: Problem, sizes: Sizes) -> Problem:
    """The problem with the lots of some lines decided."""
    jobs = tuple(
        replace(job, lots=replace(job.lots, settled=sizes[job.id])) if job.lots and job.id in sizes else job
        for job in problem.jobs
    )
    return replace(problem, jobs=jobs)


def as_planned(problem: Problem, schedule: Schedule) -> Problem:
    """The problem with all lots settled as a schedule has them; a line that it leaves out runs as one.

    Raises
    ------
    ScheduleError
        When the lots of a line in the schedule do not make up its quantity.
    """
    open_jobs = {job.id: job.lots for job in problem.jobs if job.lots and not job.lots.settled}
    if not open_jobs:
        return problem
    found: dict[str, dict[int, int]] = {name: {} for name in open_jobs}
    for row in schedule:
        if row.lot and row.job in found:
            found[row.job][row.lot] = row.quantity
    sizes: dict[str, tuple[int, ...]] = {}
    for name, lots in open_jobs.items():
        sizes[name] = tuple(size for _, size in sorted(found[name].items())) or (lots.quantity,)
        if not lots.allows(sizes[name]):
            text = f"the lots {', '.join(map(str, sizes[name]))} do not make up the line: check the schedule"
            raise ScheduleError(f"job {name!r}: {text}")
    return settle(problem, sizes)


def plainly(problem: Problem, schedule: Schedule) -> tuple[Problem, Schedule]:
    """A problem and its schedule without lots: every operation of a lot has a name of its own."""
    if not any(job.lots for job in problem.jobs):
        return problem, schedule
    divided = divide(as_planned(problem, schedule))
    return divided.problem, divided.plain(schedule)
