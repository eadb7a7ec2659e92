"""A perforated plate: hundreds of holes in one face, where careless reading takes hours."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from benchmarks.parts import DIAMETER, PITCH, THICKNESS, write_plate

from gonghe.engines.parts import analyse
from gonghe.engines.parts.lines import Lines

SIDE = 20


def test_a_plate_with_hundreds_of_holes(tmp_path: Path) -> None:
    found = analyse(write_plate(SIDE * SIDE, tmp_path))
    width = (SIDE + 1) * PITCH
    hole = math.pi * DIAMETER**2 / 4
    assert found.valid
    assert len(found.holes) == SIDE * SIDE
    assert {(round(h.diameter_mm, 9), round(h.depth_mm, 9), h.through) for h in found.holes} == {
        (DIAMETER, THICKNESS, True)
    }
    assert found.volume_mm3 == pytest.approx((width**2 - SIDE * SIDE * hole) * THICKNESS, rel=1e-6)
    assert found.triangles > SIDE * SIDE * 8
    assert found.family == "sheet"


def test_lines_find_what_lies_about_an_axis() -> None:
    lines: Lines[str] = Lines()
    lines.add((10.0, 20.0, 5.0), (0.0, 0.0, 1.0), "upright")
    lines.add((10.0, 20.0, 5.0), (1.0, 0.0, 0.0), "level")
    assert list(lines.about((10.0, 20.0, -300.0), (0.0, 0.0, -1.0))) == ["upright"]
    assert list(lines.about((10.001, 20.0, 0.0), (0.0, 0.0, 1.0))) == ["upright"]
    assert list(lines.about((10.01, 20.0, 0.0), (0.0, 0.0, 1.0))) == []
    assert list(lines.about((-7.0, 20.0, 5.0), (1.0, 0.0, 0.0))) == ["level"]
