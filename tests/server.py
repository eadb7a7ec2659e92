"""A real `gonghe serve` in a process of its own, over an installation of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 60


def own_environment(folder: Path, port: int) -> dict[str, str]:
    """Settings of an installation in `folder`, reached at `port`."""
    inherited = {key: value for key, value in os.environ.items() if key != "GONGHE_DATABASE_URL"}
    return inherited | {"GONGHE_HOME": str(folder / "home"), "GONGHE_ORIGIN": f"http://127.0.0.1:{port}"}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(environment: Mapping[str, str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server, answering; whatever it says goes to `log`."""
    command = [str(Path(sys.executable).with_name("gonghe")), "serve", "--port", str(port)]
    with log.open("w") as told:
        server = subprocess.Popen(command, env=environment, stdout=told, stderr=told)
        try:
            _wait_for(f"http://127.0.0.1:{port}", server, log)
            yield server
        finally:
            server.terminate()
            server.wait(timeout=30)


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
