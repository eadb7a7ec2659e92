"""Best plans of single jobs while hours of machines have prices: dynamic programming over slots of time.

Every choice (a way to do an operation) keeps, for each slot, the least price of its operation and all before
it with an end in that slot or earlier, and the start it comes from. The slot after the last one stands for
any later time.
"""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gonghe.engines.planning.kernel.arrays import Ints, Table
from gonghe.engines.planning.kernel.jit import entry, hot, inner

NEVER = 1e300


def _record(*names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names])


# first: first operation; due: second; rate: price of a second late. J+1 rows.
Z_JOBS = _record("first", "due", "rate")
# choice, pred: first rows; sink: 1 when its end is the job's end, 2 when another operation's is. O+1 rows.
Z_OPS = _record("choice", "pred", "resumable", "sink")
# early, late: slots between which it runs; fixed: slot in which fixed work ends or -1; arrive, deliver:
# seconds and price of the way to the destination. C rows.
Z_CHOICES = _record("machine", "site", "work", "early", "late", "fixed", "price", "arrive", "deliver")
Z_ARCS = _record("op", "wait")


class Slotted(NamedTuple):
    """A problem in slots; H of them and the one for later, M machines, N buckets of slots."""

    jobs: Table
    ops: Table
    arcs: Table  # an operation hands over to one other at most
    choices: Table
    ways: Any  # (S, S) seconds
    fares: Any  # (S, S) prices
    opened: Any  # (M, H + 1) open slots before a slot
    where: Any  # (M, H) slot of the n-th open one; H beyond the last
    clear: Any  # (M, H + 1) first slot from here on in which uninterrupted work cannot be done
    bucket: Ints  # (N + 1) first slot of every bucket
    slot: int  # seconds
    begin: int  # second at which slot 0 begins


class Prices(NamedTuple):
    """What the rounds of the relaxation work with."""

    used: Any  # (M, N) slots that the best plans of all jobs take
    paid: Any  # (M, H + 1) price of the open slots before a slot
    least: Any  # (R, H + 1) least price up to an end, of the choices of one job
    since: Any  # (R, H + 1) the start it comes from
    base: Any  # (H + 1) price by start
    picks: Ints  # (O) choice
    until: Ints  # (O) slot in which it must be done


@hot
def _end(z: Slotted, op: int, choice: int, start: int, last: int) -> int:
    """Slot in which work that starts in a slot ends, -1 when it cannot start there."""
    machine, work = z.choices[choice].machine, z.choices[choice].work
    if start >= last:
        return last
    if work == 0:
        return start
    if z.ops[op].resumable:
        before = z.opened[machine, start]
        if z.opened[machine, start + 1] == before:
            return -1
        if before + work > z.opened[machine, last]:
            return last
        return int(z.where[machine, before + work - 1]) + 1
    end = min(start + work, last)
    return end if z.clear[machine, start] >= end else -1


@inner
def _hand_over(z: Slotted, p: Prices, arc: int, choice: int, first: int, last: int) -> None:
    """Add to `base` what the predecessor of an arc costs at least, by the start of what follows it."""
    before, site = z.arcs[arc].op, z.choices[choice].site
    low, high = z.ops[before].choice, z.ops[before + 1].choice
    for start in range(last + 1):
        least = NEVER
        for q in range(low, high):
            if p.least[q - first, last] >= least:
                continue
            origin = z.choices[q].site
            at = last
            if start < last:
                at = start - (z.ways[origin, site] + z.arcs[arc].wait) // z.slot
            if at >= 0:
                value = p.least[q - first, at] + z.fares[origin, site]
                least = min(least, value)
        p.base[start] += least


