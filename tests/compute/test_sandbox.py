"""No file takes the caller down: every answer is an analysis or a refusal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.compute.conftest import Misbehave, ended

from gonghe.compute import sandbox
from gonghe.compute.limits import Limits
from gonghe.compute.sandbox import PartRefused, run_part

MB = 2**20


def refusal(path: Path, limits: Limits = sandbox.DEFAULT_LIMITS) -> PartRefused:
    with pytest.raises(PartRefused) as caught:
        run_part(path, limits=limits)
    return caught.value


def test_good_part_comes_back_with_pictures(parts: Path, tmp_path: Path) -> None:
    glb, png = tmp_path / "part.glb", tmp_path / "part.png"
    found = run_part(parts / "flange.step", glb=glb, png=png)
    assert (found.family, len(found.holes)) == ("turned", 5)
    assert glb.read_bytes()[:4] == b"glTF"
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part.glb", "part.png"]


def test_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nothing.step").code == "missing"
    assert refusal(tmp_path).code == "missing"


def test_unknown_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "part.step"
    path.write_bytes(b"this is no CAD file")
    assert refusal(path).code == "unknown_format"


def test_refused_file_leaves_no_pictures(tmp_path: Path) -> None:
    path, glb = tmp_path / "part.step", tmp_path / "part.glb"
    path.write_bytes(b"ISO-10303-21;\n#1=NOTHING();\n")
    with pytest.raises(PartRefused):
        run_part(path, glb=glb)
    assert not glb.exists()


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_off_file_is_never_taken_for_whole(parts: Path, tmp_path: Path, share: float) -> None:
    data = (parts / "housing-block.step").read_bytes()
    path = tmp_path / "cut.step"
    path.write_bytes(data[: int(len(data) * share)])
    assert refusal(path).code in {"unreadable", "no_solid", "crashed"}


def test_abort_is_a_refusal(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    misbehave("os.abort()")
    assert refusal(parts / "spacer.step").code == "crashed"
    assert not list(tmp_path.rglob("core*"))


def test_hang_is_cut_off(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    misbehave("time.sleep(600)")
    assert refusal(parts / "spacer.step", Limits(wall_seconds=2)).code == "too_slow"


def test_endless_loop_is_cut_off(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    misbehave("while True: pass")
    assert refusal(parts / "spacer.step", Limits(cpu_seconds=1, wall_seconds=60)).code == "too_slow"


def test_memory_bomb_is_contained(misbehave: Misbehave, parts: Path) -> None:
    misbehave("held = []\nwhile True: held.append(bytearray(16 * 2**20))")
    assert refusal(parts / "spacer.step", Limits(memory_bytes=512 * MB)).code == "crashed"


def test_too_little_memory_is_a_refusal(parts: Path) -> None:
    assert refusal(parts / "spacer.step", Limits(memory_bytes=300 * MB)).code in {
        "too_much_memory",
        "crashed",
    }


def test_disk_filler_is_contained(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    misbehave("f = open('fill', 'wb')\nwhile True: f.write(bytes(2**20))")
    assert refusal(parts / "spacer.step", Limits(file_bytes=8 * MB)).code == "crashed"


def test_lying_result_is_not_believed(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    for deed in (
        "open('result.json', 'w').write('{}')",
        "open('result.json', 'w').write('[1')",
        "os.symlink('/etc/passwd', 'result.json')",
        "pass",
    ):
        misbehave(deed)
        assert refusal(parts / "spacer.step").code == "crashed"


def test_grandchildren_die_too(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    misbehave(
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(mark)!r}, 'w').write(str(p.pid))\nos._exit(3)",
    )
    assert refusal(parts / "spacer.step").code == "crashed"
    assert ended(int(mark.read_text()))


def test_child_sees_nothing_of_the_parents_environment(
    misbehave: Misbehave, monkeypatch: pytest.MonkeyPatch, parts: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("GONGHE_SECRET_KEY", "hidden")
    seen = tmp_path / "environment"
    misbehave(f"open({str(seen)!r}, 'w').write(' '.join(os.environ))")
    refusal(parts / "spacer.step")
    assert "GONGHE" not in seen.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="cutting the network needs root or user namespaces")
def test_child_has_no_network(misbehave: Misbehave, parts: Path, tmp_path: Path) -> None:
    seen = tmp_path / "routes"
    misbehave(f"open({str(seen)!r}, 'w').write(open('/proc/self/net/route').read())")
    refusal(parts / "spacer.step")
    assert len(seen.read_text().splitlines()) <= 1


def test_child_leaves_nothing_behind(parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run_part(parts / "spacer.step")
    assert list(tmp_path.iterdir()) == []


def test_command_line_of_the_child_holds_no_file_name(parts: Path, tmp_path: Path) -> None:
    # a name such as "; rm -rf ~" can do no harm: it never leaves the parent
    odd = tmp_path / "a; echo 'x' $(id) .step"
    odd.write_bytes((parts / "spacer.step").read_bytes())
    assert run_part(odd).family == "turned"


def test_confined_process_cannot_raise_its_limits(tmp_path: Path) -> None:
    code = (
        "import resource\n"
        "from gonghe.compute.limits import Limits, confine\n"
        "confine(Limits(memory_bytes=1 << 30, cpu_seconds=5))\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[1], resource.getrlimit(resource.RLIMIT_CORE)[1],"
        " resource.getrlimit(resource.RLIMIT_CPU))\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == f"{1 << 30} 0 (5, 7)"
