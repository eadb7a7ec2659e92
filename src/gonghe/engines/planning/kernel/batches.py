"""Batches: neighbours on a lane that start and end together, and what they miss to the least size."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import Data, State
from gonghe.engines.planning.kernel.jit import inner


@inner
def gather(d: Data, s: State, lane: int, pos: int) -> tuple[int, int, int]:
    """Last + 1 entry of the batch that begins at a position, its size, and 1 when it holds fixed work."""
    stop = d.lanes[lane].first + s.held[lane]
    start, end, size, fixed = s.slots[pos].start, s.slots[pos].end, 0, 0
    while pos < stop and s.slots[pos].start == start and s.slots[pos].end == end and s.slots[pos].what >= 0:
        what = s.slots[pos].what
        size += d.terms[d.modes[s.ops[what].mode].extra].bulk
        fixed |= d.ops[what].fixed
        pos += 1
    return pos, size, fixed


@inner
def shortage(least: int, size: int) -> int:
    """What a batch of a size misses; no batch misses nothing."""
    return max(0, least - size) if size > 0 else 0


@inner
def missing(d: Data, s: State, op: int, mode: int, pos: int) -> int:
    """How much more batches miss when an operation (not in its lane) comes to its place, a position.

    A batch that holds fixed work misses nothing: it runs as it is.
    """
    lane, kind = d.modes[mode].lane, d.modes[mode].extra
    base = d.lanes[lane].first
    start, end = s.ops[op].start, s.ops[op].end
    while pos > base and s.slots[pos - 1].start == start and s.slots[pos - 1].end == end:
        pos -= 1
    size, fixed = 0, 0
    if pos < base + s.held[lane] and s.slots[pos].start == start and s.slots[pos].end == end:
        _, size, fixed = gather(d, s, lane, pos)
    if fixed:
        return 0
    least = d.terms[kind].least
    return shortage(least, size + d.terms[kind].bulk) - shortage(least, size)
