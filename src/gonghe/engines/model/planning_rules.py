"""Rules that span several objects of a planning problem: references, cycles, windows, grid, fixed work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gonghe.engines.model.planning import MAX_MONEY, MAX_SECONDS, OBJECTIVES, Faults
from gonghe.engines.model.planning_base import Interval
from gonghe.engines.model.planning_batches import batch_faults, fixed_batch_faults
from gonghe.engines.model.planning_hours import closed_hours, merged
from gonghe.engines.model.planning_limits import limit_faults
from gonghe.engines.model.planning_lots import batch_lot_faults, lot_faults, lot_predecessors, row_faults
from gonghe.engines.model.planning_term_rules import term_faults

if TYPE_CHECKING:
    from gonghe.engines.model.planning import (
        Assignment,
        Fixed,
        Job,
        Machine,
        Mode,
        Operation,
        Problem,
    )


def job_faults(job: Job) -> Faults:
    """Faults of a job by itself."""
    faults = Faults(f"job {job.id!r}")
    faults.text("id", job.id)
    faults.whole("release", job.release, -MAX_SECONDS)
    for name in ("due", "promised"):
        value = getattr(job, name)
        if value is not None:
            faults.whole(name, value, -MAX_SECONDS)
    faults.whole("weight", job.weight, 0, 10**6)
    faults.whole("lateness_cost_per_hour", job.lateness_cost_per_hour, 0, 10**10)
    if job.most_firms is not None:
        faults.whole("most_firms", job.most_firms, 1, 10_000)
    if not job.operations:
        faults.add("no_operation", "has no operation: nothing to plan")
    lot_faults(job, faults)
    _graph_faults(job, faults)
    return faults


def _graph_faults(job: Job, faults: Faults) -> None:
    counts = Counter(operation.id for operation in job.operations)
    for name in (name for name, count in counts.items() if count > 1):
        faults.add("duplicate", f"has two operations named {name!r}")
    before = job.predecessors()
    for name, names in before.items():
        for missing in (other for other in names if other not in counts):
            faults.add("unknown_operation", f"operation {name!r} comes after unknown operation {missing!r}")
    for operation in job.operations:
        for name in set(operation.lags) - set(before[operation.id]):
            text = f"operation {operation.id!r} has a lag after {name!r}, which it does not follow"
            faults.add("lag", text)
    stuck = cycle(before)
    if stuck:
        faults.add("cycle", f"operations wait for each other: {' -> '.join(stuck)}")


def cycle(before: dict[str, tuple[str, ...]]) -> list[str]:
    """One cycle of the graph (first name repeated at the end), empty when there is none."""
    left = {name: {other for other in names if other in before} for name, names in before.items()}
    ready = [name for name, names in left.items() if not names]
    after: dict[str, list[str]] = defaultdict(list)
    for name, names in left.items():
        for other in names:
            after[other].append(name)
    while ready:
        done = ready.pop()
        del left[done]
        for name in after[done]:
            left[name].discard(done)
            if not left[name]:
                ready.append(name)
    if not left:
        return []
    path = [min(left)]
    while path[-1] not in path[:-1]:
        path.append(min(left[path[-1]]))
    loop = path[path.index(path[-1]) :]
    return loop[::-1]


def problem_faults(problem: Problem) -> Faults:
    """Faults of a problem whose parts are each right by themselves."""
    faults = Faults("problem")
    if problem.objective not in OBJECTIVES:
        faults.add(
            "objective", f"objective must be one of {', '.join(OBJECTIVES)}, got {problem.objective!r}"
        )
    grid_ok = faults.whole("grid", problem.grid, 1, 86400)
    faults.whole("horizon_start", problem.horizon_start, -MAX_SECONDS)
    faults.whole("move_cost", problem.move_cost, 0, MAX_MONEY)
    faults.whole("transfer_cost", problem.transfer_cost, 0, MAX_MONEY)
    faults.whole("minor_per_unit", problem.minor_per_unit, 1, 10**6)
    _unique("site", problem.sites, faults)
    _unique("machine", [machine.id for machine in problem.machines], faults)
    _unique("job", [job.id for job in problem.jobs], faults)
    _matrix("transport_seconds", problem.transport_seconds, len(problem.sites), MAX_SECONDS, faults)
    _matrix("transport_cost", problem.transport_cost, len(problem.sites), MAX_MONEY, faults)
    _references(problem, faults)
    if grid_ok and problem.grid > 1:
        _on_grid(problem, faults)
    if not faults.issues:
        term_faults(problem, faults)
        _windows(problem, faults)
        _assigned("fixed", problem.fixed, problem, faults)
        _assigned("reference", problem.reference, problem, faults)
        _fixed(problem, faults)
        batch_faults(problem, faults)
        batch_lot_faults(problem, faults)
        limit_faults(problem, faults)
    return faults


def _unique(kind: str, names: Sequence[str], faults: Faults) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            faults.add("duplicate", f"two {kind}s are named {name!r}")


def _matrix(name: str, rows: tuple[tuple[int, ...], ...], size: int, high: int, faults: Faults) -> None:
    if not rows:
        return
    if len(rows) != size or any(len(row) != size for row in rows):
        faults.add("matrix", f"{name} must have {size} rows of {size} numbers, one per site")
        return
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if type(value) is int and 0 <= value <= high and (i != j or value == 0):
                continue
            if faults.whole(f"{name}[{i}][{j}]", value, 0, high):
                faults.add("matrix", f"{name}[{i}][{i}] must be 0: nothing travels within a site")


def _references(problem: Problem, faults: Faults) -> None:
    sites, machines = set(problem.sites), {machine.id for machine in problem.machines}
    for machine in problem.machines:
        if machine.site not in sites:
            faults.add("unknown_site", f"unknown site {machine.site!r}", f"machine {machine.id!r}")
    for job in problem.jobs:
        for site in (job.source, job.destination):
            if site is not None and site not in sites:
                faults.add("unknown_site", f"unknown site {site!r}", f"job {job.id!r}")
        for operation in job.operations:
            for mode in operation.modes:
                if mode.machine not in machines:
                    faults.add("unknown_machine", f"unknown machine {mode.machine!r}", _where(job, operation))


def _where(job: Job, operation: Operation) -> str:
    return f"job {job.id!r} operation {operation.id!r}"


def _on_grid(problem: Problem, faults: Faults) -> None:
    grid = problem.grid

    def need(value: int, name: str, where: str) -> None:
        if value % grid:
            faults.add("grid", f"{name} {value} is not a multiple of the grid of {grid} s: round it", where)

    for machine in problem.machines:
        for start, end in (*machine.breaks, *machine.unattended, *machine.reserved):
            need(start, "interval start", f"machine {machine.id!r}")
            need(end, "interval end", f"machine {machine.id!r}")
        for row in machine.setups.values():
            for seconds in row.values():
                need(seconds, "set-up", f"machine {machine.id!r}")
    for row_ in problem.transport_seconds:
        for seconds in row_:
            need(seconds, "transport", "problem")
    for job in problem.jobs:
        for operation in job.operations:
            for mode in operation.modes:
                need(mode.work, "duration", _where(job, operation))


def _windows(problem: Problem, faults: Faults) -> None:
    """Every operation must fit somewhere: at least one mode has an open window that is long enough."""
    machines = {machine.id: machine for machine in problem.machines}
    hours: dict[tuple[str, bool], _Hours] = {}

    def hours_of(mode: Mode, operation: Operation) -> _Hours:
        key = (mode.machine, mode.unattended or operation.unattended)
        if key not in hours:
            machine = machines[mode.machine]
            hours[key] = _hours(machine, key[1], machine.reserved)
        return hours[key]

    for job in problem.jobs:
        for operation in job.operations:
            if all(mode.latest is not None for mode in operation.modes) and not any(
                _fits(mode, operation.resumable, problem.horizon_start, hours_of(mode, operation))
                for mode in operation.modes
            ):
                taken = _taken(operation, problem, machines)
                faults.add(
                    "no_window",
                    "is longer than every open window of its machines within the bid windows: "
                    + (
                        f"it would fit without {taken}"
                        if taken
                        else "ask for longer windows or other machines"
                    ),
                    _where(job, operation),
                )


def _taken(operation: Operation, problem: Problem, machines: dict[str, Machine]) -> str:
    """The fewest reservations of one machine without which an operation fits, in words."""
    found: list[tuple[str, list[Interval]]] = []
    for mode in operation.modes:
        machine = machines[mode.machine]
        kept: list[Interval] = []
        if not _fits_beside(mode, operation, problem, machine, kept):
            continue
        inside = [(a, b) for a, b in machine.reserved if mode.latest is None or a < mode.latest]
        for pair in inside:
            if _fits_beside(mode, operation, problem, machine, [*kept, pair]):
                kept.append(pair)
        found.append((mode.machine, [pair for pair in inside if pair not in kept]))
    if not found:
        return ""
    name, pairs = min(found, key=lambda item: len(item[1]))
    return f"the reservation of {name} " + " and ".join(f"from {start} to {end}" for start, end in pairs)


class _Hours(NamedTuple):
    """Hours of a machine: those in which work stands still, reserved ones, and both together."""

    capacity: int
    closed: list[Interval]
    reserved: list[Interval]
    busy: list[Interval]


def _hours(machine: Machine, unattended: bool, reserved: Sequence[Interval]) -> _Hours:
    closed = closed_hours(machine, unattended)
    return _Hours(machine.capacity, closed, merged(reserved), merged((*closed, *reserved)))


def _fits_beside(
    mode: Mode, operation: Operation, problem: Problem, machine: Machine, kept: list[Interval]
) -> bool:
    """Whether a mode fits when only some of the reservations are kept."""
    hours = _hours(machine, mode.unattended or operation.unattended, kept)
    return _fits(mode, operation.resumable, problem.horizon_start, hours)


def _fits(mode: Mode, resumable: bool, begins: int, hours: _Hours) -> bool:
    start = begins if mode.earliest is None else max(mode.earliest, begins)
    latest = MAX_SECONDS if mode.latest is None else mode.latest
    if hours.capacity > 1:
        return latest - start >= mode.work
    if not resumable:
        return any(end - begin >= mode.work for begin, end in gaps(hours.busy, start, latest))
    for begin, end in gaps(hours.reserved, start, latest):
        off = sum(max(0, min(end, b) - max(begin, a)) for a, b in hours.closed)
        if end - begin - off >= mode.work:
            return True
    return False


def gaps(busy: Sequence[Interval], start: int, end: int) -> list[Interval]:
    """What `busy` (sorted, disjoint) leaves free between start and end."""
    result = []
    for begin, until in busy:
        if begin >= end:
            break
        if begin > start:
            result.append((start, begin))
        start = max(start, until)
    if start < end:
        result.append((start, end))
    return result


def _assigned(name: str, rows: Iterable[Assignment], problem: Problem, faults: Faults) -> None:
    modes = {
        (job.id, operation.id): {mode.machine for mode in operation.modes}
        for job in problem.jobs
        for operation in job.operations
    }
    row_faults(name, rows, problem, faults)
    seen: set[tuple[str, str]] = set()
    for row in rows:
        where = f"{name} job {row.job!r} operation {row.operation!r}"
        if (row.job, row.operation) not in modes:
            faults.add("unknown_operation", "no such operation", where)
        elif row.machine not in modes[row.job, row.operation] and name == "fixed":
            faults.add("no_mode", f"has no mode on machine {row.machine!r}", where)
        elif row.key in seen:
            faults.add("duplicate", "is assigned twice", where)
        elif row.end < row.start:
            faults.add("interval", f"ends at {row.end} before it starts at {row.start}", where)
        seen.add(row.key)


def _fixed(problem: Problem, faults: Faults) -> None:
    fixed = {row.key for row in problem.fixed}
    for job in problem.jobs:
        for name, names in lot_predecessors(job).items():
            for before in names:
                if (job.id, name) in fixed and (job.id, before) not in fixed:
                    text = (
                        f"operation {name!r} is fixed but its predecessor {before!r} is not: fix both or none"
                    )
                    faults.add("fixed_predecessor", text, f"job {job.id!r}")
    machines = {machine.id: machine for machine in problem.machines}
    rows: dict[str, list[Fixed]] = defaultdict(list)
    for row in problem.fixed:
        rows[row.machine].append(row)
    for name, work in rows.items():
        if machines[name].batch is not None:
            fixed_batch_faults(machines[name], work, problem, faults)
        else:
            _fixed_overlaps(name, work, machines[name].capacity, faults)


def _fixed_overlaps(machine: str, work: list[Fixed], capacity: int, faults: Faults) -> None:
    running: list[Fixed] = []
    for row in sorted(work, key=lambda row: (row.start, row.end)):
        running = [other for other in running if other.end > row.start]
        running.append(row)
        if len(running) > capacity:
            names = ", ".join(f"{other.job}/{other.operation}" for other in running)
            faults.add("fixed_overlap", f"fixed work overlaps: {names}", f"machine {machine!r}")
