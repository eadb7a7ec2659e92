"""Hours on offer: seen by whom the firm chose, held, confirmed, cancelled under the terms, used, expired."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from tests.factories import People

from gonghe import clock
from gonghe.apps.audit.models import EventAudience
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.capacity import access, offering, services
from gonghe.apps.capacity.models import CapacityOffer, Equipment, LedgerSlot, Reservation
from gonghe.apps.capacity.offering import Terms
from gonghe.apps.jobs.services import do_regular
from gonghe.apps.members import services as members
from gonghe.apps.principal import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 2, 27, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)  # 08:00 in Shanghai
HOUR = timedelta(hours=1)
TERMS = Terms(
    title="20 free hours on a mill",
    start=MONDAY,
    end=MONDAY + timedelta(days=5),
    min_hours=Decimal(1),
    max_hours=Decimal(4),
    per_hour=Decimal(180),
    per_setup=Decimal(120),
    cancel_fee_percent=25,
    visibility="members",
)


@pytest.fixture(autouse=True)
def _before() -> Iterator[None]:
    with clock.telling(NOW):
        yield


@pytest.fixture
def pool(people: People, mill: Equipment) -> list[Equipment]:
    """Two mills that are the same to a buyer."""
    other = services.save_equipment(
        people.owner, code="M2", name="Second mill", site=mill.site, calendar=mill.calendar
    )
    return [mill, other]


@pytest.fixture
def offer(people: People, pool: list[Equipment]) -> CapacityOffer:
    """Four hours in all on either mill."""
    return offering.publish(people.owner, pool, TERMS)[0]


def fresh(one: Reservation) -> Reservation:
    return Reservation.objects.get(pk=one.pk)


def sold(offer: CapacityOffer) -> int:
    """Quarters of the ledger that stand behind an offer, which its counter must agree with."""
    quarters = LedgerSlot.objects.filter(reservation__offer=offer).count()
    assert CapacityOffer.objects.get(pk=offer.pk).taken == quarters
    return quarters


def test_a_pool_gives_the_next_free_machine_until_the_offer_is_spent(
    people: People, offer: CapacityOffer, pool: list[Equipment]
) -> None:
    first = offering.hold(people.buyer, offer, MONDAY, Decimal(2))
    second = offering.hold(people.buyer, offer, MONDAY, Decimal("1.5"))
    assert [first.equipment, second.equipment] == pool
    assert (first.state, first.price, second.price) == ("held", Decimal(480), Decimal(390))
    with pytest.raises(ConflictError) as refused:
        offering.hold(people.buyer, offer, MONDAY + 4 * HOUR, Decimal(1))
    assert refused.value.code == "offer_spent"
    assert sold(offer) == 14


def test_taken_hours_and_closed_hours_are_refused_and_cost_the_offer_nothing(
    people: People, offer: CapacityOffer
) -> None:
    for __ in range(2):
        offering.hold(people.buyer, offer, MONDAY, Decimal(1))
    for start in (MONDAY, MONDAY + 9 * HOUR):
        with pytest.raises(ConflictError) as refused:
            offering.hold(people.buyer, offer, start, Decimal(1))
        assert refused.value.code == "hours_taken"
    assert sold(offer) == 8


@pytest.mark.parametrize(
    ("start", "length"), [(MONDAY - HOUR, "1"), (MONDAY, "0.5"), (MONDAY, "4.25"), (MONDAY, "1.1")]
)
def test_wishes_outside_the_terms_are_refused(
    people: People, offer: CapacityOffer, start: datetime, length: str
) -> None:
    with pytest.raises(InvalidError):
        offering.hold(people.buyer, offer, start, Decimal(length))


def test_notice_role_and_own_hours(people: People, offer: CapacityOffer) -> None:
    with clock.telling(MONDAY - 23 * HOUR), pytest.raises(ConflictError) as late:
        offering.hold(people.buyer, offer, MONDAY, Decimal(1))
    assert late.value.code == "notice"
    with pytest.raises(ForbiddenError):
        offering.hold(people.clerk, offer, MONDAY, Decimal(1))
    with pytest.raises(InvalidError):
        offering.hold(people.owner, offer, MONDAY, Decimal(1))


def test_a_hold_expires_by_itself_or_when_somebody_wants_the_hours(
    people: People, offer: CapacityOffer
) -> None:
    held = offering.hold(people.buyer, offer, MONDAY, Decimal(4))
    with clock.telling(NOW + offering.HOLD):
        with pytest.raises(ConflictError) as late:
            offering.confirm(people.buyer, held)
        assert late.value.code == "not_held"
        next_one = offering.hold(people.rival, offer, MONDAY, Decimal(4))
    assert (fresh(held).state, next_one.equipment) == ("expired", held.equipment)
    with clock.telling(NOW + 2 * offering.HOLD):
        do_regular()
    assert fresh(next_one).state == "expired"
    assert sold(offer) == 0


def test_cancelling_costs_the_fee_only_after_the_notice(people: People, offer: CapacityOffer) -> None:
    def confirmed() -> Reservation:
        held = offering.hold(people.buyer, offer, MONDAY, Decimal(2))
        offering.confirm(people.buyer, held)
        return held

    assert offering.cancel(people.buyer, confirmed()).fee == 0
    second = confirmed()
    with pytest.raises(ConflictError) as own_way:
        services.give_back(people.lanshan_owner, second)
    assert own_way.value.code == "of_offer"
    with clock.telling(MONDAY - HOUR):
        assert offering.cancel(people.buyer, second).fee == Decimal("120.00")
    assert (fresh(second).state, sold(offer)) == ("cancelled", 0)


def test_what_is_left_after_use_is_free_again(people: People, offer: CapacityOffer) -> None:
    held = offering.hold(people.buyer, offer, MONDAY, Decimal(2))
    offering.confirm(people.buyer, held)
    with pytest.raises(ConflictError):
        offering.use(people.owner, held)
    with clock.telling(MONDAY + timedelta(minutes=50)):
        offering.use(people.owner, held)
    assert (fresh(held).state, sold(offer)) == ("used", 4)


def test_a_breakdown_puts_holds_at_risk_and_leaves_ways_out(
    people: People, offer: CapacityOffer, mill: Equipment
) -> None:
    held = offering.hold(people.buyer, offer, MONDAY, Decimal(1))
    sure = offering.hold(people.buyer, offer, MONDAY + HOUR, Decimal(1))
    offering.confirm(people.buyer, sure)
    services.mark_down(SYSTEM, mill, MONDAY, MONDAY + 3 * HOUR)
    assert [fresh(held).state, fresh(sure).state] == ["at_risk", "at_risk"]
    told = EventAudience.objects.filter(
        organization_id=people.buyer.organization.pk, event__type="capacity.reservation.at_risk"
    )
    assert told.count() == 2
    services.mark_up(SYSTEM, mill)
    assert [fresh(held).state, fresh(sure).state] == ["held", "confirmed"]
    services.mark_down(SYSTEM, mill, MONDAY, None)
    with clock.telling(MONDAY - HOUR):
        assert offering.cancel(people.owner, sure).fee == 0
        assert offering.expire_due() == 1
    assert sold(offer) == 0


def test_each_level_of_visibility_shows_the_offer_to_whom_it_says(
    people: People, pool: list[Equipment]
) -> None:
    members.name_partner(people.owner, people.buyer.organization)
    seen = {}
    for level in ("nobody", "partners", "members", "everyone"):
        one = offering.publish(people.owner, pool, dataclasses.replace(TERMS, visibility=level))[0]
        seen[level] = [
            one in access.visible_offers(who) for who in (people.colleague, people.buyer, people.rival)
        ]
    assert seen == {
        "nobody": [True, False, False],
        "partners": [True, True, False],
        "members": [True, True, True],
        "everyone": [True, True, True],
    }


def test_a_closed_offer_vanishes_and_sells_nothing(people: People, offer: CapacityOffer) -> None:
    offering.close(people.owner, offer)
    with pytest.raises(ConflictError) as refused:
        offering.hold(people.buyer, offer, MONDAY, Decimal(1))
    assert refused.value.code == "closed"
    with pytest.raises(NotFoundError):
        access.get_offer(people.buyer, offer.pk)


def test_recurring_offers_keep_the_wall_clock(people: People, pool: list[Equipment]) -> None:
    made = offering.publish(people.owner, pool, TERMS, weeks=3)
    assert [one.start for one in made] == [MONDAY + timedelta(weeks=number) for number in range(3)]


def test_the_database_refuses_an_oversold_offer(offer: CapacityOffer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CapacityOffer.objects.filter(pk=offer.pk).update(taken=17)


def test_many_at_once_get_no_more_than_the_offer_has(people: People, offer: CapacityOffer) -> None:
    """Twelve threads want an hour each of four; starts overlap on two machines."""
    begin, errors = threading.Barrier(12), []

    def want(number: int) -> None:
        begin.wait()
        try:
            with clock.telling(NOW):
                offering.hold(people.buyer, offer, MONDAY + HOUR * (number % 3), Decimal(1))
        except ConflictError as error:
            errors.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sold(offer) == 16
    assert Reservation.objects.count() == 4
    assert len(errors) == 8
    assert set(errors) <= {"offer_spent", "hours_taken"}


def test_the_api_hides_the_machines_and_holds_once_for_a_key(
    client_owner: Client, client_buyer: Client, pool: list[Equipment]
) -> None:
    body: dict[str, Any] = {
        "title": "Free hours",
        "equipment": [str(one.pk) for one in pool],
        "min_hours": "1",
        "max_hours": "4",
        "per_hour": "180",
        "visibility": "members",
        "start": MONDAY.isoformat(),
        "end": (MONDAY + timedelta(days=5)).isoformat(),
    }

    def send(client: Client, path: str, key: str, body: dict[str, Any] | None = None) -> Any:
        return client.post(
            f"/api/o/{path}", body or {}, content_type="application/json", headers={"Idempotency-Key": key}
        )

    made = send(client_owner, "hengda/offers", "publish-1", body)
    assert (made.status_code, len(made.json()[0]["equipment"])) == (201, 2)
    [shown] = client_buyer.get("/api/o/lanshan/offers").json()
    assert (shown["equipment"], shown["visibility"], shown["left_hours"]) == (None, None, "4.00")
    wish = {"start": MONDAY.isoformat(), "hours": "2"}
    twice = [send(client_buyer, f"lanshan/offers/{shown['id']}/hold", "hold-hours", wish) for __ in range(2)]
    assert [one.status_code for one in twice] == [201, 201]
    assert twice[0].json() == twice[1].json()
    assert "equipment" not in twice[0].json()
    path = f"lanshan/reservations/{twice[0].json()['id']}"
    assert send(client_buyer, f"{path}/confirm", "confirm-1").json()["state"] == "confirmed"
    assert send(client_buyer, f"{path}/cancel", "cancel-01").json()["fee"] == "0.00"
