"""A line that may be split: planned in lots, awarded, dispatched, made by two workshops and settled."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from tests.plans.lots import an_urgent_order, make, proposed, rows_of
from tests.plans.making import Scene

from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.capacity.models import Reservation
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Contract, ContractItem
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.lots import shares
from gonghe.apps.orders.models import Operation, Order, TimeRecord
from gonghe.apps.orders.services import LineChange, LineIn
from gonghe.apps.plans import access
from gonghe.apps.plans.awarding import accept_award
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.picture import picture
from gonghe.apps.plans.reading import as_json, plan_view
from gonghe.apps.plans.replanning import draft_of
from gonghe.apps.workshop import access as workshop
from gonghe.apps.workshop import dispatching, services, settling
from gonghe.apps.workshop.models import JobOrder, Settlement

pytestmark = pytest.mark.django_db
AWARDED = "market.migrations.0002_awarded_lots"


@pytest.fixture
def split(scene: Scene) -> Plan:
    """The plan of the urgent order, proposed."""
    return proposed(scene, an_urgent_order(scene))


def test_an_urgent_line_runs_in_lots_in_two_workshops(split: Plan) -> None:
    milled = [row for row in rows_of(split) if row[0] == "Mill"]
    assert [row[1:3] for row in milled] == [(lot, len(milled)) for lot in range(1, len(milled) + 1)]
    assert {row[3] for row in milled} == {"hengda", "mingde"}
    assert sum(row[4] for row in milled) == 102
    assert min(row[4] for row in milled) >= 21  # 20 good ones and what becomes scrap
    per_piece = {"hengda": Decimal(50), "mingde": Decimal(55)}
    assert all(row[5] == per_piece[row[3]] * row[4] for row in milled)
    assert sum(row[5] for row in rows_of(split) if row[0] == "Grind") == Decimal("408.00")


def test_an_order_that_may_not_be_split_stays_together(scene: Scene) -> None:
    plan = proposed(scene, an_urgent_order(scene, smallest_lot=None))
    assert [row[:3] for row in rows_of(plan)] == [("Mill", 1, 1), ("Grind", 1, 1)]


def test_splitting_brings_the_date_nearer_and_costs_less_in_all(scene: Scene, split: Plan) -> None:
    Plan.objects.filter(pk=split.pk).update(state=Plan.State.SUPERSEDED)
    market.cancel_call(scene.buyer, split.call)
    whole = proposed(scene, an_urgent_order(scene, smallest_lot=None))
    assert split.arrives_at < whole.arrives_at
    assert split.cost["total"] < whole.cost["total"]


def test_the_picture_and_its_table_name_the_lots(scene: Scene, split: Plan) -> None:
    seen = picture(scene.buyer, split, "Asia/Shanghai")
    bars = {bar["id"]: bar for bar in seen.gantt["bars"]}
    rows = list(split.assignments.select_related("operation"))
    assert {row.name for row in rows} <= set(bars)
    lots = rows[0].lots
    assert f"lot 2 of {lots}" in " ".join(line["operation"] for line in seen.table)
    first = next(row for row in rows if row.operation.name == "Mill" and row.lot == 1)
    assert bars[first.name]["label"].endswith(f"· 1/{lots}")
    ground = next(row for row in rows if row.operation.name == "Grind" and row.lot == 1)
    assert {"from": first.name, "to": ground.name} in [
        {key: link[key] for key in ("from", "to")} for link in seen.gantt["links"]
    ]
    view = plan_view(scene.buyer, split)
    assert f"Mill (lot 1 of {lots}) at Hengda Precision takes" in " ".join(view.reasons)
    told = as_json(view)["operations"]
    assert sum(one["pieces"] for one in told if one["operation"] == "1/10 Mill") == 102


def test_a_workshop_sees_its_own_lots_only(scene: Scene, split: Plan) -> None:
    accept_award(scene.buyer, split)
    dispatching.dispatch_plan(split.pk)
    for acting, slug in ((scene.owner, "hengda"), (scene.peer, "mingde")):
        found = access.get_plan(acting, split.pk)
        assert {row.organization.slug for row in access.visible_assignments(acting, found)} == {slug}
        prices = [one["price"] for one in as_json(plan_view(acting, found))["operations"]]
        assert None not in prices
        steps = workshop.making(acting, found.order).steps
        assert {one.job.organization.slug for one in steps if one.job} == {slug}
    assert not access.visible_plans(scene.rival).exists()
    assert not workshop.visible_job_orders(scene.rival).exists()
    with pytest.raises(NotFoundError):
        workshop.making(scene.rival, split.order)


def test_the_award_writes_items_and_hours_by_lot(scene: Scene, split: Plan) -> None:
    accept_award(scene.buyer, split)
    items = ContractItem.objects.filter(operation__name="Mill").order_by("lot")
    assert sum(one.quantity for one in items) == 102
    assert {one.contract.organization.slug for one in items} == {"hengda", "mingde"}
    assert [(one.lot, one.quantity, one.price) for one in items] == [
        (row[1], row[4], row[5]) for row in rows_of(split) if row[0] == "Mill"
    ]
    held = Reservation.objects.filter(operation_id=items[0].operation_id)
    assert sorted(one.lot for one in held) == [one.lot for one in items]


def test_lots_that_do_not_make_up_the_line_are_not_awarded(scene: Scene, split: Plan) -> None:
    mill = Operation.objects.get(line__order=split.order, name="Mill")
    one = market.Awarded(mill, scene.owner.organization, Decimal(1), lot=1, lots=2, quantity=50)
    with pytest.raises(InvalidError, match="every lot"):
        market.award(scene.buyer.principal, split.call, [one, one._replace(lot=2, quantity=51)])


def test_a_plan_in_force_keeps_its_lots(scene: Scene, split: Plan) -> None:
    accept_award(scene.buyer, split)
    plan = Plan.objects.select_related("order__organization", "order__destination", "call").get(pk=split.pk)
    draft, baseline = draft_of(plan)
    assert {row.operation for row in baseline} == {row.name for row in plan.assignments.all()}
    kept = Counter(
        one.step.operation.name for one in {offer.name: offer for offer in draft.offers.values()}.values()
    )
    assert kept == Counter(row[0] for row in rows_of(plan))


def test_from_the_order_to_settled_contracts(scene: Scene, split: Plan) -> None:
    accept_award(scene.buyer, split)
    dispatching.dispatch_plan(split.pk)
    jobs = JobOrder.objects.filter(operation__name="Mill")
    assert sorted((one.lot, one.organization.slug, one.quantity) for one in jobs) == [
        (row[1], row[3], row[4]) for row in rows_of(split) if row[0] == "Mill"
    ]
    make(scene, split.order, "Mill")
    make(scene, split.order, "Grind")
    split.order.refresh_from_db()
    assert split.order.state == Order.State.DELIVERED
    settling.agree(scene.buyer, split.order)
    assert set(Contract.objects.values_list("state", flat=True)) == {"done"}
    rows = {row.organization.slug: row for row in Settlement.objects.select_related("organization")}
    milled = [item for row in rows.values() for item in row.items if item["name"] == "Mill"]
    assert sum(int(item["made"]) for item in milled) == 102
    priced = Counter[str]()
    for _name, _lot, _lots, firm, _pieces, price in rows_of(split):
        priced[firm] += price  # type: ignore[assignment]
    assert {slug: row.amount for slug, row in rows.items()} == dict(priced)
    assert TimeRecord.objects.filter(operation__name="Mill").count() == len(milled)


def test_lost_pieces_cost_only_the_lot_that_lost_them(scene: Scene, split: Plan) -> None:
    accept_award(scene.buyer, split)
    dispatching.dispatch_plan(split.pk)
    make(scene, split.order, "Mill", scrap={1: 11})
    make(scene, split.order, "Grind")
    split.order.refresh_from_db()
    assert split.order.state == Order.State.DELIVERED
    items = {
        int(item["lot"]): item
        for row in Settlement.objects.all()
        for item in row.items
        if item["name"] == "Mill"
    }
    sizes = tuple(row[4] for row in rows_of(split) if row[0] == "Mill")
    lacking = shares(100, sizes)[0] - (sizes[0] - 11)
    assert (items[1]["made"], items[1]["missing"]) == (str(sizes[0] - 11), str(lacking))
    assert Decimal(items[1]["deduction"]) > 0
    assert all(Decimal(item["deduction"]) == 0 for lot, item in items.items() if lot > 1)


def test_pieces_of_one_lot_never_serve_another(scene: Scene, split: Plan) -> None:
    accept_award(scene.buyer, split)
    dispatching.dispatch_plan(split.pk)
    make(scene, split.order, "Mill", lots={1})
    waiting = JobOrder.objects.get(operation__name="Grind", lot=2)
    with pytest.raises(ConflictError, match="not here yet"):
        services.start(scene.fenghua, workshop.get_job_order(scene.fenghua, waiting.pk))
    first = JobOrder.objects.get(operation__name="Grind", lot=1)
    services.start(scene.fenghua, workshop.get_job_order(scene.fenghua, first.pk))


def test_lots_need_room_and_stand_alone(scene: Scene) -> None:
    with pytest.raises(InvalidError, match="Two lots of 60 pieces do not fit into 100"):
        an_urgent_order(scene, smallest_lot=60)
    order = an_urgent_order(scene)
    line = order.lines.get()
    with pytest.raises(InvalidError, match="stay together"):
        orders.add_line(scene.buyer, order, LineIn(part="PIN", quantity=2), into=line)
    changed = orders.change_line(scene.buyer, line, LineChange(smallest_lot=0))
    assert changed.smallest_lot is None
    orders.add_line(scene.buyer, order, LineIn(part="PIN", quantity=2), into=changed)
    with pytest.raises(InvalidError, match="assembly stays together"):
        orders.change_line(scene.buyer, changed, LineChange(smallest_lot=10))


def test_what_was_planned_before_becomes_one_lot_of_all_pieces(scene: Scene) -> None:
    plan = proposed(scene, an_urgent_order(scene, smallest_lot=None))
    accept_award(scene.buyer, plan)
    for model, module in ((Assignment, "plans.migrations.0002_planned_lots"), (ContractItem, AWARDED)):
        model.objects.update(quantity=0)
        import_module(f"gonghe.apps.{module}").fill(apps, None)
        assert set(model.objects.values_list("lot", "lots", "quantity")) == {(1, 1, 102)}
