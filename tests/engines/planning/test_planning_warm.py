"""The cache of compiled kernels: filled in one step, found again, and no need of a folder to write to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gonghe.engines.planning.kernel.cache import Folder, folder
from gonghe.engines.planning.kernel.jit import ENTRIES
from gonghe.engines.planning.search.warm import warm


def test_warming_compiles_all_that_python_calls_once() -> None:
    kept = warm()
    assert kept is not None
    assert len(ENTRIES) > 8
    for function in ENTRIES:
        assert list(kept.rglob(f"*.{function.__name__}-*.nbc")), function.__name__


def test_the_named_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    found = folder("1")
    assert found is not None
    assert found.path.parent == tmp_path
    assert found.writable
    assert folder("2") != found


def test_without_one_the_environment_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    found = folder("1")
    assert found == Folder(tmp_path / "venv" / "numba-cache" / found.path.name, True) if found else False


def test_no_folder_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "file"))
    assert folder("1") is None


def test_a_folder_that_can_only_be_read_is_used_as_it_is() -> None:
    """The operating system's answer is put in, because the superuser may write anywhere."""
    kept = warm()
    assert kept is not None
    before = {file: file.stat().st_mtime_ns for file in kept.rglob("*")}
    code = (
        "import os\n"
        "may = os.access\n"
        "os.access = lambda path, mode, **more: not mode & os.W_OK and may(path, mode, **more)\n"
        "from gonghe.engines.planning.kernel.jit import ENTRIES, FOLDER\n"
        "from gonghe.engines.planning.search.warm import warm\n"
        "warm()\n"
        "print(FOLDER.writable, sum(sum(e.stats.cache_misses.values()) for e in ENTRIES))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "0"]
    assert {file: file.stat().st_mtime_ns for file in kept.rglob("*")} == before
