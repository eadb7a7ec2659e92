"""Days on which an event repeats (RFC 5545, 3.3.10), in a number of steps known beforehand.

A general expander looks for the next date until the year 9999 when a rule matches none ("the 30th of
every February"), so a small hostile file would hold a worker for minutes. This one walks periods between
two days and spends a budget.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gonghe.standards.icalendar.errors import RecurrenceError, TooMuchError

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
READ = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYDAY",
    "BYSETPOS",
}
ONE_DAY = timedelta(days=1)


class Budget:
    """Days that may still be looked at for one file."""

    def __init__(self, days: int) -> None:
        self.left = days

    def spend(self, days: int) -> None:
        """Count days.

        Raises
        ------
        TooMuchError
            If there are none left.
        """
        self.left -= days
        if self.left < 0:
            raise TooMuchError(
                "The events repeat over too many days to be followed. Export a shorter period and try again."
            )


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence rule by days; the time of day is the event's own.

    Parameters
    ----------
    days
        (ordinal, weekday 0-6): ordinal 0 is every such weekday, 2 the second, -1 the last.
    until
        Last day on which it may repeat, as the caller has brought it to the event's zone.
    """

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    week_start: int = 0
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    days: tuple[tuple[int, int], ...] = ()
    positions: tuple[int, ...] = ()


def parse(parts: Mapping[str, Sequence[object]], until: date | None) -> Rule:
    """Read the parts of an RRULE.

    Raises
    ------
    RecurrenceError
        If a part is wrong, or is one that is not read: hours, minutes, seconds, week numbers.
    """
    texts = {str(key).upper(): [str(one).upper() for one in values] for key, values in parts.items()}
    if strange := sorted(set(texts) - READ):
        raise RecurrenceError(f"An event repeats by {strange[0]}, which is not read here.", strange[0])
    freq = texts.get("FREQ", [""])[0]
    if freq not in FREQUENCIES:
        raise RecurrenceError(
            f"An event repeats {freq or 'without FREQ'}; only daily, weekly, monthly and yearly are read.",
            freq,
        )
    start = texts.get("WKST", ["MO"])[0]
    if start not in WEEKDAYS:
        raise RecurrenceError(f"WKST={start} is no day of the week.", start)
    return Rule(
        freq,
        interval=_numbers(texts, "INTERVAL", 1, 10_000, (1,))[0],
        count=(_numbers(texts, "COUNT", 1, 100_000) or (None,))[0],
        until=until,
        week_start=WEEKDAYS.index(start),
        months=frozenset(_numbers(texts, "BYMONTH", 1, 12)),
        month_days=frozenset(_signed(texts, "BYMONTHDAY", 31)),
        year_days=frozenset(_signed(texts, "BYYEARDAY", 366)),
        days=tuple(_weekday(text) for text in texts.get("BYDAY", [])),
        positions=_signed(texts, "BYSETPOS", 366),
    )


def days_of(rule: Rule, first: date, start: date, end: date, budget: Budget) -> Iterator[date]:
    """Days from `start` to `end` (both included) on which an event that began on `first` repeats, in order.

    Raises
    ------
    TooMuchError
        If the budget is used up.
    """
    last = min(end, rule.until) if rule.until else end
    skip = 0 if rule.count else max(0, _periods_between(rule, first, start) - 1)
    found = 0
    for opening in _openings(rule, first, skip, last):
        period = list(_period(rule, opening))
        budget.spend(len(period))
        for day in _chosen(rule, first, period):
            if day < first:
                continue
            found += 1
            if day > last or (rule.count and found > rule.count):
                return
            if day >= start:
                yield day


def _periods_between(rule: Rule, first: date, start: date) -> int:
    """How many steps of the rule surely lie before `start`."""
    days = max(0, (start - first).days)
    length = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[rule.freq]
    return days // (length * rule.interval)


def _openings(rule: Rule, first: date, skip: int, last: date) -> Iterator[date]:
    """First day of every period of the rule from the one that holds `first`, less those skipped."""
    step = skip
    while True:
        opening = _opening(rule, first, step * rule.interval)
        if opening is None or opening > last:
            return
        yield opening
        step += 1


