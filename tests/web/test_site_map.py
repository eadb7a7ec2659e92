"""`<site-map>`: places, labels that keep clear of each other, distances, legs."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.web import samples
from tests.web.harness import Site, source, until

pytestmark = pytest.mark.browser

BOXES = """(selector) => [...document.querySelectorAll(selector)].map((node) => {
  const box = node.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom] })"""


def open_map(page: Page, site: Site, data: dict[str, Any] | None = None) -> Page:
    """Open a page with a map, drawn."""
    page.goto(
        site.page(
            "/map",
            source("map"),
            map=data or samples.sites(),
            table=[{"name": "Hengda Precision", "note": "you"}],
        )
    )
    until(page, "document.querySelectorAll('site-map circle').length > 0")
    return page


def overlaps(a: list[float], b: list[float]) -> bool:
    """Do two boxes share more than their edges?"""
    return min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_every_place_has_a_label_and_no_two_overlap(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_map(page, site)
    names = page.locator("site-map g.site text").all_text_contents()
    assert sorted(names) == sorted(one["name"] for one in samples.sites()["sites"])
    labels = page.evaluate(BOXES, "site-map g.site text")
    trimmed = [[a, b + 3, c, d - 2] for a, b, c, d in labels]  # the letters, without the line's own margin
    assert [pair for pair in combinations(trimmed, 2) if overlaps(*pair)] == []


def test_distances_are_true_to_scale(page: Page, site: Site) -> None:
    data = {
        "sites": [
            {"id": "a", "name": "A", "lat": 30.0, "lon": 121.0, "kind": "own"},
            {"id": "b", "name": "B", "lat": 30.0, "lon": 122.0, "kind": "other"},
        ]
    }
    open_map(page, site, data)
    a, b = page.evaluate(
        "[...document.querySelectorAll('site-map circle')].map((one) => Number(one.getAttribute('cx')))"
    )
    bar = page.locator("site-map .scalebar").get_attribute("d")
    assert bar is not None
    left, right = float(bar.split(" ")[0][1:]), float(bar.split("H")[1].split("V")[0])
    assert page.locator("site-map svg > g:last-child text").text_content() == "20 km"
    kilometres = (b - a) / (right - left) * 20
    assert kilometres == pytest.approx(96.3, abs=0.1)  # one degree of longitude at 30 degrees north


def test_legs_join_their_places(page: Page, site: Site) -> None:
    open_map(page, site)
    drawn = page.evaluate(
        "[...document.querySelectorAll('site-map [data-leg]')].map((one) => one.dataset.leg)"
    )
    assert drawn == ["hd>yf", "yf>jn", "jn>ls", "xs>cx"]
    assert "¥520" in page.locator("site-map text.note").all_text_contents()


def test_a_place_is_chosen_by_keyboard(page: Page, site: Site) -> None:
    open_map(page, site)
    page.evaluate("document.addEventListener('map:select', (event) => (window.chosen = event.detail.id))")
    place = page.locator("site-map g.site[data-id=th]")
    assert place.get_attribute("aria-label") == "Taihe CNC, workshop"
    place.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.chosen") == "th"


def test_one_place_alone_gets_a_map(page: Page, site: Site) -> None:
    open_map(page, site, {"sites": [{"id": "a", "name": "A", "lat": -33.9, "lon": -18.4, "kind": "own"}]})
    box = page.locator("site-map circle").bounding_box()
    frame = page.locator("site-map").bounding_box()
    assert box is not None
    assert frame is not None
    assert box["x"] + box["width"] / 2 == pytest.approx(frame["x"] + frame["width"] / 2, abs=2)
    assert any("S" in words for words in page.locator("site-map text.axis").all_text_contents())
