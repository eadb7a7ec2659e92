"""Set-ups, tilts and undercuts of parts whose reach follows from their shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from examples.parts import Point, box, cut, cylinder, extrude, fuse, outline, revolve, round_edges
from OCP.BRepPrimAPI import BRepPrimAPI_MakeSphere
from OCP.gp import gp_Pnt
from OCP.TopoDS import TopoDS_Shape
from tests.engines.parts.making import analysed
from tests.engines.parts.test_generated import moved

from gonghe.engines.model.part_features import Reach
from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import default_tables, propose, report

BLOCK = (60.0, 40.0, 20.0)


def reach_of(found: PartAnalysis) -> Reach:
    assert found.reach is not None
    return found.reach


def t_slot(length: float) -> TopoDS_Shape:
    """A block with a slot 12 wide that widens to 24 x 6 at its floor, open at both ends."""
    neck, arms = box((24, 0, 8), (12, length, 12)), box((18, 0, 8), (24, length, 6))
    return cut(box((0, 0, 0), (60, length, 20)), neck, arms)


def dovetail(length: float) -> TopoDS_Shape:
    """A block with a dovetail groove, 20 wide at the top and 8 deep, flanks leaning 30 degrees out."""
    out = 8 / 3**0.5
    face = outline([(20, 0, 20), (20 - out, 0, 12), (40 + out, 0, 12), (40, 0, 20)])
    return cut(box((0, 0, 0), (60, length, 20)), extrude(face, (0, length, 0)))


def prism_with(degrees_off: float) -> TopoDS_Shape:
    """A block with a roof that leans, and a blind hole square to it."""
    rise = 20.0
    face = outline([(0, 0, 0), (60, 0, 0), (60, 0, 20), (0, 0, 20 + rise)])
    body = extrude(face, (0, 40, 0))
    lean = (rise**2 + 60.0**2) ** 0.5
    down: Point = (-rise / lean, 0.0, -60.0 / lean)
    start = (30 - 5 * down[0], 20.0, 30 - 5 * down[2])
    return cut(body, cylinder(start, down, 6 + degrees_off, 15))


@pytest.mark.parametrize("turn", [0, 40])
def test_a_plain_block_wants_its_two_sides(turn: int, tmp_path: Path) -> None:
    found = analysed(moved(box((0, 0, 0), BLOCK), turn, 70), tmp_path)
    reach = reach_of(found)
    assert (reach.machine, found.setups, reach.undercuts) == ("3-axis", 2, ())
    assert len(reach.setups) == 2
    assert all(item.square for item in reach.setups)
    done = [face for item in reach.setups for face in item.faces]
    assert sorted(done) == list(range(6))


def test_pockets_on_two_sides_want_two_set_ups(tmp_path: Path) -> None:
    top, front = box((20, 10, 12), (20, 20, 8)), box((45, 0, 5), (10, 6, 10))
    found = analysed(cut(box((0, 0, 0), BLOCK), top, front), tmp_path)
    assert sorted(item.direction for item in reach_of(found).setups) == [(0, -1, 0), (0, 0, 1)]
    assert found.setups == 2
    assert sorted(found.directions) == sorted(item.direction for item in reach_of(found).setups)


@pytest.mark.parametrize("turn", [0, 25])
def test_a_long_t_slot_is_an_undercut_and_nothing_tilted_gets_there(turn: int, tmp_path: Path) -> None:
    found = analysed(moved(t_slot(200), turn, 40), tmp_path)
    reach = reach_of(found)
    undersides = 2 * 6 * 200
    assert sum(item.area_mm2 for item in reach.undercuts) >= undersides * 0.5
    assert reach.hidden
    assert all(item.tilted_to == () for item in reach.undercuts)
    assert "undercut" in {warning.code for warning in found.warnings}
    warning = next(item for item in found.warnings if item.code == "undercut")
    assert set(warning.faces) == set(reach.hidden)


def test_a_short_t_slot_is_cut_from_its_end(tmp_path: Path) -> None:
    found = analysed(t_slot(15), tmp_path)
    assert reach_of(found).undercuts == ()
    assert {abs(item.direction[1]) for item in reach_of(found).setups} >= {1.0}


def test_a_dovetail_is_reached_by_a_tilted_tool(tmp_path: Path) -> None:
    found = analysed(dovetail(300), tmp_path)
    reach = reach_of(found)
    assert reach.machine == "3+2"
    assert reach.hidden == ()


def test_a_hole_square_to_a_slope_wants_a_tilt(tmp_path: Path) -> None:
    found = analysed(prism_with(0), tmp_path)
    reach = reach_of(found)
    assert reach.machine == "3+2"
    assert [item.square for item in reach.setups].count(False) == 1
    lean = next(item.direction for item in reach.setups if not item.square)
    assert lean == pytest.approx((20 / 4000**0.5, 0, 60 / 4000**0.5))
    assert reach.undercuts == ()


def test_a_round_cavity_behind_a_small_mouth_is_hidden(tmp_path: Path) -> None:
    ball = BRepPrimAPI_MakeSphere(gp_Pnt(30, 20, 20), 15).Shape()
    mouth = cylinder((30, 20, 30), (0, 0, 1), 6, 12)
    found = analysed(cut(box((0, 0, 0), (60, 40, 40)), fuse(ball, mouth)), tmp_path)
    assert len(reach_of(found).hidden) == 1


def test_a_dome_is_reached_from_above(tmp_path: Path) -> None:
    dome = BRepPrimAPI_MakeSphere(gp_Pnt(30, 20, 20), 12).Shape()
    found = analysed(fuse(box((0, 0, 0), BLOCK), dome), tmp_path)
    reach = reach_of(found)
    assert (reach.machine, reach.undercuts, found.setups) == ("3-axis", (), 2)


def test_a_deep_narrow_pocket_is_deep_but_no_undercut(tmp_path: Path) -> None:
    pocket = round_edges(box((20, 10, 2), (4, 20, 38)), 1.5, 2)
    found = analysed(cut(box((0, 0, 0), (60, 40, 40)), pocket), tmp_path)
    assert reach_of(found).undercuts == ()
    assert "deep_pocket" in {warning.code for warning in found.warnings}


def test_a_lathe_reaches_grooves_that_no_mill_does(tmp_path: Path) -> None:
    shaft = revolve([(0, 0), (20, 0), (20, 30), (14, 30), (14, 34), (20, 34), (20, 60), (0, 60)])
    found = analysed(shaft, tmp_path)
    assert found.family == "turned"
    assert reach_of(found).undercuts == ()


def test_sheet_and_assemblies_have_no_reach(tmp_path: Path) -> None:
    assert analysed(box((0, 0, 0), (200, 100, 2)), tmp_path).reach is None


def test_reach_survives_json(tmp_path: Path) -> None:
    found = analysed(t_slot(200), tmp_path)
    assert PartAnalysis.from_json(found.to_json()) == found


def processes(found: PartAnalysis) -> list[list[str]]:
    whole = report(found, material="steel", quantity=20)
    return [[op.process for op in way.operations] for way in (whole, *whole.alternatives)]


def test_an_oblique_hole_makes_five_axes_likelier(tmp_path: Path) -> None:
    found = analysed(prism_with(0), tmp_path)
    ways = processes(found)
    assert ways[0] == ["saw", "milling-5axis", "deburring", "inspection"]
    assert ways[1] == ["saw", "milling-3axis", "deburring", "inspection"]
    three = report(found, quantity=20).alternatives[0]
    assert "tilted fixture" in three.why
    clampings = found.setups
    mill = three.operations[1]
    general, table = default_tables().general, default_tables().process("milling-3axis")
    # one more set-up per clamping after the first, and the tilted fixture once more
    assert mill.setup_s == table.setup_s + (clampings - 1 + 1) * general.setup_per_clamping_s


def test_form_cutters_take_their_time(tmp_path: Path) -> None:
    found = analysed(t_slot(200), tmp_path)
    bare = replace(found, reach=None)
    tables = default_tables()
    steel, general = tables.material("steel"), tables.general
    area = sum(item.area_mm2 for item in reach_of(found).undercuts)
    extra = 60 * area / 100 / (0.25 * steel.finish_cm2_min) + general.tool_change_s
    mills = [
        next(
            op for op in propose(part, material="steel", quantity=5, tables=tables)[0] if "mill" in op.process
        )
        for part in (found, bare)
    ]
    assert mills[0].run_s - mills[1].run_s == pytest.approx(extra, abs=1)
    assert "with form cutters" in mills[0].basis
