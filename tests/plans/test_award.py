"""Accepting a plan: contracts, hours and promise at once, or nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.plans.making import NOW, Scene, shanghai

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, NotFoundError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import LedgerSlot, Reservation
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.market.models import Call, ContractItem
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access, services
from gonghe.apps.plans.models import Plan


def test_the_job_proposes_a_plan(scene: Scene) -> None:
    job = services.propose_award(scene.buyer, scene.call())
    run_until_idle()
    job.refresh_from_db()
    plan = Plan.objects.get()
    assert (job.state, job.result) == ("done", {"plan": str(plan.pk)})
    assert (plan.state, plan.kind, plan.version, plan.verified) == ("proposed", "award", 1, True)
    assert access.newest_proposal(scene.buyer, scene.order) == plan


def test_only_opened_bids_are_planned_and_only_by_the_buyer(scene: Scene) -> None:
    call = scene.call()
    with pytest.raises(NotFoundError):
        services.propose_award(scene.rival, call)
    with pytest.raises(ForbiddenError):
        services.propose_award(_clerk(scene), call)
    Call.objects.filter(pk=call.pk).update(state="open")
    with pytest.raises(ConflictError, match="still sealed"):
        services.propose_award(scene.buyer, Call.objects.get(pk=call.pk))


def test_accepting_reserves_contracts_and_promises(scene: Scene, proposed: Plan) -> None:
    plan = services.accept_award(scene.buyer, proposed)
    assert (plan.state, plan.in_force_at) == ("in_force", NOW)
    items = ContractItem.objects.order_by("price").values_list("contract__organization__slug", "price")
    assert list(items) == [("fenghua", Decimal("1100.00")), ("hengda", Decimal("3300.00"))]
    milling = Reservation.objects.get(operation_id=scene.milling.pk)
    assert (milling.equipment, milling.holder) == (scene.mill, scene.buyer.organization)
    assert milling.slots.count() == 46  # 11.5 h of work, not the night between
    assert LedgerSlot.objects.count() == 46 + 23
    assert Order.objects.get(pk=scene.order.pk).state == "awarded"
    assert access.in_force_by_order(scene.buyer)[scene.order.pk].promise == plan.promise
    event = Event.objects.get(type="plans.plan.in_force")
    assert event.data == {
        "kind": "award",
        "version": 1,
        "plan": str(plan.pk),
        "order": str(scene.order.pk),
    }
    seen_by = set(event.audience.values_list("organization_id", flat=True))
    assert seen_by == {one.organization.pk for one in (scene.buyer, *scene.winners)}


def test_a_second_award_for_the_same_hours_is_planned_again(scene: Scene, proposed: Plan) -> None:
    """Two plans want the same hours: one gets them, the other is planned anew, and no hour is held twice."""
    capacity.reserve(
        scene.owner.principal,
        equipment=scene.mill,
        pieces=[(shanghai(9, "15:00"), shanghai(9, "16:00"))],
        holder=scene.rival.organization,
    )
    with pytest.raises(ConflictError, match="nothing was awarded") as caught:
        services.accept_award(scene.buyer, proposed)
    assert caught.value.code == "hours_taken"
    assert not ContractItem.objects.exists()
    assert LedgerSlot.objects.count() == 4
    assert Call.objects.get().state == "opened"
    proposed.refresh_from_db()
    assert proposed.state == "superseded"
    assert Job.objects.filter(kind="plans.award", state="queued").count() == 1
    run_until_idle()
    new = Plan.objects.get(state="proposed")
    # Work does not lie across hours that others hold, so it begins on Tuesday.
    assert new.assignments.get(operation=scene.milling).end == shanghai(11, "11:30")
    services.accept_award(scene.buyer, new)
    assert LedgerSlot.objects.count() == 4 + 46 + 23


def test_a_plan_whose_hours_passed_is_planned_again(scene: Scene, proposed: Plan) -> None:
    with clock.telling(shanghai(9, "09:00")), pytest.raises(ConflictError) as caught:
        services.accept_award(scene.buyer, proposed)
    assert caught.value.code == "hours_taken"


def test_a_plan_is_accepted_once_and_not_by_others(scene: Scene, proposed: Plan) -> None:
    for other in (scene.rival, scene.owner):
        with pytest.raises(NotFoundError):
            services.accept_award(other, proposed)
    services.accept_award(scene.buyer, proposed)
    proposed.refresh_from_db()
    with pytest.raises(ConflictError, match="no longer be accepted"):
        services.accept_award(scene.buyer, proposed)
    assert ContractItem.objects.count() == 2


def test_bids_that_ran_out_are_not_awarded(scene: Scene, proposed: Plan) -> None:
    with clock.telling(NOW + timedelta(days=11)), pytest.raises(ConflictError, match="2026-03-15"):
        services.accept_award(scene.buyer, proposed)


def test_an_operation_nobody_can_do_names_the_nearest(scene: Scene) -> None:
    scene.grinding.requirement = {"process": "grinding", "properties": {"material_group": "titanium"}}
    scene.grinding.save()
    capacity.save_rate(scene.fenghua, scene.grinder, per_hour=Decimal(200), published=False)
    call = scene.call()
    from gonghe.apps.market.models import BidItem

    BidItem.objects.filter(operation=scene.grinding).delete()
    job = services.propose_award(scene.buyer, call)
    run_until_idle()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "1/20 Grind" in job.message
    assert "Fenghua Grinding, G1" in job.message
    assert "titanium" in job.message.lower()
    assert not Plan.objects.exists()


def test_an_order_no_plan_can_finish_in_time_gets_the_nearest_date(scene: Scene) -> None:
    Order.objects.filter(pk=scene.order.pk).update(due=date(2026, 3, 9))
    plan = scene.proposed()
    assert plan.arrives_at == shanghai(11, "11:30")
    assert plan.promise.on_time == 0
    assert "late" in {reason["code"] for reason in plan.promise.reasons}
    # With material at hand milling runs from Thursday 10:00 to Friday 13:30 and all is there on Monday at
    # 13:30.
    (advice,) = plan.advice
    assert advice["code"] == "material_at_once"
    assert timedelta(seconds=advice["earlier_s"]) == shanghai(11, "11:30") - shanghai(9, "13:30")


def test_indicative_promise_from_open_offers(scene: Scene) -> None:
    services.indicative(scene.order.pk)
    assert services.indicative(scene.order.pk) is None  # one is queued already
    run_until_idle()
    told = Order.objects.get(pk=scene.order.pk).indicative
    assert told["missing"] == []
    assert told["basis"] == {"firms": 3, "machines": 3, "operations": 2}
    transport = Decimal(told["cost_p50"]) - Decimal("3570.00") - Decimal("1150.00")
    assert Decimal(330) < transport < Decimal(350)
    assert shanghai(11, "00:00").isoformat() < told["p50"]


def test_indicative_promise_names_what_is_missing(scene: Scene) -> None:
    capacity.save_rate(scene.fenghua, scene.grinder, per_hour=Decimal(200), published=False)
    services.indicative(scene.order.pk)
    run_until_idle()
    told = Order.objects.get(pk=scene.order.pk).indicative
    assert told["p50"] is None
    assert [one["operation"] for one in told["missing"]] == ["1/20 Grind"]
    assert "Fenghua Grinding, G1 can do it" in told["missing"][0]["nearest"]


def _clerk(scene: Scene) -> object:
    from gonghe.apps.members.acting import find_acting
    from gonghe.apps.members.models import User

    return find_acting(User.objects.get(email="clerk@lanshan.example.org"), "lanshan")
