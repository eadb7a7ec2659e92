"""Opening: by two keys, in time, whole, recorded; then award and contracts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from tests.factories import People, signed_in
from tests.market import making
from tests.market.making import AFTER, CLOSES, VALID, Scene, open_call

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.market import access, sealing
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Bid, BidItem, Call, Contract
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.principal import SYSTEM


@pytest.fixture
def bids(scene: Scene) -> Scene:
    """Two sealed bids on milling."""
    market.submit_bid(scene.owner, scene.call, scene.offer())
    market.submit_bid(scene.peer, scene.call, scene.window_offer())
    return scene


def open_all(scene: Scene, **options: object) -> list[Bid]:
    call = Call.objects.get(pk=scene.call.pk)
    with clock.telling(AFTER):
        return market.open_bids(making.private_key(), scene.office, call, **options)  # type: ignore[arg-type]


def test_opening_writes_what_was_sealed(bids: Scene) -> None:
    assert not BidItem.objects.exists()
    opened = open_all(bids)
    assert {bid.organization.slug for bid in opened} == {"hengda", "fenghua"}
    own = BidItem.objects.get(bid__organization=bids.owner.organization)
    assert (own.price, own.duration_s, own.equipment_id) == (Decimal("18765.43"), 36_000, bids.machine.pk)
    window = BidItem.objects.get(bid__organization=bids.peer.organization)
    assert (window.equipment_id, window.earliest.isoformat()) == (None, "2026-03-12T00:00:00+00:00")
    call = Call.objects.get()
    assert (call.state, call.opened_at) == ("opened", AFTER)
    event = Event.objects.get(type="market.bids.opened")
    assert (event.data["counted"], event.data["order"]) == (2, str(bids.order.pk))
    counted = Event.objects.filter(type="market.bid.counted")
    assert {event.data["digest"] for event in counted} == {bid.digest for bid in opened}
    for event in counted:
        assert event.audience.count() == 2  # the bidder and the office that acts


def test_a_bidder_can_check_that_its_bid_counted(bids: Scene) -> None:
    open_all(bids)
    receipt = access.receipt(bids.owner, Call.objects.get())
    assert (receipt.counted, receipt.unchanged, receipt.on_time) == (True, True, True)


def test_not_before_closing_unless_everyone_answered(scene: Scene) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    with pytest.raises(ConflictError) as refused:
        market.open_bids(making.private_key(), scene.office, scene.call)
    assert refused.value.code == "too_early"
    assert not access.may_open_now(scene.call)
    market.decline(scene.peer, scene.call)
    assert access.may_open_now(scene.call)
    assert len(market.open_bids(making.private_key(), scene.office, scene.call)) == 1


def test_not_twice(bids: Scene) -> None:
    open_all(bids)
    with pytest.raises(ConflictError) as refused:
        open_all(bids)
    assert refused.value.code == "opened_already"
    assert BidItem.objects.count() == 2


def test_the_platforms_key_alone_opens_nothing(bids: Scene) -> None:
    with clock.telling(AFTER), pytest.raises(ConflictError) as refused:
        market.open_bids(sealing.platform_key(), SYSTEM, bids.call)
    assert refused.value.code == "wrong_key"
    assert not BidItem.objects.exists()


def test_the_key_holder_without_the_platforms_key_opens_nothing(
    bids: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = sealing.read_key_file(sealing.new_key_file("another one")[0], "another one")
    monkeypatch.setattr(sealing, "platform_key", lambda: stranger)
    with pytest.raises(ConflictError) as refused:
        open_all(bids)
    assert refused.value.code == "wrong_second_key"
    assert Call.objects.get().state == "open"


@pytest.mark.usefixtures("morning")
def test_a_buyer_with_a_key_takes_the_platforms_part(people: People) -> None:
    pem, public = sealing.new_key_file("buyer")
    scene = making.scene(people)
    market.cancel_call(scene.buyer, scene.call)
    scene.call = market.open_call(
        scene.buyer,
        Order.objects.get(pk=scene.order.pk),
        organizations=[scene.owner.organization],
        closes_at=making.CLOSES,
        bids_valid_until=making.VALID,
        buyer_public_key=public,
    )
    market.submit_bid(scene.owner, scene.call, scene.offer())
    with clock.telling(AFTER):
        own = sealing.read_key_file(pem, "buyer")
        opened = market.open_bids(making.private_key(), scene.buyer, scene.call, buyer_private_key=own)
    assert [bid.organization.slug for bid in opened] == ["hengda"]


def test_only_key_holder_and_buyer_may_open(bids: Scene, people: People) -> None:
    with clock.telling(AFTER):
        for stranger in (bids.owner, people.rival):
            with pytest.raises(NotFoundError):
                market.open_bids(making.private_key(), stranger, bids.call)
        with pytest.raises(ForbiddenError):
            market.open_bids(making.private_key(), people.clerk, bids.call)


@pytest.mark.parametrize("damage", ["ciphertext", "time", "swapped", "removed"])
def test_a_bid_changed_in_the_database_is_named(bids: Scene, damage: str) -> None:
    victim = Bid.objects.get(organization=bids.owner.organization)
    other = Bid.objects.get(organization=bids.peer.organization)
    if damage == "ciphertext":
        payload = victim.sealed["payload"]
        victim.sealed["payload"] = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]
        victim.digest = sealing.digest_of(victim.sealed)  # a thorough forger
        victim.save()
    elif damage == "time":
        Bid.objects.filter(pk=victim.pk).update(submitted_at=AFTER)
    elif damage == "swapped":
        Bid.objects.filter(pk=victim.pk).update(sealed=other.sealed, digest=other.digest)
    else:
        victim.delete()
    with pytest.raises(ConflictError) as refused:
        open_all(bids)
    assert (refused.value.code, refused.value.details["firms"]) == ("bids_damaged", ["Hengda Precision"])
    assert not BidItem.objects.exists()
    assert Call.objects.get().state == "open"
    opened = open_all(bids, without_damaged=True)
    assert [bid.organization.slug for bid in opened] == ["fenghua"]
    assert Event.objects.get(type="market.bids.opened").data["left_out"] == ["Hengda Precision"]
    if damage != "removed":
        assert access.result(bids.owner, Call.objects.get()) == "left_out"
        assert access.receipt(bids.owner, Call.objects.get()).counted is False
        assert [firm.slug for firm in access.left_out(bids.buyer, bids.call.pk)] == ["hengda"]


def test_a_withdrawn_bid_is_never_opened(bids: Scene) -> None:
    market.withdraw_bid(bids.owner, bids.call)
    assert [bid.organization.slug for bid in open_all(bids)] == ["fenghua"]
    assert BidItem.objects.count() == 1


def test_no_bids_at_all_can_be_opened_too(scene: Scene) -> None:
    assert open_all(scene) == []
    assert Call.objects.get().state == "opened"


def test_lines_left_out_of_an_award_need_an_order_of_their_own(scene: Scene) -> None:
    """An awarded order takes no second call; the order page says so and what to do."""
    left_out = orders.create_order(
        scene.buyer,
        title="Left out",
        due=scene.order.due,
        destination=scene.order.destination,
        lines=[
            LineIn(part="A-1", name="Housing", operations=(OperationIn("saw", run_s=60),)),
            LineIn(part="A-2", name="Flange"),
        ],
    )
    line = left_out.lines.get(number=1)
    call = market.open_call(
        scene.buyer,
        left_out,
        lines=[line],
        organizations=[scene.owner.organization],
        closes_at=CLOSES,
        bids_valid_until=VALID,
    )
    page = reverse("web:order", args=["lanshan", left_out.pk])
    assert "Nobody was asked" not in signed_in(scene.buyer).get(page).content.decode()
    Call.objects.filter(pk=call.pk).update(state=Call.State.AWARDED)
    Order.objects.filter(pk=left_out.pk).update(state=Order.State.AWARDED)
    left_out.refresh_from_db()
    text = signed_in(scene.buyer).get(page).content.decode()
    assert "Nobody was asked for Flange" in text
    assert reverse("orders:new", args=["lanshan"]) in text
    with pytest.raises(ConflictError, match="order of its own") as refused:
        open_call(scene.buyer, left_out, scene.owner.organization)
    assert refused.value.code == "awarded"


def award(scene: Scene) -> list[Contract]:
    winner = scene.peer.organization
    items = [
        market.Awarded(scene.milling, winner, Decimal("17111.11")),
        market.Awarded(scene.grinding, scene.owner.organization, Decimal("900.00")),
    ]
    with clock.telling(AFTER):
        return market.award(SYSTEM, Call.objects.get(), items, plan_id=None)


def test_the_award_makes_one_contract_a_firm(bids: Scene) -> None:
    open_all(bids)
    contracts = {contract.organization.slug: contract for contract in award(bids)}
    assert set(contracts) == {"fenghua", "hengda"}
    milestones = {
        one.name: (one.amount, one.due.isoformat()) for one in contracts["fenghua"].milestones.all()
    }
    assert milestones == {
        "award": (Decimal("5133.33"), "2026-03-14"),
        "acceptance": (Decimal("11977.78"), "2026-03-18"),
    }
    assert Order.objects.get(pk=bids.order.pk).state == "awarded"
    assert access.result(bids.peer, Call.objects.get()) == "chosen"
    with pytest.raises(ConflictError):
        award(bids)


def test_a_firm_that_lost_learns_just_that(bids: Scene) -> None:
    open_all(bids)
    with clock.telling(AFTER):
        market.award(
            SYSTEM,
            Call.objects.get(),
            [market.Awarded(bids.milling, bids.peer.organization, Decimal("17111.11"))],
        )
    call = Call.objects.get()
    assert access.result(bids.owner, call) == "not_chosen"
    assert [item.price for item in access.own_items(bids.owner, call)] == [Decimal("18765.43")]
    for read in (access.opened_items, access.left_out, access.invited_firms):
        with pytest.raises(NotFoundError):
            read(bids.owner, call.pk)
    assert not access.contracts(bids.owner).exists()
    lost = Event.objects.get(type="market.bid.not_chosen")
    assert [one.organization_id for one in lost.audience.all()] == [bids.owner.organization.pk]
    assert lost.data == {}


def test_an_award_must_fit_the_order(bids: Scene) -> None:
    open_all(bids)
    twice = [market.Awarded(bids.milling, bids.peer.organization, Decimal(1))] * 2
    for items in ([], twice):
        with pytest.raises(InvalidError):
            market.award(SYSTEM, Call.objects.get(), items)


def test_sealed_bids_cannot_be_awarded(bids: Scene) -> None:
    with pytest.raises(ConflictError) as refused:
        market.award(SYSTEM, bids.call, [market.Awarded(bids.milling, bids.peer.organization, Decimal(1))])
    assert refused.value.code == "not_opened"


def test_moving_work_ends_it_here_and_begins_it_there(bids: Scene) -> None:
    open_all(bids)
    award(bids)
    with clock.telling(AFTER):
        item = market.move_contract_item(
            SYSTEM, bids.milling, bids.owner.organization, Decimal("17500.00"), "M2 is down"
        )
    assert {
        one.operation_id: one.contract.organization.slug for one in access.contract_items(bids.order)
    } == {
        bids.milling.pk: "hengda",
        bids.grinding.pk: "hengda",
    }
    assert (item.price, sum(one.amount for one in item.contract.milestones.all())) == (
        Decimal("17500.00"),
        Decimal("18400.00"),
    )
    before = Contract.objects.get(organization=bids.peer.organization)
    assert (before.state, before.milestones.count()) == ("cancelled", 0)
    for event in Event.objects.filter(type__startswith="market.item."):
        assert event.audience.count() == 2
    bids.grinding.contract_items.update(ended_at=AFTER)
    with pytest.raises(ConflictError):
        market.move_contract_item(SYSTEM, bids.grinding, bids.peer.organization, Decimal(1), "")


def test_a_finished_contract_has_reached_its_milestones(bids: Scene) -> None:
    open_all(bids)
    contract = award(bids)[0]
    market.reach_milestone(SYSTEM, contract.milestones.get(name="award"))
    assert contract.milestones.exclude(reached_at=None).count() == 1
    market.finish_contract(SYSTEM, contract)
    assert Contract.objects.get(pk=contract.pk).state == "done"
    assert not contract.milestones.filter(reached_at=None).exists()
