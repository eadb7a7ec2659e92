"""Tubes drawn at random: section, wall, length, ends, holes across and bends follow from formulas."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from examples.parts import box, cut, cylinder, fuse, ring
from hypothesis import given, settings
from hypothesis import strategies as st
from OCP.BRepPrimAPI import BRepPrimAPI_MakeRevol
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt
from OCP.TopoDS import TopoDS_Shape

from gonghe.engines.model.parts import Family, PartAnalysis
from gonghe.engines.parts import report

from .making import analysed
from .test_generated import EXACT, moved

tubes = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def read(shape: TopoDS_Shape) -> PartAnalysis:
    with tempfile.TemporaryDirectory() as folder:
        return analysed(shape, Path(folder))


def round_tube(diameter: float, wall: float, length: float) -> TopoDS_Shape:
    bore = cylinder((0, 0, 0), (0, 0, 1), diameter - 2 * wall, length)
    return cut(cylinder((0, 0, 0), (0, 0, 1), diameter, length), bore)


def square_tube(wide: float, narrow: float, wall: float, length: float) -> TopoDS_Shape:
    hollow = box((wall, wall, 0), (wide - 2 * wall, narrow - 2 * wall, length))
    return cut(box((0, 0, 0), (wide, narrow, length)), hollow)


@given(
    diameter=st.integers(20, 100),
    share=st.integers(3, 14),
    slender=st.integers(4, 12),
    degrees=st.integers(0, 180),
)
@tubes
def test_round_tubes(diameter: int, share: int, slender: int, degrees: int) -> None:
    wall, length = diameter * share / 100, float(diameter * slender)
    found = read(moved(round_tube(diameter, wall, length), degrees, 70))
    section = ring(diameter, diameter - 2 * wall)
    assert found.volume_mm3 == pytest.approx(section * length, rel=EXACT)
    assert found.family == "tube"
    assert found.tube is not None
    assert found.tube.section == "round"
    assert found.tube.outer_mm == pytest.approx((diameter, diameter), rel=EXACT)
    assert found.tube.wall_mm == pytest.approx(wall, rel=EXACT)
    assert found.tube.length_mm == pytest.approx(length, rel=1e-4)  # of an oblique part, from its mesh
    assert found.tube.section_mm2 == pytest.approx(section, rel=EXACT)
    assert found.tube.end_angles_deg == (0.0, 0.0)
    assert found.holes == ()  # the bore comes with the tube


@given(
    wide=st.integers(30, 120),
    flatness=st.integers(50, 100),
    share=st.integers(4, 14),
    length=st.integers(4, 10),
    drill=st.integers(20, 50),
    count=st.integers(0, 3),
    degrees=st.integers(0, 180),
)
@tubes
def test_rectangular_tubes_with_holes_across(
    wide: int, flatness: int, share: int, length: int, drill: int, count: int, degrees: int
) -> None:
    narrow = wide * flatness / 100
    wall, long, bit = narrow * share / 100, float(wide * length), narrow * drill / 100
    at = [long * (n + 1) / (count + 1) for n in range(count)]
    tools = [cylinder((wide / 2, -1, z), (0, 1, 0), bit, narrow + 2) for z in at]
    solid = square_tube(wide, narrow, wall, long)
    found = read(moved(cut(solid, *tools) if tools else solid, degrees, 70))
    section = wide * narrow - (wide - 2 * wall) * (narrow - 2 * wall)
    assert found.volume_mm3 == pytest.approx(section * long - 2 * count * wall * ring(bit, 0), rel=EXACT)
    assert found.family == "tube"
    assert found.tube is not None
    assert (found.tube.section, found.tube.holes_across) == ("rectangular", 2 * count)
    assert found.tube.outer_mm == pytest.approx((wide, narrow), rel=EXACT)
    assert found.tube.wall_mm == pytest.approx(wall, rel=EXACT)
    assert found.tube.length_mm == pytest.approx(long, rel=EXACT)
    assert found.tube.section_mm2 == pytest.approx(section, rel=EXACT)
    assert [hole.depth_mm for hole in found.holes] == [pytest.approx(wall, rel=EXACT)] * (2 * count)
    assert found.pockets == ()


def bent_tube(diameter: float, wall: float, straight: float, middle: float, degrees: float) -> TopoDS_Shape:
    """A straight stretch along z, then a bend about an axis along y at x = ``middle``."""
    first = cylinder((0, 0, -straight), (0, 0, 1), diameter, straight)
    first = cut(first, cylinder((0, 0, -straight), (0, 0, 1), diameter - 2 * wall, straight))
    face = square_cut(diameter, wall)
    about = gp_Ax1(gp_Pnt(middle, 0, 0), gp_Dir(0, 1, 0))
    return fuse(first, BRepPrimAPI_MakeRevol(face, about, math.radians(degrees)).Shape())


def square_cut(diameter: float, wall: float) -> TopoDS_Shape:
    """The ring at z = 0 as a face."""
    from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeWire
    from OCP.gp import gp_Ax2, gp_Circ

    def loop(size: float, sign: float) -> TopoDS_Shape:
        circle = gp_Circ(gp_Ax2(gp_Pnt(0, 0, 0), gp_Dir(0, 0, sign)), size / 2)
        return BRepBuilderAPI_MakeWire(BRepBuilderAPI_MakeEdge(circle).Edge()).Wire()

    face = BRepBuilderAPI_MakeFace(loop(diameter, 1.0), True)
    face.Add(loop(diameter - 2 * wall, -1.0))
    return face.Face()


@pytest.mark.parametrize("degrees", [30, 60, 90, 120])
def test_bent_tube(degrees: int) -> None:
    found = read(moved(bent_tube(30.0, 2.0, 150.0, 75.0, degrees), 40, 10))
    arc = math.radians(degrees) * 75.0
    assert found.volume_mm3 == pytest.approx(ring(30, 26) * (150 + arc), rel=EXACT)
    assert found.family == "tube"
    assert found.tube is not None
    (bend,) = found.tube.bend_list
    assert bend.angle_deg == pytest.approx(degrees, rel=1e-6)
    assert (bend.inner_radius_mm, bend.length_mm) == pytest.approx((60.0, arc), rel=EXACT)
    assert found.tube.length_mm == pytest.approx(150 + arc, rel=EXACT)
    processes = [op.process for op in report(found).operations]
    assert processes == ["laser-cutting-tube", "deburring", "tube-bending", "inspection"]


def test_a_mitred_end_tells_its_angle() -> None:
    tube = square_tube(40, 40, 2, 300)
    wedge = moved_box()
    found = read(cut(tube, wedge))
    assert found.tube is not None
    assert sorted(angle or 0.0 for angle in found.tube.end_angles_deg) == pytest.approx([0.0, 45.0])
    saw = report(found).alternatives[0].operations[0]
    assert saw.name == "Saw tube 40 x 40 x 2 mm, 300 mm long, mitred"


def moved_box() -> TopoDS_Shape:
    """A block that takes off the upper end at 45 degrees, through the top edge at x = 0."""
    from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
    from OCP.gp import gp_Trsf

    turn = gp_Trsf()
    turn.SetRotation(gp_Ax1(gp_Pnt(0, 0, 300), gp_Dir(0, 1, 0)), math.radians(45))
    return BRepBuilderAPI_Transform(box((-100, -100, 300), (300, 300, 100)), turn, True).Shape()


def test_ways_to_make_a_drilled_tube() -> None:
    drilled = cut(square_tube(50, 30, 2, 400), cylinder((25, -1, 200), (0, 1, 0), 9, 40))
    whole = report(read(drilled), quantity=20)
    assert [op.process for op in whole.operations] == ["laser-cutting-tube", "deburring", "inspection"]
    other = whole.alternatives[0]
    assert (other.name, other.why) == ("saw, drill", "common machines")
    assert [op.process for op in other.operations] == ["saw", "drilling", "deburring", "inspection"]
    # two ends around and two holes at 8 m/min (2 mm steel), 4 pierced at 0.3 s per mm, 15 s to load
    seconds = (2 * 2 * (50 + 30) + 2 * math.pi * 9) / (8000 / 60) + 4 * 0.3 * 2 + 15
    assert whole.operations[0].run_s == round(seconds)


def test_what_is_no_tube() -> None:
    closed = cut(box((0, 0, 0), (40, 40, 200)), box((2, 2, 2), (36, 36, 198)))
    assert read(closed).tube is None  # a can: one end is shut
    frame = cut(box((0, 0, 0), (100, 100, 10)), box((5, 5, 0), (90, 90, 10)))
    assert read(frame).tube is None
    sleeve = read(round_tube(40, 12, 90))
    assert (sleeve.family, sleeve.tube) == ("turned", None)


def test_a_tube_survives_json() -> None:
    part = read(round_tube(40, 2, 200))
    assert PartAnalysis.from_json(part.to_json()) == part
    assert replace(part, families=(Family("tube", 0.9, ("so",)),)).family == "tube"
