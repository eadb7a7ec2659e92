"""Plain parts can be made in more than one way, and each way says honestly what it takes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from examples.parts import box, cut, cylinder, revolve
from tests.engines.parts.making import analysed

from gonghe.engines.model.parts import Alternative, PartAnalysis
from gonghe.engines.parts import Report, default_tables, report

TABLES = default_tables()


def ways(found: PartAnalysis, quantity: int) -> dict[str, Report | Alternative]:
    whole = report(found, material="steel", quantity=quantity)
    return {"first": whole, **{item.name: item for item in whole.alternatives}}


def test_a_plain_block_has_three_ways(tmp_path: Path) -> None:
    found = analysed(cut(box((0, 0, 0), (90, 60, 16)), cylinder((30, 30, 6), (0, 0, 1), 8, 10)), tmp_path)
    known = ways(found, 20)
    assert [op.process for op in known["first"].operations] == [
        "saw",
        "milling-3axis",
        "deburring",
        "inspection",
    ]
    assert set(known) == {"first", "mill, five axes", "cut from plate, mill"}
    plate = known["cut from plate, mill"].operations
    assert [op.process for op in plate] == ["laser-cutting", "milling-3axis", "deburring", "inspection"]
    steel, general = TABLES.material("steel"), TABLES.general
    # 21 mm thick: log-log between 20 mm (0.6 m/min) and 25 mm (0.4 m/min)
    speed = 0.6 * (0.4 / 0.6) ** (math.log(21 / 20) / math.log(25 / 20)) * 1000 / 60
    assert plate[0].run_s == round(2 * (95 + 65) / speed + general.pierce_s_per_mm * 21 + 5)
    # no saw kerf to mill off: the same cutting less a slice of 3 mm
    saved = 60 * general.saw_kerf_mm * 65 * 21 / 1000 / steel.milling_cm3_min
    assert known["first"].operations[1].run_s - plate[1].run_s == pytest.approx(saved, abs=1)


def test_a_thick_block_is_not_cut_from_plate(tmp_path: Path) -> None:
    assert set(ways(analysed(box((0, 0, 0), (90, 60, 50)), tmp_path), 5)) == {"first", "mill, five axes"}


def test_a_small_turned_part_may_come_from_the_bar(tmp_path: Path) -> None:
    found = analysed(revolve([(0, 0), (20, 0), (20, 30), (14, 30), (14, 60), (0, 60)]), tmp_path)
    known = ways(found, 200)
    assert set(known) == {"first", "turn from the bar", "turn-mill centre"}
    bar = known["turn from the bar"].operations
    assert [op.process for op in bar] == ["turning", "deburring", "inspection"]
    steel, general = TABLES.material("steel"), TABLES.general
    # a bar of 45 mm is parted off, one clamping of two is left to the feeder
    parted = 60 * math.pi * 45**2 / 4 / (1000 * steel.drill_vc_m_min * 0.08)
    clamp = general.clamp_s + general.clamp_s_per_kg * found.mass_kg("steel")
    sawn = known["first"].operations[1].run_s
    assert bar[0].run_s == pytest.approx(sawn - clamp + 12 + parted, abs=1)
    assert known["turn from the bar"].estimate.cost.p50 < known["first"].estimate.cost.p50


def test_one_piece_is_not_worth_the_bar_feeder(tmp_path: Path) -> None:
    found = analysed(revolve([(0, 0), (10, 0), (10, 40), (0, 40)]), tmp_path)
    known = ways(found, 1)
    assert known["turn from the bar"].estimate.cost.p50 > known["first"].estimate.cost.p50


def test_long_or_thick_bars_are_not_fed(tmp_path: Path) -> None:
    assert "turn from the bar" not in ways(
        analysed(revolve([(0, 0), (10, 0), (10, 120), (0, 120)]), tmp_path), 9
    )
    assert "turn from the bar" not in ways(
        analysed(revolve([(0, 0), (40, 0), (40, 90), (0, 90)]), tmp_path), 9
    )


def test_a_flange_is_drilled_on_a_press_or_milled(analyses: dict[str, PartAnalysis]) -> None:
    known = ways(analyses["flange"], 60)
    assert set(known) == {"first", "turn-mill centre", "turn, then drill"}
    press = known["turn, then drill"].operations
    assert [op.process for op in press] == ["saw", "turning", "drilling", "deburring", "inspection"]
    assert press[2].requirement.properties["diameter_mm"] == 11.0


def test_every_way_of_the_examples_has_times_and_a_reason(analyses: dict[str, PartAnalysis]) -> None:
    for name, part in analyses.items():
        whole = report(part, quantity=10)
        if part.family in ("prismatic", "turned"):
            assert whole.alternatives, name
        for way in whole.alternatives:
            assert way.why
            assert all(op.run_s > 0 and op.basis for op in way.operations), (name, way.name)
