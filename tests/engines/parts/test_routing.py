"""Routings and estimates follow from the part, the material, the quantity and the tables, and say how."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from gonghe.engines.model.parts import Estimate, Family, PartAnalysis, ProposedOperation, Tolerances
from gonghe.engines.parts import Tables, alternatives, default_tables, propose, report, times
from gonghe.engines.parts.iso286 import grade, tolerance_um
from gonghe.engines.parts.stock import next_bar

TABLES = default_tables()


def proposed(
    analysis: PartAnalysis, material: str = "steel", quantity: int = 60, tables: Tables = TABLES
) -> tuple[tuple[ProposedOperation, ...], Estimate]:
    return propose(analysis, material=material, quantity=quantity, tables=tables)


def processes(analysis: PartAnalysis, material: str = "steel") -> list[str]:
    return [operation.process for operation in proposed(analysis, material)[0]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bearing-bracket", ["saw", "milling-3axis", "deburring", "inspection"]),
        ("stepped-shaft", ["saw", "turning", "deburring", "inspection"]),
        ("flange", ["saw", "turning", "milling-3axis", "deburring", "inspection"]),
        ("l-bracket", ["laser-cutting", "deburring", "bending", "inspection"]),
        ("perforated-plate", ["laser-cutting", "deburring", "inspection"]),
    ],
)
def test_route_follows_the_family(name: str, expected: list[str], analyses: dict[str, PartAnalysis]) -> None:
    assert processes(analyses[name]) == expected


def test_operations_form_a_chain(analyses: dict[str, PartAnalysis]) -> None:
    operations, _ = proposed(analyses["flange"])
    assert [(op.number, op.after) for op in operations] == [
        (10, ()), (20, (10,)), (30, (20,)), (40, (30,)), (50, (40,)),
    ]  # fmt: skip
    assert operations[0].stock == "round bar 130 mm, 44 mm long"


def test_requirements_state_what_the_part_needs(analyses: dict[str, PartAnalysis]) -> None:
    turning = proposed(analyses["flange"])[0][1].requirement.properties
    assert turning == {
        "material_group": "steel", "batch_pieces": 60.0, "diameter_mm": 120.0, "length_mm": 40.0,
        "mass_kg": pytest.approx(1.429, abs=5e-4), "tolerance_it": 11.0,
    }  # fmt: skip
    bending = proposed(analyses["u-channel"], "stainless")[0][2].requirement.properties
    assert (bending["length_mm"], bending["thickness_mm"]) == (160.0, 1.5)


def test_milling_envelope_has_the_longest_side_first(analyses: dict[str, PartAnalysis]) -> None:
    milling = proposed(analyses["bearing-bracket"])[0][1].requirement.properties
    assert [milling[f"envelope_{axis}_mm"] for axis in "xyz"] == [110.0, 96.0, 70.0]


def test_fine_tolerance_adds_grinding(analyses: dict[str, PartAnalysis]) -> None:
    fine = replace(analyses["stepped-shaft"], tolerances=Tolerances(0, 1, 0, 0, tightest_it=6))
    operations, _ = proposed(fine)
    grinding = next(op for op in operations if op.process == "grinding-cylindrical")
    assert grinding.requirement.properties["tolerance_it"] == 6.0
    turning = next(op for op in operations if op.process == "turning")
    assert turning.requirement.properties["tolerance_it"] == 8.0


def test_run_time_of_turning_is_the_textbook_formula(analyses: dict[str, PartAnalysis]) -> None:
    part = analyses["spacer"]
    operations, _ = proposed(part, "brass")
    brass, general = TABLES.material("brass"), TABLES.general
    bar = math.pi * 45**2 / 4 * (25 + 4 + 3)  # next bar above 40 + 2, both allowances, saw kerf
    seconds = 60 * ((bar - part.volume_mm3) / 1000 / brass.turning_cm3_min)
    seconds += 60 * part.area_mm2 / 100 / brass.finish_cm2_min
    seconds += (
        2 * (general.clamp_s + general.clamp_s_per_kg * part.mass_kg("brass")) + 4 * general.tool_change_s
    )
    assert operations[1].run_s == round(seconds)


def test_laser_time_is_length_over_speed(analyses: dict[str, PartAnalysis]) -> None:
    # 3 mm stainless is cut at 5 m/min; 61 pierced at 0.3 s per mm of thickness
    length = 2 * (200 + 120) + 60 * math.pi * 6
    assert proposed(analyses["perforated-plate"], "stainless")[0][0].run_s == round(
        length / (5000 / 60) + 61 * 0.3 * 3 + 5
    )


def test_estimate_is_a_range_around_its_middle(analyses: dict[str, PartAnalysis]) -> None:
    _, estimate = proposed(analyses["flange"])
    assert 0 < estimate.cost_p10 < estimate.cost_p50 < estimate.cost_p90
    # a lognormal range is symmetric in the logarithm
    assert estimate.cost.p50**2 == pytest.approx(estimate.cost.p10 * estimate.cost.p90, rel=1e-4)


def test_cost_of_the_middle_can_be_recomputed_from_the_assumptions(analyses: dict[str, PartAnalysis]) -> None:
    operations, estimate = proposed(analyses["flange"])
    known = {assumption.code: assumption.value for assumption in estimate.assumptions}
    hours = {
        op.number: (known[f"setup.{op.number}"] + 60 * known[f"run.{op.number}"]) / 3600 for op in operations
    }
    work = sum(hours[op.number] * known[f"rate.{op.process}"] for op in operations)
    stock, part = known["stock.volume"], analyses["flange"].volume_mm3 / 1000
    density = known["material.density"] * 1e-6
    material = density * (stock * known["material.price"] - (stock - part) * known["material.scrap_price"])
    total = (work + 60 * material) * (1 + known["overhead"])
    assert estimate.cost.p50 / 100 == pytest.approx(total, rel=1e-4)


def test_price_per_piece_falls_with_quantity(analyses: dict[str, PartAnalysis]) -> None:
    _, estimate = proposed(analyses["bearing-bracket"])
    assert [item.quantity for item in estimate.breaks] == [1, 10, 100, 1000]
    each = [item.cost.p50 / item.quantity for item in estimate.breaks]
    assert each == sorted(each, reverse=True)
    # what is left at a thousand is nearly all run time: set-up no longer counts
    assert each[0] > 2.5 * each[3]


def test_doubt_widens_the_range(analyses: dict[str, PartAnalysis]) -> None:
    sure = analyses["bearing-bracket"]
    unsure = replace(sure, families=(Family("prismatic", 0.3, ("who knows",)),))
    faulty = replace(sure, valid=False)
    width = [
        estimate.cost.p90 / estimate.cost.p10
        for estimate in (proposed(part)[1] for part in (sure, unsure, faulty))
    ]
    assert width[0] < width[1]
    assert width[0] < width[2]


def test_workshop_tables_replace_ours(analyses: dict[str, PartAnalysis]) -> None:
    data = TABLES.to_json()
    data["processes"]["turning"]["rate_minor_per_h"] *= 2
    data["currency"] = "EUR"
    dearer = Tables.from_json(data)
    _, ours = proposed(analyses["spacer"], "brass")
    _, theirs = proposed(analyses["spacer"], "brass", tables=dearer)
    assert theirs.currency == "EUR"
    assert theirs.cost.p50 > ours.cost.p50
    assert Tables.from_json(dearer.to_json()) == dearer


@pytest.mark.parametrize(
    ("name", "first", "others"),
    [
        ("flange", "turning", {"turn-mill"}),
        ("l-bracket", "laser-cutting", {"milling-3axis"}),
        ("manifold-block", "milling-3axis", {"milling-5axis"}),
    ],
)
def test_alternatives(name: str, first: str, others: set[str], analyses: dict[str, PartAnalysis]) -> None:
    assert first in processes(analyses[name])
    found = alternatives(analyses[name], material="steel", quantity=60, tables=TABLES)
    assert others <= {op.process for way in found for op in way.operations}
    assert all(way.estimate.cost.p50 > 0 and way.why for way in found)


def test_freeform_may_be_milled_or_printed(analyses: dict[str, PartAnalysis]) -> None:
    part = replace(analyses["housing-block"], families=(Family("freeform", 0.9, ("curved",)),))
    whole = report(part, material="plastic", quantity=2)
    assert "milling-5axis" in {op.process for op in whole.operations}
    assert [op.process for op in whole.alternatives[0].operations] == ["additive", "deburring", "inspection"]


def test_every_process_and_property_is_in_the_taxonomy(analyses: dict[str, PartAnalysis]) -> None:
    from gonghe.engines.matching import Taxonomy

    taxonomy = Taxonomy.load()
    for part in analyses.values():
        whole = report(part)
        for op in (*whole.operations, *(op for way in whole.alternatives for op in way.operations)):
            taxonomy.process(op.process)
            for code in op.requirement.properties:
                taxonomy.property(code)


def test_bad_wishes_are_refused(analyses: dict[str, PartAnalysis]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        proposed(analyses["spacer"], quantity=0)
    with pytest.raises(ValueError, match="no figures for material 'gold'"):
        proposed(analyses["spacer"], "gold")


def test_operations_survive_json(analyses: dict[str, PartAnalysis]) -> None:
    operations, estimate = proposed(analyses["flange"])
    assert [ProposedOperation.from_json(op.to_json()) for op in operations] == list(operations)
    assert Estimate.from_json(estimate.to_json()) == estimate


def test_speed_between_table_points() -> None:
    table = [(1.0, 20.0), (2.0, 8.0), (4.0, 2.0)]
    assert times.interpolate(table, 0.5) == 20.0
    assert times.interpolate(table, 2.0) == pytest.approx(8.0)
    assert times.interpolate(table, math.sqrt(8)) == pytest.approx(4.0)
    assert times.interpolate(table, 8.0) == pytest.approx(0.5)


@pytest.mark.parametrize(("diameter", "bar"), [(12.0, 12), (12.1, 14), (30.0, 30), (42.0, 45), (122.0, 130)])
def test_next_bar(diameter: float, bar: float) -> None:
    assert next_bar(diameter) == bar


# ISO 286-1, table 1: standard tolerance in micrometres
ISO_286: list[Any] = [
    (25.0, 6, 13), (25.0, 7, 21), (25.0, 8, 33), (25.0, 11, 130), (100.0, 6, 22), (100.0, 7, 35),
    (100.0, 9, 87), (8.0, 7, 15), (8.0, 10, 58), (300.0, 7, 52), (600.0, 7, 70), (600.0, 8, 110),
]  # fmt: skip


@pytest.mark.parametrize(("size", "it", "micrometres"), ISO_286)
def test_grades_of_iso_286(size: float, it: int, micrometres: int) -> None:
    assert tolerance_um(size, it) == pytest.approx(micrometres, rel=0.05)
    assert grade(size, micrometres / 1000) == it


def test_grade_of_wide_and_tight_tolerances() -> None:
    assert grade(25.0, 0.001) == 5
    assert grade(25.0, 50.0) is None
    assert grade(5000.0, 0.1) is None
