"""A plan in lots that changes: re-planned, moved by hand, tried as a scenario; each lot keeps its pieces."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import signed_in
from tests.plans.lots import an_urgent_order, make, proposed, rows_of
from tests.plans.making import Scene, shanghai

from gonghe import clock
from gonghe.apps.audit.services import settle
from gonghe.apps.base import ConflictError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import Reservation
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.market.models import ContractItem
from gonghe.apps.plans import access, scenarios, services, trying
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.wishes import CHEAPEST, Wish
from gonghe.apps.principal import SYSTEM
from gonghe.apps.workshop import dispatching
from gonghe.apps.workshop.models import JobOrder, Settlement

pytestmark = pytest.mark.django_db


@pytest.fixture
def split(scene: Scene) -> Plan:
    """The plan of the urgent order, proposed."""
    return proposed(scene, an_urgent_order(scene))


@pytest.fixture
def in_force(scene: Scene, split: Plan) -> Plan:
    """The awarded plan with its job orders."""
    plan = services.accept_award(scene.buyer, split)
    dispatching.dispatch_plan(plan.pk)
    return plan


def milled(plan: Plan) -> list[tuple[int, str, int]]:
    """(lot, firm, pieces) of milling."""
    return [(row[1], row[3], row[4]) for row in rows_of(plan) if row[0] == "Mill"]


def test_a_breakdown_moves_one_lot_and_its_contract(scene: Scene, in_force: Plan) -> None:
    sizes = {lot: pieces for lot, _firm, pieces in milled(in_force)}
    lot = next(lot for lot, firm, _pieces in milled(in_force) if firm == "mingde")
    with clock.telling(shanghai(6, "09:00")):
        capacity.mark_down(SYSTEM, scene.peer_mill, shanghai(6, "09:00"), shanghai(27, "16:00"))
        settle()
        run_until_idle()
        proposals = Plan.objects.filter(state="proposed", kind="replan")
        assert all({one[0]: one[2] for one in milled(plan)} == sizes for plan in proposals)
        plan = next(plan for plan in proposals if (lot, "hengda", sizes[lot]) in milled(plan))
        firms = (scene.owner, scene.peer, scene.fenghua, scene.buyer)
        people = {one.organization.pk: one for one in firms}
        for consent in plan.consents.all():
            services.answer(people[consent.organization_id], plan, True)
    plan.refresh_from_db()
    assert plan.state == "in_force"
    dispatching.dispatch_plan(plan.pk)
    standing = ContractItem.objects.get(operation__name="Mill", lot=lot, ended_at=None)
    assert (standing.contract.organization.slug, standing.quantity) == ("hengda", sizes[lot])
    held = Reservation.objects.filter(operation_id=standing.operation_id, state="confirmed")
    assert {one.equipment.code for one in held} == {"M1"}
    assert sorted(one.lot for one in held) == sorted(sizes)
    jobs = JobOrder.objects.filter(operation__name="Mill").exclude(state="cancelled")
    assert {one.lot: (one.organization.slug, one.quantity) for one in jobs} == {
        number: ("hengda", pieces) for number, pieces in sizes.items()
    }
    make(scene, plan.order, "Mill")
    make(scene, plan.order, "Grind")
    paid = {row.organization.slug: row.amount for row in Settlement.objects.select_related("organization")}
    agreed = sum((row[5] for row in rows_of(plan)), Decimal(0))
    assert (set(paid), sum(paid.values())) == ({"hengda", "fenghua"}, agreed)


def test_a_lot_that_has_begun_stays_and_the_others_may_move(scene: Scene, in_force: Plan) -> None:
    first = JobOrder.objects.get(operation__name="Mill", lot=1)
    make(scene, in_force.order, "Mill", lots={1})
    rows = in_force.assignments.filter(operation=first.operation)
    assert [one.actual_end is not None for one in rows.order_by("lot")][:2] == [True, False]
    with clock.telling(shanghai(9, "15:15")), pytest.raises(ConflictError, match="cannot be moved"):
        trying.try_move(
            scene.buyer,
            in_force,
            bar=first.operation_id,
            lot=1,
            row=str(first.equipment_id),
            start=shanghai(11, "08:00"),
        )


def test_a_lot_is_moved_by_hand(scene: Scene, in_force: Plan) -> None:
    row = in_force.assignments.get(operation__name="Grind", lot=2)
    wish = {"bar": row.operation_id, "lot": 2, "row": str(row.equipment_id), "start": shanghai(12, "08:00")}
    trial = trying.try_move(scene.buyer, in_force, **wish)  # type: ignore[arg-type]
    assert f"lot 2 of {row.lots}, {row.quantity} pieces" in trial.operation
    made = services.propose_move(scene.buyer, in_force, **wish)  # type: ignore[arg-type]
    assert made.assignments.get(operation__name="Grind", lot=2).start >= shanghai(12, "08:00")
    assert [row[::2] for row in milled(made)] == [row[::2] for row in milled(in_force)]


def test_a_proposed_award_keeps_its_lots_when_a_bar_is_dragged(scene: Scene, split: Plan) -> None:
    row = split.assignments.get(operation__name="Grind", lot=2)
    client = signed_in(scene.buyer)
    body = {"bar": row.name, "row": str(row.equipment_id), "start": shanghai(12, "08:00").isoformat()}
    shown = client.post(reverse("plans:try", args=["lanshan", split.pk]), body)
    assert f"lot 2 of {row.lots}" in shown.content.decode()
    answer = client.post(reverse("plans:move", args=["lanshan", split.pk]), body | {"key": uuid4().hex})
    assert answer.status_code == 302
    made = access.newest_proposal(scene.buyer, split.order)
    assert made is not None
    assert made.pk != split.pk
    assert [row[::2] for row in milled(made)] == [row[::2] for row in milled(split)]
    wrong = client.post(reverse("plans:try", args=["lanshan", made.pk]), body | {"bar": "x#2"})
    assert "Drop the operation" in wrong.content.decode()


def test_a_scenario_keeps_the_lots_and_is_adopted(scene: Scene, split: Plan) -> None:
    wish = Wish(without=str(scene.peer_mill.pk), without_name="Mingde M5", weight=CHEAPEST)
    scenarios.ask(scene.buyer, split.order, wish)
    run_until_idle()
    found = scenarios.scenarios(scene.buyer, split.order)[0]
    assert found.adoptable
    assert found.job is not None
    made = services.adopt(scene.buyer, split.order, found.job)
    assert [row[::2] for row in milled(made)] == [row[::2] for row in milled(split)]
    assert {row[1] for row in milled(made)} == {"hengda"}
    page = client_page(signed_in(scene.buyer), reverse("plans:scenarios", args=["lanshan", split.order_id]))
    assert "lot 1 of" in page


def client_page(client: Client, url: str) -> str:
    """What a page says."""
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_pages_and_programs_name_the_lots(scene: Scene, in_force: Plan) -> None:
    lots = in_force.assignments.filter(operation__name="Mill").count()
    buyer, owner = signed_in(scene.buyer), signed_in(scene.owner)
    assert f"lot 2 of {lots}" in client_page(buyer, reverse("plans:plan", args=["lanshan", in_force.pk]))
    assert f"lot 2 of {lots}" in client_page(buyer, reverse("web:order", args=["lanshan", in_force.order_id]))
    call = client_page(owner, reverse("market:call", args=["hengda", in_force.call_id]))
    assert f"lot 1 of {lots}" in call or f"lot 2 of {lots}" in call
    job = JobOrder.objects.filter(operation__name="Mill", organization__slug="hengda").order_by("lot")[0]
    (first, *_rest) = owner.get("/api/o/hengda/job-orders").json()
    assert (first["lot"], first["lots"], first["quantity"]) == (job.lot, lots, job.quantity)
    assert f"lot {job.lot} of {lots}" in client_page(owner, reverse("workshop:job", args=["hengda", job.pk]))
    with clock.telling(shanghai(9, "15:00")):
        owner.post(f"/api/o/hengda/job-orders/{job.pk}/start", headers={"Idempotency-Key": uuid4().hex})
        owner.post(
            f"/api/o/hengda/job-orders/{job.pk}/finish",
            {"good": job.quantity},
            content_type="application/json",
            headers={"Idempotency-Key": uuid4().hex},
        )
        (parcel,) = owner.get("/api/o/hengda/to-send").json()
        assert (parcel["lot"], parcel["lots"], parcel["pieces"]) == (job.lot, lots, job.quantity)
        url = reverse("workshop:send", args=["hengda", job.operation_id])
        assert f"lot {job.lot} of {lots}" in client_page(owner, f"{url}?lot={job.lot}")
        assert owner.get(f"{url}?lot=9").status_code == owner.get(f"{url}?lot=x").status_code == 404
        rival = signed_in(scene.rival)
        slug = scene.rival.organization.slug
        hidden = reverse("workshop:send", args=[slug, job.operation_id])
        assert rival.get(f"{hidden}?lot={job.lot}").status_code == 404
        sent = owner.post(
            "/api/o/hengda/handovers",
            {"operation": str(job.operation_id), "lot": job.lot, "quantity": 5},
            content_type="application/json",
            headers={"Idempotency-Key": uuid4().hex},
        ).json()
    assert (sent["lot"], sent["quantity"]) == (job.lot, 5)
