# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see
"""List scheduling for makespan: one operation after the other goes to the end of a machine's queue.

Operations that wait are served by start minus a part of the work that must follow, so that long jobs go
first; of the alternatives the one that ends first counts, where long work there counts as later.
"""

from __future__ import annotations

from typing import NamedTuple

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, Ints
from gonghe.engines.planning.kernel.jit import entry, hot, inner


class Draft(NamedTuple):
    """A schedule under construction."""

    mode: Ints  # (O)
    start: Ints  # (O)
    tail: Ints  # (O) least work from the operation's start to its job's end
    left: Ints  # (O) predecessors that are not planned yet
    free: Ints  # (L) when a lane is free
    heap: Ints  # (O) operations that may be planned, the smallest key on top
    key: Ints  # (O)


@hot
def _sift_up(t: Draft, place: int) -> None:
    op = t.heap[place]
    while place > 0 and t.key[t.heap[(place - 1) >> 1]] > t.key[op]:
        t.heap[place] = t.heap[(place - 1) >> 1]
        place = (place - 1) >> 1
    t.heap[place] = op


@hot
def _sift_down(t: Draft, size: int) -> None:
    op, place = t.heap[0], 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and t.key[t.heap[child + 1]] < t.key[t.heap[child]]:
            child += 1
        if t.key[t.heap[child]] >= t.key[op]:
            break
        t.heap[place] = t.heap[child]
        place = child
    t.heap[place] = op


@inner
def _begin(d: Data, t: Draft) -> int:
    """Fill `tail`, `left` and the heap; returns the size of the heap."""
    size = 0
    for lane in range(t.free.size):
        t.free[lane] = d.begin
    for op in range(t.mode.size):
        t.tail[op] = 0
        t.key[op] = -INFINITY
    for op in range(t.mode.size - 1, -1, -1):
        least = INFINITY
        for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
            least = min(least, d.modes[mode].work)
        t.tail[op] += least
        for k in range(d.ops[op].pred, d.ops[op + 1].pred):
            t.tail[d.preds[k].op] = max(t.tail[d.preds[k].op], t.tail[op])
        t.left[op] = d.ops[op + 1].pred - d.ops[op].pred
        if t.left[op] == 0:
            t.heap[size] = op
            size += 1
    return size


@hot
def _arrival(d: Data, t: Draft, op: int, mode: int) -> int:
    job, site = d.ops[op].job, d.modes[mode].site
    ready = max(d.begin, d.jobs[job].release)
    if d.jobs[job].source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        ready += d.travel[d.jobs[job].source, site]
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        before = d.preds[k].op
        held = d.modes[t.mode[before]]
        ready = max(ready, t.start[before] + held.work + d.travel[held.site, site])
    return ready


@inner
def _choose(d: Data, t: Draft, op: int, dear: int) -> None:
    """Mode and start of an operation at the end of a queue; `dear`: per cent that its work counts more."""
    best = INFINITY
    for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
        start = max(_arrival(d, t, op, mode), t.free[d.modes[mode].lane])
        value = 100 * start + (100 + dear) * d.modes[mode].work
        if value < best:
            best, t.mode[op], t.start[op] = value, mode, start


@inner
def _release(d: Data, t: Draft, op: int, size: int) -> int:
    """Put the successors that wait for nothing else on the heap; returns its size."""
    for after in range(op + 1, d.jobs[d.ops[op].job + 1].first):
        for k in range(d.ops[after].pred, d.ops[after + 1].pred):
            if d.preds[k].op != op:
                continue
            t.left[after] -= 1
            if t.left[after] == 0:
                t.heap[size] = after
                _sift_up(t, size)
                size += 1
    return size


@entry
def dispatch(d: Data, t: Draft, pull: int, dear: int) -> int:
    """Plan all operations; returns the latest end.

    `pull`: per mille of the work that must follow which counts against the start. Starts only grow while
    lanes fill, so a key on the heap is looked at again only when it comes to the top.
    """
    size, span = _begin(d, t), 0
    while size > 0:
        op = t.heap[0]
        _choose(d, t, op, dear)
        key = 1000 * t.start[op] - pull * t.tail[op]
        if key > t.key[op]:
            t.key[op] = key
            _sift_down(t, size)
            continue
        size -= 1
        t.heap[0] = t.heap[size]
        _sift_down(t, size)
        end = t.start[op] + d.modes[t.mode[op]].work
        t.free[d.modes[t.mode[op]].lane] = end
        span = max(span, end)
        size = _release(d, t, op, size)
    return span
