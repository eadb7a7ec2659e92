"""A breakdown moves only what must move, and only when everyone it touches agrees."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.plans.making import NOW, Scene, shanghai

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import settle
from gonghe.apps.base import ConflictError, NotFoundError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import LedgerSlot, Reservation
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.market.models import ContractItem
from gonghe.apps.plans import access, services
from gonghe.apps.plans.models import Consent, Plan
from gonghe.apps.principal import SYSTEM


@pytest.fixture
def in_force(scene: Scene, proposed: Plan) -> Plan:
    """The awarded plan."""
    return services.accept_award(scene.buyer, proposed)


def break_down(scene: Scene, at: datetime, until: datetime | None) -> list[Plan]:
    """The mill stands still; the proposals that follow."""
    with clock.telling(at):
        capacity.mark_down(SYSTEM, scene.mill, at, until)
        settle()
        run_until_idle()
    return list(Plan.objects.filter(state="proposed").order_by("version"))


def test_a_long_stop_before_the_start_offers_the_peer_and_waiting(scene: Scene, in_force: Plan) -> None:
    proposals = break_down(scene, shanghai(6, "09:00"), shanghai(20, "16:00"))
    assert 1 <= len(proposals) <= 3
    moved = [
        one for one in proposals if one.assignments.get(operation=scene.milling).organization.slug == "mingde"
    ]
    assert moved
    plan = moved[0]
    milling = plan.assignments.get(operation=scene.milling)
    assert (milling.equipment, milling.price) == (scene.peer_mill, Decimal("4140.00"))
    assert (milling.start, milling.end) == (shanghai(9, "08:00"), shanghai(10, "11:30"))
    assert plan.change["cost"] > 84_000  # 4,140 instead of 3,300, and one leg more
    asked = set(plan.consents.values_list("organization__slug", flat=True))
    assert asked == {"lanshan", "hengda", "fenghua", "mingde"}
    assert plan.based_on == in_force


def test_all_agreed_moves_hours_contract_and_promise(scene: Scene, in_force: Plan) -> None:
    proposals = break_down(scene, shanghai(6, "09:00"), shanghai(20, "16:00"))
    plan = next(one for one in proposals if one.assignments.filter(organization__slug="mingde").exists())
    with clock.telling(shanghai(6, "10:00")):
        for acting in (scene.owner, scene.buyer, scene.peer):
            services.answer(acting, plan, True)
            assert Plan.objects.get(pk=plan.pk).state == "proposed"
        services.answer(scene.fenghua, plan, True)
    plan.refresh_from_db()
    in_force.refresh_from_db()
    assert (plan.state, in_force.state) == ("in_force", "superseded")
    standing = ContractItem.objects.filter(ended_at=None).values_list("contract__organization__slug", "price")
    assert set(standing) == {("mingde", Decimal("4140.00")), ("fenghua", Decimal("1100.00"))}
    held = Reservation.objects.exclude(state="released").order_by("start")
    assert [one.equipment.code for one in held] == ["M5", "G1"]
    assert LedgerSlot.objects.count() == 46 + 23
    assert not Plan.objects.filter(state="proposed").exists()
    event = Event.objects.filter(type="plans.plan.in_force").latest("id")
    assert event.data["kind"] == "replan"
    assert access.in_force_by_order(scene.buyer)[scene.order.pk].promise == plan.promise


def test_a_short_stop_moves_only_what_it_hits(scene: Scene, in_force: Plan) -> None:
    """Down on Monday 08:00 to 10:00: waiting moves milling by two hours and grinding after it, at no cost."""
    proposals = break_down(scene, shanghai(9, "07:00"), shanghai(9, "10:00"))
    wait = next(one for one in proposals if not one.assignments.filter(organization__slug="mingde").exists())
    milling = wait.assignments.get(operation=scene.milling)
    assert (milling.start, milling.end) == (shanghai(9, "10:00"), shanghai(10, "13:30"))
    grinding = wait.assignments.get(operation=scene.grinding)
    assert (grinding.start, grinding.end) == (shanghai(10, "14:00"), shanghai(11, "11:45"))
    assert wait.change == {"cost": 0, "lateness_s": 7200}


def test_finished_work_stays_and_unhit_plans_are_left_alone(scene: Scene, in_force: Plan) -> None:
    with clock.telling(shanghai(10, "11:30")):
        services.report_progress(
            SYSTEM, scene.milling.pk, started_at=shanghai(9, "08:00"), finished_at=shanghai(10, "11:20")
        )
    assert break_down(scene, shanghai(10, "11:45"), shanghai(20, "16:00")) == []
    with clock.telling(shanghai(10, "11:45")):
        capacity.mark_down(SYSTEM, scene.grinder, shanghai(10, "11:45"), shanghai(10, "14:00"))
        settle()
        run_until_idle()
    plan = Plan.objects.get(state="proposed")
    milling = plan.assignments.get(operation=scene.milling)
    assert (milling.moved, milling.actual_end, milling.end) == (
        False,
        shanghai(10, "11:20"),
        shanghai(10, "11:30"),
    )
    grinding = plan.assignments.get(operation=scene.grinding)
    assert (grinding.moved, grinding.start) == (True, shanghai(10, "14:00"))
    asked = set(plan.consents.values_list("organization__slug", flat=True))
    assert asked == {"lanshan", "fenghua"}


def test_interrupted_work_goes_on_with_what_is_left(scene: Scene, in_force: Plan) -> None:
    """Started on Monday 08:00, down from 12:00 to Tuesday 10:00: 7.5 of 11.5 hours are left."""
    with clock.telling(shanghai(9, "08:00")):
        services.report_progress(SYSTEM, scene.milling.pk, started_at=shanghai(9, "08:00"))
    proposals = break_down(scene, shanghai(9, "12:00"), shanghai(10, "10:00"))
    for plan in proposals:
        milling = plan.assignments.get(operation=scene.milling)
        assert milling.equipment == scene.mill
        assert (milling.start, milling.end) == (shanghai(10, "10:00"), shanghai(11, "09:30"))
        assert milling.actual_start == shanghai(9, "08:00")


def test_refusing_leaves_the_plan_in_force(scene: Scene, in_force: Plan) -> None:
    plan = break_down(scene, shanghai(6, "09:00"), shanghai(20, "16:00"))[0]
    with pytest.raises(NotFoundError):
        services.answer(scene.rival, plan, True)
    services.answer(scene.owner, plan, False, "The machine runs tomorrow.")
    plan.refresh_from_db()
    assert (plan.state, plan.refusal) == ("refused", "The machine runs tomorrow.")
    assert Plan.objects.get(state="in_force") == in_force
    with pytest.raises(ConflictError, match="no longer open"):
        services.answer(scene.buyer, plan, True)
    assert Consent.objects.get(plan=plan, organization=scene.buyer.organization).state == "asked"


def test_refusing_one_leaves_the_others_open_and_refusing_all_does_not_end_in_a_blind_alley(
    scene: Scene, in_force: Plan
) -> None:
    first, *others = break_down(scene, shanghai(6, "09:00"), shanghai(20, "16:00"))
    assert others
    with clock.telling(shanghai(6, "10:00")):
        services.answer(scene.owner, first, False, "Too late.")
        assert set(access.waiting_for(scene.owner)) == set(others)
        first.refresh_from_db()
        with pytest.raises(ConflictError, match="no longer open"):
            services.ask_for_another(scene.owner, first)
        services.answer(scene.owner, others[0], False, "None of these.", others=True)
        assert {plan.state for plan in Plan.objects.filter(kind="replan")} == {"refused"}
        first.refresh_from_db()
        services.ask_for_another(scene.owner, first)
        run_until_idle()
    assert Plan.objects.filter(state="proposed").exists()


def test_the_decision_for_one_closes_the_others_and_tells_whoever_was_asked(
    scene: Scene, in_force: Plan
) -> None:
    proposals = break_down(scene, shanghai(6, "09:00"), shanghai(20, "16:00"))
    wait = next(one for one in proposals if not one.assignments.filter(organization__slug="mingde").exists())
    closed = [one for one in proposals if one != wait]
    assert closed
    with clock.telling(shanghai(6, "10:00")):
        for firm in (scene.owner, scene.buyer, scene.fenghua):
            services.answer(firm, wait, True)
    assert {plan.state for plan in Plan.objects.filter(pk__in=[one.pk for one in closed])} == {"superseded"}
    told = Event.objects.filter(type="plans.plan.withdrawn").latest("id")
    assert told.audience.filter(organization_id=scene.peer.organization.pk).exists()


def test_hours_taken_meanwhile_change_nothing_and_bring_new_proposals(scene: Scene, in_force: Plan) -> None:
    proposals = break_down(scene, shanghai(6, "09:00"), shanghai(20, "16:00"))
    plan = next(one for one in proposals if one.assignments.filter(organization__slug="mingde").exists())
    with clock.telling(shanghai(6, "10:00")):
        capacity.reserve(
            SYSTEM,
            equipment=scene.peer_mill,
            pieces=[(shanghai(9, "08:00"), shanghai(9, "09:00"))],
            holder=scene.rival.organization,
        )
        for acting in (scene.owner, scene.buyer, scene.peer):
            services.answer(acting, plan, True)
        with pytest.raises(ConflictError, match="nothing moved"):
            services.answer(scene.fenghua, plan, True)
        assert Plan.objects.get(state="in_force") == in_force
        assert ContractItem.objects.filter(ended_at=None, contract__organization__slug="hengda").exists()
        run_until_idle()
    again = Plan.objects.filter(state="proposed", assignments__organization__slug="mingde").first()
    assert again is not None
    assert again.assignments.get(operation=scene.milling).end == shanghai(10, "12:30")


def test_a_repaired_machine_withdraws_the_proposals(scene: Scene, in_force: Plan) -> None:
    assert break_down(scene, shanghai(6, "09:00"), shanghai(20, "16:00"))
    with clock.telling(shanghai(6, "11:00")):
        capacity.mark_up(SYSTEM, scene.mill)
        settle()
    assert not Plan.objects.filter(state="proposed").exists()
    assert NOW + timedelta(days=1) < shanghai(6, "11:00")
