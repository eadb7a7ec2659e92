"""Insertion of whole jobs into a timetable by dynamic programming over their alternatives.

Forward over the operations, every mode keeps its best label (price so far, earliest end) given the best
mode of each predecessor; the last operations then pick the chain. Exact for the earliest end of a chain or
of an assembly tree; where work splits (several successors) the mode is decided at the split.
"""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from typing import Any, cast

import numpy as np

from gonghe.engines.planning.kernel.arrays import FLOW, INFINITY, MAKESPAN, UNPLACED, Data, State
from gonghe.engines.planning.kernel.jit import hot, inner
from gonghe.engines.planning.kernel.limits import restrict
from gonghe.engines.planning.kernel.places import PATIENCE, find_place
from gonghe.engines.planning.kernel.timetable import added_fee, locate, place, withdraw
from gonghe.engines.planning.kernel.transport import arrive

# as numbers with a type: plain literals would make Numba compile every function once per value
ZERO, ONE = cast(int, np.int64(0)), cast(int, np.int64(1))
# chance, in 1024, that an alternative is overlooked, which keeps the search from repeating itself
BLINK = cast(int, np.int64(5))
# the same where a job with time lags finds no place, and how often it tries
DARING, TRIES = cast(int, np.int64(400)), 24
RIVALS = 8  # operations of which the nearest in time is taken for a rival
SETS = 3  # sets of firms of which an insertion takes the best
HOLDS = 2  # row of the picks
TURNS = 1024  # times that an insertion puts off an operation for what must follow it, at most


@hot
def draw(s: State, n: int) -> int:
    """Random whole number in [0, n) (xorshift64)."""
    x = s.random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    s.random[0] = x
    taken: Any = np.int64((x >> np.uint64(11)) % np.uint64(n))
    return taken


@hot
def best_before(d: Data, s: State, arc: int, mode: int, rate: int) -> int:
    """Best mode of the predecessor in `preds[arc]` when its successor runs in `mode`; -1 when it has none."""
    best, best_value = -1, INFINITY
    before, site, longest = d.preds[arc].op, d.modes[mode].site, d.preds[arc].span - d.preds[arc].wait
    for q in range(d.ops[before].mode, d.ops[before + 1].mode):
        if s.labels[q].value == INFINITY:
            continue
        origin = d.modes[q].site
        way = d.travel[origin, site]
        if way > longest:
            continue
        if d.pickups:
            rested = s.labels[q].end + d.preds[arc].wait
            way = arrive(d, origin, site, rested) - rested
            if way >= INFINITY >> 1:
                continue
        value = s.labels[q].value + d.scale * d.fare[origin, site] + rate * way
        if value < best_value:
            best, best_value = q, value
    return best


@hot
def _label_mode(d: Data, s: State, op: int, mode: int, rate: int) -> bool:
    job = d.ops[op].job
    ready, price = max(d.begin, d.jobs[job].release), d.modes[mode].price
    price += (d.modes[mode].work * d.toll) >> 8
    site, source = d.modes[mode].site, d.jobs[job].source
    if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        ready = arrive(d, source, site, ready)
        price += d.fare[source, site]
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        q = best_before(d, s, k, mode, rate)
        if q < 0:
            return False
        ready = max(ready, arrive(d, d.modes[q].site, site, s.labels[q].end + d.preds[k].wait))
        price += s.labels[q].price + d.fare[d.modes[q].site, site]
    if ready >= INFINITY:
        return False
    ready = max(ready, d.modes[mode].early)
    start, end, pos = find_place(d, s, op, mode, ready, rate)
    if pos < 0:
        return False
    if d.modes[mode].extra and d.lanes[d.modes[mode].lane].fee >= 0:
        price += added_fee(d, s, d.modes[mode].lane, pos, op)
    if d.modes[mode].planned != INFINITY and start != d.modes[mode].planned:
        price += d.move_price
    s.labels[mode].end = end
    s.labels[mode].price = price
    s.labels[mode].value = d.scale * price + rate * end
    return True


@inner
def _label_fixed(d: Data, s: State, op: int, rate: int) -> None:
    mode, job = d.ops[op].mode, d.ops[op].job
    price, site, source = d.modes[mode].price, d.modes[mode].site, d.jobs[job].source
    if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        price += d.fare[source, site]
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        q = d.ops[d.preds[k].op].mode  # predecessors of fixed work are fixed
        price += s.labels[q].price + d.fare[d.modes[q].site, site]
    s.labels[mode].end = s.ops[op].end
    s.labels[mode].price = price
    s.labels[mode].value = d.scale * price + rate * s.ops[op].end


