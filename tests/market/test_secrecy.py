"""Before opening a bid's price is nowhere: not in the database, sessions, messages, events, logs or files."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from tests import factories
from tests.conftest import HOME
from tests.factories import People
from tests.market import making
from tests.market.making import Scene

from gonghe import clock
from gonghe.apps.audit.models import Event, IdempotencyRecord
from gonghe.apps.audit.services import settle
from gonghe.apps.market import services as market

MARKER = "4711387.29"  # a price that occurs nowhere by chance
FORMS = (MARKER, "4,711,387.29", "471138729", "4711387")


@pytest.fixture
def log() -> io.StringIO:
    """Everything that any logger says."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    yield written
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(level)


def whole_database() -> bytes:
    """Every row of every table, and on SQLite the bytes of its files too."""
    parts = [
        json.dumps(_rows(table), default=str).encode() for table in connection.introspection.table_names()
    ]
    if connection.vendor == "sqlite":
        folder = Path(str(connection.settings_dict["NAME"])).parent
        parts += [file.read_bytes() for file in folder.glob("*.sqlite3*")]
    return b"\n".join(parts)


def _rows(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return [
            tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in cursor
        ]


def dumped() -> bytes:
    """What a back-up would hold: Django's dump of everything."""
    written = io.StringIO()
    call_command("dumpdata", "--all", stdout=written)
    return written.getvalue().encode()


def is_in(haystack: bytes) -> list[str]:
    """Forms of the marker that occur."""
    return [form for form in FORMS if form.encode() in haystack]


@pytest.fixture
def committed(transactional_db: None) -> Scene:
    """A scene whose rows are really on disk."""
    with clock.telling(making.NOW):
        people = factories.people()
        yield making.scene(people)


def page_body(scene: Scene, price: str = MARKER) -> dict[str, str]:
    key = str(scene.milling.pk)
    return {
        f"{key}-price": price,
        f"{key}-hours": "10",
        f"{key}-equipment": str(scene.machine.pk),
        f"{scene.grinding.pk}-hours": "5",
    }


def api_body(scene: Scene) -> str:
    item = {
        "operation": str(scene.milling.pk),
        "price": MARKER,
        "duration_s": 36_000,
        "equipment": str(scene.machine.pk),
    }
    return json.dumps({"items": [item]})


def test_the_price_is_nowhere_before_opening(committed: Scene, log: io.StringIO) -> None:
    scene = committed
    browser = factories.signed_in(scene.owner)
    sent = browser.post(f"/o/hengda/market/{scene.call.pk}/bid/", page_body(scene))
    assert sent.status_code == 302
    answer = browser.get(sent.url)
    assert answer.status_code == 200
    by_api = browser.post(
        f"/api/o/hengda/market/calls/{scene.call.pk}/bid",
        api_body(scene),
        content_type="application/json",
        headers={"Idempotency-Key": "a-random-name-of-this-request-1"},
    )
    assert by_api.status_code == 201, by_api.content
    refused = browser.post(
        f"/o/hengda/market/{scene.call.pk}/bid/",
        page_body(scene) | {f"{scene.milling.pk}-equipment": "", f"{scene.milling.pk}-price": MARKER},
    )
    assert refused.status_code == 422
    settle()
    everywhere = {
        "database": whole_database(),
        "dump": dumped(),
        "log": log.getvalue().encode(),
        "receipt": answer.content,
        "answer": by_api.content,
        "cookies": str(browser.cookies).encode(),
        "session": str(dict(browser.session)).encode(),
        "files": b"".join(file.read_bytes() for file in Path(HOME).rglob("*") if file.is_file()),
    }
    assert {place: is_in(content) for place, content in everywhere.items() if is_in(content)} == {}


def test_after_opening_it_is_there_so_the_search_works(committed: Scene) -> None:
    market.submit_bid(committed.owner, committed.call, committed.offer(MARKER))
    assert is_in(whole_database()) == []
    with clock.telling(making.AFTER):
        market.open_bids(making.private_key(), committed.office, committed.call)
    assert MARKER in is_in(whole_database())
    assert (
        is_in(json.dumps(list(Event.objects.values("data", "objects_touched")), default=str).encode()) == []
    )


def test_what_is_kept_of_a_request_does_not_let_prices_be_guessed(scene: Scene, client_owner: Client) -> None:
    key = "a-random-name-of-this-request-2"
    url = f"/api/o/hengda/market/calls/{scene.call.pk}/bid"
    body = api_body(scene)

    def send(text: str) -> object:
        return client_owner.post(url, text, content_type="application/json", headers={"Idempotency-Key": key})

    first = send(body)
    again = send(body)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = send(body.replace(MARKER, "1.00"))
    assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
    import hashlib

    kept = IdempotencyRecord.objects.get()
    assert key not in kept.key
    assert kept.body_hash not in {
        hashlib.sha256(text).hexdigest() for text in (body.encode(), kept.key.encode() + body.encode())
    }


def test_an_error_page_shows_nothing_that_was_typed(
    scene: Scene, people: People, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(market, "submit_bid", stumble)
    browser = Client(raise_request_exception=False)
    browser.force_login(people.owner.user)
    broken = browser.post(f"/o/hengda/market/{scene.call.pk}/bid/", page_body(scene))
    assert broken.status_code == 500
    assert is_in(broken.content + log.getvalue().encode()) == []


def test_offers_do_not_print_their_price(scene: Scene) -> None:
    assert is_in(repr(scene.offer(MARKER)).encode()) == []
