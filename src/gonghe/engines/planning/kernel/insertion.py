"""Insertion of whole jobs into a timetable by dynamic programming over their alternatives.

Forward over the operations, every mode keeps its best label (price so far, earliest end) given the best mode of each
predecessor; the last operations then pick the chain. Exact for the earliest end of a chain or of an assembly tree;
where work splits (several successors) the mode is decided at the split.
"""

from __future__ import annotations

import numpy as np

from gonghe.engines.planning.kernel.arrays import FLOW, INFINITY, MAKESPAN, UNPLACED, Data, Ints, State
from gonghe.engines.planning.kernel.jit import inner
from gonghe.engines.planning.kernel.timetable import enter, find_gap, locate, withdraw

BLINK = 5  # in 1024: chance that an alternative is overlooked, which keeps the search from repeating itself


@inner
def draw(s: State, n: int) -> int:
    """Random whole number in [0, n) (xorshift64)."""
    x = s.random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    s.random[0] = x
    return np.int64((x >> np.uint64(11)) % np.uint64(n))


@inner
def best_before(d: Data, s: State, before: int, mode: int, rate: int) -> int:
    """Best mode of a predecessor when its successor runs in `mode`; -1 when it has none."""
    best, best_value = -1, INFINITY
    site = d.mode_site[mode]
    for q in range(d.op_mode[before], d.op_mode[before + 1]):
        if s.label_value[q] == INFINITY:
            continue
        origin = d.mode_site[q]
        value = s.label_value[q] + d.scale * d.fare[origin, site] + rate * d.travel[origin, site]
        if value < best_value:
            best, best_value = q, value
    return best


@inner
def _label_mode(d: Data, s: State, op: int, mode: int, rate: int) -> bool:
    job = d.op_job[op]
    ready, price = max(d.begin, d.job_release[job]), d.mode_price[mode]
    site, source = d.mode_site[mode], d.job_source[job]
    if source >= 0 and d.pred_ptr[op] == d.pred_ptr[op + 1]:
        ready += d.travel[source, site]
        price += d.fare[source, site]
    for k in range(d.pred_ptr[op], d.pred_ptr[op + 1]):
        q = best_before(d, s, d.pred[k], mode, rate)
        if q < 0:
            return False
        ready = max(ready, s.label_end[q] + d.travel[d.mode_site[q], site])
        price += s.label_price[q] + d.fare[d.mode_site[q], site]
    ready = max(ready, d.mode_early[mode])
    start, end, pos = find_gap(d, s, d.mode_lane[mode], op, ready, d.mode_work[mode], d.mode_late[mode])
    if pos < 0:
        return False
    if d.mode_ref[mode] != INFINITY and start != d.mode_ref[mode]:
        price += d.move_price
    s.label_end[mode] = end
    s.label_price[mode] = price
    s.label_value[mode] = d.scale * price + rate * end
    return True


@inner
def _label_fixed(d: Data, s: State, op: int, rate: int) -> None:
    mode, job = d.op_mode[op], d.op_job[op]
    price, site, source = d.mode_price[mode], d.mode_site[mode], d.job_source[job]
    if source >= 0 and d.pred_ptr[op] == d.pred_ptr[op + 1]:
        price += d.fare[source, site]
    for k in range(d.pred_ptr[op], d.pred_ptr[op + 1]):
        q = d.op_mode[d.pred[k]]  # predecessors of fixed work are fixed
        price += s.label_price[q] + d.fare[d.mode_site[q], site]
    s.label_end[mode] = s.op_end[op]
    s.label_price[mode] = price
    s.label_value[mode] = d.scale * price + rate * s.op_end[op]


