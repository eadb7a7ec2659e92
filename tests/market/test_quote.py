"""A firm that is asked reckons with its own tables, for itself alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from examples.parts import bearing_bracket, write_step
from tests.factories import People, signed_in
from tests.market.making import Scene, open_call
from tests.orders.test_reading import dropped, read_only

from gonghe.apps.capacity.models import Rate
from gonghe.apps.market.suggest import quote, suggest
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.technology import stating

PRICE, MILLING, RATE = "material.steel.price", "material.steel.milling", "process.milling-3axis.rate"


@pytest.fixture(scope="module")
def bracket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example bracket as a STEP file."""
    part = bearing_bracket()
    path = tmp_path_factory.mktemp("bracket") / f"{part.name}.step"
    write_step(part.shape, part.name, path)
    return path


def test_a_quote_rests_on_the_own_tables(scene: Scene) -> None:
    (before,) = quote(scene.owner, scene.call)
    stating.state(scene.owner, {RATE: Decimal(260)})
    (after,) = quote(scene.owner, scene.call)
    (other,) = quote(scene.peer, scene.call)
    assert before.estimate is not None
    assert after.estimate is not None
    assert other.estimate == before.estimate
    assert after.estimate["cost"]["p50"] > before.estimate["cost"]["p50"]
    own = [one["code"] for one in after.estimate["assumptions"] if one["source"] == "own"]
    assert own == ["rate.milling-3axis"]
    assert [one["quantity"] for one in after.estimate["breaks"]] == [1, 10, 100, 1000]


def test_what_the_buyer_stated_for_itself_is_not_in_the_quote(scene: Scene) -> None:
    (before,) = quote(scene.owner, scene.call)
    OrderLine.objects.filter(order=scene.order).update(assumptions={RATE: "999", "factor.grinding": "300"})
    assert quote(scene.owner, scene.call) == [before]


def test_times_of_a_drawing_follow_the_own_removal_rate(people: People, scene: Scene, bracket: Path) -> None:
    line = dropped(people.buyer, bracket, quantity=60)
    read_only()
    call = open_call(people.buyer, line.order, scene.owner.organization, scene.peer.organization)
    plain = {one.operation.requirement["process"]: one for one in suggest(scene.owner, call)}
    assert not any(one.differs for one in plain.values())
    stating.state(scene.owner, {MILLING: Decimal(30), PRICE: Decimal("12.4")})
    own = {one.operation.requirement["process"]: one for one in suggest(scene.owner, call)}
    assert own["milling-3axis"].differs
    assert own["milling-3axis"].duration_s > plain["milling-3axis"].duration_s
    assert own["saw"].duration_s == plain["saw"].duration_s
    assert not any(one.differs for one in suggest(scene.peer, call))
    assert plain["milling-3axis"].best is not None
    assert own["milling-3axis"].best is not None
    assert own["milling-3axis"].best.cost > plain["milling-3axis"].best.cost  # type: ignore[operator]


def test_the_own_rate_of_a_process_prices_a_machine_without_one(scene: Scene) -> None:
    Rate.objects.filter(equipment=scene.machine).delete()
    assert suggest(scene.owner, scene.call)[0].best.cost is None  # type: ignore[union-attr]
    stating.state(scene.owner, {RATE: Decimal(90)})
    milling = suggest(scene.owner, scene.call)[0]
    assert milling.best is not None
    assert milling.best.cost == Decimal(90) * milling.duration_s / 3600


def test_the_bid_page_and_the_api_show_it_to_the_firm_only(scene: Scene, people: People) -> None:
    stating.state(scene.owner, {RATE: Decimal(260)})
    text = signed_in(scene.owner).get(reverse("market:bid", args=["hengda", scene.call.pk])).content.decode()
    assert "By your own tables" in text
    assert '<span class="tag mine">your own</span>' in text
    path = f"market/calls/{scene.call.pk}/quote"
    (told,) = signed_in(scene.owner).get(f"/api/o/hengda/{path}").json()
    assert told["estimate"] == quote(scene.owner, scene.call)[0].estimate
    assert signed_in(people.rival).get(f"/api/o/ruian/{path}").status_code == 404
    assert signed_in(scene.buyer).get(f"/api/o/lanshan/{path}").status_code == 404


def test_material_that_the_buyer_sends_is_said_so(scene: Scene) -> None:
    OrderLine.objects.filter(order=scene.order).update(material_supplier="buyer")
    (found,) = quote(scene.owner, scene.call)
    assert found.estimate is not None
    assert "material.sent" in {one["code"] for one in found.estimate["assumptions"]}
