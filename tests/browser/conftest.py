"""A cluster of its own, served by a process of its own, and Chromium to look at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.person import Cluster
from tests.server import free_port, own_environment, serving

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
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


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures of the stations are kept."""
    named = os.environ.get("GONGHE_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def cluster(browser: Browser, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real server over an installation that holds a buyer, three workshops and the cluster office."""
    folder = tmp_path_factory.mktemp("cluster")
    port = free_port()
    environment = own_environment(folder, port) | {"GONGHE_PLAN_SECONDS": "1"}
    prepare = [sys.executable, str(Path(__file__).with_name("prepare.py")), str(folder)]
    told = subprocess.run(prepare, env=environment, check=True, capture_output=True, text=True).stdout
    with serving(environment, port, folder / "server.log"):
        yield Cluster(browser, environment["GONGHE_ORIGIN"], pictures, **json.loads(told))
    assert "Traceback" not in (folder / "server.log").read_text()
