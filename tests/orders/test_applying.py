"""Licensed know-how becomes steps of an order; what is made counts, and is due."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import Client
from tests.factories import People, signed_in
from tests.plans import making
from tests.technology.sharing_making import an_offer, in_force

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import settle
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.orders import access, services
from gonghe.apps.plans import services as plans
from gonghe.apps.technology import sharing, usage
from gonghe.apps.technology.models import Usage
from gonghe.apps.workshop import services as workshop
from gonghe.apps.workshop.access import visible_job_orders


def test_a_template_becomes_the_steps_and_changes_the_estimate(people: People) -> None:
    licence = in_force(people, an_offer(people))
    line = making.an_order(people.buyer).lines.get()
    used = services.apply_licence(people.buyer, line, licence, {"length_mm": Decimal(120)})
    steps = list(line.operations.order_by("number"))
    assert [(one.number, one.setup_s, one.run_s) for one in steps] == [(10, 900, 120), (20, 600, 90)]
    assert list(steps[1].after.all()) == [steps[0]]
    before, after = used.effect["before"], used.effect["after"]
    assert before["time_s"] == 3600 + 62 * 600 + 1800 + 62 * 300
    assert after["time_s"] == 900 + 62 * 120 + 600 + 62 * 90
    line.refresh_from_db()
    assert line.estimate["cost"]["p50"] == after["middle"] < before["middle"]


def test_a_value_out_of_range_is_named_and_nothing_changes(people: People) -> None:
    licence = in_force(people, an_offer(people))
    line = making.an_order(people.buyer).lines.get()
    with pytest.raises(InvalidError, match="Length: this know-how holds from 50 to 400 mm") as refused:
        services.apply_licence(people.buyer, line, licence, {"length_mm": Decimal(401)})
    assert (refused.value.code, refused.value.details) == (
        "parameter_out_of_range",
        {"fields": ["length_mm"]},
    )
    assert line.operations.count() == 2
    assert line.operations.first().run_s == 600
    assert Usage.objects.count() == 0


def test_no_new_use_when_revoked_or_used_up_or_foreign(people: People) -> None:
    licence = in_force(people, an_offer(people, pieces_max=100))
    first, second = (making.an_order(people.buyer).lines.get() for _number in range(2))
    services.apply_licence(people.buyer, first, licence, {})
    services.apply_licence(people.buyer, first, licence, {})  # the same line again takes no more pieces
    with pytest.raises(ConflictError, match="good for 38 more pieces; this line makes 62"):
        services.apply_licence(people.buyer, second, licence, {})
    assert second.operations.first().run_s == 600
    with pytest.raises(NotFoundError):
        services.apply_licence(people.owner, making.an_order(people.owner).lines.get(), licence, {})
    sharing.end(people.owner, licence)
    with pytest.raises(ConflictError, match="revoked: no new use"):
        services.apply_licence(people.buyer, second, licence, {})
    assert Usage.objects.filter(current=True).count() == 1


@pytest.mark.parametrize(
    ("price_kind", "price", "due"),
    [
        ("free", "0", "0.00"),
        ("per_piece", "1.50", "45.00"),
        ("royalty", "5", "19.23"),
        ("fixed", "900", "900.00"),
    ],
)
def test_pieces_really_made_are_counted_and_due(
    people: People, settings: object, price_kind: str, price: str, due: str
) -> None:
    settings.PLAN_SECONDS = 1  # type: ignore[attr-defined]
    with clock.telling(making.NOW):
        licence = in_force(people, an_offer(people, price_kind=price_kind, price=Decimal(price)))
        scene = making.scene(people)
        line = scene.order.lines.get()
        used = services.apply_licence(people.buyer, line, licence, {})
        scene.milling, scene.grinding = line.operations.order_by("number")
        for step in (scene.milling, scene.grinding):  # the machines of the scene take steel only
            step.requirement["properties"]["material_group"] = "steel"
            step.save()
        # hengda mills, so the count of this test is put on the milling
        used.steps.filter(last=True).update(last=False)
        used.steps.filter(operation_id=scene.milling.pk).update(last=True)
        plans.accept_award(scene.buyer, scene.proposed())
        settle()
    job = visible_job_orders(scene.owner).get()
    with clock.telling(job.planned_start):
        workshop.start(scene.owner, job)
    with clock.telling(job.planned_end):
        job.refresh_from_db()
        workshop.report(scene.owner, job, good=30, scrap=1)
        (found,) = usage.dues(people.owner)
    paid = job.operation.contract_items.get().price * 30 / 62
    assert (found.period, found.pieces, found.amount) == ("2026-03", 30, Decimal(due))
    assert found.value == paid.quantize(Decimal("0.01")) == Decimal("384.68")
    assert usage.dues(people.rival) == []
    event = Event.objects.get(type="technology.use.counted")
    assert (event.organization_id, event.data) == (None, {"pieces": 30})
    assert {one["type"] for one in event.objects_touched} == {"licence"}


def test_the_api_applies_and_refuses(people: People, client_rival: Client) -> None:
    licence = in_force(people, an_offer(people))
    line = making.an_order(people.buyer).lines.get()
    path, key = f"lines/{line.pk}/licences/{licence.pk}", {"Idempotency-Key": "apply-once"}
    body = json.dumps({"values": {"length_mm": 200}})
    got = signed_in(people.buyer).post(f"/api/o/lanshan/{path}", body, "application/json", headers=key)
    assert got.json()["after"]["time_s"] == 900 + 62 * 160 + 600 + 62 * 90
    assert client_rival.post(f"/api/o/ruian/{path}", body, "application/json", headers=key).status_code == 404
    assert access.get_line(people.buyer, line.pk).operations.count() == 2
