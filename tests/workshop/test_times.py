"""Finished jobs correct the firm's own estimates, are counted against their ranges, and stay its own."""

from __future__ import annotations

import importlib
import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from tests.factories import signed_in
from tests.workshop.making import NOW, STEEL, Floor
from tests.workshop.test_pages import shown

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.members import access as members
from gonghe.apps.orders import learning
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, OrderLine, TimeRecord
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.orders.times import steps_by
from gonghe.apps.technology import stating
from gonghe.engines.model.parts import Family, PartAnalysis
from gonghe.engines.parts import default_tables

MILL = OperationIn("milling-3axis", "Mill", STEEL, setup_s=3600, run_s=60, number=10)
WEIGHT = 1 / (1 + (0.28 / 0.25) ** 2)  # of one job


def line_of(floor: Floor, slug: str, number: str) -> OrderLine:
    """A line of an order that the firm itself places."""
    acting = floor.people.owner if slug == "hengda" else floor.people.buyer
    order = orders.create_order(
        acting,
        title="Own work",
        due=date(2026, 3, 20),
        destination=members.own_sites(acting)[0],
        lines=[LineIn(part=number, name="Block", quantity=100, operations=(MILL,))],
    )
    return OrderLine.objects.get(order=order)


def middle(line: OrderLine) -> int:
    assert line.estimate is not None
    return int(line.estimate["time_s"]["p50"])


def mill_in(floor: Floor, hours: float) -> None:
    with clock.telling(NOW):
        floor.start("Mill")
    with clock.telling(NOW + timedelta(hours=hours)):
        floor.make("Mill", 61)


def test_a_finished_job_changes_the_firms_next_estimate(floor: Floor) -> None:
    before = middle(line_of(floor, "hengda", "B-1"))
    mill_in(floor, 3)
    later = line_of(floor, "hengda", "B-2")
    factor = (10_800 / 7_260) ** WEIGHT
    assert middle(later) == pytest.approx(before * factor, abs=1)
    (told,) = [one for one in later.estimate["assumptions"] if one["code"] == "factor.milling-3axis"]
    assert (told["value"], told["source"]) == (round(factor, 4), "1 finished job of your own")
    assert middle(line_of(floor, "lanshan", "B-3")) == before  # another firm's estimates learn nothing of it


def test_the_range_is_the_one_told_before_the_job(floor: Floor) -> None:
    mill_in(floor, 3)
    record = TimeRecord.objects.get()
    reach = math.exp(1.2815515655446004 * 0.28)
    assert (record.process, record.estimated_s, record.actual_s) == ("milling-3axis", 7260, 10_800)
    assert (record.low_s, record.high_s) == (round(7260 / reach), round(7260 * reach))
    audience = Event.objects.get(type="orders.time.measured").audience
    assert list(audience.values_list("organization_id", flat=True)) == [record.organization_id]


def test_page_tells_factors_and_calibration(floor: Floor) -> None:
    assert "Finish a job, and the next estimate knows your times." in shown(floor, "hengda", "times")
    mill_in(floor, 2)
    text = shown(floor, "hengda", "times")
    assert "1 of 1 finished job took as long as its estimate said." in text
    assert "60 min" in text
    assert "1 of 1" in text
    assert "Finish a job" in shown(floor, "fenghua", "times")


def test_page_marks_jobs_outside_their_range(floor: Floor) -> None:
    mill_in(floor, 5)
    text = shown(floor, "hengda", "times")
    assert "0 of 1 finished job took as long as its estimate said." in text
    assert "1 took longer" in text
    assert "outside" in text


def test_own_orders_say_what_was_learned(floor: Floor) -> None:
    mill_in(floor, 3)
    line = line_of(floor, "hengda", "B-2")
    answer = signed_in(floor.people.owner).get(f"/o/hengda/orders/{line.order_id}/", follow=True)
    assert "your own finished jobs took 119 % of the usual time" in answer.content.decode()


def test_jobs_without_an_estimate_teach_nothing(floor: Floor) -> None:
    operation = floor.operation("Coat")
    operation.setup_s = operation.run_s = 0
    owner = floor.firms["taihe"]
    pk = owner.organization.pk
    assert learning.measure(owner.principal, operation, pk, pieces=10, actual_s=500) is None
    assert learning.records_of(pk) == []


def test_what_was_measured_before_moves_along(floor: Floor) -> None:
    """The migration copies the rows of the table that is gone."""
    job = floor.job("Mill")

    class Row:
        job_order, organization_id, process = job, job.organization_id, "milling-3axis"
        estimated_s, actual_s, created_at = 7260, 9000, NOW

    class Rows:
        objects = property(lambda self: self)

        def select_related(self, *_names: str) -> list[Row]:
            return [Row()]

    class Old:
        def get_model(self, app: str, name: str) -> object:
            return Rows() if name == "ActualTime" else apps.get_model(app, name)

    module = importlib.import_module("gonghe.apps.workshop.migrations.0002_times_go_to_orders")
    module.move(Old(), None)
    record = TimeRecord.objects.get()
    assert (record.estimated_s, record.low_s, record.high_s) == (7260, 5071, 10_394)


def test_finished_jobs_are_compared_with_the_tables_that_hold_now(floor: Floor) -> None:
    """What a job taught about an old figure does not correct the new one a second time."""
    mill_in(floor, 3)
    record, firm = TimeRecord.objects.get(), floor.people.owner.organization
    assert record.pieces == 61
    revision = record.operation.line.revision
    part = PartAnalysis(
        format="step",
        unit="mm",
        valid=True,
        volume_mm3=300_000,
        area_mm2=40_000,
        box_mm=(100, 80, 60),
        bodies=1,
        faces=6,
        families=(Family("prismatic", 1.0, ()),),
    )
    revision.analysis = part.to_json()
    revision.save()
    milling = next(
        one for one in steps_by(record.operation.line, default_tables()) if "milling" in one.process
    )
    for other in Operation.objects.filter(line=record.operation.line).exclude(pk=record.operation_id):
        Operation.objects.filter(pk=other.pk).update(number=other.number + 1000)
    Operation.objects.filter(pk=record.operation_id).update(basis="", number=milling.number)
    assert learning.recount(floor.people.owner.principal, firm.pk) == 1
    record.refresh_from_db()
    assert record.estimated_s == milling.setup_s + 61 * milling.run_s
    assert learning.recount(floor.people.owner.principal, firm.pk) == 0
    stating.state(floor.people.owner, {"material.steel.milling": Decimal(30)})
    before = record.estimated_s
    assert learning.recount(floor.people.owner.principal, firm.pk) == 1
    record.refresh_from_db()
    assert record.estimated_s > before
    assert (record.low_s, record.high_s) == (5071, 10_394)  # told before the job
    (own,), (routed,) = (learning.ratios_of([firm.pk], routed=one).values() for one in (False, True))
    assert own == [round(10_800 / record.estimated_s, 4)]
    assert routed == [round(10_800 / 7260, 4)]  # what the routing of the order expected
