"""No hour is sold twice, none outside opening hours, and a breakdown puts at risk what lies in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.factories import People

from gonghe import clock
from gonghe.apps.audit.models import Event, EventAudience
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.capacity import access, services
from gonghe.apps.capacity.models import Equipment, LedgerSlot, Reservation
from gonghe.apps.capacity.services import Wanted
from gonghe.apps.principal import SYSTEM


def at(text: str) -> datetime:
    """A moment written in UTC; Shanghai is eight hours ahead."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MORNING = (at("2026-03-02T00:00"), at("2026-03-02T02:00"))
NOON = (at("2026-03-02T02:00"), at("2026-03-02T04:00"))
NEXT_DAY = (at("2026-03-03T00:00"), at("2026-03-03T01:00"))


@pytest.fixture(autouse=True)
def _monday_before_work() -> object:
    with clock.telling(at("2026-03-01T12:00")):
        yield


def take(machine: Equipment, people: People, *pieces: tuple[datetime, datetime]) -> Reservation:
    """Reserve for lanshan."""
    return services.reserve(
        SYSTEM, equipment=machine, pieces=pieces, holder=people.buyer.organization, operation_id=uuid4()
    )


def test_reserved_hours_show_as_booked_pieces_and_are_no_longer_free(mill: Equipment, people: People) -> None:
    """Two pieces of one reservation stay two; the free windows lie around them."""
    one = take(mill, people, MORNING, NEXT_DAY)
    pieces = access.booked([mill.pk], at("2026-03-02"), at("2026-03-04"))[mill.pk]
    assert [(piece.start, piece.end) for piece in pieces] == [MORNING, NEXT_DAY]
    assert {piece.operation_id for piece in pieces} == {one.operation_id}
    assert (one.start, one.end) == (MORNING[0], NEXT_DAY[1])
    assert access.free_windows(mill, at("2026-03-02"), at("2026-03-03")) == [
        (at("2026-03-02T02:00"), at("2026-03-02T09:00"))
    ]
    assert LedgerSlot.objects.count() == 12


def test_an_hour_is_not_sold_twice_and_a_refused_wish_leaves_nothing(mill: Equipment, people: People) -> None:
    """The second wish overlaps by its second piece only; its first piece is not kept either."""
    take(mill, people, MORNING)
    events = Event.objects.count()
    with pytest.raises(ConflictError) as refused:
        take(mill, people, NEXT_DAY, (at("2026-03-02T01:45"), at("2026-03-02T03:00")))
    assert refused.value.code == "hours_taken"
    assert Reservation.objects.count() == 1
    assert LedgerSlot.objects.count() == 8
    assert Event.objects.count() == events


def test_hours_that_only_touch_are_no_conflict(mill: Equipment, people: People) -> None:
    """10:00 ends one and begins the other."""
    take(mill, people, MORNING)
    take(mill, people, NOON)
    assert LedgerSlot.objects.count() == 16


def test_several_machines_all_or_nothing(mill: Equipment, people: People) -> None:
    """The second machine's hours are taken, so the first gets no reservation either."""
    other = services.save_equipment(
        people.owner, code="M2", name="Second mill", site=mill.site, calendar=mill.calendar
    )
    take(other, people, MORNING)
    wishes = [Wanted(one, [MORNING], people.buyer.organization) for one in (mill, other)]
    with pytest.raises(ConflictError):
        services.reserve_many(SYSTEM, wishes)
    assert access.booked([mill.pk], *MORNING) == {}
    done = services.reserve_many(
        SYSTEM, [Wanted(one, [NOON], people.buyer.organization) for one in (other, mill)]
    )
    assert [one.equipment_id for one in done] == [other.pk, mill.pk]


@pytest.mark.parametrize(
    "piece",
    [
        ("2026-02-28T00:00", "2026-02-28T01:00"),  # a Saturday
        ("2026-10-01T00:00", "2026-10-01T01:00"),  # the holiday
        ("2026-03-02T08:00", "2026-03-02T10:00"),  # runs beyond 17:00 on the clock there
    ],
)
def test_no_reservation_outside_opening_hours(
    mill: Equipment, people: People, piece: tuple[str, str]
) -> None:
    """Nothing is stored when the machine does not work then."""
    with pytest.raises(ConflictError) as refused:
        take(mill, people, (at(piece[0]), at(piece[1])))
    assert refused.value.code == "hours_closed"
    assert Reservation.objects.count() == 0


def test_pieces_lie_on_quarters_and_have_a_length(mill: Equipment, people: People) -> None:
    """Five past is refused, and so is an end before the start."""
    for start, end in (("2026-03-02T01:05", "2026-03-02T02:00"), ("2026-03-02T02:00", "2026-03-02T01:00")):
        with pytest.raises(InvalidError):
            take(mill, people, (at(start), at(end)))


