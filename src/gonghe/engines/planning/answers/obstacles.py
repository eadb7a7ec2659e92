"""What can leave a job without any place, by name, and the problem without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gonghe.engines.model.planning import Interval, Job, Lag, Machine, Mode, Operation, Problem, Resource
from gonghe.engines.model.planning_limits import allowed_modes

Kind = Literal["lag", "closed", "share_cap", "excluded", "most_firms", "window", "reservation"]

# what is least likely to be lifted first
KINDS: tuple[Kind, ...] = ("lag", "closed", "share_cap", "excluded", "most_firms", "window", "reservation")
ALWAYS = (-(10**12), 10**12)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that could be lifted.

    Parameters
    ----------
    kind
        reservation (hours of a machine that others have), window (bid of a firm), most_firms and excluded
        (limits of a job), share_cap, closed (a break of a machine or resource), lag (a longest time between
        two operations).
    organization
        Whose it is: the firm of the machine, window or cap; `""` for what the one who ordered has set, and
        for people and tools.
    name
        The bid of a window, the firm excluded, the operation before a lag, the resource that is away.
    start, end
        The hours of a reservation, break or window; `None` where it is open.
    """

    kind: Kind
    organization: str = ""
    job: str = ""
    operation: str = ""
    machine: str = ""
    name: str = ""
    start: int | None = None
    end: int | None = None

    def __str__(self) -> str:
        return _TEXTS[self.kind].format(o=self)


_TEXTS: dict[Kind, str] = {
    "reservation": "machine {o.machine} of {o.organization} is reserved from {o.start} to {o.end}",
    "window": "{o.organization} offers {o.machine} for job {o.job} operation {o.operation} "
    "from {o.start} to {o.end} only",
    "most_firms": "job {o.job} allows {o.name} firms only",
    "excluded": "job {o.job} excludes {o.name}",
    "share_cap": "the share of {o.organization} is capped",
    "closed": "{o.machine}{o.name} is closed from {o.start} to {o.end}",
    "lag": "job {o.job} operation {o.operation} must start soon after {o.name}",
}


def obstacles(problem: Problem, jobs: Iterable[str]) -> list[Obstacle]:
    """Everything that can keep these jobs from having a place, kind by kind as in `KINDS`."""
    wanted = set(jobs)
    found: dict[Obstacle, None] = {}
    for job in problem.jobs:
        if job.id in wanted:
            found |= dict.fromkeys(_Hindered(problem, job).obstacles())
    caps = [Obstacle("share_cap", cap.organization, name=str(n)) for n, cap in enumerate(problem.share_caps)]
    return sorted((*found, *caps), key=lambda item: KINDS.index(item.kind))


class _Hindered:
    """A job and what can be in its way."""

    def __init__(self, problem: Problem, job: Job) -> None:
        self.problem, self.job = problem, job
        self.machines = {machine.id: machine for machine in problem.machines}
        self.lagged = any(lag.maximum is not None for o in job.operations for lag in o.lags.values())

    def obstacles(self) -> Iterator[Obstacle]:
        fixed = {row.key for row in self.problem.fixed}
        yield from self._limits()
        for operation in self.job.operations:
            for before, lag in operation.lags.items():
                if lag.maximum is not None:
                    yield Obstacle("lag", "", self.job.id, operation.id, name=before, end=lag.maximum)
            if (self.job.id, operation.id) in fixed:
                continue
            for mode in operation.modes:
                yield from self._mode(operation, mode)

    def _limits(self) -> Iterator[Obstacle]:
        firms = {self.machines[mode.machine].organization for o in self.job.operations for mode in o.modes}
        for name in self.job.excluded:
            if name in firms:
                yield Obstacle("excluded", "", self.job.id, name=name)
        if self.job.most_firms is not None:
            yield Obstacle("most_firms", "", self.job.id, name=str(self.job.most_firms))

    def _mode(self, operation: Operation, mode: Mode) -> Iterator[Obstacle]:
        if mode.latest is None and not self.lagged:
            return
        machine = self.machines[mode.machine]
        times = (mode.earliest, mode.latest)
        if times != (None, None):
            yield Obstacle(
                "window",
                machine.organization,
                self.job.id,
                operation.id,
                machine.id,
                mode.bid or "",
                *times,
            )
        if mode not in allowed_modes(self.problem, self.job, operation) and not self.job.excluded:
            return
        begin = max(self.job.release, self.problem.horizon_start, mode.earliest or ALWAYS[0])
        span = (begin, ALWAYS[1] if mode.latest is None else mode.latest)
        for start, end in _inside(machine.reserved, span):
            yield Obstacle("reservation", machine.organization, machine=machine.id, start=start, end=end)
        for start, end in _inside(machine.breaks, span):
            yield Obstacle("closed", machine.organization, machine=machine.id, start=start, end=end)
        needs = operation.needs_in(mode)
        for resource in self.problem.resources:
            if resource.id in needs or needs.keys() & set(resource.skills):
                for start, end in _inside(resource.breaks, span):
                    yield Obstacle("closed", "", name=resource.id, start=start, end=end)


