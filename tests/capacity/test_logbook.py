"""A production log becomes machines with hours and times, and one week of its orders lies on them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.factories import People

from gonghe.apps.audit.models import Event
from gonghe.apps.base import InvalidError
from gonghe.apps.capacity import access
from gonghe.apps.capacity.logbook import import_log
from gonghe.apps.capacity.models import Calendar, Equipment, Reservation

HEAD = (
    "Case ID,Activity,Resource,Start Timestamp,Complete Timestamp,Span,Work Order Qty,Part Desc.,Worker ID,"
    "Report Type,Qty Completed,Qty Rejected,Qty for MRB,Rework"
)
LINES = tuple(
    f"{case},{activity},{machine},2026/03/{start}:00.000,2026/03/{end}:00.000,{rest}"
    for case, activity, machine, start, end, rest in (
        ("Case 1", "Turning", "Machine 1 - Turning", "02 08:00", "02 09:00", "001:00,10,Shaft,W1,S,0,0,0,"),
        ("Case 1", "Turning", "Machine 1 - Turning", "02 09:00", "02 12:00", "003:00,10,Shaft,W1,D,9,1,0,"),
        ("Case 2", "Turning", "Machine 1 - Turning", "03 08:00", "03 10:00", "002:00,4,Pin,W1,D,4,0,0,"),
        ("Case 1", "Odd jobs", "Bench", "04 13:00", "04 14:00", "001:00,10,Shaft,W2,D,9,0,0,"),
    )
)
WEEK = date(2026, 3, 4)


def log(folder: Path, lines: tuple[str, ...] = LINES) -> Path:
    """Write a log."""
    path = folder / "production-log.csv"
    path.write_text("\n".join((HEAD, *lines)) + "\n")
    return path


def test_a_log_in_xes_does_the_same(people: People, tmp_path: Path) -> None:
    """One order of four hours on one machine; entities are refused in words."""
    path = tmp_path / "log.xes"
    event = (
        '<event><string key="concept:name" value="Turning"/><string key="org:resource" value="Lathe"/>'
        '<date key="time:timestamp" value="2026-03-02T{}:00+08:00"/>'
        '<string key="lifecycle:transition" value="{}"/></event>'
    )
    trace = f"{event.format('08:00', 'start')}{event.format('12:00', 'complete')}"
    named = '<string key="concept:name" value="Order 1"/>'
    path.write_text(f"<log><trace>{named}{trace}</trace></log>")
    done = import_log(people.owner, path, WEEK)
    assert (done.equipment, done.orders, done.reservations, done.left_out) == (1, 1, 1, ())
    held = Reservation.objects.get()
    assert (held.start, held.end) == (
        datetime(2026, 3, 2, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 4, tzinfo=UTC),
    )
    path.write_text('<!DOCTYPE log [<!ENTITY a "b">]><log>&a;</log>')
    with pytest.raises(InvalidError, match="not a production log that can be read"):
        import_log(people.owner, path, WEEK)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_machines_hours_times_and_the_orders_of_a_week(people: People, tmp_path: Path) -> None:
    """Machine 1 works Monday 8 to 12 and Tuesday 8 to 10; its orders of the week are reserved."""
    done = import_log(people.owner, log(tmp_path), WEEK, zone="UTC")
    assert (done.equipment, done.changed, done.orders, done.reservations) == (2, 2, 2, 3)
    assert done.without_process == ("Bench",)
    machine = Equipment.objects.get(code="Machine 1 - Turning")
    assert machine.calendar is not None
    assert machine.calendar.weekly == [[0, "08:00", "12:00"], [1, "08:00", "10:00"]]
    assert [one.process for one in machine.capabilities.all()] == ["turning"]
    assert machine.history == {
        "operations": 2,
        "good": 13,
        "scrap": 1,
        "setup_median_s": 1800,
        "run_median_s": 1440,
    }
    pieces = access.booked([machine.pk], at("2026-03-02"), at("2026-03-09"))[machine.pk]
    assert [(piece.start, piece.end) for piece in pieces] == [
        (at("2026-03-02T08:00"), at("2026-03-02T12:00")),
        (at("2026-03-03T08:00"), at("2026-03-03T10:00")),
    ]
    assert {one.holder for one in Reservation.objects.all()} == {people.owner.organization}


def test_a_shifted_time_stamp_changes_the_derived_calendar(people: People, tmp_path: Path) -> None:
    """Two hours later on Tuesday, and the calendar says so."""
    later = tuple(
        line.replace("03/03 08:00", "03/03 10:00").replace("03/03 10:00:00.000,002", "03/03 12:00:00.000,002")
        for line in LINES
    )
    import_log(people.owner, log(tmp_path, later), WEEK, zone="UTC")
    calendar = Calendar.objects.get(code="Machine 1 - Turning")
    assert calendar.weekly == [[0, "08:00", "12:00"], [1, "10:00", "12:00"]]


def test_the_same_log_twice_changes_nothing(people: People, tmp_path: Path) -> None:
    """No event, no machine and no reservation is new."""
    import_log(people.owner, log(tmp_path), WEEK, zone="UTC")
    events = Event.objects.count()
    again = import_log(people.owner, log(tmp_path), WEEK, zone="UTC")
    assert (again.changed, again.reservations) == (0, 0)
    assert Event.objects.count() == events


def test_the_week_can_be_laid_onto_another(people: People, tmp_path: Path) -> None:
    """The orders of the week of 4 March lie in the week of 12 June on the same weekdays."""
    import_log(people.owner, log(tmp_path), WEEK, zone="UTC", onto=date(2026, 6, 12))
    starts = sorted(Reservation.objects.values_list("start", flat=True))
    assert starts == [at("2026-06-08T08:00"), at("2026-06-09T08:00"), at("2026-06-10T13:00")]


def test_a_firm_without_a_site_is_told_to_add_one(people: People, tmp_path: Path) -> None:
    """The cluster office has none, and its role may not change equipment anyway."""
    people.owner.organization.sites.all().delete()
    with pytest.raises(InvalidError, match="Add a site first"):
        import_log(people.owner, log(tmp_path), WEEK)


def test_a_file_that_is_no_log_is_refused(people: People, tmp_path: Path) -> None:
    """Nothing is stored."""
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InvalidError, match="not a production log"):
        import_log(people.owner, path, WEEK)
    assert Equipment.objects.count() == 0
