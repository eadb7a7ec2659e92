"""When a calendar says it is busy and when it works, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gonghe.standards import icalendar
from gonghe.standards.icalendar import (
    ICalendarError,
    MalformedError,
    RecurrenceError,
    TooMuchError,
    ZoneError,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def calendar(*parts: str) -> bytes:
    """A file of these components; a part without BEGIN is an event's lines with commas between."""
    blocks = [
        part
        if part.startswith("BEGIN")
        else "BEGIN:VEVENT\nUID:1\n" + part.replace(" | ", "\n") + "\nEND:VEVENT"
        for part in parts
    ]
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//\n" + "\n".join(blocks) + "\nEND:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def busy(content: bytes, start: str, end: str, zone: ZoneInfo = SHANGHAI) -> list[str]:
    """Busy spans on the wall clock of a zone: "02 08:00-09:00", with the month's day."""
    first, last = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, end))
    return shown(icalendar.read(content).busy(first, last, zone), zone)


def shown(spans: tuple[icalendar.Span, ...] | None, zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [f"{one.astimezone(zone):%d %H:%M}-{two.astimezone(zone):%H:%M}" for one, two in spans or ()]


def test_events_in_their_zone_in_utc_and_floating() -> None:
    content = calendar(
        "DTSTART;TZID=Asia/Shanghai:20260302T080000 | DTEND;TZID=Asia/Shanghai:20260302T100000",
        "DTSTART:20260303T000000Z | DURATION:PT90M",
        "DTSTART:20260304T080000 | DTEND:20260304T083000",
        "DTSTART;TZID=China Standard Time:20260305T080000 | DTEND;TZID=China Standard Time:20260305T090000",
        "DTSTART;TZID=/mozilla.org/20070129_1/Europe/Berlin:20260306T080000 | DURATION:PT1H",
        "DTSTART;VALUE=DATE:20260307",
        "DTSTART;VALUE=DATE:20260309 | DTEND;VALUE=DATE:20260311",
    )
    assert busy(content, "2026-03-01", "2026-03-20") == [
        "02 08:00-10:00",
        "03 08:00-09:30",
        "04 08:00-08:30",
        "05 08:00-09:00",
        "06 15:00-16:00",
        "07 00:00-00:00",
        "09 00:00-00:00",
    ]


def test_what_is_free_or_cancelled_takes_no_time() -> None:
    content = calendar(
        "DTSTART:20260302T080000 | DURATION:PT1H | TRANSP:TRANSPARENT",
        "DTSTART:20260302T100000 | DURATION:PT1H | STATUS:CANCELLED",
        "DTSTART:20260302T120000 | DURATION:PT1H | STATUS:TENTATIVE | TRANSP:OPAQUE",
        "DTSTART:20260302T150000",
    )
    assert busy(content, "2026-03-01", "2026-03-20") == ["02 12:00-13:00"]


def test_a_night_shift_that_repeats_less_some_nights_over_the_clock_change() -> None:
    content = calendar(
        "DTSTART;TZID=Europe/Berlin:20260326T220000 | DTEND;TZID=Europe/Berlin:20260327T060000 "
        "| RRULE:FREQ=DAILY;UNTIL=20260331T200000Z | EXDATE;TZID=Europe/Berlin:20260327T220000 "
        "| EXDATE;TZID=Europe/Berlin:20260330T220000"
    )
    spans = icalendar.read(content).busy(
        datetime(2026, 3, 27, 2, tzinfo=BERLIN), datetime(2026, 4, 9, tzinfo=BERLIN), BERLIN
    )
    assert shown(spans, BERLIN) == ["27 02:00-06:00", "28 22:00-06:00", "29 22:00-06:00", "31 22:00-06:00"]
    assert [last - first for first, last in spans] == [timedelta(hours=hours) for hours in (4, 7, 8, 8)]


def test_a_moved_and_a_cancelled_occurrence_take_the_place_of_the_series_own() -> None:
    series = "DTSTART:20260302T080000Z | DURATION:PT1H | RRULE:FREQ=WEEKLY;COUNT=4 | RDATE:20260320T080000Z"
    moved = "RECURRENCE-ID:20260309T080000Z | DTSTART:20260310T090000Z | DURATION:PT2H"
    gone = "RECURRENCE-ID:20260316T080000Z | DTSTART:20260316T080000Z | DURATION:PT1H | STATUS:CANCELLED"
    assert busy(calendar(series, moved, gone), "2026-03-01", "2026-04-20") == [
        "02 16:00-17:00",
        "10 17:00-19:00",
        "20 16:00-17:00",
        "23 16:00-17:00",
    ]


def test_a_date_leaves_out_the_whole_day() -> None:
    content = calendar(
        "DTSTART:20260302T080000 | DURATION:PT1H | RRULE:FREQ=DAILY;COUNT=3 | EXDATE;VALUE=DATE:20260303"
    )
    assert busy(content, "2026-03-01", "2026-04-20") == ["02 08:00-09:00", "04 08:00-09:00"]


def test_busy_periods_written_out_and_working_hours() -> None:
    content = calendar(
        "BEGIN:VFREEBUSY\nUID:2\nFREEBUSY;FBTYPE=BUSY:20260302T000000Z/PT1H,20260302T030000Z/20260302T040000Z\n"
        "FREEBUSY;FBTYPE=FREE:20260302T080000Z/PT1H\nEND:VFREEBUSY",
        "BEGIN:VAVAILABILITY\nUID:3\nBEGIN:AVAILABLE\nUID:4\nDTSTART;TZID=Asia/Shanghai:20260302T080000\n"
        "DTEND;TZID=Asia/Shanghai:20260302T170000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE\nEND:AVAILABLE\nEND:VAVAILABILITY",
    )
    feed = icalendar.read(content)
    window = datetime(2026, 3, 1, tzinfo=SHANGHAI), datetime(2026, 3, 9, tzinfo=SHANGHAI)
    assert shown(feed.busy(*window, SHANGHAI)) == ["02 08:00-09:00", "02 11:00-12:00"]
    assert shown(feed.working(*window, SHANGHAI)) == ["02 08:00-17:00", "04 08:00-17:00"]
    assert icalendar.read(calendar()).working(*window, SHANGHAI) is None


def test_a_zone_that_the_file_describes_with_one_offset_is_that_offset() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Our works\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0800\n"
        "TZOFFSETTO:+0800\nEND:STANDARD\nEND:VTIMEZONE"
    )
    content = calendar(zone, "DTSTART;TZID=Our works:20260302T080000 | DURATION:PT1H")
    assert busy(content, "2026-03-01", "2026-03-20") == ["02 08:00-09:00"]
    with pytest.raises(ZoneError, match="Their works"):
        icalendar.read(calendar(zone, "DTSTART;TZID=Their works:20260302T080000 | DURATION:PT1H"))


