"""Spans of time: weekly wall-clock rules expanded in their zone, cut at each other, counted in quarters."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from gonghe.apps.capacity.models import SLOT_SECONDS

Span = tuple[datetime, datetime]
ONE_DAY = timedelta(days=1)
MONDAY, FRIDAY = 0, 4


def slot_of(moment: datetime) -> int:
    """Number of the quarter hour that holds a moment, since 1970-01-01T00:00Z."""
    return int(moment.timestamp()) // SLOT_SECONDS


def slot_after(moment: datetime) -> int:
    """Number of the first quarter hour that begins at or after a moment."""
    return math.ceil(moment.timestamp() / SLOT_SECONDS)


def slot_start(slot: int) -> datetime:
    """When a quarter hour begins (UTC)."""
    return datetime.fromtimestamp(slot * SLOT_SECONDS, UTC)


def is_aligned(moment: datetime) -> bool:
    """Whether a moment lies on a quarter hour."""
    return moment.timestamp() % SLOT_SECONDS == 0


def slots_in(spans: Iterable[Span]) -> set[int]:
    """Quarter hours that the spans touch."""
    return {slot for start, end in spans for slot in range(slot_of(start), slot_after(end))}


def spans_of(slots: Iterable[int]) -> list[Span]:
    """Fewest spans that cover exactly these quarter hours."""
    found: list[list[int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] == slot:
            found[-1][1] = slot + 1
        else:
            found.append([slot, slot + 1])
    return [(slot_start(first), slot_start(after)) for first, after in found]


def expand(
    weekly: Iterable[Sequence[object]],
    holidays: Iterable[str],
    zone: tzinfo,
    start: datetime,
    end: datetime,
    made_up: Set[str] = frozenset(),
) -> list[Span]:
    """Working spans between two moments, merged, cut inwards to whole quarter hours.

    Parameters
    ----------
    weekly
        [weekday 0-6, "HH:MM", "HH:MM"]; an end at or before the start lies on the next day.
    holidays
        ISO dates on which no shift begins.
    zone
        Where the wall clock hangs; a shift over a clock change is an hour longer or shorter.
    made_up
        ISO dates of a weekend that are worked to make up for a holiday: where the calendar has no shift of
        its own, a Saturday works as a Friday and a Sunday as a Monday.
    """
    rules = [(int(str(day)), _clock(first), _clock(last)) for day, first, last in weekly]
    closed, worked = set(holidays), {weekday for weekday, _first, _last in rules}
    found: list[Span] = []
    for local in _days(start.astimezone(zone).date() - ONE_DAY, end.astimezone(zone).date()):
        if local.isoformat() in closed:
            continue
        today = local.weekday()
        if today not in worked and local.isoformat() in made_up:
            today = FRIDAY if today == FRIDAY + 1 else MONDAY
        for weekday, first, last in rules:
            if weekday == today:
                last_day = local if last > first else local + ONE_DAY
                found.append((_instant(local, first, zone), _instant(last_day, last, zone)))
    return inward(clip(merge(found), start, end))


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time in the fewest spans, in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def clip(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """What of the spans lies between two moments."""
    cut = ((max(first, start), min(last, end)) for first, last in spans)
    return [(first, last) for first, last in cut if first < last]


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What of the spans is left when others are taken away."""
    off = merge(taken)
    ends = [end for _start, end in off]
    left: list[Span] = []
    for start, end in spans:
        at = start
        for first, last in itertools.islice(off, bisect_right(ends, start), None):
            if first >= end:
                break
            if at < first:
                left.append((at, first))
            at = last
        if at < end:
            left.append((at, end))
    return left


def intersect(spans: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """What lies in both, in order."""
    return merge(piece for start, end in spans for piece in clip(others, start, end))


def inward(spans: Iterable[Span]) -> list[Span]:
    """Spans cut to whole quarter hours inside them."""
    cut = ((slot_start(slot_after(start)), slot_start(slot_of(end))) for start, end in spans)
    return [(start, end) for start, end in cut if start < end]


def length(spans: Iterable[Span]) -> timedelta:
    """How long the spans are together."""
    return sum((end - start for start, end in spans), timedelta())


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=step) for step in range((last - first).days + 1))


def _clock(text: object) -> time:
    return time.fromisoformat(str(text))


def _instant(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
