"""An order that must be made in two workshops at once to be in time, and how it is made."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.market.making import private_key
from tests.plans.making import NOW, Scene, shanghai

from gonghe import clock
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Call
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.plans.awarding import solve_award
from gonghe.apps.plans.models import Plan
from gonghe.apps.workshop import access as workshop
from gonghe.apps.workshop import handing, services
from gonghe.apps.workshop.models import JobOrder

STEEL = {"material_group": "steel"}


def an_urgent_order(scene: Scene, *, smallest_lot: int | None = 20) -> Order:
    """100 pieces (102 with scrap) to mill, 10 minutes each, then to grind; an hour late costs 400."""
    steps = (
        OperationIn("milling-3axis", "Mill", STEEL, setup_s=3600, run_s=600, number=10),
        OperationIn("grinding", "Grind", STEEL, setup_s=1800, run_s=60, number=20),
    )
    line = LineIn(part="LP-41", quantity=100, operations=steps, smallest_lot=smallest_lot)
    order = orders.create_order(
        scene.buyer,
        title="Pump LP-41",
        due=date(2026, 3, 10),
        destination=members.own_sites(scene.buyer)[0],
        lateness_per_hour=Decimal(400),
        lines=[line],
    )
    return Order.objects.select_related("organization", "destination").get(pk=order.pk)


def proposed(scene: Scene, order: Order) -> Plan:
    """Hengda and mingde bid 5,100 and 5,610 for milling (50 and 55 a piece), fenghua 408 to grind."""
    mill, grind = Operation.objects.filter(line__order=order).order_by("number")
    call = market.open_call(
        scene.buyer,
        order,
        organizations=[one.organization for one in (scene.owner, scene.peer, scene.fenghua)],
        closes_at=NOW + timedelta(days=1),
        bids_valid_until=NOW + timedelta(days=10),
    )
    market.submit_bid(scene.owner, call, [scene.bid(mill, scene.mill, "5100.00", 64_800)])
    market.submit_bid(scene.peer, call, [scene.bid(mill, scene.peer_mill, "5610.00", 64_800)])
    market.submit_bid(scene.fenghua, call, [scene.bid(grind, scene.grinder, "408.00", 8_100)])
    market.open_bids(private_key(), scene.office, call)
    opened = Call.objects.select_related("order__organization", "order__destination").get(pk=call.pk)
    return solve_award(scene.buyer.principal, opened)


def rows_of(plan: Plan) -> list[tuple[str, int, int, str, int, Decimal]]:
    """(operation, lot, lots, firm, pieces, price), in order."""
    rows = plan.assignments.select_related("operation", "organization").order_by("operation__number", "lot")
    return [
        (one.operation.name, one.lot, one.lots, one.organization.slug, one.quantity, one.price)
        for one in rows
    ]


def make(
    scene: Scene,
    order: Order,
    name: str,
    *,
    scrap: dict[int, int] | None = None,
    lots: set[int] | None = None,
) -> None:
    """Make, send and receive every lot of an operation, as its workshop reports it."""
    people = {one.organization.slug: one for one in (scene.owner, scene.peer, scene.fenghua, scene.buyer)}
    found = JobOrder.objects.filter(operation__line__order=order, operation__name=name).exclude(
        state="cancelled"
    )
    for job in [one for one in found.order_by("lot") if lots is None or one.lot in lots]:
        worker: Acting = people[job.organization.slug]
        with clock.telling(shanghai(9, "10:00")):
            services.start(worker, workshop.get_job_order(worker, job.pk))
        with clock.telling(shanghai(9, "15:00")):
            present = workshop.get_job_order(worker, job.pk)
            lost = (scrap or {}).get(job.lot, 0)
            good = workshop.at_hand(present) - lost
            services.finish(worker, present, good=good, scrap=lost)
            for parcel in workshop.work_to_send(worker):
                sent = handing.send(worker, parcel.operation, lot=parcel.task.lot, quantity=parcel.pieces)
                assert (sent.lot, sent.lots) == (job.lot, job.lots)
                handing.receive(people[parcel.receiver.slug], sent, accepted=sent.quantity)