@inner
def _label_operation(d: Data, s: State, op: int, rate: int, blink: int) -> bool:
    first, last = d.op_mode[op], d.op_mode[op + 1]
    if d.op_fixed[op]:
        _label_fixed(d, s, op, rate)
        return True
    best = -1
    for mode in range(first, last):
        s.label_value[mode] = INFINITY
        if blink > 0 and (best >= 0 or mode < last - 1) and draw(s, 1024) < blink:
            continue
        if _label_mode(d, s, op, mode, rate) and (best < 0 or s.label_value[mode] < s.label_value[best]):
            best = mode
    if d.op_next[op] > 1:
        for mode in range(first, last):
            if mode != best:
                s.label_value[mode] = INFINITY
    return best >= 0


@inner
def choose(d: Data, s: State, job: int, rate: int, blink: int, pick: Ints) -> tuple[int, int]:
    """Pick a mode for every operation of a job; returns (price, completion), price INFINITY when impossible."""
    first, last = d.job_op[job], d.job_op[job + 1]
    for op in range(first, last):
        if not _label_operation(d, s, op, rate, blink):
            return INFINITY, INFINITY
    price, done, target = 0, -INFINITY, d.job_dest[job]
    for op in range(last - 1, first - 1, -1):
        if d.op_next[op] == 0:
            best, best_value = -1, INFINITY
            for mode in range(d.op_mode[op], d.op_mode[op + 1]):
                if s.label_value[mode] == INFINITY:
                    continue
                value, arrival, cost = s.label_value[mode], s.label_end[mode], s.label_price[mode]
                if target >= 0:
                    value += d.scale * d.fare[d.mode_site[mode], target]
                    value += rate * d.travel[d.mode_site[mode], target]
                if value < best_value:
                    best, best_value = mode, value
            pick[op] = best
            arrival, cost = s.label_end[best], s.label_price[best]
            if target >= 0:
                arrival += d.travel[d.mode_site[best], target]
                cost += d.fare[d.mode_site[best], target]
            price += cost
            done = max(done, arrival)
        for k in range(d.pred_ptr[op], d.pred_ptr[op + 1]):
            pick[d.pred[k]] = best_before(d, s, d.pred[k], pick[op], rate)
    return price, done


@inner
def late_price(d: Data, job: int, done: int) -> int:
    """Price of completing a job at `done`, by the objective."""
    if d.objective == MAKESPAN:
        return 0
    if d.objective == FLOW:
        return done - d.job_release[job]
    if done > d.job_due[job]:
        return d.job_rate[job] * (done - d.job_due[job])
    return 0


@inner
def _ready(d: Data, s: State, op: int, mode: int) -> tuple[int, int]:
    """When the parts of an operation are at the machine, and the fare to get them there."""
    job, site, fare = d.op_job[op], d.mode_site[mode], 0
    ready = max(d.begin, d.job_release[job])
    source = d.job_source[job]
    if source >= 0 and d.pred_ptr[op] == d.pred_ptr[op + 1]:
        ready += d.travel[source, site]
        fare += d.fare[source, site]
    for k in range(d.pred_ptr[op], d.pred_ptr[op + 1]):
        before = d.pred[k]
        origin = d.mode_site[s.op_mode[before]]
        ready = max(ready, s.op_end[before] + d.travel[origin, site])
        fare += d.fare[origin, site]
    return max(ready, d.mode_early[mode]), fare


@inner
def commit(d: Data, s: State, job: int, pick: Ints) -> bool:
    """Place a job in the picked modes, each operation as early as it goes; False (and nothing placed) on failure."""
    first, last = d.job_op[job], d.job_op[job + 1]
    for op in range(first, last):
        if d.op_fixed[op]:
            continue
        mode = pick[op]
        lane = d.mode_lane[mode]
        ready, _ = _ready(d, s, op, mode)
        start, end, pos = find_gap(d, s, lane, op, ready, d.mode_work[mode], d.mode_late[mode])
        if pos < 0:
            for other in range(first, op):
                if not d.op_fixed[other]:
                    withdraw(d, s, other)
            return False
        enter(d, s, lane, pos, start, end, op)
        s.op_start[op] = start
        s.op_end[op] = end
        s.op_mode[op] = mode
    settle(d, s, job)
    return True


