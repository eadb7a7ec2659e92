"""Pieces pass through three firms to the buyer: counts, custody, losses, delivery, money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.workshop.making import NOW, Floor

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.market.models import Contract
from gonghe.apps.orders.learning import ratios_of
from gonghe.apps.orders.models import Order, TimeRecord
from gonghe.apps.workshop import handing, services, settling
from gonghe.apps.workshop.models import Handover, JobOrder, JobResponse, Settlement


def through(floor: Floor) -> None:
    """The whole chain: one scrap at milling, two rejected after grinding."""
    floor.make("Mill", 60, 1)
    floor.receive(floor.send("Mill", 60), 60)
    floor.make("Grind", 60)
    floor.receive(floor.send("Grind", 60), 58)
    floor.make("Coat", 58)
    floor.receive(floor.send("Coat", 58), 58)


def test_job_orders_follow_the_plan(floor: Floor) -> None:
    jobs = JobOrder.objects.order_by("planned_start")
    assert [(one.organization.slug, one.quantity, one.state) for one in jobs] == [
        ("hengda", 61, "waiting"),
        ("fenghua", 61, "waiting"),
        ("taihe", 61, "waiting"),
    ]
    assert floor.custody() == []


def test_custody_along_the_chain(floor: Floor) -> None:
    floor.start("Mill")
    assert floor.custody() == [("LP-40", "hengda", 61, "")]
    services.report(floor.worker("Mill"), floor.job("Mill"), good=20, scrap=1)
    assert floor.custody() == [("LP-40", "hengda", 60, "")]
    floor.make("Mill", 40)
    on_the_way = floor.send("Mill", 60)
    assert floor.custody() == [("LP-40", "hengda", 60, "fenghua")]
    floor.receive(on_the_way, 58)
    assert floor.custody() == [("LP-40", "fenghua", 58, "")]
    assert floor.losses() == [("hengda", 1, 2)]
    floor.make("Grind", 57, 1)
    floor.receive(floor.send("Grind", 57), 57)
    floor.make("Coat", 57)
    floor.receive(floor.send("Coat", 57), 57)
    assert floor.custody() == [("LP-40", "lanshan", 57, "")]
    assert sorted(floor.losses()) == [("fenghua", 1, 0), ("hengda", 1, 2)]


def test_first_start_makes_the_order_produce(floor: Floor) -> None:
    floor.start("Mill")
    floor.order.refresh_from_db()
    assert floor.order.state == Order.State.PRODUCING
    assert floor.plan.assignments.get(operation__name="Mill").actual_start == NOW


def test_next_firm_starts_only_when_pieces_are_there(floor: Floor) -> None:
    with pytest.raises(ConflictError, match="not here yet"):
        floor.start("Grind")
    floor.make("Mill", 61)
    with pytest.raises(ConflictError, match="not here yet"):
        floor.start("Grind")
    sent = floor.send("Mill", 61)
    with pytest.raises(ConflictError, match="on their way"):
        floor.start("Grind")
    floor.receive(sent, 61)
    floor.start("Grind")
    assert floor.job("Grind").state == "running"


def test_no_piece_is_invented(floor: Floor) -> None:
    floor.start("Mill")
    with pytest.raises(InvalidError, match="Only 61 pieces"):
        services.report(floor.worker("Mill"), floor.job("Mill"), good=62, scrap=0)
    floor.make("Mill", 60, 1)
    with pytest.raises(InvalidError, match="60 good pieces wait"):
        floor.send("Mill", 61)
    floor.receive(floor.send("Mill", 60), 59)
    floor.start("Grind")
    with pytest.raises(InvalidError, match="Only 59 pieces"):
        services.finish(floor.worker("Grind"), floor.job("Grind"), good=60, scrap=0)
    with pytest.raises(InvalidError, match="0 or more"):
        services.report(floor.worker("Grind"), floor.job("Grind"), good=-1, scrap=2)


def test_no_piece_is_lost(floor: Floor) -> None:
    floor.start("Mill")
    with pytest.raises(InvalidError, match="3 pieces are neither"):
        services.finish(floor.worker("Mill"), floor.job("Mill"), good=57, scrap=1)
    floor.make("Mill", 60)  # the one for scrap was not needed
    floor.receive(floor.send("Mill", 60), 60)
    with pytest.raises(ConflictError, match="nothing to send"):
        floor.send("Mill", 1)


def test_fewer_pieces_than_needed_are_told_and_go_on(floor: Floor) -> None:
    floor.make("Mill", 56, 5)
    event = Event.objects.get(type="workshop.shortfall.noticed")
    assert event.data["missing"] == 4
    assert floor.order.organization_id in event.audience.values_list("organization_id", flat=True)
    assert floor.flow().missing(floor.task("Mill")) == 4
    floor.receive(floor.send("Mill", 56), 56)
    floor.make("Grind", 56)
    floor.receive(floor.send("Grind", 56), 56)
    floor.make("Coat", 56)
    floor.receive(floor.send("Coat", 56), 56)
    floor.order.refresh_from_db()
    assert floor.order.state == Order.State.DELIVERED
    assert amounts() == {
        "hengda": Decimal("8400.00"),
        "fenghua": Decimal("6000.00"),
        "taihe": Decimal("3333.33"),
    }


def test_scrap_is_made_again_from_new_material(floor: Floor) -> None:
    floor.start("Mill")
    services.report(floor.worker("Mill"), floor.job("Mill"), good=50, scrap=5)
    with pytest.raises(InvalidError, match="5 pieces are lacking"):
        services.make_more(floor.worker("Mill"), floor.job("Mill"), pieces=6)
    services.make_more(floor.worker("Mill"), floor.job("Mill"), pieces=5)
    floor.make("Mill", 11)
    assert floor.flow().good(floor.task("Mill")) == 61
    floor.receive(floor.send("Mill", 61), 61)
    floor.start("Grind")
    with pytest.raises(ConflictError, match="starts from material"):
        services.make_more(floor.worker("Grind"), floor.job("Grind"), pieces=1)


def test_an_order_of_which_everything_is_lost_does_not_hang(floor: Floor) -> None:
    floor.make("Mill", 61)
    floor.receive(floor.send("Mill", 61), 61)
    floor.make("Grind", 0, 61)
    floor.order.refresh_from_db()
    assert floor.order.state == Order.State.DELIVERED
    assert JobOrder.objects.get(operation__name="Coat").state == "cancelled"
    assert amounts() == {"hengda": Decimal("9000.00"), "fenghua": Decimal(0), "taihe": Decimal(0)}


def test_everything_rejected_on_arrival_does_not_hang(floor: Floor) -> None:
    floor.make("Mill", 61)
    floor.receive(floor.send("Mill", 61), 0)
    floor.order.refresh_from_db()
    assert floor.order.state == Order.State.DELIVERED
    assert set(JobOrder.objects.exclude(operation__name="Mill").values_list("state", flat=True)) == {
        "cancelled"
    }
    assert amounts() == {"hengda": Decimal(0), "fenghua": Decimal(0), "taihe": Decimal(0)}


def test_pieces_that_come_later_are_waited_for(floor: Floor) -> None:
    floor.make("Mill", 61)
    floor.receive(floor.send("Mill", 40), 40)
    floor.start("Grind")
    services.report(floor.worker("Grind"), floor.job("Grind"), good=40, scrap=0)
    with pytest.raises(ConflictError, match="still to come"):
        services.finish(floor.worker("Grind"), floor.job("Grind"), good=0, scrap=0)
    floor.receive(floor.send("Mill", 21), 21)
    floor.make("Grind", 21)
    assert floor.custody() == [("LP-40", "fenghua", 61, "")]


def test_rejected_pieces_are_replaced_by_what_was_kept_back(floor: Floor) -> None:
    floor.make("Mill", 61)
    floor.receive(floor.send("Mill", 60), 59)
    floor.receive(floor.send("Mill", 1), 1)
    floor.start("Grind")
    assert floor.flow().at_hand(floor.job("Grind")) == 60


def test_delivery_and_settlement(floor: Floor) -> None:
    through(floor)
    floor.order.refresh_from_db()
    assert floor.order.state == Order.State.DELIVERED
    assert amounts() == {
        "hengda": Decimal("9000.00"),
        "fenghua": Decimal("5800.00"),  # 2 of 60 rejected
        "taihe": Decimal("3333.33"),
    }
    settling.agree(floor.people.buyer, floor.order)
    floor.order.refresh_from_db()
    assert floor.order.state == Order.State.SETTLED
    assert set(Contract.objects.values_list("state", flat=True)) == {"done"}
    assert not Settlement.objects.filter(agreed_at=None).exists()
    with pytest.raises(ConflictError, match="only once"):
        settling.agree(floor.people.buyer, floor.order)


def test_settlement_adds_up(floor: Floor) -> None:
    through(floor)
    for row in Settlement.objects.all():
        items = [Decimal(one["price"]) - Decimal(one["deduction"]) for one in row.items]
        assert row.amount == sum(items)
        assert row.amount >= 0
    item = Settlement.objects.get(organization__slug="fenghua").items[0]
    assert (item["price"], item["deduction"], item["made"], item["rejected"]) == (
        "6000.00",
        "200.00",
        "60",
        "2",
    )


def test_settling_again_changes_nothing(floor: Floor) -> None:
    through(floor)
    before = amounts()
    settling.settle(floor.people.buyer.principal, floor.order)
    assert amounts() == before


def test_only_the_buyer_agrees_and_only_after_delivery(floor: Floor) -> None:
    with pytest.raises(ConflictError, match="Only a delivered order"):
        settling.agree(floor.people.buyer, floor.order)
    with pytest.raises(NotFoundError):
        settling.agree(floor.people.rival, floor.order)


def test_a_receipt_is_confirmed_once_and_by_the_receiver(floor: Floor) -> None:
    floor.make("Mill", 61)
    sent = floor.send("Mill", 61)
    with pytest.raises(NotFoundError):
        handing.receive(floor.people.rival, sent, accepted=61)
    with pytest.raises(InvalidError, match="between 0 and 61"):
        floor.receive(sent, 62)
    floor.receive(sent, 60)
    with pytest.raises(ConflictError, match="already"):
        floor.receive(sent, 61)
    assert Handover.objects.get().accepted == 60


def test_times_are_measured_without_pauses(floor: Floor) -> None:
    worker = floor.worker("Mill")
    floor.start("Mill")
    with clock.telling(NOW + timedelta(hours=1)):
        services.pause(worker, floor.job("Mill"))
    with clock.telling(NOW + timedelta(hours=3)):
        services.start(worker, floor.job("Mill"))
    with clock.telling(NOW + timedelta(hours=4)):
        floor.make("Mill", 61)
    actual = TimeRecord.objects.get()
    assert (actual.estimated_s, actual.actual_s) == (3600 + 61 * 60, 7200)
    kinds = JobResponse.objects.order_by("at").values_list("kind", flat=True)
    assert list(kinds) == ["start", "pause", "resume", "finish"]


def test_repeated_learning_is_kept_per_firm_and_process(floor: Floor) -> None:
    floor.start("Mill")
    with clock.telling(NOW + timedelta(hours=2)):
        floor.make("Mill", 61)
    firm = floor.people.owner.organization.pk
    for routed in (False, True):
        assert ratios_of([firm], routed=routed) == {(firm, "milling-3axis"): [0.9917]}
    assert ratios_of([floor.people.rival.organization.pk], routed=False) == {}
    audience = Event.objects.get(type="orders.time.measured").audience
    assert list(audience.values_list("organization_id", flat=True)) == [floor.people.owner.organization.pk]


def amounts() -> dict[str, Decimal]:
    return {row.organization.slug: row.amount for row in Settlement.objects.select_related("organization")}
