"""Right shift: keep machines and order, start everything as soon as it goes but never before planned."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

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


@inner
def _begun(
    d: Data, s: State, order: Ints, k: int, stop: int, mode: Ints, start: Ints, end: Ints, units: Ints
) -> int:
    """Keep what is fixed of `order[k:stop]` where it is; the last such one, -1 without any."""
    lead = -1
    for j in range(k, stop):
        op = order[j]
        if d.ops[op].fixed:
            start[op] = s.ops[op].start
            end[op] = s.ops[op].end
            _claim(d, units, mode[op], start[op])
            _hold(d, units, mode[op], end[op])
            lead = op
    return lead


@inner
def _mates(d: Data, order: Ints, mode: Ints, planned: Ints, k: int) -> int:
    """Last + 1 in the order of those that are planned in one batch with the one at `k`."""
    op, stop = order[k], k + 1
    if d.terms[d.modes[mode[op]].extra].most == 0:
        return stop
    lane = d.modes[mode[op]].lane
    while (
        stop < order.size and planned[order[stop]] == planned[op] and d.modes[mode[order[stop]]].lane == lane
    ):
        stop += 1
    return stop


@inner
def _ready(d: Data, op: int, mode: Ints, planned: Ints, end: Ints) -> int:
    """When the parts of an operation are there, not before it is planned."""
    job, site = d.ops[op].job, d.modes[mode[op]].site
    ready = max(planned[op], d.begin, d.jobs[job].release)
    for p in range(d.ops[op].pred, d.ops[op + 1].pred):
        before = d.preds[p].op
        origin, rested = d.modes[mode[before]].site, end[before] + d.preds[p].wait
        ready = max(ready, arrive_late(d, origin, site, rested))
    source = d.jobs[job].source
    if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        ready = max(ready, arrive_late(d, source, site, max(d.begin, d.jobs[job].release)))
    return ready


@inner
def _free(d: Data, op: int, lane: int, last: int, free: int) -> int:
    """When a lane is free and set up after the last operation on it (-2: none)."""
    if last < 0:
        return -INFINITY
    need = setup_between(d, lane, last, op)
    if need == 0:
        return free
    low, high = d.lanes[lane].break0, d.lanes[lane].break1
    return open_end(d, low, high, open_start(d, low, high, free, need, ONE), need)


@inner
def _span(
    d: Data, s: State, order: Ints, k: int, stop: int, mode: Ints, work: Ints, ready: int
) -> tuple[int, int]:
    """Earliest common start of `order[k:stop]` (what is not fixed) and the latest of their ends."""
    begin, until, moved = ready, -INFINITY, True
    while moved:
        begun, until = begin, -INFINITY
        for j in range(k, stop):
            op = order[j]
            if d.ops[op].fixed:
                continue
            lane, kind = d.modes[mode[op]].lane, d.modes[mode[op]].extra
            low, high = d.lanes[lane].break0, d.lanes[lane].break1
            if kind:
                low, high = d.terms[kind].break0, d.terms[kind].break1
            begin, end, _ = find_gap(d, s, lane, op, begin, work[op], INFINITY, low, high, kind)
            until = max(until, end)
        moved = begin > begun and stop > k + 1
    return begin, until


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

    `order` lists the operations by planned start, predecessors first and batches
    side by side (a batch starts and ends together); `s` holds only reservations and fixed
    work; `work` are the seconds each operation really takes. Offer windows are not looked at, and
    after the last pick-up transport leaves at once.
    `last` and `free` (L), `units` (of all pools) are scratch space.
    """
    for lane in range(s.held.size):
        last[lane] = -2
        free[lane] = -INFINITY
    for unit in range(units.size):
        units[unit] = -INFINITY
    k = 0
    while k < order.size:
        stop = _mates(d, order, mode, planned, k)
        lane, ready = d.modes[mode[order[k]]].lane, -INFINITY
        lead = _begun(d, s, order, k, stop, mode, start, end, units)
        for j in range(k, stop):
            op = order[j]
            if not d.ops[op].fixed:
                ready = max(ready, _ready(d, op, mode, planned, end))
                ready = max(ready, _free(d, op, lane, last[lane], free[lane]))
        for j in range(k, stop):
            if not d.ops[order[j]].fixed:
                ready = _claim(d, units, mode[order[j]], ready)
        if ready > -INFINITY:
            if lead >= 0 and ready <= start[lead]:
                begin, until = start[lead], end[lead]
            else:
                begin, until = _span(d, s, order, k, stop, mode, work, ready)
            for j in range(k, stop):
                op = order[j]
                if not d.ops[op].fixed:
                    start[op], end[op] = begin, until
                    _hold(d, units, mode[op], until)
                    last[lane], free[lane] = op, until
        k = stop
