"""What can go wrong, and how it changes the problem at a moment of the plan's life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Interval,
    Job,
    Machine,
    Operation,
    PlanningError,
    Problem,
    Schedule,
)
from gonghe.engines.model.planning_hours import closed_hours, runs_unattended, worked_until
from gonghe.engines.model.planning_lots import lot_names, lot_predecessors
from gonghe.engines.planning.lots import as_planned


@dataclass(frozen=True, slots=True)
class MachineDown:
    """A machine stands still from `start` until `end`.

    Resumable work that runs on it goes on after the repair; other work is lost and starts again.
    """

    machine: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Late:
    """Running work ends at `until` instead, or work that has not begun cannot begin before `until`.

    A lot that has not begun keeps all lots of its operation that have not begun waiting.
    """

    job: str
    operation: str
    until: int


@dataclass(frozen=True, slots=True)
class Scrap:
    """The piece is lost at `operation`: that operation and everything before it must be done again."""

    job: str
    operation: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The order is off; its hours are free from now on."""

    job: str


@dataclass(frozen=True, slots=True)
class Rush:
    """A new order."""

    job: Job


@dataclass(frozen=True, slots=True)
class CalendarChanged:
    """A machine has other closed hours from now on."""

    machine: str
    breaks: tuple[Interval, ...]


Disturbance = MachineDown | Late | Scrap | Cancelled | Rush | CalendarChanged


class UnknownObject(PlanningError):
    """A disturbance names a machine, job or operation that the problem does not have."""


def disturb(
    problem: Problem, schedule: Schedule, now: int, disturbance: Disturbance
) -> tuple[Problem, Schedule]:
    """The problem as it stands at `now` and what is left of the schedule.

    All lines keep the lots that they have in the schedule; work of a lot is named like `cut/2`.
    Work that began before `now` becomes fixed; nothing else may begin before `now`.

    Raises
    ------
    UnknownObject
        When the disturbance names something that the problem does not have.
    """
    kept = {row.key: row for row in problem.fixed}
    started = {row.key: _fix(row) for row in schedule if row.start < now or row.key in kept}
    problem = as_planned(problem, schedule)
    before = replace(problem, fixed=(), reference=(), move_cost=0, transfer_cost=0, horizon_start=now)
    change = _CHANGES[type(disturbance)]
    after, fixed = change(before, started, now, disturbance)
    jobs = {job.id for job in after.jobs}
    rows = tuple(fixed.get(row.key, row) for row in schedule if row.job in jobs)
    rest = tuple(row for row in rows if row.key in fixed or row.key not in started)
    return replace(after, fixed=tuple(fixed.values())), Schedule(rest)


def _fix(row: Assignment) -> Fixed:
    return Fixed(**{name: getattr(row, name) for name in Assignment.__slots__})


Started = dict[tuple[str, str], Fixed]
Change = tuple[Problem, Started]


def _machine(problem: Problem, name: str) -> Machine:
    for machine in problem.machines:
        if machine.id == name:
            return machine
    raise UnknownObject(f"the problem has no machine {name!r}")


def _job(problem: Problem, name: str) -> Job:
    for job in problem.jobs:
        if job.id == name:
            return job
    raise UnknownObject(f"the problem has no job {name!r}")


def _operation(job: Job, name: str) -> Operation:
    for operation in job.operations:
        if operation.id == name:
            return operation
    raise UnknownObject(f"job {job.id!r} has no operation {name!r}")


def _named(job: Job, name: str) -> Operation:
    """The operation that a disturbance names, with its lot where the line runs in lots."""
    names = lot_names(job)
    for operation in job.operations:
        if name in names[operation.id]:
            return operation
    if len(names.get(name, ())) > 1:
        raise UnknownObject(f"job {job.id!r} runs in lots: say which, such as {names[name][0]!r}")
    return _operation(job, name)


def _with_machine(problem: Problem, machine: Machine) -> Problem:
    machines = tuple(machine if old.id == machine.id else old for old in problem.machines)
    return replace(problem, machines=machines)


