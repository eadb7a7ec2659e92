"""Read an iCalendar file; say when it is busy and when it works between two moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from icalendar import Calendar

from gonghe.standards.icalendar.entry import Entry, Span, instances, read_entry
from gonghe.standards.icalendar.errors import ICalendarError, MalformedError, TooMuchError
from gonghe.standards.icalendar.recurrence import Budget
from gonghe.standards.icalendar.text import MAX_BYTES, without_zones

__all__ = ["MAX_BYTES", "MAX_WINDOW", "Feed", "Span", "read"]
MAX_WINDOW = timedelta(days=800)
MAX_DAYS = 150_000  # days looked at for one answer: 400 events that each repeat daily for a year
MAX_SPANS = 50_000


@dataclass(frozen=True, slots=True)
class Feed:
    """What was read: entries are kept as rules and expanded when asked.

    Parameters
    ----------
    events : tuple of Entry
        Events (VEVENT) that take time: neither cancelled nor marked as free (TRANSP:TRANSPARENT); a
        changed or cancelled occurrence of a series is an entry that takes the place of the series' own.
    taken : tuple of Span
        Busy periods written out (VFREEBUSY).
    available : tuple of Entry
        Working hours (AVAILABLE of VAVAILABILITY, RFC 7953).
    """

    events: tuple[Entry, ...]
    taken: tuple[Span, ...]
    available: tuple[Entry, ...]

    def busy(self, start: datetime, end: datetime, zone: tzinfo) -> tuple[Span, ...]:
        """Busy time between two moments: in order, merged, in UTC.

        Parameters
        ----------
        zone
            Where dates and times without a zone are meant.

        Raises
        ------
        TooMuchError
            If the window is longer than `MAX_WINDOW` or the entries repeat too often.
        """
        return _between([*_expanded(self.events, start, end, zone), *self.taken], start, end)

    def working(self, start: datetime, end: datetime, zone: tzinfo) -> tuple[Span, ...] | None:
        """Working hours between two moments like `busy`; None if the file does not speak of them."""
        if not self.available:
            return None
        return _between(_expanded(self.available, start, end, zone), start, end)


def read(content: bytes) -> Feed:
    """Read the bytes of an iCalendar file.

    Raises
    ------
    ICalendarError
        Of the kind that says what is wrong; every event is checked, so `Feed.busy` finds fewer surprises.
    """
    text, zones = without_zones(content)
    whole = _parsed(text)
    events = tuple(read_entry(one, zones) for one in whole.walk("VEVENT"))
    available = tuple(read_entry(one, zones) for one in whole.walk("AVAILABLE"))
    return Feed(events, tuple(_free_busy(whole)), available)


def _parsed(text: str) -> Any:
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise MalformedError("This is no iCalendar file: it does not begin with BEGIN:VCALENDAR.")
    try:
        return Calendar.from_ical(text)
    except ICalendarError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise MalformedError(f"The iCalendar file is damaged: {str(error)[:120]}") from error


def _expanded(entries: Iterable[Entry], start: datetime, end: datetime, zone: tzinfo) -> Iterator[Span]:
    if end - start > MAX_WINDOW:
        raise TooMuchError(f"Ask for at most {MAX_WINDOW.days} days at once.")
    entries = list(entries)
    moved: dict[str, set[datetime]] = {}
    for one in entries:
        if one.replaces is not None:
            moved.setdefault(one.uid, set()).add(one.replaces.at(zone))
    budget = Budget(MAX_DAYS)
    count = 0
    for one in entries:
        gone = moved.get(one.uid, set()) if one.replaces is None else set()
        for span in instances(one, start, end, zone, gone, budget):
            count += 1
            if count > MAX_SPANS:
                raise TooMuchError("The file holds too many events in this time. Export a shorter period.")
            if one.takes_time:
                yield span


def _free_busy(whole: Any) -> Iterator[Span]:
    for one in whole.walk("VFREEBUSY"):
        found: Any = one.get("FREEBUSY", [])
        for period in found if isinstance(found, list) else [found]:
            params = getattr(period, "params", {})
            if str(params.get("FBTYPE", "BUSY")).upper() == "FREE":
                continue
            yield _span(period)


def _span(period: Any) -> Span:
    try:
        return period.start.astimezone(UTC), period.end.astimezone(UTC)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise MalformedError("A FREEBUSY period of the file is damaged.") from error


def _between(spans: Iterable[Span], start: datetime, end: datetime) -> tuple[Span, ...]:
    merged: list[Span] = []
    for begin, finish in sorted(spans):
        first, last = max(begin, start.astimezone(UTC)), min(finish, end.astimezone(UTC))
        if first >= last:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)
