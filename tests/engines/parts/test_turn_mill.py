"""Turned bodies with flats, keyways and holes across: sizes follow from the chord of a circle."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from examples.parts import box, cut, cylinder, fuse, ring
from hypothesis import given, settings
from hypothesis import strategies as st
from OCP.TopoDS import TopoDS_Shape

from gonghe.engines.model.parts import Milled, PartAnalysis
from gonghe.engines.parts import report

from .making import analysed
from .test_generated import EXACT, moved

shafts = settings(max_examples=20, deadline=None, derandomize=True, database=None)


def read(shape: TopoDS_Shape) -> PartAnalysis:
    with tempfile.TemporaryDirectory() as folder:
        return analysed(shape, Path(folder))


def segment(diameter: float, off: float) -> float:
    """Area that a chord at a distance from the middle cuts off a circle."""
    radius = diameter / 2
    return radius**2 * math.acos(off / radius) - off * math.sqrt(radius**2 - off**2)


def of_kind(found: PartAnalysis, kind: str) -> list[Milled]:
    assert found.turned is not None
    return [item for item in found.turned.milled if item.kind == kind]


@given(
    diameter=st.integers(30, 80),
    deep=st.integers(10, 30),
    length=st.integers(25, 60),
    turn=st.integers(0, 180),
)
@shafts
def test_two_flats_across_a_shaft(diameter: int, deep: int, length: int, turn: int) -> None:
    off = diameter / 2 * (1 - deep / 100)
    body = cylinder((0, 0, 0), (0, 0, 1), diameter, 150)
    wide = diameter + 2.0
    tools = [
        box((off, -wide / 2, 0), (wide, wide, length)),
        box((-off - wide, -wide / 2, 0), (wide, wide, length)),
    ]
    found = read(moved(cut(body, *tools), turn, 30))
    volume = ring(diameter, 0) * 150 - 2 * segment(diameter, off) * length
    assert found.volume_mm3 == pytest.approx(volume, rel=EXACT)
    assert found.family == "turn-mill"
    flats = of_kind(found, "flat")
    assert len(flats) == 2
    for flat in flats:
        assert flat.depth_mm == pytest.approx(diameter / 2 - off, rel=EXACT)
        assert flat.width_mm == pytest.approx(2 * math.sqrt(diameter**2 / 4 - off**2), rel=EXACT)
        assert flat.length_mm == pytest.approx(length, rel=EXACT)


@given(
    diameter=st.integers(25, 80), share=st.integers(20, 30), long=st.integers(3, 5), turn=st.integers(0, 180)
)
@shafts
def test_keyway(diameter: int, share: int, long: int, turn: int) -> None:
    width = diameter * share / 100
    depth, length = 0.6 * width, long * width
    body = cylinder((0, 0, 0), (0, 0, 1), diameter, 3 * diameter + 100)
    floor, z = diameter / 2 - depth, 40.0
    tool = fuse(
        box((floor, -width / 2, z), (depth + 1, width, length - width)),
        cylinder((floor, 0, z), (1, 0, 0), width, depth + 1),
        cylinder((floor, 0, z + length - width), (1, 0, 0), width, depth + 1),
    )
    found = read(moved(cut(body, tool), turn, 30))
    assert found.family == "turn-mill"
    (key,) = of_kind(found, "keyway")
    assert key.width_mm == pytest.approx(width, rel=EXACT)
    assert key.depth_mm == pytest.approx(depth, rel=EXACT)
    assert key.length_mm == pytest.approx(length, rel=EXACT)


@given(
    diameter=st.integers(25, 80), share=st.integers(15, 35), count=st.integers(1, 3), turn=st.integers(0, 180)
)
@shafts
def test_holes_across(diameter: int, share: int, count: int, turn: int) -> None:
    bit = diameter * share / 100
    body = cylinder((0, 0, 0), (0, 0, 1), diameter, 200)
    tools = [cylinder((0, -diameter, 50.0 * (n + 1)), (0, 1, 0), bit, 2.0 * diameter) for n in range(count)]
    found = read(moved(cut(body, *tools), turn, 30))
    assert found.family == "turn-mill"
    across = of_kind(found, "cross_hole")
    assert [item.width_mm for item in across] == [pytest.approx(bit, rel=EXACT)] * count


def test_ways_to_make_a_shaft_with_a_flat() -> None:
    body = cylinder((0, 0, 0), (0, 0, 1), 40, 120)
    part = read(cut(body, box((15, -30, 0), (30, 60, 40)), cylinder((0, -30, 90), (0, 1, 0), 8, 60)))
    assert part.families[0].why == (
        "89% of the surface turns about one axis", "beside the axis: 1 flat, 1 hole across"
    )  # fmt: skip
    assert part.families[1].name == "turned"
    whole = report(part, quantity=30)
    assert [op.process for op in whole.operations] == ["saw", "turn-mill", "deburring", "inspection"]
    assert [op.process for op in whole.alternatives[0].operations] == [
        "saw", "turning", "milling-3axis", "deburring", "inspection"
    ]  # fmt: skip
    assert PartAnalysis.from_json(part.to_json()) == part


def test_holes_along_the_axis_leave_a_part_turned() -> None:
    body = cylinder((0, 0, 0), (0, 0, 1), 80, 30)
    drilled = cut(body, *[cylinder((x, 0, 0), (0, 0, 1), 8, 30) for x in (-25, 25)])
    assert read(drilled).family == "turned"
