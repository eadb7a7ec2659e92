"""Pages of hours on offer: published by a form, picked from free starts, held, confirmed, cancelled, used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from tests.capacity.test_pages import text, url
from tests.factories import People

from gonghe import clock
from gonghe.apps.capacity import offering, services, starts
from gonghe.apps.capacity.models import CapacityOffer, Equipment, Reservation

NOW = datetime(2026, 2, 27, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)  # 08:00 in Shanghai
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _before() -> Iterator[None]:
    with clock.telling(NOW):
        yield


def form(mill: Equipment, **other: object) -> dict[str, object]:
    """What the owner types; times are meant in Shanghai."""
    return {
        "title": "Free hours on a mill",
        "equipment": [str(mill.pk)],
        "process": "milling-3axis",
        "start": "2026-03-02T08:00",
        "end": "2026-03-06T18:00",
        "min_hours": "1",
        "max_hours": "6",
        "per_hour": "180",
        "per_setup": "120",
        "currency": "CNY",
        "with_operator": "on",
        "notice_hours": "24",
        "cancel_fee_percent": "25",
        "visibility": "members",
        "weeks": "1",
    } | other


@pytest.fixture
def offer(client_owner: Client, mill: Equipment) -> CapacityOffer:
    """Six hours of M1 in the week of 2 March."""
    client_owner.post(url("add_offer"), form(mill))
    return CapacityOffer.objects.get()


@pytest.fixture
def held(client_buyer: Client, offer: CapacityOffer) -> Reservation:
    """Two hours from Monday 08:00, picked on the page."""
    client_buyer.post(url("hold", offer.pk, slug="lanshan"), {"start": MONDAY.isoformat(), "hours": "2"})
    return Reservation.objects.get()


def test_an_offer_is_published_for_several_weeks(client_owner: Client, mill: Equipment) -> None:
    answer = client_owner.post(url("add_offer"), form(mill, weeks="3"))
    made = CapacityOffer.objects.order_by("start")
    assert [one.start for one in made] == [MONDAY + timedelta(weeks=week) for week in range(3)]
    assert answer["Location"] == url("offer", made[0].pk)
    page = text(client_owner, answer["Location"])
    assert '<a href="#taken">0 h</a> of 6 h are taken.' in page
    assert "free until the notice begins, then 25% of the price" in page
    assert ">M1<" in page
    assert "Free hours on a mill" in text(client_owner, url("index"))


def test_what_the_terms_contradict_stands_at_its_field(client_owner: Client, mill: Equipment) -> None:
    refused = client_owner.post(url("add_offer"), form(mill, end="2026-03-01T08:00"))
    assert refused.status_code == 422
    assert "The window must end after it starts" in refused.content.decode()
    assert not CapacityOffer.objects.exists()


def test_a_machine_without_calendar_cannot_be_chosen(client_owner: Client, mill: Equipment) -> None:
    Equipment.objects.update(calendar=None)
    assert "Add a machine with a calendar first" in text(client_owner, url("add_offer"))
    assert client_owner.post(url("add_offer"), form(mill)).status_code == 422


def test_others_see_what_is_left_but_neither_machine_nor_holder(
    client_rival: Client, held: Reservation, offer: CapacityOffer
) -> None:
    page = text(client_rival, url("offer", offer.pk, slug="ruian"))
    assert 'Hengda Precision has <a href="#starts">4 h</a> left for you' in page
    assert ">M1<" not in page
    assert "Lanshan" not in page
    assert '1 firm offers you <a href="#others">4 h</a>.' in text(client_rival, url("offers", slug="ruian"))


def test_starts_follow_each_other_where_a_machine_is_free(held: Reservation, offer: CapacityOffer) -> None:
    """Monday 08:00 to 10:00 is taken; the shift ends at 17:00, the window on Friday at 18:00."""
    proposal = starts.propose(offer, 8, held.equipment.zone)
    hours = [
        [start.astimezone(held.equipment.zone).hour for start, _end in spans] for _d, spans in proposal.days
    ]
    assert hours == [[10, 12, 14], *[[8, 10, 12, 14]] * 4]
    assert proposal.later is None
    with clock.telling(MONDAY):
        first_day, spans = starts.propose(offer, 36, held.equipment.zone).days[0]
    assert (first_day.day, spans) == (3, [(MONDAY + 24 * HOUR, MONDAY + 33 * HOUR)])


def test_an_eighth_day_is_a_page_further(people: People, mill: Equipment) -> None:
    terms = offering.Terms(
        "Long",
        MONDAY,
        MONDAY + timedelta(days=20),
        Decimal(1),
        Decimal(9),
        Decimal(180),
        visibility="members",
    )
    [long] = offering.publish(people.owner, [mill], terms)
    proposal = starts.propose(long, 4, mill.zone)
    assert [day.day for day, _spans in proposal.days] == [2, 3, 4, 5, 6, 9, 10]
    assert proposal.later is not None
    further = starts.propose(long, 4, mill.zone, since=proposal.later)
    assert further.days[0][0] == proposal.later


def test_picked_hours_are_held_confirmed_and_cancelled_for_the_fee_shown(
    client_buyer: Client, client_owner: Client, held: Reservation
) -> None:
    there = url("held", held.pk, slug="lanshan")
    page = text(client_buyer, there)
    assert "confirm for ¥480" in page
    assert "Cancelling now is free." in page
    assert ">M1<" not in page
    assert "Lanshan Pump Works" in text(client_owner, url("offer", held.offer_id))
    client_buyer.post(url("confirm", held.pk, slug="lanshan"))
    with clock.telling(MONDAY - HOUR):
        assert "Cancelling now costs ¥120." in text(client_buyer, there)
        client_buyer.post(url("cancel", held.pk, slug="lanshan"))
        assert "Cancelled; ¥120 is owed." in text(client_buyer, there)
    held.refresh_from_db()
    assert (held.state, held.fee) == ("cancelled", Decimal(120))


def test_the_firm_marks_hours_as_used(client_buyer: Client, client_owner: Client, held: Reservation) -> None:
    client_buyer.post(url("confirm", held.pk, slug="lanshan"))
    assert "They were used" not in text(client_owner, url("held", held.pk))
    with clock.telling(MONDAY + HOUR):
        assert "They were used" in text(client_owner, url("held", held.pk))
        client_owner.post(url("use", held.pk))
    held.refresh_from_db()
    assert held.state == "used"


def test_a_hold_that_lapsed_says_so(client_buyer: Client, held: Reservation) -> None:
    with clock.telling(NOW + offering.HOLD):
        client_buyer.post(url("confirm", held.pk, slug="lanshan"))
        page = text(client_buyer, url("held", held.pk, slug="lanshan"))
    assert "These hours were not confirmed in time and went back." in page
    assert "Confirm these hours" not in page


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"start": "soon", "hours": "2"}, "Pick one of the starts."),
        ({"start": MONDAY.isoformat(), "hours": "7"}, "This offer is for 1 to 6 hours."),
        (
            {"start": (MONDAY + 9 * HOUR).isoformat(), "hours": "1"},
            "No machine is free for all of these hours.",
        ),
    ],
)
def test_a_wrong_pick_is_refused_with_the_reason(
    client_buyer: Client, offer: CapacityOffer, wish: dict[str, str], said: str
) -> None:
    answer = client_buyer.post(url("hold", offer.pk, slug="lanshan"), wish, follow=True)
    assert said in answer.content.decode()
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(("hours", "said"), [("7", "Ask for 1 to 6 h."), ("1.1", "Give hours in quarters")])
def test_a_length_outside_the_terms_shows_no_starts(
    client_buyer: Client, offer: CapacityOffer, hours: str, said: str
) -> None:
    page = text(client_buyer, f"{url('offer', offer.pk, slug='lanshan')}?hours={hours}")
    assert said in page
    assert 'name="start"' not in page


def test_a_clerk_looks_and_a_closed_offer_is_gone(
    client_clerk: Client, client_owner: Client, client_buyer: Client, offer: CapacityOffer
) -> None:
    there = url("offer", offer.pk, slug="lanshan")
    assert "Your role does not take hours." in text(client_clerk, there)
    client_clerk.post(url("hold", offer.pk, slug="lanshan"), {"start": MONDAY.isoformat(), "hours": "2"})
    assert not Reservation.objects.exists()
    client_owner.post(url("close_offer", offer.pk))
    assert client_buyer.get(there).status_code == 404
    assert "This offer is closed" in text(client_owner, url("offer", offer.pk))
    assert "Closed or over" in text(client_owner, url("offers"))


def test_an_offer_that_is_over_is_no_longer_listed_as_open(
    client_owner: Client, offer: CapacityOffer
) -> None:
    assert "Closed or over" not in text(client_owner, url("offers"))
    with clock.telling(offer.end):
        assert "Closed or over" in text(client_owner, url("offers"))


def test_hours_of_a_plan_have_no_such_page(client_owner: Client, people: People, mill: Equipment) -> None:
    kept = services.keep_hours(people.owner, mill, start=MONDAY, end=MONDAY + HOUR, purpose="own parts")
    assert client_owner.get(url("held", kept.pk)).status_code == 404
