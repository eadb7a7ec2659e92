"""Every assumption of an estimate may be stated for that estimate alone."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.factories import People, signed_in
from tests.orders.making import an_order
from tests.orders.test_own_figures import BY_HAND, again, middle, runs, told
from tests.orders.test_reading import BRACKET, dropped, read_only

from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services
from gonghe.apps.orders.assumptions import assumed
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.orders.services import LineIn
from gonghe.apps.technology import stating

RATE, FACTOR = "process.milling-3axis.rate", "factor.milling-3axis"


@pytest.fixture
def block(acting_owner: Acting) -> OrderLine:
    """100 blocks, milled by hand-made steps."""
    line = LineIn(part="B-1", name="Block", quantity=100, operations=(BY_HAND,))
    return an_order(acting_owner, line).lines.get()


def test_a_stated_rate_holds_for_this_estimate_only(acting_owner: Acting, block: OrderLine) -> None:
    other = an_order(acting_owner, LineIn(part="B-2", quantity=100, operations=(BY_HAND,))).lines.get()
    before = middle(block)
    services.state_assumptions(acting_owner, block, {RATE: Decimal(260)})
    block = again(acting_owner, block)
    assert middle(block) == 2 * before  # the shipped rate is 130
    assert told(block)["rate.milling-3axis"]["source"] == "estimate"
    assert middle(again(acting_owner, other)) == before
    data = Event.objects.get(type="orders.assumptions.stated").data
    assert data == {"codes": [RATE]}
    services.state_assumptions(acting_owner, block, {RATE: None})
    assert middle(again(acting_owner, block)) == before


def test_the_firms_own_figure_is_the_usual_one(acting_owner: Acting, block: OrderLine) -> None:
    stating.state(acting_owner, {RATE: Decimal(65)})
    listed = {one.code: one for one in assumed(block)}
    assert list(listed) == [
        RATE, "general.overhead", "process.milling-3axis.spread", "general.rate_spread",
        "general.material_spread", FACTOR,
    ]  # fmt: skip
    assert (listed[RATE].otherwise, listed[RATE].here) == (65, None)
    assert (listed[FACTOR].otherwise, listed[FACTOR].unit) == (100, "%")


def test_own_times_can_be_stated(acting_owner: Acting, block: OrderLine) -> None:
    assert block.estimate is not None
    before = block.estimate["time_s"]["p50"]
    services.state_assumptions(acting_owner, block, {FACTOR: Decimal(150)})
    block = again(acting_owner, block)
    assert block.estimate is not None
    assert block.estimate["time_s"]["p50"] == before * 1.5
    assert told(block)[FACTOR]["value"] == 1.5


def test_what_the_line_no_longer_rests_on_is_neither_told_nor_kept(
    acting_owner: Acting, block: OrderLine
) -> None:
    OrderLine.objects.filter(pk=block.pk).update(assumptions={"factor.turning": "200"})
    block = again(acting_owner, block)
    services.state_assumptions(acting_owner, block, {RATE: Decimal(260)})
    block = again(acting_owner, block)
    assert block.assumptions == {RATE: "260"}
    assert "factor.turning" not in told(block)


def test_blank_density_and_removal_of_a_read_part(people: People, acting_buyer: Acting, parts: Path) -> None:
    line = dropped(acting_buyer, parts / BRACKET, quantity=60)
    read_only()
    line = again(acting_buyer, line)
    usual = {one.code: one for one in assumed(line)}
    blank = usual["part.blank"].otherwise
    assert float(blank) == told(line)["stock.volume"]["value"]
    assert {"material.steel.price", "material.steel.milling", "process.saw.setup", "part.density"} <= set(
        usual
    )
    before, run_s = middle(line), runs(line)["milling-3axis"]
    services.state_assumptions(
        acting_buyer,
        line,
        {"part.blank": 2 * blank, "part.density": Decimal(7800), "material.steel.milling": Decimal(30)},
    )
    line = again(acting_buyer, line)
    assert told(line)["stock.volume"]["value"] == float(2 * blank)
    assert told(line)["material.density"] == {
        "code": "material.density", "value": 7800.0, "unit": "kg/m3", "source": "estimate",
    }  # fmt: skip
    assert runs(line)["milling-3axis"] > run_s
    assert middle(line) > before


def test_implausible_values_and_strange_codes_change_nothing(acting_owner: Acting, block: OrderLine) -> None:
    with pytest.raises(InvalidError, match="correct the marked figures") as refused:
        services.state_assumptions(
            acting_owner,
            block,
            {RATE: Decimal(9999), FACTOR: Decimal(5), "part.blank": Decimal(5), "general.bend": None},
        )
    told_wrong = {one["code"]: one["message"] for one in refused.value.details["items"]}
    assert told_wrong[RATE].startswith("0 to 2600 CNY/h is plausible")
    assert told_wrong[FACTOR].startswith("25 to 400 %")
    assert told_wrong["part.blank"] == "This estimate does not rest on “part.blank”."
    assert again(acting_owner, block).assumptions == {}


def test_only_drafts_and_only_by_those_who_may(
    acting_owner: Acting, acting_operator: Acting, block: OrderLine
) -> None:
    with pytest.raises(ForbiddenError):
        services.state_assumptions(acting_operator, block, {RATE: Decimal(99)})
    services.set_state(acting_owner.principal, block.order, "called")
    with pytest.raises(ConflictError):
        services.state_assumptions(acting_owner, block, {RATE: Decimal(99)})
    assert again(acting_owner, block).assumptions == {}


def test_the_page_takes_and_gives_back(people: People, acting_owner: Acting, block: OrderLine) -> None:
    client = signed_in(acting_owner)
    url = f"/o/hengda/orders/lines/{block.pk}/assumptions/"
    assert url in client.get(f"/o/hengda/orders/lines/{block.pk}/").content.decode()
    page = client.get(url).content.decode()
    assert "100 pieces for about" in page
    assert "1,000 pieces" in page
    wrong = client.post(url, {RATE: "9999"})
    assert wrong.status_code == 422
    assert "0 to 2600 CNY/h is plausible" in wrong.content.decode()
    text = client.post(url, {RATE: "260"}, follow=True).content.decode()
    assert '<span class="tag mine">for this estimate</span>' in text
    client.post(url, {RATE: "260", "usual": "1"})
    assert again(acting_owner, block).assumptions == {}
    assert signed_in(people.rival).get(url.replace("hengda", "ruian")).status_code == 404


def test_the_api_does_the_same(acting_owner: Acting, block: OrderLine) -> None:
    client = signed_in(acting_owner)
    url = f"/api/o/hengda/orders/lines/{block.pk}/assumptions"
    before = client.get(url).json()
    assert before["assumptions"][0] == {
        "code": RATE, "name": "3-axis milling: hourly rate", "unit": "CNY/h", "usual": "130", "here": None,
        "low": "0", "high": "2600",
    }  # fmt: skip
    for _ in range(2):
        answer = client.put(
            url,
            json.dumps({"values": {RATE: 260}}),
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY="assume-this",
        ).json()
    assert answer["assumptions"][0]["here"] == "260"
    assert answer["estimate"]["cost"]["p50"] == 2 * before["estimate"]["cost"]["p50"]
    assert Event.objects.filter(type="orders.assumptions.stated").count() == 1
