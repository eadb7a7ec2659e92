"""Working hours of a week as iCalendar: availability of RFC 7953, days off as all-day events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gonghe.standards.icalendar.entry import Entry
from gonghe.standards.icalendar.errors import RecurrenceError
from gonghe.standards.icalendar.reader import Feed
from gonghe.standards.icalendar.recurrence import ONE_DAY, WEEKDAYS

MONDAY = date(2024, 1, 1)  # any Monday: the hours hold every week


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Hours that hold every week.

    Parameters
    ----------
    shifts
        (weekday, start, end), Monday is 0, "HH:MM"; an end at or before the start lies on the next day.
    days_off
        Days on which no shift begins.
    zone
        IANA name; empty where the file names none.
    """

    shifts: tuple[tuple[int, str, str], ...]
    days_off: tuple[date, ...] = ()
    zone: str = ""


def write_hours(hours: WorkingHours) -> bytes:
    """Working hours as an iCalendar file; the same hours give the same bytes."""
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    for weekday, start, end in hours.shifts:
        days[start, end].append(weekday)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gonghe//EN", "BEGIN:VAVAILABILITY", "UID:hours"]
    lines.append("DTSTAMP:20240101T000000Z")
    for number, ((start, end), weekdays) in enumerate(sorted(days.items()), 1):
        first = MONDAY + timedelta(days=min(weekdays))
        last = first if end > start else first + ONE_DAY
        named = ",".join(WEEKDAYS[day] for day in sorted(set(weekdays)))
        lines += ["BEGIN:AVAILABLE", f"UID:shift-{number}", "DTSTAMP:20240101T000000Z"]
        lines += [_moment("DTSTART", first, start, hours.zone), _moment("DTEND", last, end, hours.zone)]
        lines += [f"RRULE:FREQ=WEEKLY;BYDAY={named}", "END:AVAILABLE"]
    lines.append("END:VAVAILABILITY")
    for day in sorted(set(hours.days_off)):
        lines += ["BEGIN:VEVENT", f"UID:off-{day.isoformat()}", "DTSTAMP:20240101T000000Z"]
        lines += [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + ONE_DAY:%Y%m%d}"]
        lines += ["SUMMARY:closed", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def read_hours(feed: Feed) -> WorkingHours | None:
    """Working hours of a calendar that was read; None if it names none.

    Days off are its all-day events that do not repeat, and days that its hours leave out.

    Raises
    ------
    RecurrenceError
        If hours do not hold every week alike, or last longer than a day.
    """
    if not feed.available:
        return None
    shifts = {shift for one in feed.available for shift in _shifts(one)}
    zones = {one.start.zone.key for one in feed.available if isinstance(one.start.zone, ZoneInfo)}
    off = {moment.wall.date() for one in feed.available for moment in one.without}
    off |= {day for one in feed.events for day in _days_off(one)}
    if len(zones) > 1:
        raise RecurrenceError("The working hours stand in several time zones. Give each machine one.")
    return WorkingHours(tuple(sorted(shifts)), tuple(sorted(off)), next(iter(zones), ""))


def _shifts(one: Entry) -> Iterator[tuple[int, str, str]]:
    if not timedelta() < one.lasts <= ONE_DAY:
        raise RecurrenceError("A stretch of working hours is empty or longer than a day.")
    end = one.start.wall + one.lasts
    days: set[int] = set()
    for rule in one.rules:
        weekly = rule.freq == "WEEKLY" and not (rule.months or rule.positions)
        daily = rule.freq == "DAILY" and not (rule.months or rule.month_days or rule.days)
        if rule.interval != 1 or rule.count is not None or rule.until is not None or not (weekly or daily):
            raise RecurrenceError("Working hours must hold every week alike, without an end.")
        own = {weekday for _ordinal, weekday in rule.days} or {one.start.wall.weekday()}
        days |= set(range(7)) if daily else own
    if not days:
        raise RecurrenceError("Working hours must repeat every week.")
    for weekday in days:
        yield weekday, f"{one.start.wall:%H:%M}", f"{end:%H:%M}"


def _days_off(one: Entry) -> Iterator[date]:
    if one.takes_time and one.start.is_date and not one.rules and one.lasts <= timedelta(days=62):
        for step in range(one.lasts.days):
            yield one.start.wall.date() + timedelta(days=step)


def _moment(name: str, day: date, clock: str, zone: str) -> str:
    wall = datetime.combine(day, datetime.strptime(clock, "%H:%M").time())  # noqa: DTZ007
    return f"{name};TZID={zone}:{wall:%Y%m%dT%H%M%S}" if zone else f"{name}:{wall:%Y%m%dT%H%M%S}"
