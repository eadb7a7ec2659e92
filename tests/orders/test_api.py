"""The API of orders: everything the pages do, harmless to repeat, silent to strangers."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.orders.making import an_order, destination

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.services import issue_token
from gonghe.apps.orders import access, services
from gonghe.apps.orders.models import Order, OrderLine
from gonghe.apps.orders.services import LineIn, OperationIn

STEP = b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n"
ROOT = "/api/o/lanshan/orders"


def send(client: Client, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
    """A write with a key of its own, or the one given."""
    return client.generic(
        method,
        path,
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Idempotency-Key": key or uuid.uuid4().hex},
    )


def coat(acting: Acting, **more: Any) -> dict[str, Any]:
    """A garment order without a model."""
    line = {
        "part": "COAT-7",
        "quantity": 200,
        "material": "textile",
        "operations": [
            {"process": "cutting-textile", "setup_s": 1800, "run_s": 60, "properties": {"plies": 40}},
            {"process": "sewing", "run_s": 900},
        ],
    }
    site = destination(acting)
    return {"title": "Coats", "due": "2026-04-01", "destination": str(site.pk), "lines": [line]} | more


class TestCreate:
    def test_an_order_with_its_steps(self, client_buyer: Client, acting_buyer: Acting) -> None:
        answer = send(client_buyer, "POST", ROOT, coat(acting_buyer))
        assert answer.status_code == 201
        order = answer.json()
        (line,) = order["lines"]
        assert (order["state"], order["due"]) == ("draft", "2026-04-01")
        assert (line["quantity"], line["pieces"], line["material"]) == (200, 204, "textile")
        cutting, sewing = line["operations"]
        assert cutting["requirement"] == {"process": "cutting-textile", "properties": {"plies": 40.0}}
        assert sewing["after"] == [cutting["id"]]
        assert sewing["work_s"] == 900 * 204
        assert client_buyer.get(f"{ROOT}/{order['id']}").json() == order
        assert [one["id"] for one in client_buyer.get(ROOT).json()] == [order["id"]]

    def test_sent_twice_it_is_made_once(self, client_buyer: Client, acting_buyer: Acting) -> None:
        first = send(client_buyer, "POST", ROOT, coat(acting_buyer), key="my-first-order")
        again = send(client_buyer, "POST", ROOT, coat(acting_buyer), key="my-first-order")
        other = send(client_buyer, "POST", ROOT, coat(acting_buyer, title="Other"), key="my-first-order")
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
        assert Order.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"due": "2026-03-08"}, "due_past"),
            ({"lines": []}, "empty_order"),
            ({"lines": [{"part": "X", "quantity": 0}]}, "quantity"),
            ({"title": "x" * 121}, "invalid"),
            ({"lines": [{"part": "X", "operations": [{"process": "magic", "run_s": 1}]}]}, "requirement"),
        ],
    )
    def test_wrong_input_is_named(
        self, client_buyer: Client, acting_buyer: Acting, change: dict[str, Any], code: str
    ) -> None:
        answer = send(client_buyer, "POST", ROOT, coat(acting_buyer, **change))
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
        assert not Order.objects.exists()

    def test_writing_needs_a_key_and_a_role(
        self, client_buyer: Client, client_clerk: Client, acting_buyer: Acting
    ) -> None:
        bare = client_buyer.post(ROOT, json.dumps(coat(acting_buyer)), content_type="application/json")
        assert bare.json()["error"]["code"] == "key_missing"
        assert send(client_clerk, "POST", ROOT, coat(acting_buyer)).status_code == 403
        assert not Order.objects.exists()

    def test_a_token_writes_within_its_scopes(self, client: Client, acting_buyer: Acting) -> None:
        for scopes, status in ((["read"], 403), (["read", "write:orders"], 201)):
            _row, token = issue_token(acting_buyer, name="erp", scopes=scopes)
            answer = client.post(
                ROOT,
                json.dumps(coat(acting_buyer)),
                content_type="application/json",
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex},
            )
            assert answer.status_code == status
        assert Order.objects.count() == 1


class TestChange:
    @pytest.fixture
    def order(self, acting_buyer: Acting) -> Order:
        steps = (OperationIn("saw", run_s=60), OperationIn("milling", run_s=600))
        return an_order(acting_buyer, LineIn(part="LP-40", quantity=60, operations=steps))

    def test_a_line_with_its_drawing_is_added_once(self, client_buyer: Client, order: Order) -> None:
        def post(content: bytes) -> Any:
            return client_buyer.post(
                f"{ROOT}/{order.pk}/lines",
                {
                    "quantity": 4,
                    "into": order.lines.first().pk,
                    "drawing": SimpleUploadedFile("S-1.step", content),
                },
                headers={"Idempotency-Key": "one-and-only"},
            )

        first, again, other = post(STEP), post(STEP), post(STEP + b" ")
        assert (first.status_code, again.content) == (201, first.content)
        assert other.json()["error"]["code"] == "key_reused"
        line = first.json()
        assert (line["part"], line["quantity"], line["per_parent"]) == ("S-1", 4 * 62, 4)
        assert line["analysis_state"] == "running"
        state = client_buyer.get(f"{ROOT}/lines/{line['id']}/analysis").json()
        assert (state["state"], state["progress"]) == ("running", 0)
        assert order.lines.count() == 2
        drawing = client_buyer.get(f"{ROOT}/documents/{line['drawing']}")
        assert b"".join(drawing.streaming_content) == STEP

    def test_a_bad_drawing_is_refused(self, client_buyer: Client, order: Order) -> None:
        answer = client_buyer.post(
            f"{ROOT}/lines/{order.lines.get().pk}/drawing",
            {"drawing": SimpleUploadedFile("part.exe", b"MZ")},
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_type")

    def test_lines_and_steps_change(self, client_buyer: Client, order: Order) -> None:
        line = order.lines.get()
        path = f"{ROOT}/lines/{line.pk}"
        changed = send(client_buyer, "PATCH", path, {"quantity": 10, "overage_percent": "0"}).json()
        assert (changed["quantity"], changed["pieces"], changed["material"]) == (10, 10, "steel")
        step = send(client_buyer, "POST", f"{path}/operations", {"process": "inspection", "run_s": 30}).json()
        assert (step["number"], step["work_s"]) == (30, 300)
        wanted = {"process": "inspection", "run_s": 60, "setup_s": 600}
        step = send(client_buyer, "PUT", f"{ROOT}/operations/{step['id']}", wanted).json()
        assert step["work_s"] == 1200
        left = send(client_buyer, "DELETE", f"{ROOT}/operations/{step['id']}").json()
        assert [one["number"] for one in left["operations"]] == [10, 20]
        refused = send(client_buyer, "DELETE", path)
        assert refused.json()["error"]["code"] == "last_line"

    def test_a_line_may_be_split(self, client_buyer: Client, order: Order) -> None:
        path = f"{ROOT}/lines/{order.lines.get().pk}"
        wanted = {"quantity": 10, "overage_percent": "0", "smallest_lot": 5}
        assert send(client_buyer, "PATCH", path, wanted).json()["smallest_lot"] == 5
        refused = send(client_buyer, "PATCH", path, {"smallest_lot": 6})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "lots_small")
        assert send(client_buyer, "PATCH", path, {"quantity": 20}).json()["smallest_lot"] == 5
        assert send(client_buyer, "PATCH", path, {"smallest_lot": 0}).json()["smallest_lot"] is None

    def test_head_and_cancel(self, client_buyer: Client, acting_buyer: Acting, order: Order) -> None:
        head = {
            "title": "Pump 2",
            "due": "2026-04-02",
            "destination": str(destination(acting_buyer).pk),
            "lateness_per_hour": "35.50",
        }
        changed = send(client_buyer, "PUT", f"{ROOT}/{order.pk}", head).json()
        assert (changed["title"], changed["lateness_per_hour"]) == ("Pump 2", "35.50")
        assert send(client_buyer, "POST", f"{ROOT}/{order.pk}/cancel").json()["state"] == "cancelled"
        late = send(client_buyer, "PUT", f"{ROOT}/{order.pk}", head)
        assert (late.status_code, late.json()["error"]["code"]) == (409, "not_draft")


def test_a_rival_and_an_outsider_learn_nothing(
    client_rival: Client, client_outsider: Client, acting_buyer: Acting
) -> None:
    intake = services.take_in(acting_buyer, "LP-40.step", [STEP])
    order = an_order(acting_buyer, LineIn(drawing=intake, operations=(OperationIn("milling", run_s=60),)))
    line = access.lines_of(order)[0]
    step = line.operations.all()[0]
    head = {"title": "x", "due": "2026-04-02", "destination": str(uuid.uuid4()), "lateness_per_hour": "1"}
    routes = [
        ("GET", "{}", order.pk, None),
        ("PUT", "{}", order.pk, head),
        ("POST", "{}/cancel", order.pk, None),
        ("GET", "{}/match", order.pk, None),
        ("PATCH", "lines/{}", line.pk, {"quantity": 5}),
        ("DELETE", "lines/{}", line.pk, None),
        ("GET", "lines/{}/analysis", line.pk, None),
        ("POST", "lines/{}/analysis", line.pk, None),
        ("POST", "lines/{}/operations", line.pk, {"process": "milling", "run_s": 1}),
        ("PUT", "operations/{}", step.pk, {"process": "milling", "run_s": 1}),
        ("DELETE", "operations/{}", step.pk, None),
        ("GET", "documents/{}", line.revision.drawing_id, None),
    ]
    before = OrderLine.objects.values().get()
    for method, path, key, body in routes:
        for client, slug in (
            (client_rival, "ruian"),
            (client_rival, "lanshan"),
            (client_outsider, "lanshan"),
        ):
            root = f"/api/o/{slug}/orders/"
            foreign = send(client, method, root + path.format(key), body)
            missing = send(client, method, root + path.format(uuid.uuid4()), body)
            assert (foreign.status_code, missing.status_code) == (404, 404), (method, path)
            assert foreign.content == missing.content, (method, path)
            assert foreign.headers.items() == missing.headers.items(), (method, path)
    assert before == OrderLine.objects.values().get()
    assert client_rival.get("/api/o/ruian/orders").json() == []


def test_reading_needs_a_sign_in(client: Client, acting_buyer: Acting) -> None:
    order = an_order(acting_buyer)
    assert client.get(f"{ROOT}/{order.pk}").status_code == 401
