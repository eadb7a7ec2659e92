"""Chromium and the small site for the tests of pages and elements."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.web import samples
from tests.web.harness import Answer, Site

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium with 3D drawn in software."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("These tests need Chromium: run `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with the sample part."""
    made = Site()
    made.routes["/part.glb"] = lambda _asked: Answer(samples.box_glb(), "model/gltf-binary")
    made.routes["/part.png"] = lambda _asked: Answer(samples.PIXEL, "image/png")
    yield made
    made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab at 1440 px; the test fails when the page reports an error or breaks the content policy."""
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    yield tab
    tab.close()
    assert complaints == []
