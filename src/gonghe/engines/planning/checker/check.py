"""An independent judge of schedules: plain Python, no code shared with the solvers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from gonghe.engines.model.planning import Assignment, Job, Lag, Machine, Mode, Operation, Problem, Schedule
from gonghe.engines.planning.checker.batches import broken_batches, first_of_batches
from gonghe.engines.planning.checker.hours import broken_hours, is_alone
from gonghe.engines.planning.checker.limits import broken_limits
from gonghe.engines.planning.checker.lots import take_apart
from gonghe.engines.planning.checker.pickups import broken_pickups
from gonghe.engines.planning.checker.resources import ResourceChecker


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: `code` for programs, `message` for people, and the object it is about."""

    code: str
    job: str
    operation: str
    machine: str
    message: str


def check(problem: Problem, schedule: Schedule) -> tuple[Violation, ...]:
    """Every rule that the schedule breaks; empty when it is valid.

    Codes: unknown, duplicate, missing, no_mode, window, work, closed, grid, release, precedence, lag,
    overlap, reserved, setup, resource, fixed, excluded, most_firms, share, unattended,
    pickup, batch, batch_large, batch_small, lot_sum, lot_min, lot_most, lot_chain, lot_settled. An operation
    of a lot is named like `cut/2`.
    """
    if not any(job.lots for job in problem.jobs) and not any(row.lot or row.quantity for row in schedule):
        return tuple(Checker(problem, schedule).run())
    apart = take_apart(problem, schedule)
    broken = (Violation(*found) for found in apart.broken)
    return (*broken, *Checker(apart.problem, apart.schedule).run())


