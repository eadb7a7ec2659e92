"""Schedules of tiny problems with a known optimum, and of random ones by the independent checker."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.planning.shops import ANY_SHOP, HOUR, chain, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
)
from gonghe.engines.planning import NoFeasiblePlan, check, solve


def test_johnson(two_jobs: Problem) -> None:
    result = solve(two_jobs, iterations=200)
    assert result.objective == 7 * HOUR
    assert result.verified


def test_single_machine_tardiness_is_optimal() -> None:
    jobs = tuple(
        chain(f"j{i}", ("m", time * HOUR), due=due * HOUR, weight=weight)
        for i, (time, due, weight) in enumerate([(3, 4, 2), (2, 2, 1), (4, 9, 3), (1, 3, 5), (2, 7, 1)])
    )
    problem = Problem(("A",), (Machine("m", "A"),), jobs, objective="tardiness")

    def value(order: tuple[Job, ...]) -> int:
        time = total = 0
        for job in order:
            time += job.operations[0].modes[0].duration
            total += job.weight * max(0, time - (job.due or 0))
        return total

    best = min(value(order) for order in itertools.permutations(jobs))
    assert solve(problem, iterations=3000).objective == best


def test_assembly_cost_by_hand(assembly: Problem) -> None:
    """Shaft 3 h, 1 h to A, join until 5 h, 2 h to C: 7 h, one hour late."""
    result = solve(assembly, iterations=500)
    assert result.completion == {"pump": 7 * HOUR}
    assert result.cost.production == 11000
    assert result.cost.transport == 2000  # lathe to bench, bench to C
    assert result.cost.lateness == 500
    assert result.objective == result.lower_bound == 13500
    assert result.gap == 0
    assert result.late == ("pump",)


def test_cheap_machine_wins_until_it_makes_the_job_late() -> None:
    modes = (Mode("cheap", 10 * HOUR, cost=1000), Mode("quick", 2 * HOUR, cost=3000))
    machines = (Machine("cheap", "A"), Machine("quick", "A"))

    def chosen(rate: int) -> tuple[str, int]:
        job = Job("j", (Operation("o", modes),), due=4 * HOUR, lateness_cost_per_hour=rate)
        result = solve(Problem(("A",), machines, (job,)), iterations=300)
        return result.schedule.assignments[0].machine, result.objective

    assert chosen(300) == ("cheap", 1000 + 6 * 300)
    assert chosen(400) == ("quick", 3000)


def test_work_stops_at_breaks_only_when_it_may() -> None:
    machine = Machine("m", "A", breaks=((4 * HOUR, 6 * HOUR),))
    work = Operation("o", (Mode("m", 5 * HOUR),))
    whole = Problem(("A",), (machine,), (Job("j", (work,)),), objective="makespan")
    assert solve(whole, iterations=10).objective == 11 * HOUR
    parts = replace(whole, jobs=(Job("j", (replace(work, resumable=True),)),))
    assert solve(parts, iterations=10).objective == 7 * HOUR


def test_resumable_work_never_lies_across_a_reservation() -> None:
    machine = Machine("m", "A", reserved=((2 * HOUR, 3 * HOUR),))
    work = Operation("o", (Mode("m", 3 * HOUR),), resumable=True)
    problem = Problem(("A",), (machine,), (Job("j", (work,)),), objective="makespan")
    assert solve(problem, iterations=10).schedule.assignments[0].start == 3 * HOUR


def test_oven_of_two_runs_two_at_a_time() -> None:
    jobs = tuple(chain(f"j{i}", ("oven", HOUR)) for i in range(5))
    problem = Problem(("A",), (Machine("oven", "A", capacity=2),), jobs, objective="makespan")
    result = solve(problem, iterations=100)
    assert (result.objective, result.lower_bound) == (3 * HOUR, int(2.5 * HOUR))
    assert solve(problem, iterations=2000).optimal  # proven: the load alone says 2.5 h


def test_setups_by_family_are_grouped() -> None:
    """Four jobs of two families with 2 h between families: one change is enough."""
    setups = {"red": {"blue": 2 * HOUR}, "blue": {"red": 2 * HOUR}}
    jobs = tuple(
        Job(f"j{i}", (Operation("o", (Mode("m", HOUR),), family=family),))
        for i, family in enumerate(["red", "blue", "red", "blue"])
    )
    problem = Problem(("A",), (Machine("m", "A", setups=setups, state="red"),), jobs, objective="makespan")
    assert solve(problem, iterations=2000).objective == 6 * HOUR


def test_grid_and_release() -> None:
    job = chain("j", ("m", 1800), release=1000)
    problem = Problem(("A",), (Machine("m", "A"),), (job,), grid=900, objective="makespan")
    assert solve(problem, iterations=10).schedule.assignments[0] == Assignment("j", "o0", "m", 1800, 3600)


def test_fixed_work_stays_and_the_rest_goes_around(two_jobs: Problem) -> None:
    fixed = Fixed("b", "o0", "m1", 0, 4 * HOUR)
    result = solve(replace(two_jobs, fixed=(fixed,)), iterations=200)
    placed = result.schedule.by_operation()
    assert placed["b", "o0"].start == 0
    assert placed["a", "o0"].start == 4 * HOUR
    assert result.objective == 9 * HOUR
    assert result.verified


def test_bid_windows_hold_and_their_conflict_is_named() -> None:
    mode = Mode("m", 3 * HOUR, earliest=2 * HOUR, latest=6 * HOUR)
    problem = Problem(("A",), (Machine("m", "A"),), (Job("j", (Operation("o", (mode,)),)),))
    assert solve(problem, iterations=10).schedule.assignments[0].start == 2 * HOUR
    double = replace(problem, jobs=(*problem.jobs, Job("k", (Operation("o", (mode,)),))))
    with pytest.raises(NoFeasiblePlan, match="no room") as caught:
        solve(double, iterations=50)
    assert len(caught.value.jobs) == 1


def test_same_seed_same_schedule_and_other_seeds_no_worse_than_the_bound() -> None:
    problem = random_shop(3, jobs=12)
    first, second = solve(problem, iterations=3000, seed=7), solve(problem, iterations=3000, seed=7)
    assert first.schedule == second.schedule
    assert first.iterations == 3000
    for seed in range(3):
        assert solve(problem, iterations=500, seed=seed).objective >= first.lower_bound


def test_progress_and_stop() -> None:
    problem = random_shop(4, jobs=12, objective="tardiness")
    seen: list[tuple[int, int, int]] = []
    result = solve(
        problem,
        iterations=50_000,
        on_progress=lambda *point: seen.append(point),
        should_stop=lambda: len(seen) >= 3,
    )
    assert len(seen) == 3 or result.objective == result.lower_bound
    assert result.iterations < 50_000
    assert result.verified


def test_no_jobs() -> None:
    assert solve(Problem(("A",), (Machine("m", "A"),), ())).schedule.assignments == ()


@settings(max_examples=60, deadline=None)
@given(
    **ANY_SHOP,
    sites=st.integers(1, 3),
)
def test_any_schedule_passes_the_checker(
    seed: int, objective: str, jobs: int, machines: int, sites: int
) -> None:
    problem = random_shop(seed, jobs=jobs, machines=machines, sites=sites, objective=objective)
    result = solve(problem, iterations=300, seed=seed)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= result.objective
    assert result.completion.keys() == {job.id for job in problem.jobs}


def test_operation_without_mode_is_refused() -> None:
    with pytest.raises(ProblemError, match="operation 'o': no machine can do it"):
        Operation("o", ())


def painted(*families: str, costs: int = 5000, due: int | None = None, rate: int = 0) -> Problem:
    """One machine, an hour a job, set-ups that cost money but take no time; job i is released at hour i."""
    fees = {"red": {"blue": costs}, "blue": {"red": costs}}
    jobs = tuple(
        Job(
            f"j{i}",
            (Operation("o", (Mode("m", HOUR, cost=100),), family=family),),
            release=i * HOUR,
            due=due,
            lateness_cost_per_hour=rate,
        )
        for i, family in enumerate(families)
    )
    return Problem(("A",), (Machine("m", "A", setup_costs=fees, state="red"),), jobs)


def test_money_of_setups_groups_families() -> None:
    result = solve(painted("red", "blue", "red", "blue"), iterations=2000)
    assert (result.cost.setup, result.objective) == (5000, 5400)
    assert result.verified


def test_waiting_for_the_family_is_weighed_against_lateness() -> None:
    """Blue first costs two set-ups; waiting for the red job of the second hour makes blue 1 h late."""
    cheap = solve(painted("blue", "red", due=2 * HOUR, rate=500), iterations=500)
    assert (cheap.cost.setup, cheap.cost.lateness, cheap.objective) == (5000, 500, 5700)
    dear = solve(painted("blue", "red", due=2 * HOUR, rate=9000), iterations=500)
    assert (dear.cost.setup, dear.cost.lateness) == (10000, 0)


def test_money_of_setups_starts_after_fixed_work_and_a_reservation_resets_it() -> None:
    problem = painted("blue", "red", "red", "blue")
    fixed = replace(problem, fixed=(Fixed("j0", "o", "m", 0, HOUR),))
    result = solve(fixed, iterations=500)
    assert result.cost.setup == 10000  # red to blue (begun), blue to blue, blue to red
    assert [row.job for row in sorted(result.schedule, key=lambda row: row.start)][:2] == ["j0", "j3"]
    closed = replace(problem.machines[0], reserved=((0, HOUR),))
    assert solve(replace(problem, machines=(closed,)), iterations=500).cost.setup == 5000


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), jobs=st.integers(1, 9), machines=st.integers(1, 4))
def test_search_and_evaluation_agree_on_setup_money(seed: int, jobs: int, machines: int) -> None:
    problem = random_shop(seed, jobs=jobs, machines=machines)
    fees = {"a": {"b": 700, "c": 3000}, "b": {"a": 1500}, "c": {"a": 10, "b": 5000}}
    times = {"a": {"b": 600}, "c": {"b": 1200}}
    fleet = tuple(replace(m, setup_costs=fees, setups=times, state="a") for m in problem.machines)
    work = tuple(
        replace(
            job,
            operations=tuple(
                replace(step, family="abc"[(seed + i + k) % 3]) for k, step in enumerate(job.operations)
            ),
        )
        for i, job in enumerate(problem.jobs)
    )
    problem = replace(problem, machines=fleet, jobs=work)
    result = solve(problem, iterations=300, seed=seed)
    assert result.verified
    assert (
        result.trace[-1].objective - len(work) <= result.objective <= result.trace[-1].objective + len(work)
    )
