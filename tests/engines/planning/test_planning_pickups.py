"""Transport that leaves a site only when it is picked up."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from tests.engines.planning.shops import ANY_SHOP, HOUR, chain, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Interval,
    Job,
    Lag,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
)
from gonghe.engines.planning import NoFeasiblePlan, check, explain, replan, solve
from gonghe.engines.planning.answers.disturbances import Late
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.compiled.compiled import compile_problem


def windows(*hours: tuple[int, int]) -> tuple[Interval, ...]:
    return tuple((start * HOUR, end * HOUR) for start, end in hours)


@pytest.fixture
def pair() -> Problem:
    """Two hours on `cut` at A, one hour of way, one on `mill` at B, and home; A is served at 8 and 16."""
    job = chain("j", ("cut", 2 * HOUR), ("mill", HOUR), destination="A")
    return Problem(
        ("A", "B"),
        (Machine("cut", "A"), Machine("mill", "B")),
        (job,),
        ((0, HOUR), (HOUR, 0)),
        objective="makespan",
        pickups={"A": windows((8, 9), (16, 17)), "B": windows((12, 13), (20, 22))},
    )


def test_parts_wait_for_the_next_pickup(pair: Problem) -> None:
    result = solve(pair, iterations=20)
    rows = result.schedule.by_operation()
    assert rows["j", "o1"].start == 9 * HOUR  # ready at 2, picked up at 8
    assert (result.objective, result.lower_bound) == (13 * HOUR, 13 * HOUR)  # picked up at B at 12
    assert result.completion == {"j": 13 * HOUR}
    assert result.verified
    found = [(r.code, r.params["seconds"] // HOUR) for r in explain(pair, result.schedule, "j")]
    assert found == [
        ("processing", 2),
        ("waits_for_pickup", 6),
        ("transport", 1),
        ("processing", 1),
        ("waits_for_pickup", 2),
        ("transport", 1),
    ]


def test_a_window_is_over_at_its_end(pair: Problem) -> None:
    slow = chain("j", ("cut", 9 * HOUR), ("mill", HOUR))
    assert solve(replace(pair, jobs=(slow,)), iterations=20).objective == 18 * HOUR
    quick = chain("j", ("cut", 9 * HOUR - 1), ("mill", HOUR))
    assert solve(replace(pair, jobs=(quick,)), iterations=20).objective == 11 * HOUR - 1


def test_the_source_is_served_in_its_windows_too(pair: Problem) -> None:
    job = chain("j", ("mill", HOUR), source="A", release=HOUR)
    result = solve(replace(pair, jobs=(job,)), iterations=20)
    assert result.objective == 10 * HOUR
    codes = [reason.code for reason in explain(pair_with(pair, job), result.schedule, "j")]
    assert codes == ["release", "waits_for_pickup", "transport", "processing"]


def pair_with(problem: Problem, job: Job) -> Problem:
    return replace(problem, jobs=(job,))


def test_rest_is_over_before_the_way_begins(pair: Problem) -> None:
    job = chain("j", ("cut", 2 * HOUR), ("mill", HOUR))
    mill = replace(job.operations[1], lags={"o0": Lag(7 * HOUR)})
    rested = replace(pair, jobs=(replace(job, operations=(job.operations[0], mill)),))
    result = solve(rested, iterations=20)
    assert result.schedule.by_operation()["j", "o1"].start == 17 * HOUR  # rests until 9, when it has gone
    assert result.verified


def test_work_is_put_off_so_that_it_does_not_wait_for_the_pickup(pair: Problem) -> None:
    """The mill must follow within two hours: the cut ends no earlier than an hour before the pick-up."""
    job = chain("j", ("cut", 2 * HOUR), ("mill", HOUR))
    mill = replace(job.operations[1], lags={"o0": Lag(maximum=2 * HOUR)})
    hurried = replace(pair, jobs=(replace(job, operations=(job.operations[0], mill)),))
    result = solve(hurried, iterations=20)
    rows = result.schedule.by_operation()
    assert (rows["j", "o0"].start, rows["j", "o1"].start) == (5 * HOUR, 9 * HOUR)
    assert result.verified


def test_the_machine_next_door_needs_no_pickup(pair: Problem) -> None:
    """The slow mill beside the saw is done before the quick one could begin."""
    machines = (*pair.machines, Machine("slow", "A"))
    modes = (Mode("mill", HOUR), Mode("slow", 5 * HOUR))
    job = Job("j", (Operation("cut", (Mode("cut", 2 * HOUR),)), Operation("mill", modes)))
    result = solve(replace(pair, machines=machines, jobs=(job,)), iterations=50)
    assert result.objective == 7 * HOUR
    assert result.schedule.by_operation()["j", "mill"].machine == "slow"


def test_after_the_last_pickup_there_is_no_plan(pair: Problem) -> None:
    late = chain("j", ("cut", 2 * HOUR), ("mill", HOUR), release=16 * HOUR)
    with pytest.raises(NoFeasiblePlan, match="j"):
        solve(replace(pair, jobs=(late,)), iterations=20)
    stays = chain("j", ("mill", HOUR), release=22 * HOUR, destination="A")
    with pytest.raises(NoFeasiblePlan, match="pick-up"):
        solve(replace(pair, jobs=(stays,)), iterations=20)


def test_round_trip_and_named_faults(pair: Problem) -> None:
    assert Problem.from_json(pair.to_json()) == pair
    for pickups, code in (
        ({"C": [[0, 1]]}, "unknown_site"),
        ({"A": []}, "pickups"),
        ({"A": [[5, 5]]}, "interval"),
        ({"A": [5]}, "interval"),
        ([], "not_object"),
    ):
        with pytest.raises(ProblemError) as error:
            Problem.from_json(pair.to_json() | {"pickups": pickups})
        assert code in {issue.code for issue in error.value.issues}, pickups


def test_the_checker_knows_the_rules(pair: Problem) -> None:
    def codes(mill: int, end: int = 2) -> set[str]:
        rows = (
            Assignment("j", "o0", "cut", (end - 2) * HOUR, end * HOUR),
            Assignment("j", "o1", "mill", mill * HOUR, (mill + 1) * HOUR),
        )
        return {violation.code for violation in check(pair, Schedule(rows))}

    assert codes(9) == set()
    assert codes(8) == {"pickup"}
    assert codes(9, end=9) == {"precedence", "pickup"}
    assert codes(17, end=9) == set()
    assert codes(22) == {"pickup"}  # nothing leaves B any more
    assert codes(30, end=17) == {"pickup"}


def test_repair_and_replan_wait_for_the_pickup(pair: Problem) -> None:
    schedule = solve(pair, iterations=20).schedule
    policy = RightShift(compile_problem(pair), schedule)
    assert policy.schedule() == schedule
    work = policy.work.copy()
    work[0] = 9 * HOUR
    start, end = policy.run(work)
    assert start.tolist() == [0, 17 * HOUR]
    assert policy.arrival(end).tolist() == [21 * HOUR]
    work[0] = 30 * HOUR  # past all windows it goes at once
    start, end = policy.run(work)
    assert (start.tolist(), policy.arrival(end).tolist()) == ([0, 31 * HOUR], [33 * HOUR])
    for proposal in replan(pair, schedule, HOUR, Late("j", "o0", 10 * HOUR), iterations=50):
        assert proposal.verified
        assert proposal.schedule.by_operation()["j", "o1"].start == 17 * HOUR


def with_pickups(problem: Problem, seed: int) -> Problem:
    """Every site is served once or twice a day, some at any time."""
    rng = random.Random(seed)
    pickups = {}
    for site in problem.sites:
        hours = rng.sample(range(24), rng.randint(0, 2))
        if hours:
            pickups[site] = windows(*((24 * day + h, 24 * day + h + 1) for day in range(60) for h in hours))
    return replace(problem, pickups=pickups)


@settings(max_examples=60, deadline=None)
@given(**ANY_SHOP)
def test_any_shop_with_pickups_is_planned_within_its_bound(
    seed: int, objective: str, jobs: int, machines: int
) -> None:
    problem = with_pickups(random_shop(seed, jobs=jobs, machines=machines, objective=objective), seed)
    result = solve(problem, iterations=200, seed=seed)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= result.objective
    assert check(problem, RightShift(compile_problem(problem), result.schedule).schedule()) == ()
    for job in problem.jobs:
        reasons = explain(problem, result.schedule, job.id)
        spans = [(r.params["start"], r.params["end"]) for r in reasons if r.code != "late"]
        assert all(before[1] == after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("seed", range(12))
def test_parts_that_come_before_their_transport_are_found(seed: int) -> None:
    problem = with_pickups(random_shop(seed, jobs=8, sites=3), seed)
    problem = replace(
        problem, pickups={site: windows(*((24 * d, 24 * d + 1) for d in range(60))) for site in problem.sites}
    )
    rows = list(solve(problem, iterations=100, seed=seed).schedule.assignments)
    site = {machine.id: machine.site for machine in problem.machines}
    at = next(
        i
        for i, (before, row) in enumerate(pairwise(rows), 1)
        if before.job == row.job and site[before.machine] != site[row.machine]
    )
    before, row = rows[at - 1], rows[at]
    start = before.end + problem.travel(site[before.machine], site[row.machine])[0]
    rows[at] = replace(row, start=start, end=start + row.end - row.start)
    assert "pickup" in {violation.code for violation in check(problem, Schedule(tuple(rows)))}
