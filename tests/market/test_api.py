"""The API of the market says the same as its pages."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.factories import People, signed_in
from tests.market import making
from tests.market.making import AFTER, Scene

from gonghe import clock
from gonghe.apps.audit.services import settle
from gonghe.apps.market import sealing
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Bid, Call

NO_DOCUMENT = "00000000-0000-4000-8000-000000000000"


def send(client: Client, path: str, body: object = None, key: str = "") -> HttpResponse:
    return client.post(
        path,
        json.dumps({} if body is None else body),
        content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def calls(slug: str, tail: str = "") -> str:
    return f"/api/o/{slug}/market/calls{tail}"


def bid_body(scene: Scene, price: str = "18765.43") -> dict[str, object]:
    item = {"operation": str(scene.milling.pk), "price": price, "duration_s": 36_000}
    return {"items": [item | {"equipment": str(scene.machine.pk)}]}


def test_each_side_lists_its_calls(
    scene: Scene, client_owner: Client, client_buyer: Client, client_office: Client, client_rival: Client
) -> None:
    invited = client_owner.get(calls("hengda")).json()["invited"]
    assert [(one["id"], one["answer"], one["closes_at"]) for one in invited] == [
        (str(scene.call.pk), "open", "2026-03-11T08:00:00+00:00")
    ]
    own = client_buyer.get(calls("lanshan")).json()["own"]
    assert [one["answers"] for one in own] == [{"invited": 2, "bids": 0, "declined": 0, "silent": 2}]
    assert len(client_office.get(calls("park")).json()["to_open"]) == 1
    assert client_rival.get(calls("ruian")).json() == {"invited": [], "own": [], "to_open": []}


def test_a_call_goes_out(scene: Scene, client_buyer: Client) -> None:
    order = making.an_order(scene.buyer)
    body = {
        "order": str(order.pk),
        "organizations": ["hengda"],
        "closes_at": "2026-03-11T16:00:00+08:00",
        "bids_valid_until": "2026-03-20T16:00:00+08:00",
    }
    made = send(client_buyer, calls("lanshan"), body)
    assert made.status_code == 201
    assert Call.objects.get(pk=made.json()["id"]).closes_at == making.CLOSES
    unknown = send(client_buyer, calls("lanshan"), body | {"organizations": ["nobody-here"]})
    assert (unknown.status_code, unknown.json()["error"]["fields"]) == (422, ["lines", "organizations"])
    twice = send(client_buyer, calls("lanshan"), body)
    assert (twice.status_code, twice.json()["error"]["code"]) == (409, "already_called")


def test_a_call_shows_each_seat_its_part(
    scene: Scene, client_owner: Client, client_buyer: Client, client_office: Client
) -> None:
    path = f"/{scene.call.pk}"
    bidder = client_owner.get(calls("hengda", path)).json()
    assert (bidder["seat"], "answers" in bidder, "invited" in bidder) == ("bidder", False, False)
    assert [one["name"] for one in bidder["lines"][0]["operations"]] == ["Mill", "Grind"]
    buyer = client_buyer.get(calls("lanshan", path)).json()
    assert (buyer["seat"], buyer["invited"]) == ("buyer", ["fenghua", "hengda"])
    holder = client_office.get(calls("park", path)).json()
    assert (holder["seat"], "lines" in holder, holder["answers"]["bids"]) == ("holder", False, 0)
    suggested = client_owner.get(calls("hengda", path + "/suggestion")).json()
    assert [one["options"][0]["cost"] for one in suggested if one["options"]] == ["3520.00"]


def test_the_whole_way_of_a_bid(
    scene: Scene, client_owner: Client, client_buyer: Client, client_office: Client
) -> None:
    path = f"/{scene.call.pk}"
    made = send(client_owner, calls("hengda", path + "/bid"), bid_body(scene))
    assert made.status_code == 201
    settle()
    receipt = client_owner.get(calls("hengda", path + "/bid")).json()
    assert (receipt["digest"], receipt["items"]) == (made.json()["digest"], [])
    assert sealing.digest_of(receipt["sealed"]) == receipt["digest"]
    assert receipt["entry"] > 0
    assert client_buyer.get(calls("lanshan", path + "/result")).json()["items"] == []
    body = {"key_file": making.key_file()[0].decode(), "passphrase": making.PASSPHRASE}
    early = send(client_office, calls("park", path + "/opening"), body)
    assert (early.status_code, early.json()["error"]["code"]) == (409, "too_early")
    with clock.telling(AFTER):
        wrong = send(client_office, calls("park", path + "/opening"), body | {"passphrase": "no"})
        assert wrong.status_code == 422
        opened = send(client_office, calls("park", path + "/opening"), body)
        assert opened.json() == {"call": str(scene.call.pk), "counted": 1}
        result = client_buyer.get(calls("lanshan", path + "/result")).json()
        own = client_owner.get(calls("hengda", path + "/bid")).json()
    assert [(one["organization"], one["price"]) for one in result["items"]] == [("hengda", "18765.43")]
    assert (own["counted"], own["result"], own["items"][0]["price"]) == (True, "waiting", "18765.43")
    assert client_owner.get(calls("hengda", path + "/result")).json() == {"result": "waiting"}


def test_a_late_or_wrong_bid_is_refused(scene: Scene, client_owner: Client) -> None:
    path = calls("hengda", f"/{scene.call.pk}/bid")
    wrong = send(client_owner, path, bid_body(scene, "0.001"))
    assert (wrong.status_code, wrong.json()["error"]["items"][0]["field"]) == (422, "price")
    short = send(client_owner, path, bid_body(scene), key="short-key")
    assert (short.status_code, short.json()["error"]["code"]) == (422, "key_missing")
    naive = bid_body(scene)
    naive["items"][0]["earliest"] = "2026-03-12T08:00:00"  # type: ignore[index]
    assert send(client_owner, path, naive).status_code == 422
    with clock.telling(AFTER):
        late = send(client_owner, path, bid_body(scene))
    assert (late.status_code, late.json()["error"]["code"]) == (409, "bids_closed")
    assert not Bid.objects.exists()


def test_withdrawing_declining_more_time_cancelling(
    scene: Scene, client_owner: Client, client_buyer: Client
) -> None:
    path = f"/{scene.call.pk}"
    market.submit_bid(scene.owner, scene.call, scene.offer())
    gone = client_owner.delete(calls("hengda", path + "/bid"), headers={"Idempotency-Key": str(uuid4())})
    assert (gone.status_code, gone.json()) == (200, {"withdrawn": True})
    assert client_owner.get(calls("hengda", path + "/bid")).status_code == 404
    assert send(client_owner, calls("hengda", path + "/decline")).json() == {"declined": True}
    later = {"closes_at": "2026-03-12T16:00:00+08:00"}
    assert send(client_buyer, calls("lanshan", path + "/extend"), later).json()["closes_at"] == (
        "2026-03-12T08:00:00+00:00"
    )
    assert send(client_buyer, calls("lanshan", path + "/cancel")).json()["state"] == "cancelled"


@pytest.mark.parametrize("tail", ["", "/bid", "/result", "/suggestion", f"/documents/{NO_DOCUMENT}"])
def test_strangers_get_the_same_bytes_as_for_nothing(scene: Scene, client_rival: Client, tail: str) -> None:
    foreign = client_rival.get(calls("ruian", f"/{scene.call.pk}{tail}"))
    nothing = client_rival.get(calls("ruian", f"/{uuid4()}{tail}"))
    assert (foreign.status_code, foreign.content) == (404, nothing.content)
    assert client_rival.get(calls("hengda", f"/{scene.call.pk}{tail}")).content == foreign.content


def test_strangers_change_nothing(scene: Scene, client_rival: Client) -> None:
    key = {"key_file": "x", "passphrase": "x"}
    later = {"closes_at": "2026-03-12T16:00:00+08:00"}
    for tail, body in (
        ("/bid", bid_body(scene)),
        ("/decline", {}),
        ("/extend", later),
        ("/cancel", {}),
        ("/opening", key),
    ):
        foreign = send(client_rival, calls("ruian", f"/{scene.call.pk}{tail}"), body)
        nothing = send(client_rival, calls("ruian", f"/{uuid4()}{tail}"), body)
        assert (foreign.status_code, foreign.content) == (404, nothing.content), tail
    assert (Call.objects.get().state, Bid.objects.count()) == ("open", 0)


def test_offers_contracts_and_key_holder(scene: Scene, client_buyer: Client, people: People) -> None:
    offers = client_buyer.get("/api/o/lanshan/market/open-offers").json()
    assert [(one["organization"], one["per_hour"]) for one in offers] == [("hengda", "300.00")]
    market.submit_bid(scene.owner, scene.call, scene.offer())
    with clock.telling(AFTER):
        market.open_bids(making.private_key(), scene.office, scene.call)
        items = [market.Awarded(scene.milling, scene.owner.organization, making.Decimal("18765.43"))]
        market.award(making.SYSTEM, Call.objects.get(), items)
    contract = client_buyer.get("/api/o/lanshan/market/contracts").json()[0]
    assert (contract["organization"], [one["amount"] for one in contract["milestones"]]) == (
        "hengda",
        ["5629.62", "13135.81"],
    )
    assert signed_in(people.rival).get("/api/o/ruian/market/contracts").json() == []
    holder = client_buyer.get("/api/o/lanshan/market/key-holder").json()
    assert holder == {"organization": "park", "public_key": making.key_file()[1]}
    mine = send(client_buyer, "/api/o/lanshan/market/key-holder", {"public_key": "ab" * 32})
    assert mine.status_code == 403
