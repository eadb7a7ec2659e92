"""Machines that go on by themselves while nobody is there."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.engines.planning.shops import ANY_SHOP, HOUR, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Interval,
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Resource,
    Schedule,
)
from gonghe.engines.model.planning_hours import closed_hours, without
from gonghe.engines.planning import CalendarChanged, MachineDown, check, explain, replan, solve
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.compiled.compiled import compile_problem

DAY = 24 * HOUR
NIGHTS: tuple[Interval, ...] = tuple((day * DAY + 16 * HOUR, (day + 1) * DAY + 6 * HOUR) for day in range(9))


def lathe(*hours: int, **fields: object) -> Problem:
    """Jobs of so many hours on a lathe that is attended from 6 to 16 h and runs on alone at night."""
    machine = Machine("lathe", "A", unattended=NIGHTS)
    jobs = tuple(
        Job(f"j{n}", (Operation("o", (Mode("lathe", h * HOUR, **fields),)),))  # type: ignore[arg-type]
        for n, h in enumerate(hours)
    )
    return Problem(("A",), (machine,), jobs, objective="makespan", horizon_start=6 * HOUR)


def spans(problem: Problem) -> list[Interval]:
    """Start and end of all work in hours, by start."""
    result = solve(problem, iterations=200)
    assert result.verified
    assert result.objective >= result.lower_bound
    return sorted((row.start // HOUR, row.end // HOUR) for row in result.schedule)


def test_a_long_run_goes_through_the_night() -> None:
    assert spans(lathe(12, unattended=True)) == [(6, 18)]
    # ordinary work of 12 h fits into no day of 10 h; of 10 h it does
    assert spans(lathe(10)) == [(6, 16)]
    assert spans(lathe(12, latest=5 * DAY, unattended=True)) == [(6, 18)]
    with pytest.raises(ProblemError, match="longer than every open window"):
        lathe(12, latest=5 * DAY)


def test_the_night_is_used_by_starting_the_long_run_last() -> None:
    """Both orders keep the lathe 21 h busy, but only the short run first lets the long one run at night."""
    assert spans(lathe(12, 9, unattended=True)) == [(6, 15), (15, 27)]


def test_nobody_is_there_to_start_the_next_run() -> None:
    assert spans(lathe(12, 12, unattended=True)) == [(6, 18), (30, 42)]


def test_set_up_is_done_while_somebody_is_there() -> None:
    """Eight hours of set-up after the first run would end at 17 h: it waits for the morning."""
    problem = lathe(3, 9, unattended=True)
    first, second = problem.jobs
    slow = replace(second.operations[0], modes=(Mode("lathe", HOUR, setup=8 * HOUR, unattended=True),))
    jobs = (replace(first, due=9 * HOUR), replace(second, operations=(slow,)))
    problem = replace(problem, jobs=jobs, objective="tardiness")
    assert spans(problem) == [(6, 9), (30, 39)]
    pausing = replace(slow, resumable=True)
    jobs = (jobs[0], replace(second, operations=(pausing,), due=30 * HOUR))
    # seven hours of set-up before the evening, one in the morning, then the run
    assert spans(replace(problem, jobs=jobs)) == [(6, 9), (9, 32)]


def test_an_operation_may_say_it_for_all_its_modes() -> None:
    problem = lathe(12)
    steps = tuple(replace(job.operations[0], unattended=True) for job in problem.jobs)
    jobs = tuple(replace(job, operations=(step,)) for job, step in zip(problem.jobs, steps, strict=True))
    assert spans(replace(problem, jobs=jobs)) == [(6, 18)]


def test_what_it_needs_must_be_there_at_night_too() -> None:
    plain = replace(lathe(), resources=(Resource("anna"),))
    problem = replace(plain, jobs=lathe(12, unattended=True).jobs)
    step = replace(problem.jobs[0].operations[0], needs={"anna": 1})
    problem = replace(problem, jobs=(Job("j0", (step,)),))
    assert spans(problem) == [(6, 18)]
    away = Resource("anna", breaks=((17 * HOUR, 30 * HOUR),))
    assert spans(replace(problem, resources=(away,))) == [(30, 42)]


def test_unattended_hours_win_over_breaks() -> None:
    machine = Machine("m", "A", breaks=((0, 10), (20, 50), (60, 70)), unattended=((30, 40), (45, 65)))
    assert closed_hours(machine) == [(0, 10), (20, 70)]
    assert closed_hours(machine, unattended=True) == [(0, 10), (20, 30), (40, 45), (65, 70)]
    assert without([(0, 9)], [(2, 3), (3, 4), (8, 12)]) == [(0, 2), (4, 8)]


def test_round_trip_and_named_faults() -> None:
    problem = lathe(12, unattended=True)
    assert Problem.from_json(problem.to_json()) == problem
    step = replace(problem.jobs[0].operations[0], unattended=True)
    whole = replace(problem, jobs=(replace(problem.jobs[0], operations=(step,)),))
    assert Problem.from_json(whole.to_json()) == whole
    data = problem.to_json()
    data["machines"][0]["unattended"] = [[5, 5]]
    data["jobs"][0]["operations"][0]["modes"][0]["unattended"] = 1
    with pytest.raises(ProblemError) as error:
        Problem.from_json(data)
    assert {issue.code for issue in error.value.issues} >= {"interval", "not_text"}
    with pytest.raises(ProblemError, match="multiple of the grid"):
        replace(problem, grid=7 * HOUR)


def codes(problem: Problem, start: int, end: int) -> set[str]:
    rows = (Assignment("j0", "o", "lathe", start * HOUR, end * HOUR),)
    return {violation.code for violation in check(problem, Schedule(rows))}


def test_the_checker_knows_the_rules() -> None:
    alone = lathe(12, unattended=True)
    assert codes(alone, 6, 18) == set()
    assert codes(alone, 15, 27) == set()
    assert codes(alone, 16, 28) == {"unattended"}  # nobody starts it at 16 h
    assert codes(alone, 6, 17) == {"work"}
    assert codes(lathe(12), 6, 18) == {"closed"}
    loaded = lathe(10, setup=2 * HOUR, unattended=True)
    assert codes(loaded, 14, 26) == set()
    assert codes(loaded, 15, 27) == {"unattended", "work"}  # an hour of set-up would fall into the night
    broken = replace(alone, machines=(replace(alone.machines[0], breaks=((30 * HOUR, 31 * HOUR),)),))
    assert codes(broken, 15, 27) == set()
    job = broken.jobs[0]
    whole = replace(job.operations[0], modes=(Mode("lathe", 16 * HOUR, unattended=True),))
    assert codes(replace(broken, jobs=(replace(job, operations=(whole,)),)), 15, 31) == {"closed", "work"}


def test_repair_and_replan_know_the_night() -> None:
    problem = lathe(12, 9, unattended=True)
    result = solve(problem, iterations=200)
    policy = RightShift(compile_problem(problem), result.schedule)
    assert policy.schedule() == result.schedule
    longer = policy.work.copy()
    longer[1] += 2 * HOUR  # the short run ends at 17 h, the long one waits for the morning
    assert sorted(policy.run(longer)[0].tolist()) == [6 * HOUR, 30 * HOUR]
    down = MachineDown("lathe", 10 * HOUR, 12 * HOUR)
    for proposal in replan(problem, result.schedule, 9 * HOUR, down, iterations=100):
        assert proposal.verified


def test_a_running_job_goes_on_by_itself_when_the_calendar_changes() -> None:
    problem = lathe(12, unattended=True)
    step = replace(problem.jobs[0].operations[0], resumable=True)
    problem = replace(problem, jobs=(replace(problem.jobs[0], operations=(step,)),))
    plan = Schedule((Assignment("j0", "o", "lathe", 6 * HOUR, 18 * HOUR),))
    event = CalendarChanged("lathe", ((10 * HOUR, 13 * HOUR),))
    after = replan(problem, plan, 8 * HOUR, event, iterations=50)[0]
    assert after.schedule.assignments[0].end == 21 * HOUR


def test_explanation_covers_the_wait_for_the_morning() -> None:
    problem = lathe(12, 12, unattended=True)
    schedule = solve(problem, iterations=100).schedule
    last = max(schedule, key=lambda row: row.end)
    reasons = explain(problem, schedule, last.job)
    found = [(reason.code, reason.params["seconds"]) for reason in reasons]
    assert found == [("waits_for_machine", 12 * HOUR), ("closed", 12 * HOUR), ("processing", 12 * HOUR)]


def with_nights(problem: Problem, seed: int) -> Problem:
    """Nights of some machines are unattended, and some work makes use of them after a set-up."""
    rng = random.Random(seed)
    machines = tuple(
        replace(machine, unattended=tuple((s, e - 3 * HOUR) for s, e in machine.breaks))
        if rng.random() < 0.7
        else machine
        for machine in problem.machines
    )

    def mode(old: Mode) -> Mode:
        return replace(old, unattended=rng.random() < 0.6, setup=rng.choice([0, 20 * 60, HOUR]))

    jobs = tuple(
        replace(
            job,
            operations=tuple(
                replace(step, modes=tuple(mode(old) for old in step.modes)) for step in job.operations
            ),
        )
        for job in problem.jobs
    )
    return replace(problem, machines=machines, jobs=jobs)


@settings(max_examples=60, deadline=None)
@given(**ANY_SHOP)
def test_any_shop_with_nights_is_planned_within_its_bound(
    seed: int, objective: str, jobs: int, machines: int
) -> None:
    problem = with_nights(random_shop(seed, jobs=jobs, machines=machines, objective=objective), seed)
    result = solve(problem, iterations=200, seed=seed)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= result.objective
    assert check(problem, RightShift(compile_problem(problem), result.schedule).schedule()) == ()
    for job in problem.jobs:
        assert explain(problem, result.schedule, job.id)


@pytest.mark.parametrize("seed", range(12))
def test_starting_at_night_is_never_accepted(seed: int) -> None:
    problem = with_nights(random_shop(seed, jobs=8), seed)
    rows = list(solve(problem, iterations=100, seed=seed).schedule.assignments)
    nights = {machine.id: machine.unattended for machine in problem.machines}
    at = next(i for i, row in enumerate(rows) if nights[row.machine])
    begin = nights[rows[at].machine][20][0] + 600 * seed
    rows[at] = replace(rows[at], start=begin, end=begin + rows[at].end - rows[at].start)
    assert {"unattended", "closed"} & {violation.code for violation in check(problem, Schedule(tuple(rows)))}
