"""Profiles of people and tools: how many units are taken from when on, and when enough are free."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import Data, State
from gonghe.engines.planning.kernel.jit import inner


@inner
def _at(d: Data, s: State, pool: int, time: int) -> int:
    """First entry of a profile whose time is after `time`."""
    low = d.terms[pool].first
    high = low + s.levels[low - 1].used
    while low < high:
        middle = (low + high) >> 1
        if s.levels[middle].time > time:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def free_from(d: Data, s: State, mode: int, start: int, end: int) -> int:
    """`start` when all needs of a mode are free until `end`, otherwise a later time to look from.

    Every profile ends with nothing taken, so there is such a time.
    """
    kind = d.modes[mode].extra
    for k in range(d.terms[kind].need0, d.terms[kind].need1):
        pool = d.terms[k].pool
        base, free = d.terms[pool].first, d.terms[pool].size - d.terms[k].units
        stop = base + s.levels[base - 1].used
        at = max(_at(d, s, pool, start) - 1, base)
        while at < stop and s.levels[at].time < end:
            if s.levels[at].used > free:
                while s.levels[at].used > free:
                    at += 1
                if s.levels[at].time > start:
                    return s.levels[at].time
            at += 1
    return start


@inner
def _cut(d: Data, s: State, pool: int, time: int) -> int:
    """The entry of a profile at `time`, entered when it is not there."""
    base = d.terms[pool].first
    at = _at(d, s, pool, time)
    if at > base and s.levels[at - 1].time == time:
        return at - 1
    for k in range(base + s.levels[base - 1].used, at, -1):
        s.levels[k].time = s.levels[k - 1].time
        s.levels[k].used = s.levels[k - 1].used
    s.levels[at].time = time
    s.levels[at].used = s.levels[at - 1].used if at > base else 0
    s.levels[base - 1].used += 1
    return at


@inner
def _join(d: Data, s: State, pool: int, at: int) -> None:
    """Drop an entry that changes nothing."""
    base = d.terms[pool].first
    before = s.levels[at - 1].used if at > base else 0
    if s.levels[at].used != before:
        return
    s.levels[base - 1].used -= 1
    for k in range(at, base + s.levels[base - 1].used):
        s.levels[k].time = s.levels[k + 1].time
        s.levels[k].used = s.levels[k + 1].used


@inner
def take(d: Data, s: State, mode: int, start: int, end: int, sign: int) -> None:
    """Take (`sign` 1) or give back (-1) what a mode needs from start to end."""
    if start >= end:
        return
    kind = d.modes[mode].extra
    for k in range(d.terms[kind].need0, d.terms[kind].need1):
        pool, units = d.terms[k].pool, sign * d.terms[k].units
        first = _cut(d, s, pool, start)
        last = _cut(d, s, pool, end)
        for at in range(first, last):
            s.levels[at].used += units
        _join(d, s, pool, last)
        _join(d, s, pool, first)
