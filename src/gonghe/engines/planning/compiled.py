"""From a `Problem` to the arrays of the compiled core and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gonghe.engines.model.planning import Assignment, Fixed, Interval, Job, Machine, Problem, Schedule
from gonghe.engines.model.planning_rules import merged
from gonghe.engines.planning.kernel.arrays import (
    BREAKS,
    COST,
    FLOW,
    INFINITY,
    JOBS,
    JOURNAL,
    LABELS,
    LANES,
    MAKESPAN,
    MODES,
    MOST,
    OPS,
    PLACES,
    SLOTS,
    TARDINESS,
    VALUES,
    Best,
    Data,
    Ints,
    State,
    Table,
)

CODES = {"cost": COST, "makespan": MAKESPAN, "tardiness": TARDINESS, "flow": FLOW}
SCALE = {COST: 16, MAKESPAN: 1 << 16, TARDINESS: 16, FLOW: 1}
SECONDS_PER_HOUR = (
    3600  # prices of the cost objective are kept in 1/3600 minor units: a rate per hour per second
)


class Row(NamedTuple):
    """A mode on one lane, as the core sees it."""

    lane: int
    site: int
    work: int
    price: int
    early: int
    late: int
    planned: int
    bid: str | None


def ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def offsets(sizes: Iterable[int]) -> Ints:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(ints(sizes), dtype=np.int64)))


def table(kind: np.dtype[np.void], size: int, fields: Mapping[str, Any]) -> Table:
    """A record array; columns shorter than `size` leave the closing row at zero."""
    rows = np.zeros(size, kind)
    for name, values in fields.items():
        column = ints(values)
        rows[name][: len(column)] = column
    return rows.view(np.recarray)


def order_operations(job: Job) -> list[int]:
    """Indexes of a job's operations so that each comes after its predecessors."""
    before = job.predecessors()
    index = {operation.id: number for number, operation in enumerate(job.operations)}
    done: set[int] = set()
    order: list[int] = []
    left = list(range(len(job.operations)))
    while left:
        rest = []
        for number in left:
            if all(index[name] in done for name in before[job.operations[number].id]):
                done.add(number)
                order.append(number)
            else:
                rest.append(number)
        left = rest
    return order


class Lanes:
    """Machines as lanes: one that runs k operations at a time is k lanes."""

    def __init__(self, problem: Problem) -> None:
        self.machines: list[int] = []
        self.of: dict[str, range] = {}
        for index, machine in enumerate(problem.machines):
            self.of[machine.id] = range(len(self.machines), len(self.machines) + machine.capacity)
            self.machines += [index] * machine.capacity

    def place_fixed(self, problem: Problem) -> dict[tuple[str, str], int]:
        """A lane for every fixed assignment, first free first (enough: the problem checked the overlaps)."""
        free_at: dict[int, int] = defaultdict(lambda: -INFINITY)
        lanes: dict[tuple[str, str], int] = {}
        for row in sorted(problem.fixed, key=lambda row: (row.start, row.end)):
            lane = next(lane for lane in self.of[row.machine] if free_at[lane] <= row.start)
            free_at[lane] = row.end
            lanes[row.key] = lane
        return lanes


