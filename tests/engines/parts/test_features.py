"""Features, remarks and questions on parts built for the purpose."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from examples.parts import Point, box, cut, cylinder, extrude, fuse, outline, revolve, round_edges
from OCP.BRepBuilderAPI import BRepBuilderAPI_NurbsConvert, BRepBuilderAPI_Transform
from OCP.BRepPrimAPI import BRepPrimAPI_MakeCone
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt, gp_Trsf
from OCP.TopoDS import TopoDS_Shape
from tests.engines.parts.making import analysed

from gonghe.engines.model.parts import PartAnalysis


def codes(analysis: PartAnalysis) -> set[str]:
    return {warning.code for warning in analysis.warnings}


def turned_by(shape: TopoDS_Shape, degrees: float, axis: Point = (0.3, 0.5, 0.8)) -> TopoDS_Shape:
    move = gp_Trsf()
    move.SetRotation(gp_Ax1(gp_Pnt(1, 2, 3), gp_Dir(*axis)), math.radians(degrees))
    return BRepBuilderAPI_Transform(shape, move, True).Shape()


def cone(at: Point, low: float, high: float, height: float) -> TopoDS_Shape:
    return BRepPrimAPI_MakeCone(gp_Ax2(gp_Pnt(*at), gp_Dir(0, 0, 1)), low, high, height).Shape()


BLOCK = (60.0, 40.0, 20.0)


def test_blind_hole_with_drill_tip(tmp_path: Path) -> None:
    hole = cylinder((30, 20, 8), (0, 0, 1), 8, 12)
    tip = cone((30, 20, 8 - 2.4), 0, 4, 2.4)
    (found,) = analysed(cut(box((0, 0, 0), BLOCK), hole, tip), tmp_path).holes
    assert (found.diameter_mm, found.depth_mm, found.through) == (pytest.approx(8), pytest.approx(12), False)
    assert found.axis == pytest.approx((0, 0, -1))
    assert found.position_mm == pytest.approx((30, 20, 20))


def test_counterbore_and_countersink(tmp_path: Path) -> None:
    bored = [cylinder((15, 20, 0), (0, 0, 1), 6, 20), cylinder((15, 20, 14), (0, 0, 1), 11, 6)]
    sunk = [cylinder((45, 20, 0), (0, 0, 1), 6, 20), cone((45, 20, 17), 3, 6, 3)]
    holes = analysed(cut(box((0, 0, 0), BLOCK), *bored, *sunk), tmp_path).holes
    by_place = {round(hole.position_mm[0]): hole for hole in holes}
    assert len(holes) == 2
    assert by_place[15].counterbore_mm == pytest.approx(11)
    assert by_place[15].countersink_mm is None
    assert by_place[45].countersink_mm == pytest.approx(12)
    assert all(hole.through and hole.depth_mm == pytest.approx(20) for hole in holes)


def test_hole_in_two_halves_is_one(tmp_path: Path) -> None:
    halves = fuse(box((0, 0, 0), (30, 40, 20)), box((30, 0, 0), (30, 40, 20)))
    (found,) = analysed(cut(halves, cylinder((30, 20, 0), (0, 0, 1), 10, 20)), tmp_path).holes
    assert found.diameter_mm == pytest.approx(10)


def test_slot_ends_and_fillets_are_no_holes(tmp_path: Path) -> None:
    slot = fuse(
        box((20, 15, 0), (20, 10, 20)),
        cylinder((20, 20, 0), (0, 0, 1), 10, 20),
        cylinder((40, 20, 0), (0, 0, 1), 10, 20),
    )
    found = analysed(cut(round_edges(box((0, 0, 0), BLOCK), 4, 2), slot), tmp_path)
    assert found.holes == ()
    assert [(pocket.kind, pocket.depth_mm) for pocket in found.pockets] == [("window", pytest.approx(20))]


def test_ring_groove_is_no_hole(tmp_path: Path) -> None:
    groove = cut(cylinder((30, 20, 15), (0, 0, 1), 30, 5), cylinder((30, 20, 15), (0, 0, 1), 20, 5))
    assert analysed(cut(box((0, 0, 0), BLOCK), groove), tmp_path).holes == ()


def test_holes_in_a_tilted_part(tmp_path: Path) -> None:
    part = cut(
        box((0, 0, 0), BLOCK),
        cylinder((15, 20, 0), (0, 0, 1), 7, 20),
        cylinder((45, 20, 5), (0, 0, 1), 9, 15),
    )
    found = analysed(turned_by(part, 37), tmp_path)
    assert sorted((round(h.diameter_mm, 6), round(h.depth_mm, 6), h.through) for h in found.holes) == [
        (7, 20, True), (9, 15, False),
    ]  # fmt: skip
    assert found.oriented_box_mm == pytest.approx(BLOCK)
    assert found.volume_mm3 == pytest.approx(48000 - math.pi * (3.5**2 * 20 + 4.5**2 * 15), rel=1e-9)


def test_splines_still_have_their_holes(tmp_path: Path) -> None:
    part = cut(
        box((0, 0, 0), BLOCK),
        cylinder((15, 20, 0), (0, 0, 1), 7, 20),
        cylinder((45, 20, 5), (0, 0, 1), 9, 15),
    )
    found = analysed(BRepBuilderAPI_NurbsConvert(part, True).Shape(), tmp_path)
    assert found.family == "prismatic"
    assert sorted((round(h.diameter_mm, 3), round(h.depth_mm, 3), h.through) for h in found.holes) == [
        (7, 20, True), (9, 15, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "size", "kind", "axis"),
    [
        ((20, 10, 12), (20, 20, 8), "pocket", (0, 0, 1)),
        ((20, 0, 12), (20, 40, 8), "slot", (0, 0, 1)),
        ((40, 0, 12), (20, 40, 8), "step", (0, 0, 1)),
        ((20, 10, 0), (20, 20, 20), "window", None),
    ],
)
def test_recesses(at: Point, size: Point, kind: str, axis: Point | None, tmp_path: Path) -> None:
    (found,) = analysed(cut(box((0, 0, 0), BLOCK), box(at, size)), tmp_path).pockets
    assert (found.kind, found.depth_mm) == (kind, pytest.approx(size[2]))
    if axis is not None:
        assert found.axis == pytest.approx(axis)
        assert found.area_mm2 == pytest.approx(size[0] * size[1])


def test_sharp_pocket_is_remarked_round_one_is_not(tmp_path: Path) -> None:
    pocket = box((20, 10, 12), (20, 20, 8))
    sharp = analysed(cut(box((0, 0, 0), BLOCK), pocket), tmp_path)
    assert sharp.pockets[0].corner_radius_mm == 0.0
    corner = next(warning for warning in sharp.warnings if warning.code == "sharp_inner_corner")
    assert dict(corner.params) == {"corners": 4.0}
    smooth = analysed(cut(box((0, 0, 0), BLOCK), round_edges(pocket, 3, 2)), tmp_path)
    assert smooth.pockets[0].corner_radius_mm == pytest.approx(3)
    assert "sharp_inner_corner" not in codes(smooth)
    assert [(r.kind, r.size_mm, r.count) for r in smooth.roundings] == [("fillet", 3.0, 4)]


def test_deep_narrow_pocket_is_remarked(tmp_path: Path) -> None:
    pocket = round_edges(box((20, 10, 2), (20, 20, 18)), 2, 2)
    assert "deep_pocket" in codes(analysed(cut(box((0, 0, 0), BLOCK), pocket), tmp_path))


def test_deep_and_small_holes_are_remarked_once_per_size(tmp_path: Path) -> None:
    deep = [cylinder((x, 0, 10), (0, 1, 0), 3, 40) for x in (15, 30, 45)]
    found = analysed(cut(box((0, 0, 0), BLOCK), *deep, cylinder((30, 20, 0), (0, 0, 1), 0.5, 4)), tmp_path)
    remarks = {warning.code: dict(warning.params) for warning in found.warnings}
    assert remarks["deep_hole"]["count"] == 3
    assert remarks["deep_hole"]["ratio"] == pytest.approx(40 / 3)
    assert remarks["small_hole"]["diameter_mm"] == 0.5


def test_thin_wall_is_measured(tmp_path: Path) -> None:
    found = analysed(cut(box((0, 0, 0), BLOCK), box((10, 0.6, 5), (40, 30, 15))), tmp_path)
    assert found.minimum_wall_mm == pytest.approx(0.6)
    assert "thin_wall" in codes(found)


@pytest.mark.parametrize(("x", "wall"), [(10.0, 7.0), (4.0, 1.0)])
def test_wall_beside_a_hole(x: float, wall: float, tmp_path: Path) -> None:
    found = analysed(cut(box((0, 0, 0), BLOCK), cylinder((x, 20, 0), (0, 0, 1), 6, 20)), tmp_path)
    assert found.minimum_wall_mm == pytest.approx(wall)


def test_wall_between_two_holes(tmp_path: Path) -> None:
    holes = [cylinder((x, 20, 0), (0, 0, 1), 6, 20) for x in (26.0, 34.5)]
    assert analysed(cut(box((0, 0, 0), BLOCK), *holes), tmp_path).minimum_wall_mm == pytest.approx(2.5)


def test_clampings_count_directions(tmp_path: Path) -> None:
    body = box((0, 0, 0), BLOCK)
    top = cylinder((30, 20, 10), (0, 0, 1), 6, 10)
    side = cylinder((0, 20, 10), (1, 0, 0), 6, 10)
    front = cylinder((10, 0, 10), (0, 1, 0), 6, 10)
    back = cylinder((50, 30, 10), (0, 1, 0), 6, 10)
    assert analysed(cut(body, top), tmp_path).setups == 2
    assert analysed(cut(body, top, side, front), tmp_path).setups == 3
    assert analysed(cut(body, top, side, front, back), tmp_path).setups == 4


def test_chamfers_are_seen(tmp_path: Path) -> None:
    profile = outline([(2, 0, 0), (60, 0, 0), (60, 0, 20), (0, 0, 20), (0, 0, 2)])
    found = analysed(extrude(profile, (0, 40, 0)), tmp_path)
    assert [(r.kind, r.size_mm, r.count) for r in found.roundings] == [("chamfer", 2.0, 1)]


def test_keyed_shaft_is_turned_and_then_milled(tmp_path: Path) -> None:
    shaft = cylinder((0, 0, 0), (0, 0, 1), 40, 100)
    found = analysed(cut(shaft, box((-4, 15, 20), (8, 10, 40))), tmp_path)
    assert [family.name for family in found.families[:2]] == ["turn-mill", "turned"]
    assert found.turned is not None
    assert found.turned.diameter_mm == pytest.approx(40)


def test_square_block_with_a_boss_is_not_turned(tmp_path: Path) -> None:
    found = analysed(
        fuse(box((-30, -30, 0), (60, 60, 20)), cylinder((0, 0, 20), (0, 0, 1), 40, 40)), tmp_path
    )
    assert found.family == "prismatic"
    assert found.turned is None


def test_hole_near_a_bend_and_tight_bend(tmp_path: Path) -> None:
    t, r = 3.0, 1.0
    out, s = r + t, 0.5**0.5
    profile = outline(
        [(60, 0, 0), (60, 0, t), (out, 0, t), (t, 0, out), (t, 0, 40), (0, 0, 40), (0, 0, out), (out, 0, 0)],
        {2: (out - r * s, 0, out - r * s), 6: (out - out * s, 0, out - out * s)},
    )
    found = analysed(cut(extrude(profile, (0, 50, 0)), cylinder((11, 25, 0), (0, 0, 1), 6, t)), tmp_path)
    assert found.family == "sheet"
    assert codes(found) == {"tight_bend", "hole_near_bend"}


def test_thick_plate_is_not_sheet_metal(tmp_path: Path) -> None:
    assert analysed(box((0, 0, 0), (200, 150, 40)), tmp_path).family == "prismatic"


def test_thin_sleeve_is_a_tube_or_else_turned(tmp_path: Path) -> None:
    found = analysed(revolve([(18, 0), (20, 0), (20, 120), (18, 120)]), tmp_path)
    assert [(family.name, family.confidence) for family in found.families[:2]] == [
        ("tube", 0.95), ("turned", pytest.approx(0.28, abs=0.01)),
    ]  # fmt: skip
    assert found.minimum_wall_mm == pytest.approx(2)


def test_huge_part_asks_for_its_unit(tmp_path: Path) -> None:
    found = analysed(box((0, 0, 0), (60_000, 40_000, 30_000)), tmp_path)
    assert "implausible_size" in codes(found)
    assert found.questions[0].code == "which_unit"


def test_two_bodies_are_an_assembly(tmp_path: Path) -> None:
    from OCP.BRep import BRep_Builder
    from OCP.TopoDS import TopoDS_Compound

    both = TopoDS_Compound()
    builder = BRep_Builder()
    builder.MakeCompound(both)
    builder.Add(both, box((0, 0, 0), (10, 10, 10)))
    builder.Add(both, box((20, 0, 0), (10, 10, 20)))
    found = analysed(both, tmp_path)
    assert (found.family, found.bodies) == ("assembly", 2)
    assert found.volume_mm3 == pytest.approx(3000)
