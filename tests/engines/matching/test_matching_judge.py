"""Requirement against capabilities."""

from __future__ import annotations

import math

import pytest

from gonghe.engines.matching import Taxonomy, match, nearest
from gonghe.engines.model.matching import (
    Capability,
    InvalidMatchingData,
    Match,
    Miss,
    Requirement,
    UnknownProcess,
    UnknownProperty,
    constraints_from_json,
)

TAXONOMY = Taxonomy.load()


def capability(process: str, *, covers_children: bool = False, **limits: object) -> Capability:
    return Capability("c", process, constraints_from_json(limits), covers_children)


def judge(wanted: Requirement, offered: Capability) -> Match:
    return match(wanted, [offered], TAXONOMY)[0]


MILL = capability(
    "milling-3axis",
    envelope_x_mm={"max": 500},
    envelope_y_mm={"max": 400},
    envelope_z_mm={"max": 300},
    tolerance_it={"min": 6},
    material_group={"set": ["steel", "aluminium"]},
    batch_pieces={"min": 10, "max": 500},
)


def test_everything_within_limits_can() -> None:
    wanted = Requirement(
        "milling-3axis",
        {"envelope_x_mm": 500, "tolerance_it": 6, "material_group": "steel", "batch_pieces": 10},
    )
    assert judge(wanted, MILL) == Match("c", "can", (), (), 0.0)


def test_each_miss_says_by_how_much_and_in_which_unit() -> None:
    result = judge(Requirement("milling-3axis", {"envelope_x_mm": 520, "tolerance_it": 5}), MILL)
    assert result.verdict == "nearly"
    assert result.misses == (
        Miss("envelope_x_mm", 520, 500, 20, "MMT"),
        Miss("tolerance_it", 5, 6, 1, ""),
    )
    assert result.distance == pytest.approx(20 / 520 + 1 / 6)


def test_below_a_lower_limit() -> None:
    result = judge(Requirement("milling-3axis", {"batch_pieces": 4}), MILL)
    assert result.misses == (Miss("batch_pieces", 4, 10, 6, "H87"),)


def test_three_misses_are_not_near() -> None:
    wanted = Requirement(
        "milling-3axis", {"mass_kg": 9, "tolerance_it": 5, "batch_pieces": 1, "material_group": "wood"}
    )
    result = judge(wanted, MILL)
    assert result.verdict == "cannot"
    assert [miss.property for miss in result.misses] == ["tolerance_it", "batch_pieces", "material_group"]
    assert result.distance == pytest.approx(1 / 6 + 9 / 10 + 1)


def test_words_that_are_missing_are_named() -> None:
    result = judge(Requirement("milling-3axis", {"material_group": ("steel", "titanium")}), MILL)
    assert result.misses == (Miss("material_group", ("titanium",), ("aluminium", "steel"), None, ""),)


def test_certificates_must_be_stated() -> None:
    wanted = Requirement("milling-3axis", {"certificate": ("ISO 9001",)})
    assert judge(wanted, MILL).misses == (Miss("certificate", ("ISO 9001",), None, None, ""),)
    certified = capability("milling-3axis", certificate={"set": ["ISO 9001", "EN 9100"]})
    assert judge(wanted, certified).verdict == "can"


def test_silence_is_no_limit_but_is_told() -> None:
    result = judge(Requirement("milling-3axis", {"mass_kg": 80}), MILL)
    assert result.verdict == "can"
    assert result.assumed == ("mass_kg",)


def test_usual_reach_of_the_process_counts_where_nothing_is_stated() -> None:
    result = judge(Requirement("saw", {"tolerance_it": 8}), capability("saw"))
    assert result.misses == (Miss("tolerance_it", 8, 13, 5, ""),)
    assert result.assumed == ("tolerance_it",)
    assert (
        judge(Requirement("saw", {"tolerance_it": 8}), capability("saw", tolerance_it={"min": 8})).verdict
        == "can"
    )


def test_a_part_may_be_turned() -> None:
    lying = Requirement("milling", {"envelope_x_mm": 290, "envelope_y_mm": 390, "envelope_z_mm": 490})
    assert judge(lying, MILL).verdict == "can"
    too_high = Requirement("milling", {"envelope_x_mm": 310, "envelope_y_mm": 390, "envelope_z_mm": 490})
    assert judge(too_high, MILL).misses == (Miss("envelope_z_mm", 310, 300, 10, "MMT"),)


@pytest.mark.parametrize(
    ("required", "offered", "covers_children", "verdict"),
    [
        ("milling", "milling", False, "can"),
        ("milling", "milling-5axis", False, "can"),
        ("milling-5axis", "milling", False, "cannot"),
        ("milling-5axis", "milling", True, "can"),
        ("milling-5axis", "machining", True, "can"),
        ("milling-5axis", "turning", True, "cannot"),
        ("milling-3axis", "milling-5axis", False, "can"),
        ("milling-5axis", "milling-3axis", False, "cannot"),
        ("turning", "turn-mill", False, "can"),
        ("turn-mill", "turning", False, "cannot"),
        ("sewing", "milling", True, "cannot"),
    ],
)
def test_which_process_serves_which(required: str, offered: str, covers_children: bool, verdict: str) -> None:
    result = judge(Requirement(required), capability(offered, covers_children=covers_children))
    assert result.verdict == verdict
    if verdict == "cannot":
        assert result.misses == (Miss("process", required, offered, None, ""),)
        assert math.isinf(result.distance)


def test_nearest_first_and_order_kept_by_match() -> None:
    offers = [
        Capability("far", "milling", constraints_from_json({"mass_kg": {"max": 10}})),
        Capability("other", "sewing"),
        Capability("near", "milling", constraints_from_json({"mass_kg": {"max": 90}})),
        Capability("able", "milling", constraints_from_json({"mass_kg": {"max": 100}})),
    ]
    found = match(Requirement("milling", {"mass_kg": 100}), offers, TAXONOMY)
    assert [one.capability_id for one in found] == ["far", "other", "near", "able"]
    assert [one.capability_id for one in nearest(found)] == ["able", "near", "far", "other"]


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(UnknownProcess, match=r"'miling'; did you mean milling"):
        judge(Requirement("miling"), MILL)
    with pytest.raises(UnknownProcess, match="sowing"):
        judge(Requirement("milling"), capability("sowing"))
    with pytest.raises(UnknownProperty, match=r"'tolerance'; did you mean tolerance_it"):
        judge(Requirement("milling", {"tolerance": 7}), MILL)
    with pytest.raises(InvalidMatchingData, match="tolerance_it takes a number, not 'fine'"):
        judge(Requirement("milling", {"tolerance_it": "fine"}), MILL)
    with pytest.raises(InvalidMatchingData, match="material_group takes a word"):
        judge(Requirement("milling", {"material_group": 3}), MILL)
    with pytest.raises(InvalidMatchingData, match="capability c: mass_kg must be limited by numbers"):
        judge(Requirement("milling", {"mass_kg": 3}), capability("milling", mass_kg={"set": ["light"]}))
