"""The parent that forks a child per file: it outlasts files, not its owner, and keeps nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.compute.conftest import Misbehave, ended

from gonghe.compute import sandbox, warm
from gonghe.compute.sandbox import PartRefused, run_part
from gonghe.compute.warm import Warm

FAMILIES = {"spacer": "turned", "l-bracket": "sheet", "housing-block": "prismatic", "strap": "sheet"}


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Warm]:
    """A parent for this test alone."""
    parent = Warm()
    monkeypatch.setattr(sandbox, "WARM", parent)
    yield parent
    parent.close()


def family(parts: Path, name: str) -> str:
    return run_part(parts / f"{name}.step").family


def owner(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process that owns a warm parent."""
    script = (
        "import os, sys, time\nfrom pathlib import Path\nfrom gonghe.compute.sandbox import WARM, run_part\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script + textwrap.dedent(code), *arguments], stdout=subprocess.PIPE, text=True
    )


def test_one_parent_serves_many_files_without_threads(own: Warm, parts: Path) -> None:
    assert {name: family(parts, name) for name in FAMILIES} == FAMILIES
    first = own.pid
    assert family(parts, "spacer") == "turned"
    assert own.pid == first
    assert len(list(Path(f"/proc/{first}/task").iterdir())) == 1


def test_threads_share_the_parent(own: Warm, parts: Path) -> None:
    names = [*FAMILIES] * 3
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda name: family(parts, name), names))
    assert found == [FAMILIES[name] for name in names]


def test_killed_parent_is_started_again(own: Warm, parts: Path) -> None:
    assert family(parts, "spacer") == "turned"
    first = own.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert ended(first)
    assert family(parts, "spacer") == "turned"
    assert own.pid not in (None, first)


def test_file_whose_parent_dies_gets_one_more_chance(misbehave: Misbehave, parts: Path) -> None:
    misbehave("open('result.json', 'w').write('{}')\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)")
    assert family(parts, "spacer") == "turned"


def test_file_that_kills_every_parent_is_refused(
    misbehave: Misbehave, parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = misbehave("os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)")
    monkeypatch.setattr(warm, "NURSERY", bad.command)
    with pytest.raises(PartRefused) as caught:
        run_part(parts / "spacer.step")
    assert caught.value.code == "crashed"


def test_nothing_stays_between_files(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    misbehave(
        "import builtins\n"
        f"open({str(seen)!r}, 'a').write(str(hasattr(builtins, 'left')) + ' ')\n"
        "builtins.left = True"
    )
    for _ in range(2):
        with pytest.raises(PartRefused):
            run_part(parts / "spacer.step")
    assert seen.read_text() == "False False "


def test_child_inherits_no_open_file(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    seen = tmp_path / "files"
    misbehave(f"names = os.listdir('/proc/self/fd')\nopen({str(seen)!r}, 'w').write(' '.join(sorted(names)))")
    with pytest.raises(PartRefused):
        run_part(parts / "spacer.step")
    assert seen.read_text() == "0 1 2 3"  # the last is the listing itself


def test_grandchild_that_left_its_session_dies_too(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    misbehave(
        "sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "p = subprocess.Popen(sleep, start_new_session=True)\n"
        f"open({str(mark)!r}, 'w').write(str(p.pid))"
    )
    with pytest.raises(PartRefused):
        run_part(parts / "spacer.step")
    assert ended(int(mark.read_text()))


def test_stopping_kills_the_child(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    misbehave(f"open({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    with pytest.raises(PartRefused) as caught:
        run_part(parts / "spacer.step", should_stop=lambda: mark.exists() and bool(mark.read_text()))
    assert caught.value.code == "cancelled"
    assert ended(int(mark.read_text()))


def test_exception_while_waiting_kills_the_child(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    misbehave(f"open({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")

    def give_up() -> bool:
        if mark.exists() and mark.read_text():
            raise RuntimeError("the lease is lost")
        return False

    with pytest.raises(RuntimeError, match="lease"):
        run_part(parts / "spacer.step", should_stop=give_up)
    assert ended(int(mark.read_text()))


def test_idle_parent_gives_its_memory_back(misbehave: Misbehave, parts: Path) -> None:
    parent = misbehave("pass", "nursery.IDLE_SECONDS = 0.2")
    pids = []
    for _ in range(2):
        with pytest.raises(PartRefused):
            run_part(parts / "spacer.step")
        assert parent.pid is not None
        pids.append(parent.pid)
        assert ended(parent.pid)
    assert pids[0] != pids[1]


def test_parent_and_child_end_with_a_killed_owner(parts: Path, tmp_path: Path) -> None:
    process = owner(
        """
        run_part(Path(sys.argv[1]))
        print(WARM.pid, flush=True)
        time.sleep(600)
        """,
        str(parts / "spacer.step"),
    )
    with process:
        assert process.stdout is not None
        parent = int(process.stdout.readline())
        process.kill()
    assert ended(parent)


def test_forked_process_gets_its_own_parent(parts: Path) -> None:
    process = owner(
        """
        run_part(Path(sys.argv[1]))
        first = WARM.pid
        inner = os.fork()
        if inner == 0:
            found = run_part(Path(sys.argv[1])).family
            os.write(1, f"{found} {WARM.pid != first}\\n".encode())
            WARM.close()
            os._exit(0)
        os.waitpid(inner, 0)
        found = run_part(Path(sys.argv[1])).family
        print(found, WARM.pid == first)
        """,
        str(parts / "spacer.step"),
    )
    assert process.communicate(timeout=120)[0].split("\n")[:2] == ["turned True", "turned True"]


def test_parent_ends_with_an_owner_that_just_leaves(parts: Path) -> None:
    process = owner("run_part(Path(sys.argv[1]))\nprint(WARM.pid)", str(parts / "spacer.step"))
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert ended(int(out))