@inner
def settle(d: Data, s: State, job: int) -> None:
    """Book completion, price and guide of a job whose operations are all placed."""
    price, done, target = 0, -INFINITY, d.job_dest[job]
    for op in range(d.job_op[job], d.job_op[job + 1]):
        mode = s.op_mode[op]
        _, fare = _ready(d, s, op, mode)
        price += d.mode_price[mode] + fare
        if d.mode_ref[mode] != INFINITY and s.op_start[op] != d.mode_ref[mode]:
            price += d.move_price
        if d.op_next[op] == 0:
            arrival = s.op_end[op]
            if target >= 0:
                arrival += d.travel[d.mode_site[mode], target]
                price += d.fare[d.mode_site[mode], target]
            done = max(done, arrival)
    price += late_price(d, job, done)
    book(d, s, job, done, price, d.scale * price + done)


@inner
def book(d: Data, s: State, job: int, done: int, price: int, guide: int) -> None:
    """Enter the value of a job into the totals and the list of jobs that cost more than they need."""
    s.sums[0] += price - s.job_price[job]
    s.sums[1] += guide - s.job_guide[job]
    s.job_price[job] = price
    s.job_guide[job] = guide
    s.job_done[job] = done
    listed = s.late_at[job] >= 0
    if price > s.floor[job] and not listed:
        s.late[s.sums[2]] = job
        s.late_at[job] = s.sums[2]
        s.sums[2] += 1
    elif price <= s.floor[job] and listed:
        s.sums[2] -= 1
        moved = s.late[s.sums[2]]
        s.late[s.late_at[job]] = moved
        s.late_at[moved] = s.late_at[job]
        s.late_at[job] = -1


@inner
def book_unplaced(d: Data, s: State, job: int) -> None:
    """A job without a place costs more than any lateness."""
    book(d, s, job, INFINITY, UNPLACED, d.scale * UNPLACED)


@inner
def _pick_priced(d: Data, s: State, job: int, blink: int) -> tuple[int, Ints]:
    """Cheapest chain, or, when that is late, the better of it and one that buys time at a random rate."""
    price, done = choose(d, s, job, 1, blink, s.pick)
    if price == INFINITY:
        return price, s.pick
    price += late_price(d, job, done)
    if late_price(d, job, done) == 0:
        return price, s.pick
    rate = d.scale * (1 if d.objective == FLOW else d.job_rate[job])
    spread = draw(s, 8)
    if spread == 0:
        rate <<= 2
    elif spread <= 2:
        rate >>= spread
    other, done = choose(d, s, job, 1 + rate, blink, s.pick2)
    if other < INFINITY and other + late_price(d, job, done) < price:
        return other, s.pick2
    return price, s.pick


@inner
def insert(d: Data, s: State, job: int, blink: int) -> bool:
    """Insert a job where it adds least; False when it has no place (it is then booked as unplaced)."""
    for chance in (blink, 0):
        if d.priced == 0:
            price, _ = choose(d, s, job, 1, chance, s.pick)
            pick = s.pick
        else:
            price, pick = _pick_priced(d, s, job, chance)
        if price < INFINITY and commit(d, s, job, pick):
            return True
    book_unplaced(d, s, job)
    return False


@inner
def remove(d: Data, s: State, job: int) -> bool:
    """Take a job out of the timetable; False when a set-up then does not fit between its neighbours."""
    fits = True
    for op in range(d.job_op[job], d.job_op[job + 1]):
        if not d.op_fixed[op] and s.op_mode[op] >= 0:
            fits &= withdraw(d, s, op)
    return fits


@inner
def neighbour(d: Data, s: State, op: int, reach: int) -> int:
    """A random job that runs near a placed operation on its lane; -1 when that place is empty."""
    lane = d.mode_lane[s.op_mode[op]]
    base = d.lane_ptr[lane]
    pos = locate(d, s, op) + draw(s, 2 * reach + 1) - reach
    if pos < base or pos >= base + s.count[lane] or s.what[pos] < 0:
        return -1
    return d.op_job[s.what[pos]]
