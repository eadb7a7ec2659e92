"""The API of capacity: the same as the pages, repeatable, and closed to rivals."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.factories import People

from gonghe import clock
from gonghe.apps.capacity.models import Equipment, Reservation
from gonghe.apps.capacity.workbook import write_template
from gonghe.apps.members import services as members

BASE = "/api/o/hengda"


def send(client: Client, method: str, path: str, body: Any = None, key: str = "") -> HttpResponse:
    """A write with an idempotency key of its own."""
    return client.generic(
        method,
        path,
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Idempotency-Key": key or f"key-{uuid4()}"},
    )


def test_equipment_is_made_priced_and_read(client_owner: Client, mill: Equipment) -> None:
    """Money is a decimal string."""
    body = {"code": "L1", "name": "Lathe", "site": str(mill.site_id), "calendar": str(mill.calendar_id)}
    made = send(client_owner, "POST", f"{BASE}/equipment", body)
    assert made.status_code == 201
    key = made.json()["id"]
    send(
        client_owner,
        "PUT",
        f"{BASE}/equipment/{key}/rate",
        {"per_hour": "99.5", "overtime_per_hour": "45", "published": True},
    )
    read = client_owner.get(f"{BASE}/equipment/{key}").json()
    assert read["rate"] == {
        "per_hour": "99.50",
        "per_setup": "0.00",
        "overtime_per_hour": "45.00",
        "currency": "CNY",
        "published": True,
    }
    assert [one["code"] for one in client_owner.get(f"{BASE}/equipment").json()] == ["L1", "M1"]


def test_a_repeated_write_takes_effect_once(client_owner: Client, mill: Equipment) -> None:
    """The second answer is the first one again."""
    body = {
        "equipment": str(mill.pk),
        "start": "2026-03-03T00:00:00Z",
        "end": "2026-03-03T02:00:00Z",
        "purpose": "own",
    }
    first = send(client_owner, "POST", f"{BASE}/reservations", body, key="the-same-key")
    again = send(client_owner, "POST", f"{BASE}/reservations", body, key="the-same-key")
    other = send(client_owner, "POST", f"{BASE}/reservations", body)
    assert (first.status_code, first.json()) == (201, again.json())
    assert (other.status_code, other.json()["error"]["code"]) == (409, "hours_taken")
    assert Reservation.objects.count() == 1


def test_hours_of_a_day(client_owner: Client, mill: Equipment) -> None:
    """Open from 08:00 to 17:00 in Shanghai."""
    day = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"}
    answer = client_owner.get(f"{BASE}/equipment/{mill.pk}/hours", day).json()
    assert answer["open"] == [{"start": "2026-03-02T00:00:00Z", "end": "2026-03-02T09:00:00Z"}]
    assert answer["free"] == answer["open"]


def test_match_by_api(client_buyer: Client, mill: Equipment) -> None:
    """A requirement goes in, candidates with reasons come out."""
    wanted = {"process": "milling-3axis", "properties": {"tolerance_it": 5}}
    (one,) = client_buyer.post("/api/o/lanshan/match", wanted, content_type="application/json").json()
    assert (one["organization"], one["equipment_code"], one["verdict"]) == ("hengda", "M1", "nearly")
    assert one["misses"][0]["gap"] == 2


def test_down_and_up_by_api(client_operator: Client, mill: Equipment) -> None:
    """Without a body it is down from now on."""
    with clock.telling(datetime(2026, 3, 2, tzinfo=UTC)):
        assert send(client_operator, "POST", f"{BASE}/equipment/{mill.pk}/down", {}).json() == []
        mill.refresh_from_db()
        assert (mill.status, mill.down_from) == ("down", datetime(2026, 3, 2, tzinfo=UTC))
        send(client_operator, "POST", f"{BASE}/equipment/{mill.pk}/up")
    mill.refresh_from_db()
    assert mill.status == "up"


def test_the_spreadsheet_by_api(client_owner: Client, tmp_path: Path) -> None:
    """An empty template imports nothing; something else is refused with its code."""
    path = tmp_path / "t.xlsx"
    write_template(path, "zh")
    headers = {"Idempotency-Key": "workbook-1"}
    done = client_owner.put(
        f"{BASE}/workbook", path.read_bytes(), "application/octet-stream", headers=headers
    )
    assert done.json() == {"added": {}, "changed": {}}
    headers = {"Idempotency-Key": "workbook-2"}
    bad = client_owner.put(f"{BASE}/workbook", b"nothing", "application/octet-stream", headers=headers)
    assert (bad.status_code, bad.json()["error"]["code"]) == (422, "not_xlsx")
    assert client_owner.get(f"{BASE}/workbook").content[:2] == b"PK"


def test_a_token_acts_within_its_scopes(people: People, mill: Equipment) -> None:
    """A token that only reads cannot write, and one of another firm finds nothing."""
    _row, token = members.issue_token(people.owner, name="erp", scopes=["read"])
    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert client.get(f"{BASE}/equipment").status_code == 200
    refused = send(client, "DELETE", f"{BASE}/equipment/{mill.pk}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "refused")
    assert client.get("/api/o/ruian/equipment").status_code == 404
    mill.refresh_from_db()
    assert mill.status == "up"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "equipment/{}"),
        ("GET", "equipment/{}/hours?start=2026-03-02T00:00:00Z&end=2026-03-03T00:00:00Z"),
        ("DELETE", "equipment/{}"),
        ("POST", "equipment/{}/down"),
        ("POST", "equipment/{}/up"),
    ],
)
def test_rivals_get_the_answer_of_a_random_id(
    client_rival: Client, mill: Equipment, method: str, path: str
) -> None:
    """Byte for byte, and nothing changes."""
    answers = [
        send(client_rival, method, f"/api/o/ruian/{path.format(key)}", {} if method != "GET" else None)
        for key in (mill.pk, uuid4())
    ]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content
    mill.refresh_from_db()
    assert mill.status == "up"