def _with_job(problem: Problem, job: Job) -> Problem:
    return replace(problem, jobs=tuple(job if old.id == job.id else old for old in problem.jobs))


def _machine_down(problem: Problem, started: Started, now: int, event: MachineDown) -> Change:
    machine = _machine(problem, event.machine)
    start = max(event.start, now)
    if event.end <= start:
        return problem, started
    down = (_floor(start, problem.grid), _ceil(event.end, problem.grid))
    after = _with_machine(problem, replace(machine, reserved=(*machine.reserved, down)))
    fixed = dict(started)
    for key, row in started.items():
        if row.machine != event.machine or row.end <= start:
            continue
        operation = _operation(_job(problem, row.job), row.operation)
        if operation.resumable:
            closed = closed_hours(machine, runs_unattended(operation, row))
            left = _open_seconds(closed, start, row.end)
            fixed[key] = replace(row, end=worked_until(closed, event.end, left))
        else:
            del fixed[key]
    return after, fixed


def _floor(value: int, grid: int) -> int:
    return value // grid * grid


def _ceil(value: int, grid: int) -> int:
    return -(-value // grid) * grid


def _open_seconds(closed: list[Interval], start: int, end: int) -> int:
    return end - start - sum(max(0, min(end, b) - max(start, a)) for a, b in closed)


def _late(problem: Problem, started: Started, now: int, event: Late) -> Change:
    job = _job(problem, event.job)
    operation = _named(job, event.operation)
    key = (event.job, event.operation)
    if key in started:
        return problem, started | {key: replace(started[key], end=max(event.until, started[key].start))}
    modes = tuple(
        replace(mode, earliest=max(event.until, mode.earliest if mode.earliest is not None else event.until))
        for mode in operation.modes
    )
    late = replace(operation, modes=modes)
    operations = tuple(late if old.id == operation.id else old for old in job.operations)
    return _with_job(problem, replace(job, operations=operations)), started


def _scrap(problem: Problem, started: Started, now: int, event: Scrap) -> Change:
    job = _job(problem, event.job)
    _named(job, event.operation)
    again = _closure(job, event.operation)
    return problem, {key: row for key, row in started.items() if key[0] != job.id or key[1] not in again}


def _closure(job: Job, operation: str) -> set[str]:
    """The operation, all before it, and all that come after any of these."""
    before = lot_predecessors(job)
    lost, todo = set(), [operation]
    while todo:
        name = todo.pop()
        if name not in lost:
            lost.add(name)
            todo += before[name]
    grown = True
    while grown:
        more = {name for name, names in before.items() if lost & set(names)} - lost
        lost |= more
        grown = bool(more)
    return lost


def _cancelled(problem: Problem, started: Started, now: int, event: Cancelled) -> Change:
    job = _job(problem, event.job)
    jobs = tuple(other for other in problem.jobs if other.id != job.id)
    return replace(problem, jobs=jobs), {key: row for key, row in started.items() if key[0] != job.id}


def _rush(problem: Problem, started: Started, now: int, event: Rush) -> Change:
    return replace(problem, jobs=(*problem.jobs, event.job)), started


def _calendar(problem: Problem, started: Started, now: int, event: CalendarChanged) -> Change:
    machine = _machine(problem, event.machine)
    changed = replace(machine, breaks=event.breaks)
    after = _with_machine(problem, changed)
    fixed = dict(started)
    for key, row in started.items():
        operation = _operation(_job(problem, row.job), row.operation)
        if row.machine == machine.id and row.end > now and operation.resumable:
            alone = runs_unattended(operation, row)
            left = _open_seconds(closed_hours(machine, alone), now, row.end)
            fixed[key] = replace(row, end=worked_until(closed_hours(changed, alone), now, left))
    return after, fixed


_CHANGES: dict[type, Callable[..., Change]] = {
    MachineDown: _machine_down,
    Late: _late,
    Scrap: _scrap,
    Cancelled: _cancelled,
    Rush: _rush,
    CalendarChanged: _calendar,
}
