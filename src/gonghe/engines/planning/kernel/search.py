"""Ruin and recreate: take out a few neighbouring jobs, insert them again, accept by simulated annealing.

After Christiaens & Vanden Berghe, "Slack induction by string removals" (2020), carried over from routes to
timetables. All arithmetic is on integers and the acceptance reads a table, so a seed gives the same
schedule on every machine.
"""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

import numpy as np

from gonghe.engines.planning.kernel.arrays import (
    BIASED,
    INFINITY,
    MAKESPAN,
    UNPLACED,
    Best,
    Data,
    Ints,
    State,
)
from gonghe.engines.planning.kernel.insertion import (
    BLINK,
    ZERO,
    book,
    book_unplaced,
    draw,
    insert,
    neighbour,
    remove,
    rival,
    settle,
)
from gonghe.engines.planning.kernel.jit import entry, inner
from gonghe.engines.planning.kernel.limits import excess
from gonghe.engines.planning.kernel.timetable import put_back

# -ln of the middles of 1,024 equal slices of (0, 1), times 1,024
LOGS = np.round(-np.log((np.arange(1024) + 0.5) / 1024) * 1024).astype(np.int64)

OVER = 1 << 30  # guide of a millionth over a share cap
SHORT = 1 << 36  # guide of what a batch misses, by its size


@entry
def build(d: Data, s: State, order: Ints) -> None:
    """Insert jobs in the given order."""
    for k in range(order.size):
        insert(d, s, order[k], ZERO)


@inner
def span(s: State) -> int:
    """Latest completion over all jobs."""
    most = -INFINITY
    for job in range(s.jobs.size):
        most = max(most, s.jobs[job].done)
    return most


@entry
def totals(d: Data, s: State) -> tuple[int, int]:
    """Price and guide of the whole schedule."""
    price, guide = s.sums[0] + s.sums[3], s.sums[1] + d.scale * s.sums[3]
    if d.objective == MAKESPAN:
        most = span(s)
        price, guide = price + most, guide + d.scale * most
    if s.sums.size > 4:
        over = excess(d, s)
        if over > 0:
            price, guide = price + UNPLACED, guide + OVER * over
    if s.sums.size & 1 and s.sums[s.sums.size - 1] > 0:
        price, guide = price + UNPLACED, guide + SHORT * s.sums[s.sums.size - 1]
    return price, guide


@inner
def note(b: Best, job: int) -> None:
    """Remember that a job differs from the best schedule."""
    if b.jobs[job].is_changed == 0:
        b.jobs[job].is_changed = 1
        b.jobs[b.sums[2]].changed = job
        b.sums[2] += 1


@entry
def keep(d: Data, s: State, b: Best, price: int, guide: int) -> None:
    """Make the current schedule the best: copy the jobs that changed."""
    for k in range(b.sums[2]):
        job = b.jobs[k].changed
        b.jobs[job].is_changed = 0
        for op in range(d.jobs[job].first, d.jobs[job + 1].first):
            b.ops[op] = s.ops[op]
    b.sums[0] = price
    b.sums[1] = guide
    b.sums[2] = 0


@inner
def _seed_job(d: Data, s: State) -> int:
    jobs = s.jobs.size
    if draw(s, 100) >= BIASED:
        return draw(s, jobs)
    if d.objective == MAKESPAN:
        best = draw(s, jobs)
        for _ in range(3):
            other = draw(s, jobs)
            if s.jobs[other].done > s.jobs[best].done:
                best = other
        return best
    if s.sums[2] == 0:
        return draw(s, jobs)
    first = s.jobs[draw(s, s.sums[2])].late
    second = s.jobs[draw(s, s.sums[2])].late
    if s.jobs[first].price - s.jobs[first].floor >= s.jobs[second].price - s.jobs[second].floor:
        return first
    return second


@inner
def _victims(d: Data, s: State, most: int) -> int:
    """Choose a job and some that run near it (scratch row 0); returns how many."""
    want = 1 + draw(s, most)
    s.scratch[0, 0] = _seed_job(d, s)
    found = 1
    for _ in range(3 * want):
        if found >= want:
            break
        job = s.scratch[0, draw(s, found)]
        first, last = d.jobs[job].first, d.jobs[job + 1].first
        op = first + draw(s, last - first)
        if s.ops[op].mode < 0 or d.ops[op].fixed:
            continue
        kind = d.modes[s.ops[op].mode].extra
        if d.terms[kind].need1 > d.terms[kind].need0 and draw(s, 2) == 0:
            other = rival(d, s, op)
        else:
            other = neighbour(d, s, op, 3)
        fresh = other >= 0
        for k in range(found):
            fresh = fresh and s.scratch[0, k] != other
        if fresh:
            s.scratch[0, found] = other
            found += 1
    return found


