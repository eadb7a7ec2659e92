"""Pages of the market, each for the one who may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests import factories
from tests.market import making
from tests.market.making import AFTER, Scene

from gonghe import clock
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Bid, Call
from gonghe.apps.orders.models import Document, Order, Revision

SEATS = {"hengda": "owner", "lanshan": "buyer", "park": "office"}


def url(slug: str, scene: Scene, tail: str = "") -> str:
    return f"/o/{slug}/market/{scene.call.pk}/{tail}"


def text(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def test_the_market_tells_what_waits(scene: Scene, client_owner: Client, client_buyer: Client) -> None:
    bidder = text(client_owner.get("/o/hengda/market/"))
    assert "1 call</a> waits for your bid" in bidder
    assert "closes 11 March, 16:00" in bidder
    assert "Pump LP-40" in bidder
    buyer = text(client_buyer.get("/o/lanshan/market/"))
    assert "1 of your orders</a> is out for bids." in buyer
    assert "0 bids, 2 firms asked" in buyer


@pytest.mark.usefixtures("morning")
def test_a_market_without_anything_says_what_to_do(client_rival: Client) -> None:
    page = text(client_rival.get("/o/ruian/market/"))
    assert "No call waits for you." in page
    assert "Keep your equipment and its limits up to date." in page


def test_a_bid_is_made_sealed_and_receipted(scene: Scene, client_owner: Client) -> None:
    assert client_owner.get(url("hengda", scene)).url == url("hengda", scene, "bid/")
    form = text(client_owner.get(url("hengda", scene, "bid/")))
    assert 'You can do <a href="#fit">1 of 2 operations</a> for about <a href="#fit">¥3,520</a>' in form
    assert 'value="3520.00"' in form
    key = str(scene.milling.pk)
    body = {f"{key}-price": "18765.43", f"{key}-hours": "10", f"{key}-equipment": str(scene.machine.pk)}
    sent = client_owner.post(url("hengda", scene, "bid/"), body)
    assert sent.url == url("hengda", scene, "receipt/")
    receipt = text(client_owner.get(sent.url))
    assert "Your bid is sealed and on time. It opens on" in receipt
    assert " ".join(Bid.objects.get().digest[at : at + 4] for at in range(0, 64, 4)) in receipt
    assert "18765" not in receipt
    again = text(client_owner.get(url("hengda", scene, "bid/")))
    assert "Sending replaces it." in again
    assert "18765" not in again


def test_a_binding_window_is_read_on_the_clock_of_the_firm(scene: Scene, signed_in: Callable) -> None:
    key = str(scene.grinding.pk)
    body = {
        f"{key}-price": "900",
        f"{key}-hours": "5",
        f"{key}-equipment": "",
        f"{key}-earliest": "2026-03-12T08:00",
        f"{key}-latest": "2026-03-13T18:00",
    }
    assert signed_in(scene.owner).post(url("hengda", scene, "bid/"), body).status_code == 302
    with clock.telling(AFTER):
        market.open_bids(making.private_key(), scene.office, scene.call)
    item = Bid.objects.get().items.get()
    assert (item.earliest, item.latest) == (
        datetime(2026, 3, 12, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 13, 10, 0, tzinfo=UTC),
    )


def test_wrong_fields_are_marked_and_kept(scene: Scene, client_owner: Client) -> None:
    key = str(scene.milling.pk)
    answer = client_owner.post(
        url("hengda", scene, "bid/"), {f"{key}-price": "-5", f"{key}-hours": "10", f"{key}-equipment": ""}
    )
    page = text(answer)
    assert answer.status_code == 422
    assert "Give a price above 0." in page
    assert "Without equipment, give earliest start and latest end" in page
    assert 'value="-5"' in page
    assert answer["Cache-Control"] == "no-store"
    assert not Bid.objects.exists()


def test_a_late_bid_is_told_so_and_keeps_what_was_typed(scene: Scene, client_owner: Client) -> None:
    key = str(scene.milling.pk)
    with clock.telling(AFTER):
        answer = client_owner.post(
            url("hengda", scene, "bid/"),
            {f"{key}-price": "18765.43", f"{key}-hours": "10", f"{key}-equipment": str(scene.machine.pk)},
        )
        closed = text(client_owner.get(url("hengda", scene)))
    assert answer.status_code == 422
    assert "Bids closed on 11 March 2026, 16:00." in text(answer)
    assert 'value="18765.43"' in text(answer)
    assert "without one from you" in closed


def test_withdrawing_and_declining(scene: Scene, client_owner: Client) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    assert client_owner.post(url("hengda", scene, "withdraw/")).status_code == 302
    assert client_owner.post(url("hengda", scene, "decline/")).status_code == 302
    assert "You declined." in text(client_owner.get(url("hengda", scene)))
    assert client_owner.get(url("hengda", scene, "receipt/")).status_code == 404


def test_the_buyer_sees_numbers_then_bids(scene: Scene, client_buyer: Client) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    before = text(client_buyer.get(url("lanshan", scene)))
    assert "1 of 2 firms</a> have bid, sealed" in before
    assert "18,765" not in before
    with clock.telling(AFTER):
        assert "waits for Oujiang Cluster Office to open" in text(client_buyer.get(url("lanshan", scene)))
        market.open_bids(making.private_key(), scene.office, scene.call)
        after = text(client_buyer.get(url("lanshan", scene)))
    assert "1 operation</a> has no bid; the others cost" in after
    assert "¥18,765.43" in after
    assert f"/o/lanshan/plan/calls/{scene.call.pk}/" in after or "Plan and compare" in after


def test_a_call_goes_out_from_the_page(scene: Scene, client_buyer: Client) -> None:
    order = making.an_order(scene.buyer)
    page = f"/o/lanshan/market/new/{order.pk}/"
    shown = text(client_buyer.get(page))
    assert "1 firm</a> can do work on this order." in shown
    assert "Hengda Precision: can do 1 of 2 operations" in shown
    body = {
        "lines": [str(order.lines.get().pk)],
        "organizations": [str(scene.owner.organization.pk)],
        "closes_at": "2026-03-11T16:00",
        "valid_until": "2026-03-20",
        "vat": "excluded",
        "incoterm": "DAP",
    }
    late = client_buyer.post(page, body | {"closes_at": "2026-03-01T16:00"})
    assert "The closing time has passed. Choose a later one." in text(late)
    assert client_buyer.post(page, body | {"organizations": []}).status_code == 200
    sent = client_buyer.post(page, body)
    call = Call.objects.get(order=order)
    assert sent.url == f"/o/lanshan/market/{call.pk}/"
    assert (call.closes_at, call.bids_valid_until) == (
        datetime(2026, 3, 11, 8, 0, tzinfo=UTC),
        datetime(2026, 3, 20, 15, 59, tzinfo=UTC),
    )


def test_more_time_and_cancelling(scene: Scene, client_buyer: Client) -> None:
    refused = client_buyer.post(url("lanshan", scene, "extend/"), {"closes_at": "2026-03-10T16:00"})
    assert refused.status_code == 422
    assert "Choose a time after the present closing" in text(refused)
    client_buyer.post(url("lanshan", scene, "extend/"), {"closes_at": "2026-03-12T16:00"})
    assert Call.objects.get().closes_at == datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
    client_buyer.post(url("lanshan", scene, "cancel/"))
    assert Call.objects.get().state == "cancelled"


def opening(passphrase: str = making.PASSPHRASE, **more: str) -> dict[str, object]:
    file = SimpleUploadedFile("office.key", making.key_file()[0])
    return {"key_file": file, "passphrase": passphrase} | more


def test_the_key_holder_opens_on_its_page(scene: Scene, client_office: Client) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    assert client_office.get(url("park", scene)).url == url("park", scene, "open/")
    assert "nobody can open them before" in text(client_office.get(url("park", scene, "open/")))
    early = client_office.post(url("park", scene, "open/"), opening())
    assert "Come back then: nobody can open them before." in text(early)
    with clock.telling(AFTER):
        assert "1 call</a> waits for your key." in text(client_office.get("/o/park/market/"))
        wrong = client_office.post(url("park", scene, "open/"), opening("not the passphrase"))
        assert wrong.status_code == 422
        assert "The passphrase is wrong, or this is not the key file." in text(wrong)
        assert "not the passphrase" not in text(wrong)
        assert client_office.post(url("park", scene, "open/"), opening()).status_code == 302
        opened = text(client_office.get(url("park", scene, "open/")))
    assert "These bids were opened on 11 March, 16:00." in opened
    assert "18,765" not in opened


def test_a_changed_bid_is_named_before_the_others_open(scene: Scene, client_office: Client) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    market.submit_bid(scene.peer, scene.call, scene.window_offer())
    Bid.objects.filter(organization=scene.owner.organization).update(submitted_at=AFTER)
    with clock.telling(AFTER):
        warned = text(client_office.post(url("park", scene, "open/"), opening()))
        assert "The bid of Hengda Precision was changed or removed" in warned
        assert "Open the others, without the bids that were changed" in warned
        done = client_office.post(url("park", scene, "open/"), opening(without_damaged="on"))
    assert done.status_code == 302
    assert Call.objects.get().state == "opened"


def test_the_office_registers_a_key(scene: Scene, client_office: Client, client_buyer: Client) -> None:
    assert "New calls are sealed with your key." in text(client_office.get("/o/park/market/key/"))
    assert client_office.post("/o/park/market/key/", {"public_key": "short"}).status_code == 422
    assert client_office.post("/o/park/market/key/", {"public_key": "ab" * 32}).status_code == 302
    assert client_buyer.get("/o/lanshan/market/key/").status_code == 403


PAGES = ("", "bid/", "receipt/", "receipt.json", "open/")
ACTIONS = ("bid/", "withdraw/", "decline/", "extend/", "cancel/", "open/")


def test_who_has_no_seat_gets_the_same_bytes_as_for_nothing(scene: Scene, signed_in: Callable) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer())
    rival = factories.find_acting(factories.User.objects.get(email="rival@ruian.example.org"), "ruian")
    browser = signed_in(rival)
    for tail in PAGES:
        foreign = browser.get(url("ruian", scene, tail))
        nothing = browser.get(f"/o/ruian/market/{uuid4()}/{tail}")
        assert (foreign.status_code, foreign.content) == (404, nothing.content), tail
    for tail in ACTIONS:
        foreign = browser.post(url("ruian", scene, tail))
        nothing = browser.post(f"/o/ruian/market/{uuid4()}/{tail}")
        assert (foreign.status_code, foreign.content) == (404, nothing.content), tail
    foreign = browser.get(f"/o/ruian/market/new/{scene.order.pk}/")
    nothing = browser.get(f"/o/ruian/market/new/{uuid4()}/")
    assert (foreign.status_code, foreign.content) == (404, nothing.content)
    assert Call.objects.get().state == "open"


def test_each_seat_sees_its_own_pages_only(scene: Scene, signed_in: Callable) -> None:
    browsers = {slug: signed_in(getattr(scene, name)) for slug, name in SEATS.items()}
    forbidden = {
        "hengda": ("open/", "extend/", "cancel/"),
        "lanshan": ("bid/", "receipt/", "open/", "withdraw/", "decline/"),
        "park": ("bid/", "receipt/", "withdraw/", "decline/", "extend/", "cancel/"),
    }
    for slug, tails in forbidden.items():
        for tail in tails:
            send = browsers[slug].get if tail in PAGES else browsers[slug].post
            assert send(url(slug, scene, tail)).status_code in {403, 404}, (slug, tail)


def test_a_firm_that_lost_sees_nothing_of_the_others(scene: Scene, signed_in: Callable) -> None:
    market.submit_bid(scene.owner, scene.call, scene.offer("18765.43"))
    market.submit_bid(scene.peer, scene.call, scene.window_offer("17111.11"))
    browser = signed_in(scene.owner)
    with clock.telling(AFTER):
        market.open_bids(making.private_key(), scene.office, scene.call)
        call = Call.objects.get()
        seen = text(browser.get(url("hengda", scene)))
        assert "Bids are open and yours counts" in seen
        items = [market.Awarded(scene.milling, scene.peer.organization, making.Decimal("17111.11"))]
        market.award(making.SYSTEM, call, items)
        lost = text(browser.get(url("hengda", scene)))
        receipt = text(browser.get(url("hengda", scene, "receipt/")))
        market_page = text(browser.get("/o/hengda/market/"))
    assert "Your bid was not chosen this time." in lost
    assert "Your bid was counted, unchanged and on time." in receipt
    for page in (seen, lost, receipt, market_page):
        assert "17,111" not in page
        assert "Fenghua" not in page


@pytest.fixture
def drawing(scene: Scene) -> Document:
    """A drawing of the called line."""
    from gonghe import storage

    owner = scene.buyer.organization
    stored = storage.store(str(owner.pk), [b"ISO-10303-21;"])
    document = Document.objects.create(
        organization=owner,
        kind="drawing",
        name="LP-40.step",
        sha256=stored.sha256,
        size=stored.size,
        media_type="model/step",
    )
    Revision.objects.filter(lines__order=scene.order).update(drawing=document)
    return document


def test_drawings_go_to_invited_firms_and_after_the_award_to_those_who_make_it(
    scene: Scene, drawing: Document, signed_in: Callable
) -> None:
    tail = f"documents/{drawing.pk}/"
    market.submit_bid(scene.owner, scene.call, scene.offer())
    owner, peer = signed_in(scene.owner), signed_in(scene.peer)
    answer = owner.get(url("hengda", scene, tail))
    assert b"".join(answer.streaming_content) == b"ISO-10303-21;"
    assert answer["Content-Disposition"] == 'attachment; filename="LP-40.step"'
    assert owner.get(url("hengda", scene, f"documents/{uuid4()}/")).status_code == 404
    assert signed_in(scene.office).get(url("park", scene, tail)).status_code == 404
    with clock.telling(AFTER):
        market.open_bids(making.private_key(), scene.office, scene.call)
        items = [market.Awarded(scene.milling, scene.owner.organization, making.Decimal(1))]
        market.award(making.SYSTEM, Call.objects.get(), items)
        still = owner.get(url("hengda", scene, tail))
        assert b"".join(still.streaming_content) == b"ISO-10303-21;"
        assert peer.get(url("fenghua", scene, tail)).status_code == 404


def test_a_colleague_without_the_role_looks_but_cannot_bid(
    scene: Scene, client_colleague: Client, client_clerk: Client
) -> None:
    assert "An owner or planner of your firm can bid." in text(client_colleague.get(url("hengda", scene)))
    assert client_colleague.get(url("hengda", scene, "bid/")).status_code == 403
    assert client_colleague.post(url("hengda", scene, "decline/")).status_code == 403
    assert client_clerk.get(url("lanshan", scene)).status_code == 200
    assert client_clerk.post(url("lanshan", scene, "cancel/")).status_code == 403
    assert Order.objects.get(pk=scene.order.pk).state == "called"
