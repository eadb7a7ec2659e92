"""Nothing leaks: every route, visited by those who have no business there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from tests.factories import People, signed_in
from tests.isolation import world as worlds
from tests.isolation.routes import Route, all_routes, seat_of
from tests.plans.making import NOW

from gonghe import clock

pytestmark = pytest.mark.django_db
HEADERS = {"HTTP_IDEMPOTENCY_KEY": "isolation-test"}
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def world(people: People, settings: Any) -> Iterator[worlds.World]:
    settings.PLAN_SECONDS = 1
    with clock.telling(NOW):
        yield worlds.build(people)


def member_routes() -> list[Route]:
    return [one for one in all_routes() if one.is_member_route]


def ask(client: Client, method: str, url: str) -> HttpResponse:
    body: dict[str, Any] = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
    response: HttpResponse = getattr(client, method)(url, **body, **HEADERS)
    if isinstance(response, StreamingHttpResponse) and not response.is_async:
        b"".join(response)  # reads files to their end, which closes them
    return response


def answer(response: HttpResponse) -> tuple[int, bytes, str]:
    content = b"" if response.streaming else response.content
    return response.status_code, content, response.get("Content-Type", "")


def rows() -> dict[str, int]:
    """Number of rows of every table but sessions and claims of idempotency keys."""
    left_out = {"Session", "IdempotencyRecord"}
    models = [one for one in apps.get_models() if one.__name__ not in left_out]
    return {one.__name__: one._default_manager.count() for one in models}


def test_every_route_says_whose_it_is() -> None:
    names = {one.name for one in all_routes()}
    assert names - set(seat_of()) == set(), "decide who may see these routes"
    assert set(seat_of()) - names == set(), "these routes are gone"


def test_who_is_not_signed_in_learns_nothing(world: worlds.World) -> None:
    seats, wrong = seat_of(), []
    before = rows()
    for route in member_routes():
        for method in METHODS:
            real = ask(Client(), method, route.url(seats[route.name], world.ids))
            none = ask(Client(), method, route.url("no-such-firm", _random(world.ids)))
            kept_out = real.status_code in {301, 302, 401, 404, 405}
            if not kept_out or real.status_code != none.status_code:
                wrong.append((route.name, method, real.status_code, none.status_code))
    assert wrong == [], wrong
    assert rows() == before


@pytest.mark.parametrize("visitor", ["rival", "outsider"])
def test_strangers_cannot_tell_a_firm_of_others_from_none(world: worlds.World, visitor: str) -> None:
    client = signed_in(getattr(world.people, visitor))
    seats, wrong = seat_of(), []
    before = rows()
    for route in member_routes():
        for method in METHODS:
            real = answer(ask(client, method, route.url(seats[route.name], world.ids)))
            none = answer(ask(client, method, route.url("no-such-firm", _random(world.ids))))
            if real != none or real[0] not in {404, 405, 415, 422, 400}:
                wrong.append((route.name, method, real[0], none[0]))
            if method == "get" and real[0] not in {404, 405}:
                wrong.append((route.name, method, real[0], none[0]))
    assert wrong == [], wrong
    assert rows() == before


def test_rivals_cannot_tell_a_thing_of_others_from_none(world: worlds.World) -> None:
    client = signed_in(world.people.rival)
    wrong = []
    before = rows()
    for route in member_routes():
        if not any(isinstance(world.ids.get(key), uuid.UUID) for key in route.parameters):
            continue
        for method in METHODS:
            real = answer(ask(client, method, route.url("ruian", world.ids)))
            none = answer(ask(client, method, route.url("ruian", _random(world.ids))))
            if real != none or (method == "get" and real[0] not in {404, 405}):
                wrong.append((route.name, method, real[0], none[0]))
    assert wrong == [], wrong
    assert rows() == before


def test_owners_and_colleagues_get_their_pages(world: worlds.World) -> None:
    people = world.people
    visitors = {
        "hengda": (people.owner, people.colleague),
        "lanshan": (people.buyer, people.clerk),
        "park": (people.office,),
    }
    wrong = []
    for route in member_routes():
        seat = seat_of()[route.name]
        for number, acting in enumerate(visitors[seat]):
            got = ask(signed_in(acting), "get", route.url(seat, world.ids)).status_code
            fine = {200, 302, 405} if number == 0 else {200, 302, 403, 405}
            if got not in fine:
                wrong.append((route.name, acting.user.name, got))
    assert wrong == [], wrong


def _random(ids: dict[str, Any]) -> dict[str, Any]:
    return {key: uuid.uuid4() if isinstance(value, uuid.UUID) else value for key, value in ids.items()}
