"""Repeating days are those that dateutil finds, for any rule; any text is read or refused by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from gonghe.standards import icalendar
from gonghe.standards.icalendar.recurrence import WEEKDAYS, Budget, days_of, parse

weekday = st.sampled_from(WEEKDAYS)
signed = st.integers(1, 28) | st.integers(-28, -1)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, list[str]]:
    """Parts of a rule that matches some day; for others the peer searches until the year 9999.

    Weekdays are all numbered or all plain: of both together the peer finds none, RFC 5545 wants either.
    """
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": [freq]}
    names = draw(
        st.sets(st.sampled_from(["BYMONTH", "BYMONTHDAY", "BYDAY"]), max_size=3 if freq != "DAILY" else 1)
    )
    if "BYMONTH" in names:
        parts["BYMONTH"] = [str(one) for one in draw(st.sets(st.integers(1, 12), min_size=1, max_size=4))]
    if "BYMONTHDAY" in names and freq != "WEEKLY":
        parts["BYMONTHDAY"] = [str(one) for one in draw(st.sets(signed, min_size=1, max_size=4))]
    if "BYDAY" in names:
        numbered = freq in {"MONTHLY", "YEARLY"} and "BYMONTHDAY" not in names and draw(st.booleans())
        ordinal = st.sampled_from(["1", "2", "-1", "+3"] if numbered else [""])
        days = draw(st.sets(st.tuples(ordinal, weekday), min_size=1, max_size=4))
        parts["BYDAY"] = [number + day for number, day in sorted(days)]
    if not names and freq == "YEARLY" and draw(st.booleans()):
        parts["BYYEARDAY"] = [str(one) for one in draw(st.sets(st.integers(1, 365), min_size=1, max_size=4))]
    parts["INTERVAL"] = [str(draw(st.integers(1, 5)) if freq == "WEEKLY" or not names else 1)]
    if {"BYDAY", "BYMONTHDAY"} & set(parts) and freq != "DAILY" and draw(st.booleans()):
        parts["BYSETPOS"] = [str(one) for one in draw(st.sets(st.sampled_from([1, -1]), min_size=1))]
    if draw(st.booleans()):
        parts["WKST"] = [draw(weekday)]
    if draw(st.booleans()):
        parts["COUNT"] = [str(draw(st.integers(1, 40)))]
    return parts


@settings(max_examples=100, deadline=None)
@given(
    rules(),
    st.dates(date(2019, 1, 1), date(2024, 12, 31)),
    st.integers(0, 1500),
    st.integers(0, 500),
    st.none() | st.integers(0, 1500),
)
def test_the_same_days_as_the_peer(
    parts: dict[str, list[str]], first: date, ahead: int, length: int, until_days: int | None
) -> None:
    until = None if until_days is None or "COUNT" in parts else first + timedelta(days=until_days)
    start = first + timedelta(days=ahead)
    end = start + timedelta(days=length)
    ours = list(days_of(parse(parts, until), first, start, end, Budget(10**6)))
    text = ";".join(f"{key}={','.join(values)}" for key, values in parts.items())
    text += f";UNTIL={until:%Y%m%d}T000000" if until else ""
    theirs = []
    for found in rrulestr(text, dtstart=datetime.combine(first, time())):
        if found.date() > end:
            break
        if found.date() >= start:
            theirs.append(found.date())
    assert ours == theirs


LINES = """
BEGIN:VCALENDAR
END:VCALENDAR
BEGIN:VEVENT
END:VEVENT
BEGIN:VTIMEZONE
END:VTIMEZONE
UID:1
DTSTART:20260302T080000Z
DTSTART;TZID=Nowhere:20260302T080000
DTSTART;VALUE=DATE:20260302
DTSTART:
DTEND:20260302T090000
DURATION:PT1H
DURATION:-PT1H
RRULE:FREQ=DAILY
RRULE:FREQ=MONTHLY;BYDAY=5MO
RRULE:UNTIL=20270101;FREQ=DAILY
RRULE:
EXDATE:20260303T080000Z
EXDATE:x
RDATE;VALUE=PERIOD:20260302T080000Z/PT1H
RECURRENCE-ID:20260302T080000Z
BEGIN:VFREEBUSY
FREEBUSY:20260302T080000Z/PT1H
FREEBUSY:1/2
END:VFREEBUSY
BEGIN:VAVAILABILITY
BEGIN:AVAILABLE
END:AVAILABLE
END:VAVAILABILITY
:
;

TZOFFSETTO:+9999
TZID:Nowhere
DTSTART;TZID=../../etc/passwd:20260302T080000
DTSTART:99991231T235959Z
DTSTART:00010101T000000
"""
line = st.sampled_from(LINES.splitlines()) | st.text(max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.lists(line, max_size=25), st.booleans())
def test_any_text_is_read_or_refused_by_name(lines: list[str], framed: bool) -> None:
    whole = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"] if framed else lines
    start = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        feed = icalendar.read("\r\n".join(whole).encode())
        spans = feed.busy(start, start + timedelta(days=300), UTC)
    except icalendar.ICalendarError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        return
    assert all(first < last for first, last in spans)
    assert all(one[1] < two[0] for one, two in pairwise(spans))
    assert all(start <= first and last <= start + timedelta(days=300) for first, last in spans)
