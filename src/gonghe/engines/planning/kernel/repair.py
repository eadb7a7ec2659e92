"""Right shift: keep machines and order, start everything as soon as it goes but never before planned."""

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, Ints, State
from gonghe.engines.planning.kernel.insertion import ONE
from gonghe.engines.planning.kernel.jit import entry, inner
from gonghe.engines.planning.kernel.timetable import find_gap, open_end, open_start, setup_between
from gonghe.engines.planning.kernel.transport import arrive_late


@inner
def _claim(d: Data, units: Ints, mode: int, ready: int) -> int:
    """When the needs of a mode are free, from `ready` on.

    `units` holds for every unit of every pool when it is free; those that are free first are taken (marked
    INFINITY until `_hold` says when they are free again).
    """
    kind = d.modes[mode].extra
    for k in range(d.terms[kind].need0, d.terms[kind].need1):
        pool = d.terms[k].pool
        first = d.terms[pool].unit
        for _ in range(d.terms[k].units):
            best = first
            for unit in range(first, first + d.terms[pool].size):
                if units[unit] < units[best]:
                    best = unit
            if units[best] < INFINITY:
                ready = max(ready, units[best])
            units[best] = INFINITY
    return ready


@inner
def _hold(d: Data, units: Ints, mode: int, end: int) -> None:
    kind = d.modes[mode].extra
    for k in range(d.terms[kind].need0, d.terms[kind].need1):
        pool = d.terms[k].pool
        first = d.terms[pool].unit
        for unit in range(first, first + d.terms[pool].size):
            if units[unit] == INFINITY:
                units[unit] = end


@entry
def shift(
    d: Data,
    s: State,
    order: Ints,
    mode: Ints,
    planned: Ints,
    work: Ints,
    start: Ints,
    end: Ints,
    last: Ints,
    free: Ints,
    units: Ints,
) -> None:
    """Fill start and end (O each) of the right-shifted schedule.

    `order` lists the operations by planned start, predecessors first; `s` holds only reservations and fixed
    work; `work` are the seconds each operation really takes. Offer windows are not looked at, and
    after the last pick-up transport leaves at once.
    `last` and `free` (L), `units` (of all pools) are scratch space.
    """
    for lane in range(s.held.size):
        last[lane] = -2
        free[lane] = -INFINITY
    for unit in range(units.size):
        units[unit] = -INFINITY
    for k in range(order.size):
        op = order[k]
        if d.ops[op].fixed:
            start[op] = s.ops[op].start
            end[op] = s.ops[op].end
            _claim(d, units, mode[op], start[op])
            _hold(d, units, mode[op], end[op])
            continue
        job, lane, site = d.ops[op].job, d.modes[mode[op]].lane, d.modes[mode[op]].site
        ready = max(planned[op], d.begin, d.jobs[job].release)
        for p in range(d.ops[op].pred, d.ops[op + 1].pred):
            before = d.preds[p].op
            origin, rested = d.modes[mode[before]].site, end[before] + d.preds[p].wait
            ready = max(ready, arrive_late(d, origin, site, rested))
        source = d.jobs[job].source
        if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
            ready = max(ready, arrive_late(d, source, site, max(d.begin, d.jobs[job].release)))
        if last[lane] >= 0:
            ready = max(ready, free[lane])
            need = setup_between(d, lane, last[lane], op)
            if need > 0:
                low, high = d.lanes[lane].break0, d.lanes[lane].break1
                begin = open_start(d, low, high, free[lane], need, ONE)
                ready = max(ready, open_end(d, low, high, begin, need))
        ready = _claim(d, units, mode[op], ready)
        low, high = d.lanes[lane].break0, d.lanes[lane].break1
        kind = d.modes[mode[op]].extra
        if kind:
            low, high = d.terms[kind].break0, d.terms[kind].break1
        start[op], end[op], _ = find_gap(d, s, lane, op, ready, work[op], INFINITY, low, high, kind)
        _hold(d, units, mode[op], end[op])
        last[lane] = op
        free[lane] = end[op]