@inner
def _label(z: Slotted, p: Prices, op: int, choice: int, first: int, last: int) -> None:
    """Fill the row of a choice."""
    row, machine = choice - first, z.choices[choice].machine
    price, late = float(z.choices[choice].price), z.choices[choice].late
    for slot in range(last + 1):
        p.least[row, slot] = NEVER
        p.since[row, slot] = -1
        p.base[slot] = price
    for arc in range(z.ops[op].pred, z.ops[op + 1].pred):
        _hand_over(z, p, arc, choice, first, last)
    if z.choices[choice].fixed >= 0:
        end = min(z.choices[choice].fixed, last)
        least = NEVER
        for slot in range(last + 1):
            least = min(least, p.base[slot])
        p.least[row, end] = least
        p.since[row, end] = last
    else:
        for start in range(z.choices[choice].early, last + 1):
            end = _end(z, op, choice, start, last)
            if end < 0 or end > late or p.base[start] >= NEVER:
                continue
            value = p.base[start] + p.paid[machine, end] - p.paid[machine, start]
            if value < p.least[row, end]:
                p.least[row, end] = value
                p.since[row, end] = start
    for slot in range(1, last + 1):
        if p.least[row, slot - 1] <= p.least[row, slot]:
            p.least[row, slot] = p.least[row, slot - 1]
            p.since[row, slot] = p.since[row, slot - 1]


@inner
def _deliver(z: Slotted, p: Prices, job: int, op: int, first: int, last: int) -> float:
    """Pick the end of an operation that nothing follows; its price with that of all before it."""
    best = NEVER
    rate = z.jobs[job].rate if z.ops[op].sink == 1 else 0
    for q in range(z.ops[op].choice, z.ops[op + 1].choice):
        ahead = z.begin + z.choices[q].arrive - z.jobs[job].due
        for slot in range(last + 1):
            value = p.least[q - first, slot] + z.choices[q].deliver
            value += rate * float(max(0, ahead + slot * z.slot))
            if value < best:
                best = value
                p.picks[op], p.until[op] = q, slot
    return best


@inner
def _pick_before(z: Slotted, p: Prices, op: int, start: int, first: int, last: int) -> None:
    site = z.choices[p.picks[op]].site
    for arc in range(z.ops[op].pred, z.ops[op + 1].pred):
        before, best = z.arcs[arc].op, NEVER
        for q in range(z.ops[before].choice, z.ops[before + 1].choice):
            origin = z.choices[q].site
            at = last
            if start < last:
                at = start - (z.ways[origin, site] + z.arcs[arc].wait) // z.slot
            if at >= 0 and p.least[q - first, at] + z.fares[origin, site] < best:
                best = p.least[q - first, at] + z.fares[origin, site]
                p.picks[before], p.until[before] = q, at


@inner
def _book(z: Slotted, p: Prices, job: int, first: int, last: int) -> None:
    """Count the slots that the picked plan of a job takes."""
    for op in range(z.jobs[job + 1].first - 1, z.jobs[job].first - 1, -1):
        choice = p.picks[op]
        start = p.since[choice - first, p.until[op]]
        _pick_before(z, p, op, start, first, last)
        if z.choices[choice].fixed >= 0:
            continue
        end, machine = _end(z, op, choice, start, last), z.choices[choice].machine
        for n in range(z.bucket.size - 1):
            low, high = max(start, z.bucket[n]), min(end, z.bucket[n + 1])
            if low < high:
                p.used[machine, n] += z.opened[machine, high] - z.opened[machine, low]


@entry
def plan_alone(z: Slotted, p: Prices) -> float:
    """Sum of the least prices of all jobs; fills `used`. `NEVER` when a job has no plan at all."""
    total, last = 0.0, z.opened.shape[1] - 1
    p.used[:] = 0
    for job in range(z.jobs.size - 1):
        first = z.ops[z.jobs[job].first].choice
        for op in range(z.jobs[job].first, z.jobs[job + 1].first):
            for choice in range(z.ops[op].choice, z.ops[op + 1].choice):
                _label(z, p, op, choice, first, last)
        value = 0.0
        for op in range(z.jobs[job].first, z.jobs[job + 1].first):
            if z.ops[op].sink:
                value += _deliver(z, p, job, op, first, last)
        if value >= NEVER:
            return NEVER
        total += value
        _book(z, p, job, first, last)
    return total