@dataclass(slots=True)
class Compiled:
    """A problem in arrays, with what is needed to come back."""

    problem: Problem
    data: Data
    reserved: list[tuple[int, int, int, int]]  # lane, start, end, operation or -1
    fixed_times: dict[int, tuple[int, int]]
    operations: list[tuple[int, int]]  # (job index, operation index) of every row
    bids: list[str | None]  # per mode
    lane_machine: list[int]
    row_of: dict[tuple[str, str], int]

    def to_schedule(self, places: Table) -> Schedule:
        """The assignments of a table of places (O), in file order; operations without a mode are left out."""
        rows = []
        fixed = {row.key: row for row in self.problem.fixed}
        lanes = self.data.modes["lane"].tolist()
        for row, (job_index, index) in enumerate(self.operations):
            begin, until, mode = (int(value) for value in places[row])
            if mode < 0:
                continue
            job = self.problem.jobs[job_index]
            machine = self.problem.machines[self.lane_machine[lanes[mode]]]
            key = (job.id, job.operations[index].id)
            if key in fixed:
                begin, until = fixed[key].start, fixed[key].end
            rows.append((job_index, index, Assignment(*key, machine.id, begin, until, self.bids[mode])))
        rows.sort(key=lambda item: item[:2])
        return Schedule(tuple(item[2] for item in rows))

    def arrays(self, schedule: Schedule, *, as_lanes_allow: bool = True) -> tuple[Ints, Ints, Ints]:
        """Mode, start and end (O each) of a schedule; mode -1 where an operation has no place in it.

        Work on a machine of capacity k gets the first of its lanes that is free; overlapping work has no
        place, unless `as_lanes_allow` is off: then it gets the lane that is free first.
        """
        d = self.data
        mode, start, end = (np.full(len(d.ops) - 1, -1, np.int64) for _ in range(3))
        free_at = np.full(len(d.lanes) - 1, -INFINITY, np.int64)
        for row in sorted(schedule, key=lambda row: (row.start, row.end)):
            op = self.row_of.get(row.key)
            if op is None:
                continue
            fitting = self._modes_of(op, row)
            if as_lanes_allow:
                fitting = [m for m in fitting if free_at[d.modes[m].lane] <= row.start]
            else:
                fitting.sort(key=lambda m: max(free_at[d.modes[m].lane], row.start))
            if fitting:
                mode[op], start[op], end[op] = fitting[0], row.start, row.end
                free_at[d.modes[fitting[0]].lane] = row.end
        return mode, start, end

    def _modes_of(self, op: int, row: Assignment) -> list[int]:
        """Modes of an operation that an assignment can mean, as planned before moved, cheap before dear."""
        d = self.data
        names = self.problem.machines
        found = [
            mode
            for mode in range(int(d.ops[op].mode), int(d.ops[op + 1].mode))
            if names[self.lane_machine[int(d.modes[mode].lane)]].id == row.machine
            and row.bid in (None, self.bids[mode])
            and d.modes[mode].early <= row.start
        ]
        return sorted(found, key=lambda mode: (d.modes[mode].planned != row.start, d.modes[mode].price))

    def new_state(self, seed: int) -> State:
        """An empty schedule that holds only reservations and fixed work."""
        d = self.data
        jobs, operations, modes = len(d.jobs) - 1, len(d.ops) - 1, len(d.modes)
        room = int(d.lanes["first"][-1])
        state = State(
            slots=np.zeros(room, SLOTS),
            held=np.zeros(len(d.lanes) - 1, np.int64),
            ops=np.zeros(operations, PLACES),
            jobs=np.zeros(jobs, VALUES),
            labels=np.zeros(modes, LABELS),
            picks=np.zeros((2, operations), np.int64),
            random=np.array([scramble(seed)], np.uint64),
            sums=np.zeros(3, np.int64),
            scratch=np.zeros((5, MOST), np.int64),
        )
        state.ops["mode"] = -1
        state.jobs["late_at"] = -1
        state.labels["value"] = INFINITY
        for lane, start, end, operation in self.reserved:
            state.slots[int(d.lanes["first"][lane] + state.held[lane])] = (start, end, operation)
            state.held[lane] += 1
        for row, (start, end) in self.fixed_times.items():
            state.ops[row] = (start, end, d.ops["mode"][row])
        return state

    def new_best(self, state: State) -> Best:
        jobs = len(self.data.jobs) - 1
        journal = np.ones(jobs, JOURNAL)
        journal["changed"] = np.arange(jobs)
        return Best(
            ops=state.ops.copy(),
            jobs=journal,
            sums=np.array([INFINITY, INFINITY, jobs], np.int64),
        )


def scramble(seed: int) -> int:
    """A well mixed non-zero 64-bit number from any seed (splitmix64)."""
    x = (seed + 0x9E3779B97F4A7C15) & (2**64 - 1)
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return (x ^ (x >> 31)) or 1


