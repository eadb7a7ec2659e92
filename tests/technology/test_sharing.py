"""Know-how is asked for, granted, accepted and ended; its content is for licensees."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from tests import factories
from tests.factories import People
from tests.technology.sharing_making import TEMPLATE, an_offer, in_force

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.members import services as members
from gonghe.apps.technology import access_sharing as access
from gonghe.apps.technology import sharing
from gonghe.apps.technology.models import Technology

NOW = datetime(2026, 3, 9, 2, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.telling(NOW):
        yield


@pytest.mark.parametrize(
    ("level", "partner", "stranger"),
    [("nobody", False, False), ("partners", True, False), ("members", True, True), ("everyone", True, True)],
)
def test_who_sees_the_summary(people: People, level: str, partner: bool, stranger: bool) -> None:
    offer = an_offer(people, level=level)
    members.name_partner(people.owner, people.buyer.organization)
    assert access.visible_technologies(people.buyer).filter(pk=offer.pk).exists() is partner
    assert access.visible_technologies(people.rival).filter(pk=offer.pk).exists() is stranger
    assert access.visible_technologies(people.colleague).get() == offer


def test_content_opens_with_the_licence_and_closes_with_it(people: People) -> None:
    offer = an_offer(people)
    licence = sharing.ask(people.lanshan_owner, offer, "Pump brackets")
    assert not access.sees_content(people.buyer, offer)
    sharing.grant(people.owner, licence)
    assert not access.sees_content(people.buyer, offer)
    sharing.accept(people.lanshan_owner, licence)
    assert access.sees_content(people.buyer, offer)
    assert not access.sees_content(people.rival, offer)
    sharing.end(people.owner, licence, "Sold")
    assert (licence.state, licence.answer) == ("revoked", "Sold")
    assert not access.sees_content(people.buyer, offer)
    event = Event.objects.get(type="technology.licence.accepted")
    heard = {one.organization_id for one in event.audience.all()}
    assert heard == {people.owner.organization.pk, people.buyer.organization.pk}


def test_each_side_does_its_own_part(people: People) -> None:
    licence = sharing.ask(people.lanshan_owner, an_offer(people))
    for act in (sharing.grant, sharing.accept):
        with pytest.raises(NotFoundError):
            act(people.rival, licence)
    with pytest.raises(NotFoundError):
        sharing.grant(people.lanshan_owner, licence)
    with pytest.raises(ForbiddenError):
        sharing.grant(people.colleague, licence)
    with pytest.raises(InvalidError, match="Say why"):
        sharing.refuse(people.owner, licence, " ")
    with pytest.raises(ConflictError, match="is asked for; that does not go now"):
        sharing.accept(people.lanshan_owner, licence)
    with pytest.raises(ConflictError, match="asked for this already"):
        sharing.ask(people.lanshan_owner, licence.technology)
    sharing.refuse(people.owner, licence, "We use it ourselves.")
    assert sharing.ask(people.lanshan_owner, licence.technology).state == "asked"


def test_exclusive_stands_alone(people: People) -> None:
    offer = an_offer(people, exclusive=True)
    first = sharing.ask(people.lanshan_owner, offer)
    second = sharing.ask(people.rival, offer)
    sharing.grant(people.owner, first)
    with pytest.raises(ConflictError) as refused:
        sharing.grant(people.owner, second)
    assert refused.value.code == "exclusive"
    with pytest.raises(IntegrityError), transaction.atomic():
        Technology.objects.filter(pk=offer.pk).update(live_licences=2)
    sharing.end(people.lanshan_owner, first)
    assert sharing.grant(people.owner, second).exclusive


def test_an_expired_licence_makes_room_and_stays_on_record(people: People) -> None:
    offer = an_offer(people, exclusive=True, until=date(2026, 3, 31))
    licence = in_force(people, offer)
    second = sharing.ask(people.rival, offer)
    with clock.telling(datetime(2026, 4, 1, 2, 0, tzinfo=UTC)):
        assert not access.sees_content(people.buyer, offer)
        sharing.grant(people.owner, second)
    licence.refresh_from_db()
    assert licence.state == "expired"


def test_terms_are_those_of_the_grant(people: People) -> None:
    offer = an_offer(people, price_kind="per_piece", price=Decimal("2.50"))
    licence = in_force(people, offer)
    an = sharing.TechnologyIn(
        kind=offer.kind, title="x", summary="y", template=TEMPLATE, price_kind="royalty", price=Decimal(9)
    )
    sharing.save_technology(people.owner, an, offer)
    licence.refresh_from_db()
    assert (licence.price_kind, licence.price) == ("per_piece", Decimal("2.50"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"price_kind": "royalty", "price": Decimal(101)}, "at most 100 %"),
        ({"price_kind": "fixed"}, "Give a price"),
        ({"process": "levitation"}, "Choose a process"),
        ({"level": "friends"}, "friends"),
        ({"template": None}, "parameters or steps lack something"),
        ({"template": {"parameters": [], "steps": [{"number": 1, "process": "magic", "run": "1"}]}}, "magic"),
    ],
)
def test_offers_that_do_not_hold_are_refused(
    people: People, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        an_offer(people, **changes)
    assert Technology.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_of_an_exclusive_offer() -> None:
    """Whatever the database, one of them wins."""
    people = factories.people()
    offer = an_offer(people, exclusive=True)
    asked = [sharing.ask(who, offer) for who in (people.lanshan_owner, people.rival)]
    ready, won = threading.Barrier(2), []

    def grant(number: int) -> None:
        try:
            ready.wait()
            sharing.grant(people.owner, asked[number])
            won.append(number)
        except ConflictError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=grant, args=(number,)) for number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    offer.refresh_from_db()
    assert (len(won), offer.live_licences, offer.exclusive_taken) == (1, 1, True)


def test_the_api_keeps_the_content_for_licensees(people: People, client_rival: Client) -> None:
    offer = an_offer(people)
    licence = in_force(people, offer)
    lanshan = factories.signed_in(people.buyer).get(f"/api/o/lanshan/technologies/{offer.pk}").json()
    rival = client_rival.get(f"/api/o/ruian/technologies/{offer.pk}").json()
    assert (lanshan["content"], lanshan["template"]["steps"][0]["setup"]) == ("Clamp on the flange.", "900")
    assert (rival["summary"], rival["content"], rival["template"]) == (offer.summary, None, None)
    assert client_rival.get(f"/api/o/ruian/licences/{licence.pk}").status_code == 404
    assert client_rival.get("/api/o/ruian/licences").json() == []
