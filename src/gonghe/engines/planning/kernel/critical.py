# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see
"""Tabu search for makespan: move one operation of a critical path to its best place on any of its machines.

The neighbourhood is that of Mastrolilli & Gambardella, "Effective neighbourhood functions for the flexible
job shop problem" (2000), with transport on the job arcs. It needs problems without calendars, reservations,
windows, set-ups and grid (`pure` in the solver), where a schedule is a sequence per machine.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, Ints
from gonghe.engines.planning.kernel.jit import entry, hot, inner

LAST_RESORT = INFINITY >> 1  # value of a tabu move, taken only when nothing else is left


class Graph(NamedTuple):
    """Sequences per machine and the longest paths through them."""

    seq: Ints  # operations of all lanes in their order (room as in `Data.lanes`)
    held: Ints  # (L)
    pos: Ints  # (O) place in `seq`
    mode: Ints  # (O)
    work: Ints  # (O) seconds in that mode
    site: Ints  # (O) site of that mode
    prev: Ints  # (O) operation in front on the lane or -1
    next: Ints  # (O) operation behind on the lane or -1
    head: Ints  # (O) longest path from the start to the operation
    tail: Ints  # (O) longest path from its end to the end
    order: Ints  # (O) a topological order
    rank: Ints  # (O) place in that order
    stained: Ints  # (O) by rank: 1 where a length must be computed again; all 0 between moves
    moved: Ints  # (O) iteration at which the operation was last moved behind another in the order
    scratch: Ints  # (O)
    after_ptr: Ints  # (O+1) successors within the job
    after: Ints
    ends: Ints  # operations without a successor in their job
    tabu: Ints  # (M) iteration until which a mode must not be taken
    best_mode: Ints  # (O)
    best_head: Ints  # (O)
    sums: Ints  # (4) makespan, best makespan, iteration, iteration of the best
    random: Any  # (1) uint64


@inner
def _draw(g: Graph, n: int) -> int:
    x = g.random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    g.random[0] = x
    taken: Any = np.int64((x >> np.uint64(11)) % np.uint64(n))
    return taken


@hot
def _ready(d: Data, g: Graph, op: int, mode: int) -> tuple[int, int]:
    """When the parts of an operation are there, and when they would be without the last way."""
    job, site = d.ops[op].job, d.modes[mode].site
    bare = max(d.begin, d.jobs[job].release)
    ready = bare
    source = d.jobs[job].source
    if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        ready += d.travel[source, site]
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        before = d.preds[k].op
        end = g.head[before] + g.work[before]
        bare = max(bare, end)
        ready = max(ready, end + d.travel[g.site[before], site])
    return ready, bare


@hot
def _rest(d: Data, g: Graph, op: int, mode: int) -> tuple[int, int]:
    """Longest path from the end of an operation over its job, and the same without the first way."""
    site, rest, bare = d.modes[mode].site, 0, 0
    target = d.jobs[d.ops[op].job].dest
    if target >= 0 and d.ops[op].next == 0:
        rest = d.travel[site, target]
    for k in range(g.after_ptr[op], g.after_ptr[op + 1]):
        after = g.after[k]
        length = g.tail[after] + g.work[after]
        bare = max(bare, length)
        rest = max(rest, length + d.travel[site, g.site[after]])
    return rest, bare


@hot
def _head(d: Data, g: Graph, op: int) -> int:
    head, _ = _ready(d, g, op, g.mode[op])
    before = g.prev[op]
    return max(head, _end(g, before)) if before >= 0 else head


@hot
def _tail(d: Data, g: Graph, op: int) -> int:
    tail, _ = _rest(d, g, op, g.mode[op])
    behind = g.next[op]
    return max(tail, g.tail[behind] + g.work[behind]) if behind >= 0 else tail


@hot
def _end(g: Graph, op: int) -> int:
    return g.head[op] + g.work[op]


@inner
def _span(d: Data, g: Graph) -> int:
    """The makespan, from the heads."""
    most = 0
    for k in range(g.ends.size):
        op = g.ends[k]
        rest, _ = _rest(d, g, op, g.mode[op])
        most = max(most, _end(g, op) + rest)
    return most


@inner
def _measure(d: Data, g: Graph, order: Ints) -> int:
    """Fill heads and tails from a topological order; returns the makespan."""
    for k in range(order.size):
        op = order[k]
        g.order[k] = op
        g.rank[op] = k
        g.head[op] = _head(d, g, op)
    for k in range(order.size - 1, -1, -1):
        g.tail[g.order[k]] = _tail(d, g, g.order[k])
    return _span(d, g)


@inner
def _reorder(d: Data, g: Graph, op: int) -> None:
    """Bring the topological order in line with the new place of an operation.

    After Pearce & Kelly, "A dynamic topological sort algorithm for directed acyclic graphs" (2006): only
    the stretch between its first successor and its last predecessor changes; in it, what follows the
    operation goes behind it.
    """
    after, before = g.prev[op], g.next[op]
    last = g.rank[after] if after >= 0 else -1
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        last = max(last, g.rank[d.preds[k].op])
    first = g.rank[before] if before >= 0 else g.order.size
    for k in range(g.after_ptr[op], g.after_ptr[op + 1]):
        first = min(first, g.rank[g.after[k]])
    if last < g.rank[op] < first:
        return
    low, high = min(first, g.rank[op]), max(last, g.rank[op])
    for k in range(low, high + 1):
        g.scratch[k] = g.order[k]
    write, behind = low, low  # `scratch` from `low` to `behind` holds what goes behind the operation
    g.moved[op] = g.sums[2]
    for k in range(low, last + 1):
        other = g.scratch[k]
        if k >= first and _follows(d, g, other):
            g.moved[other] = g.sums[2]
            g.scratch[behind] = other
            behind += 1
        elif other != op:
            write = _rank(g, other, write)
    write = _rank(g, op, write)
    for k in range(low, behind):
        write = _rank(g, g.scratch[k], write)
    for k in range(max(low, last + 1), high + 1):
        if g.scratch[k] != op:
            write = _rank(g, g.scratch[k], write)


@hot
def _rank(g: Graph, op: int, place: int) -> int:
    g.order[place] = op
    g.rank[op] = place
    return place + 1


@hot
def _follows(d: Data, g: Graph, op: int) -> bool:
    """Whether an operation has a predecessor that was moved in this iteration."""
    follows = g.prev[op] >= 0 and g.moved[g.prev[op]] == g.sums[2]
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        follows |= g.moved[d.preds[k].op] == g.sums[2]
    return follows


@hot
def _stain(g: Graph, op: int) -> int:
    """Note that a length must be computed again; returns how many notes that adds."""
    if op < 0 or g.stained[g.rank[op]] == 1:
        return 0
    g.stained[g.rank[op]] = 1
    return 1


@hot
def _stain_behind(g: Graph, op: int) -> int:
    added = _stain(g, g.next[op])
    for k in range(g.after_ptr[op], g.after_ptr[op + 1]):
        added += _stain(g, g.after[k])
    return added


@hot
def _stain_in_front(d: Data, g: Graph, op: int) -> int:
    added = _stain(g, g.prev[op])
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        added += _stain(g, d.preds[k].op)
    return added


@inner
def _renew(d: Data, g: Graph, op: int, front: int, behind: int) -> int:
    """Heads and tails after an operation was moved away from between `front` and `behind`; the makespan."""
    left = _stain(g, op) + _stain(g, behind) + _stain_behind(g, op)
    k = min(g.rank[op], g.rank[behind]) if behind >= 0 else g.rank[op]
    while left > 0:
        if g.stained[k] == 1:
            g.stained[k] = 0
            left -= 1
            other = g.order[k]
            head = _head(d, g, other)
            if head != g.head[other]:
                g.head[other] = head
                left += _stain_behind(g, other)
        k += 1
    left = _stain(g, op) + _stain(g, front) + _stain_in_front(d, g, op)
    k = max(g.rank[op], g.rank[front]) if front >= 0 else g.rank[op]
    while left > 0:
        if g.stained[k] == 1:
            g.stained[k] = 0
            left -= 1
            other = g.order[k]
            tail = _tail(d, g, other)
            if tail != g.tail[other]:
                g.tail[other] = tail
                left += _stain_in_front(d, g, other)
        k -= 1
    return _span(d, g)


@inner
def _critical_path(d: Data, g: Graph, path: Ints) -> int:
    """Fill `path` with a random critical path, last operation first; returns its length."""
    seen, op = 0, -1
    for k in range(g.ends.size):
        other = g.ends[k]
        rest, _ = _rest(d, g, other, g.mode[other])
        if _end(g, other) + rest == g.sums[0]:
            seen += 1
            if _draw(g, seen) == 0:
                op = other
    length = 0
    while op >= 0:
        path[length] = op
        length += 1
        op = _critical_before(d, g, op)
    return length


@inner
def _critical_before(d: Data, g: Graph, op: int) -> int:
    """A predecessor that an operation starts right after, -1 when there is none."""
    seen, found = 0, -1
    before = g.prev[op]
    if before >= 0 and _end(g, before) == g.head[op]:
        seen, found = 1, before
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        other = d.preds[k].op
        if _end(g, other) + d.travel[g.site[other], g.site[op]] == g.head[op]:
            seen += 1
            if _draw(g, seen) == 0:
                found = other
    return found


@hot
def _window(d: Data, g: Graph, op: int, mode: int, ready: int, rest: int) -> tuple[int, int]:
    """First and last place in `seq` (counted with the operation taken out) that cannot make a cycle.

    `ready` and `rest` are without transport: the way to another machine may be longer than the one the
    heads hold.
    """
    lane = d.modes[mode].lane
    base, size = d.lanes[lane].first, g.held[lane]
    low, high = base, base + size
    while low < high:
        middle = (low + high) >> 1
        if _end(g, g.seq[middle]) > ready:
            high = middle
        else:
            low = middle + 1
    first = low
    low, high = base, base + size
    while low < high:
        middle = (low + high) >> 1
        other = g.seq[middle]
        if g.tail[other] + g.work[other] > rest:
            low = middle + 1
        else:
            high = middle
    last = low
    if d.modes[g.mode[op]].lane == lane:
        first -= 1 if g.pos[op] < first else 0
        last -= 1 if g.pos[op] < last else 0
    return first, max(first, last)


@hot
def _best_place(d: Data, g: Graph, op: int, mode: int, limit: int) -> tuple[int, int]:
    """Place in `seq` (with the operation taken out) and estimated longest path through it there.

    Place -1 when there is none, or every path would be longer than `limit`.
    """
    lane, work = d.modes[mode].lane, d.modes[mode].work
    ready, bare_ready = _ready(d, g, op, mode)
    rest, bare_rest = _rest(d, g, op, mode)
    best, best_value, ties = -1, INFINITY, 0
    if ready + work + rest > limit:
        return best, best_value
    base, size, own = d.lanes[lane].first, g.held[lane], INFINITY
    if d.modes[g.mode[op]].lane == lane:
        size -= 1
        own = g.pos[op]
    first, last = _window(d, g, op, mode, bare_ready, bare_rest)
    end = -INFINITY
    for place in range(min(first, own) if own < INFINITY else first, last + 1):
        # `end`: when the lane is free at this place, recomputed where the operation itself stood in front
        if place > base:
            before = g.seq[place - 1] if place - 1 < own else g.seq[place]
            if place - 1 < own:
                end = _end(g, before)
            else:
                arrival, _ = _ready(d, g, before, g.mode[before])
                end = max(end, arrival) + g.work[before]
        if place < first or (place == own and mode == g.mode[op]):
            continue
        value = max(ready, end) + work
        follow = rest
        if place < base + size:
            behind = g.seq[place] if place < own else g.seq[place + 1]
            follow = max(follow, g.tail[behind] + g.work[behind])
        value += follow
        if value < best_value:
            best, best_value, ties = place, value, 1
        elif value == best_value:
            ties += 1
            if _draw(g, ties) == 0:
                best = place
    return best, best_value


@inner
def _move(d: Data, g: Graph, op: int, mode: int, place: int) -> None:
    """Take an operation out and put it at `place` (counted without it) of the lane of `mode`."""
    lane = d.modes[g.mode[op]].lane
    _link(g, g.prev[op], g.next[op])
    stop = d.lanes[lane].first + g.held[lane] - 1
    for k in range(g.pos[op], stop):
        g.seq[k] = g.seq[k + 1]
        g.pos[g.seq[k]] = k
    g.held[lane] -= 1
    lane = d.modes[mode].lane
    for k in range(d.lanes[lane].first + g.held[lane], place, -1):
        g.seq[k] = g.seq[k - 1]
        g.pos[g.seq[k]] = k
    g.held[lane] += 1
    _put(d, g, op, mode, place)
    _link(g, g.seq[place - 1] if place > d.lanes[lane].first else -1, op)
    _link(g, op, g.seq[place + 1] if place + 1 < d.lanes[lane].first + g.held[lane] else -1)


@inner
def _put(d: Data, g: Graph, op: int, mode: int, place: int) -> None:
    g.seq[place] = op
    g.pos[op] = place
    g.mode[op] = mode
    g.work[op] = d.modes[mode].work
    g.site[op] = d.modes[mode].site


@inner
def _link(g: Graph, front: int, behind: int) -> None:
    """Make two operations neighbours on their lane (-1: the lane's end)."""
    if front >= 0:
        g.next[front] = behind
    if behind >= 0:
        g.prev[behind] = front


@inner
def _choose(d: Data, g: Graph, path: Ints, length: int, wild: bool) -> tuple[int, int, int]:
    """Operation, mode and place of the best move that is not tabu (any move when `wild`)."""
    best_op, best_mode, best_place, best_value, ties = -1, -1, -1, INFINITY, 0
    for k in range(length):
        op = path[k]
        for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
            banned = g.tabu[mode] > g.sums[2]
            limit = INFINITY if wild or best_value >= LAST_RESORT else best_value
            if banned and limit < INFINITY:
                limit = min(limit, g.sums[1] - 1)
            place, value = _best_place(d, g, op, mode, limit)
            if place < 0:
                continue
            if wild:
                value = 0
            elif banned and value >= g.sums[1]:
                value = LAST_RESORT + g.tabu[mode]
            if value < best_value:
                best_op, best_mode, best_place, best_value, ties = op, mode, place, value, 1
            elif value == best_value:
                ties += 1
                if _draw(g, ties) == 0:
                    best_op, best_mode, best_place = op, mode, place
    return best_op, best_mode, best_place


@inner
def _keep(d: Data, g: Graph) -> None:
    g.sums[1] = g.sums[0]
    g.sums[3] = g.sums[2]
    for op in range(g.mode.size):
        g.best_mode[op] = g.mode[op]
        g.best_head[op] = g.head[op]


@entry
def adopt(d: Data, g: Graph, mode: Ints, order: Ints) -> int:
    """Take over modes and the order of starts; returns the makespan."""
    for lane in range(g.held.size):
        g.held[lane] = 0
    for k in range(order.size):
        op = order[k]
        lane = d.modes[mode[op]].lane
        place = d.lanes[lane].first + g.held[lane]
        _put(d, g, op, mode[op], place)
        g.next[op] = -1
        g.prev[op] = -1
        if g.held[lane] > 0:
            _link(g, g.seq[place - 1], op)
        g.held[lane] += 1
    g.sums[0] = _measure(d, g, order)
    if g.sums[0] < g.sums[1]:
        _keep(d, g)
    return g.sums[0]


@entry
def tabu(d: Data, g: Graph, iterations: int, wild: int, tenure: int, path: Ints) -> int:
    """Search `iterations` moves, the first `wild` of them at random; returns the best makespan.

    `path` is scratch space (O).
    """
    for turn in range(iterations):
        g.sums[2] += 1
        length = _critical_path(d, g, path)
        op, mode, place = _choose(d, g, path, length, turn < wild)
        if op < 0:
            break
        g.tabu[g.mode[op]] = g.sums[2] + tenure + _draw(g, tenure)
        front, behind = g.prev[op], g.next[op]
        _move(d, g, op, mode, place)
        _reorder(d, g, op)
        g.sums[0] = _renew(d, g, op, front, behind)
        if g.sums[0] < g.sums[1]:
            _keep(d, g)
    return g.sums[1]
