"""Right shift: keep machines and order, start everything as soon as it goes but never before planned."""

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, Ints, State
from gonghe.engines.planning.kernel.insertion import ONE
from gonghe.engines.planning.kernel.jit import entry
from gonghe.engines.planning.kernel.timetable import find_gap, open_end, open_start, setup_between


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
) -> None:
    """Fill start and end (O each) of the right-shifted schedule.

    `order` lists the operations by planned start, predecessors first; `s` holds only reservations and fixed
    work; `work` are the seconds each operation really takes. Offer windows are not looked at.
    `last` and `free` are scratch space, (L).
    """
    for lane in range(s.held.size):
        last[lane] = -2
        free[lane] = -INFINITY
    for k in range(order.size):
        op = order[k]
        if d.ops[op].fixed:
            start[op] = s.ops[op].start
            end[op] = s.ops[op].end
            continue
        job, lane, site = d.ops[op].job, d.modes[mode[op]].lane, d.modes[mode[op]].site
        ready = max(planned[op], d.begin, d.jobs[job].release)
        for p in range(d.ops[op].pred, d.ops[op + 1].pred):
            before = d.preds[p]
            ready = max(ready, end[before] + d.travel[d.modes[mode[before]].site, site] + d.waits[p])
        source = d.jobs[job].source
        if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
            ready = max(ready, d.jobs[job].release + d.travel[source, site])
        if last[lane] >= 0:
            ready = max(ready, free[lane])
            need = setup_between(d, lane, last[lane], op)
            if need > 0:
                begin = open_start(d, lane, free[lane], need, ONE)
                ready = max(ready, open_end(d, lane, begin, need))
        start[op], end[op], _ = find_gap(d, s, lane, op, ready, work[op], INFINITY)
        last[lane] = op
        free[lane] = end[op]
