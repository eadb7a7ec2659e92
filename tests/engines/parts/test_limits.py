"""Remarks on short flanges, cut-outs near bends, tolerances too fine for a family, and parts too large."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples.parts import box, cut, extrude, outline
from OCP.TopoDS import TopoDS_Shape
from tests.engines.parts.making import analysed

from gonghe.engines.model.parts import PartAnalysis, Tolerance, Tolerances, Warning_
from gonghe.engines.parts import report, too_large
from gonghe.engines.parts.advice import tolerance_warnings

T, R = 2.0, 3.0


def angle(flat: float) -> TopoDS_Shape:
    """Angle of 2 mm sheet with one flange of 60 mm and one whose flat part has the given length."""
    out, s = R + T, 0.5**0.5
    up = out + flat
    profile = outline(
        [(60, 0, 0), (60, 0, T), (out, 0, T), (T, 0, out), (T, 0, up), (0, 0, up), (0, 0, out), (out, 0, 0)],
        {2: (out - R * s, 0, out - R * s), 6: (out - out * s, 0, out - out * s)},
    )
    return extrude(profile, (0, 50, 0))


def told(found: PartAnalysis, code: str) -> list[Warning_]:
    return [warning for warning in found.warnings if warning.code == code]


@pytest.mark.parametrize(("flat", "short"), [(3.0, True), (5.9, True), (6.1, False), (20.0, False)])
def test_a_flange_needs_four_thicknesses_and_the_radius(flat: float, short: bool, tmp_path: Path) -> None:
    found = analysed(angle(flat), tmp_path)
    assert found.family == "sheet"
    remarks = told(found, "short_flange")
    assert len(remarks) == int(short)
    if short:
        assert dict(remarks[0].params) == pytest.approx({"flange_mm": flat + R + T, "wanted_mm": 4 * T + R})
        assert found.sheet is not None
        assert set(found.sheet.bend_list[0].faces) <= set(remarks[0].faces)


@pytest.mark.parametrize(("gap", "near"), [(1.5, True), (3.9, True), (4.1, False)])
def test_a_cut_out_keeps_two_thicknesses_from_a_bend(gap: float, near: bool, tmp_path: Path) -> None:
    start = R + T + gap
    found = analysed(cut(angle(30), box((start, 20, 0), (15, 10, T))), tmp_path)
    remarks = told(found, "cutout_near_bend")
    assert len(remarks) == int(near)
    if near:
        assert dict(remarks[0].params)["gap_mm"] == pytest.approx(gap)
        assert len(remarks[0].faces) == 4 + 2


@pytest.mark.parametrize(
    ("family", "grade", "code"),
    [
        ("prismatic", 7, "fine_tolerance"), ("prismatic", 8, None), ("turned", 7, "fine_tolerance"),
        ("sheet", 11, "fine_for_sheet"), ("sheet", 12, None), ("tube", 9, "fine_for_sheet"),
    ],
)  # fmt: skip
def test_what_is_fine_depends_on_the_family(family: str, grade: int, code: str | None) -> None:
    items = (Tolerance("Diameter", 20.0, 0.02, grade, (4, 5)), Tolerance("Diameter", 20.0, 0.5, 14, (6,)))
    remarks = tolerance_warnings(Tolerances(0, 2, 0, 0, grade, (), items), family)
    assert [item.code for item in remarks] == ([code] if code else [])
    for remark in remarks:
        assert remark.faces == (4, 5)
        assert dict(remark.params)["finest_it"] == grade


def test_a_part_larger_than_any_offer(tmp_path: Path) -> None:
    found = analysed(box((0, 0, 0), (900, 300, 100)), tmp_path)
    largest = {"milling-3axis": {"envelope_x_mm": 800.0, "envelope_y_mm": 500.0, "envelope_z_mm": 450.0}}
    whole = report(found, quantity=3, largest=largest)
    (remark,) = told(whole.analysis, "too_large")
    assert dict(remark.params) == {"needed": 900.0, "largest": 800.0}
    assert "800 mm" in remark.message
    assert "anyone offers" in remark.message
    asked = [operation.requirement for operation in whole.operations]
    assert too_large(asked, {"milling-3axis": {"envelope_x_mm": 900.0}}) == []
    assert too_large(asked, {}) == []
    assert told(report(found, quantity=3).analysis, "too_large") == []
