"""The planning problem and its schedule: frozen types that cannot hold a bad problem.

Times are integer seconds from the problem's own epoch, durations integer seconds of work, money integer
minor units. Errors are collected: a `ProblemError` lists every fault, each naming the object it was found
in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from gonghe.engines.model.planning_base import (
    MAX_MONEY,
    MAX_SECONDS,
    Faults,
    Interval,
    Issue,
    PlanningError,
    ProblemError,
    ScheduleError,
)
from gonghe.engines.model.planning_batches import batch_machine_faults
from gonghe.engines.model.planning_limits import ShareCap
from gonghe.engines.model.planning_lots import Lots, lot_name
from gonghe.engines.model.planning_terms import Batch, Lag, Resource

Objective = Literal["cost", "makespan", "tardiness", "flow"]
Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """A piece of equipment (machine, line, oven, crew) at a site.

    Parameters
    ----------
    breaks
        Closed hours of the calendar; resumable work goes on after them.
    reserved
        Hours taken by others; no work may lie across them.
    capacity
        How many operations it runs at the same time.
    setups
        Set-up seconds by family, `setups[before][after]`; missing pairs need none.
    setup_costs
        Minor units of a set-up by family, like `setups`; a pair may take time, money or both.
    state
        Family the machine is set up for at the beginning, `""` when unknown (first set-up is free).
    unattended
        Hours in which nobody is there but the machine goes on by itself. To work that does not run unattended
        they are closed; hours that are also named in `breaks` count as unattended.
    batch
        It works on several operations of a family together; needs capacity 1.
    overtime_cost_per_hour
        Minor units that the firm asks for an hour of work in closed hours that it opens (see `remedies`).
    """

    id: str
    site: str
    breaks: tuple[Interval, ...] = ()
    organization: str = ""
    capacity: int = 1
    reserved: tuple[Interval, ...] = ()
    setups: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    state: str = ""
    setup_costs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unattended: tuple[Interval, ...] = ()
    batch: Batch | None = None
    overtime_cost_per_hour: int = 0

    def __post_init__(self) -> None:
        faults = Faults(f"machine {self.id!r}")
        faults.text("id", self.id)
        faults.text("site", self.site)
        faults.intervals("breaks", self.breaks)
        faults.intervals("unattended", self.unattended)
        faults.intervals("reserved", self.reserved)
        faults.whole("capacity", self.capacity, 1, 1000)
        faults.whole("overtime_cost_per_hour", self.overtime_cost_per_hour, 0, MAX_MONEY)
        for before, row in self.setups.items():
            for after, seconds in row.items():
                faults.whole(f"setup from {before!r} to {after!r}", seconds)
        for before, row in self.setup_costs.items():
            for after, amount in row.items():
                faults.whole(f"cost of setup from {before!r} to {after!r}", amount, 0, MAX_MONEY)
        if (self.setups or self.setup_costs) and self.capacity != 1:
            faults.add("setups_capacity", "set-ups by family need capacity 1; split it into single machines")
        if self.batch is not None:
            batch_machine_faults(self, faults)
        faults.raise_any()


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to do an operation: on this machine, in `setup + duration` seconds, for `cost` minor units.

    `earliest` and `latest` bound start and end (the window of a bid); `bid` names where the offer comes from.
    `needs` are units of resources or skills during the whole span, on top of those of the operation.
    `unattended` work starts and is set up in attended hours and then runs through unattended ones.
    """

    machine: str
    duration: int
    cost: int = 0
    setup: int = 0
    bid: str | None = None
    earliest: int | None = None
    latest: int | None = None
    needs: Mapping[str, int] = field(default_factory=dict)
    unattended: bool = False

    def __post_init__(self) -> None:
        faults = Faults(f"mode on machine {self.machine!r}")
        faults.text("machine", self.machine)
        faults.flag("unattended", self.unattended)
        whole = faults.whole("duration", self.duration)
        whole &= faults.whole("setup", self.setup)
        faults.whole("cost", self.cost, 0, MAX_MONEY)
        if self.earliest is not None:
            whole &= faults.whole("earliest", self.earliest, -MAX_SECONDS)
        if self.latest is not None:
            whole &= faults.whole("latest", self.latest, -MAX_SECONDS)
        if whole and self.latest is not None and self.latest - (self.earliest or 0) < self.work:
            faults.add("window", f"{self.work} s of work do not fit between earliest and latest")
        faults.units(self.needs)
        faults.raise_any()

    @property
    def work(self) -> int:
        """Seconds on the machine, set-up included."""
        return self.setup + self.duration


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of a job.

    Parameters
    ----------
    after
        Its predecessors; `None` means the operation listed just before it.
    lags
        Least and most time after a predecessor, by the name of the predecessor.
    needs
        Units of resources or skills in every mode; a mode's own number for the same name counts instead.
    whole
        Is done once for the whole line even when that runs in lots.
    unattended
        Every mode runs unattended, as if each said so.
    size
        How much of a batch it fills, on machines that work in batches.
    """

    id: str
    modes: tuple[Mode, ...]
    after: tuple[str, ...] | None = None
    resumable: bool = False
    family: str = ""
    lags: Mapping[str, Lag] = field(default_factory=dict)
    needs: Mapping[str, int] = field(default_factory=dict)
    whole: bool = False
    unattended: bool = False
    size: int = 1

    def __post_init__(self) -> None:
        faults = Faults(f"operation {self.id!r}")
        faults.whole("size", self.size, 1, 10**6)
        faults.text("id", self.id)
        if not self.modes:
            faults.add("no_mode", "no machine can do it: add a mode or call for bids")
        if len({(mode.machine, mode.bid) for mode in self.modes}) != len(self.modes):
            faults.add("duplicate_mode", "the same machine and bid appear twice among its modes")
        for name in ("resumable", "whole", "unattended"):
            faults.flag(name, getattr(self, name))
        faults.units(self.needs)
        faults.raise_any()

    def needs_in(self, mode: Mode) -> dict[str, int]:
        """Units that a mode needs, its own and those of the operation."""
        return {name: units for name, units in {**self.needs, **mode.needs}.items() if units}


@dataclass(frozen=True, slots=True)
class Job:
    """An order line to be made.

    Parameters
    ----------
    release
        Material is ready (at `source`, when given).
    due
        Wanted at `destination`; `None` is never late.
    weight
        For the tardiness objective.
    lateness_cost_per_hour
        Minor units per hour late, for the cost objective.
    promised
        Date promised to the buyer, used in reports.
    excluded
        Organizations whose machines must not work on it (work that is fixed stays).
    most_firms
        How many organizations may work on it at most, `None`: any number.
    lots
        How it may be divided into lots, `None`: it runs as one.
    """

    id: str
    operations: tuple[Operation, ...]
    release: int = 0
    due: int | None = None
    weight: int = 1
    lateness_cost_per_hour: int = 0
    destination: str | None = None
    source: str | None = None
    promised: int | None = None
    excluded: tuple[str, ...] = ()
    most_firms: int | None = None
    lots: Lots | None = None

    def __post_init__(self) -> None:
        from gonghe.engines.model.planning_rules import job_faults

        job_faults(self).raise_any()

    def predecessors(self) -> dict[str, tuple[str, ...]]:
        """Predecessors of every operation, by operation id, with the default sequence filled in."""
        found: dict[str, tuple[str, ...]] = {}
        before: tuple[str, ...] = ()
        for operation in self.operations:
            found[operation.id] = before if operation.after is None else operation.after
            before = (operation.id,)
        return found

    def last_operations(self) -> frozenset[str]:
        """Operations that nothing follows."""
        followed = {before for befores in self.predecessors().values() for before in befores}
        return frozenset(operation.id for operation in self.operations) - followed


@dataclass(frozen=True, slots=True)
class Assignment:
    """An operation on a machine from `start` to `end`; `bid` tells two offers of one machine apart.

    `resources` are the units it takes, as (id, units) sorted by id; they may be left out where its needs name
    no skill. `lot` (from 1 on) and its `quantity` of pieces say which part of a divided line it is, both 0
    for work on the whole line.
    """

    job: str
    operation: str
    machine: str
    start: int
    end: int
    bid: str | None = None
    resources: tuple[tuple[str, int], ...] = ()
    lot: int = 0
    quantity: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Job and operation; the operation of a lot is named like `cut/2`."""
        return (self.job, lot_name(self.operation, self.lot))


