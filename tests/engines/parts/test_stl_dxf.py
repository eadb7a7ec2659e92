"""Meshes and flat outlines."""

from __future__ import annotations

import io
import math
import struct
from pathlib import Path

import ezdxf
import numpy as np
import pytest

from gonghe.engines.parts import NoSolid, UnreadableFile, analyse

CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
QUADS = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def block(size: tuple[float, float, float], at: tuple[float, float, float] = (0, 0, 0)) -> list[np.ndarray]:
    points = CORNERS * size + at
    return [points[list(t)] for q in QUADS for t in ((q[0], q[1], q[2]), (q[0], q[2], q[3]))]


def binary_stl(triangles: list[np.ndarray]) -> bytes:
    body = b"".join(struct.pack("<12fH", 0, 0, 0, *triangle.ravel(), 0) for triangle in triangles)
    return bytes(80) + struct.pack("<I", len(triangles)) + body


def ascii_stl(triangles: list[np.ndarray]) -> bytes:
    lines = ["solid block"]
    for triangle in triangles:
        lines += [
            "facet normal 0 0 0",
            "outer loop",
            *(f"vertex {a} {b} {c}" for a, b, c in triangle),
            "endloop",
            "endfacet",
        ]
    return "\n".join([*lines, "endsolid"]).encode()


@pytest.mark.parametrize("write", [binary_stl, ascii_stl])
def test_block_as_stl(write: object, tmp_path: Path) -> None:
    path = tmp_path / "block.stl"
    path.write_bytes(write(block((40, 30, 20))))  # type: ignore[operator]
    found = analyse(path)
    assert found.volume_mm3 == pytest.approx(24_000)
    assert found.area_mm2 == pytest.approx(2 * (1200 + 600 + 800))
    assert found.box_mm == pytest.approx((40, 30, 20))
    assert (found.format, found.valid, found.bodies, found.triangles, found.family) == (
        "stl",
        True,
        1,
        12,
        "prismatic",
    )
    assert [question.code for question in found.questions] == ["which_unit"]


def test_two_blocks_are_two_bodies(tmp_path: Path) -> None:
    path = tmp_path / "two.stl"
    path.write_bytes(binary_stl(block((10, 10, 10)) + block((5, 5, 5), (50, 0, 0))))
    assert analyse(path).bodies == 2


def test_open_mesh_is_flagged(tmp_path: Path) -> None:
    path = tmp_path / "open.stl"
    path.write_bytes(binary_stl(block((40, 30, 20))[:-1]))
    found = analyse(path)
    assert not found.valid
    assert "open_mesh" in {warning.code for warning in found.warnings}


def test_flat_mesh_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flat.stl"
    path.write_bytes(binary_stl(block((40, 30, 20))[:2]))
    with pytest.raises(NoSolid, match="no volume"):
        analyse(path)


def test_damaged_numbers_are_refused(tmp_path: Path) -> None:
    triangles = block((40, 30, 20))
    triangles[3][0, 0] = np.nan
    path = tmp_path / "nan.stl"
    path.write_bytes(binary_stl(triangles))
    with pytest.raises(UnreadableFile, match="damaged numbers"):
        analyse(path)


def drawing(unit: int = 4, close: bool = True) -> bytes:
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = unit
    space = document.modelspace()
    corners = [(0, 0), (100, 0), (100, 60), (0, 60)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        if close or end != (0, 0):
            space.add_line(start, end)
    space.add_circle((30, 30), 5)
    space.add_circle((70, 30), 5)
    space.add_text("not a contour")
    text = io.StringIO()
    document.write(text)
    return text.getvalue().encode()


def test_outline_with_two_holes(tmp_path: Path) -> None:
    path = tmp_path / "plate.dxf"
    path.write_bytes(drawing())
    found = analyse(path)
    assert found.family == "outline"
    assert found.sheet is not None
    assert found.sheet.flat_area_mm2 == pytest.approx(6000 - 2 * math.pi * 25, rel=2e-4)
    assert found.sheet.cut_length_mm == pytest.approx(320 + 2 * math.pi * 10, rel=1e-3)
    assert sorted(round(hole.diameter_mm, 6) for hole in found.holes) == [10, 10]
    assert "thickness" in {question.code for question in found.questions}


def test_drawing_in_inches_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "plate.dxf"
    path.write_bytes(drawing(unit=1))
    found = analyse(path)
    assert (found.unit, found.box_mm[0]) == ("in", pytest.approx(2540))


def test_open_outline_is_named(tmp_path: Path) -> None:
    path = tmp_path / "open.dxf"
    path.write_bytes(drawing(close=False))
    found = analyse(path)
    # only the two circles are closed; the three lines are left out
    assert not found.valid
    assert next(w for w in found.warnings if w.code == "open_contour").message.startswith("3 lines")


def test_drawing_without_contour_is_refused(tmp_path: Path) -> None:
    document = ezdxf.new("R2010")
    document.modelspace().add_line((0, 0), (10, 0))
    text = io.StringIO()
    document.write(text)
    path = tmp_path / "line.dxf"
    path.write_bytes(text.getvalue().encode())
    with pytest.raises(NoSolid, match="no closed contour"):
        analyse(path)
