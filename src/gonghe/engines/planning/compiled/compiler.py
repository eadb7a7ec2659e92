"""From a `Problem` to the tables of the compiled core."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Job,
    Lag,
    Machine,
    Operation,
    Problem,
)
from gonghe.engines.model.planning_hours import merged
from gonghe.engines.model.planning_limits import allowed_modes
from gonghe.engines.model.planning_needs import Units
from gonghe.engines.planning.compiled.tables import ints, offsets, table
from gonghe.engines.planning.compiled.terms import Kind, Terms
from gonghe.engines.planning.kernel.arrays import (
    ARCS,
    COST,
    FLOW,
    INFINITY,
    JOBS,
    LANES,
    MAKESPAN,
    MODES,
    OPS,
    TARDINESS,
    Data,
)

NO_LAG = Lag()
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
    units: Units = ()
    money: int = 0
    size: int = 0  # of what a batch holds, 0 on machines without batches
    load: int = -1  # seconds in which somebody must be there, -1 for work that is not unattended


def order_operations(job: Job) -> list[int]:
    """Indexes of a job's operations so that each comes after its predecessors."""
    if all(operation.after is None for operation in job.operations):
        return list(range(len(job.operations)))
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
            lanes_of = self.of[row.machine]  # those of a batch go on the same one
            alone = len(lanes_of) == 1
            lane = next(lane for lane in lanes_of if alone or free_at[lane] <= row.start)
            free_at[lane] = row.end
            lanes[row.key] = lane
        return lanes


