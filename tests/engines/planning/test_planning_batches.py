"""Ovens, baths and crews that work on several operations of a family at once."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.engines.planning.shops import ANY_SHOP, HOUR, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Batch,
    Fixed,
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
)
from gonghe.engines.planning import MachineDown, NoFeasiblePlan, check, explain, replan, solve
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.compiled.compiled import compile_problem


def oven(
    batch: Batch, *jobs: tuple[str, int], objective: str = "makespan", release: int = 0, **machine: object
) -> Problem:
    """Jobs (family, size) of two hours in one oven; the last one is released at `release` hours."""
    rows = tuple(
        Job(
            f"j{n}",
            (Operation("bake", (Mode("oven", 2 * HOUR),), family=family, size=size),),
            release=release * HOUR if n == len(jobs) - 1 else 0,
        )
        for n, (family, size) in enumerate(jobs)
    )
    place = Machine("oven", "A", batch=batch, **machine)  # type: ignore[arg-type]
    return Problem(("A",), (place,), rows, objective=objective)  # type: ignore[arg-type]


def batches(problem: Problem, iterations: int = 400) -> list[tuple[int, int]]:
    """Start in hours and number of operations of every batch of a verified plan."""
    result = solve(problem, iterations=iterations)
    assert result.verified
    assert result.lower_bound <= result.objective
    starts = [row.start // HOUR for row in result.schedule]
    return [(start, starts.count(start)) for start in sorted(set(starts))]


def test_a_full_batch_takes_no_longer_than_one_piece() -> None:
    assert batches(oven(Batch(3), *[("", 1)] * 3)) == [(0, 3)]
    found = batches(oven(Batch(3), *[("", 1)] * 4))
    assert [start for start, _ in found] == [0, 2]
    bound = solve(oven(Batch(3), *[("", 1)] * 4), iterations=50).lower_bound
    assert bound == 9600  # four thirds of two hours


def test_families_do_not_share_a_batch() -> None:
    assert batches(oven(Batch(4), ("red", 1), ("blue", 1), ("red", 1), ("blue", 1))) == [(0, 2), (2, 2)]


def test_sizes_add_up() -> None:
    assert batches(oven(Batch(3), ("", 2), ("", 1), ("", 2), ("", 1))) == [(0, 2), (2, 2)]


def test_every_batch_is_large_enough() -> None:
    assert sorted(count for _, count in batches(oven(Batch(4, 3), *[("", 1)] * 7))) == [3, 4]
    assert sorted(count for _, count in batches(oven(Batch(3, 2), *[("", 1)] * 4))) == [2, 2]


def test_a_batch_waits_for_its_least_size() -> None:
    problem = oven(Batch(2, 2), ("", 1), ("", 1), release=3)
    assert batches(problem) == [(3, 2)]
    schedule = solve(problem, iterations=50).schedule
    reasons = explain(problem, schedule, "j0")
    assert [(reason.code, reason.params["seconds"]) for reason in reasons] == [
        ("waits_for_batch", 3 * HOUR),
        ("processing", 2 * HOUR),
    ]
    assert reasons[0].params["batch"] == [("j1", "bake")]
    assert batches(oven(Batch(2), ("", 1), ("", 1), release=3)) in ([(0, 1), (3, 1)], [(3, 2)])


def test_no_plan_names_the_oven_whose_batches_are_too_small() -> None:
    with pytest.raises(NoFeasiblePlan, match="every batch is large enough on: oven") as error:
        solve(oven(Batch(4, 3), *[("", 1)] * 5), iterations=100)
    assert error.value.batches == ("oven",)
    assert error.value.jobs == ()


def test_batches_of_different_families_need_a_set_up() -> None:
    setups = {"red": {"blue": HOUR}, "blue": {"red": HOUR}}
    problem = oven(Batch(2), ("red", 1), ("blue", 1), ("red", 1), ("blue", 1), setups=setups)
    assert batches(problem) == [(0, 2), (3, 2)]
    paid = oven(
        Batch(2), *[("red", 1), ("blue", 1)] * 4, objective="cost", setup_costs={"red": {"blue": 500}}
    )
    result = solve(paid, iterations=300)
    assert result.verified
    assert result.cost.setup == 0  # blue first


def test_fixed_work_is_a_batch_that_may_be_joined() -> None:
    problem = oven(Batch(3, 3), *[("", 1)] * 3)
    fixed = tuple(Fixed(f"j{n}", "bake", "oven", HOUR, 3 * HOUR) for n in range(2))
    assert batches(replace(problem, fixed=fixed)) == [(1, 3)]
    with pytest.raises(ProblemError, match="overlaps"):
        replace(problem, fixed=(fixed[0], replace(fixed[1], start=2 * HOUR, end=4 * HOUR)))
    with pytest.raises(ProblemError, match="too much"):
        replace(oven(Batch(1), *[("", 1)] * 3), fixed=fixed)


def test_round_trip_and_named_faults() -> None:
    problem = oven(Batch(3, 2), ("", 2), ("", 1))
    assert Problem.from_json(problem.to_json()) == problem

    def codes(machine: dict[str, object] | None = None, step: dict[str, object] | None = None) -> set[str]:
        data = problem.to_json()
        data["machines"][0] |= machine or {}
        data["jobs"][0]["operations"][0] |= step or {}
        with pytest.raises(ProblemError) as error:
            Problem.from_json(data)
        return {issue.code for issue in error.value.issues}

    assert codes({"batch": {"min": 1}}) == {"missing"}
    assert codes({"batch": {"max": 2, "min": 3}}) == {"batch"}
    assert "not_object" in codes({"batch": 3})
    assert "batch_capacity" in codes({"capacity": 2})
    assert "batch_setups" in codes({"setups": {"x": {"x": 60}}})
    assert codes({"batch": {"max": 9, "min": 4}}) == {"batch_minimum"}
    assert codes(step={"size": 4}) == {"batch_size"}
    assert "too_small" in codes(step={"size": 0})
    assert codes(step={"family": "other", "size": 1}) == {"batch_minimum"}
    assert codes(step={"modes": [{"machine": "oven", "duration": 0}]}) >= {"batch_work"}


def rows(*places: tuple[int, int]) -> Schedule:
    """Start and end in hours of the jobs in order."""
    return Schedule(
        tuple(Assignment(f"j{n}", "bake", "oven", s * HOUR, e * HOUR) for n, (s, e) in enumerate(places))
    )


def test_the_checker_knows_the_rules() -> None:
    problem = oven(Batch(3, 2), ("", 2), ("", 1), ("", 1), ("x", 2))

    def codes(*places: tuple[int, int]) -> set[str]:
        return {violation.code for violation in check(problem, rows(*places))}

    assert codes((0, 2), (0, 2), (4, 6), (2, 4)) == {"batch_small"}
    assert codes((0, 2), (2, 4), (2, 4), (4, 6)) == set()
    assert codes((0, 2), (0, 2), (0, 2), (4, 6)) == {"batch_large"}
    assert codes((0, 2), (2, 4), (2, 4), (2, 4)) == {"batch"}
    assert codes((0, 2), (2, 4), (3, 5), (6, 8)) == {"batch", "batch_small"}


def test_repair_moves_a_batch_as_a_whole() -> None:
    problem = oven(Batch(2, 2), *[("", 1)] * 4)
    first = Machine("saw", "A")
    cut = Operation("cut", (Mode("saw", HOUR),))
    jobs = (replace(problem.jobs[0], operations=(cut, *problem.jobs[0].operations)), *problem.jobs[1:])
    problem = replace(problem, machines=(*problem.machines, first), jobs=jobs)
    plan = solve(problem, iterations=200)
    assert plan.objective == 4 * HOUR
    policy = RightShift(compile_problem(problem), plan.schedule)
    assert policy.schedule() == plan.schedule
    work = policy.work.copy()
    work[0] = 5 * HOUR  # the saw is late: its batch begins at 5
    start, end = policy.run(work)
    assert sorted(start[1:].tolist()) == [0, 0, 5 * HOUR, 5 * HOUR]
    work[0], work[1] = HOUR, 3 * HOUR  # one piece needs longer: so does its batch
    start, end = policy.run(work)
    mate = next(op for op in (2, 3, 4) if start[op] == start[1])
    assert end[mate] == end[1] == start[1] + 3 * HOUR
    down = MachineDown("oven", 3 * HOUR, 4 * HOUR)
    for proposal in replan(problem, plan.schedule, HOUR, down, iterations=100):
        assert proposal.verified


def with_ovens(problem: Problem, seed: int, minimum: int = 1) -> Problem:
    """Some machines work in batches of a few families."""
    rng = random.Random(seed)
    machines = tuple(
        replace(machine, batch=Batch(rng.randint(2, 4), minimum)) if rng.random() < 0.6 else machine
        for machine in problem.machines
    )
    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(
                    step,
                    family=rng.choice("xy"),
                    size=rng.randint(1, 2),
                    modes=tuple(replace(mode, duration=HOUR * rng.randint(1, 2)) for mode in step.modes),
                )
                for step in job.operations
            ),
        )
        for job in problem.jobs
    )
    return replace(problem, machines=machines, jobs=jobs)


@settings(max_examples=60, deadline=None)
@given(**ANY_SHOP)
def test_any_shop_with_ovens_is_planned_within_its_bound(
    seed: int, objective: str, jobs: int, machines: int
) -> None:
    problem = with_ovens(random_shop(seed, jobs=jobs, machines=machines, objective=objective), seed)
    result = solve(problem, iterations=200, seed=seed)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= result.objective
    assert check(problem, RightShift(compile_problem(problem), result.schedule).schedule()) == ()
    assert solve(problem, iterations=20, seed=seed, start=result.schedule).objective <= result.objective
    for job in problem.jobs:
        assert explain(problem, result.schedule, job.id)


@pytest.mark.parametrize("seed", range(8))
def test_least_sizes_are_kept_or_the_oven_is_named(seed: int) -> None:
    problem = with_ovens(random_shop(seed, jobs=16, machines=3), seed, minimum=2)
    try:
        rows = solve(problem, iterations=2000, seed=seed).schedule
    except NoFeasiblePlan as error:
        blamed, rows = error.batches, error.partial
    else:
        blamed = ()
    small = {violation.machine for violation in check(problem, rows)}
    assert small == set(blamed)
    assert {violation.code for violation in check(problem, rows)} <= {"batch_small"}


@pytest.mark.parametrize("seed", range(12))
def test_corrupted_batches_are_found(seed: int) -> None:
    """One of a batch later, in another family or too large is never accepted."""
    rng = random.Random(seed)
    problem = oven(Batch(3, 2), *[("", 1)] * rng.randint(6, 9), objective="flow")
    plan = list(solve(problem, iterations=200, seed=seed).schedule.assignments)
    at = rng.randrange(len(plan))
    moved = replace(plan[at], start=plan[at].start + 60, end=plan[at].end + 60)
    found = check(problem, Schedule((*plan[:at], moved, *plan[at + 1 :])))
    assert "batch" in {violation.code for violation in found}
    step = replace(problem.jobs[at].operations[0], family="other")
    jobs = list(problem.jobs)
    jobs[at] = replace(jobs[at], operations=(step,))
    jobs += [Job("more", (step,)), Job("most", (step,))]
    mixed = replace(problem, jobs=tuple(jobs))
    assert "batch" in {violation.code for violation in check(mixed, Schedule(tuple(plan)))}
    narrow = replace(problem, machines=(replace(problem.machines[0], batch=Batch(1)),))
    assert "batch_large" in {violation.code for violation in check(narrow, Schedule(tuple(plan)))}
