"""The API of members."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from tests.factories import People

from gonghe.apps.audit.models import IdempotencyRecord
from gonghe.apps.members import access
from gonghe.apps.members.models import Membership

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


def test_members_with_the_sites_that_they_show(client_rival: Client, people: People) -> None:
    """Three firms with a site each and the office without one."""
    found = {one["slug"]: len(one["sites"]) for one in client_rival.get("/api/o/ruian/members").json()}
    assert found == {"hengda": 1, "lanshan": 1, "ruian": 1, "park": 0}


def test_an_invitation_token_is_in_the_first_answer_only(client_owner: Client) -> None:
    """The record of the request does not keep it."""
    body = {"email": "new@example.org", "role": "planner"}
    first = send(client_owner, "POST", f"{BASE}/invitations", body, key="invite-1")
    again = send(client_owner, "POST", f"{BASE}/invitations", body, key="invite-1")
    assert first.status_code == again.status_code == 201
    token = first.json()["token"]
    assert len(token) == 32
    assert again.json() == first.json() | {"token": ""}
    assert token not in str(IdempotencyRecord.objects.values().get())
    assert Client().get(f"/join/{token}/").status_code == 200


def test_a_program_token_by_api(client_owner: Client) -> None:
    """It reads at once; it cannot make another token."""
    made = send(client_owner, "POST", f"{BASE}/tokens", {"name": "erp", "scopes": ["read"]}).json()
    program = Client(headers={"Authorization": f"Bearer {made['token']}"})
    assert [one["code"] for one in program.get(f"{BASE}/sites").json()] == ["main"]
    refused = send(program, "POST", f"{BASE}/tokens", {"name": "more", "scopes": ["read"]})
    assert refused.status_code == 403
    send(client_owner, "DELETE", f"{BASE}/tokens/{made['id']}")
    assert program.get(f"{BASE}/sites").status_code == 401


def test_sites_disclosure_and_partners_by_api(client_owner: Client, people: People) -> None:
    """Each write answers with what holds now."""
    place = {"code": "W2", "name": "Hall 2", "latitude": "28.1", "longitude": "120.5"}
    assert send(client_owner, "POST", f"{BASE}/sites", place).json()["latitude"] == 28.1
    wrong = send(client_owner, "POST", f"{BASE}/sites", place | {"latitude": "99"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid")
    shown = send(client_owner, "PUT", f"{BASE}/disclosure/prices", {"level": "partners"}).json()
    assert shown["prices"] == access.disclosures(people.owner)["prices"] == "partners"
    assert send(client_owner, "PUT", f"{BASE}/partners/lanshan").json() == ["lanshan"]
    assert send(client_owner, "DELETE", f"{BASE}/partners/lanshan").json() == []


def test_a_rival_gets_the_answer_of_a_random_id(client_rival: Client, people: People) -> None:
    """A foreign role and none at all are the same, and the role stays."""
    role = Membership.objects.get(user=people.planner.user)
    foreign = send(client_rival, "DELETE", f"/api/o/ruian/people/{role.pk}")
    nothing = send(client_rival, "DELETE", f"/api/o/ruian/people/{uuid4()}")
    other_firm = send(client_rival, "DELETE", f"{BASE}/people/{role.pk}")
    assert foreign.status_code == 404
    assert foreign.content == nothing.content == other_firm.content
    role.refresh_from_db()


def test_without_a_key_or_a_session_nothing_is_written(client_owner: Client) -> None:
    """Both answers say what is missing."""
    place = {"code": "W2", "name": "Hall 2", "latitude": "28.1", "longitude": "120.5"}
    keyless = client_owner.post(f"{BASE}/sites", place, content_type="application/json")
    assert (keyless.status_code, keyless.json()["error"]["code"]) == (422, "key_missing")
    assert send(Client(), "POST", f"{BASE}/sites", place).status_code in {401, 403}
    assert len(client_owner.get(f"{BASE}/sites").json()) == 1
