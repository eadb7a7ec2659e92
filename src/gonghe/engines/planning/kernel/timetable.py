"""Calendars and timetables of lanes: when work ends, where it fits, how it is entered and taken out."""

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, Ints, State
from gonghe.engines.planning.kernel.jit import inner


@inner
def first_after(values: Ints, low: int, high: int, key: int) -> int:
    """First index in [low, high) of the sorted `values` that is greater than `key`."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] > key:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def open_end(d: Data, lane: int, start: int, work: int) -> int:
    """When `work` seconds that begin at `start` (an open time) end if breaks interrupt them."""
    low, high = d.lane_break[lane, 0], d.lane_break[lane, 1]
    k = first_after(d.break_end, low, high, start)
    if k == high:
        return start + work
    passed = d.break_start[k] - d.break_open[k]
    target = start - passed + work
    # first break whose open time before it reaches the target: work ends before that break
    k = first_after(d.break_open, k, high, target - 1)
    if k == high:
        last = high - 1
        return target + d.break_end[last] - d.break_open[last]
    return target + d.break_start[k] - d.break_open[k]


@inner
def open_start(d: Data, lane: int, time: int, work: int, resumable: int) -> int:
    """First time from `time` on at which the work may begin, going by the calendar alone."""
    low, high = d.lane_break[lane, 0], d.lane_break[lane, 1]
    k = first_after(d.break_end, low, high, time)
    if k < high and d.break_start[k] <= time:
        time = d.break_end[k]
        k += 1
    if resumable == 0:
        while k < high and time + work > d.break_start[k]:
            time = d.break_end[k]
            k += 1
    return time


@inner
def setup_between(d: Data, lane: int, before: int, after: int) -> int:
    """Set-up seconds between two entries of a lane (-2: the beginning, -1: a reservation)."""
    table = d.lane_setup[lane]
    if table < 0 or after < 0 or before == -1:
        return 0
    family = d.lane_family[lane] if before == -2 else d.op_family[before]
    if family < 0:
        return 0
    return int(d.setups[table, family, d.op_family[after]])


@inner
def find_gap(d: Data, s: State, lane: int, op: int, ready: int, work: int, late: int) -> tuple[int, int, int]:
    """Earliest start, end and position of an operation on a lane; position -1 when it ends after `late`."""
    base = d.lane_ptr[lane]
    stop = base + s.count[lane]
    if d.grid > 1:
        ready = -(-ready // d.grid) * d.grid
    pos = first_after(s.end, base, stop, ready)
    resumable = d.op_resumable[op]
    setups = d.lane_setup[lane] >= 0
    while True:
        time = ready
        if pos > base and s.end[pos - 1] > time:
            time = s.end[pos - 1]
        if setups:
            before = s.what[pos - 1] if pos > base else -2
            need = setup_between(d, lane, before, op)
            if need > 0 and pos > base:
                time = max(time, _after_setup(d, lane, s.end[pos - 1], need))
            elif need > 0:
                time = max(time, _after_setup(d, lane, d.begin, need))
        limit = s.start[pos] if pos < stop else INFINITY
        if time + work <= limit:
            start = open_start(d, lane, time, work, resumable)
            end = open_end(d, lane, start, work) if resumable else start + work
            if end > late:
                return 0, 0, -1
            reach = end
            if setups and pos < stop:
                need = setup_between(d, lane, op, s.what[pos])
                if need > 0:
                    reach = _after_setup(d, lane, end, need)
            if reach <= limit:
                return start, end, pos
        pos += 1


@inner
def _after_setup(d: Data, lane: int, time: int, need: int) -> int:
    return open_end(d, lane, open_start(d, lane, time, need, 1), need)


@inner
def enter(d: Data, s: State, lane: int, pos: int, start: int, end: int, what: int) -> None:
    """Put an entry at a position of a lane, shifting what follows."""
    stop = d.lane_ptr[lane] + s.count[lane]
    for k in range(stop, pos, -1):
        s.start[k] = s.start[k - 1]
        s.end[k] = s.end[k - 1]
        s.what[k] = s.what[k - 1]
    s.start[pos] = start
    s.end[pos] = end
    s.what[pos] = what
    s.count[lane] += 1


@inner
def locate(d: Data, s: State, op: int) -> int:
    """Position of a placed operation in the timetable."""
    lane = d.mode_lane[s.op_mode[op]]
    base = d.lane_ptr[lane]
    pos = first_after(s.start, base, base + s.count[lane], s.op_start[op] - 1)
    while s.what[pos] != op:
        pos += 1
    return pos


@inner
def withdraw(d: Data, s: State, op: int) -> bool:
    """Take an operation out of its lane; False when the set-up left between its neighbours does not fit."""
    lane = d.mode_lane[s.op_mode[op]]
    pos = locate(d, s, op)
    base = d.lane_ptr[lane]
    s.count[lane] -= 1
    stop = base + s.count[lane]
    for k in range(pos, stop):
        s.start[k] = s.start[k + 1]
        s.end[k] = s.end[k + 1]
        s.what[k] = s.what[k + 1]
    s.op_mode[op] = -1
    if d.lane_setup[lane] < 0 or pos == stop:
        return True
    before = s.what[pos - 1] if pos > base else -2
    need = setup_between(d, lane, before, s.what[pos])
    since = s.end[pos - 1] if pos > base else d.begin
    return need == 0 or _after_setup(d, lane, since, need) <= s.start[pos]


@inner
def put_back(d: Data, s: State, op: int, mode: int, start: int, end: int) -> None:
    """Enter an operation at a place that is known to be free."""
    lane = d.mode_lane[mode]
    base = d.lane_ptr[lane]
    stop = base + s.count[lane]
    pos = first_after(s.start, base, stop, start)
    # of entries that start together, those without length come first
    while pos > base and s.start[pos - 1] == start and s.end[pos - 1] > start:
        pos -= 1
    enter(d, s, lane, pos, start, end, op)
    s.op_start[op] = start
    s.op_end[op] = end
    s.op_mode[op] = mode
