"""The command that reads one CAD file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from examples.parts import flange, write_step
from typer.testing import CliRunner, Result

from gonghe.cli.part import part

KEYS = {
    "unit", "valid", "volume_mm3", "area_mm2", "box_mm", "family", "holes", "sheet", "tolerances",
    "operations", "alternatives", "warnings", "estimate", "assumptions", "seconds", "peak_mb",
}  # fmt: skip


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(part)
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("part") / "flange.step"
    made = flange()
    write_step(made.shape, made.name, path)
    return path


def test_json_has_everything(file: Path, tmp_path: Path) -> None:
    glb, png = tmp_path / "a.glb", tmp_path / "a.png"
    done = run(
        str(file), "--json", "--material", "brass", "--quantity", "60", "--glb", str(glb), "--png", str(png)
    )
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert set(found) >= KEYS
    assert found["family"][0]["name"] == "turned"
    assert len(found["holes"]) == 5
    assert set(found["holes"][0]) >= {"diameter_mm", "depth_mm", "through", "axis"}
    for figure in ("cost", "time_s"):
        assert (
            found["estimate"][figure]["p10"]
            < found["estimate"][figure]["p50"]
            < found["estimate"][figure]["p90"]
        )
    assert found["estimate"]["quantity"] == 60
    assert {op["process"] for way in found["alternatives"] for op in way["operations"]} >= {"turn-mill"}
    assert {item["code"] for item in found["assumptions"]} >= {"material.price", "rate.turning"}
    assert glb.read_bytes()[:4] == b"glTF"
    assert png.read_bytes()[1:4] == b"PNG"


def test_text_for_people(file: Path) -> None:
    done = run(str(file))
    assert done.exit_code == 0
    assert "turned" in done.stdout
    assert "4 x hole 11 mm, through" in done.stdout


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"no cad file", "This is not a file we can read"), (b"", "This is not a file we can read")],
)
def test_refusal_is_one_line_and_status_2(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "part.step"
    path.write_bytes(content)
    done = run(str(path), "--json")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith(why)
    assert done.stderr.count("\n") == 1


def test_missing_file_and_unknown_material(file: Path, tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.step")).exit_code == 2
    done = run(str(file), "--material", "gold")
    assert done.exit_code == 2
    assert "no figures for material 'gold'" in done.stderr
