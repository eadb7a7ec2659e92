"""Turned grooves and half sections of parts whose profile is given in figures."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from examples.parts import cut, cylinder, outline, revolve
from hypothesis import given, settings
from hypothesis import strategies as st
from OCP.BRepPrimAPI import BRepPrimAPI_MakeRevol, BRepPrimAPI_MakeTorus
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt
from OCP.TopoDS import TopoDS_Shape
from tests.engines.parts.making import analysed
from tests.engines.parts.test_generated import moved

from gonghe.engines.model.part_features import Groove
from gonghe.engines.model.parts import PartAnalysis, Turned
from gonghe.engines.parts import default_tables, propose

some = settings(max_examples=20, deadline=None, derandomize=True, database=None)


def read(shape: TopoDS_Shape) -> Turned:
    with tempfile.TemporaryDirectory() as folder:
        turned = analysed(shape, Path(folder)).turned
    assert turned is not None
    return turned


def figures(groove: Groove) -> tuple[str, float, float, float]:
    return groove.side, round(groove.width_mm, 4), round(groove.depth_mm, 4), round(groove.diameter_mm, 4)


def ring_groove(length: float, radius: float, at: float, width: float, depth: float) -> TopoDS_Shape:
    return revolve(
        [(0, 0), (radius, 0), (radius, at), (radius - depth, at), (radius - depth, at + width),
         (radius, at + width), (radius, length), (0, length)]
    )  # fmt: skip


@given(
    radius=st.integers(10, 40),
    at=st.integers(5, 40),
    width=st.integers(5, 60).map(lambda n: n / 10),
    depth=st.integers(5, 40).map(lambda n: n / 10),
    turn=st.integers(0, 180),
)
@some
def test_a_groove_round_a_shaft(radius: int, at: int, width: float, depth: float, turn: int) -> None:
    turned = read(moved(ring_groove(80, radius, at, width, depth), turn, 35))
    (groove,) = turned.grooves
    assert figures(groove) == pytest.approx(("outside", width, depth, 2 * (radius - depth)), abs=1e-4)
    middle = at + width / 2
    assert min(abs(groove.position_mm - middle), abs(groove.position_mm - (80 - middle))) < 1e-4
    assert len(groove.faces) == 3


def test_a_groove_in_a_bore(tmp_path: Path) -> None:
    profile = [(12, 0), (25, 0), (25, 40), (12, 40), (12, 32), (13.5, 32), (13.5, 30), (12, 30)]
    (groove,) = read(revolve([(float(r), float(z)) for r, z in profile])).grooves
    assert figures(groove) == ("inside", 2.0, 1.5, 27.0)


@pytest.mark.parametrize("up", [True, False])
def test_a_groove_in_a_face(up: bool) -> None:
    tool = cut(cylinder((0, 0, 27), (0, 0, 1), 60, 3), cylinder((0, 0, 27), (0, 0, 1), 52, 3))
    disc = cut(cylinder((0, 0, 0), (0, 0, 1), 90, 30), tool)
    if not up:
        disc = moved(disc, 180, 0)
    (groove,) = read(disc).grooves
    assert figures(groove) == ("face", 4.0, 3.0, 56.0)
    assert groove.position_mm in (pytest.approx(30.0), pytest.approx(0.0, abs=1e-6))


def test_a_narrow_groove_in_a_wide_recess_is_found_alone() -> None:
    profile = [(0, 0), (20, 0), (20, 10), (15, 10), (15, 30), (14, 30), (14, 32), (15, 32), (15, 60),
               (20, 60),
               (20, 70), (0, 70)]  # fmt: skip
    (groove,) = read(revolve([(float(r), float(z)) for r, z in profile])).grooves
    assert figures(groove) == ("outside", 2.0, 1.0, 28.0)


def test_an_undercut_at_a_shoulder_is_as_deep_as_below_the_smaller_diameter() -> None:
    profile = [(0, 0), (20, 0), (20, 30), (11.5, 30), (11.5, 33), (12, 33), (12, 60), (0, 60)]
    (groove,) = read(revolve([(float(r), float(z)) for r, z in profile])).grooves
    assert figures(groove) == ("outside", 3.0, 0.5, 23.0)


def test_a_v_groove_is_measured_at_its_mouth() -> None:
    profile = [(0, 0), (30, 0), (30, 10), (26, 14), (30, 18), (30, 40), (0, 40)]
    (groove,) = read(revolve([(float(r), float(z)) for r, z in profile])).grooves
    assert figures(groove) == ("outside", 8.0, 4.0, 52.0)
    assert groove.position_mm in (pytest.approx(14.0), pytest.approx(26.0))


def test_a_round_groove(tmp_path: Path) -> None:
    ring = BRepPrimAPI_MakeTorus(gp_Ax2(gp_Pnt(0, 0, 25), gp_Dir(0, 0, 1)), 20, 3).Shape()
    (groove,) = read(cut(cylinder((0, 0, 0), (0, 0, 1), 40, 50), ring)).grooves
    assert groove.side == "outside"
    assert groove.width_mm == pytest.approx(6.0, abs=1e-3)
    assert groove.depth_mm == pytest.approx(3.0, abs=1e-4)
    assert groove.position_mm == pytest.approx(25.0)


def test_steps_bores_and_chamfers_are_no_grooves(analyses: dict[str, PartAnalysis]) -> None:
    for name in ("stepped-shaft", "spacer", "flange"):
        turned = analyses[name].turned
        assert turned is not None
        assert turned.grooves == (), name


def test_the_half_section_of_a_stepped_shaft(analyses: dict[str, PartAnalysis]) -> None:
    turned = analyses["stepped-shaft"].turned
    assert turned is not None
    cylinders = [item for item in turned.profile if item.kind == "cylinder"]
    lengths = sorted(
        (round(item.start_mm[1], 4), round(item.end_mm[0] - item.start_mm[0], 4)) for item in cylinders
    )
    assert lengths == [(25.0, 49.0), (30.0, 39.0), (40.0, 80.0)]
    assert not any(item.inside for item in turned.profile)
    cones = [item for item in turned.profile if item.kind == "cone"]
    assert sorted(abs(item.end_mm[1] - item.start_mm[1]) for item in cones) == pytest.approx([2.0, 2.0])
    ends = sorted(max(item.start_mm[1], item.end_mm[1]) for item in turned.profile if item.kind == "face")
    assert ends == pytest.approx([23.0, 28.0, 40.0, 40.0])


def test_the_half_section_explains_the_volume() -> None:
    """Guldin: the volume of a body of revolution is the integral of pi r^2 along its outline."""
    face = outline([(5, 0, 0), (20, 0, 0), (24, 0, 30), (24, 0, 50), (5, 0, 50)])
    body = BRepPrimAPI_MakeRevol(face, gp_Ax1(gp_Pnt(0, 0, 0), gp_Dir(0, 0, 1))).Shape()
    with tempfile.TemporaryDirectory() as folder:
        found = analysed(body, Path(folder))
    assert found.turned is not None
    volume = 0.0
    for item in found.turned.profile:
        (z0, d0), (z1, d1) = item.start_mm, item.end_mm
        slice_mm3 = math.pi / 12 * (d0**2 + d0 * d1 + d1**2) * abs(z1 - z0)
        volume += -slice_mm3 if item.inside else slice_mm3
    assert volume == pytest.approx(found.volume_mm3, rel=1e-6)


def test_grooves_take_their_time_and_survive_json(tmp_path: Path) -> None:
    found = analysed(ring_groove(80, 20, 30, 4, 3), tmp_path)
    assert PartAnalysis.from_json(found.to_json()) == found
    from dataclasses import replace

    assert found.turned is not None
    plain = replace(found, turned=replace(found.turned, grooves=()))
    tables = default_tables()
    runs = [
        next(
            op
            for op in propose(part, material="steel", quantity=5, tables=tables)[0]
            if op.process == "turning"
        )
        for part in (found, plain)
    ]
    steel, general = tables.material("steel"), tables.general
    # two plunges of a 3 mm blade, 3 mm deep at 40 mm diameter, and one tool more
    plunge = 60 * math.pi * 40 * 3 / (1000 * steel.drill_vc_m_min * 0.08)
    extra = 2 * (plunge + general.position_s) + general.tool_change_s
    assert runs[0].run_s - runs[1].run_s == pytest.approx(extra, abs=1)
    assert "1 groove" in runs[0].basis