@inner
def _arrange(d: Data, s: State, count: int) -> None:
    """Put the chosen jobs into one of five orders: random, due, due weighted, release, price."""
    rule = draw(s, 5)
    for k in range(count - 1, 0, -1):
        other = draw(s, k + 1)
        s.scratch[0, k], s.scratch[0, other] = s.scratch[0, other], s.scratch[0, k]
    if rule == 0:
        return
    for k in range(1, count):
        job = s.scratch[0, k]
        key = _order_key(d, s, job, rule)
        at = k
        while at > 0 and _order_key(d, s, s.scratch[0, at - 1], rule) > key:
            s.scratch[0, at] = s.scratch[0, at - 1]
            at -= 1
        s.scratch[0, at] = job


@inner
def _order_key(d: Data, s: State, job: int, rule: int) -> int:
    if rule == 1:
        return d.jobs[job].due
    if rule == 2:
        return -d.jobs[job].rate
    if rule == 3:
        return d.jobs[job].release
    return -s.jobs[job].price


@inner
def _save(d: Data, s: State, count: int, saved: Ints) -> int:
    """Copy the places of the chosen jobs; returns the number of operations."""
    total = 0
    for k in range(count):
        for op in range(d.jobs[s.scratch[0, k]].first, d.jobs[s.scratch[0, k] + 1].first):
            saved[total, 0] = s.ops[op].mode
            saved[total, 1] = s.ops[op].start
            saved[total, 2] = s.ops[op].end
            total += 1
    return total


@inner
def _restore(d: Data, s: State, count: int, saved: Ints) -> None:
    """Put the jobs back where they were. All are out of the timetable already."""
    total = 0
    for k in range(count):
        job = s.scratch[1, k]
        for op in range(d.jobs[job].first, d.jobs[job + 1].first):
            if not d.ops[op].fixed and saved[total, 0] >= 0:
                put_back(d, s, op, saved[total, 0], saved[total, 1], saved[total, 2])
            total += 1
        book(d, s, job, s.scratch[2, k], s.scratch[3, k], s.scratch[4, k])


@inner
def _accepted(s: State, delta: int, heat: int) -> bool:
    return delta <= 0 or delta <= (heat * LOGS[draw(s, 1024)]) >> 10


@entry
def anneal(d: Data, s: State, b: Best, iterations: int, most: int, heat: int, saved: Ints) -> int:
    """Ruin and recreate `iterations` times at one temperature; returns the sum of worsenings that were seen.

    `saved` is scratch space, (operations, 3).
    """
    price, guide = totals(d, s)
    worse = 0
    for _ in range(iterations):
        count = _victims(d, s, most)
        for k in range(count):
            s.scratch[1, k] = s.scratch[0, k]
            s.scratch[2, k] = s.jobs[s.scratch[0, k]].done
            s.scratch[3, k] = s.jobs[s.scratch[0, k]].price
            s.scratch[4, k] = s.jobs[s.scratch[0, k]].guide
        _save(d, s, count, saved)
        fits = True
        for k in range(count):
            fits &= remove(d, s, s.scratch[0, k])
        if not fits:
            _restore(d, s, count, saved)
            continue
        _arrange(d, s, count)
        for k in range(count):
            insert(d, s, s.scratch[0, k], BLINK)
        new_price, new_guide = totals(d, s)
        delta = new_guide - guide
        if delta > 0:
            worse += min(delta, 1 << 40)
        if _accepted(s, delta, heat):
            price, guide = new_price, new_guide
            for k in range(count):
                note(b, s.scratch[0, k])
            if price < b.sums[0] or (price == b.sums[0] and guide < b.sums[1]):
                keep(d, s, b, price, guide)
        else:
            for k in range(count):
                remove(d, s, s.scratch[0, k])
            _restore(d, s, count, saved)
    return worse


@entry
def load(d: Data, s: State, mode: Ints, start: Ints, end: Ints) -> None:
    """Enter a schedule; jobs that miss an operation (mode -1) stay out and are booked as unplaced."""
    for job in range(s.jobs.size):
        whole = True
        for op in range(d.jobs[job].first, d.jobs[job + 1].first):
            whole = whole and (d.ops[op].fixed == 1 or mode[op] >= 0)
        if not whole:
            book_unplaced(d, s, job)
            continue
        for op in range(d.jobs[job].first, d.jobs[job + 1].first):
            if not d.ops[op].fixed:
                put_back(d, s, op, mode[op], start[op], end[op])
        settle(d, s, job)
