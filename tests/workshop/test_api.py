"""The shop floor's API: each write counts once, and each firm sees its own part."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.test import Client
from tests.factories import signed_in
from tests.workshop.making import Floor

from gonghe.apps.workshop.models import JobOrder, JobResponse


class Api:
    """A person's program."""

    def __init__(self, floor: Floor, slug: str, client: Client | None = None) -> None:
        self.base = f"/api/o/{slug}"
        self.client = client or signed_in(floor.firms[slug])

    def get(self, path: str) -> Any:
        answer = self.client.get(self.base + path)
        return answer.json() if answer.status_code == 200 else answer.status_code

    def post(self, path: str, key: str = "", **body: Any) -> Any:
        return self.client.post(
            self.base + path,
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": key or uuid.uuid4().hex},
        )


def test_finishing_twice_with_one_key_counts_once(floor: Floor) -> None:
    api, path = Api(floor, "hengda"), f"/job-orders/{floor.job('Mill').pk}"
    assert api.post(f"{path}/start").status_code == 200
    first = api.post(f"{path}/finish", "the-same-key", good=60, scrap=1)
    again = api.post(f"{path}/finish", "the-same-key", good=60, scrap=1)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.json()["good"] == 60
    assert first.json()["state"] == "finished"
    assert JobOrder.objects.get(operation__name="Mill").good == 60
    assert JobResponse.objects.filter(kind="finish").count() == 1
    assert api.post(f"{path}/finish", good=0, scrap=0).status_code == 409
    assert api.post(f"{path}/finish", "the-same-key", good=1, scrap=0).json()["error"]["code"] == "key_reused"


def test_the_whole_way_to_settlement(floor: Floor) -> None:
    mill, grind, coat, buyer = (Api(floor, slug) for slug in ("hengda", "fenghua", "taihe", "lanshan"))
    receiver = {"Mill": grind, "Grind": coat, "Coat": buyer}
    for name, api in (("Mill", mill), ("Grind", grind), ("Coat", coat)):
        path = f"/job-orders/{floor.job(name).pk}"
        assert api.post(f"{path}/start").status_code == 200
        assert api.post(f"{path}/report", good=10, scrap=0).json()["good"] == 10
        assert api.post(f"{path}/finish", good=51, scrap=0).status_code == 200
        (parcel,) = api.get("/to-send")
        assert parcel["pieces"] == 61
        sent = api.post("/handovers", operation=parcel["operation"], quantity=61)
        assert sent.status_code == 201
        taken = receiver[name].post(f"/handovers/{sent.json()['id']}/receive", accepted=61, note="all well")
        assert taken.json()["accepted"] == 61
    making = buyer.get(f"/making/{floor.order.pk}")
    assert making["state"] == "delivered"
    assert [one["good"] for one in making["steps"]] == [61, 61, 61]
    assert making["custody"] == [
        {"part": "LP-40", "holder": "Lanshan Pump Works", "pieces": 61, "on_the_way_to": ""}
    ]
    settled = buyer.post(f"/orders/{floor.order.pk}/settle").json()
    assert sorted(one["amount"] for one in settled) == ["3333.33", "6000.00", "9000.00"]
    assert [one["amount"] for one in mill.get("/settlements")] == ["9000.00"]


def test_a_workshop_sees_its_own_part_only(floor: Floor) -> None:
    floor.make("Mill", 61)
    floor.receive(floor.send("Mill", 61), 60)
    grind, coat = Api(floor, "fenghua"), Api(floor, "taihe")
    assert [one["name"] for one in grind.get(f"/making/{floor.order.pk}")["steps"]] == ["Grind"]
    assert [one["operation"] for one in grind.get("/job-orders")] == ["20 Grind"]
    assert len(grind.get("/handovers")) == 1
    assert coat.get("/handovers") == []
    assert coat.get(f"/making/{floor.order.pk}")["custody"] == []
    assert coat.get(f"/job-orders/{floor.job('Grind').pk}") == 404
    assert coat.post(f"/job-orders/{floor.job('Grind').pk}/start").status_code == 404
    assert floor.job("Grind").state == "waiting"


def test_a_breakdown_needs_a_zone_and_a_repair_ends_it(floor: Floor) -> None:
    api, job = Api(floor, "hengda"), floor.job("Mill")
    path = f"/job-orders/{job.pk}"
    api.post(f"{path}/start")
    assert api.post(f"{path}/breakdown", until="2026-03-10T04:00:00").status_code == 422
    assert api.post(f"{path}/help", note="coolant").status_code == 200
    assert api.post(f"{path}/breakdown", until="2026-03-10T04:00:00Z").json()["state"] == "blocked"
    repaired = api.post(f"/equipment/{job.equipment_id}/repaired")
    assert repaired.json() == {"equipment": "M1", "status": "up"}
    assert api.get(path)["state"] == "paused"


def test_foreign_and_random_answer_the_same(floor: Floor) -> None:
    floor.make("Mill", 61)
    sent = floor.send("Mill", 61)
    rival = signed_in(floor.people.rival)
    api = Api(floor, "ruian", rival)
    for path, known in (
        ("/job-orders/{}", floor.job("Grind").pk),
        ("/handovers/{}", sent.pk),
        ("/making/{}", floor.order.pk),
    ):
        foreign = rival.get(api.base + path.format(known))
        unknown = rival.get(api.base + path.format(uuid.uuid4()))
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
    for path, known in (
        ("/job-orders/{}/start", floor.job("Grind").pk),
        ("/handovers/{}/receive", sent.pk),
        ("/orders/{}/settle", floor.order.pk),
    ):
        foreign = api.post(path.format(known), accepted=1)
        unknown = api.post(path.format(uuid.uuid4()), accepted=1)
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
    foreign = api.post("/handovers", operation=str(floor.operation("Mill").pk), quantity=1)
    unknown = api.post("/handovers", operation=str(uuid.uuid4()), quantity=1)
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    for path in ("/job-orders", "/handovers", "/settlements", "/to-send"):
        assert api.get(path) == []
