"""Makespan bound from the load of the machines: even divided at will, the work needs this long."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gonghe.engines.model.planning import Interval
from gonghe.engines.model.planning_hours import merged
from gonghe.engines.planning.bounds.features import foreign
from gonghe.engines.planning.compiled.compiled import Compiled
from gonghe.engines.planning.kernel.arrays import INFINITY, Ints
from gonghe.engines.planning.kernel.bounds import reach

LARGEST = 60_000  # modes; beyond it the linear program would take longer than the search
DETAILED = 6_000  # modes up to which late beginners and early enders of a machine get rows of their own
TURNS = 12  # programs solved one after the other, each from the bound of the one before
PARTS = (0.25, 0.5, 0.75)


def load_bound(compiled: Compiled, ends: Ints, reached: int) -> int:
    """Bound of a linear program that divides work over machines; `reached` beyond `LARGEST` modes.

    Minimise T with sum of shares = 1 per operation and, per machine, sum of share x work <= capacity x open
    time between the earliest start of such work and T less the least time from its end to the end of its
    job; likewise for people and tools, with the units that every way on the machine takes. Open time is no
    linear function of T, but from a known bound on it grows by no more than T: the program is solved again
    from its own bound until that rises no more.

    Parameters
    ----------
    ends
        Earliest end of every mode, M.
    reached
        A bound that is known.
    """
    modes = len(compiled.data.modes)
    if modes == 0 or (ends >= INFINITY).all():
        return reached
    heads, tails, after = (np.zeros(modes, np.int64) for _ in range(3))
    reach(compiled.data, ends, heads, tails, after)
    reached = max(reached, pooled_bound(compiled, heads, tails))
    if modes > LARGEST:
        return reached
    program = _Program(compiled, heads, tails)
    for _ in range(TURNS if modes <= DETAILED else 1):
        bound = program.solve(reached)
        if bound <= reached:
            break
        reached = bound
    return reached


def pooled_bound(compiled: Compiled, heads: Ints, tails: Ints) -> int:
    """Least end of all work if any machine could do it, from what cannot be worked on early and late.

    With V the least work of all operations, m the lanes, and h and q the least head and tail of an operation
    of least work v: until a time t no more than A(t) = sum of min(v, t - h) is done, in the last s seconds no
    more than B(s) = sum of min(v, s - q). Where that leaves something, A(t) + B(s) < V, it needs the time
    between, so the end is no earlier than t + s + (V - A(t) - B(s)) / m.

    Parameters
    ----------
    heads, tails
        Earliest start and least time from the end to the end of the job, of every mode (M).
    """
    d = compiled.data
    free = np.flatnonzero(d.ops["fixed"][:-1] == 0)
    if len(free) == 0:
        return int(d.begin)
    first, kinds = d.ops["mode"][:-1], d.terms[d.modes["extra"]]
    filled = np.where(kinds["most"] > 0, kinds["bulk"] / np.maximum(kinds["most"], 1), 1.0)
    work = np.minimum.reduceat(d.modes["work"] * filled, first)[free]
    early = np.minimum.reduceat(heads, first)[free] - d.begin
    late = np.minimum.reduceat(tails, first)[free]
    lanes, whole = len(d.lanes) - 1, float(work.sum())
    done, gain = _progress(early, work, lanes)
    other, best = _progress(late, work, lanes)
    best = np.maximum.accumulate(best)
    room = np.searchsorted(other, whole - done - 1e-3, side="right") - 1
    fits = room >= 0
    if not fits.any():
        return int(d.begin)
    span = whole / lanes + float((gain[fits] + best[room[fits]]).max())
    return int(d.begin) + math.ceil(span * (1 - 1e-9) - 1e-6)


def _progress(heads: Ints, work: Any, lanes: int) -> tuple[Any, Any]:
    """A(t) = sum of min(work, t - head) over the heads before t, and t - A(t) / lanes, at rising times t."""
    times = np.concatenate([[0], heads, heads + work])
    steps = np.concatenate([[0], np.ones(len(heads)), -np.ones(len(heads))])
    order = np.argsort(times, kind="stable")
    times, slopes = times[order], np.cumsum(steps[order])
    done = np.concatenate([[0], np.cumsum(slopes[:-1] * np.diff(times))])
    return done, times - done / lanes


class Hours:
    """Open time of something that has `capacity` units, outside closed hours."""

    def __init__(self, closed: Iterable[Interval], capacity: int) -> None:
        self.closed, self.capacity = merged(closed), capacity
        self.starts = [start for start, _ in self.closed]
        self.before = [0]
        for start, end in self.closed:
            self.before.append(self.before[-1] + end - start)

    def until(self, time: int) -> int:
        """Open time before a time, up to a constant."""
        index = bisect_right(self.starts, time)
        inside = max(0, self.closed[index - 1][1] - time) if index else 0
        return int(time - self.before[index] + inside)

    def between(self, start: int, end: int) -> int:
        """Units x seconds."""
        return self.capacity * (self.until(end) - self.until(start)) if end > start else 0


@dataclass(slots=True)
class _Row:
    """A rule on the load of a machine or pool by work from `head` on, to be done `tail` before the end."""

    rule: Any
    hours: Hours
    head: int
    tail: int


class _Program:
    """The linear program, with right hand sides that move with the known bound."""

    def __init__(self, compiled: Compiled, heads: Ints, tails: Ints) -> None:
        from ortools.linear_solver import pywraplp

        self.compiled, self.d = compiled, compiled.data
        self.optimal = pywraplp.Solver.OPTIMAL
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.span = self.solver.NumVar(0, self.solver.infinity(), "")  # beyond the known bound
        self.machine = np.array(compiled.lane_machine)[self.d.modes["lane"]]
        self.heads, self.tails = heads, tails
        self.rows: list[_Row] = []
        self.lengths: list[Any] = []
        self.detailed = len(self.d.modes) <= DETAILED
        self.foreign = foreign(compiled.problem)
        loads, needs = self._shares()
        calendars = self._calendars()
        for machine, work in loads.items():
            for part in self._parts(work):
                self._add(part, calendars[machine])
        for resource in compiled.problem.resources:
            if needs[resource.id]:
                closed = () if self.foreign else resource.breaks
                self._add(needs[resource.id], Hours(closed, resource.capacity))
        self.solver.Minimize(self.span)

    def solve(self, reached: int) -> int:
        """Bound from a known one."""
        for row in self.rows:
            room = row.hours.between(row.head, reached - row.tail)
            row.rule.SetUb(room)
        for rule in self.lengths:
            rule.SetUb(reached)
        if self.solver.Solve() != self.optimal:
            return reached
        # a relative slack covers the solver's rounding
        more = math.ceil(float(self.span.solution_value()) * (1 - 1e-7) - 1e-4)
        return reached + max(0, more)

    def _shares(self) -> tuple[dict[int, list[Any]], dict[str, list[Any]]]:
        """A share for every machine of an operation: (variable, load, head, tail), by machine and by pool."""
        loads: dict[int, list[Any]] = defaultdict(list)
        pools: dict[str, list[Any]] = defaultdict(list)
        d = self.d
        for op in range(len(d.ops) - 1):
            if d.ops["fixed"][op]:
                continue
            one = self.solver.Constraint(1, 1)
            length = self._length()
            groups: dict[int, list[int]] = defaultdict(list)
            for mode in range(int(d.ops["mode"][op]), int(d.ops["mode"][op + 1])):
                groups[int(self.machine[mode])].append(mode)
            for machine, modes in groups.items():
                share = self.solver.NumVar(0, 1, "")
                one.SetCoefficient(share, 1)
                work = int(d.modes["work"][modes].min())
                head, tail = int(self.heads[modes].min()), int(self.tails[modes].min())
                if length is not None:
                    length.SetCoefficient(share, head + work + tail)
                loads[machine].append((share, work * self._fill(modes), head, tail))
                for name, units in self._common_units(modes).items():
                    pools[name].append((share, work * units, head, tail))
        return loads, pools

    def _length(self) -> Any:
        """A rule that no operation's way through its job outlasts the span, where that is affordable."""
        if not self.detailed:
            return None
        rule = self.solver.Constraint(-self.solver.infinity(), 0)
        rule.SetCoefficient(self.span, -1)
        self.lengths.append(rule)
        return rule

    def _fill(self, modes: list[int]) -> float:
        """Least part of a batch that an operation fills, 1 on machines without batches."""
        kinds = self.d.terms[self.d.modes["extra"][modes]]
        return min((int(kind.bulk) / int(kind.most) for kind in kinds if kind.most), default=1.0)

    def _common_units(self, modes: list[int]) -> dict[str, int]:
        """Units that all modes take."""
        kept = dict(self.compiled.units[modes[0]])
        for mode in modes[1:]:
            units = dict(self.compiled.units[mode])
            kept = {name: min(n, units[name]) for name, n in kept.items() if name in units}
        return kept

    def _parts(self, work: list[Any]) -> list[list[Any]]:
        """All work of a machine, that which begins late, that which needs much time after it."""
        parts = [work]
        if self.detailed:
            for column in (2, 3):
                values = sorted(item[column] for item in work)
                bars = {values[int(len(values) * part)] for part in PARTS} - {values[0]}
                parts += [[item for item in work if item[column] >= bar] for bar in sorted(bars)]
        return parts

    def _add(self, work: list[Any], hours: Hours) -> None:
        rule = self.solver.Constraint(-self.solver.infinity(), 0)
        rule.SetCoefficient(self.span, -hours.capacity)
        for share, load, _, _ in work:
            rule.SetCoefficient(share, rule.GetCoefficient(share) + load)
        self.rows.append(_Row(rule, hours, min(i[2] for i in work), min(i[3] for i in work)))

    def _calendars(self) -> list[Hours]:
        """Hours in which the machines can take work that is not fixed."""
        problem = self.compiled.problem
        if self.foreign:
            return [Hours((), machine.capacity) for machine in problem.machines]
        fixed: dict[str, list[Interval]] = defaultdict(list)
        for row in problem.fixed:
            if row.start < row.end:
                fixed[row.machine].append((row.start, row.end))
        return [
            Hours((*m.breaks, *m.reserved, *(fixed[m.id] if m.capacity == 1 else ())), m.capacity)
            for m in problem.machines
        ]
