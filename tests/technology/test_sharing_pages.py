"""Know-how on pages: offered, asked for, granted, accepted, applied; the estimate changes visibly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import People, signed_in
from tests.plans import making
from tests.technology.sharing_making import an_offer, in_force

from gonghe import clock
from gonghe.apps.technology.models import Licence, Technology

OFFER = {
    "kind": "routing_template",
    "title": "Slots in one set-up",
    "summary": "Twelve slots without turning the part.",
    "process": "milling-3axis",
    "level": "members",
    "content": "Clamp on the flange.",
    "parameters": "length_mm; Length; mm; 50; 400; 100",
    "steps": "10; milling-3axis; Slots; 900; 60 + 0.5*length_mm\n20；grinding；；600；90",
    "price_kind": "per_piece",
    "price": "1.50",
    "active": "on",
}


@pytest.fixture(autouse=True)
def _thursday() -> Iterator[None]:
    with clock.telling(making.NOW):
        yield


def page(name: str, slug: str, *args: object) -> str:
    return reverse(name, args=[slug, *args])


def test_from_the_offer_to_the_new_estimate(people: People, client_owner: Client) -> None:
    made = client_owner.post(page("technology:add_offer", "hengda"), OFFER)
    offer = Technology.objects.get()
    assert made["Location"] == page("technology:offer", "hengda", offer.pk)
    lanshan = signed_in(people.lanshan_owner)
    shown = lanshan.get(page("technology:offer", "lanshan", offer.pk)).content.decode()
    assert "Ask for a licence" in shown
    assert "Clamp on the flange." not in shown
    lanshan.post(page("technology:ask", "lanshan", offer.pk), {"text": "Pump brackets"})
    licence = Licence.objects.get()
    assert (
        "Answer Lanshan Pump Works" in client_owner.get(page("technology:offers", "hengda")).content.decode()
    )
    client_owner.post(page("technology:answer", "hengda", licence.pk), {"do": "grant"})
    lanshan.post(page("technology:answer", "lanshan", licence.pk), {"do": "accept"})
    assert (
        "Clamp on the flange." in lanshan.get(page("technology:offer", "lanshan", offer.pk)).content.decode()
    )

    buyer, line = signed_in(people.buyer), making.an_order(people.buyer).lines.get()
    apply = page("orders:apply", "lanshan", line.pk, licence.pk)
    refused = buyer.post(apply, {"length_mm": "500"})
    assert refused.status_code == 422
    assert "Length: this know-how holds from 50 to 400 mm." in refused.content.decode()
    done = buyer.post(apply, {"length_mm": "120"}, follow=True).content.decode()
    assert re.findall(r'<td class="num">([0-9.]+ h)<', done) == ["17 h", "4 h"]
    assert line.operations.get(number=10).run_s == 120


def test_a_wrong_line_is_named_and_nothing_is_lost(client_owner: Client) -> None:
    got = client_owner.post(page("technology:add_offer", "hengda"), OFFER | {"steps": "10; milling-3axis"})
    assert got.status_code == 422
    text = got.content.decode()
    assert "Line 1 has 2 columns; 5 are needed, parted by semicolons." in text
    assert "Twelve slots without turning the part." in text


def test_what_is_due_leaves_as_csv_without_formulas(people: People, client_owner: Client) -> None:
    in_force(people, an_offer(people, title="=1+1", price_kind="fixed", price=Decimal(900)))
    rows = client_owner.get(page("technology:dues", "hengda")).content.decode("utf-8-sig").splitlines()
    assert rows[0] == "period,technology,owner,licensee,price,rate,pieces,value,amount,currency"
    period, *rest = rows[1].split(",")
    assert re.fullmatch(r"\d{4}-\d\d", period)
    assert rest == [
        "'=1+1",
        "Hengda Precision",
        "Lanshan Pump Works",
        "fixed",
        "900.00",
        "0",
        "0",
        "900.00",
        "CNY",
    ]