@hot
def _label_operation(d: Data, s: State, op: int, rate: int, blink: int) -> bool:
    first, last = d.ops[op].mode, d.ops[op + 1].mode
    if d.ops[op].fixed:
        _label_fixed(d, s, op, rate)
        return True
    best = -1
    for mode in range(first, last):
        s.labels[mode].value = INFINITY
        if s.labels[mode].banned:
            continue
        if blink > 0 and (best >= 0 or mode < last - 1) and draw(s, 1024) < blink:
            continue
        if _label_mode(d, s, op, mode, rate) and (best < 0 or s.labels[mode].value < s.labels[best].value):
            best = mode
    if d.ops[op].next > 1:
        for mode in range(first, last):
            if mode != best:
                s.labels[mode].value = INFINITY
    return best >= 0


@hot
def _last_mode(d: Data, s: State, op: int, target: int, rate: int) -> int:
    """Best mode of an operation that nothing follows; -1 when from none its parts reach the target."""
    best, best_value = -1, INFINITY
    for mode in range(d.ops[op].mode, d.ops[op + 1].mode):
        value = s.labels[mode].value
        if value == INFINITY:
            continue
        if target >= 0:
            there = arrive(d, d.modes[mode].site, target, s.labels[mode].end)
            if there >= INFINITY:
                continue
            value += d.scale * d.fare[d.modes[mode].site, target] + rate * (there - s.labels[mode].end)
        if value < best_value:
            best, best_value = mode, value
    return best


@inner
def choose(d: Data, s: State, job: int, rate: int, blink: int, row: int) -> tuple[int, int]:
    """Pick modes for a job into `picks[row]`; (price, completion), both INFINITY when impossible."""
    first, last = d.jobs[job].first, d.jobs[job + 1].first
    for op in range(first, last):
        if not _label_operation(d, s, op, rate, blink):
            return INFINITY, INFINITY
    price, done, target = 0, -INFINITY, d.jobs[job].dest
    for op in range(last - 1, first - 1, -1):
        if d.ops[op].next == 0:
            best = _last_mode(d, s, op, target, rate)
            if best < 0:
                return INFINITY, INFINITY
            s.picks[row, op] = best
            arrival, cost = s.labels[best].end, s.labels[best].price
            if target >= 0:
                arrival = arrive(d, d.modes[best].site, target, arrival)
                cost += d.fare[d.modes[best].site, target]
            price += cost
            done = max(done, arrival)
        for k in range(d.ops[op].pred, d.ops[op + 1].pred):
            s.picks[row, d.preds[k].op] = best_before(d, s, k, s.picks[row, op], rate)
    return price, done


@inner
def late_price(d: Data, job: int, done: int) -> int:
    """Price of completing a job at `done`, by the objective."""
    if d.objective == MAKESPAN:
        return 0
    if d.objective == FLOW:
        return done - d.jobs[job].release
    if done > d.jobs[job].due:
        return d.jobs[job].rate * (done - d.jobs[job].due)
    return 0


@hot
def _ready(d: Data, s: State, op: int, mode: int) -> tuple[int, int]:
    """When the parts of an operation are at the machine, and the fare to get them there."""
    job, site, fare = d.ops[op].job, d.modes[mode].site, 0
    ready = max(d.begin, d.jobs[job].release)
    source = d.jobs[job].source
    if source >= 0 and d.ops[op].pred == d.ops[op + 1].pred:
        ready = arrive(d, source, site, ready)
        fare += d.fare[source, site]
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        before = d.preds[k].op
        origin = d.modes[s.ops[before].mode].site
        ready = max(ready, arrive(d, origin, site, s.ops[before].end + d.preds[k].wait))
        fare += d.fare[origin, site]
    return max(ready, d.modes[mode].early), fare