class Compiler:
    """Builds the arrays table by table."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.code = CODES[problem.objective]
        self.unit = SECONDS_PER_HOUR if self.code == COST else 1
        self.sites = {name: index for index, name in enumerate(problem.sites)}
        self.lanes = Lanes(problem)
        self.places = {
            machine.id: [(lane, self.sites[machine.site]) for lane in self.lanes.of[machine.id]]
            for machine in problem.machines
        }
        self.special = any(machine.batch or machine.unattended for machine in problem.machines)
        self.terms = Terms(problem)
        self.fixed_lane = self.lanes.place_fixed(problem)
        self.fixed = {row.key: row for row in problem.fixed}
        self.reference = {row.key: row for row in problem.reference}
        self.operations = [
            (number, index) for number, job in enumerate(problem.jobs) for index in order_operations(job)
        ]
        self.row_of = {
            (problem.jobs[j].id, problem.jobs[j].operations[i].id): row
            for row, (j, i) in enumerate(self.operations)
        }
        self.rows = [self._rows(number, index) for number, index in self.operations]
        self.modes = [row for group in self.rows for row in group]
        self.reserved = self._reserved()

    def data(self) -> Data:
        """The tables of the core."""
        fields = self._jobs() | self._operations() | self._lane_tables() | self._sites()
        fields |= self._modes()
        return Data(
            **fields,
            objective=self.code,
            begin=self.problem.horizon_start,
            grid=self.problem.grid,
            scale=SCALE[self.code],
            move_price=self.problem.move_cost * self.unit,
            priced=int(self.code == COST or bool(self.reference)),
            toll=0,
            pickups=int(bool(self.problem.pickups)),
        )

    def _rows(self, number: int, index: int) -> list[Row]:
        """The modes of an operation on lanes; fixed work has exactly one."""
        job = self.problem.jobs[number]
        operation = job.operations[index]
        key = (job.id, operation.id)
        if key in self.fixed:
            return [self._fixed_row(self.fixed[key], job, index)]
        planned = self.reference.get(key)
        plain = planned is None and not operation.needs and not job.excluded
        if plain and not self.special:
            rows = self._plain_rows(operation)
            if rows is not None:
                return rows
        rows = []
        for mode in allowed_modes(self.problem, job, operation):
            machine = self.problem.machines[self.lanes.machines[self.lanes.of[mode.machine][0]]]
            price = mode.cost * self.unit if self.code == COST else 0
            early = -INFINITY if mode.earliest is None else mode.earliest
            late = INFINITY if mode.latest is None else mode.latest
            site = self.sites[machine.site]
            variants = self._variants(planned, mode.machine, mode.bid, early)
            alone = bool(machine.unattended) and (mode.unattended or operation.unattended)
            more = (operation.size if machine.batch else 0, mode.setup if alone else -1)
            rows += [
                Row(lane, site, mode.work, price + extra, begin, late, ref, mode.bid, units, mode.cost, *more)
                for begin, ref, extra in variants
                for lane in self.lanes.of[mode.machine]
                for units in self.terms.ways(operation.needs_in(mode))
            ]
        return rows

    def _plain_rows(self, operation: Operation) -> list[Row] | None:
        """The modes of an operation without needs, reference and limits; None when a mode has needs."""
        rows = []
        for mode in operation.modes:
            if mode.needs:
                return None
            cost, begin, end, bid = mode.cost, mode.earliest, mode.latest, mode.bid
            early = -INFINITY if begin is None else begin
            late = INFINITY if end is None else end
            price = cost * self.unit if self.code == COST else 0
            work = mode.setup + mode.duration
            for lane, site in self.places[mode.machine]:
                rows.append(Row(lane, site, work, price, early, late, INFINITY, bid, (), cost))
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
        machine = self.problem.machines[self.lanes.machines[lane]]
        site, size = self.sites[machine.site], job.operations[index].size if machine.batch else 0
        price = mode.cost * self.unit if self.code == COST else 0
        units = row.resources or self.terms.ways(job.operations[index].needs_in(mode))[0]
        work = row.end - row.start
        whole = (-INFINITY, INFINITY, INFINITY)
        return Row(lane, site, work, price, *whole, mode.bid, units, mode.cost, size)

    def _jobs(self) -> dict[str, Any]:
        jobs = self.problem.jobs
        rate = [job.lateness_cost_per_hour if self.code == COST else job.weight for job in jobs]
        sets = [self.terms.add_sets(self.problem, job) for job in jobs]
        limited = bool(self.problem.share_caps or self.problem.pickups)
        fields = {
            "first": offsets(len(job.operations) for job in jobs),
            "set0": (first for first, _ in sets),
            "set1": (last for _, last in sets),
            "caps": (self.terms.counted(job) for job in jobs),
            "release": (job.release for job in jobs),
            "due": (INFINITY if job.due is None else job.due for job in jobs),
            "rate": rate,
            "dest": (-1 if job.destination is None else self.sites[job.destination] for job in jobs),
            "source": (-1 if job.source is None else self.sites[job.source] for job in jobs),
            "bound": (int(_is_bound(job) or limited) for job in jobs),
        }
        return {"jobs": table(JOBS, len(jobs) + 1, fields)}

    def _operations(self) -> dict[str, Any]:
        jobs = self.problem.jobs
        families = self._families()
        before = self._arcs()
        after = np.zeros(len(before), np.int64)
        for group in before:
            for row, _ in group:
                after[row] += 1
        chosen = [jobs[j].operations[i] for j, i in self.operations]
        fields = {
            "mode": offsets(len(group) for group in self.rows),
            "job": (j for j, _ in self.operations),
            "resumable": (int(operation.resumable) for operation in chosen),
            "family": (families[operation.family] for operation in chosen),
            "fixed": (int(key in self.fixed) for key in self.row_of) if self.fixed else (),
            "next": after,
            "pred": offsets(len(group) for group in before),
        }
        flat = [arc for group in before for arc in group]
        arcs = {
            "op": [row for row, _ in flat],
            "wait": [lag.minimum for _, lag in flat],
            "span": [longest(lag) for _, lag in flat],
        }
        return {
            "ops": table(OPS, len(before) + 1, fields),
            "preds": table(ARCS, len(flat), arcs),
        }

    def _arcs(self) -> list[list[tuple[int, Lag]]]:
        """Predecessors of every operation (rows) and the lags after them."""
        arcs: list[list[tuple[int, Lag]]] = []
        names: dict[str, tuple[str, ...]] = {}
        rows: dict[str, int] = {}
        number = -1
        for row, (job_index, index) in enumerate(self.operations):
            if job_index != number:
                job = self.problem.jobs[job_index]
                number, names, rows = job_index, job.predecessors(), {}
            operation = job.operations[index]
            rows[operation.id] = row
            lags = operation.lags
            before = dict.fromkeys(names[operation.id])
            arcs.append([(rows[name], lags.get(name, NO_LAG) if lags else NO_LAG) for name in before])
        return arcs

    def _families(self) -> dict[str, int]:
        names = {operation.family for job in self.problem.jobs for operation in job.operations}
        for machine in self.problem.machines:
            names.add(machine.state)
            for pairs in (machine.setups, machine.setup_costs):
                names |= {*pairs, *(after for row in pairs.values() for after in row)}
        return {name: index for index, name in enumerate(sorted(names))}

    def _modes(self) -> dict[str, Any]:
        names = ("lane", "site", "work", "price", "early", "late", "planned")
        fields: dict[str, Any] = dict(zip(names, zip(*self.modes, strict=True), strict=False))
        fields["extra"] = self._extras()
        return {
            "modes": table(MODES, len(self.modes), fields),
            "terms": self.terms.table(self.rows),
            "breaks": self.terms.calendars.table(),
        }

    def _extras(self) -> list[int]:
        """Kind of every mode that needs more than its lane; empty when none does."""
        paid = [self.code == COST and bool(machine.setup_costs) for machine in self.problem.machines]
        caps = bool(self.problem.share_caps)
        special = [bool(row.units) or row.load >= 0 or row.size > 0 for row in self.modes]
        if not caps and not any(paid) and not any(special):
            return []
        machines = [self.lanes.machines[row.lane] for row in self.modes]
        return [
            self.terms.number(self._kind(machine, row)) if own or paid[machine] or caps else 0
            for machine, row, own in zip(machines, self.modes, special, strict=True)
        ]

    def _kind(self, machine: int, row: Row) -> Kind:
        caps = bool(self.problem.share_caps)
        money, seconds = (row.money, row.work) if caps else (0, 0)
        return Kind(machine, row.units, money, seconds, row.load, row.size)

    def _reserved(self) -> list[tuple[int, int, int, int]]:
        """Hard hours of every lane in order: reservations, and fixed work widened to the grid."""
        rows: list[tuple[int, int, int, int]] = []
        for lane, index in enumerate(self.lanes.machines):
            rows += [(lane, start, end, -1) for start, end in merged(self.problem.machines[index].reserved)]
        rows += [(self.fixed_lane[r.key], r.start, r.end, self.row_of[r.key]) for r in self.problem.fixed]
        return _disjoint(sorted(rows))

    def _lane_tables(self) -> dict[str, Any]:
        machines = self.problem.machines
        room = np.bincount(ints([row[0] for row in self.modes]), minlength=len(self.lanes.machines))
        room += np.bincount(ints(row[0] for row in self.reserved), minlength=len(self.lanes.machines)) + 1
        bounds = [self.terms.calendars.of(index, ()) for index in range(len(machines))]
        families = self._families()
        seconds = [(machine.setups, 1) for machine in machines]
        money = self.code == COST
        prices = [(machine.setup_costs if money else {}, self.unit) for machine in machines]
        numbers, setups = self._pairs(seconds + prices)
        fields = {
            "first": offsets(room),
            "break0": (bounds[index][0] for index in self.lanes.machines),
            "break1": (bounds[index][1] for index in self.lanes.machines),
            "setup": (numbers[index] for index in self.lanes.machines),
            "firm": (self.terms.firms[machines[index].organization] for index in self.lanes.machines),
            "fee": (numbers[len(machines) + index] for index in self.lanes.machines),
            "family": (self._first_family(machines[index], families) for index in self.lanes.machines),
        }
        return {
            "lanes": table(LANES, len(self.lanes.machines) + 1, fields),
            "setups": setups,
        }

    def _pairs(
        self, rows: Sequence[tuple[Mapping[str, Mapping[str, int]], int]]
    ) -> tuple[list[int], NDArray[np.int64]]:
        """A table number per row of values and their unit (-1: empty) and the tables by family, (K, F, F)."""
        families = self._families()
        used = [index for index, (pairs, _) in enumerate(rows) if pairs]
        tables = np.zeros((len(used), len(families), len(families)), np.int64)
        numbers = [-1] * len(rows)
        for number, index in enumerate(used):
            numbers[index] = number
            pairs, unit = rows[index]
            for before, row in pairs.items():
                for after, value in row.items():
                    tables[number, families[before], families[after]] = value * unit
        return numbers, tables

    @staticmethod
    def _first_family(machine: Machine, families: dict[str, int]) -> int:
        return families[machine.state] if machine.state else -1

    def _sites(self) -> dict[str, Any]:
        size = len(self.problem.sites)

        def matrix(rows: tuple[tuple[int, ...], ...], unit: int) -> NDArray[np.int64]:
            return np.array(rows, np.int64) * unit if rows else np.zeros((size, size), np.int64)

        fare = self.problem.transport_cost if self.code == COST else ()
        return {"travel": matrix(self.problem.transport_seconds, 1), "fare": matrix(fare, self.unit)}


def _disjoint(rows: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Trim entries of a lane that overlap (reservations under started work), so that lanes stay sorted."""
    result: list[tuple[int, int, int, int]] = []
    until: dict[int, int] = {}
    for lane, start, end, operation in rows:
        if operation >= 0 and result and result[-1][:3] == (lane, start, end) and result[-1][3] >= 0:
            result.append((lane, start, end, operation))  # a batch
            continue
        begin = max(start, until.get(lane, start))
        if begin <= end and (begin < end or operation >= 0):
            result.append((lane, begin, end, operation))
            until[lane] = end
    return result


def longest(lag: Lag) -> int:
    """Most seconds after a predecessor."""
    return INFINITY if lag.maximum is None else lag.maximum


def _is_bound(job: Job) -> bool:
    lags = (lag for operation in job.operations for lag in operation.lags.values())
    return job.most_firms is not None or any(lag.maximum is not None for lag in lags)