SERIES = "DTSTART:20200102T080000 | DURATION:PT1H | RRULE:"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", MalformedError),
        (b"hello", MalformedError),
        (b"\xff\xfe\x00", MalformedError),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" * 9, TooMuchError),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 11_000, TooMuchError),
        (b"BEGIN:VCALENDAR\r\nX:" + b"x" * 2_000_000, TooMuchError),
        (calendar("SUMMARY:no start"), MalformedError),
        (calendar("DTSTART:never | DURATION:PT1H"), MalformedError),
        (calendar("DTSTART:20260302T080000 | DTEND:20260301T080000"), MalformedError),
        (calendar("DTSTART:20260302T080000 | DURATION:P99999D"), TooMuchError),
        (calendar("DTSTART:20260302T080000 | DURATION:PT99999999999999999999H"), MalformedError),
        (calendar(SERIES + "FREQ=SECONDLY"), RecurrenceError),
        (calendar(SERIES + "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"), RecurrenceError),
        (calendar(SERIES + "FREQ=DAILY;BYHOUR=1,2,3"), RecurrenceError),
        (calendar(SERIES + "FREQ=YEARLY;BYWEEKNO=20"), RecurrenceError),
        (calendar(SERIES + "FREQ=NEVER"), MalformedError),
        (calendar(SERIES + "FREQ=DAILY;INTERVAL=0"), RecurrenceError),
        (calendar(SERIES + "FREQ=MONTHLY;BYDAY=99MO"), ICalendarError),
        (calendar(SERIES + "FREQ=MONTHLY;BYMONTHDAY=0"), RecurrenceError),
        (
            calendar("RECURRENCE-ID;RANGE=THISANDFUTURE:20260302T080000 | DTSTART:20260302T080000"),
            RecurrenceError,
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(content: bytes, kind: type[ICalendarError]) -> None:
    with pytest.raises(kind) as caught:
        icalendar.read(content)
    assert str(caught.value).endswith(".") or ":" in str(caught.value)


@pytest.mark.parametrize("rule", ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "DAILY;INTERVAL=7;BYDAY=TU"])
def test_a_rule_that_never_matches_costs_a_bounded_search(rule: str) -> None:
    content = calendar(SERIES + f"FREQ={rule};BYMONTH=2;BYMONTHDAY=30")
    assert busy(content, "2026-01-01", "2027-06-01") == []


def test_many_events_that_repeat_for_centuries_are_refused() -> None:
    content = calendar(*["DTSTART:00020101T080000 | DURATION:PT1H | RRULE:FREQ=DAILY;COUNT=90000"] * 200)
    with pytest.raises(TooMuchError, match="repeat"):
        busy(content, "2026-01-01", "2026-02-01")
    with pytest.raises(TooMuchError, match="800 days"):
        busy(calendar(SERIES + "FREQ=DAILY"), "2020-01-01", "2026-02-01")


def test_an_old_series_without_end_is_followed_from_the_asked_time_on() -> None:
    feed = icalendar.read(calendar(*["DTSTART:19700101T080000 | DURATION:PT1H | RRULE:FREQ=DAILY"] * 500))
    spans = feed.busy(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 11, tzinfo=UTC), UTC)
    assert len(spans) == 100
