"""Scenarios and running searches for programs: one effect per key, the same rules as on the pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.factories import signed_in
from tests.plans.making import Scene

from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.plans import scenarios, services
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.wishes import Wish


@pytest.fixture
def in_force(scene: Scene, proposed: Plan) -> Plan:
    return services.accept_award(scene.buyer, proposed)


def post(client: Client, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return client.post(path, body or {}, content_type="application/json", headers=headers)


def test_made_compared_and_adopted_once(scene: Scene, in_force: Plan) -> None:
    buyer, base = signed_in(scene.buyer), f"/api/o/lanshan/orders/{scene.order.pk}/scenarios"
    key, wish = uuid4().hex, {"without": str(scene.mill.pk)}
    first, again = (post(buyer, base, wish, key) for _ in range(2))
    assert (first.status_code, first.json()) == (202, again.json())
    assert Job.objects.filter(kind=scenarios.KIND).count() == 1
    made = first.json()["job"]
    assert buyer.get(f"{base}/{made}").json()["gantt"] is None
    run_until_idle()
    usual, other = buyer.get(base).json()
    assert (usual["id"], usual["words"], usual["change"], usual["adoptable"]) == (
        None,
        "as it is",
        "0",
        False,
    )
    assert (other["id"], other["state"], other["adoptable"]) == (made, "done", True)
    assert float(other["change"]) >= 840  # 4,140 at mingde's list price instead of 3,300, and the way
    assert "without Hengda Precision" in other["words"]
    assert len(buyer.get(f"{base}/{made}").json()["gantt"]["bars"]) == 2
    adopted, repeated = (post(buyer, f"{base}/{made}/adopt", key=key + "a") for _ in range(2))
    assert (adopted.status_code, adopted.json()) == (200, repeated.json())
    assert (adopted.json()["state"], adopted.json()["based_on"]) == ("proposed", str(in_force.pk))
    assert Plan.objects.filter(label="scenario").count() == 1


def test_what_makes_no_scenario_is_refused(scene: Scene, in_force: Plan) -> None:
    buyer, base = signed_in(scene.buyer), f"/api/o/lanshan/orders/{scene.order.pk}/scenarios"
    nothing = post(buyer, base, {})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (409, "no_change")
    for wish, field in (({"without": str(scene.peer_mill.pk)}, "without"), ({"due": "2026-03-04"}, "due")):
        answer = post(buyer, base, wish)
        assert (answer.status_code, answer.json()["error"]["fields"]) == (422, [field])
    assert post(buyer, base, {"overtime_h": 9}).status_code == 422
    assert post(buyer, base, {"weight": "fastest"}).status_code == 422
    assert not Job.objects.filter(kind=scenarios.KIND).exists()
    made = post(buyer, base, {"overtime_h": 2}).json()["job"]
    run_until_idle()
    assert post(buyer, f"{base}/{made}/adopt").status_code == 409
    assert Plan.objects.count() == 1


def test_a_search_is_watched_stopped_and_keeps_its_best(scene: Scene) -> None:
    buyer = signed_in(scene.buyer)
    job = services.propose_award(scene.buyer, scene.call())
    base, key = f"/api/o/lanshan/plan-work/{job.pk}", uuid4().hex
    assert buyer.get(base).json() == {
        "job": str(job.pk),
        "state": "queued",
        "progress": 0,
        "message": "",
        "stopping": False,
        "figures": None,
    }
    first, again = (post(buyer, f"{base}/stop", key=key) for _ in range(2))
    assert (first.status_code, first.json()["stopping"], again.json()) == (200, True, first.json())
    run_until_idle()
    told = buyer.get(base).json()
    assert told["state"] == "done"
    assert Plan.objects.get(order=scene.order).verified


def test_figures_are_money(scene: Scene) -> None:
    job = services.propose_award(scene.buyer, scene.call())
    figures = {"objective": 441_000, "bound": 400_000, "gap": 9.3, "currency": "CNY", "trace": []}
    Job.objects.filter(pk=job.pk).update(figures=figures)
    told = signed_in(scene.buyer).get(f"/api/o/lanshan/plan-work/{job.pk}").json()["figures"]
    assert told == {"objective": "4410.00", "bound": "4000.00", "gap_percent": "9.3", "currency": "CNY"}


def test_a_cancelled_search_leaves_nothing(scene: Scene) -> None:
    job = services.propose_award(scene.buyer, scene.call())
    answer = post(signed_in(scene.buyer), f"/api/o/lanshan/plan-work/{job.pk}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    run_until_idle()
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "orders/{order}/scenarios"),
        ("post", "orders/{order}/scenarios"),
        ("get", "orders/{order}/scenarios/{job}"),
        ("post", "orders/{order}/scenarios/{job}/adopt"),
        ("get", "plan-work/{job}"),
        ("post", "plan-work/{job}/stop"),
        ("post", "plan-work/{job}/cancel"),
    ],
)
def test_others_cannot_tell_foreign_from_missing(
    scene: Scene, in_force: Plan, method: str, path: str
) -> None:
    job = scenarios.ask(scene.buyer, scene.order, Wish(overtime_h=1))
    for seat, slug in ((scene.rival, "ruian"), (scene.owner, "hengda")):
        client = signed_in(seat)

        def ask(client: Client = client, slug: str = slug, **ids: object) -> tuple[int, bytes]:
            url = f"/api/o/{slug}/{path.format(**ids)}"
            answer = client.get(url) if method == "get" else post(client, url, {"overtime_h": 1})
            return answer.status_code, answer.content

        foreign = ask(order=scene.order.pk, job=job.pk)
        assert foreign == ask(order=uuid4(), job=uuid4())
        assert foreign[0] == 404
    job.refresh_from_db()
    assert (job.stop_asked, job.cancel_asked) == (False, False)
