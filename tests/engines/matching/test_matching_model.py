"""The frozen types: what they refuse and how they travel as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonghe.engines.matching import Taxonomy, match
from gonghe.engines.model.matching import (
    Capability,
    Constraint,
    InvalidMatchingData,
    Match,
    Property,
    Requirement,
    constraints_from_json,
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "has min, max or set"),
        ({"low": 1}, "has min, max or set"),
        ({"min": 3, "max": 2}, "lower limit 3 is above the upper limit 2"),
        ({"min": 1, "set": ["a"]}, "either min/max or a set"),
        ({"set": []}, "must not be empty"),
        ({"set": "steel"}, "a set holds words"),
        ({"set": ["steel", 3]}, "a set holds words"),
        ({"max": "5"}, "max must be a number"),
        ({"max": True}, "max must be a number"),
        ({"max": math.nan}, "finite"),
        ({"min": -math.inf}, "finite"),
        (7, "has min, max or set"),
    ],
)
def test_wrong_constraints_name_their_property(data: Any, says: str) -> None:
    with pytest.raises(InvalidMatchingData, match=f"^mass_kg: .*{says}"):
        constraints_from_json({"mass_kg": data})


@pytest.mark.parametrize("value", [True, math.nan, math.inf, "", (), ("a", 1), ("",), None, {"max": 3}])
def test_wrong_values_of_requirements(value: Any) -> None:
    with pytest.raises(InvalidMatchingData, match="mass_kg"):
        Requirement("milling", {"mass_kg": value})


def test_names_are_needed() -> None:
    with pytest.raises(InvalidMatchingData, match="a requirement needs a process"):
        Requirement.from_json({})
    with pytest.raises(InvalidMatchingData, match="an id and a process"):
        Capability("", "milling")
    with pytest.raises(InvalidMatchingData, match="constraints must be an object"):
        Capability.from_json({"id": "c", "process": "milling", "constraints": []})
    with pytest.raises(InvalidMatchingData, match="properties must be an object"):
        Requirement.from_json({"process": "milling", "properties": [1]})
    with pytest.raises(InvalidMatchingData, match="kind 'most' is none of max, min"):
        Property("a", "", "most", "a", "a")  # type: ignore[arg-type]
    with pytest.raises(InvalidMatchingData, match="both languages"):
        Property("a", "", "max", "a", "")


def test_stored_form_of_requirement_and_capability() -> None:
    requirement = {
        "process": "milling-3axis",
        "properties": {"envelope_x_mm": 110, "material_group": ["steel"]},
    }
    assert Requirement.from_json(requirement).properties["material_group"] == ("steel",)
    assert Requirement.from_json(requirement).to_json() == requirement
    capability = {
        "id": "7",
        "process": "milling",
        "constraints": {
            "batch_pieces": {"min": 1, "max": 5},
            "material_group": {"set": ["aluminium", "steel"]},
        },
        "covers_children": True,
    }
    assert Capability.from_json(capability).to_json() == capability


finite = st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9)
words = st.text(min_size=1, max_size=8)
bounds = st.builds(lambda a, b: Constraint(min=min(a, b), max=max(a, b)), finite, finite)
constraints = bounds | st.builds(
    lambda some: Constraint(set=some), st.frozensets(words, min_size=1, max_size=3)
)


@given(st.dictionaries(words, constraints, max_size=4), st.booleans())
def test_capabilities_survive_json(limits: dict[str, Constraint], covers_children: bool) -> None:
    capability = Capability("c", "milling", limits, covers_children)
    assert Capability.from_json(json.loads(json.dumps(capability.to_json()))) == capability


@given(
    st.dictionaries(words, finite | words | st.lists(words, min_size=1, max_size=3).map(tuple), max_size=4)
)
def test_requirements_survive_json(properties: dict[str, Any]) -> None:
    requirement = Requirement("milling", properties)
    assert Requirement.from_json(json.loads(json.dumps(requirement.to_json()))) == requirement


def test_matches_survive_json() -> None:
    wanted = Requirement("milling", {"mass_kg": 10, "certificate": ("ISO 9001",), "material_group": "wood"})
    offers = [
        Capability("near", "milling", constraints_from_json({"mass_kg": {"max": 9.5}})),
        Capability("other", "sewing"),
    ]
    for found in match(wanted, offers, Taxonomy.load()):
        assert Match.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
