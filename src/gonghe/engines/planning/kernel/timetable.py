"""Calendars and timetables of lanes: when work ends, where it fits, how it is entered and taken out."""

# mypy: disable-error-code="no-any-return"
# fields of records are read by name, which types cannot see

from __future__ import annotations

from gonghe.engines.planning.kernel.arrays import INFINITY, Data, State, Table
from gonghe.engines.planning.kernel.batches import missing
from gonghe.engines.planning.kernel.jit import entry, hot, inner
from gonghe.engines.planning.kernel.pools import free_from, take

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
def open_end(d: Data, low: int, high: int, start: int, work: int) -> int:
    """When `work` seconds that begin at `start` (an open time) end if breaks [low, high) interrupt them."""
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
def open_start(d: Data, low: int, high: int, time: int, work: int, resumable: int) -> int:
    """First time from `time` on at which the work may begin, going by breaks [low, high) alone."""
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
def open_span(
    d: Data, kind: int, low: int, high: int, time: int, work: int, resumable: int
) -> tuple[int, int]:
    """First start from `time` on and end of work of a kind (row of `terms`), going by its breaks alone."""
    if kind and d.terms[kind].watch1:
        return _unattended_span(d, kind, low, high, time, work, resumable)
    start = open_start(d, low, high, time, work, resumable)
    return start, open_end(d, low, high, start, work) if resumable else start + work


@inner
def _unattended_span(
    d: Data, kind: int, low: int, high: int, time: int, work: int, resumable: int
) -> tuple[int, int]:
    """`open_span` of work that stands still in breaks [low, high) alone once somebody has loaded it."""
    first, last = d.terms[kind].watch0, d.terms[kind].watch1
    load = min(d.terms[kind].load, work)
    while True:
        start = open_start(d, first, last, time, load, resumable)
        if resumable:
            return start, open_end(d, low, high, open_end(d, first, last, start, load), work - load)
        time = open_start(d, low, high, start, work, resumable)
        if time == start:
            return start, start + work


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
def find_gap(
    d: Data, s: State, lane: int, op: int, ready: int, work: int, late: int, low: int, high: int, kind: int
) -> tuple[int, int, int]:
    """Earliest start, end and position of an operation on a lane; position -1 when it ends after `late`.

    Breaks [low, high) hold for it; `kind` is the row of `terms` of its mode.
    """
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
            start, end = open_span(d, kind, low, high, time, work, resumable)
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
    low, high = d.lanes[lane].break0, d.lanes[lane].break1
    return open_end(d, low, high, open_start(d, low, high, time, need, 1), need)


@inner
def _fee_between(d: Data, lane: int, before: int, after: int) -> int:
    """Price of a set-up between two entries of a lane (-2: the beginning, -1: a reservation or nothing)."""
    if after < 0 or before == -1:
        return 0
    family = d.lanes[lane].family if before == -2 else d.ops[before].family
    if family < 0:
        return 0
    return int(d.setups[d.lanes[lane].fee, family, d.ops[after].family])


@inner
def added_fee(d: Data, s: State, lane: int, pos: int, op: int) -> int:
    """What the set-ups of a lane cost more when an operation comes to a position."""
    base = d.lanes[lane].first
    before = s.slots[pos - 1].what if pos > base else -2
    after = s.slots[pos].what if pos < base + s.held[lane] else -1
    added = _fee_between(d, lane, before, op) + _fee_between(d, lane, op, after)
    return added - _fee_between(d, lane, before, after)


@inner
def find_special(d: Data, s: State, op: int, mode: int, ready: int, rate: int) -> tuple[int, int, int]:
    """`find_gap` for a mode that needs people or tools, runs unattended, or whose set-ups cost money.

    The earliest place at which all needs are free. Where set-ups cost money the next few are looked at too,
    and the best by that money and `rate` x end counts.
    """
    lane = d.modes[mode].lane
    work, late = d.modes[mode].work, d.modes[mode].late
    kind = d.modes[mode].extra
    low, high = d.terms[kind].break0, d.terms[kind].break1
    paid = d.lanes[lane].fee >= 0
    best, best_end, best_pos, best_value, looks = 0, 0, -1, INFINITY, 0
    while True:
        start, end, pos = find_gap(d, s, lane, op, ready, work, late, low, high, kind)
        if pos < 0:
            break
        later = free_from(d, s, mode, start, end)
        if later > start:
            ready = later
            continue
        if not paid:
            return start, end, pos
        value = d.scale * added_fee(d, s, lane, pos, op) + rate * end
        if value < best_value:
            best, best_end, best_pos, best_value = start, end, pos, value
        looks += 1
        if looks > GAPS or pos >= d.lanes[lane].first + s.held[lane]:
            break
        ready = s.slots[pos].end
    return best, best_end, best_pos


@inner
def charge(d: Data, s: State, op: int, mode: int, pos: int, sign: int) -> None:
    """Book (`sign` 1, before it is entered) or cancel (-1, when it is out) what an operation takes."""
    lane = d.modes[mode].lane
    if d.lanes[lane].fee >= 0:
        s.sums[3] += sign * added_fee(d, s, lane, pos, op)
    if d.terms[d.modes[mode].extra].most:
        s.sums[s.sums.size - 1] += sign * missing(d, s, op, mode, pos)
    hold(d, s, op, mode, sign)


@entry
def hold(d: Data, s: State, op: int, mode: int, sign: int) -> None:
    """Take people and tools and count in share caps (`sign` 1), or give back (-1)."""
    lane = d.modes[mode].lane
    take(d, s, mode, s.ops[op].start, s.ops[op].end, sign)
    caps, kind = d.jobs[d.ops[op].job].caps, d.modes[mode].extra
    for cap in range((s.sums.size - 4) >> 1):
        if (caps >> cap) & 1:
            amount = sign * (d.terms[kind].money if d.terms[cap].by else d.terms[kind].seconds)
            s.sums[5 + 2 * cap] += amount
            if d.lanes[lane].firm == d.terms[cap].capped:
                s.sums[4 + 2 * cap] += amount


@hot
def enter(d: Data, s: State, lane: int, pos: int, start: int, end: int, what: int) -> None:
    """Put an entry at a position of a lane, shifting what follows."""
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
def place(d: Data, s: State, op: int, mode: int, pos: int, start: int, end: int) -> None:
    """Enter an operation at a free position of the lane of a mode."""
    s.ops[op].start = start
    s.ops[op].end = end
    s.ops[op].mode = mode
    if d.modes[mode].extra:
        charge(d, s, op, mode, pos, 1)
    enter(d, s, d.modes[mode].lane, pos, start, end, op)


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
    mode = s.ops[op].mode
    lane = d.modes[mode].lane
    pos = locate(d, s, op)
    base = d.lanes[lane].first
    s.held[lane] -= 1
    stop = base + s.held[lane]
    for k in range(pos, stop):
        s.slots[k].start = s.slots[k + 1].start
        s.slots[k].end = s.slots[k + 1].end
        s.slots[k].what = s.slots[k + 1].what
    s.ops[op].mode = -1
    if d.modes[mode].extra:
        charge(d, s, op, mode, pos, -1)
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
    place(d, s, op, mode, pos, start, end)
