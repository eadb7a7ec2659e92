"""What would help a late order: overtime at the firms' own prices, told to each as far as it is his."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.factories import signed_in
from tests.plans.making import Scene, an_order

from gonghe import clock
from gonghe.apps.capacity import access as hours_of
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access
from gonghe.apps.plans.helping import helps
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.reading import as_json, plan_view

pytestmark = pytest.mark.django_db


def rate(acting: Acting, machine: Equipment, per_hour: int, overtime: int | None, *, published: bool) -> None:
    capacity.save_rate(
        acting,
        machine,
        per_hour=Decimal(per_hour),
        overtime_per_hour=None if overtime is None else Decimal(overtime),
        published=published,
    )


@pytest.fixture
def late(scene: Scene) -> Plan:
    """Due on Friday 6 March, which nobody can keep; hengda's overtime is published, fenghua's is not."""
    rate(scene.owner, scene.mill, 300, 90, published=True)
    rate(scene.fenghua, scene.grinder, 200, 60, published=False)
    return scene.proposed(an_order(scene.buyer, due=date(2026, 3, 6)))


def seen(acting: Acting, plan: Plan) -> dict[str, tuple[int, str, str | None]]:
    """Code of the machine -> seconds earlier, what is asked, change of the whole price."""
    return {
        one.equipment.code: (one.earlier_s, str(one.asked), None if one.change is None else str(one.change))
        for one in helps(acting, plan)
    }


def test_overtime_is_tried_and_priced_at_the_firms_own_rate(scene: Scene, late: Plan) -> None:
    """Milling 11.5 h from Thursday 10:00: two closed hours more and it is there that much earlier."""
    (mill,) = [one for one in helps(scene.buyer, late) if one.equipment == scene.mill]
    hours = Decimal(mill.asked) / 90
    assert 0 < hours <= 4
    assert mill.asked == (hours * 90).quantize(Decimal("0.01"))
    assert mill.change is not None
    assert mill.change >= mill.asked
    assert mill.earlier_s > 0
    assert (late.arrives_at - mill.arrives).total_seconds() == mill.earlier_s
    assert not hours_of.open_windows(scene.mill, mill.start, mill.end)


def test_each_reads_as_far_as_it_is_his(scene: Scene, late: Plan) -> None:
    Plan.objects.filter(pk=late.pk).update(in_force_at=clock.now())  # firms see plans that were in force
    assert "M1" in seen(scene.buyer, late)
    assert "G1" not in seen(scene.buyer, late)
    mine = seen(scene.owner, late)
    assert set(mine) == {"M1"}
    assert mine["M1"][2] is None
    assert set(seen(scene.fenghua, late)) <= {"G1"}
    assert seen(scene.peer, late) == seen(scene.rival, late) == {}


def test_a_price_taken_back_is_no_longer_told(scene: Scene, late: Plan) -> None:
    rate(scene.owner, scene.mill, 300, 90, published=False)
    assert "M1" not in seen(scene.buyer, late)
    assert "M1" in seen(scene.owner, late)
    rate(scene.owner, scene.mill, 300, None, published=True)
    assert seen(scene.owner, late) == {}


def test_without_a_price_nobody_is_asked_for_overtime(scene: Scene) -> None:
    plan = scene.proposed(an_order(scene.buyer, due=date(2026, 3, 6)))
    assert helps(scene.buyer, plan) == []


def test_an_order_in_time_needs_no_help(scene: Scene) -> None:
    rate(scene.owner, scene.mill, 300, 90, published=True)
    order: Order = an_order(scene.buyer, due=date(2026, 4, 30))
    assert scene.proposed(order).advice == []


def test_page_and_api_say_it(scene: Scene, late: Plan) -> None:
    page = signed_in(scene.buyer).get(reverse("plans:plan", args=["lanshan", late.pk])).content.decode()
    assert "Overtime at Hengda Precision" in page
    assert "for overtime" in page
    assert reverse("capacity:firm", args=["lanshan", "hengda"]) in page
    told = as_json(plan_view(scene.buyer, access.get_plan(scene.buyer, late.pk)))["helps"]
    assert [one["organization"] for one in told] == [scene.owner.organization.name]
    Plan.objects.filter(pk=late.pk).update(in_force_at=clock.now(), state=Plan.State.IN_FORCE)
    own = signed_in(scene.owner).get(reverse("plans:plan", args=["hengda", late.pk])).content.decode()
    assert "What would help" in own
    assert "Overtime on your M1" in own
    other = signed_in(scene.fenghua).get(reverse("plans:plan", args=["fenghua", late.pk])).content.decode()
    assert "Overtime on your M1" not in other