def _inside(intervals: tuple[Interval, ...], span: Interval) -> Iterator[Interval]:
    return (pair for pair in intervals if pair[0] < span[1] and pair[1] > span[0])


def without(problem: Problem, lifted: Iterable[Obstacle]) -> Problem:
    """The problem with these obstacles lifted."""
    groups: dict[Kind, list[Obstacle]] = defaultdict(list)
    for item in lifted:
        groups[item.kind].append(item)
    gone = {(item.kind, item.machine, item.name, item.start, item.end) for item in groups["reservation"]}
    gone |= {(item.kind, item.machine, item.name, item.start, item.end) for item in groups["closed"]}
    caps = {int(item.name) for item in groups["share_cap"]}
    touched: dict[str, list[Obstacle]] = defaultdict(list)
    for item in lifted:
        if item.job:
            touched[item.job].append(item)
    return replace(
        problem,
        machines=tuple(_machine(machine, gone) for machine in problem.machines),
        resources=tuple(_resource(resource, gone) for resource in problem.resources),
        jobs=tuple(_job(job, touched[job.id]) if job.id in touched else job for job in problem.jobs),
        share_caps=tuple(cap for number, cap in enumerate(problem.share_caps) if number not in caps),
    )


Gone = set[tuple[Kind, str, str, int | None, int | None]]


def _machine(machine: Machine, gone: Gone) -> Machine:
    breaks = tuple(pair for pair in machine.breaks if ("closed", machine.id, "", *pair) not in gone)
    kept = tuple(pair for pair in machine.reserved if ("reservation", machine.id, "", *pair) not in gone)
    if (breaks, kept) == (machine.breaks, machine.reserved):
        return machine
    return replace(machine, breaks=breaks, reserved=kept)


def _resource(resource: Resource, gone: Gone) -> Resource:
    breaks = tuple(pair for pair in resource.breaks if ("closed", "", resource.id, *pair) not in gone)
    return replace(resource, breaks=breaks)


def _job(job: Job, lifted: list[Obstacle]) -> Job:
    excluded = {item.name for item in lifted if item.kind == "excluded"}
    lags = {(item.operation, item.name) for item in lifted if item.kind == "lag"}
    windows = {(item.operation, item.machine, item.name) for item in lifted if item.kind == "window"}
    return replace(
        job,
        excluded=tuple(name for name in job.excluded if name not in excluded),
        most_firms=None if any(item.kind == "most_firms" for item in lifted) else job.most_firms,
        operations=tuple(_operation(operation, lags, windows) for operation in job.operations),
    )


def _operation(
    operation: Operation, lags: set[tuple[str, str]], windows: set[tuple[str, str, str]]
) -> Operation:
    return replace(
        operation,
        lags={
            name: Lag(lag.minimum) if (operation.id, name) in lags else lag
            for name, lag in operation.lags.items()
        },
        modes=tuple(
            replace(mode, earliest=None, latest=None)
            if (operation.id, mode.machine, mode.bid or "") in windows
            else mode
            for mode in operation.modes
        ),
    )