@inner
def commit(d: Data, s: State, job: int, row: int, rate: int) -> bool:
    """Place a job in its picked modes as early as it goes; False (and nothing placed) on failure.

    Where an operation cannot start soon enough after a predecessor, the predecessor is put off and what
    follows it placed anew. Starts only ever move later, so the first placement that keeps all lags is the
    earliest one.
    """
    first, last, bound = d.jobs[job].first, d.jobs[job + 1].first, d.jobs[job].bound
    op, turns = first, 0
    if bound:
        for other in range(first, last):
            s.picks[HOLDS, other] = -INFINITY
    while op < last:
        if d.ops[op].fixed:
            op += 1
            continue
        mode = s.picks[row, op]
        ready, _ = _ready(d, s, op, mode)
        if bound:
            ready = max(ready, s.picks[HOLDS, op])
        start, end, pos = find_place(d, s, op, mode, ready, rate)
        if d.pickups and pos >= 0 and _is_stranded(d, op, mode, ready, end):
            pos = -ONE
        back = _put_off(d, s, op, start) if bound and pos >= 0 else -1
        turns += 1 if back >= 0 else 0
        if pos < 0 or turns > TURNS or (back >= 0 and d.ops[back].fixed):
            _unplace(d, s, first, op)
            return False
        if back >= 0:
            _unplace(d, s, back, op)
            op = back
            continue
        place(d, s, op, mode, pos, start, end)
        op += 1
    settle(d, s, job)
    return True


@inner
def _is_stranded(d: Data, op: int, mode: int, ready: int, end: int) -> bool:
    """Whether the parts never reach an operation or, after it, their destination."""
    target = d.jobs[d.ops[op].job].dest
    if ready >= INFINITY or target < 0 or d.ops[op].next > 0:
        return ready >= INFINITY
    return arrive(d, d.modes[mode].site, target, end) >= INFINITY


@inner
def _unplace(d: Data, s: State, first: int, last: int) -> None:
    for op in range(first, last):
        if not d.ops[op].fixed:
            withdraw(d, s, op)


@inner
def _put_off(d: Data, s: State, op: int, start: int) -> int:
    """Hold predecessors that would be done too long before `start`; the first such one, -1 without any."""
    first = -1
    for k in range(d.ops[op].pred, d.ops[op + 1].pred):
        before = d.preds[k].op
        excess = start - s.ops[before].end - d.preds[k].span
        if excess > 0:
            s.picks[HOLDS, before] = s.ops[before].start + excess
            first = before if first < 0 else min(first, before)
    return first


@hot
def settle(d: Data, s: State, job: int) -> None:
    """Book completion, price and guide of a job whose operations are all placed."""
    price, done, target = 0, -INFINITY, d.jobs[job].dest
    for op in range(d.jobs[job].first, d.jobs[job + 1].first):
        mode = s.ops[op].mode
        _, fare = _ready(d, s, op, mode)
        price += d.modes[mode].price + fare
        if d.modes[mode].planned != INFINITY and s.ops[op].start != d.modes[mode].planned:
            price += d.move_price
        if d.ops[op].next == 0:
            arrival = s.ops[op].end
            if target >= 0:
                arrival = arrive(d, d.modes[mode].site, target, arrival)
                price += d.fare[d.modes[mode].site, target]
            done = max(done, arrival)
    price += late_price(d, job, done)
    book(d, s, job, done, price, d.scale * price + done)


@hot
def book(d: Data, s: State, job: int, done: int, price: int, guide: int) -> None:
    """Enter the value of a job into the totals and the list of jobs that cost more than they need."""
    s.sums[0] += price - s.jobs[job].price
    s.sums[1] += guide - s.jobs[job].guide
    s.jobs[job].price = price
    s.jobs[job].guide = guide
    s.jobs[job].done = done
    listed = s.jobs[job].late_at >= 0
    if price > s.jobs[job].floor and not listed:
        s.jobs[s.sums[2]].late = job
        s.jobs[job].late_at = s.sums[2]
        s.sums[2] += 1
    elif price <= s.jobs[job].floor and listed:
        s.sums[2] -= 1
        moved = s.jobs[s.sums[2]].late
        s.jobs[s.jobs[job].late_at].late = moved
        s.jobs[moved].late_at = s.jobs[job].late_at
        s.jobs[job].late_at = -1


@inner
def book_unplaced(d: Data, s: State, job: int) -> None:
    """A job without a place costs more than any lateness."""
    book(d, s, job, INFINITY, UNPLACED, d.scale * UNPLACED)


@inner
def _buying_rate(d: Data, s: State, job: int) -> int:
    """What a second is worth to a job that would be late, within a random factor of 1/4 to 4."""
    rate = d.scale * (1 if d.objective == FLOW else d.jobs[job].rate)
    spread = draw(s, 8)
    if spread == 0:
        rate <<= 2
    elif spread <= 2:
        rate >>= spread
    return 1 + rate


