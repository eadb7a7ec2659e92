"""Every page's data for programs: the same rules, one effect per idempotency key."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.factories import signed_in
from tests.plans.making import Scene, shanghai

from gonghe import clock
from gonghe.apps.audit.services import settle
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import LedgerSlot
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.plans import services
from gonghe.apps.plans.models import Consent, Plan
from gonghe.apps.principal import SYSTEM


def post(client: Client, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
    return client.post(
        path, body or {}, content_type="application/json", headers={"Idempotency-Key": key or uuid4().hex}
    )


def test_from_call_to_plan_in_force(scene: Scene) -> None:
    buyer = signed_in(scene.buyer)
    call = scene.call()
    asked = post(buyer, f"/api/o/lanshan/calls/{call.pk}/plan")
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    run_until_idle()
    (row,) = buyer.get("/api/o/lanshan/plans", {"order": str(scene.order.pk)}).json()
    assert (row["kind"], row["state"], row["arrives_at"]) == (
        "award",
        "proposed",
        shanghai(11, "11:30").isoformat().replace("+00:00", "Z"),
    )
    key = uuid4().hex
    first = post(buyer, f"/api/o/lanshan/plans/{row['id']}/accept", key=key)
    again = post(buyer, f"/api/o/lanshan/plans/{row['id']}/accept", key=key)
    assert (first.status_code, first.json()) == (200, again.json())
    assert first.json()["state"] == "in_force"
    assert [one["price"] for one in first.json()["operations"]] == ["3300.00", "1100.00"]
    assert LedgerSlot.objects.count() == 46 + 23
    promise = buyer.get(f"/api/o/lanshan/orders/{scene.order.pk}/promise").json()
    assert (promise["kind"], promise["due"]) == ("firm", "2026-03-18")
    own = signed_in(scene.owner).get(f"/api/o/hengda/plans/{row['id']}").json()
    assert [one["operation"] for one in own["operations"]] == ["1/10 Mill"]
    assert (own["money"]["total"], own["order_id"]) == ("3300.00", None)


def test_hours_taken_answers_409_and_plans_again(scene: Scene, proposed: Plan) -> None:
    capacity.reserve(
        SYSTEM,
        equipment=scene.mill,
        pieces=[(shanghai(9, "15:00"), shanghai(9, "16:00"))],
        holder=scene.rival.organization,
    )
    answer = post(signed_in(scene.buyer), f"/api/o/lanshan/plans/{proposed.pk}/accept")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "hours_taken")
    proposed.refresh_from_db()
    assert proposed.state == "superseded"
    assert Job.objects.filter(kind="plans.award", state="queued").count() == 1


def test_consents_and_refusal(scene: Scene, proposed: Plan) -> None:
    services.accept_award(scene.buyer, proposed)
    with clock.telling(shanghai(6, "09:00")):
        capacity.mark_down(SYSTEM, scene.mill, shanghai(6, "09:00"), shanghai(20, "16:00"))
        settle()
        run_until_idle()
        plan = Plan.objects.filter(
            state="proposed", assignments__organization=scene.peer.organization
        ).earliest("version")
        peer = signed_in(scene.peer)
        seen = peer.get(f"/api/o/mingde/plans/{plan.pk}").json()
        assert [(move["was"], move["cost"]) for move in seen["moves"]] == [(None, "4140.00")]
        agreed = post(peer, f"/api/o/mingde/plans/{plan.pk}/answer", {"agree": True})
        assert agreed.status_code == 200
        assert Consent.objects.get(plan=plan, organization=scene.peer.organization).state == "agreed"
        body = {"agree": False, "reason": "Runs tomorrow."}
        refused = post(signed_in(scene.owner), f"/api/o/hengda/plans/{plan.pk}/answer", body)
        assert (refused.status_code, refused.json()["state"]) == (200, "refused")
        rows = signed_in(scene.buyer).get(f"/api/o/lanshan/plans/{plan.pk}/alternatives").json()
        assert str(plan.pk) not in {row["id"] for row in rows}


def test_trying_and_asking(scene: Scene, proposed: Plan) -> None:
    buyer = signed_in(scene.buyer)
    move = {
        "operation": str(scene.milling.pk),
        "row": str(scene.mill.pk),
        "start": shanghai(10, "08:00").isoformat(),
    }
    trial = post(buyer, f"/api/o/lanshan/plans/{proposed.pk}/try", move).json()
    assert (trial["as_asked"], trial["lateness_s"], trial["cost"]) == (True, 86_400, "0.00")
    asked = post(buyer, f"/api/o/lanshan/orders/{scene.order.pk}/what-if", {"due": "2026-03-11"})
    assert asked.status_code == 202
    run_until_idle()
    (answer,) = buyer.get(f"/api/o/lanshan/orders/{scene.order.pk}/what-if").json()
    assert (answer["due"], answer["in_time"]) == ("2026-03-11", True)
    passed = post(buyer, f"/api/o/lanshan/orders/{scene.order.pk}/what-if", {"due": "2026-03-04"})
    assert (passed.status_code, passed.json()["error"]["fields"]) == (422, ["due"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "plans/{plan}"),
        ("get", "plans/{plan}/alternatives"),
        ("post", "plans/{plan}/accept"),
        ("post", "plans/{plan}/answer"),
        ("post", "plans/{plan}/again"),
        ("post", "plans/{plan}/try"),
        ("post", "calls/{call}/plan"),
        ("get", "orders/{order}/promise"),
        ("get", "orders/{order}/what-if"),
        ("post", "orders/{order}/what-if"),
    ],
)
def test_a_rival_cannot_tell_foreign_from_missing(
    scene: Scene, proposed: Plan, method: str, path: str
) -> None:
    rival = signed_in(scene.rival)
    body = {
        "agree": True,
        "due": "2026-03-11",
        "operation": str(scene.milling.pk),
        "row": "x",
        "start": shanghai(10, "08:00").isoformat(),
    }

    def ask(**ids: object) -> tuple[int, bytes]:
        url = f"/api/o/ruian/{path.format(**ids)}"
        answer = rival.get(url) if method == "get" else post(rival, url, body)
        return answer.status_code, answer.content

    foreign = ask(plan=proposed.pk, call=proposed.call_id, order=scene.order.pk)
    missing = ask(plan=uuid4(), call=uuid4(), order=uuid4())
    assert foreign == missing
    assert foreign[0] == 404
