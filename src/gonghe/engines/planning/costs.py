"""What a schedule costs and when its jobs arrive, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gonghe.engines.model.planning import Assignment, Job, Mode, Problem, Schedule
from gonghe.engines.model.planning_hours import merged
from gonghe.engines.planning.lots import plainly

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class CostBreakdown:
    """Money of a schedule in minor units.

    `setup` is the money of set-ups by family; what a mode's own set-up costs is part of `production`.
    Lateness is rounded up to a whole minor unit per job. `disturbance` prices the moves away from the
    reference plan (in units of the objective).
    """

    production: int
    setup: int
    transport: int
    lateness: int
    disturbance: int

    @property
    def total(self) -> int:
        return self.production + self.setup + self.transport + self.lateness + self.disturbance

    @property
    def price(self) -> int:
        """What is paid for: work, set-ups and transport."""
        return self.production + self.setup + self.transport

    def to_json(self) -> dict[str, int]:
        names = ("production", "setup", "transport", "lateness", "disturbance", "total")
        return {name: int(getattr(self, name)) for name in names}


class Travel:
    """Seconds and fares between sites, by name."""

    def __init__(self, problem: Problem) -> None:
        self.index = {name: number for number, name in enumerate(problem.sites)}
        self.seconds, self.fares = problem.transport_seconds, problem.transport_cost
        self.pickups = {site: merged(windows) for site, windows in problem.pickups.items()}

    def between(self, origin: str | None, target: str | None) -> tuple[int, int]:
        if origin is None or target is None or origin == target:
            return 0, 0
        row, column = self.index[origin], self.index[target]
        seconds = self.seconds[row][column] if self.seconds else 0
        return seconds, self.fares[row][column] if self.fares else 0

    def leaves(self, origin: str | None, target: str | None, ready: int) -> int:
        """When the way begins for what is ready at `ready`; at once where no pick-up follows any more."""
        if origin is None or target is None or origin == target:
            return ready
        return next((max(start, ready) for start, end in self.pickups.get(origin, ()) if ready < end), ready)

    def arrives(self, origin: str | None, target: str | None, ready: int) -> int:
        """When what is ready at `ready` at one site is at the other."""
        return self.leaves(origin, target, ready) + self.between(origin, target)[0]


def mode_of(job: Job, assignment: Assignment) -> Mode:
    """The mode an assignment uses: same machine and bid, the cheapest when the bid is not named."""
    operation = next(operation for operation in job.operations if operation.id == assignment.operation)
    fitting = [mode for mode in operation.modes if mode.machine == assignment.machine]
    if assignment.bid is not None:
        fitting = [mode for mode in fitting if mode.bid == assignment.bid]
    return min(fitting, key=lambda mode: mode.cost)


def lateness_cost(job: Job, completion: int) -> int:
    """Minor units for arriving at `completion`, rounded up."""
    if job.due is None or completion <= job.due:
        return 0
    return -(-(completion - job.due) * job.lateness_cost_per_hour // SECONDS_PER_HOUR)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Completion of every job (arrival at its destination), the cost and the objective."""

    completion: dict[str, int]
    cost: CostBreakdown
    objective: int


def evaluate(problem: Problem, schedule: Schedule) -> Evaluation:
    """Price a complete schedule."""
    problem, schedule = plainly(problem, schedule)
    travel = Travel(problem)
    site = {machine.id: machine.site for machine in problem.machines}
    placed = schedule.by_operation()
    completion: dict[str, int] = {}
    production = transport = lateness = 0
    for job in problem.jobs:
        before = job.predecessors()
        last = job.last_operations()
        arrival: list[int] = []
        for operation in job.operations:
            row = placed[job.id, operation.id]
            production += mode_of(job, row).cost
            here = site[row.machine]
            origins: list[str | None] = [
                site[placed[job.id, name].machine] for name in dict.fromkeys(before[operation.id])
            ]
            for origin in origins or [job.source]:
                transport += travel.between(origin, here)[1]
            if operation.id in last:
                transport += travel.between(here, job.destination)[1]
                arrival.append(travel.arrives(here, job.destination, row.end))
        completion[job.id] = max(arrival)
        lateness += lateness_cost(job, completion[job.id])
    disturbance = _disturbance(problem, placed)
    cost = CostBreakdown(production, _setups(problem, schedule), transport, lateness, disturbance)
    return Evaluation(completion, cost, _objective(problem, completion, cost))


def _setups(problem: Problem, schedule: Schedule) -> int:
    """Money of the set-ups between neighbours on a machine; a reservation in between resets it."""
    families = {(job.id, step.id): step.family for job in problem.jobs for step in job.operations}
    total = 0
    for machine in problem.machines:
        if not machine.setup_costs:
            continue
        family, since = machine.state or None, problem.horizon_start
        rows = sorted((row for row in schedule if row.machine == machine.id), key=lambda r: (r.start, r.end))
        for row in rows:
            after = families[row.key]
            if any(since <= start and end <= row.start for start, end in machine.reserved):
                family = None
            if family is not None:
                total += machine.setup_costs.get(family, {}).get(after, 0)
            family, since = after, row.end
    return total


def _disturbance(problem: Problem, placed: dict[tuple[str, str], Assignment]) -> int:
    fixed = {row.key for row in problem.fixed}
    total = 0
    for planned in problem.reference:
        row = placed.get(planned.key)
        if row is None or planned.key in fixed:
            continue
        other = row.machine != planned.machine or planned.bid not in (None, row.bid)
        if other or row.start != planned.start:
            total += problem.move_cost
        if other:
            total += problem.transfer_cost
    return total


def _objective(problem: Problem, completion: dict[str, int], cost: CostBreakdown) -> int:
    """Value in units of the objective: minor units, seconds, weighted seconds late, or seconds of flow."""
    if problem.objective == "cost":
        return cost.total
    if problem.objective == "makespan":
        return max(completion.values(), default=0) + cost.disturbance
    if problem.objective == "tardiness":
        late: Any = (
            job.weight * max(0, completion[job.id] - job.due) for job in problem.jobs if job.due is not None
        )
        return int(sum(late)) + cost.disturbance
    return sum(completion[job.id] - job.release for job in problem.jobs) + cost.disturbance
