"""Half-done work that a re-plan takes elsewhere: nothing is lost, everyone is paid for its share."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.workshop.making import NOW, Floor, jobs_seen, machine

from gonghe import clock
from gonghe.apps.audit.models import Event, EventAudience
from gonghe.apps.base import ConflictError
from gonghe.apps.plans.models import Plan
from gonghe.apps.principal import SYSTEM
from gonghe.apps.workshop import dispatching, services
from gonghe.apps.workshop.models import JobOrder, Settlement


def test_dispatching_twice_changes_nothing(floor: Floor) -> None:
    before = list(JobOrder.objects.order_by("pk").values())
    dispatching.dispatch(SYSTEM, floor.plan)
    assert list(JobOrder.objects.order_by("pk").values()) == before
    assert Event.objects.filter(type="workshop.jobs.dispatched").count() == 3


def test_a_plan_that_is_not_in_force_is_not_dispatched(floor: Floor) -> None:
    JobOrder.objects.all().delete()
    Plan.objects.filter(pk=floor.plan.pk).update(state=Plan.State.SUPERSEDED)
    dispatching.dispatch_plan(floor.plan.pk)
    assert not JobOrder.objects.exists()


def test_kept_jobs_stay_and_only_their_times_move(floor: Floor) -> None:
    floor.start("Mill")
    services.report(floor.worker("Mill"), floor.job("Mill"), good=7, scrap=0)
    kept = floor.job("Mill").pk
    floor.plan.assignments.filter(operation__name="Mill").update(end=NOW + timedelta(hours=9))
    dispatching.dispatch(SYSTEM, floor.plan)
    job = floor.job("Mill")
    assert (job.pk, job.state, job.good, job.planned_end) == (kept, "running", 7, NOW + timedelta(hours=9))


def test_the_next_machine_gets_the_pieces_that_are_left(floor: Floor) -> None:
    floor.start("Mill")
    with clock.telling(NOW + timedelta(minutes=30)):
        services.report(floor.worker("Mill"), floor.job("Mill"), good=20, scrap=1)
        floor.replan("Mill", "hengda", machine=machine(floor.people.owner, "M9"))
    stopped = JobOrder.objects.get(state="cancelled")
    assert (stopped.good, stopped.scrap, stopped.worked_s, stopped.running_since) == (20, 1, 1800, None)
    job = floor.job("Mill")
    assert (job.equipment.code, job.quantity, job.state) == ("M9", 40, "waiting")  # type: ignore[union-attr]
    floor.make("Mill", 40)
    assert floor.flow().good(floor.task("Mill")) == 60
    assert floor.custody() == [("LP-40", "hengda", 60, "")]
    floor.send("Mill", 60)
    assert floor.custody() == [("LP-40", "hengda", 60, "fenghua")]


def test_half_done_work_goes_to_another_firm(floor: Floor) -> None:
    floor.make("Mill", 61)
    floor.receive(floor.send("Mill", 61), 61)
    floor.start("Grind")
    services.report(floor.firms["fenghua"], floor.job("Grind"), good=20, scrap=0)
    floor.replan("Grind", "hengda")
    # fenghua holds 20 ground and 41 milled brackets; the milled ones go to hengda, the ground ones on.
    assert floor.custody() == [("LP-40", "fenghua", 61, "")]
    waiting = {(one.operation.name, one.receiver.slug, one.pieces) for one in floor.flow().to_send()}
    assert waiting == {("Mill", "hengda", 41), ("Grind", "taihe", 20)}
    with pytest.raises(ConflictError, match="not here yet"):
        floor.start("Grind")
    floor.receive(floor.send("Mill", 41, "fenghua"), 41)
    floor.make("Grind", 41)
    floor.receive(floor.send("Grind", 20, "fenghua"), 20)
    floor.receive(floor.send("Grind", 41, "hengda"), 41)
    assert floor.custody() == [("LP-40", "taihe", 61, "")]
    floor.make("Coat", 61)
    floor.receive(floor.send("Coat", 61), 61)
    rows = {row.organization.slug: row for row in Settlement.objects.select_related("organization")}
    assert rows["fenghua"].amount == Decimal("1967.21")  # 20 of 61 at 6,000
    ground = next(one for one in rows["hengda"].items if one["name"] == "Grind")
    assert (ground["made"], ground["price"], ground["deduction"]) == ("41", "12000.00", "3934.43")
    assert floor.losses() == []


def test_a_firm_that_did_nothing_before_its_work_moved_gets_nothing(floor: Floor) -> None:
    floor.replan("Grind", "hengda")
    floor.make("Mill", 61)
    floor.make("Grind", 61)  # same firm: nothing travels
    floor.receive(floor.send("Grind", 61), 61)
    floor.make("Coat", 61)
    floor.receive(floor.send("Coat", 61), 61)
    assert set(Settlement.objects.values_list("organization__slug", flat=True)) == {"hengda", "taihe"}


def test_a_job_that_moved_takes_no_more_reports(floor: Floor) -> None:
    floor.start("Mill")
    stale = floor.job("Mill")
    floor.replan("Mill", "taihe")
    with pytest.raises(ConflictError, match="Someone else"):
        services.finish(floor.firms["hengda"], stale, good=61, scrap=0)
    assert jobs_seen(floor.firms["taihe"]) == ["Mill", "Coat"]


def test_each_firm_is_told_of_its_own_jobs_only(floor: Floor) -> None:
    Event.objects.all().delete()
    floor.replan("Grind", "hengda")
    told = EventAudience.objects.filter(event__type="workshop.jobs.dispatched")
    slugs = {one.organization_id for one in told}
    assert slugs == {floor.firms["fenghua"].organization.pk, floor.firms["hengda"].organization.pk}
