"""The JSON Schema names exactly the properties that the reader knows; re-plans keep what the model says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonghe.engines.model import planning_distance, planning_json
from gonghe.engines.planning import MachineDown, replan, solve
from gonghe.engines.planning.generate import Network, generate

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs/reference/gonghe-problem-1.schema.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("part", "known"),
    [
        ("machine", planning_json._MACHINE_KEYS),
        ("mode", planning_json._MODE_KEYS),
        ("operation", planning_json._OPERATION_KEYS),
        ("lag", planning_json._LAG_KEYS),
        ("batch", planning_json._LAG_KEYS),
        ("resource", planning_json._RESOURCE_KEYS),
        ("job", planning_json._JOB_KEYS),
        ("cap", planning_json._CAP_KEYS),
        ("site", planning_distance.SITE_KEYS),
        ("by_distance", planning_distance.DISTANCE_KEYS),
        ("assignment", planning_json._ROW_KEYS),
        ("", planning_json._PROBLEM_KEYS),
    ],
)
def test_schema_and_reader_know_the_same_properties(part: str, known: frozenset[str]) -> None:
    place = SCHEMA["$defs"][part] if part else SCHEMA
    assert set(place["properties"]) == set(known)


def test_a_replan_keeps_people_and_setups() -> None:
    problem = generate(Network(8, 6, 2, seed=3, people=True, setups=True))
    plan = solve(problem, iterations=300).schedule
    now = 4 * 3600
    proposals = replan(problem, plan, now, MachineDown("m0", now, now + 7200), iterations=300)
    assert proposals
    assert all(proposal.verified for proposal in proposals)
