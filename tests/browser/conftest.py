"""A cluster of its own, served by a process of its own, and Chromium to look at it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.person import Cluster

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
START_SECONDS = 60


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
    port = _free_port()
    origin = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if key != "GONGHE_DATABASE_URL"} | {
        "GONGHE_HOME": str(folder / "home"),
        "GONGHE_ORIGIN": origin,
        "GONGHE_PLAN_SECONDS": "1",
    }
    prepare = [sys.executable, str(Path(__file__).with_name("prepare.py")), str(folder)]
    told = subprocess.run(prepare, env=environment, check=True, capture_output=True, text=True).stdout
    serve = [str(Path(sys.executable).with_name("gonghe")), "serve", "--port", str(port)]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(serve, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(origin, server, folder / "server.log")
            yield Cluster(browser, origin, pictures, **json.loads(told))
            assert "Traceback" not in (folder / "server.log").read_text()
        finally:
            server.terminate()
            server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(origin: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the sign-in page answers."""
    last = time.monotonic() + START_SECONDS
    while time.monotonic() < last and server.poll() is None:
        try:
            urllib.request.urlopen(f"{origin}/sign-in/", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"The server did not start:\n{log.read_text()}")
