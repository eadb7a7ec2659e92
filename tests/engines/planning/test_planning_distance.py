"""Transport by distance: positions of sites become matrices; wrong ones are named all at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gonghe.cli.plan import app
from gonghe.engines.model.planning import Problem, ProblemError
from gonghe.engines.planning import check, solve

NORTH = {"id": "A", "position": [28.0, 120.0]}
SOUTH = {"id": "B", "position": [29.0, 120.0]}


def problem(sites: list[Any], rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    machines = [{"id": f"m{i}", "site": name} for i, name in enumerate(("A", "B"))]
    steps = [
        {"id": f"o{i}", "modes": [{"machine": machine["id"], "duration": 600}]}
        for i, machine in enumerate(machines)
    ]
    return {
        "format": "gonghe-problem/1",
        "objective": "makespan",
        "sites": sites,
        "transport_by_distance": rule,
        "machines": machines,
        "jobs": [{"id": "j", "operations": steps}],
        **more,
    }


def codes(data: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ProblemError) as caught:
        Problem.from_json(data)
    return [(issue.code, issue.where) for issue in caught.value.issues]


def test_a_degree_of_latitude_by_the_defaults() -> None:
    """111.195 km of great circle are 144.554 km of road: 11,564.3 s, and 1,800 s for loading."""
    found = Problem.from_json(problem([NORTH, SOUTH], {}))
    assert found.transport_seconds == ((0, 13365), (13365, 0))
    assert found.transport_cost == ()
    result = solve(found, iterations=50)
    assert (result.objective, check(found, result.schedule)) == (600 + 13365 + 600, ())


def test_a_plane_with_a_fare_on_a_grid() -> None:
    """3-4-5: 5 km are 5.5 km of road, 330 s and 60 s fixed, rounded up to 420 s."""
    sites = [{"id": "A", "position": [0, 0]}, {"id": "B", "position": [3, 4]}]
    rule = {
        "measure": "plane",
        "detour": 1.1,
        "seconds_per_km": 60,
        "fixed_seconds": 60,
        "fixed_cost": 8,
        "cost_per_km": 0.5,
    }
    found = Problem.from_json(problem(sites, rule, grid=60))
    assert found.transport_seconds == ((0, 420), (420, 0))
    assert found.transport_cost == ((0, 1075), (1075, 0))
    assert Problem.from_json(found.to_json()) == found


def test_positions_may_stand_beside_a_matrix() -> None:
    data = problem([NORTH, SOUTH], {}, transport_seconds=[[0, 60], [60, 0]])
    assert ("transport_twice", "problem") in codes(data)
    del data["transport_by_distance"]
    assert Problem.from_json(data).transport_seconds == ((0, 60), (60, 0))


def test_every_wrong_value_is_named_at_once() -> None:
    nan = float("nan")
    sites = ["A", {"id": "B", "position": [91, 0]}, {"id": "C", "position": [nan, 1]}, {"id": ""}]
    rule = {"seconds_per_km": -1, "fixed_seconds": nan, "detour": 0.9, "cost_per_km": True, "speed": 3}
    found = codes(problem(sites, rule))
    place = "transport_by_distance"
    assert {code for code, where in found if where == place} == {
        "too_small",
        "not_number",
        "unknown_property",
    }
    assert [code for code, where in found if where == place].count("too_small") == 2
    assert {("no_position", "site 'A'"), ("position", "site 'B'"), ("position", "site 'C'")} <= set(found)
    assert ("empty", "sites[3]") in found
    assert codes(problem([NORTH, SOUTH], {"measure": "road"})) == [("measure", place)]
    assert codes(problem([NORTH, SOUTH], {"fixed_cost": 1e300})) == [("too_large", place)]


def test_the_command_refuses_with_the_name_of_the_site(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(problem([NORTH, "B"], {})))
    result = CliRunner().invoke(app, ["solve", str(path), "--iterations", "10"])
    assert result.exit_code == 2
    assert "site 'B': has no position: transport_by_distance needs one for every site" in result.output
