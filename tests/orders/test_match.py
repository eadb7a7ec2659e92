"""Every step against every capability: who can, who nearly can, and what to do when nobody can."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import People
from tests.orders.making import an_order

from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure
from gonghe.apps.members.services import set_disclosure
from gonghe.apps.orders.matching import match_order
from gonghe.apps.orders.models import Order
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.technology.models import Capability

GRINDING = OperationIn("grinding-internal", properties={"tolerance_it": 6, "diameter_mm": 32}, run_s=300)


def machine(acting: Acting, code: str, process: str, **limits: dict[str, object]) -> Equipment:
    """A machine of a firm with one capability."""
    equipment = Equipment.objects.create(
        organization=acting.organization, site=acting.organization.sites.all()[0], code=code, name=code
    )
    capability = Capability.objects.create(
        organization=acting.organization, process=process, constraints=limits
    )
    equipment.capabilities.add(capability)
    return equipment


@pytest.fixture
def order(acting_buyer: Acting) -> Order:
    return an_order(acting_buyer, LineIn(part="LP-40", quantity=60, operations=(GRINDING,)))


def test_who_can_and_what_fails_for_who_nearly_can(
    people: People, order: Order, acting_buyer: Acting, client_buyer: Client
) -> None:
    machine(people.owner, "G1", "grinding-internal", tolerance_it={"min": 5}, diameter_mm={"max": 60})
    machine(people.owner, "G2", "grinding-internal", tolerance_it={"min": 5}, diameter_mm={"max": 60})
    machine(people.rival, "R1", "grinding-internal", tolerance_it={"min": 7}, diameter_mm={"max": 60})
    (step,) = match_order(acting_buyer, order).steps
    assert [(one.organization.slug, one.equipment) for one in step.can] == [("hengda", ("G1", "G2"))]
    assert [(one.organization.slug, one.misses) for one in step.nearly] == [
        ("ruian", ("tolerance grade (ISO 286): 6 wanted, 7 is the limit, 1 too much",))
    ]
    assert step.advice == ""
    text = client_buyer.get(reverse("orders:match", args=["lanshan", order.pk])).content.decode()
    assert "1 firm can make every step between them." in text
    assert "tolerance grade (ISO 286): 6 wanted, 7 is the limit, 1 too much" in text


def test_nobody_can_names_the_nearest(people: People, order: Order, client_buyer: Client) -> None:
    machine(people.rival, "R1", "grinding-internal", tolerance_it={"min": 7}, diameter_mm={"max": 60})
    text = client_buyer.get(reverse("orders:match", args=["lanshan", order.pk])).content.decode()
    assert "1 of 1 steps cannot be made by anyone yet." in text
    assert "Nobody can. Nearest is Ruian Mould: tolerance grade (ISO 286): 6 wanted, 7 is the limit" in text


def test_no_member_of_the_process_names_its_kin(people: People, order: Order, acting_buyer: Acting) -> None:
    (step,) = match_order(acting_buyer, order).steps
    assert step.advice.startswith("No member shows internal grinding or anything near it.")
    machine(people.owner, "M1", "grinding-surface")
    (step,) = match_order(acting_buyer, order).steps
    assert step.advice.startswith(
        "No member shows internal grinding. Nearest is grinding at Hengda Precision"
    )


def test_what_a_firm_hides_is_not_found(people: People, order: Order, acting_buyer: Acting) -> None:
    machine(people.owner, "G1", "grinding-internal")
    set_disclosure(people.owner, group=Disclosure.Group.CAPABILITIES, level=Disclosure.Level.NOBODY)
    (step,) = match_order(acting_buyer, order).steps
    assert (step.can, step.nearly) == ((), ())
    assert "Hengda" not in step.advice


def test_the_api_says_the_same(people: People, order: Order, client_buyer: Client) -> None:
    machine(people.rival, "R1", "grinding-internal", tolerance_it={"min": 7})
    (step,) = client_buyer.get(f"/api/o/lanshan/orders/{order.pk}/match").json()
    assert step["can"] == []
    assert step["nearly"][0]["organization"] == "ruian"
    assert step["nearly"][0]["equipment"] == ["R1"]
    assert step["advice"].startswith("Nobody can.")


def test_the_estimate_follows_the_tables(acting_buyer: Acting) -> None:
    step = OperationIn("sewing", setup_s=3600, run_s=600)
    coat = an_order(
        acting_buyer,
        LineIn(part="COAT", quantity=100, material="textile", overage_percent=Decimal(0), operations=(step,)),
    )
    estimate = coat.lines.get().estimate
    assert estimate is not None
    hours = (3600 + 100 * 600) / 3600
    rate = next(one["value"] for one in estimate["assumptions"] if one["code"] == "rate.sewing")
    assert estimate["cost"]["p50"] == round(hours * rate * 100 * 1.12)  # 12 % overhead, in minor units
    assert estimate["time_s"]["p50"] == 63_600
    assert {one["code"] for one in estimate["assumptions"]} >= {"material.not_included", "overhead"}
