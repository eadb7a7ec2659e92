"""iCalendar files (RFC 5545, availability of RFC 7953): when something is busy and when it works."""

from gonghe.standards.icalendar.errors import (
    ICalendarError,
    MalformedError,
    RecurrenceError,
    TooMuchError,
    ZoneError,
)
from gonghe.standards.icalendar.hours import WorkingHours, read_hours, write_hours
from gonghe.standards.icalendar.reader import MAX_BYTES, MAX_WINDOW, Feed, Span, read

__all__ = [
    "MAX_BYTES",
    "MAX_WINDOW",
    "Feed",
    "ICalendarError",
    "MalformedError",
    "RecurrenceError",
    "Span",
    "TooMuchError",
    "WorkingHours",
    "ZoneError",
    "read",
    "read_hours",
    "write_hours",
]
