"""Problems refuse what is wrong with them, all at once and by name; JSON goes out and comes back."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from tests.engines.planning.shops import HOUR, chain, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
    ScheduleError,
)

EXAMPLE: dict[str, Any] = {
    "format": "gonghe-problem/1",
    "objective": "tardiness",
    "sites": ["A", "B"],
    "transport_seconds": [[0, 3600], [3600, 0]],
    "machines": [{"id": "m1", "site": "A", "breaks": [[28800, 43200]]}],
    "jobs": [
        {
            "id": "j1",
            "release": 0,
            "due": 86400,
            "weight": 2,
            "operations": [{"id": "o1", "modes": [{"machine": "m1", "duration": 5400, "cost": 30.0}]}],
        }
    ],
}


def test_reads_the_documented_example() -> None:
    problem = Problem.from_json(EXAMPLE)
    assert problem.machines == (Machine("m1", "A", breaks=((28800, 43200),)),)
    assert problem.jobs[0].operations[0].modes == (Mode("m1", 5400, cost=3000),)
    assert problem.travel("A", "B") == (3600, 0)
    assert problem.jobs[0].weight == 2


def test_json_round_trip(assembly: Problem) -> None:
    rich = Problem(
        sites=assembly.sites,
        machines=(
            *assembly.machines,
            Machine("oven", "C", capacity=3, reserved=((0, HOUR),), state=""),
            Machine("saw", "A", setup_costs={"red": {"blue": 150}}, state="red"),
        ),
        jobs=(
            *assembly.jobs,
            Job(
                "x",
                (Operation("o", (Mode("oven", 10, 5, 1, "b", 3, 900),), resumable=True, family="red"),),
                source="A",
                weight=0,
            ),
        ),
        transport_seconds=assembly.transport_seconds,
        transport_cost=assembly.transport_cost,
        fixed=(Fixed("pump", "body", "mill", 0, 2 * HOUR),),
        reference=(Assignment("pump", "shaft", "lathe", 0, 3 * HOUR),),
        move_cost=150,
        grid=1,
        horizon_start=5,
    )
    assert Problem.from_json(json.loads(json.dumps(rich.to_json()))) == rich
    shop = random_shop(1)
    assert Problem.from_json(json.loads(json.dumps(shop.to_json()))) == shop


def codes(error: ProblemError) -> set[tuple[str, str]]:
    return {(issue.code, issue.where) for issue in error.issues}


def test_all_faults_of_a_file_come_at_once() -> None:
    bad = json.loads(json.dumps(EXAMPLE))
    bad["machines"].append({"id": "m2", "site": "nowhere", "breaks": [[5, 3]]})
    bad["machines"].append({"id": "m3", "site": "elsewhere"})
    bad["jobs"][0]["operations"][0]["modes"][0]["duration"] = -1
    bad["jobs"].append(
        {
            "id": "j2",
            "operations": [
                {"id": "a", "after": ["b"], "modes": [{"machine": "m9", "duration": 1}]},
                {"id": "b", "after": ["a"], "modes": [{"machine": "m1", "duration": math.nan}]},
            ],
        }
    )
    bad["jobs"].append({"id": "j3", "operations": [{"id": "a", "modes": []}], "colour": "red"})
    bad["jobs"].append({"id": "j4", "operations": [{"id": "a", "modes": [{"machine": "m9", "duration": 1}]}]})
    with pytest.raises(ProblemError) as caught:
        Problem.from_json(bad)
    found = codes(caught.value)
    assert ("interval", "machine 'm2'") in found
    assert ("unknown_site", "machine 'm3'") in found
    assert ("too_small", "job 'j1' operation 'o1' mode on machine 'm1'") in found
    assert ("not_whole", "job 'j2' operation 'b'") in found
    assert ("cycle", "job 'j2'") in found
    assert ("no_mode", "job 'j3' operation 'a'") in found
    assert ("unknown_property", "jobs[2]") in found
    assert ("unknown_machine", "job 'j4' operation 'a'") in found


@pytest.mark.parametrize("data", [None, [], 3, "x", {}, {"format": "gonghe-problem/2"}, {"format": None}])
def test_not_a_problem(data: Any) -> None:
    with pytest.raises(ProblemError, match="format must be"):
        Problem.from_json(data)


def test_cycle_is_spelled_out() -> None:
    steps = tuple(Operation(a, (Mode("m", 1),), after=(b,)) for a, b in [("a", "c"), ("b", "a"), ("c", "b")])
    with pytest.raises(ProblemError, match=r"operations wait for each other: a -> b -> c -> a"):
        Job("j", steps)


def test_work_longer_than_its_windows_is_refused() -> None:
    machine = Machine(
        "m", "A", breaks=tuple((day * 24 * HOUR, day * 24 * HOUR + 16 * HOUR) for day in range(9))
    )
    mode = Mode("m", 10 * HOUR, latest=9 * 24 * HOUR)
    with pytest.raises(ProblemError, match="longer than every open window"):
        Problem(("A",), (machine,), (Job("j", (Operation("o", (mode,)),)),))
    resumable = Operation("o", (mode,), resumable=True)
    assert Problem(("A",), (machine,), (Job("j", (resumable,)),)).jobs


def test_grid_overlapping_and_loose_fixed_work_are_refused() -> None:
    machine = Machine("m", "A")
    jobs = (chain("a", ("m", 1000), ("m", 900)), chain("b", ("m", 900)))
    with pytest.raises(ProblemError, match="duration 1000 is not a multiple of the grid of 900 s"):
        Problem(("A",), (machine,), jobs, grid=900)
    with pytest.raises(ProblemError, match="fixed work overlaps: a/o0, b/o0"):
        Problem(("A",), (machine,), jobs, fixed=(Fixed("a", "o0", "m", 0, 10), Fixed("b", "o0", "m", 9, 20)))
    with pytest.raises(ProblemError, match="'o1' is fixed but its predecessor 'o0' is not"):
        Problem(("A",), (machine,), jobs, fixed=(Fixed("a", "o1", "m", 0, 10),))


def test_due_before_release_is_a_warning() -> None:
    problem = Problem(("A",), (Machine("m", "A"),), (chain("a", ("m", 5), release=10, due=3),))
    assert [(issue.code, issue.where) for issue in problem.warnings()] == [("due_before_release", "job 'a'")]


def test_schedule_by_indexes(two_jobs: Problem) -> None:
    schedule = Schedule((Assignment("b", "o1", "m2", 5, 9),))
    data = {"assignments": [{"job": 1, "operation": 1, "machine": 1, "start": 5, "end": 9}]}
    assert schedule.to_json(two_jobs) == data
    assert Schedule.from_json(two_jobs, data) == schedule
    data["assignments"][0]["job"] = 7
    with pytest.raises(ScheduleError, match="no job number 7"):
        Schedule.from_json(two_jobs, data)
    with pytest.raises(ScheduleError, match="list"):
        Schedule.from_json(two_jobs, [])