class Compiler:
    """Builds the arrays table by table."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.code = CODES[problem.objective]
        self.unit = SECONDS_PER_HOUR if self.code == COST else 1
        self.sites = {name: index for index, name in enumerate(problem.sites)}
        self.lanes = Lanes(problem)
        self.fixed_lane = self.lanes.place_fixed(problem)
        self.fixed = {row.key: row for row in problem.fixed}
        self.reference = {row.key: row for row in problem.reference}
        self.operations = [
            (number, index) for number, job in enumerate(problem.jobs) for index in order_operations(job)
        ]

    def compile(self) -> Compiled:
        rows = [self._rows(number, index) for number, index in self.operations]
        modes = [row for group in rows for row in group]
        reserved = self._reserved()
        fields = self._jobs() | self._operations(rows) | self._modes(modes)
        fields |= self._lane_tables(modes, reserved) | self._sites()
        data = Data(
            **fields,
            objective=self.code,
            begin=self.problem.horizon_start,
            grid=self.problem.grid,
            scale=SCALE[self.code],
            move_price=self.problem.move_cost * self.unit,
            priced=int(self.code == COST or bool(self.reference)),
        )
        keys = [(self.problem.jobs[j].id, self.problem.jobs[j].operations[i].id) for j, i in self.operations]
        row_of = {key: row for row, key in enumerate(keys)}
        times = {row_of[row.key]: (row.start, row.end) for row in self.problem.fixed}
        return Compiled(
            problem=self.problem,
            data=data,
            reserved=reserved,
            fixed_times=times,
            operations=self.operations,
            bids=[row.bid for row in modes],
            lane_machine=self.lanes.machines,
            row_of=row_of,
        )

    def _rows(self, number: int, index: int) -> list[Row]:
        """The modes of an operation on lanes; fixed work has exactly one."""
        job = self.problem.jobs[number]
        operation = job.operations[index]
        key = (job.id, operation.id)
        if key in self.fixed:
            return [self._fixed_row(self.fixed[key], job, index)]
        planned = self.reference.get(key)
        rows: list[Row] = []
        for mode in operation.modes:
            machine = self.problem.machines[self.lanes.machines[self.lanes.of[mode.machine][0]]]
            price = mode.cost * self.unit if self.code == COST else 0
            early = -INFINITY if mode.earliest is None else mode.earliest
            late = INFINITY if mode.latest is None else mode.latest
            site = self.sites[machine.site]
            variants = self._variants(planned, mode.machine, mode.bid, early)
            rows += [
                Row(lane, site, mode.work, price + extra, begin, late, ref, mode.bid)
                for begin, ref, extra in variants
                for lane in self.lanes.of[mode.machine]
            ]
        return rows

    def _variants(
        self, planned: Assignment | None, machine: str, bid: str | None, early: int
    ) -> list[tuple[int, int, int]]:
        """(earliest, planned start, price) of a mode: as planned, moved, or on another machine."""
        if planned is None:
            return [(early, INFINITY, 0)]
        if planned.machine != machine or (planned.bid is not None and planned.bid != bid):
            return [(early, INFINITY, (self.problem.move_cost + self.problem.transfer_cost) * self.unit)]
        moved = (early, INFINITY, self.problem.move_cost * self.unit)
        return [(max(early, planned.start), planned.start, 0), moved]

    def _fixed_row(self, row: Fixed, job: Job, index: int) -> Row:
        mode = next(
            mode
            for mode in sorted(job.operations[index].modes, key=lambda mode: (mode.bid != row.bid, mode.cost))
            if mode.machine == row.machine
        )
        lane = self.fixed_lane[row.key]
        site = self.sites[self.problem.machines[self.lanes.machines[lane]].site]
        price = mode.cost * self.unit if self.code == COST else 0
        return Row(lane, site, row.end - row.start, price, -INFINITY, INFINITY, INFINITY, mode.bid)

    def _jobs(self) -> dict[str, Any]:
        jobs = self.problem.jobs
        rate = [job.lateness_cost_per_hour if self.code == COST else job.weight for job in jobs]
        fields = {
            "first": offsets(len(job.operations) for job in jobs),
            "release": (job.release for job in jobs),
            "due": (INFINITY if job.due is None else job.due for job in jobs),
            "rate": rate,
            "dest": (-1 if job.destination is None else self.sites[job.destination] for job in jobs),
            "source": (-1 if job.source is None else self.sites[job.source] for job in jobs),
        }
        return {"jobs": table(JOBS, len(jobs) + 1, fields)}

    def _operations(self, rows: Sequence[Sequence[Row]]) -> dict[str, Any]:
        jobs = self.problem.jobs
        families = self._families()
        before: list[list[int]] = []
        base, number = 0, -1
        place: dict[str, int] = {}
        for row, (job_index, index) in enumerate(self.operations):
            if job_index != number:
                base, number, place = row, job_index, {}
                names = jobs[job_index].predecessors()
            place[jobs[job_index].operations[index].id] = row
            before.append(
                [place[name] for name in dict.fromkeys(names[jobs[job_index].operations[index].id])]
            )
        del base
        after = np.zeros(len(before), np.int64)
        for group in before:
            for row in group:
                after[row] += 1
        chosen = [jobs[j].operations[i] for j, i in self.operations]
        keys = [(jobs[j].id, jobs[j].operations[i].id) for j, i in self.operations]
        fields = {
            "mode": offsets(len(group) for group in rows),
            "job": (j for j, _ in self.operations),
            "resumable": (int(operation.resumable) for operation in chosen),
            "family": (families[operation.family] for operation in chosen),
            "fixed": (int(key in self.fixed) for key in keys),
            "next": after,
            "pred": offsets(len(group) for group in before),
        }
        return {
            "ops": table(OPS, len(before) + 1, fields),
            "preds": ints(row for group in before for row in group),
        }

    def _families(self) -> dict[str, int]:
        names = {operation.family for job in self.problem.jobs for operation in job.operations}
        for machine in self.problem.machines:
            names |= {machine.state, *machine.setups}
            names |= {after for row in machine.setups.values() for after in row}
        return {name: index for index, name in enumerate(sorted(names))}

    def _modes(self, modes: Sequence[Row]) -> dict[str, Any]:
        names = ("lane", "site", "work", "price", "early", "late", "planned")
        return {
            "modes": table(MODES, len(modes), {name: [getattr(row, name) for row in modes] for name in names})
        }

    def _reserved(self) -> list[tuple[int, int, int, int]]:
        """Hard hours of every lane in order: reservations, and fixed work widened to the grid."""
        keys = {
            (self.problem.jobs[j].id, self.problem.jobs[j].operations[i].id): row
            for row, (j, i) in enumerate(self.operations)
        }
        rows: list[tuple[int, int, int, int]] = []
        for lane, index in enumerate(self.lanes.machines):
            rows += [(lane, start, end, -1) for start, end in merged(self.problem.machines[index].reserved)]
        rows += [(self.fixed_lane[r.key], r.start, r.end, keys[r.key]) for r in self.problem.fixed]
        return _disjoint(sorted(rows))

    def _lane_tables(
        self, modes: Sequence[Row], reserved: Sequence[tuple[int, int, int, int]]
    ) -> dict[str, Any]:
        machines = self.problem.machines
        room = np.bincount(ints(row.lane for row in modes), minlength=len(self.lanes.machines))
        room += np.bincount(ints(row[0] for row in reserved), minlength=len(self.lanes.machines)) + 1
        breaks = [merged(machine.breaks) for machine in machines]
        bounds = offsets(len(rows) for rows in breaks)
        families = self._families()
        tables = {index: number for number, index in enumerate(i for i, m in enumerate(machines) if m.setups)}
        setups = np.zeros((len(tables), len(families), len(families)), np.int64)
        for index, number in tables.items():
            for before, row in machines[index].setups.items():
                for after, seconds in row.items():
                    setups[number, families[before], families[after]] = seconds
        pairs: list[Interval] = [pair for rows in breaks for pair in rows]
        fields = {
            "first": offsets(room),
            "break0": (bounds[index] for index in self.lanes.machines),
            "break1": (bounds[index + 1] for index in self.lanes.machines),
            "setup": (tables.get(index, -1) for index in self.lanes.machines),
            "family": (self._first_family(machines[index], families) for index in self.lanes.machines),
        }
        calendar = {
            "start": (start for start, _ in pairs),
            "end": (end for _, end in pairs),
            "open": _opened(breaks),
        }
        return {
            "lanes": table(LANES, len(self.lanes.machines) + 1, fields),
            "breaks": table(BREAKS, len(pairs), calendar),
            "setups": setups,
        }

    @staticmethod
    def _first_family(machine: Machine, families: dict[str, int]) -> int:
        return families[machine.state] if machine.state else -1

    def _sites(self) -> dict[str, Any]:
        size = len(self.problem.sites)

        def matrix(rows: tuple[tuple[int, ...], ...], unit: int) -> NDArray[np.int64]:
            return np.array(rows, np.int64) * unit if rows else np.zeros((size, size), np.int64)

        fare = self.problem.transport_cost if self.code == COST else ()
        return {"travel": matrix(self.problem.transport_seconds, 1), "fare": matrix(fare, self.unit)}


def _opened(breaks: Sequence[Sequence[Interval]]) -> Iterable[int]:
    for rows in breaks:
        closed = 0
        for start, end in rows:
            yield start - closed
            closed += end - start


def _disjoint(rows: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Trim entries of a lane that overlap (reservations under started work), so that lanes stay sorted."""
    result: list[tuple[int, int, int, int]] = []
    until: dict[int, int] = {}
    for lane, start, end, operation in rows:
        begin = max(start, until.get(lane, start))
        if begin <= end and (begin < end or operation >= 0):
            result.append((lane, begin, end, operation))
            until[lane] = end
    return result


def compile_problem(problem: Problem) -> Compiled:
    """Arrays of a problem."""
    return Compiler(problem).compile()
