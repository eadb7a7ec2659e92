"""What might help a job, read off the chain of reasons for its date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from gonghe.engines.model.planning import Interval, Job, Machine, Problem, Schedule
from gonghe.engines.model.planning_limits import allowed_modes
from gonghe.engines.planning.answers.explain import Reason, explain
from gonghe.engines.planning.costs import evaluate

HOURS = 4  # overtime that is tried
MOST = 3  # ideas of a kind


Kind = Literal[
    "priority",
    "overtime",
    "other_firm",
    "allow_firm",
    "more_firms",
    "wider_window",
    "free_hours",
    "more_units",
    "later_due",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Idea:
    """A change that might help.

    Kinds
    -----
    priority (the job goes first), overtime (a closed machine opens from `start` to `end`), other_firm (the
    operation leaves its firm), allow_firm (an excluded firm is allowed), more_firms (one firm more may work
    on it), wider_window (a firm's bid holds at any time), free_hours (a reservation goes), more_units (one
    unit more of `name`), later_due (the date the plan in force keeps).
    """

    kind: Kind
    problem: Problem
    organization: str = ""
    operation: str = ""
    machine: str = ""
    name: str = ""
    start: int | None = None
    end: int | None = None
    due: int | None = None

    @property
    def lifts(self) -> bool:
        """Whether it allows what the problem forbids."""
        return self.kind not in ("priority", "other_firm", "later_due")

    def to_json(self) -> dict[str, Any]:
        """Plain data of what is changed."""
        names = ("kind", "organization", "operation", "machine", "name", "start", "end", "due")
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value not in ("", None)}

    def __str__(self) -> str:
        return _TEXTS[self.kind].format(o=self)


_TEXTS: dict[Kind, str] = {
    "priority": "put it first",
    "overtime": "{o.organization} opens {o.machine} from {o.start} to {o.end}",
    "other_firm": "operation {o.operation} at another firm than {o.organization}",
    "allow_firm": "allow {o.name}",
    "more_firms": "allow {o.name} firms",
    "wider_window": "{o.organization} works at other times than it offered",
    "free_hours": "free the reservation of {o.machine} from {o.start} to {o.end}",
    "more_units": "one more {o.name}",
    "later_due": "agree on {o.due} as the date",
}


def ideas(problem: Problem, schedule: Schedule, job: Job, hours: int) -> Iterator[Idea]:
    """Ideas for a job, at most three of a kind."""
    yield Idea("priority", problem)
    finder = _Finder(problem, schedule, job)
    yield from finder.hours(hours)
    yield from finder.firms()
    yield from finder.limits()
    yield from finder.units()
    arrival = evaluate(problem, schedule).completion[job.id]
    if job.due is not None and arrival > job.due:
        yield Idea("later_due", _with(problem, replace(job, due=arrival)), due=arrival)


class _Finder:
    def __init__(self, problem: Problem, schedule: Schedule, job: Job) -> None:
        self.problem, self.job = problem, job
        self.machines = {machine.id: machine for machine in problem.machines}
        self.reasons = sorted(
            explain(problem, schedule, job.id), key=lambda reason: -reason.params["seconds"]
        )
        self.rows = {row.operation: row for row in schedule if row.job == job.id}
        self.fixed = {row.operation for row in problem.fixed if row.job == job.id}

    def _of(self, code: str) -> list[Reason]:
        return [reason for reason in self.reasons if reason.code == code]

    def hours(self, hours: int) -> Iterator[Idea]:
        """Overtime in closed stretches of the chain, and reservations that it waits for."""
        closed: dict[tuple[str, Interval], None] = {}
        for reason in self._of("closed"):
            machine = self.machines[reason.params["machine"]]
            for pair in _touched(machine.breaks, reason):
                closed[machine.id, self._open(pair, reason.params["start"], hours)] = None
        for name, pair in list(closed)[:MOST]:
            machine = self.machines[name]
            breaks = tuple(_cut(machine.breaks, pair))
            yield self._at(machine, "overtime", pair, replace(machine, breaks=breaks))
        taken = {
            (reason.params["machine"], pair): None
            for reason in self._of("reserved")
            for pair in _touched(self.machines[reason.params["machine"]].reserved, reason)
        }
        for name, pair in list(taken)[:MOST]:
            machine = self.machines[name]
            kept = tuple(other for other in machine.reserved if other != pair)
            yield self._at(machine, "free_hours", pair, replace(machine, reserved=kept))

    def _open(self, pair: Interval, since: int, hours: int) -> Interval:
        """Longer in the evening when the work is there by then, otherwise earlier in the morning."""
        length = -(-hours * 3600 // self.problem.grid) * self.problem.grid
        start, end = pair
        if since < start + length:
            return start, min(end, start + length)
        return max(start, end - length), end

    def _at(self, old: Machine, kind: Kind, pair: Interval, machine: Machine) -> Idea:
        machines = tuple(machine if item is old else item for item in self.problem.machines)
        problem = replace(self.problem, machines=machines)
        return Idea(kind, problem, old.organization, machine=old.id, start=pair[0], end=pair[1])

    def firms(self) -> Iterator[Idea]:
        """Operations that waited, each at another firm, the longest wait first."""
        waited: dict[str, int] = {}
        codes = ("waits_for_machine", "reserved", "closed", "no_room", "window", "setup")
        for reason in self.reasons:
            if reason.code in codes:
                name = reason.params["machine"]
                waited[name] = waited.get(name, 0) + reason.params["seconds"]
        steps = [o for o in self.job.operations if o.id not in self.fixed]
        steps.sort(key=lambda step: -waited.get(self.rows[step.id].machine, 0))
        for step in steps[:MOST]:
            firm = self.machines[self.rows[step.id].machine].organization
            modes = allowed_modes(self.problem, self.job, step)
            others = tuple(mode for mode in modes if self.machines[mode.machine].organization != firm)
            if others and firm and waited.get(self.rows[step.id].machine):
                moved = replace(step, modes=others)
                operations = tuple(moved if item is step else item for item in self.job.operations)
                problem = _with(self.problem, replace(self.job, operations=operations))
                yield Idea("other_firm", problem, firm, step.id, self.rows[step.id].machine)

    def limits(self) -> Iterator[Idea]:
        """Excluded firms, the number of firms, and the windows of bids."""
        job = self.job
        firms = {
            self.machines[mode.machine].organization: None for step in job.operations for mode in step.modes
        }
        for name in [name for name in job.excluded if name in firms][:MOST]:
            kept = tuple(other for other in job.excluded if other != name)
            yield Idea("allow_firm", _with(self.problem, replace(job, excluded=kept)), name=name)
        if job.most_firms is not None and job.most_firms < len(firms):
            more = job.most_firms + 1
            yield Idea("more_firms", _with(self.problem, replace(job, most_firms=more)), name=str(more))
        windowed = [name for name in firms if self._opened(name) != job]
        for name in windowed[:MOST]:
            yield Idea("wider_window", _with(self.problem, self._opened(name)), name)

    def _opened(self, firm: str) -> Job:
        """The job with the windows of a firm's bids lifted."""
        steps = tuple(
            replace(
                step,
                modes=tuple(
                    replace(mode, earliest=None, latest=None)
                    if self.machines[mode.machine].organization == firm
                    else mode
                    for mode in step.modes
                ),
            )
            for step in self.job.operations
        )
        return replace(self.job, operations=steps)

    def units(self) -> Iterator[Idea]:
        """One more of the people and tools it waits for."""
        names = {reason.params["resource"]: None for reason in self._of("waits_for_resource")}
        for name in list(names)[:MOST]:
            resources = tuple(
                replace(item, capacity=item.capacity + 1) if item.id == name else item
                for item in self.problem.resources
            )
            yield Idea("more_units", replace(self.problem, resources=resources), name=name)


def _with(problem: Problem, job: Job) -> Problem:
    return replace(problem, jobs=tuple(job if old.id == job.id else old for old in problem.jobs))


def _touched(intervals: tuple[Interval, ...], reason: Reason) -> list[Interval]:
    start, end = reason.params["start"], reason.params["end"]
    return [pair for pair in intervals if pair[0] < end and pair[1] > start]


def _cut(intervals: tuple[Interval, ...], opened: Interval) -> Iterator[Interval]:
    """The closed hours without those that are opened."""
    for start, end in intervals:
        if end <= opened[0] or start >= opened[1]:
            yield start, end
            continue
        if start < opened[0]:
            yield start, opened[0]
        if end > opened[1]:
            yield opened[1], end