def test_equipment_without_calendar_is_refused_by_name(mill: Equipment, people: People) -> None:
    """The message names the machine and its page; it is not offered to the planner either."""
    bench = services.save_equipment(
        people.owner, code="B1", name="Bench", site=mill.site, calendar=None, released=False
    )
    with pytest.raises(InvalidError, match="B1 has no calendar") as refused:
        take(bench, people, MORNING)
    assert refused.value.code == "no_calendar"
    with pytest.raises(InvalidError, match="Choose a calendar"):
        services.save_equipment(people.owner, code="B1", name="Bench", site=mill.site, calendar=None)
    assert [one.code for one in access.planner_equipment()] == ["M1"]


def test_release_and_use_give_hours_back(mill: Equipment, people: People) -> None:
    """Release frees all; finishing early frees what lies ahead and keeps what was worked."""
    one, two = take(mill, people, MORNING), take(mill, people, NOON)
    assert services.release(SYSTEM, operation_id=one.operation_id) == 1
    assert services.release(SYSTEM, operation_id=one.operation_id) == 0
    with clock.telling(at("2026-03-02T02:40")):
        assert services.mark_used(SYSTEM, operation_id=two.operation_id) == 1
    assert [
        (p.start, p.end) for p in access.booked([mill.pk], *(at("2026-03-02"), at("2026-03-03")))[mill.pk]
    ] == [(at("2026-03-02T02:00"), at("2026-03-02T02:45"))]
    assert sorted(Reservation.objects.values_list("state", flat=True)) == ["released", "used"]


def test_a_breakdown_puts_at_risk_what_lies_in_it_and_tells_the_holders(
    mill: Equipment, people: People
) -> None:
    """Down from 09:00 to 10:30: the morning and the noon reservation are hit, the next day is not."""
    hit, also_hit, safe = take(mill, people, MORNING), take(mill, people, NOON), take(mill, people, NEXT_DAY)
    start, until = at("2026-03-02T01:00"), at("2026-03-02T02:30")
    at_risk = services.mark_down(people.owner.principal, mill, start, until)
    assert [one.pk for one in at_risk] == [hit.pk, also_hit.pk]
    assert mill.status == "down"
    safe.refresh_from_db()
    assert safe.state == "confirmed"
    event = Event.objects.get(type="capacity.equipment.down")
    assert event.data == {
        "equipment": str(mill.pk),
        "start": "2026-03-02T01:00:00+00:00",
        "until": "2026-03-02T02:30:00+00:00",
    }
    told = set(EventAudience.objects.filter(event=event).values_list("organization_id", flat=True))
    assert told == {people.owner.organization.pk, people.buyer.organization.pk}
    assert access.open_windows(mill, at("2026-03-02"), at("2026-03-03")) == [
        (at("2026-03-02T00:00"), at("2026-03-02T01:00")),
        (at("2026-03-02T02:30"), at("2026-03-02T09:00")),
    ]


def test_down_without_a_known_end_closes_everything_until_it_is_up_again(
    mill: Equipment, people: People
) -> None:
    """Nothing can be reserved; once it is up the reservations are safe again."""
    one = take(mill, people, NEXT_DAY)
    services.mark_down(people.owner.principal, mill, at("2026-03-02T00:00"), None)
    with pytest.raises(ConflictError):
        take(mill, people, (at("2026-04-01T00:00"), at("2026-04-01T01:00")))
    assert [each.pk for each in services.mark_up(people.owner.principal, mill)] == [one.pk]
    one.refresh_from_db()
    assert (one.state, mill.down_from, mill.status) == ("confirmed", None, "up")
    take(mill, people, (at("2026-04-01T00:00"), at("2026-04-01T01:00")))


def test_a_shorter_calendar_puts_reservations_at_risk_and_a_longer_one_saves_them(
    mill: Equipment, people: People
) -> None:
    """The firm stops working on Tuesdays, then works on them again."""
    monday, tuesday = take(mill, people, MORNING), take(mill, people, NEXT_DAY)
    rules = [[0, "08:00", "17:00"]]
    services.save_calendar(people.owner, code="day", weekly=rules)
    states = {one.pk: one.state for one in Reservation.objects.all()}
    assert states == {monday.pk: "confirmed", tuesday.pk: "at_risk"}
    services.save_calendar(people.owner, code="day", weekly=[*rules, [1, "08:00", "17:00"]])
    assert set(Reservation.objects.values_list("state", flat=True)) == {"confirmed"}


def test_up_before_down_is_refused(mill: Equipment, people: People) -> None:
    """An end before the start changes nothing."""
    start = at("2026-03-02T01:00")
    with pytest.raises(InvalidError):
        services.mark_down(people.owner.principal, mill, start, start - timedelta(hours=1))
    assert Equipment.objects.get(pk=mill.pk).status == "up"
