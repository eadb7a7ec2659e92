"""Calendars and timetables of lanes: when work ends, where it fits, how it is entered and taken out."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, State, Table
from gonghe.engines.planning.kernel.jit import hot, inner

GAPS = 6  # places that are looked at where set-ups cost money, beside the earliest one


@hot
def end_after(rows: Table, low: int, high: int, key: int) -> int:
    """First index in [low, high) whose end is after `key`."""
    while low < high:
        middle = (low + high) >> 1
        if rows[middle].end > key:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def start_from(rows: Table, low: int, high: int, key: int) -> int:
    """First index in [low, high) whose start is not before `key`."""
    while low < high:
        middle = (low + high) >> 1
        if rows[middle].start >= key:
            high = middle
        else:
            low = middle + 1
    return low


@hot
def open_from(breaks: Table, low: int, high: int, key: int) -> int:
    """First index in [low, high) whose open time is at least `key`."""
    while low < high:
        middle = (low + high) >> 1
        if breaks[middle].open >= key:
            high = middle
        else:
            low = middle + 1
    return low


@hot
def open_end(d: Data, lane: int, start: int, work: int) -> int:
    """When `work` seconds that begin at `start` (an open time) end if breaks interrupt them."""
    low, high = d.lanes[lane].break0, d.lanes[lane].break1
    k = end_after(d.breaks, low, high, start)
    if k == high:
        return start + work
    passed = d.breaks[k].start - d.breaks[k].open
    target = start - passed + work
    # first break whose open time before it reaches the target: work ends before that break
    k = open_from(d.breaks, k, high, target)
    if k == high:
        last = high - 1
        return target + d.breaks[last].end - d.breaks[last].open
    return target + d.breaks[k].start - d.breaks[k].open


@hot
def open_start(d: Data, lane: int, time: int, work: int, resumable: int) -> int:
    """First time from `time` on at which the work may begin, going by the calendar alone."""
    low, high = d.lanes[lane].break0, d.lanes[lane].break1
    k = end_after(d.breaks, low, high, time)
    if k < high and d.breaks[k].start <= time:
        time = d.breaks[k].end
        k += 1
    if resumable == 0:
        while k < high and time + work > d.breaks[k].start:
            time = d.breaks[k].end
            k += 1
    return time


@hot
def setup_between(d: Data, lane: int, before: int, after: int) -> int:
    """Set-up seconds between two entries of a lane (-2: the beginning, -1: a reservation)."""
    table = d.lanes[lane].setup
    if table < 0 or after < 0 or before == -1:
        return 0
    family = d.lanes[lane].family if before == -2 else d.ops[before].family
    if family < 0:
        return 0
    return int(d.setups[table, family, d.ops[after].family])


@hot
def find_gap(d: Data, s: State, lane: int, op: int, ready: int, work: int, late: int) -> tuple[int, int, int]:
    """Earliest start, end and position of an operation on a lane; position -1 when it ends after `late`."""
    base = d.lanes[lane].first
    stop = base + s.held[lane]
    if d.grid > 1:
        ready = -(-ready // d.grid) * d.grid
    pos = end_after(s.slots, base, stop, ready)
    resumable = d.ops[op].resumable
    setups = d.lanes[lane].setup >= 0
    while True:
        time = ready
        if pos > base and s.slots[pos - 1].end > time:
            time = s.slots[pos - 1].end
        if setups:
            before = s.slots[pos - 1].what if pos > base else -2
            need = setup_between(d, lane, before, op)
            if need > 0 and pos > base:
                time = max(time, _after_setup(d, lane, s.slots[pos - 1].end, need))
            elif need > 0:
                time = max(time, _after_setup(d, lane, d.begin, need))
        limit = s.slots[pos].start if pos < stop else INFINITY
        if time + work <= limit:
            start = open_start(d, lane, time, work, resumable)
            end = open_end(d, lane, start, work) if resumable else start + work
            if end > late:
                return 0, 0, -1
            reach = end
            if setups and pos < stop:
                need = setup_between(d, lane, op, s.slots[pos].what)
                if need > 0:
                    reach = _after_setup(d, lane, end, need)
            if reach <= limit:
                return start, end, pos
        pos += 1


@hot
def _after_setup(d: Data, lane: int, time: int, need: int) -> int:
    return open_end(d, lane, open_start(d, lane, time, need, 1), need)


@inner
def _fee_between(d: Data, lane: int, before: int, after: int) -> int:
    """Price of a set-up between two entries of a lane (-2: the beginning, -1: a reservation or nothing)."""
    if after < 0 or before == -1:
        return 0
    family = d.lanes[lane].family if before == -2 else d.ops[before].family
    if family < 0:
        return 0
    return int(d.fees[d.lanes[lane].fee, family, d.ops[after].family])


@inner
def added_fee(d: Data, s: State, lane: int, pos: int, op: int) -> int:
    """What the set-ups of a lane cost more when an operation comes to a position."""
    base = d.lanes[lane].first
    before = s.slots[pos - 1].what if pos > base else -2
    after = s.slots[pos].what if pos < base + s.held[lane] else -1
    added = _fee_between(d, lane, before, op) + _fee_between(d, lane, op, after)
    return added - _fee_between(d, lane, before, after)


@inner
def cheaper_gap(
    d: Data, s: State, lane: int, op: int, mode: int, place: tuple[int, int, int], rate: int
) -> tuple[int, int, int]:
    """The best of a place and the next few gaps, by the money of set-ups and `rate` x end."""
    best = place
    pos = place[2]
    best_value = d.scale * added_fee(d, s, lane, pos, op) + rate * place[1]
    stop = d.lanes[lane].first + s.held[lane]
    for _ in range(GAPS):
        if pos >= stop:
            break
        ready, work, late = s.slots[pos].end, d.modes[mode].work, d.modes[mode].late
        start, end, pos = find_gap(d, s, lane, op, ready, work, late)
        if pos < 0:
            break
        value = d.scale * added_fee(d, s, lane, pos, op) + rate * end
        if value < best_value:
            best, best_value = (start, end, pos), value
    return best


@hot
def find_place(d: Data, s: State, op: int, mode: int, ready: int, rate: int) -> tuple[int, int, int]:
    """Start, end and position of an operation in a mode; position -1 when it has none.

    The earliest one, but where set-ups cost money a later one that is worth more.
    """
    lane = d.modes[mode].lane
    place = find_gap(d, s, lane, op, ready, d.modes[mode].work, d.modes[mode].late)
    if d.lanes[lane].fee >= 0 and place[2] >= 0:
        return cheaper_gap(d, s, lane, op, mode, place, rate)
    return place


@hot
def enter(d: Data, s: State, lane: int, pos: int, start: int, end: int, what: int) -> None:
    """Put an entry at a position of a lane, shifting what follows."""
    if d.lanes[lane].fee >= 0:
        s.sums[3] += added_fee(d, s, lane, pos, what)
    stop = d.lanes[lane].first + s.held[lane]
    for k in range(stop, pos, -1):
        s.slots[k].start = s.slots[k - 1].start
        s.slots[k].end = s.slots[k - 1].end
        s.slots[k].what = s.slots[k - 1].what
    s.slots[pos].start = start
    s.slots[pos].end = end
    s.slots[pos].what = what
    s.held[lane] += 1


@hot
def locate(d: Data, s: State, op: int) -> int:
    """Position of a placed operation in the timetable."""
    lane = d.modes[s.ops[op].mode].lane
    base = d.lanes[lane].first
    pos = start_from(s.slots, base, base + s.held[lane], s.ops[op].start)
    while s.slots[pos].what != op:
        pos += 1
    return pos


@hot
def withdraw(d: Data, s: State, op: int) -> bool:
    """Take an operation out of its lane; False when the set-up left between its neighbours does not fit."""
    lane = d.modes[s.ops[op].mode].lane
    pos = locate(d, s, op)
    base = d.lanes[lane].first
    s.held[lane] -= 1
    stop = base + s.held[lane]
    for k in range(pos, stop):
        s.slots[k].start = s.slots[k + 1].start
        s.slots[k].end = s.slots[k + 1].end
        s.slots[k].what = s.slots[k + 1].what
    s.ops[op].mode = -1
    if d.lanes[lane].fee >= 0:
        s.sums[3] -= added_fee(d, s, lane, pos, op)
    if d.lanes[lane].setup < 0 or pos == stop:
        return True
    before = s.slots[pos - 1].what if pos > base else -2
    need = setup_between(d, lane, before, s.slots[pos].what)
    since = s.slots[pos - 1].end if pos > base else d.begin
    return need == 0 or _after_setup(d, lane, since, need) <= s.slots[pos].start


@hot
def put_back(d: Data, s: State, op: int, mode: int, start: int, end: int) -> None:
    """Enter an operation at a place that is known to be free."""
    lane = d.modes[mode].lane
    base = d.lanes[lane].first
    stop = base + s.held[lane]
    pos = start_from(s.slots, base, stop, start + 1)
    # of entries that start together, those without length come first
    while pos > base and s.slots[pos - 1].start == start and s.slots[pos - 1].end > start:
        pos -= 1
    enter(d, s, lane, pos, start, end, op)
    s.ops[op].start = start
    s.ops[op].end = end
    s.ops[op].mode = mode