@inner
def insert(d: Data, s: State, job: int, blink: int) -> bool:
    """Insert a job where it adds least; False when it has no place (it is then booked as unplaced).

    The first pick is the cheapest chain; where that is late, a second one buys time and the better of the
    two counts. Labels do not know the lags that end, so a job that has some also tries chains at random
    before it gives up.
    """
    best, row, rate, buying = INFINITY, ZERO, ONE, ZERO
    tries, again = 0, blink
    limited = d.jobs[job].set1 > d.jobs[job].set0 or d.jobs[job].caps > 0
    if s.sums.size & 1:
        turn = draw(s, 8)
        s.scratch[PATIENCE, 0] = 1 << 2 * (turn - 2) if turn > 1 else 0
    if limited:
        _choose_firms(d, s, job, blink)
    while True:
        price, done = choose(d, s, job, rate, again, buying)
        late = late_price(d, job, done) if price < INFINITY else 0
        if price + late < best:
            best, row = price + late, buying
        if d.priced and late > 0 and buying == 0:
            buying, rate = ONE, _buying_rate(d, s, job)
            continue
        if best < INFINITY and commit(d, s, job, row, ONE if row == 0 else rate):
            return True
        if blink == 0 and d.jobs[job].bound and tries < TRIES:
            tries += 1
            if limited:
                restrict(d, s, job, _random_set(d, s, job), tries < TRIES >> 1)
            best, rate, buying, again = INFINITY, ONE, ZERO, DARING
            continue
        if blink == 0:
            book_unplaced(d, s, job)
            return False
        best, rate, buying, blink, again = INFINITY, ONE, ZERO, ZERO, ZERO


@inner
def _random_set(d: Data, s: State, job: int) -> int:
    first, last = d.jobs[job].set0, d.jobs[job].set1
    return first + draw(s, last - first) if last > first else -1


@inner
def _choose_firms(d: Data, s: State, job: int, blink: int) -> None:
    """Open the modes of the best of a few sets of firms (of all when nothing is overlooked).

    Firms that have reached a share cap are mostly left out.
    """
    first, last = d.jobs[job].set0, d.jobs[job].set1
    full = d.jobs[job].caps > 0 and (blink == 0 or draw(s, 8) > 0)
    best, best_value = -1, INFINITY
    count = last - first if blink == 0 else min(last - first, SETS)
    for k in range(count):
        chosen = first + (k if blink == 0 else draw(s, last - first))
        restrict(d, s, job, chosen, full)
        price, done = choose(d, s, job, ONE, ZERO, ZERO)
        value = d.scale * (price + late_price(d, job, done)) + done if price < INFINITY else INFINITY
        if best < 0 or value < best_value:
            best, best_value = chosen, value
    restrict(d, s, job, best, full)


@inner
def remove(d: Data, s: State, job: int) -> bool:
    """Take a job out of the timetable; False when a set-up then does not fit between its neighbours."""
    fits = True
    for op in range(d.jobs[job].first, d.jobs[job + 1].first):
        if not d.ops[op].fixed and s.ops[op].mode >= 0:
            fits &= withdraw(d, s, op)
    return fits


@inner
def neighbour(d: Data, s: State, op: int, reach: int) -> int:
    """A random job that runs near a placed operation on its lane; -1 when that place is empty."""
    lane = d.modes[s.ops[op].mode].lane
    base = d.lanes[lane].first
    pos = locate(d, s, op) + draw(s, 2 * reach + 1) - reach
    if pos < base or pos >= base + s.held[lane] or s.slots[pos].what < 0:
        return -1
    return d.ops[s.slots[pos].what].job


@inner
def rival(d: Data, s: State, op: int) -> int:
    """A job that takes the same people or tools as a placed operation at about the same time; -1 if none."""
    kind = d.modes[s.ops[op].mode].extra
    need = d.terms[kind].need0 + draw(s, d.terms[kind].need1 - d.terms[kind].need0)
    pool = d.terms[need].pool
    first, count = d.terms[pool].user0, d.terms[pool].user1 - d.terms[pool].user0
    found, nearest = -1, INFINITY
    for _ in range(RIVALS):
        other = d.terms[first + draw(s, count)].user
        away = abs(s.ops[other].start - s.ops[op].start)
        if s.ops[other].mode >= 0 and d.ops[other].job != d.ops[op].job and away < nearest:
            found, nearest = d.ops[other].job, away
    return found
