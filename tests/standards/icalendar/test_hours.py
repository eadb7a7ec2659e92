"""Working hours of a week as iCalendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gonghe.standards import icalendar
from gonghe.standards.icalendar import WorkingHours

TWO_SHIFTS = WorkingHours(
    (
        (0, "06:00", "14:00"),
        (0, "14:00", "22:00"),
        (1, "06:00", "14:00"),
        (4, "22:00", "06:00"),
        (6, "00:00", "00:00"),
    ),
    (date(2026, 10, 1), date(2026, 10, 2)),
    "Asia/Shanghai",
)


def test_hours_come_back_as_they_were_written() -> None:
    """A night shift, a whole day, days off next to each other; with and without a zone."""
    for hours in (TWO_SHIFTS, WorkingHours(TWO_SHIFTS.shifts), WorkingHours(((0, "08:00", "17:00"),))):
        assert icalendar.read_hours(icalendar.read(icalendar.write_hours(hours))) == hours


def test_others_read_the_same_hours() -> None:
    """Expanded like any availability: Friday's night ends on Saturday morning, Sunday is open all day."""
    feed = icalendar.read(icalendar.write_hours(TWO_SHIFTS))
    found = feed.working(
        datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    )
    assert found == (
        (datetime(2026, 3, 6, 14, tzinfo=UTC), datetime(2026, 3, 6, 22, tzinfo=UTC)),
        (datetime(2026, 3, 7, 16, tzinfo=UTC), datetime(2026, 3, 8, 16, tzinfo=UTC)),
        (datetime(2026, 3, 8, 22, tzinfo=UTC), datetime(2026, 3, 9, 0, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    "rule", ["RRULE:FREQ=WEEKLY;INTERVAL=2", "RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=MONTHLY", ""]
)
def test_hours_that_do_not_hold_every_week_are_refused(rule: str) -> None:
    """Every second week, three weeks, once a month, once."""
    lines = ["BEGIN:VCALENDAR", "BEGIN:VAVAILABILITY", "BEGIN:AVAILABLE", "UID:1"]
    lines += ["DTSTART:20260302T080000", "DTEND:20260302T170000", *([rule] if rule else [])]
    content = "\r\n".join([*lines, "END:AVAILABLE", "END:VAVAILABILITY", "END:VCALENDAR", ""]).encode()
    with pytest.raises(icalendar.RecurrenceError):
        icalendar.read_hours(icalendar.read(content))


def test_a_calendar_without_hours_names_none() -> None:
    """Events alone say when something is, not when a machine works."""
    assert icalendar.read_hours(icalendar.read(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")) is None
