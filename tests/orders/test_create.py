"""An order is written down whole or not at all, and says what is wrong with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.orders.making import an_order, destination

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import access, services
from gonghe.apps.orders.models import Order, OrderLine, Revision
from gonghe.apps.orders.services import LineChange, LineIn, OperationIn

NOW = datetime(2026, 3, 9, 2, 20, tzinfo=UTC)


def test_an_order_holds_what_was_asked_for(acting_buyer: Acting) -> None:
    order = an_order(acting_buyer, LineIn(part="LP-40", name="Bearing bracket", quantity=60, revision="C"))
    line = order.lines.get()
    assert (order.state, order.due, order.currency) == ("draft", date(2026, 3, 18), "CNY")
    assert order.code.startswith("GH-2603-")
    assert (line.revision.part.number, line.revision.label, line.quantity) == ("LP-40", "C", 60)
    assert line.pieces == 62  # 2 % of 60 is 1.2, rounded up
    event = Event.objects.get(type="orders.order.created")
    assert event.organization_id == acting_buyer.organization.pk
    assert [one.organization_id for one in event.audience.all()] == [acting_buyer.organization.pk]


def test_today_at_the_destination_is_not_yet_past(acting_buyer: Acting) -> None:
    late_evening = datetime(2026, 3, 9, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    with clock.telling(late_evening):
        assert an_order(acting_buyer, due=date(2026, 3, 9)).due == date(2026, 3, 9)
    with clock.telling(datetime(2026, 3, 9, 16, 1, tzinfo=UTC)), pytest.raises(InvalidError) as refused:
        an_order(acting_buyer, due=date(2026, 3, 9))
    assert refused.value.code == "due_past"
    assert refused.value.message == "The date is in the past. Choose 2026-03-10 or later."
    assert ZoneInfo(destination(acting_buyer).time_zone).key == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (LineIn(part="LP-40", quantity=0), "quantity"),
        (LineIn(part="LP-40", quantity=1_000_001), "quantity"),
        (LineIn(part=" "), "no_part"),
        (LineIn(part="LP-40", material="kryptonite"), "material"),
        (LineIn(part="LP-40", operations=(OperationIn(process="teleporting", run_s=60),)), "requirement"),
        (
            LineIn(
                part="LP-40",
                operations=(OperationIn("milling", properties={"tolerance_it": "fine"}, run_s=1),),
            ),
            "requirement",
        ),
        (LineIn(part="LP-40", operations=(OperationIn(process="milling"),)), "time"),
        (LineIn(part="LP-40", operations=(OperationIn(process="milling", run_s=-1),)), "time"),
    ],
)
def test_what_cannot_be_made_is_refused_whole(acting_buyer: Acting, line: LineIn, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        an_order(acting_buyer, LineIn(part="fine"), line)
    assert refused.value.code == code
    assert not Order.objects.exists()


def test_an_empty_order_is_refused(acting_buyer: Acting) -> None:
    with pytest.raises(InvalidError, match="The order is empty") as refused:
        services.create_order(
            acting_buyer,
            title="Nothing",
            due=date(2026, 3, 18),
            destination=destination(acting_buyer),
            lines=[],
        )
    assert refused.value.code == "empty_order"


def test_another_firms_site_is_no_destination(acting_buyer: Acting, acting_rival: Acting) -> None:
    with pytest.raises(InvalidError) as refused:
        services.create_order(
            acting_buyer,
            title="Pump",
            due=date(2026, 3, 18),
            destination=destination(acting_rival),
            lines=[LineIn(part="LP-40")],
        )
    assert refused.value.code == "destination"


def test_a_colleague_without_the_role_writes_nothing(acting_clerk: Acting, acting_buyer: Acting) -> None:
    with pytest.raises(ForbiddenError):
        an_order(acting_clerk)
    assert not Order.objects.exists()
    order = an_order(acting_buyer)
    assert access.get_order(acting_clerk, order.pk) == order


def test_a_rival_sees_nothing(acting_buyer: Acting, acting_rival: Acting) -> None:
    order = an_order(acting_buyer, LineIn(part="LP-40", operations=(OperationIn("milling", run_s=60),)))
    line = order.lines.get()
    assert not access.visible_orders(acting_rival).exists()
    for look in (
        lambda: access.get_order(acting_rival, order.pk),
        lambda: access.get_line(acting_rival, line.pk),
        lambda: access.get_operation(acting_rival, line.operations.get().pk),
    ):
        with pytest.raises(NotFoundError):
            look()


def test_the_same_part_again_is_the_same_revision(acting_buyer: Acting) -> None:
    first = an_order(acting_buyer, LineIn(part="LP-40")).lines.get()
    again = an_order(acting_buyer, LineIn(part="LP-40")).lines.get()
    brass = an_order(acting_buyer, LineIn(part="LP-40", material="brass")).lines.get()
    assert again.revision == first.revision
    assert (brass.revision.part, brass.revision.label) == (first.revision.part, "B")
    with pytest.raises(InvalidError) as refused:
        an_order(acting_buyer, LineIn(part="LP-40", revision="A", material="brass"))
    assert refused.value.code == "revision_taken"


class TestAssembly:
    def pump(self, buyer: Acting) -> Order:
        milling = OperationIn("milling", properties={"batch_pieces": 1, "material_group": "steel"}, run_s=600)
        return an_order(
            buyer,
            LineIn(part="PUMP", quantity=10),
            LineIn(
                part="HOUSING", quantity=1, parent=0, operations=(milling, OperationIn("deburring", run_s=60))
            ),
            LineIn(part="SCREW", quantity=4, parent=0, operations=(OperationIn("turning", run_s=30),)),
        )

    def test_children_are_counted_for_the_whole_order(self, acting_buyer: Acting) -> None:
        pump, housing, screw = self.pump(acting_buyer).lines.all()
        assert (pump.quantity, pump.pieces) == (10, 10)
        assert (housing.quantity, housing.per_parent, housing.pieces) == (10, 1, 11)
        assert (screw.quantity, screw.per_parent, screw.pieces) == (40, 4, 41)

    def test_joining_waits_for_the_last_step_of_every_part(self, acting_buyer: Acting) -> None:
        pump, housing, screw = self.pump(acting_buyer).lines.all()
        joint = pump.operations.get()
        assert joint.requirement["process"] == "mechanical-assembly"
        waits = {(one.line.revision.part.number, one.number) for one in joint.after.all()}
        assert waits == {("HOUSING", 20), ("SCREW", 10)}
        services.save_operation(acting_buyer, screw, OperationIn("heat-treatment", run_s=5))
        waits = {(one.line.revision.part.number, one.number) for one in joint.after.all()}
        assert waits == {("HOUSING", 20), ("SCREW", 20)}
        services.remove_line(acting_buyer, housing)
        assert {one.line.revision.part.number for one in joint.after.all()} == {"SCREW"}

    def test_a_larger_order_carries_down(self, acting_buyer: Acting) -> None:
        pump = self.pump(acting_buyer).lines.first()
        assert pump is not None
        services.change_line(acting_buyer, pump, LineChange(quantity=100, overage_percent=Decimal(3)))
        pump, housing, screw = OrderLine.objects.filter(order=pump.order)
        assert (pump.pieces, housing.quantity, screw.quantity) == (103, 103, 412)
        first = housing.operations.first()
        assert first is not None
        assert first.requirement["properties"] == {"batch_pieces": 106, "material_group": "steel"}

    def test_a_part_inside_an_assembly_changes_per_assembly(self, acting_buyer: Acting) -> None:
        screw = self.pump(acting_buyer).lines.get(revision__part__number="SCREW")
        services.change_line(acting_buyer, access.get_line(acting_buyer, screw.pk), LineChange(quantity=6))
        screw.refresh_from_db()
        assert (screw.per_parent, screw.quantity) == (6, 60)


class TestRouting:
    def line(self, buyer: Acting) -> OrderLine:
        steps = (OperationIn("saw", run_s=60), OperationIn("milling", run_s=600))
        return access.get_line(
            buyer, an_order(buyer, LineIn(part="LP-40", quantity=50, operations=steps)).lines.get().pk
        )

    def chain(self, line: OrderLine) -> list[tuple[int, str, list[int]]]:
        return [
            (one.number, one.requirement["process"], sorted(two.number for two in one.after.all()))
            for one in line.operations.all()
        ]

    def test_steps_follow_each_other(self, acting_buyer: Acting) -> None:
        line = self.line(acting_buyer)
        assert self.chain(line) == [(10, "saw", []), (20, "milling", [10])]
        services.save_operation(acting_buyer, line, OperationIn("turning", run_s=60, number=15))
        assert self.chain(line) == [(10, "saw", []), (15, "turning", [10]), (20, "milling", [15])]
        services.remove_operation(acting_buyer, line.operations.get(number=15))
        assert self.chain(line) == [(10, "saw", []), (20, "milling", [10])]

    def test_steps_may_run_side_by_side(self, acting_buyer: Acting) -> None:
        line = self.line(acting_buyer)
        services.save_operation(acting_buyer, line, OperationIn("turning", run_s=60, after=(10,)))
        services.save_operation(acting_buyer, line, OperationIn("inspection", run_s=60, after=(20, 30)))
        assert self.chain(line)[2:] == [(30, "turning", [10]), (40, "inspection", [20, 30])]

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            (OperationIn("turning", run_s=60, number=20), "number_taken"),
            (OperationIn("turning", run_s=60, number=5, after=(10,)), "after"),
            (OperationIn("turning", run_s=60, after=(99,)), "after"),
        ],
    )
    def test_an_impossible_place_is_refused(
        self, acting_buyer: Acting, wanted: OperationIn, code: str
    ) -> None:
        line = self.line(acting_buyer)
        with pytest.raises(InvalidError) as refused:
            services.save_operation(acting_buyer, line, wanted)
        assert refused.value.code == code
        assert self.chain(line) == [(10, "saw", []), (20, "milling", [10])]

    def test_a_step_cannot_move_behind_one_that_waits_for_it(self, acting_buyer: Acting) -> None:
        line = self.line(acting_buyer)
        saw = line.operations.get(number=10)
        with pytest.raises(InvalidError, match="Step 20 waits for this one"):
            services.save_operation(
                acting_buyer, line, OperationIn("saw", run_s=60, number=30), operation=saw
            )

    def test_a_change_is_estimated_at_once(self, acting_buyer: Acting) -> None:
        line = self.line(acting_buyer)
        before = OrderLine.objects.get(pk=line.pk).estimate
        milling = line.operations.get(number=20)
        services.save_operation(
            acting_buyer, line, OperationIn("milling", setup_s=0, run_s=1200), operation=milling
        )
        after = OrderLine.objects.get(pk=line.pk).estimate
        assert before is not None
        assert after is not None
        assert after["time_s"]["p50"] - before["time_s"]["p50"] == 600 * 51  # 50 pieces and 1 for scrap
        assert after["cost"]["p50"] > before["cost"]["p50"]


class TestStates:
    def test_going_out_for_bids_freezes_what_was_asked(self, acting_buyer: Acting) -> None:
        order = an_order(acting_buyer, LineIn(part="LP-40", operations=(OperationIn("milling", run_s=60),)))
        line = access.get_line(acting_buyer, order.lines.get().pk)
        services.set_state(acting_buyer.principal, order, Order.State.CALLED)
        assert Revision.objects.get(pk=line.revision_id).frozen_at == NOW
        for change in (
            lambda: services.change_line(acting_buyer, line, LineChange(quantity=5)),
            lambda: services.save_operation(acting_buyer, line, OperationIn("turning", run_s=60)),
            lambda: services.remove_operation(acting_buyer, line.operations.get()),
            lambda: services.upload_drawing(acting_buyer, line, "LP-40.step", [b"ISO-10303-21;"]),
            lambda: services.add_line(acting_buyer, order, LineIn(part="MORE")),
        ):
            with pytest.raises(ConflictError) as refused:
                change()
            assert refused.value.code == "not_draft"
        line.refresh_from_db()
        assert (line.quantity, line.operations.count(), order.lines.count()) == (1, 1, 1)

    def test_no_state_is_skipped_and_none_comes_twice(self, acting_buyer: Acting) -> None:
        order = an_order(acting_buyer)
        with pytest.raises(ConflictError) as refused:
            services.set_state(acting_buyer.principal, order, Order.State.PRODUCING)
        assert refused.value.message == f"Order {order.code} is draft; it cannot become being made."
        services.set_state(acting_buyer.principal, order, Order.State.CALLED)
        services.set_state(acting_buyer.principal, order, Order.State.CALLED)
        assert Event.objects.filter(type="orders.order.called").count() == 1
        services.cancel_order(acting_buyer, order)
        with pytest.raises(ConflictError):
            services.set_state(acting_buyer.principal, order, Order.State.AWARDED)

    def test_a_frozen_revision_is_copied_not_changed(self, acting_buyer: Acting) -> None:
        called = an_order(acting_buyer, LineIn(part="LP-40"))
        services.set_state(acting_buyer.principal, called, Order.State.CALLED)
        line = access.get_line(acting_buyer, an_order(acting_buyer, LineIn(part="LP-40")).lines.get().pk)
        services.change_line(acting_buyer, line, LineChange(material="brass"))
        assert (line.revision.label, line.revision.material) == ("B", "brass")
        assert called.lines.get().revision.material == "steel"
