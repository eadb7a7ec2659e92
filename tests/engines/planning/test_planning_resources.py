"""People with skills and counted tools beside the machines."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.engines.planning.shops import ANY_SHOP, HOUR, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Resource,
    Schedule,
)
from gonghe.engines.model.planning_needs import ways
from gonghe.engines.planning import check, explain, solve
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.generate import Network, generate


def bench(needs: dict[str, int], *resources: Resource, jobs: int = 3, resumable: bool = False) -> Problem:
    """Jobs of two hours, each on a machine of its own: only people and tools hold them up."""
    machines = tuple(Machine(f"m{i}", "A") for i in range(jobs))
    work = tuple(
        Job(f"j{i}", (Operation("o", (Mode(f"m{i}", 2 * HOUR, needs=needs),), resumable=resumable),))
        for i in range(jobs)
    )
    return Problem(("A",), machines, work, objective="makespan", resources=resources)


def test_one_person_runs_one_machine_at_a_time() -> None:
    result = solve(bench({"anna": 1}, Resource("anna")), iterations=50)
    assert (result.objective, result.lower_bound) == (6 * HOUR, 6 * HOUR)
    assert sorted(row.start for row in result.schedule) == [0, 2 * HOUR, 4 * HOUR]
    assert {row.resources for row in result.schedule} == {(("anna", 1),)}
    assert result.verified


def test_counted_tools_are_shared() -> None:
    problem = bench({"jig": 2}, Resource("jig", 4), jobs=5)
    assert solve(problem, iterations=50).objective == 6 * HOUR  # two at a time
    assert solve(bench({"jig": 2}, Resource("jig", 5), jobs=5), iterations=50).objective == 6 * HOUR


def test_a_skill_is_filled_by_whoever_has_it() -> None:
    people = (Resource("anna", skills=("weld", "mill")), Resource("bo", skills=("weld",)), Resource("cy"))
    problem = bench({"weld": 1}, *people, jobs=4)
    result = solve(problem, iterations=100)
    assert result.objective == 4 * HOUR
    assert {name for row in result.schedule for name, _ in row.resources} == {"anna", "bo"}
    both = bench({"weld": 2}, *people, jobs=2)
    assert solve(both, iterations=50).schedule.assignments[0].resources == (("anna", 1), ("bo", 1))
    mixed = bench({"weld": 1, "mill": 1}, *people, jobs=1)
    assert solve(mixed, iterations=50).schedule.assignments[0].resources == (("anna", 1), ("bo", 1))


def test_work_pauses_or_waits_while_a_person_is_away() -> None:
    away = Resource("anna", breaks=((HOUR, 3 * HOUR),))
    stops = solve(bench({"anna": 1}, away, jobs=1, resumable=True), iterations=20)
    assert (stops.schedule.assignments[0].start, stops.objective) == (0, 4 * HOUR)
    whole = solve(bench({"anna": 1}, away, jobs=1), iterations=20)
    assert whole.schedule.assignments[0].start == 3 * HOUR
    assert stops.verified
    assert whole.verified


def test_fixed_work_holds_its_people() -> None:
    problem = bench({"weld": 1}, Resource("anna", skills=("weld",)), Resource("bo", skills=("weld",)), jobs=2)
    fixed = Fixed("j0", "o", "m0", 0, 9 * HOUR, None, (("bo", 1),))
    result = solve(replace(problem, fixed=(fixed,)), iterations=50)
    placed = result.schedule.by_operation()
    assert placed["j1", "o"].resources == (("anna", 1),)
    assert placed["j0", "o"].resources == (("bo", 1),)
    only = replace(fixed, resources=(("anna", 1), ("bo", 1)))
    late = solve(replace(problem, fixed=(only,)), iterations=50).schedule.by_operation()["j1", "o"]
    assert late.start == 9 * HOUR


def test_needs_of_a_mode_count_instead_of_those_of_the_operation() -> None:
    modes = (Mode("slow", 4 * HOUR, needs={"anna": 0}), Mode("quick", HOUR))
    jobs = tuple(Job(f"j{i}", (Operation("o", modes, needs={"anna": 1}),)) for i in range(2))
    machines = (Machine("slow", "A"), Machine("quick", "A", capacity=2))
    problem = Problem(("A",), machines, jobs, objective="flow", resources=(Resource("anna"),))
    result = solve(problem, iterations=100)
    assert result.objective == 3 * HOUR  # both with anna on the quick one, one after the other
    away = replace(problem, resources=(Resource("anna", breaks=((0, 9 * HOUR),)),))
    first = min(solve(away, iterations=100).schedule, key=lambda row: row.start)
    assert (first.machine, first.resources) == ("slow", ())


def test_a_better_machine_is_worth_waiting_for_only_if_its_people_are_free() -> None:
    """Anna runs the quick machine until 6 h; the slow one needs nobody and is done earlier."""
    modes = (Mode("slow", 4 * HOUR), Mode("quick", HOUR, needs={"anna": 1}))
    busy = Job("busy", (Operation("o", (Mode("other", 6 * HOUR, needs={"anna": 1}),)),))
    job = Job("j", (Operation("o", modes),))
    machines = tuple(Machine(name, "A") for name in ("slow", "quick", "other"))
    fixed = (Fixed("busy", "o", "other", 0, 6 * HOUR),)
    problem = Problem(
        ("A",), machines, (busy, job), objective="flow", fixed=fixed, resources=(Resource("anna"),)
    )
    assert solve(problem, iterations=50).schedule.by_operation()["j", "o"].machine == "slow"


def test_faulty_needs_are_named() -> None:
    anna = Resource("anna", skills=("weld",))
    with pytest.raises(ProblemError, match="job 'j0' operation 'o': needs 'bert', which is neither"):
        bench({"bert": 1}, anna)
    with pytest.raises(ProblemError, match="needs 2 x weld: there are not so many"):
        bench({"weld": 2}, anna)
    with pytest.raises(ProblemError, match="resource 'weld': is the name of a resource and of a skill"):
        bench({"weld": 1}, anna, Resource("weld"))
    crowd = tuple(Resource(f"p{i}", skills=("weld",)) for i in range(12))
    with pytest.raises(ProblemError, match="more than 64 ways to fill 3 x weld: make people with the same"):
        bench({"weld": 3}, *crowd)
    with pytest.raises(ProblemError, match="capacity must be at least 1"):
        Resource("x", 0)


def test_ways_never_count_anybody_twice() -> None:
    people = (Resource("a", 1, skills=("s", "t")), Resource("b", 2, skills=("s",)))
    assert ways(people, {"s": 2}) == [(("a", 1), ("b", 1)), (("b", 2),)]
    assert ways(people, {"s": 2, "t": 1}) == [(("a", 1), ("b", 2))]
    assert ways(people, {"t": 2}) == []


def test_json_keeps_resources() -> None:
    problem = generate(Network(6, 4, 2, seed=1, people=True, breaks=True))
    assert any(operation.needs for job in problem.jobs for operation in job.operations)
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem
    schedule = solve(problem, iterations=20).schedule
    assert Schedule.from_json(problem, json.loads(json.dumps(schedule.to_json(problem)))) == schedule


def test_reasons_name_who_is_missing() -> None:
    problem = bench({"anna": 1}, Resource("anna"), jobs=2)
    rows = (
        Assignment("j0", "o", "m0", 0, 2 * HOUR),
        Assignment("j1", "o", "m1", 2 * HOUR, 4 * HOUR),
    )
    reasons = explain(problem, Schedule(rows), "j1")
    assert [(reason.code, reason.params["seconds"]) for reason in reasons] == [
        ("waits_for_resource", 2 * HOUR),
        ("processing", 2 * HOUR),
    ]
    assert reasons[0].params["resource"] == "anna"


def with_people(problem: Problem, seed: int) -> Problem:
    """The same shop with two welders, an allrounder on shifts, and a few jigs."""
    rng = random.Random(seed)
    away = tuple((day * 86400 + 12 * HOUR, day * 86400 + 20 * HOUR) for day in range(20))
    people = (
        Resource("welders", 2, skills=("weld",)),
        Resource("al", 1, away, ("weld", "mill")),
        Resource("mo", 1, skills=("mill",)),
        Resource("jig", 3),
    )
    choices: list[dict[str, int]] = [
        {},
        {"weld": 1},
        {"weld": 2},
        {"mill": 1, "jig": 1},
        {"jig": 2},
        {"mo": 1},
    ]
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(step, modes=tuple(replace(mode, needs=rng.choice(choices)) for mode in step.modes))
                for step in job.operations
            ),
        )
        for job in problem.jobs
    )
    return replace(problem, jobs=jobs, resources=people)


@settings(max_examples=60, deadline=None)
@given(**ANY_SHOP)
def test_any_schedule_has_its_people_and_tools(seed: int, objective: str, jobs: int, machines: int) -> None:
    problem = with_people(random_shop(seed, jobs=jobs, machines=machines, objective=objective), seed)
    result = solve(problem, iterations=300, seed=seed)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= result.objective
    compiled = compile_problem(problem)
    assert check(problem, RightShift(compiled, result.schedule).schedule()) == ()


@pytest.mark.parametrize("seed", range(12))
def test_seeded_corruption_is_rejected(seed: int) -> None:
    """Somebody without the skill, too few, too many, nobody named, or somebody busy: all are found."""
    problem = with_people(random_shop(seed, jobs=8, machines=6), seed)
    rows = list(solve(problem, iterations=100, seed=seed).schedule.assignments)
    rng = random.Random(seed)
    takers = [number for number, row in enumerate(rows) if row.resources]
    for number in takers:
        row = rows[number]
        name, units = rng.choice(row.resources)
        others = tuple(pair for pair in row.resources if pair[0] != name)
        wrong = {
            "another": tuple(sorted((*others, ("jig" if name != "jig" else "mo", units)))),
            "fewer": tuple(pair for pair in ((name, units - 1), *others) if pair[1]),
            "more": tuple(sorted((*others, (name, units + 1)))),
            "unknown": tuple(sorted((*others, ("nobody", units)))),
        }
        for kind, resources in wrong.items():
            if kind == "fewer" and not resources:
                continue  # that is the short form of needs by name
            bad = Schedule((*rows[:number], replace(row, resources=resources), *rows[number + 1 :]))
            assert "resource" in {v.code for v in check(problem, bad)}, (kind, row, resources)
    clashes = 0
    for first in takers:
        for second in takers:
            mine, theirs = dict(rows[first].resources), dict(rows[second].resources)
            full = any(mine[name] + theirs.get(name, 0) > _size(problem, name) for name in mine)
            if rows[first].job == rows[second].job or not full:
                continue
            length = rows[first].end - rows[first].start
            moved = replace(rows[first], start=rows[second].start, end=rows[second].start + length)
            changed = Schedule((*rows[:first], moved, *rows[first + 1 :]))
            assert "resource" in {v.code for v in check(problem, changed)}
            clashes += 1
    assert clashes > 0


def _size(problem: Problem, name: str) -> int:
    return next(resource.capacity for resource in problem.resources if resource.id == name)
