"""A firm publishes free hours, another finds, holds and confirms them, by clicking."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.browser.person import Cluster, Person

pytestmark = pytest.mark.browser
TITLE = "带锯床空闲 20 小时"


def test_free_hours_are_offered_held_and_confirmed(cluster: Cluster) -> None:
    """The buyer picks a start; the owner sees who holds what."""
    owner, buyer = cluster.sign_in("hengda-owner"), cluster.sign_in("lanshan-buyer")
    _publish(owner)
    _hold(buyer)
    buyer.press("Confirm these hours").reads("Confirmed: the hours are yours.", "Cancelling now is free.")
    assert buyer.answer() == "The hours are yours for ¥300."
    buyer.shoot("64-hours-confirmed", chinese=True)
    owner.page.reload()
    assert owner.answer() == "2 h of 20 h are taken."
    owner.reads("Lanshan Pump Works", "confirmed", "S1", at="#taken").shoot("65-offer-owner", chinese=True)
    owner.station("Capacity").reads(TITLE, at="#hours").shoot("66-capacity", chinese=True)
    buyer.press("Cancel these hours")
    buyer.one(buyer.page.get_by_role("dialog").get_by_text("Nothing is owed"))
    buyer.page.locator("dialog[open]").get_by_role("button", name="Cancel these hours").click()
    buyer.reads("Cancelled; nothing is owed.", at="h1.answer")
    assert owner.leave() + buyer.leave() == []


def _publish(owner: Person) -> None:
    owner.station("Capacity").press("Offer free hours")
    owner.page.get_by_label("What is on offer").fill(TITLE)
    machines = owner.page.get_by_role("group", name="Any of these machines").get_by_role("checkbox")
    expect(machines).to_have_count(2)
    machines.last.check()
    owner.page.get_by_label("Price of an hour").fill("120")
    owner.page.get_by_label("Price of a set-up").fill("60")
    owner.page.get_by_label("Fee for cancelling after the notice").fill("25")
    owner.shoot("60-offer-form", chinese=True).press("Publish the offer")
    assert owner.answer() == "0 h of 20 h are taken."


def _hold(buyer: Person) -> None:
    buyer.station("Capacity").press("Hours of other firms, and all of yours")
    assert buyer.answer() == "1 firm offers you 20 h."
    buyer.shoot("61-offers", chinese=True).press(TITLE)
    buyer.page.get_by_label("How many hours").fill("2")
    buyer.press("Show free starts").reads("2 h with one set-up cost ¥300.")
    buyer.one(buyer.page.get_by_role("radio")).check()
    buyer.shoot("62-starts", chinese=True).press("Hold these hours")
    assert "confirm for ¥300." in buyer.answer()
    buyer.shoot("63-hours-held", chinese=True)
