"""Example parts written once per run, and children that do something bad instead of reading them."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from examples.parts import write_all

from gonghe.compute import sandbox
from gonghe.compute.warm import Warm

Misbehave = Callable[..., Warm]
"""Start a parent whose children do the given deed: a real process under the real limits."""


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    write_all(folder)
    return folder


@pytest.fixture
def misbehave(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Misbehave]:
    """Let the child do something bad instead of analysing: a real process under the real limits."""
    started: list[Warm] = []

    def start(deed: str, before: str = "") -> Warm:
        script = tmp_path / f"nursery{len(started)}.py"
        script.write_text(
            "import json, os, signal, subprocess, sys, time\n"
            "from gonghe.compute import nursery\n"
            f"nursery.load = lambda: None\n{before}\n"
            "def work(folder, pictures):\n" + textwrap.indent(deed, "    ") + "\n    return 0\n"
            "nursery.serve(sys.argv[1:], work)\n",
            encoding="utf-8",
        )
        started.append(Warm([sys.executable, "-I", str(script)]))
        monkeypatch.setattr(sandbox, "WARM", started[-1])
        return started[-1]

    yield start
    for warm in started:
        warm.close()


def ended(pid: int) -> bool:
    """Whether a killed process is gone, or a zombie, within ten seconds."""
    state = Path(f"/proc/{pid}/stat")
    for _ in range(100):
        if not state.exists() or state.read_text().split()[2] in "ZX":
            return True
        time.sleep(0.1)
    return False