def _opening(rule: Rule, first: date, periods: int) -> date | None:
    try:
        if rule.freq == "DAILY":
            return first + timedelta(days=periods)
        if rule.freq == "WEEKLY":
            monday = first - timedelta(days=(first.weekday() - rule.week_start) % 7)
            return monday + timedelta(weeks=periods)
        if rule.freq == "MONTHLY":
            months = first.year * 12 + first.month - 1 + periods
            return date(months // 12, months % 12 + 1, 1)
        return date(first.year + periods, 1, 1)
    except (ValueError, OverflowError):
        return None  # past the year 9999


def _period(rule: Rule, opening: date) -> Iterator[date]:
    length = {"DAILY": 1, "WEEKLY": 7}.get(rule.freq)
    if length is None:
        month = calendar.monthrange(opening.year, opening.month)[1]
        length = month if rule.freq == "MONTHLY" else 365 + calendar.isleap(opening.year)
    return (opening + timedelta(days=step) for step in range(length))


def _chosen(rule: Rule, first: date, period: Sequence[date]) -> list[date]:
    days = [day for day in period if _matches(rule, first, day)]
    if not rule.positions:
        return days
    picked = {at - 1 if at > 0 else len(days) + at for at in rule.positions}
    return [day for index, day in enumerate(days) if index in picked]


def _matches(rule: Rule, first: date, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if not (rule.month_days or rule.year_days or rule.days):
        return _as_begun(rule, first, day)
    return (
        (not rule.month_days or _in(day.day, _month_length(day), rule.month_days))
        and (not rule.year_days or _in(day.timetuple().tm_yday, _year_length(day), rule.year_days))
        and (not rule.days or any(_is_weekday(rule, day, one) for one in rule.days))
    )


def _as_begun(rule: Rule, first: date, day: date) -> bool:
    """Without a part that names days, the day is that of the first event."""
    if rule.freq == "WEEKLY":
        return day.weekday() == first.weekday()
    if rule.freq == "MONTHLY":
        return day.day == first.day
    if rule.freq == "YEARLY":
        return day.day == first.day and bool(rule.months or day.month == first.month)
    return True


def _is_weekday(rule: Rule, day: date, wanted: tuple[int, int]) -> bool:
    ordinal, weekday = wanted
    if day.weekday() != weekday:
        return False
    if not ordinal or rule.freq not in {"MONTHLY", "YEARLY"}:
        return True
    by_month = rule.freq == "MONTHLY" or rule.months
    at = day.day if by_month else day.timetuple().tm_yday
    length = _month_length(day) if by_month else _year_length(day)
    return ordinal in {(at - 1) // 7 + 1, -((length - at) // 7 + 1)}


def _in(at: int, length: int, wanted: frozenset[int]) -> bool:
    return at in wanted or at - length - 1 in wanted


def _month_length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _year_length(day: date) -> int:
    return 365 + calendar.isleap(day.year)


def _weekday(text: str) -> tuple[int, int]:
    ordinal, day = text[:-2], text[-2:]
    if day not in WEEKDAYS or not (ordinal == "" or ordinal.lstrip("+-").isdecimal()):
        raise RecurrenceError(f"BYDAY={text[:20]} is no day of the week.", text)
    number = int(ordinal or 0)
    if abs(number) > 53 or (ordinal and not number):
        raise RecurrenceError(f"BYDAY={text[:20]} is no day of the week.", text)
    return number, WEEKDAYS.index(day)


def _signed(texts: Mapping[str, list[str]], name: str, most: int) -> tuple[int, ...]:
    found = _numbers(texts, name, -most, most)
    if 0 in found:
        raise RecurrenceError(f"{name}=0 means no day.", name)
    return found


def _numbers(
    texts: Mapping[str, list[str]], name: str, least: int, most: int, default: tuple[int, ...] = ()
) -> tuple[int, ...]:
    try:
        found = tuple(int(text) for text in texts.get(name, []))
    except ValueError:
        raise RecurrenceError(f"{name} is no number.", name) from None
    if any(not least <= one <= most for one in found):
        raise RecurrenceError(f"{name} lies outside {least} to {most}.", name)
    return found or default
