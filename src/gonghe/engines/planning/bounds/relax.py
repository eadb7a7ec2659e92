"""Lower bounds for lateness, flow and cost: jobs planned alone, while the hours of machines have prices.

Lagrangian relaxation of the machines' capacity (D. J. Hoitomt, P. B. Luh and K. R. Pattipati, IEEE
Transactions on Robotics and Automation 9, 1993). With prices p >= 0 per machine and bucket of time, the sum
over all jobs of the least "price of the plan + p x hours it takes" minus the sum of p x hours there are is a
bound for any p: a valid schedule takes no more hours than there are, so it costs at least as much. Each job
alone is solved exactly by dynamic programming over ways, machines and slots of time; with the best p the
bound is that of the linear program whose columns are all plans of all jobs. Prices are raised where the
plans take too much and lowered where they leave hours over (a subgradient step).

Time is rounded down to slots: floor(end) >= floor(start) + floor(work) and likewise for ways and rests, so
every schedule in seconds has an image in slots that ends no later and takes no more slots of a machine than
are not closed from end to end. Left out, which can only lower the bound: set-ups, people and tools, longest
lags, limits, moves away from a plan in force, work across reservations; where work splits, all but one of
the ways on are left to the earliest time, and of several last operations only one counts as late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gonghe.engines.model.planning_hours import merged
from gonghe.engines.planning.bounds.features import foreign
from gonghe.engines.planning.bounds.floors import Floors
from gonghe.engines.planning.compiled.compiled import Compiled
from gonghe.engines.planning.compiled.compiler import SECONDS_PER_HOUR
from gonghe.engines.planning.compiled.tables import offsets, table
from gonghe.engines.planning.kernel.arrays import COST, FLOW, INFINITY, MAKESPAN, UNPLACED, Ints
from gonghe.engines.planning.kernel.relax import (
    NEVER,
    Z_ARCS,
    Z_CHOICES,
    Z_JOBS,
    Z_OPS,
    Prices,
    Slotted,
    plan_alone,
)

COARSE, FINE = 600, 3_000  # slots in which rounds begin and end, at most
CELLS = 60_000_000  # pairs of choices x slots of a round, at most
BUCKETS = 96
FEWEST = 150  # slots below which the rounding would eat the bound
CELLS_PER_ITERATION = 800  # so many take a third of the time of an iteration of the search
SETTLED = 3e-4  # length of step at which nothing is gained any more
PATIENCE = 3  # rounds without a better bound before steps get shorter
GROWTH, SHRINKING = 1.3, 0.66
RESUMED = 2e-3  # length of steps after slots were made shorter
MOST_NEW = 0.2  # part of the newest plans in the mean

Numbers = NDArray[np.float64]


@dataclass(slots=True)
class Relaxation:
    """Prices of hours that are changed round by round, and the best bound so far (units of the core).

    The steps are those of the volume algorithm (F. Barahona and R. Anbil, Mathematical Programming 87,
    2000): from the best prices along the mean of what recent plans take too much.
    """

    slotted: Slotted
    prices: Prices
    room: Numbers
    pairs: int
    best: float = -NEVER
    reach: float = 0.06
    stale: int = 0
    rates: Numbers = field(init=False)
    kept: Numbers = field(init=False)
    mean: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self.rates, self.kept = np.zeros_like(self.room), np.zeros_like(self.room)
        self.best = self._value()
        self.mean = self.prices.used.astype(float)

    def round(self, target: float) -> float:
        """Price the hours anew and return the best bound; `target` is the price of a known schedule."""
        way = self.mean - self.room
        way[(self.kept <= 0) & (way < 0)] = 0
        norm = float((way**2).sum())
        if norm <= 0:
            return self.best
        step = self.reach * max(target - self.best, 0.05 * abs(target)) / norm
        self.rates = np.maximum(0.0, self.kept + step * way)
        value = self._value()
        fresh = self.prices.used - self.room
        self._mix(fresh)
        if value > self.best:
            if float((way * fresh).sum()) > 0:
                self.reach = min(2.0, self.reach * GROWTH)
            self.best, self.kept, self.stale = value, self.rates, 0
        else:
            self.stale += 1
            if self.stale >= PATIENCE:
                self.stale, self.reach = 0, self.reach * SHRINKING
        return self.best

    @property
    def cells(self) -> int:
        """Work of a round."""
        return self.pairs * int(self.slotted.opened.shape[1])

    def take_over(self, other: Relaxation) -> None:
        """Begin with the prices of another relaxation, whose slots are longer or shorter."""
        self.rates = other.kept * (self.slotted.slot / other.slotted.slot)
        self.kept = self.rates
        self.best = max(other.best, self._value())
        self.mean = self.prices.used.astype(float)
        self.reach = RESUMED

    def _mix(self, fresh: Numbers) -> None:
        """Move the mean towards the newest plans, by the part that leaves the least excess."""
        old = self.mean - self.room
        apart = float(((fresh - old) ** 2).sum())
        part = float((old * (old - fresh)).sum()) / apart if apart > 0 else 0.0
        part = min(MOST_NEW, max(MOST_NEW / 10, part))
        self.mean += part * (self.prices.used - self.mean)

    def _value(self) -> float:
        z, p = self.slotted, self.prices
        paid = np.repeat(self.rates, np.diff(z.bucket), axis=1) * np.diff(z.opened, axis=1)
        p.paid[:, 1:] = np.cumsum(paid, axis=1)
        total = plan_alone(z, p)
        if total >= NEVER:
            return 0.0
        spent = float((self.rates * self.room).sum())
        # sums of floats: leave out what rounding could have added
        return total - spent - 1e-9 * (abs(total) + spent) - 1e-6


class Rising:
    """Rounds between the blocks of a search, first with few slots, then with many.

    `until` is the last second of a known schedule: the slots reach a little beyond it.
    """

    def __init__(self, compiled: Compiled, floors: Floors, until: int) -> None:
        d = compiled.data
        self.unit = SECONDS_PER_HOUR if d.objective == COST else 1
        self.left = 0
        self.fine = False
        self.rows: _Rows | None = None
        self.now: Relaxation | None = None
        if d.objective == MAKESPAN or len(d.modes) * 4 * FEWEST > CELLS:
            return
        if (floors.price >= UNPLACED).any() or foreign(compiled.problem):
            return
        self.rows = _Rows(compiled, floors, until)
        self.now = self.rows.build(COARSE)

    def after(self, iterations: int, target: int) -> int:
        """Bound after so many more iterations of the search, whose best price is `target`; 0 without one."""
        if target >= UNPLACED:
            return 0
        self.left += iterations * CELLS_PER_ITERATION
        while self.now is not None and self.left >= self.now.cells:
            self.left -= self.now.cells
            self.now.round(float(target))
            if self.now.reach < SETTLED:
                if self.fine:
                    break
                self._refine()
        if self.now is None:
            return 0
        if self.fine and self.now.reach < SETTLED:
            self.left = 0
        return max(0, math.ceil(self.now.best / self.unit))

    def _refine(self) -> None:
        assert self.rows is not None
        assert self.now is not None
        self.fine = True
        finer = self.rows.build(FINE)
        if finer is not None and finer.room.shape == self.now.room.shape:
            finer.take_over(self.now)
            self.now = finer


class _Rows:
    """Builds the slotted tables of a problem."""

    def __init__(self, compiled: Compiled, floors: Floors, until: int) -> None:
        self.until = until
        self.compiled, self.d, self.floors = compiled, compiled.data, floors
        d = self.d
        starts = [max(d.begin, int(d.jobs["release"][:-1].min()))]
        starts += [end for _, end in compiled.fixed_times.values()]
        self.begin = min(starts)
        self.machine = np.array(compiled.lane_machine)[d.modes["lane"]]
        self.arcs = _forest(compiled)
        # plain lists: reading single fields of record arrays is slow
        self.modes = {name: d.modes[name].tolist() for name in ("site", "work", "early", "late", "price")}
        self.ops = {name: d.ops[name].tolist() for name in ("mode", "job", "pred", "fixed")}
        self.jobs = {name: d.jobs[name].tolist() for name in ("source", "dest")}
        self.ways, self.fares = d.travel.tolist(), d.fare.tolist()

    def build(self, slots: int) -> Relaxation | None:
        """Tables of at most so many slots, or None when a round would take too long."""
        pairs = self._pairs()
        most = min(slots, CELLS // max(1, pairs))
        span = max(1, int(1.05 * (self.until - self.begin)))
        if most < FEWEST:
            return None
        unit = self._unit()
        slot = unit * -(-span // (unit * most))
        last = -(-span // slot)
        z = self._slotted(slot, last)
        room = self._room(z, last)
        machines, buckets = room.shape
        widest = int(np.diff(z.ops["choice"][z.jobs["first"]]).max())
        operations = len(z.ops) - 1
        prices = Prices(
            used=np.zeros((machines, buckets), np.int64),
            paid=np.zeros((machines, last + 1)),
            least=np.zeros((widest, last + 1)),
            since=np.zeros((widest, last + 1), np.int32),
            base=np.zeros(last + 1),
            picks=np.zeros(operations, np.int64),
            until=np.zeros(operations, np.int64),
        )
        return Relaxation(z, prices, room, pairs)

    def _pairs(self) -> int:
        sizes = np.diff(self.d.ops["mode"])
        return int(
            sum(n * (3 + sum(sizes[a] for a, _ in arcs)) for n, arcs in zip(sizes, self.arcs, strict=True))
        )

    def _unit(self) -> int:
        """The largest slot that rounds nothing."""
        d, machines = self.d, self.compiled.problem.machines
        values = [d.modes["work"], d.travel.ravel(), d.preds["wait"], d.jobs["release"][:-1] - self.begin]
        values += [np.array(m.breaks, np.int64).ravel() - self.begin for m in machines if m.breaks]
        values += [np.array(m.reserved, np.int64).ravel() - self.begin for m in machines if m.reserved]
        values += [np.array([*pair]) - self.begin for pair in self.compiled.fixed_times.values()]
        early = d.modes["early"][d.modes["early"] > -INFINITY]
        values.append(early - self.begin)
        return max(1, math.gcd(*(int(np.gcd.reduce(v)) for v in values if len(v))))

    def _slotted(self, slot: int, last: int) -> Slotted:
        d = self.d
        opened, where, clear = self._calendars(slot, last)
        first, choices = self._choices(slot, last)
        flat = [arc for arcs in self.arcs for arc in arcs]
        flow = d.objective == FLOW
        jobs = {
            "first": d.jobs["first"],
            "due": d.jobs["release"] if flow else d.jobs["due"],
            "rate": np.ones(len(d.jobs), np.int64) if flow else d.jobs["rate"],
        }
        jobs["rate"] = np.where(jobs["due"] >= INFINITY, 0, jobs["rate"])
        ops = {
            "choice": first,
            "pred": offsets(len(arcs) for arcs in self.arcs),
            "resumable": d.ops["resumable"],
            "sink": self._sinks(),
        }
        arcs = {"op": [a for a, _ in flat], "wait": [w for _, w in flat]}
        return Slotted(
            jobs=table(Z_JOBS, len(d.jobs), jobs),
            ops=table(Z_OPS, len(d.ops), ops),
            arcs=table(Z_ARCS, len(flat), arcs),
            choices=table(Z_CHOICES, len(choices["machine"]), choices),
            ways=d.travel,
            fares=d.fare,
            opened=opened,
            where=where,
            clear=clear,
            bucket=np.unique(np.linspace(0, last, min(BUCKETS, last) + 1).astype(np.int64)),
            slot=slot,
            begin=self.begin,
        )

    def _choices(self, slot: int, last: int) -> tuple[Ints, dict[str, list[int]]]:
        """First choice of every operation and the columns of all; ways that differ in nothing are one."""
        rows: list[tuple[int, ...]] = []
        first = [0]
        for op, ready in enumerate(self._ready()):
            known: dict[tuple[int, ...], tuple[int, ...]] = {}
            for mode in range(self.ops["mode"][op], self.ops["mode"][op + 1]):
                row = self._choice(op, mode, ready, slot, last)
                key = (*row[:6], *row[7:])
                if key not in known or row[6] < known[key][6]:
                    known[key] = row
            rows += known.values()
            first.append(len(rows))
        names = ("machine", "site", "work", "early", "late", "fixed", "price", "arrive", "deliver")
        return np.array(first), {name: [row[i] for row in rows] for i, name in enumerate(names)}

    def _ready(self) -> list[int]:
        """Second from which every operation can start, by its release and the earliest ends before it."""
        d = self.d
        ends = np.minimum.reduceat(self.floors.ends, d.ops["mode"][:-1])
        ready = np.maximum(d.begin, d.jobs["release"][d.ops["job"][:-1]])
        after = np.repeat(np.arange(len(ready)), np.diff(d.ops["pred"]))
        np.maximum.at(ready, after, ends[d.preds["op"]] + d.preds["wait"])
        found: list[int] = ready.tolist()
        return found

    def _choice(self, op: int, mode: int, ready: int, slot: int, last: int) -> tuple[int, ...]:
        m, job = self.modes, self.ops["job"][op]
        site, source, target = m["site"][mode], self.jobs["source"][job], self.jobs["dest"][job]
        early, price = max(m["early"][mode], ready), m["price"][mode]
        if source >= 0 and self.ops["pred"][op] == self.ops["pred"][op + 1]:
            early += self.ways[source][site]
            price += self.fares[source][site]
        late = min(last, (m["late"][mode] - self.begin) // slot)
        fixed = -1
        if self.ops["fixed"][op]:
            fixed, late = (self.compiled.fixed_times[op][1] - self.begin) // slot, last
        arrive, deliver = (self.ways[site][target], self.fares[site][target]) if target >= 0 else (0, 0)
        early = min(last, max(0, (early - self.begin) // slot))
        work = m["work"][mode] // slot
        return (int(self.machine[mode]), site, work, early, late, fixed, price, arrive, deliver)

    def _sinks(self) -> Ints:
        """2 for operations that nothing follows, 1 for the one of each job that at best is done last."""
        d = self.d
        sinks = np.where(d.ops["next"][:-1] == 0, 2, 0)
        ends = np.minimum.reduceat(self.floors.ends, d.ops["mode"][:-1])
        for first, until in zip(d.jobs["first"][:-1], d.jobs["first"][1:], strict=True):
            last = np.flatnonzero(sinks[first:until]) + first
            sinks[last[np.argmax(ends[last])]] = 1
        return sinks

    def _calendars(self, slot: int, last: int) -> tuple[Any, Any, Any]:
        machines = self.compiled.problem.machines
        opened = np.zeros((len(machines), last + 1), np.int64)
        where = np.full((len(machines), last), last, np.int64)
        clear = np.zeros((len(machines), last + 1), np.int64)
        for index, machine in enumerate(machines):
            is_open, is_free = np.ones(last, bool), np.ones(last + 1, bool)
            for start, end in merged(machine.breaks):
                low, high = self._inside(start, end, slot)
                is_open[low:high] = False
            for start, end in (*merged(machine.breaks), *merged(machine.reserved)):
                low, high = (max(0, (time - self.begin) // slot) for time in (start, end))
                is_free[low:high] = False
            opened[index, 1:] = np.cumsum(is_open)
            found = np.flatnonzero(is_open)
            where[index, : len(found)] = found
            is_free[last] = False
            blocked = np.flatnonzero(~is_free)
            clear[index] = blocked[np.searchsorted(blocked, np.arange(last + 1))]
        return opened, where, clear

    def _inside(self, start: int, end: int, slot: int) -> tuple[int, int]:
        """Slots that lie in an interval from end to end."""
        return max(0, -((self.begin - start) // slot)), max(0, (end - self.begin) // slot)

    def _room(self, z: Slotted, last: int) -> Numbers:
        """Slots that movable work can take, by machine and bucket."""
        machines = self.compiled.problem.machines
        free = np.diff(z.opened, axis=1) * np.array([[machine.capacity] for machine in machines])
        for index, machine in enumerate(machines):
            for start, end in merged(machine.reserved):
                low, high = (max(0, (time - self.begin) // z.slot) for time in (start, end))
                free[index, low:high] = 0
        for op, (start, end) in self.compiled.fixed_times.items():
            low, high = (max(0, (time - self.begin) // z.slot) for time in (start, end))
            free[int(self.machine[self.d.ops["mode"][op]]), low:high] -= 1
        return np.add.reduceat(np.maximum(free, 0), z.bucket[:-1], axis=1).astype(float)


def _forest(compiled: Compiled) -> list[list[tuple[int, int]]]:
    """Predecessors (and rests after them) of every operation such that each hands over to one at most."""
    d = compiled.data
    before, wait, first = d.preds["op"].tolist(), d.preds["wait"].tolist(), d.ops["pred"].tolist()
    arcs: list[list[tuple[int, int]]] = []
    taken: set[int] = set()
    for low, high in pairwise(first):
        arcs.append([(before[k], wait[k]) for k in range(low, high) if before[k] not in taken])
        taken.update(before[low:high])
    return arcs
