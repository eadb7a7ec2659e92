"""Why an iCalendar file cannot be used."""

from __future__ import annotations


class ICalendarError(ValueError):
    """The file cannot be used; `code` names why, `subject` what in the file it is about.

    ICalendarError
    ├── MalformedError    it is no iCalendar file, or an event lacks what it needs
    ├── TooMuchError      it is larger, or repeats more often, than any machine's calendar would
    ├── RecurrenceError   an event repeats by a rule that is wrong or not read here
    └── ZoneError         a time stands in a zone that nobody knows
    """

    code = "icalendar"

    def __init__(self, message: str, subject: str = "") -> None:
        super().__init__(message)
        self.subject = subject[:80]


class MalformedError(ICalendarError):
    """It is no iCalendar file, or an event lacks what it needs."""

    code = "malformed"


class TooMuchError(ICalendarError):
    """It is larger, or repeats more often, than any machine's calendar would."""

    code = "too_much"


class RecurrenceError(ICalendarError):
    """An event repeats by a rule that is wrong or not read here."""

    code = "recurrence"


class ZoneError(ICalendarError):
    """A time stands in a zone that nobody knows."""

    code = "zone"
