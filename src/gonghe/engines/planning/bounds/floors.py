"""Lower bounds: no valid schedule is cheaper or earlier than these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gonghe.engines.planning.compiled.compiled import Compiled
from gonghe.engines.planning.compiled.compiler import SECONDS_PER_HOUR
from gonghe.engines.planning.kernel.arrays import COST, FLOW, INFINITY, MAKESPAN, UNPLACED, Data, Ints
from gonghe.engines.planning.kernel.bounds import alone


@dataclass(frozen=True, slots=True)
class Floors:
    """Least price (in the core's units) and earliest completion of every job by itself, J each.

    `ends` are the earliest ends of all modes, M.
    """

    price: Ints
    done: Ints
    ends: Ints


def job_floors(compiled: Compiled) -> Floors:
    """Floors of all jobs, from relaxations that hold for any graph.

    Earliest completion: every operation takes, for each mode, the earliest end over the modes of its
    predecessors on a timetable that holds only calendars, reservations and fixed work, without family set-
    ups. Least price: cheapest chain of modes and fares; where work splits, the cheapest modes without fares
    (a path price would count the work before the split twice).
    """
    d = compiled.data
    jobs = d.jobs[:-1]
    free = d._replace(lanes=d.lanes.copy(), ops=d.ops.copy(), move_price=0)
    free.lanes["setup"] = -1
    free.lanes["fee"] = -1
    free.ops["next"] = np.minimum(d.ops["next"], 1)
    quick = free._replace(modes=d.modes.copy(), fare=np.zeros_like(d.fare))
    quick.modes["price"] = 0
    state = compiled.new_state(0)
    price, done, unused = (np.zeros(len(jobs), np.int64) for _ in range(3))
    alone(quick, state, 1, unused, done)
    ends = np.where(state.labels["value"] == INFINITY, INFINITY, state.labels["end"])
    alone(free, state, 0, price, unused)
    splits = np.zeros(len(jobs), bool)
    splits[d.ops["job"][:-1][d.ops["next"][:-1] > 1]] = True
    if splits.any():
        least = np.minimum.reduceat(d.modes["price"], d.ops["mode"][:-1])
        price = np.where(splits, np.add.reduceat(least, jobs["first"]), price)
    impossible = (done >= INFINITY) | (price >= INFINITY)
    price = np.where(impossible, UNPLACED, price + _late_price(d, done))
    return Floors(price, done, ends)


def _late_price(d: Data, done: Ints) -> Ints:
    if d.objective == MAKESPAN:
        return np.zeros_like(done)
    jobs = d.jobs[:-1]
    if d.objective == FLOW:
        return np.asarray(done - jobs["release"])
    late = np.where(jobs["due"] >= INFINITY, 0, done - np.minimum(jobs["due"], 1 << 50))
    return np.asarray(np.maximum(0, late) * jobs["rate"])


def lower_bound(compiled: Compiled, floors: Floors) -> int:
    """Bound in units of the objective, from the jobs' floors (and the machines' load for makespan)."""
    if compiled.data.objective == MAKESPAN:
        from gonghe.engines.planning.bounds.load import load_bound

        return load_bound(compiled, floors.ends, int(floors.done.max()))
    unit = SECONDS_PER_HOUR if compiled.data.objective == COST else 1
    return sum(-(-int(price) // unit) for price in floors.price)
