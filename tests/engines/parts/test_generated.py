"""Parts drawn at random whose figures follow from formulas: the reading must be right for each of them."""

from __future__ import annotations

import math
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from examples.parts import Point, box, cut, cylinder, extrude, outline, revolve, ring
from hypothesis import given, settings
from hypothesis import strategies as st
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec
from OCP.TopoDS import TopoDS_Shape

from gonghe.engines.model.parts import PartAnalysis

from .making import analysed

EXACT = 1e-6
parts = settings(max_examples=60, deadline=None, derandomize=True, database=None)
tenths = st.integers


def read(shape: TopoDS_Shape) -> PartAnalysis:
    with tempfile.TemporaryDirectory() as folder:
        return analysed(shape, Path(folder))


def moved(shape: TopoDS_Shape, degrees: int, shift: int) -> TopoDS_Shape:
    """A shape turned about an oblique axis and pushed away from the origin."""
    turn, push = gp_Trsf(), gp_Trsf()
    turn.SetRotation(gp_Ax1(gp_Pnt(0, 0, 0), gp_Dir(0.3, 0.5, 0.8)), math.radians(degrees))
    push.SetTranslation(gp_Vec(shift, -shift / 2, shift / 3))
    return BRepBuilderAPI_Transform(shape, push.Multiplied(turn), True).Shape()


@given(
    columns=tenths(1, 4),
    rows=tenths(1, 3),
    drill=st.integers(20, 120).map(lambda n: n / 10),
    thick=st.integers(15, 60),
    share=st.integers(20, 80),
    kind=st.sampled_from(["through", "blind", "counterbored"]),
    degrees=st.integers(0, 180),
    shift=st.integers(-500, 500),
)
@parts
def test_drilled_blocks(
    columns: int, rows: int, drill: float, thick: int, share: int, kind: str, degrees: int, shift: int
) -> None:
    pitch, depth = 25.0, thick * share / 100
    x, y, count = (columns + 1) * pitch, (rows + 1) * pitch, columns * rows
    at = [((i + 1) * pitch, (j + 1) * pitch) for i in range(columns) for j in range(rows)]
    head = drill * 1.6
    tools = []
    for px, py in at:
        start = thick - depth if kind == "blind" else 0.0
        tools.append(cylinder((px, py, start), (0, 0, 1), drill, thick - start))
        if kind == "counterbored":
            tools.append(cylinder((px, py, thick - depth), (0, 0, 1), head, depth))
    found = read(moved(cut(box((0, 0, 0), (x, y, thick)), *tools), degrees, shift))

    solid, skin = x * y * thick, 2 * (x * y + y * thick + x * thick)
    if kind == "through":
        volume = solid - count * ring(drill, 0) * thick
        area = skin + count * (math.pi * drill * thick - 2 * ring(drill, 0))
    elif kind == "blind":
        volume = solid - count * ring(drill, 0) * depth
        area = skin + count * math.pi * drill * depth
    else:
        volume = solid - count * (ring(drill, 0) * (thick - depth) + ring(head, 0) * depth)
        walls = math.pi * drill * (thick - depth) + math.pi * head * depth
        area = skin + count * (walls - 2 * ring(drill, 0))
    assert found.volume_mm3 == pytest.approx(volume, rel=EXACT)
    assert found.area_mm2 == pytest.approx(area, rel=EXACT)
    assert len(found.holes) == count
    for hole in found.holes:
        assert hole.diameter_mm == pytest.approx(drill, rel=EXACT)
        assert hole.depth_mm == pytest.approx(depth if kind == "blind" else thick, rel=EXACT)
        assert hole.through == (kind != "blind")
        wide = hole.counterbore_mm
        assert wide == (pytest.approx(head, rel=EXACT) if kind == "counterbored" else None)


@given(
    steps=st.lists(st.tuples(st.integers(20, 90), st.integers(10, 80)), min_size=1, max_size=5),
    bore=st.integers(0, 15),
    degrees=st.integers(0, 180),
    shift=st.integers(-500, 500),
)
@parts
def test_stepped_shafts(steps: list[tuple[int, int]], bore: int, degrees: int, shift: int) -> None:
    steps = [steps[0], *(step for before, step in pairwise(steps) if step[0] != before[0])]
    profile: list[tuple[float, float]] = [(bore / 2, 0.0)]
    height = 0.0
    for diameter, length in steps:
        profile += [(diameter / 2, height), (diameter / 2, height + length)]
        height += length
    profile.append((bore / 2, height))
    found = read(moved(revolve(profile), degrees, shift))

    volume = sum(ring(d, bore) * length for d, length in steps)
    shoulders = sum(abs(ring(a, 0) - ring(b, 0)) for (a, _), (b, _) in pairwise(steps))
    ends = ring(steps[0][0], bore) + ring(steps[-1][0], bore)
    area = sum(math.pi * d * length for d, length in steps) + shoulders + ends + math.pi * bore * height
    assert found.volume_mm3 == pytest.approx(volume, rel=EXACT)
    assert found.area_mm2 == pytest.approx(area, rel=EXACT)
    assert found.family == "turned"
    assert found.turned is not None
    assert found.turned.diameter_mm == pytest.approx(max(d for d, _ in steps), rel=EXACT)
    assert found.turned.bore_mm == pytest.approx(bore, rel=EXACT)
    assert found.turned.length_mm == pytest.approx(height, rel=1e-4)  # of an oblique part, from its mesh
    if bore:
        assert [(hole.diameter_mm, hole.through) for hole in found.holes] == [(pytest.approx(bore), True)]
        assert found.holes[0].depth_mm == pytest.approx(height, rel=EXACT)
    else:
        assert found.holes == ()


