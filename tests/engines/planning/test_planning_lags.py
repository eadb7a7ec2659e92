"""Least and most times between operations: kept, judged and named."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.engines.planning.shops import ANY_SHOP, HOUR, chain, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Job,
    Lag,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
)
from gonghe.engines.planning import NoFeasiblePlan, check, explain, solve
from gonghe.engines.planning.generate import Network, generate


def lagged(lag: Lag, *, fixed: tuple[Fixed, ...] = (), other: int = 6) -> Problem:
    """Glue (1 h) then press (2 h); the press is closed from 0 to `other` hours by a reservation."""
    steps = (
        Operation("glue", (Mode("bench", HOUR),)),
        Operation("press", (Mode("press", 2 * HOUR),), lags={"glue": lag}),
    )
    press = Machine("press", "B", reserved=((0, other * HOUR),))
    ways = ((0, HOUR), (HOUR, 0))
    return Problem(
        ("A", "B"),
        (Machine("bench", "A"), press),
        (Job("j", steps),),
        ways,
        fixed=fixed,
        objective="makespan",
    )


def starts(problem: Problem) -> list[int]:
    result = solve(problem, iterations=50)
    assert result.verified
    return [row.start // HOUR for row in result.schedule]


def test_rest_comes_before_the_way() -> None:
    assert starts(lagged(Lag(3 * HOUR), other=1)) == [0, 5]


def test_what_must_follow_soon_is_started_later() -> None:
    assert starts(lagged(Lag())) == [0, 6]
    assert starts(lagged(Lag(0, 2 * HOUR))) == [3, 6]
    assert starts(lagged(Lag(HOUR, 2 * HOUR))) == [3, 6]


def test_three_operations_pull_each_other() -> None:
    """The last machine opens at 20 h; each may wait an hour at most, so all three run at the end."""
    work = [("a", Lag()), ("b", Lag(0, HOUR)), ("c", Lag(0, HOUR))]
    steps = tuple(
        Operation(name, (Mode(name, HOUR),), lags={prev: lag} if prev else {})
        for (name, lag), prev in zip(work, ("", "a", "b"), strict=True)
    )
    machines = (Machine("a", "A"), Machine("b", "A"), Machine("c", "A", reserved=((0, 20 * HOUR),)))
    assert starts(Problem(("A",), machines, (Job("j", steps),), objective="makespan")) == [16, 18, 20]


def test_two_days_of_shifts_where_the_next_step_must_follow() -> None:
    """5 h of work then 4 h within the hour need two machines whose shifts overlap."""
    nights = tuple((day * 24 * HOUR + 8 * HOUR, (day + 1) * 24 * HOUR) for day in range(5))
    early = tuple((day * 24 * HOUR, day * 24 * HOUR + 6 * HOUR) for day in range(5))
    steps = (
        Operation("heat", (Mode("oven", 5 * HOUR),)),
        Operation("forge", (Mode("hammer", 4 * HOUR),), lags={"heat": Lag(0, HOUR)}),
    )
    machines = (Machine("oven", "A", breaks=nights), Machine("hammer", "A", breaks=early))
    result = solve(Problem(("A",), machines, (Job("j", steps),)), iterations=20)
    assert [row.start for row in result.schedule] == [0, 6 * HOUR]
    assert result.verified


def test_no_plan_when_started_work_waited_too_long() -> None:
    problem = lagged(Lag(0, 2 * HOUR), fixed=(Fixed("j", "glue", "bench", 0, HOUR),))
    with pytest.raises(NoFeasiblePlan, match="j") as caught:
        solve(problem, iterations=20)
    assert caught.value.jobs == ("j",)


def test_a_window_that_fits_only_the_dear_machine_is_found() -> None:
    """The cheap bench offers only the first hours, from where the press cannot be reached in time."""
    modes = (Mode("bench", HOUR, cost=1, latest=2 * HOUR), Mode("other", HOUR, cost=900))
    problem = replace(lagged(Lag(0, 2 * HOUR)), objective="cost")
    job = problem.jobs[0]
    job = replace(job, operations=(replace(job.operations[0], modes=modes), job.operations[1]))
    problem = replace(problem, machines=(*problem.machines, Machine("other", "A")), jobs=(job,))
    result = solve(problem, iterations=50)
    assert result.schedule.assignments[0].machine == "other"
    assert result.verified


def test_lags_that_cannot_be_kept_are_refused() -> None:
    with pytest.raises(
        ProblemError, match="job 'j' operation 'press': must start within 1800 s after 'glue'"
    ):
        lagged(Lag(0, 1800))
    with pytest.raises(ProblemError, match="maximum 5 is less than minimum 9"):
        Lag(9, 5)
    steps = (Operation("a", (Mode("m", 1),)), Operation("b", (Mode("m", 1),), lags={"z": Lag(1)}))
    with pytest.raises(ProblemError, match="has a lag after 'z', which it does not follow"):
        Job("j", steps)


def test_reasons_name_rest_and_what_must_follow() -> None:
    problem = lagged(Lag(HOUR, 3 * HOUR))
    codes = [(reason.code, reason.params["seconds"]) for reason in explain(problem, _plan(problem), "j")]
    assert codes == [
        ("held_for", 2 * HOUR),
        ("processing", HOUR),
        ("rest", HOUR),
        ("transport", HOUR),
        ("reserved", HOUR),
        ("processing", 2 * HOUR),
    ]


def _plan(problem: Problem) -> Schedule:
    return solve(problem, iterations=50).schedule


def test_json_keeps_lags() -> None:
    problem = generate(Network(6, 4, 2, seed=1, lags=True))
    assert any(operation.lags for job in problem.jobs for operation in job.operations)
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem
    data = problem.to_json()
    data["jobs"][0]["operations"][1]["lags"] = {"o0": {"min": -1}, "o9": {"least": 3}}
    with pytest.raises(ProblemError) as caught:
        Problem.from_json(data)
    assert {issue.code for issue in caught.value.issues} == {"too_small", "unknown_property", "lag"}


def with_lags(problem: Problem, seed: int) -> Problem:
    """The same problem with a lag after every other operation."""
    rng = random.Random(seed)
    jobs = []
    for job in problem.jobs:
        steps = [job.operations[0]]
        for before, operation in zip(job.operations, job.operations[1:], strict=False):
            least = rng.randint(0, 2) * 1800
            lag = Lag(least, rng.choice([None, least + rng.randint(4, 12) * HOUR]))
            steps.append(replace(operation, lags={before.id: lag} if rng.random() < 0.7 else {}))
        jobs.append(replace(job, operations=tuple(steps)))
    return replace(problem, jobs=tuple(jobs))


@settings(max_examples=60, deadline=None)
@given(**ANY_SHOP)
def test_any_schedule_keeps_all_lags(seed: int, objective: str, jobs: int, machines: int) -> None:
    problem = with_lags(random_shop(seed, jobs=jobs, machines=machines, objective=objective), seed)
    result = solve(problem, iterations=300, seed=seed)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= result.objective


@pytest.mark.parametrize("seed", range(12))
def test_seeded_corruption_is_rejected(seed: int) -> None:
    """Any operation started outside its lag is found, whatever else is right."""
    problem = with_lags(random_shop(seed, jobs=8), seed)
    rows = list(solve(problem, iterations=100, seed=seed).schedule.assignments)
    place = {row.key: number for number, row in enumerate(rows)}
    rng, tried = random.Random(seed), 0
    for job in problem.jobs:
        for operation in job.operations:
            for before, lag in operation.lags.items():
                end = rows[place[job.id, before]].end
                gap = lag.minimum - 1 if lag.maximum is None or rng.random() < 0.5 else lag.maximum + 1
                if gap < 0:
                    continue
                number = place[job.id, operation.id]
                bad = replace(
                    rows[number], start=end + gap, end=rows[number].end - rows[number].start + end + gap
                )
                changed = Schedule((*rows[:number], bad, *rows[number + 1 :]))
                found = {(v.code, v.operation) for v in check(problem, changed) if v.job == job.id}
                assert ("lag", operation.id) in found
                tried += 1
    assert tried > 0


def test_chain_without_lags_is_untouched() -> None:
    problem = Problem(("A",), (Machine("m", "A"),), (chain("j", ("m", 5), ("m", 5)),), objective="makespan")
    assert solve(problem, iterations=5).schedule.assignments[1] == Assignment("j", "o1", "m", 5, 10)