class Checker:
    """One method per family of rules."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.problem = problem
        self.schedule = schedule
        self.jobs = {job.id: job for job in problem.jobs}
        self.operations = {(job.id, op.id): op for job in problem.jobs for op in job.operations}
        self.machines = {machine.id: machine for machine in problem.machines}
        self.closed = {
            machine.id: _union((*machine.breaks, *machine.unattended)) for machine in problem.machines
        }
        self.fixed = {row.key: row for row in problem.fixed}
        self.resources = ResourceChecker(problem)
        self.modes: dict[tuple[str, str], tuple[Assignment, Mode]] = {}
        self.taken: list[tuple[Assignment, dict[str, int]]] = []
        self.sites = {name: number for number, name in enumerate(problem.sites)}
        self.placed: dict[tuple[str, str], Assignment] = {}

    def run(self) -> Iterator[Violation]:
        yield from self._known()
        for key, row in self.placed.items():
            if key in self.fixed:
                yield from self._as_fixed(row)
            else:
                yield from self._one(row)
        for job in self.problem.jobs:
            yield from self._precedence(job)
        yield from self._machines()
        yield from self._resources()
        for found in (*broken_limits(self.problem, self.modes), *broken_pickups(self.problem, self.placed)):
            yield Violation(*found)

    def _known(self) -> Iterator[Violation]:
        seen: Counter[tuple[str, str]] = Counter()
        for row in self.schedule:
            if row.key not in self.operations or row.machine not in self.machines:
                yield _violation("unknown", row, "the problem has no such operation or machine")
                continue
            seen[row.key] += 1
            if seen[row.key] > 1:
                yield _violation("duplicate", row, "the operation is planned twice")
            else:
                self.placed[row.key] = row
        for job, operation in self.operations:
            if not seen[job, operation]:
                yield Violation("missing", job, operation, "", "the operation is not planned")

    def _as_fixed(self, row: Assignment) -> Iterator[Violation]:
        kept = self.fixed[row.key]
        if (row.machine, row.start, row.end) != (kept.machine, kept.start, kept.end):
            text = f"is fixed on {kept.machine} from {kept.start} to {kept.end}"
            yield _violation("fixed", row, text)
        operation = self.operations[row.key]
        fitting = [mode for mode in operation.modes if mode.machine == kept.machine]
        mode = min(fitting, key=lambda mode: (mode.bid != kept.bid, mode.cost))
        self.modes[row.key] = (row, mode)
        self.taken.append((row, self.resources.used(row if row.resources else kept, operation, mode)))

    def _one(self, row: Assignment) -> Iterator[Violation]:
        operation, machine = self.operations[row.key], self.machines[row.machine]
        modes = [mode for mode in operation.modes if mode.machine == row.machine]
        if row.bid is not None:
            modes = [mode for mode in modes if mode.bid == row.bid]
        if not modes:
            yield _violation("no_mode", row, f"the operation cannot run on {row.machine} (bid {row.bid})")
            return
        found = [(list(self._in_mode(row, operation, machine, mode)), mode) for mode in modes]
        violations, mode = min(found, key=lambda item: (len(item[0]), item[1].cost))
        yield from violations
        self.modes[row.key] = (row, mode)
        self.taken.append((row, self.resources.used(row, operation, mode)))
        if row.start % self.problem.grid or row.end % self.problem.grid:
            yield _violation("grid", row, f"start and end must be multiples of {self.problem.grid} s")

    def _in_mode(
        self, row: Assignment, operation: Operation, machine: Machine, mode: Mode
    ) -> Iterator[Violation]:
        if mode.earliest is not None and row.start < mode.earliest:
            yield _violation("window", row, f"starts before {mode.earliest}, the earliest of its offer")
        if mode.latest is not None and row.end > mode.latest:
            yield _violation("window", row, f"ends after {mode.latest}, the latest of its offer")
        used = self.resources.used(row, operation, mode)
        if not self.resources.filled(used, operation, mode):
            needs = {**operation.needs, **mode.needs}
            yield _violation("resource", row, f"needs {needs}, has {used}")
        breaks, away = self.closed[machine.id], tuple(self.resources.breaks(used))
        if is_alone(machine, operation, mode):
            for code, text in broken_hours(row, machine, operation, mode, away):
                yield _violation(code, row, text)
            return
        closed = _between(_union((*breaks, *away)) if away else breaks, row.start, row.end)
        off = sum(max(0, min(row.end, end) - max(row.start, start)) for start, end in closed)
        work = mode.setup + mode.duration
        if row.end - row.start - off != work and (operation.resumable or not off):
            yield _violation("work", row, f"needs {work} s of open time, has {row.end - row.start - off}")
        if not operation.resumable and off:
            yield _violation("closed", row, "runs into a break and cannot be interrupted")
        if operation.resumable and any(start <= row.start < end for start, end in closed):
            yield _violation("closed", row, "starts in a break")
        if operation.resumable and work and any(start < row.end <= end for start, end in closed):
            yield _violation("closed", row, "ends in a break")

    def _travel(self, origin: str | None, target: str | None) -> int:
        if origin is None or target is None or not self.problem.transport_seconds:
            return 0
        return self.problem.transport_seconds[self.sites[origin]][self.sites[target]]

    def _precedence(self, job: Job) -> Iterator[Violation]:
        earlier: Operation | None = None
        for operation in job.operations:
            names = operation.after
            if names is None:
                names = () if earlier is None else (earlier.id,)
            earlier = operation
            row = self.placed.get((job.id, operation.id))
            if row is None or row.key in self.fixed:
                continue
            site = self.machines[row.machine].site
            ready = max(self.problem.horizon_start, job.release)
            if not names:
                ready += self._travel(job.source, site)
            if row.start < ready:
                yield _violation("release", row, f"starts before its material is there at {ready}")
            for name in names:
                before = self.placed.get((job.id, name))
                if before is None:
                    continue
                way = self._travel(self.machines[before.machine].site, site)
                if row.start < before.end + way:
                    yield _violation("precedence", row, f"starts before {name} arrives at {before.end + way}")
                yield from self._lag(row, before, operation.lags.get(name), way)

    def _lag(self, row: Assignment, before: Assignment, lag: Lag | None, way: int) -> Iterator[Violation]:
        if lag is None:
            return
        name, gap = before.operation, row.start - before.end
        if gap < lag.minimum + way:
            text = f"starts {gap} s after {name}: rest and way take {lag.minimum + way} s"
            yield _violation("lag", row, text)
        if lag.maximum is not None and gap > lag.maximum:
            yield _violation("lag", row, f"starts {gap} s after {name}, at most {lag.maximum} s are allowed")

    def _machines(self) -> Iterator[Violation]:
        rows: dict[str, list[Assignment]] = defaultdict(list)
        for row in self.placed.values():
            rows[row.machine].append(row)
        for name, work in rows.items():
            work.sort(key=lambda row: (row.start, row.end))
            if self.machines[name].batch is None:
                yield from self._overlaps(self.machines[name], work)
            else:
                for code, row, text in broken_batches(self.machines[name], work, self.operations, self.fixed):
                    yield _violation(code, row, text)
            yield from self._reserved(self.machines[name], work)
            if self.machines[name].setups:
                batches = work
                if self.machines[name].batch is not None:
                    batches = first_of_batches(work, self.operations)
                yield from self._setups(self.machines[name], batches)

    def _resources(self) -> Iterator[Violation]:
        for row, name in self.resources.overloads(self.taken):
            if row.key not in self.fixed:
                yield _violation("resource", row, f"there is not enough of {name} while it runs")

    def _overlaps(self, machine: Machine, work: list[Assignment]) -> Iterator[Violation]:
        running: list[Assignment] = []
        for row in work:
            running = [other for other in running if other.end > row.start]
            if len(running) >= machine.capacity:
                names = ", ".join(f"{other.job}/{other.operation}" for other in running)
                yield _violation("overlap", row, f"{machine.id} is busy with {names}")
            running.append(row)

    def _reserved(self, machine: Machine, work: list[Assignment]) -> Iterator[Violation]:
        for row in work:
            if row.key in self.fixed:
                continue
            for start, end in machine.reserved:
                if row.start < end and start < row.end:
                    yield _violation("reserved", row, f"{machine.id} is reserved from {start} to {end}")

    def _setups(self, machine: Machine, work: list[Assignment]) -> Iterator[Violation]:
        """Between neighbours there must be open time for the set-up; a reservation in between resets it."""
        family, since = machine.state or None, self.problem.horizon_start
        for row in work:
            after = self.operations[row.key].family
            if any(since <= start and end <= row.start for start, end in machine.reserved):
                family = None
            need = 0 if family is None else machine.setups.get(family, {}).get(after, 0)
            closed = _between(self.closed[machine.id], since, row.start)
            off = sum(max(0, min(row.start, b) - max(since, a)) for a, b in closed)
            if row.key not in self.fixed and row.start - since - off < need:
                yield _violation("setup", row, f"needs {need} s of set-up from {family} to {after}")
            family, since = after, row.end


def _union(intervals: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    result: list[list[int]] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([start, end])
    return [(start, end) for start, end in result]


def _between(closed: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """The closed intervals that touch [start, end]."""
    first = max(0, bisect_left(closed, (start, start)) - 1)
    return closed[first : bisect_right(closed, (end, end)) + 1]


def _violation(code: str, row: Assignment, message: str) -> Violation:
    return Violation(code, row.job, row.operation, row.machine, message)
