"""Many at once want the same hours: one gets them, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.factories import People

from gonghe import clock
from gonghe.apps.base import ConflictError
from gonghe.apps.capacity import services
from gonghe.apps.capacity.models import Equipment, LedgerSlot, Reservation
from gonghe.apps.capacity.services import Wanted
from gonghe.apps.members.models import Organization
from gonghe.apps.principal import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday, 08:00 in Shanghai
THREADS = 8


@pytest.fixture
def buyer(people: People) -> Organization:
    """Who wants the hours."""
    return people.buyer.organization


@pytest.fixture(autouse=True)
def _before_work() -> Iterator[None]:
    with clock.telling(START - timedelta(hours=8)):
        yield


def at_once(actions: list[Callable[[], object]]) -> list[object]:
    """Run actions in threads that begin together; an answer or the error of each."""
    begin = threading.Barrier(len(actions))
    answers: list[object] = [None] * len(actions)

    def run(number: int) -> None:
        begin.wait()
        try:
            answers[number] = actions[number]()
        except Exception as error:  # noqa: BLE001 - the test looks at every error
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_only_one_of_many_gets_the_same_hours(mill: Equipment, buyer: Organization) -> None:
    """Eight wishes overlap in one quarter hour; the seven others are told that the hours are taken."""

    def take(number: int) -> Callable[[], object]:
        pieces = [
            (START + timedelta(minutes=15 * number), START + timedelta(hours=2)),
        ]
        return lambda: services.reserve(SYSTEM, equipment=mill, pieces=pieces, holder=buyer)

    answers = at_once([take(number) for number in range(THREADS)])
    won = [answer for answer in answers if isinstance(answer, Reservation)]
    assert len(won) == 1
    assert [answer.code for answer in answers if isinstance(answer, ConflictError)] == ["hours_taken"] * 7
    assert LedgerSlot.objects.count() == won[0].slots.count()
    assert Reservation.objects.count() == 1


def test_plans_that_cross_neither_block_each_other_nor_split(
    mill: Equipment, people: People, buyer: Organization
) -> None:
    """Two plans name the same two machines in opposite order: one gets both, the other neither."""
    other = services.save_equipment(
        people.owner, code="M2", name="Second mill", site=mill.site, calendar=mill.calendar
    )
    pieces = [(START, START + timedelta(hours=1))]

    def plan(*machines: Equipment) -> Callable[[], object]:
        return lambda: services.reserve_many(SYSTEM, [Wanted(one, pieces, buyer) for one in machines])

    answers = at_once([plan(mill, other), plan(other, mill)] * 3)
    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert sum(isinstance(answer, ConflictError) for answer in answers) == 5
    assert sorted(Reservation.objects.values_list("equipment__code", flat=True)) == ["M1", "M2"]


def test_a_breakdown_and_a_reservation_cannot_pass_each_other(mill: Equipment, buyer: Organization) -> None:
    """Whoever comes first: a reservation inside the downtime is either refused or at risk."""
    for day in range(4):
        start = START + timedelta(days=day)
        services.mark_up(SYSTEM, mill)

        def take(start: datetime = start) -> object:
            pieces = [(start, start + timedelta(hours=1))]
            return services.reserve(SYSTEM, equipment=mill, pieces=pieces, holder=buyer)

        def fail(start: datetime = start) -> object:
            return services.mark_down(SYSTEM, mill, start, start + timedelta(hours=4))

        taken, _down = at_once([take, fail])
        if isinstance(taken, Reservation):
            assert Reservation.objects.get(pk=taken.pk).state == "at_risk"
        else:
            assert isinstance(taken, ConflictError)
            assert taken.code == "hours_closed"
