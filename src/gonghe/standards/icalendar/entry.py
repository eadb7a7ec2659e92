"""One event or stretch of working hours: its time, how it repeats, and what it replaces."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from gonghe.standards.icalendar.errors import ICalendarError, MalformedError, RecurrenceError, TooMuchError
from gonghe.standards.icalendar.recurrence import ONE_DAY, Budget, Rule, days_of, parse
from gonghe.standards.icalendar.text import zone_named

Span = tuple[datetime, datetime]
NEEDED = {"DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID"}
LONGEST = timedelta(days=3_700)
MAX_DATES = 5_000  # dates written out by one entry (RDATE, EXDATE)


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall-clock time and its zone (None: the reader's); a date begins at midnight."""

    wall: datetime
    zone: tzinfo | None
    is_date: bool = False

    def at(self, zone: tzinfo) -> datetime:
        """The moment in UTC, a floating one in `zone`."""
        return _instant(self.wall, self.zone or zone)


@dataclass(frozen=True, slots=True)
class Entry:
    """When something is, as rules.

    Parameters
    ----------
    start
        Of the first occurrence.
    lasts
        On the wall clock: a night shift over a clock change ends when its clock says so.
    rules
        How it repeats; none: once.
    extra, without
        Further starts (with a length of their own or None) and starts that are left out.
    replaces
        Start of the occurrence of a series whose place it takes.
    takes_time
        False when cancelled or marked as free.
    """

    uid: str
    start: Moment
    lasts: timedelta
    rules: tuple[Rule, ...] = ()
    extra: tuple[tuple[Moment, timedelta | None], ...] = ()
    without: tuple[Moment, ...] = ()
    replaces: Moment | None = None
    takes_time: bool = True


def read_entry(source: Any, zones: dict[str, tzinfo]) -> Entry:
    """Read an event or a stretch of working hours.

    Raises
    ------
    ICalendarError
        If it lacks a start, ends before it starts, or repeats by a rule that is not read.
    """
    title = str(source.get("SUMMARY", "") or source.get("UID", ""))[:60]
    for name, _message in source.errors:
        if str(name).upper() in NEEDED:
            raise MalformedError(f"{name} of the event {title!r} cannot be read.", title)
    try:
        return _entry(source, zones, title)
    except ICalendarError:
        raise
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise MalformedError(f"The event {title!r} cannot be read.", title) from error


def instances(
    entry: Entry, start: datetime, end: datetime, zone: tzinfo, gone: Set[datetime], budget: Budget
) -> Iterator[Span]:
    """Occurrences that touch the time between two moments, in UTC, less those that others replace."""
    left_out = {one.at(zone) for one in entry.without} | gone
    dates = {one.wall.date() for one in entry.without if one.is_date}
    own = entry.start.zone or zone
    for wall, lasts in _starts(entry, start, end, own, budget):
        first = _instant(wall, own)
        if first in left_out or wall.date() in dates:
            continue
        last = _instant(wall + lasts, own)
        if first < end and last > start:
            yield first, last
    for moment, length in entry.extra:
        first = moment.at(zone)
        last = _instant(moment.wall + (entry.lasts if length is None else length), moment.zone or zone)
        if first not in left_out and first < end and last > start:
            yield first, last


def _starts(
    entry: Entry, start: datetime, end: datetime, zone: tzinfo, budget: Budget
) -> Iterator[tuple[datetime, timedelta]]:
    if not entry.rules:
        budget.spend(1)
        yield entry.start.wall, entry.lasts
        return
    clock = entry.start.wall.time()
    first_day = entry.start.wall.date()
    early = max(first_day, start.astimezone(zone).date() - entry.lasts - ONE_DAY)
    late = end.astimezone(zone).date()
    days = {first_day} if first_day >= early else set()  # the first occurrence counts whatever the rule says
    for rule in entry.rules:
        days.update(days_of(rule, first_day, early, late, budget))
    for day in sorted(days):
        yield datetime.combine(day, clock), entry.lasts


def _entry(source: Any, zones: dict[str, tzinfo], title: str) -> Entry:
    if "DTSTART" not in source:
        raise MalformedError(f"The event {title!r} has no start.", title)
    start = _moment(source["DTSTART"].dt, source["DTSTART"].params, zones)
    replaces = source.get("RECURRENCE-ID")
    if replaces is not None and "RANGE" in replaces.params:
        raise RecurrenceError(f"The event {title!r} changes all later ones of its series: not read.", title)
    cancelled = str(source.get("STATUS", "")).upper() == "CANCELLED"
    free = str(source.get("TRANSP", "")).upper() == "TRANSPARENT"
    return Entry(
        uid=str(source.get("UID", "")) or str(id(source)),
        start=start,
        lasts=_length(source, start, zones, title),
        rules=tuple(_rule(one, start) for one in _many(source.get("RRULE"))),
        extra=tuple(_extra(source, zones)),
        without=tuple(moment for moment, _length in _dates(source.get("EXDATE"), zones)),
        replaces=None if replaces is None else _moment(replaces.dt, replaces.params, zones),
        takes_time=not (cancelled or free),
    )


def _length(source: Any, start: Moment, zones: dict[str, tzinfo], title: str) -> timedelta:
    if "DTEND" in source:
        end = _moment(source["DTEND"].dt, source["DTEND"].params, zones)
        same = str(end.zone) == str(start.zone)
        lasts = end.wall - start.wall if same else end.at(UTC) - start.at(UTC)
    elif "DURATION" in source:
        lasts = source["DURATION"].dt
    else:
        lasts = ONE_DAY if start.is_date else timedelta()
    if lasts < timedelta():
        raise MalformedError(f"The event {title!r} ends before it starts.", title)
    if lasts > LONGEST:
        raise TooMuchError(f"The event {title!r} lasts for more than ten years.", title)
    return lasts


def _rule(recur: Any, start: Moment) -> Rule:
    until = next(iter(recur.get("UNTIL", [])), None)
    last: date | None = None
    if isinstance(until, datetime):
        local = until.astimezone(start.zone).replace(tzinfo=None) if until.tzinfo and start.zone else until
        whole = local.replace(tzinfo=None)
        last = whole.date() if whole.time() >= start.wall.time() else whole.date() - ONE_DAY
    elif until is not None:
        last = until
    return parse({key: value if isinstance(value, list) else [value] for key, value in recur.items()}, last)


def _extra(source: Any, zones: dict[str, tzinfo]) -> Iterator[tuple[Moment, timedelta | None]]:
    return _dates(source.get("RDATE"), zones)


def _dates(found: Any, zones: dict[str, tzinfo]) -> Iterator[tuple[Moment, timedelta | None]]:
    count = 0
    for group in _many(found):
        for one in group.dts:
            count += 1
            if count > MAX_DATES:
                raise TooMuchError("An event lists too many dates. Export a shorter period and try again.")
            if isinstance(one.dt, tuple):
                first, last = one.dt
                length = last if isinstance(last, timedelta) else last - first
                yield _moment(first, group.params, zones), length
            else:
                yield _moment(one.dt, group.params, zones), None


def _moment(value: Any, params: Any, zones: dict[str, tzinfo]) -> Moment:
    if not isinstance(value, datetime):
        if not isinstance(value, date):
            raise MalformedError("A time of the file is neither a date nor a date with a time.")
        return Moment(datetime.combine(value, time()), None, is_date=True)
    name = params.get("X-TZID")
    zone = zone_named(str(name), zones) if name and value.tzinfo is None else value.tzinfo
    return Moment(value.replace(tzinfo=None, fold=0), zone)


def _many(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)
