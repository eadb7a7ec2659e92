"""Where an operation goes in a mode: a gap of its lane, or a batch that has room."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, State
from gonghe.engines.planning.kernel.batches import gather, shortage
from gonghe.engines.planning.kernel.jit import hot, inner
from gonghe.engines.planning.kernel.pools import free_from
from gonghe.engines.planning.kernel.timetable import find_gap, find_special, open_span, start_from

PATIENCE = 5  # row of the scratch space


@inner
def _joins(d: Data, s: State, op: int, mode: int, pos: int) -> bool:
    """Whether an operation can begin with an entry of its lane and then ends with it."""
    kind, begin, until = d.modes[mode].extra, s.slots[pos].start, s.slots[pos].end
    low, high = d.terms[kind].break0, d.terms[kind].break1
    start, end = open_span(d, kind, low, high, begin, d.modes[mode].work, d.ops[op].resumable)
    return start == begin and end == until and free_from(d, s, mode, start, end) == start


@inner
def find_batch(d: Data, s: State, op: int, mode: int, ready: int, rate: int) -> tuple[int, int, int]:
    """Start, end and position on a batch machine: in a batch of its family, or alone in a new one.

    The earliest end counts; a new batch, and what it misses to the least size, count as much longer as the
    insertion is patient, and filling up a batch that misses something as much shorter.
    """
    lane, kind, late = d.modes[mode].lane, d.modes[mode].extra, d.modes[mode].late
    base, size, least = d.lanes[lane].first, d.terms[kind].bulk, d.terms[kind].least
    patience = (s.scratch[PATIENCE, 0] * d.modes[mode].work) >> 1
    start, end, pos = find_special(d, s, op, mode, ready, rate)
    best = end + patience * (1 + shortage(least, size)) if pos >= 0 else INFINITY
    stop = base + s.held[lane]
    k = start_from(s.slots, base, stop, ready)
    while k < stop and s.slots[k].start - patience * size < best:
        what, at = s.slots[k].what, k
        if what < 0:
            k += 1
            continue
        k, held, fixed = gather(d, s, lane, at)
        alike = d.ops[what].family == d.ops[op].family and held + size <= d.terms[kind].most
        if not alike or s.slots[at].end > late:
            continue
        value = s.slots[at].end
        if fixed == 0:
            value -= patience * (shortage(least, held) - shortage(least, held + size))
        if value < best and _joins(d, s, op, mode, at):
            start, end, pos, best = s.slots[at].start, s.slots[at].end, at, value
    return start, end, pos


@hot
def find_place(d: Data, s: State, op: int, mode: int, ready: int, rate: int) -> tuple[int, int, int]:
    """Start, end and position of an operation in a mode; position -1 when it has none before it is late."""
    kind = d.modes[mode].extra
    if kind:
        if d.terms[kind].most:
            return find_batch(d, s, op, mode, ready, rate)
        return find_special(d, s, op, mode, ready, rate)
    lane, work, late = d.modes[mode].lane, d.modes[mode].work, d.modes[mode].late
    return find_gap(d, s, lane, op, ready, work, late, d.lanes[lane].break0, d.lanes[lane].break1, 0)
