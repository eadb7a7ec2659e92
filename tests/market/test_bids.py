"""Bids: who may send them, until when, what they must say, and what the bidder gets for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from tests.factories import People
from tests.market import making
from tests.market.making import AFTER, CLOSES, Scene

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import settle
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.market import access
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Bid, Call
from gonghe.apps.market.suggest import suggest, total
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order, Revision


def test_a_call_freezes_the_parts_and_moves_the_order(scene: Scene) -> None:
    assert Order.objects.get(pk=scene.order.pk).state == "called"
    assert Revision.objects.get(lines__order=scene.order).frozen_at == making.NOW
    with pytest.raises(ConflictError) as refused:
        making.open_call(scene.buyer, scene.order, scene.owner.organization)
    assert refused.value.code == "already_called"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_at": making.NOW}, "closes_at"),
        ({"bids_valid_until": CLOSES}, "bids_valid_until"),
        ({"organizations": []}, "organizations"),
        ({"vat": "perhaps"}, "vat"),
        ({"incoterm": "XXX"}, "incoterm"),
        ({"buyer_public_key": "z" * 64}, "buyer_public_key"),
    ],
)
def test_a_call_needs_terms_that_work(scene: Scene, changes: dict, field: str) -> None:
    order = making.an_order(scene.buyer)
    terms = {
        "organizations": [scene.owner.organization],
        "closes_at": CLOSES,
        "bids_valid_until": making.VALID,
    }
    with pytest.raises(InvalidError) as refused:
        market.open_call(scene.buyer, order, **(terms | changes))
    assert refused.value.details["fields"] == [field]
    assert Order.objects.get(pk=order.pk).state == "draft"


def test_neither_the_buyer_nor_the_key_holder_can_be_invited(scene: Scene) -> None:
    order = making.an_order(scene.buyer)
    for firm in (scene.buyer.organization, scene.office.organization):
        with pytest.raises(InvalidError):
            making.open_call(scene.buyer, order, firm)


def test_only_the_buyers_people_with_the_role_can_call(scene: Scene, people: People) -> None:
    order = making.an_order(scene.buyer)
    with pytest.raises(ForbiddenError):
        making.open_call(people.clerk, order, scene.owner.organization)
    with pytest.raises(NotFoundError):
        making.open_call(people.rival, order, scene.owner.organization)
    assert Call.objects.count() == 1


@pytest.mark.usefixtures("morning")
def test_without_a_key_holder_nothing_goes_out(people: People) -> None:
    order = making.an_order(people.buyer)
    with pytest.raises(ConflictError) as refused:
        making.open_call(people.buyer, order, people.owner.organization)
    assert refused.value.code == "no_key_holder"


def test_a_bid_is_stored_and_its_receipt_names_its_place_in_the_record(scene: Scene) -> None:
    bid = market.submit_bid(scene.owner, scene.call, scene.offer())
    settle()
    receipt = access.receipt(scene.owner, scene.call)
    event = Event.objects.get(type="market.bid.sealed")
    assert receipt.digest == bid.digest == event.data["digest"]
    assert (receipt.position, receipt.chain_hash) == (event.position, event.hash)
    assert (receipt.on_time, receipt.unchanged, receipt.counted) == (True, True, None)
    assert [one.organization_id for one in event.audience.all()] == [scene.owner.organization.pk]


def test_the_buyer_learns_numbers_only(scene: Scene) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    market.decline(scene.peer, scene.call)
    answers = access.answers(scene.call)
    assert (answers.invited, answers.bids, answers.declined, answers.silent) == (2, 1, 1, 0)
    told = Event.objects.filter(type="market.call.answered")
    assert {event.organization_id for event in told} == {None}
    assert not access.opened_items(scene.buyer, scene.call.pk).exists()


def test_a_later_bid_replaces_the_one_before_and_erases_it(scene: Scene) -> None:
    first = market.submit_bid(scene.owner, scene.call, scene.offer("18765.43"))
    second = market.submit_bid(scene.owner, scene.call, scene.offer("17999.00"))
    assert access.own_bid(scene.owner, scene.call) == second
    erased = Bid.objects.get(pk=first.pk)
    assert (erased.sealed, erased.withdrawn_at, erased.digest) == ({}, making.NOW, first.digest)
    assert Event.objects.filter(type="market.bid.sealed").last().data["replaces"] == first.digest


def test_withdrawing_erases_the_bid(scene: Scene) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    market.withdraw_bid(scene.owner, scene.call)
    assert access.own_bid(scene.owner, scene.call) is None
    assert Bid.objects.get().sealed == {}
    with pytest.raises(NotFoundError):
        market.withdraw_bid(scene.owner, scene.call)


def test_declining_withdraws_and_bidding_takes_the_refusal_back(scene: Scene) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    market.decline(scene.owner, scene.call)
    assert (access.answers(scene.call).bids, access.answers(scene.call).declined) == (0, 1)
    market.submit_bid(scene.owner, scene.call, scene.offer())
    assert (access.answers(scene.call).bids, access.answers(scene.call).declined) == (1, 0)


@pytest.mark.parametrize("moment", [CLOSES, AFTER])
def test_a_late_bid_is_refused_and_nothing_is_stored(scene: Scene, moment: datetime) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    with clock.telling(moment):
        for late in (
            lambda: market.submit_bid(scene.peer, scene.call, scene.window_offer()),
            lambda: market.withdraw_bid(scene.owner, scene.call),
            lambda: market.decline(scene.peer, scene.call),
        ):
            with pytest.raises(ConflictError) as refused:
                late()
            assert refused.value.code == "bids_closed"
            assert refused.value.message.startswith("Bids closed on 11 March 2026, 16:00.")
    assert Bid.objects.filter(withdrawn_at=None).count() == 1


def test_one_moment_before_closing_counts(scene: Scene) -> None:
    with clock.telling(CLOSES - timedelta(microseconds=1)):
        market.submit_bid(scene.owner, scene.call, scene.offer())
    assert access.receipt(scene.owner, scene.call).on_time


def test_more_time_lets_late_firms_bid(scene: Scene) -> None:
    market.extend_call(scene.buyer, scene.call, CLOSES + timedelta(hours=2))
    with clock.telling(AFTER):
        market.submit_bid(scene.owner, scene.call, scene.offer())
    with pytest.raises(InvalidError):
        market.extend_call(scene.buyer, scene.call, CLOSES)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": Decimal(0)}, "price"),
        ({"price": Decimal("-1")}, "price"),
        ({"price": Decimal("NaN")}, "price"),
        ({"price": Decimal("1.001")}, "price"),
        ({"price": Decimal("1e11")}, "price"),
        ({"duration_s": 0}, "duration"),
        ({"operation_id": uuid4()}, "operation"),
        ({"equipment_id": uuid4()}, "equipment"),
        ({"equipment_id": None}, "earliest"),
        ({"latest": making.NOW}, "latest"),
        ({"earliest": CLOSES, "latest": CLOSES}, "latest"),
        ({"earliest": CLOSES, "latest": CLOSES + timedelta(hours=9)}, "latest"),
    ],
)
def test_an_item_that_cannot_be_kept_is_named(scene: Scene, changes: dict, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        market.submit_bid(scene.owner, scene.call, scene.offer(**changes))
    assert [one["field"] for one in refused.value.details["items"]] == [field]
    assert not Bid.objects.exists()


def test_all_errors_come_at_once(scene: Scene) -> None:
    items = scene.offer(price="0") + scene.offer(duration_s=0)
    with pytest.raises(InvalidError) as refused:
        market.submit_bid(scene.owner, scene.call, items)
    assert [one["field"] for one in refused.value.details["items"]] == ["price", "operation", "duration"]
    with pytest.raises(InvalidError):
        market.submit_bid(scene.owner, scene.call, [])


def test_equipment_must_be_open_to_the_planner(scene: Scene) -> None:
    scene.machine.released = False
    scene.machine.save()
    with pytest.raises(InvalidError):
        market.submit_bid(scene.owner, scene.call, scene.offer())


def test_who_was_not_invited_cannot_bid(scene: Scene, people: People) -> None:
    for stranger in (people.rival, people.lanshan_owner, people.office):
        with pytest.raises((NotFoundError, ForbiddenError)):
            market.submit_bid(stranger, scene.call, scene.window_offer())
    with pytest.raises(ForbiddenError):
        market.submit_bid(people.operator, scene.call, scene.offer())
    assert not Bid.objects.exists()


def test_the_suggestion_is_own_time_at_own_rate(scene: Scene) -> None:
    milling, grinding = suggest(scene.owner, scene.call)
    assert milling.duration_s == 3600 + 62 * 600  # 60 pieces and 2 % more
    assert milling.best is not None
    assert (milling.best.equipment, milling.best.cost) == (scene.machine, Decimal("3520.00"))
    assert (grinding.best, total([milling, grinding])) == (None, Decimal("3520.00"))


def test_cancelling_erases_sealed_bids_and_frees_the_order(scene: Scene) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    market.cancel_call(scene.buyer, scene.call)
    assert Bid.objects.get().sealed == {}
    assert Order.objects.get(pk=scene.order.pk).state == "draft"
    with pytest.raises(ConflictError) as refused:
        market.submit_bid(scene.owner, scene.call, scene.offer())
    assert refused.value.code == "call_over"


def test_a_cancelled_order_takes_its_call_with_it(scene: Scene) -> None:
    orders.cancel_order(scene.buyer, Order.objects.get(pk=scene.order.pk))
    settle()
    assert Call.objects.get().state == "cancelled"
    assert Order.objects.get(pk=scene.order.pk).state == "cancelled"


def test_only_the_office_registers_its_own_key(scene: Scene, people: People) -> None:
    with pytest.raises(ForbiddenError):
        market.register_key_holder(people.buyer, people.buyer.organization, "0" * 64)
    with pytest.raises(InvalidError):
        market.register_key_holder(people.office, people.office.organization, "not hex")
    market.register_key_holder(people.office, people.office.organization, "A" * 64)
    newest = access.active_key_holder()
    assert newest is not None
    assert newest.public_key == "a" * 64
    assert Call.objects.get().key_holder.public_key == making.key_file()[1]


def test_times_are_kept_as_sealed(scene: Scene) -> None:
    bid = market.submit_bid(scene.owner, scene.call, scene.offer())
    assert bid.submitted_at == making.NOW.astimezone(UTC)
    assert bid.sealed["bound"]["submitted_at"] == "2026-03-05T02:00:00.000000+00:00"


def test_a_colleague_sees_the_same_call(scene: Scene, acting_colleague: Acting) -> None:
    assert access.get_call(acting_colleague, scene.call.pk) == (scene.call, "bidder")
