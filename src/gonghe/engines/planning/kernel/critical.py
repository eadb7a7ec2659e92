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
from gonghe.engines.planning.kernel.insertion import ONE, ZERO
from gonghe.engines.planning.kernel.jit import entry, hot, inner


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
    degree: Ints  # (O) scratch
    after_ptr: Ints  # (O+1) successors within the job
    after: Ints
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
def _ready(d: Data, g: Graph, op: int, mode: int, travel: int) -> int:
    """When the parts of an operation are there; without the way when `travel` is 0."""
    job, site = d.ops[op].job, d.modes[mode].site
    ready = max(d.begin, d.jobs[job].release)
    source = d.jobs[job].source
    if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        ready += d.travel[source, site] * travel
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        before = d.preds[k].op
        ready = max(ready, g.head[before] + g.work[before] + d.travel[g.site[before], site] * travel)
    return ready


@hot
def _rest(d: Data, g: Graph, op: int, mode: int, travel: int) -> int:
    """Longest path from the end of an operation over its job; without the first way when `travel` is 0."""
    site, rest = d.modes[mode].site, 0
    target = d.jobs[d.ops[op].job].dest
    if target >= 0 and d.ops[op].next == 0:
        rest = d.travel[site, target] * travel
    for k in range(g.after_ptr[op], g.after_ptr[op + 1]):
        after = g.after[k]
        rest = max(rest, g.tail[after] + g.work[after] + d.travel[site, g.site[after]] * travel)
    return rest


@inner
def measure(d: Data, g: Graph) -> int:
    """Fill heads, tails and a topological order; returns the makespan, -1 when the sequences make a cycle."""
    count, ops = 0, g.mode.size
    for op in range(ops):
        g.degree[op] = d.ops[op + 1].pred - d.ops[op].pred
        if g.prev[op] >= 0:
            g.degree[op] += 1
        if g.degree[op] == 0:
            g.order[count] = op
            count += 1
    done = 0
    while done < count:
        op = g.order[done]
        done += 1
        head = _ready(d, g, op, g.mode[op], ONE)
        before = g.prev[op]
        if before >= 0:
            head = max(head, g.head[before] + g.work[before])
        g.head[op] = head
        for k in range(g.after_ptr[op], g.after_ptr[op + 1]):
            g.degree[g.after[k]] -= 1
            if g.degree[g.after[k]] == 0:
                g.order[count] = g.after[k]
                count += 1
        behind = g.next[op]
        if behind >= 0:
            g.degree[behind] -= 1
            if g.degree[behind] == 0:
                g.order[count] = behind
                count += 1
    return _tails(d, g) if count == ops else -1


@inner
def _tails(d: Data, g: Graph) -> int:
    most = 0
    for k in range(g.order.size - 1, -1, -1):
        op = g.order[k]
        tail = _rest(d, g, op, g.mode[op], ONE)
        behind = g.next[op]
        if behind >= 0:
            tail = max(tail, g.tail[behind] + g.work[behind])
        g.tail[op] = tail
        most = max(most, g.head[op] + g.work[op] + tail)
    return most


@hot
def _is_critical(d: Data, g: Graph, op: int) -> bool:
    return g.head[op] + g.work[op] + g.tail[op] == g.sums[0]


@inner
def _critical_path(d: Data, g: Graph, path: Ints) -> int:
    """Fill `path` with a random critical path; returns its length."""
    seen, op = 0, -1
    for k in range(g.order.size):
        other = g.order[k]
        if _is_critical(d, g, other) and _starts_path(d, g, other):
            seen += 1
            if _draw(g, seen) == 0:
                op = other
    length = 0
    while op >= 0:
        path[length] = op
        length += 1
        op = _next_critical(d, g, op)
    return length


@inner
def _starts_path(d: Data, g: Graph, op: int) -> bool:
    job, mode = d.ops[op].job, g.mode[op]
    base = max(d.begin, d.jobs[job].release)
    source = d.jobs[job].source
    if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        base += d.travel[source, d.modes[mode].site]
    return g.head[op] == base


@inner
def _next_critical(d: Data, g: Graph, op: int) -> int:
    end, site = g.head[op] + g.work[op], g.site[op]
    seen, found = 0, -1
    behind = g.next[op]
    if behind >= 0 and g.head[behind] == end and _is_critical(d, g, behind):
        seen, found = 1, behind
    for k in range(g.after_ptr[op], g.after_ptr[op + 1]):
        other = g.after[k]
        arrival = end + d.travel[site, g.site[other]]
        if g.head[other] == arrival and _is_critical(d, g, other):
            seen += 1
            if _draw(g, seen) == 0:
                found = other
    return found


@hot
def _end(d: Data, g: Graph, op: int) -> int:
    return g.head[op] + g.work[op]


@hot
def _window(d: Data, g: Graph, op: int, mode: int) -> tuple[int, int]:
    """First and last place in `seq` (counted with the operation taken out) that cannot make a cycle.

    Compared without transport: the way to another machine may be longer than the one the heads hold.
    """
    lane = d.modes[mode].lane
    base, size = d.lanes[lane].first, g.held[lane]
    ready, rest = _ready(d, g, op, mode, ZERO), _rest(d, g, op, mode, ZERO)
    low, high = base, base + size
    while low < high:
        middle = (low + high) >> 1
        if _end(d, g, g.seq[middle]) > ready:
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
def _best_place(d: Data, g: Graph, op: int, mode: int) -> tuple[int, int]:
    """Place in `seq` (with the operation taken out) and estimated longest path through it there."""
    lane, work = d.modes[mode].lane, d.modes[mode].work
    base, size, own = d.lanes[lane].first, g.held[lane], INFINITY
    if d.modes[g.mode[op]].lane == lane:
        size -= 1
        own = g.pos[op]
    ready, rest = _ready(d, g, op, mode, ONE), _rest(d, g, op, mode, ONE)
    first, last = _window(d, g, op, mode)
    best, best_value, ties = -1, INFINITY, 0
    end = -INFINITY
    for place in range(min(first, own) if own < INFINITY else first, last + 1):
        # `end`: when the lane is free at this place, recomputed where the operation itself stood in front
        if place > base:
            before = g.seq[place - 1] if place - 1 < own else g.seq[place]
            if place - 1 < own:
                end = _end(d, g, before)
            else:
                end = max(end, _ready(d, g, before, g.mode[before], ONE)) + g.work[before]
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
            place, value = _best_place(d, g, op, mode)
            if place < 0:
                continue
            if wild:
                value = 0
            elif g.tabu[mode] > g.sums[2] and value >= g.sums[1]:
                value += INFINITY >> 1  # only when nothing else is left
                value += g.tabu[mode]
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
    g.sums[0] = measure(d, g)
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
        _move(d, g, op, mode, place)
        g.sums[0] = measure(d, g)
        if g.sums[0] < g.sums[1]:
            _keep(d, g)
    return g.sums[1]
