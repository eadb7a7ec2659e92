"""Makespan bound from the load of the machines: even divided at will, the work needs this long."""

from __future__ import annotations

import math

import numpy as np
from ortools.linear_solver import pywraplp

from gonghe.engines.planning.compiled import Compiled
from gonghe.engines.planning.kernel.arrays import INFINITY

LARGEST = 60_000  # modes; beyond it the linear program would take longer than the search


def load_bound(compiled: Compiled) -> int:
    """Bound of a linear program that divides work over machines; beyond `LARGEST`, the horizon's begin.

    Minimise T with sum of shares = 1 per operation and, per machine, sum of share x work <= capacity x open
    time before T; likewise for people and tools, with the units that every way on the machine takes.
    Calendars are relaxed to an always open machine from the horizon's start on, so the bound stays valid.
    """
    d = compiled.data
    machines = np.array(compiled.lane_machine)[d.modes["lane"]]
    if len(machines) == 0 or len(machines) > LARGEST:
        return int(d.begin)
    solver = pywraplp.Solver.CreateSolver("GLOP")
    span = solver.NumVar(0, solver.infinity(), "span")
    loads = [
        solver.Constraint(-solver.infinity(), 0) for _ in range(max(compiled.lane_machine, default=-1) + 1)
    ]
    for machine in compiled.lane_machine:
        loads[machine].SetCoefficient(span, loads[machine].GetCoefficient(span) - 1)
    pools = {}
    for resource in compiled.problem.resources:
        pools[resource.id] = solver.Constraint(-solver.infinity(), 0)
        pools[resource.id].SetCoefficient(span, -resource.capacity)
    for op in range(len(d.ops) - 1):
        if d.ops[op].fixed:
            continue
        one = solver.Constraint(1, 1)
        works: dict[int, int] = {}
        parts: dict[int, float] = {}  # what it fills of a batch
        needs: dict[int, dict[str, int]] = {}
        for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
            machine = int(machines[mode])
            works[machine] = min(works.get(machine, INFINITY), int(d.modes[mode].work))
            kind = d.terms[d.modes[mode].extra]
            parts[machine] = int(kind.bulk) / int(kind.most) if kind.most else 1
            units = dict(compiled.units[mode])
            kept = needs.get(machine, units)
            needs[machine] = {name: min(n, kept[name]) for name, n in units.items() if name in kept}
        for machine, work in works.items():
            share = solver.NumVar(0, 1, "")
            one.SetCoefficient(share, 1)
            loads[machine].SetCoefficient(share, work * parts[machine])
            for name, units_taken in needs[machine].items():
                pools[name].SetCoefficient(share, work * units_taken)
    solver.Minimize(span)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return int(d.begin)
    # a relative slack covers the solver's rounding
    return int(d.begin + math.ceil(span.solution_value() * (1 - 1e-7) - 1e-6))