def folded(lengths: list[float], angles: list[float], thick: float, inner: float) -> TopoDS_Shape:
    """Face of a strip of straights and bends, left and right in turns, in the x-z plane."""
    lower: list[tuple[Point, Point | None]] = []
    upper: list[tuple[Point, Point | None]] = []
    x = z = heading = 0.0

    def at(side: float, px: float, pz: float, direction: float) -> Point:
        return (px - math.sin(direction) * side, 0.0, pz + math.cos(direction) * side)

    for number, length in enumerate(lengths):
        lower.append((at(0.0, x, z, heading), None))
        upper.append((at(thick, x, z, heading), None))
        x, z = x + math.cos(heading) * length, z + math.sin(heading) * length
        if number == len(angles):
            break
        left = number % 2 == 0
        turn = angles[number] if left else -angles[number]
        radius = inner + thick if left else inner  # of the lower side about the centre of the bend
        centre = at(radius if left else -radius, x, z, heading)

        def on(side: float, part: float, left: bool = left, c: Point = centre, h: float = heading) -> Point:
            reach = (inner + thick - side) if left else (inner + side)
            direction = h + part - math.pi / 2 if left else h + part + math.pi / 2
            return (c[0] + math.cos(direction) * reach, 0.0, c[2] + math.sin(direction) * reach)

        lower.append((at(0.0, x, z, heading), on(0.0, turn / 2)))
        upper.append((at(thick, x, z, heading), on(thick, turn / 2)))
        end = on(0.0, turn)
        x, z, heading = end[0], end[2], heading + turn
    lower.append((at(0.0, x, z, heading), None))
    upper.append((at(thick, x, z, heading), None))
    points = [point for point, _ in lower] + [point for point, _ in reversed(upper)]
    arcs = {number: arc for number, (_, arc) in enumerate(lower) if arc is not None}
    last = len(points) - 1
    arcs |= {last - number - 1: arc for number, (_, arc) in enumerate(upper) if arc is not None}
    return outline(points, arcs)


@given(
    lengths=st.lists(st.integers(25, 80), min_size=2, max_size=5),
    degrees=st.lists(st.integers(30, 90), min_size=4, max_size=4),
    thick=st.integers(8, 40).map(lambda n: n / 10),
    inner=st.integers(10, 50).map(lambda n: n / 10),
    width=st.integers(40, 160),
    turned=st.integers(0, 180),
)
@parts
def test_folded_sheets(
    lengths: list[int], degrees: list[int], thick: float, inner: float, width: int, turned: int
) -> None:
    angles = [math.radians(degree) for degree in degrees[: len(lengths) - 1]]
    face = folded([float(length) for length in lengths], angles, thick, inner)
    found = read(moved(extrude(face, (0, width, 0)), turned, 40))

    outer = inner + thick
    section = sum(lengths) * thick + sum(angles) * (outer**2 - inner**2) / 2
    rim = 2 * sum(lengths) + sum(angles) * (outer + inner) + 2 * thick
    assert found.volume_mm3 == pytest.approx(section * width, rel=EXACT)
    assert found.area_mm2 == pytest.approx(2 * section + rim * width, rel=EXACT)
    assert found.sheet is not None
    assert found.sheet.thickness_mm == pytest.approx(thick, rel=EXACT)
    assert found.sheet.bends == len(angles)
    bends = sorted((bend.angle_deg, bend.inner_radius_mm) for bend in found.sheet.bend_list)
    wanted = sorted((math.degrees(angle), inner) for angle in angles)
    for (angle, radius), (right, r) in zip(bends, wanted, strict=True):
        assert angle == pytest.approx(right, abs=1e-4)
        assert radius == pytest.approx(r, rel=EXACT)


@given(
    size=st.tuples(st.integers(40, 120), st.integers(40, 120), st.integers(20, 60)),
    walls=st.tuples(*[st.integers(5, 60).map(lambda n: n / 10)] * 4),
    floor=st.integers(5, 80).map(lambda n: n / 10),
    degrees=st.integers(0, 180),
)
@parts
def test_trays(
    size: tuple[int, int, int], walls: tuple[float, float, float, float], floor: float, degrees: int
) -> None:
    x, y, z = size
    left, right, front, back = walls
    px, py, pz = x - left - right, y - front - back, z - floor
    found = read(moved(cut(box((0, 0, 0), size), box((left, front, floor), (px, py, pz))), degrees, 25))

    assert found.volume_mm3 == pytest.approx(x * y * z - px * py * pz, rel=EXACT)
    assert found.area_mm2 == pytest.approx(2 * (x * y + y * z + z * x) + 2 * (px + py) * pz, rel=EXACT)
    thinnest = min(*walls, floor)
    if found.family == "sheet":  # all walls thin and alike: as if folded
        assert found.sheet is not None
        assert found.sheet.thickness_mm == pytest.approx(thinnest, rel=EXACT)
    else:
        assert found.minimum_wall_mm == pytest.approx(thinnest, rel=EXACT)
        assert [(pocket.kind, pocket.depth_mm) for pocket in found.pockets] == [
            ("pocket", pytest.approx(pz, rel=EXACT))
        ]
