"""Machines that stop, help that is called, parts that come together, and who may do what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.workshop.making import NOW, Floor

from gonghe import clock
from gonghe.apps.audit.models import Event, EventAudience
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.orders.models import Order
from gonghe.apps.workshop import services
from gonghe.apps.workshop.models import JobOrder


def test_a_breakdown_blocks_the_job_and_a_repair_lets_it_go_on(floor: Floor) -> None:
    worker = floor.worker("Mill")
    floor.start("Mill")
    with clock.telling(NOW + timedelta(minutes=10)):
        services.breakdown(worker, floor.job("Mill"), until=NOW + timedelta(hours=5), note="spindle")
    job = floor.job("Mill")
    assert (job.state, job.worked_s) == ("blocked", 600)
    assert job.equipment is not None
    assert job.equipment.status == Equipment.Status.DOWN
    assert Event.objects.filter(type="capacity.equipment.down").count() == 1
    with pytest.raises(ConflictError, match="down"):
        services.start(worker, job)
    services.repaired(worker, job.equipment)
    assert floor.job("Mill").state == "paused"
    floor.make("Mill", 61)
    assert floor.job("Mill").state == "finished"


def test_a_breakdown_must_end_in_the_future(floor: Floor) -> None:
    floor.start("Mill")
    with pytest.raises(InvalidError, match="in the future"):
        services.breakdown(floor.worker("Mill"), floor.job("Mill"), until=NOW)
    assert floor.job("Mill").state == "running"


def test_a_job_without_a_machine_cannot_break_down(floor: Floor) -> None:
    with pytest.raises(ConflictError, match="no machine"):
        services.breakdown(floor.worker("Coat"), floor.job("Coat"), until=NOW + timedelta(hours=1))


def test_a_machine_that_runs_is_not_repaired(floor: Floor) -> None:
    with pytest.raises(ConflictError, match="not down"):
        services.repaired(floor.people.operator, floor.machines["hengda"])
    with pytest.raises(NotFoundError):
        services.repaired(floor.people.rival, floor.machines["hengda"])


def test_help_is_called_inside_the_firm_only(floor: Floor) -> None:
    services.call_for_help(floor.worker("Mill"), floor.job("Mill"), "tool 7 is blunt")
    told = EventAudience.objects.filter(event__type="workshop.help.called")
    assert [one.organization_id for one in told] == [floor.people.owner.organization.pk]


def test_a_running_job_is_not_started_again(floor: Floor) -> None:
    floor.start("Mill")
    with pytest.raises(ConflictError, match="running already"):
        floor.start("Mill")
    services.pause(floor.worker("Mill"), floor.job("Mill"))
    with pytest.raises(ConflictError, match="Start it first"):
        services.report(floor.worker("Mill"), floor.job("Mill"), good=1, scrap=0)


def test_two_reports_from_one_screen_count_once(floor: Floor) -> None:
    floor.start("Mill")
    seen = floor.job("Mill")
    also = floor.job("Mill")
    services.report(floor.worker("Mill"), seen, good=5, scrap=0)
    with pytest.raises(ConflictError, match="just now"):
        services.report(floor.worker("Mill"), also, good=5, scrap=0)
    assert floor.job("Mill").good == 5


def test_roles_and_firms(floor: Floor) -> None:
    job = floor.job("Mill")
    with pytest.raises(ForbiddenError):
        services.start(floor.people.buyer, job)
    with pytest.raises(NotFoundError):
        services.start(floor.people.rival, job)
    assert JobOrder.objects.get(pk=job.pk).state == "waiting"
    assert not Event.objects.filter(type="workshop.job.started").exists()


def test_parts_of_an_assembly_come_together(pumps: Floor) -> None:
    with pytest.raises(ConflictError, match="not here yet"):
        pumps.start("Assemble")
    pumps.make("Mill housing", 10)
    pumps.make("Turn cover", 19, 1)
    pumps.receive(pumps.send("Mill housing", 10), 10)
    pumps.receive(pumps.send("Turn cover", 19), 19)
    assert sorted(pumps.custody()) == [("C-1", "taihe", 19, ""), ("H-1", "taihe", 10, "")]
    pumps.start("Assemble")
    assert pumps.flow().at_hand(pumps.job("Assemble")) == 9  # two covers each
    services.report(pumps.worker("Assemble"), pumps.job("Assemble"), good=4, scrap=1)
    assert sorted(pumps.custody()) == [
        ("C-1", "taihe", 9, ""),
        ("H-1", "taihe", 5, ""),
        ("P-1", "taihe", 4, ""),
    ]
    pumps.make("Assemble", 4)
    pumps.receive(pumps.send("Assemble", 8), 8)
    pumps.order.refresh_from_db()
    assert pumps.order.state == Order.State.DELIVERED
    assert sorted(pumps.custody()) == [
        ("C-1", "taihe", 1, ""),
        ("H-1", "taihe", 1, ""),
        ("P-1", "lanshan", 8, ""),
    ]
    assert sorted(pumps.losses()) == [("fenghua", 1, 0), ("taihe", 1, 0)]


def test_covers_are_counted_for_the_whole_order(pumps: Floor) -> None:
    assert pumps.job("Turn cover").quantity == 20
    pumps.make("Turn cover", 18, 2)
    assert pumps.flow().missing(pumps.task("Turn cover")) == 2
