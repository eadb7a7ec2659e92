"""Wall-clock rules become spans of time: over clock changes, holidays, nights and odd minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gonghe.apps.capacity import hours

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = [[day, "22:00", "06:00"] for day in range(7)]


def at(text: str) -> datetime:
    """A moment written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_shift_is_where_its_wall_clock_says() -> None:
    """08:00 in Shanghai is midnight UTC; the week has one Monday shift."""
    spans = hours.expand([[0, "08:00", "17:00"]], [], SHANGHAI, at("2026-03-02"), at("2026-03-09"))
    assert spans == [(at("2026-03-02T00:00"), at("2026-03-02T09:00"))]


def test_a_night_shift_loses_an_hour_in_spring_and_gains_one_in_autumn() -> None:
    """Germany moves its clocks on 29 March and 25 October 2026."""
    spring = hours.expand(NIGHT, [], BERLIN, at("2026-03-28T12:00"), at("2026-03-29T12:00"))
    autumn = hours.expand(NIGHT, [], BERLIN, at("2026-10-24T12:00"), at("2026-10-25T12:00"))
    plain = hours.expand(NIGHT, [], BERLIN, at("2026-06-10T12:00"), at("2026-06-11T12:00"))
    assert [hours.length(one) for one in (spring, plain, autumn)] == [
        timedelta(hours=7),
        timedelta(hours=8),
        timedelta(hours=9),
    ]
    assert spring == [(at("2026-03-28T21:00"), at("2026-03-29T04:00"))]


def test_the_day_shift_keeps_its_wall_clock_over_the_change() -> None:
    """The same 08:00 is an hour earlier in UTC once summer time has begun."""
    days = [[day, "08:00", "16:00"] for day in range(7)]
    spans = hours.expand(days, [], BERLIN, at("2026-03-28"), at("2026-03-30"))
    assert spans == [
        (at("2026-03-28T07:00"), at("2026-03-28T15:00")),
        (at("2026-03-29T06:00"), at("2026-03-29T14:00")),
    ]


def test_no_shift_begins_on_a_holiday_but_the_night_before_ends_on_it() -> None:
    """1 October off: the shift of 30 September runs until 06:00, that of 1 October is missing."""
    spans = hours.expand(NIGHT, ["2026-10-01"], SHANGHAI, at("2026-09-30T12:00"), at("2026-10-02T12:00"))
    assert spans == [(at("2026-09-30T14:00"), at("2026-09-30T22:00"))]


def test_shifts_that_meet_at_midnight_are_one_span() -> None:
    """Round the clock from Monday to Tuesday is one span without a seam."""
    always = [[0, "00:00", "00:00"], [1, "00:00", "00:00"]]
    spans = hours.expand(always, [], UTC, at("2026-03-01"), at("2026-03-06"))
    assert spans == [(at("2026-03-02"), at("2026-03-04"))]


def test_odd_minutes_are_cut_inwards_to_quarters() -> None:
    """07:50 to 12:05 leaves 08:00 to 12:00."""
    spans = hours.expand([[0, "07:50", "12:05"]], [], UTC, at("2026-03-02"), at("2026-03-03"))
    assert spans == [(at("2026-03-02T08:00"), at("2026-03-02T12:00"))]


def test_subtract_leaves_both_sides_of_what_is_taken() -> None:
    """An hour out of the middle leaves two pieces."""
    day = [(at("2026-03-02T08:00"), at("2026-03-02T16:00"))]
    assert hours.subtract(day, [(at("2026-03-02T10:00"), at("2026-03-02T11:00"))]) == [
        (at("2026-03-02T08:00"), at("2026-03-02T10:00")),
        (at("2026-03-02T11:00"), at("2026-03-02T16:00")),
    ]


def test_slots_and_spans_are_each_others_inverse() -> None:
    """Two pieces with a gap of a quarter come back as they were."""
    pieces = [
        (at("2026-03-02T08:00"), at("2026-03-02T09:00")),
        (at("2026-03-02T09:15"), at("2026-03-02T09:30")),
    ]
    assert hours.spans_of(hours.slots_in(pieces)) == pieces
    assert len(hours.slots_in(pieces)) == 5