class Fixed(Assignment):
    """Started or frozen work: it stays exactly so, whatever calendars say."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Assignments of operations to machines and times."""

    assignments: tuple[Assignment, ...]

    def __iter__(self) -> Iterator[Assignment]:
        return iter(self.assignments)

    def by_operation(self) -> dict[tuple[str, str], Assignment]:
        """Assignments by (job id, operation id); an operation of a lot is named like `cut/2`."""
        return {assignment.key: assignment for assignment in self.assignments}

    def to_json(self, problem: Problem) -> dict[str, Any]:
        """Rows of indexes in file order: `{"assignments": [{"job", "operation", "machine", ...}]}`."""
        from gonghe.engines.model.planning_json_out import schedule_to_json

        return schedule_to_json(problem, self)

    @classmethod
    def from_json(cls, problem: Problem, data: Any) -> Schedule:
        """Read what `to_json` wrote; `ScheduleError` when it does not belong to the problem."""
        from gonghe.engines.model.planning_json import schedule_from_json

        return schedule_from_json(problem, data)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything the planner knows; raises `ProblemError` with all faults.

    Parameters
    ----------
    transport_seconds, transport_cost
        Square matrices over `sites` (empty: none); transport applies between consecutive operations at
        different sites, from a job's source to its first and from its last operations to its destination.
    fixed
        Started or frozen work; the predecessors of a fixed operation must be fixed too.
    grid
        Starts and ends are multiples of it (seconds); work, breaks and transports must be multiples already.
    reference, move_cost, transfer_cost
        A plan in force and the price, in units of the objective (minor units for cost), of starting an
        operation at another time and of giving it to another machine.
    minor_per_unit
        Minor units in one unit of the currency, used by the JSON format only.
    resources
        People and tools that modes need.
    share_caps
        Largest shares of firms.
    pickups
        By site, the windows in which transport to other sites leaves, half-open; without any it leaves at
        once. After the last window nothing leaves.
    """

    sites: tuple[str, ...]
    machines: tuple[Machine, ...]
    jobs: tuple[Job, ...]
    transport_seconds: Matrix = ()
    transport_cost: Matrix = ()
    fixed: tuple[Fixed, ...] = ()
    objective: Objective = "cost"
    horizon_start: int = 0
    grid: int = 1
    reference: tuple[Assignment, ...] = ()
    move_cost: int = 0
    transfer_cost: int = 0
    minor_per_unit: int = 100
    resources: tuple[Resource, ...] = ()
    share_caps: tuple[ShareCap, ...] = ()
    pickups: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from gonghe.engines.model.planning_rules import problem_faults

        problem_faults(self).raise_any()

    def travel(self, origin: str | None, target: str | None) -> tuple[int, int]:
        """Seconds and minor units from one site to another; (0, 0) when either is open."""
        if origin is None or target is None or origin == target:
            return 0, 0
        row, column = self.sites.index(origin), self.sites.index(target)
        seconds = self.transport_seconds[row][column] if self.transport_seconds else 0
        cost = self.transport_cost[row][column] if self.transport_cost else 0
        return seconds, cost

    def warnings(self) -> tuple[Issue, ...]:
        """Odd but legal: a due date before the release (normal when re-planning)."""
        return tuple(
            Issue("due_before_release", f"job {job.id!r}", "is due before it is released: it will be late")
            for job in self.jobs
            if job.due is not None and job.due < job.release
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data in the `gonghe-problem/1` format."""
        from gonghe.engines.model.planning_json_out import problem_to_json

        return problem_to_json(self)

    @classmethod
    def from_json(cls, data: Any) -> Problem:
        """Read the `gonghe-problem/1` format; `ProblemError` lists everything that is wrong with it."""
        from gonghe.engines.model.planning_json import problem_from_json

        return problem_from_json(data)


OBJECTIVES: tuple[str, ...] = get_args(Objective)

__all__ = [
    "MAX_MONEY",
    "MAX_SECONDS",
    "OBJECTIVES",
    "Assignment",
    "Batch",
    "Faults",
    "Fixed",
    "Interval",
    "Issue",
    "Job",
    "Lag",
    "Lots",
    "Machine",
    "Matrix",
    "Mode",
    "Objective",
    "Operation",
    "PlanningError",
    "Problem",
    "ProblemError",
    "Resource",
    "Schedule",
    "ScheduleError",
    "ShareCap",
]
