"""What a job costs and takes when it has the machines to itself: the floor under every schedule."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, Ints, State
from gonghe.engines.planning.kernel.insertion import ZERO, choose
from gonghe.engines.planning.kernel.jit import entry, inner


@entry
def alone(d: Data, s: State, rate: int, price: Ints, done: Ints) -> None:
    """Fill price and completion (both J) of the best chain of every job on the empty timetable."""
    for job in range(s.jobs.size):
        price[job], done[job] = choose(d, s, job, rate, ZERO, ZERO)


@inner
def _nearest(d: Data, op: int, site: int, since: Ints, forward: bool) -> int:
    """Least time at a site, by way of any mode of an operation that is at its own at `since` (M)."""
    least = INFINITY
    for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
        other = d.modes[mode].site
        least = min(least, since[mode] + (d.travel[other, site] if forward else d.travel[site, other]))
    return least


@entry
def reach(d: Data, ends: Ints, heads: Ints, tails: Ints, after: Ints) -> None:
    """Fill the earliest start of every mode, and the least time from its end to its job's arrival (M each).

    `ends` are the earliest ends; `after` is scratch space (M).
    """
    for op in range(d.ops.size - 1):
        job = d.ops[op].job
        for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
            site, ready = d.modes[mode].site, d.jobs[job].release
            if d.jobs[job].source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
                ready += d.travel[d.jobs[job].source, site]
            for k in range(d.ops[op].pred, d.ops[op + 1].pred):
                ready = max(ready, _nearest(d, d.preds[k].op, site, ends, True) + d.preds[k].wait)
            heads[mode] = min(ends[mode], max(ready, d.begin, d.modes[mode].early))
            tails[mode] = 0
            if d.ops[op].next == 0 and d.jobs[job].dest >= 0:
                tails[mode] = d.travel[site, d.jobs[job].dest]
    for op in range(d.ops.size - 2, -1, -1):
        for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
            after[mode] = d.modes[mode].work + tails[mode]
        for k in range(d.ops[op].pred, d.ops[op + 1].pred):
            before = d.preds[k].op
            for mode in range(d.ops[before].mode, d.ops[before + 1].mode):
                way = _nearest(d, op, d.modes[mode].site, after, False) + d.preds[k].wait
                tails[mode] = max(tails[mode], way)
