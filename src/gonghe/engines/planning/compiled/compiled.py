"""A problem in the arrays of the compiled core, and the way back to schedules."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from gonghe.engines.model.planning import Assignment, Problem, Schedule
from gonghe.engines.model.planning_needs import Units
from gonghe.engines.planning.compiled.compiler import Compiler
from gonghe.engines.planning.kernel.arrays import (
    INFINITY,
    JOURNAL,
    LABELS,
    LEVELS,
    MOST,
    PLACES,
    SLOTS,
    VALUES,
    Best,
    Data,
    Ints,
    State,
    Table,
)
from gonghe.engines.planning.kernel.timetable import hold
from gonghe.engines.planning.lots import Divided, divide


@dataclass(slots=True)
class Compiled:
    """A problem in arrays, with what is needed to come back. `problem` is the plain one, without lots."""

    divided: Divided
    problem: Problem
    data: Data
    reserved: list[tuple[int, int, int, int]]  # lane, start, end, operation or -1
    fixed_times: dict[int, tuple[int, int]]
    operations: list[tuple[int, int]]  # (job index, operation index) of every row
    bids: list[str | None]  # per mode
    lane_machine: list[int]
    row_of: dict[tuple[str, str], int]
    fixed_fee: int  # price of the set-ups between fixed work
    units: list[Units]  # people and tools per mode
    levels: int  # room for the profiles of all pools

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
            extra = (self.bids[mode], self.units[mode])
            rows.append((job_index, index, Assignment(*key, machine.id, begin, until, *extra)))
        rows.sort(key=lambda item: item[:2])
        return self.divided.in_lots(Schedule(tuple(item[2] for item in rows)))

    def arrays(self, schedule: Schedule, *, as_lanes_allow: bool = True) -> tuple[Ints, Ints, Ints]:
        """Mode, start and end (O each) of a schedule; mode -1 where an operation has no place in it.

        Work on a machine of capacity k gets the first of its lanes that is free; overlapping work has no
        place, unless `as_lanes_allow` is off: then it gets the lane that is free first.
        """
        d = self.data
        mode, start, end = (np.full(len(d.ops) - 1, -1, np.int64) for _ in range(3))
        free_at = [-INFINITY] * (len(d.lanes) - 1)
        batches: dict[int, tuple[int, int]] = {}  # span of the last batch on a lane
        lookup = _Lookup(self)
        for row in sorted(schedule, key=lambda row: (row.start, row.end)):
            op = self.row_of.get(row.key)
            if op is None:
                continue
            fitting = lookup.modes(op, row)
            if as_lanes_allow:
                span = (row.start, row.end)
                fitting = [
                    m
                    for m in fitting
                    if free_at[lookup.lane[m]] <= row.start or batches.get(lookup.lane[m]) == span
                ]
            else:
                fitting.sort(key=lambda m: max(free_at[lookup.lane[m]], row.start))
            if fitting:
                mode[op], start[op], end[op] = fitting[0], row.start, row.end
                lane = lookup.lane[fitting[0]]
                free_at[lane] = row.end
                if self.problem.machines[self.lane_machine[lane]].batch:
                    batches[lane] = (row.start, row.end)
        return mode, start, end

    def new_state(self, seed: int) -> State:
        """An empty schedule that holds only reservations and fixed work."""
        d = self.data
        jobs, operations, modes = len(d.jobs) - 1, len(d.ops) - 1, len(d.modes)
        room = int(d.lanes["first"][-1])
        batches = int(any(machine.batch for machine in self.problem.machines))
        state = State(
            slots=np.zeros(room, SLOTS),
            held=np.zeros(len(d.lanes) - 1, np.int64),
            levels=np.zeros(self.levels, LEVELS),
            ops=np.zeros(operations, PLACES),
            jobs=np.zeros(jobs, VALUES),
            labels=np.zeros(modes, LABELS),
            picks=np.zeros((3, operations), np.int64),
            random=np.array([scramble(seed)], np.uint64),
            sums=np.zeros(4 + 2 * len(self.problem.share_caps) + batches, np.int64),
            scratch=np.zeros((6, MOST), np.int64),
        )
        state.sums[3] = self.fixed_fee
        state.ops["mode"] = -1
        state.jobs["late_at"] = -1
        state.labels["value"] = INFINITY
        for lane, start, end, operation in self.reserved:
            state.slots[int(d.lanes["first"][lane] + state.held[lane])] = (start, end, operation)
            state.held[lane] += 1
        for row, (start, end) in self.fixed_times.items():
            mode = d.ops["mode"][row]
            state.ops[row] = (start, end, mode)
            if d.modes["extra"][mode]:
                hold(d, state, row, mode, 1)
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


class _Lookup:
    """Finds the modes that assignments mean; plain lists, because reading single records is slow."""

    def __init__(self, compiled: Compiled) -> None:
        modes, machines = compiled.data.modes, compiled.problem.machines
        self.bids, self.units = compiled.bids, compiled.units
        self.first: list[int] = compiled.data.ops["mode"].tolist()
        self.lane: list[int] = modes["lane"].tolist()
        self.machine = [machines[index].id for index in compiled.lane_machine]
        self.early, self.planned, self.price = (
            modes[name].tolist() for name in ("early", "planned", "price")
        )

    def modes(self, op: int, row: Assignment) -> list[int]:
        """Modes of an operation that an assignment can mean, as planned before moved, cheap before dear."""
        found = [
            mode
            for mode in range(self.first[op], self.first[op + 1])
            if self.machine[self.lane[mode]] == row.machine
            and row.bid in (None, self.bids[mode])
            and row.resources in ((), self.units[mode])
            and self.early[mode] <= row.start
        ]
        return sorted(found, key=lambda mode: (self.planned[mode] != row.start, self.price[mode]))


def scramble(seed: int) -> int:
    """A well mixed non-zero 64-bit number from any seed (splitmix64)."""
    x = (seed + 0x9E3779B97F4A7C15) & (2**64 - 1)
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return (x ^ (x >> 31)) or 1


def compile_problem(problem: Problem) -> Compiled:
    """Arrays of a problem; lines run in the lots that are settled, others as one."""
    with _no_collector():
        divided = divide(problem)
        return _compile(divided, Compiler(divided.problem))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Hundreds of thousands of small objects that live on would be walked through time and again."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _compile(divided: Divided, parts: Compiler) -> Compiled:
    problem, data = parts.problem, parts.data()
    return Compiled(
        divided=divided,
        problem=problem,
        data=data,
        reserved=parts.reserved,
        fixed_times={parts.row_of[row.key]: (row.start, row.end) for row in problem.fixed},
        operations=parts.operations,
        bids=[row.bid for row in parts.modes],
        lane_machine=parts.lanes.machines,
        row_of=parts.row_of,
        fixed_fee=_fixed_fee(data, parts.reserved),
        units=[row.units for row in parts.modes],
        levels=parts.terms.room,
    )


def _fixed_fee(d: Data, reserved: list[tuple[int, int, int, int]]) -> int:
    """Price of the set-ups on lanes that hold only reservations and fixed work."""
    total, last = 0, -1
    family = -1
    for lane, _, _, op in reserved:
        table = int(d.lanes[lane].fee)
        if table < 0:
            continue
        if lane != last:
            last, family = lane, int(d.lanes[lane].family)
        after = int(d.ops[op].family) if op >= 0 else -1
        if family >= 0 and after >= 0:
            total += int(d.setups[table, family, after])
        family = after
    return total
