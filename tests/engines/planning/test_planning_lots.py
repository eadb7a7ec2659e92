"""Lot splitting: when it pays, what it keeps, and how every consumer sees it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from tests.engines.planning.shops import HOUR, random_shop

from gonghe.engines.model.planning import Job, Lots, Machine, Mode, Operation, Problem, Schedule
from gonghe.engines.planning import check, evaluate, solve


def two_shops(lots: Lots | None, *, setup: int = 0, objective: str = "makespan") -> Problem:
    """One line of 100 pieces, 10 h on either of two machines."""
    modes = (Mode("a", 10 * HOUR, 1000, setup), Mode("b", 10 * HOUR, 1000, setup))
    machines = (Machine("a", "A", organization="anna"), Machine("b", "A", organization="bert"))
    line = Job("line", (Operation("cut", modes),), due=6 * HOUR, lateness_cost_per_hour=200, lots=lots)
    return Problem(("A",), machines, (line,), objective=objective)  # type: ignore[arg-type]


def with_lots(problem: Problem, seed: int) -> Problem:
    """A random shop in which most lines may be divided, some with a whole operation at the end."""
    rng = random.Random(seed)
    jobs = []
    for job in problem.jobs:
        quantity = rng.randint(10, 200)
        lots = Lots(quantity, rng.randint(1, quantity // 3), rng.randint(2, 4), rng.randint(0, 900), 300)
        steps = [
            replace(step, whole=step == job.operations[-1] and rng.random() < 0.3) for step in job.operations
        ]
        jobs.append(replace(job, operations=tuple(steps), lots=lots if rng.random() < 0.8 else None))
    return replace(problem, jobs=tuple(jobs))


def sizes(schedule: Schedule) -> list[int]:
    return sorted({(row.lot, row.quantity) for row in schedule}) and [
        quantity for _, quantity in sorted({(row.lot, row.quantity) for row in schedule})
    ]


def test_two_shops_halve_the_lead_time() -> None:
    result = solve(two_shops(Lots(100)), iterations=2000)
    assert (result.objective, result.lower_bound, result.verified) == (5 * HOUR, 5 * HOUR, True)
    assert sizes(result.schedule) == [50, 50]
    assert {row.machine for row in result.schedule} == {"a", "b"}


def test_the_bound_knows_that_lots_are_faster() -> None:
    assert solve(two_shops(None), iterations=500).lower_bound == 10 * HOUR


def test_set_up_stays_whole_and_overhead_comes_on_top() -> None:
    """1 h of set-up each, 1 h more for the second lot: 1 + 5.5 h beside 2 + 4.5 h."""
    result = solve(two_shops(Lots(100, overhead_seconds=HOUR), setup=HOUR), iterations=4000)
    assert result.verified
    assert result.objective == pytest.approx(6.5 * HOUR, rel=0.02)


def test_too_much_overhead_keeps_the_line_as_one() -> None:
    result = solve(two_shops(Lots(100, overhead_seconds=10 * HOUR)), iterations=2000)
    assert (result.objective, sizes(result.schedule)) == (10 * HOUR, [0])


def test_the_least_lot_keeps_the_line_as_one() -> None:
    result = solve(two_shops(Lots(100, minimum=51)), iterations=2000)
    assert (result.objective, sizes(result.schedule)) == (10 * HOUR, [0])


@pytest.mark.parametrize(("fee", "objective", "lots"), [(700, 1700, 2), (900, 1800, 1)])
def test_money_decides(fee: int, objective: int, lots: int) -> None:
    """As one it is 4 h late for 800; two lots are in time for 1,000 and the fee."""
    result = solve(two_shops(Lots(100, overhead_cost=fee), objective="cost"), iterations=2000)
    assert (result.objective, len(sizes(result.schedule))) == (objective, lots)
    assert (result.cost.lateness, result.cost.production) == ((0, 1700) if lots == 2 else (800, 1000))


def test_a_whole_operation_waits_for_all_lots() -> None:
    problem = two_shops(Lots(100))
    pack = Operation("pack", (Mode("a", HOUR),), whole=True)
    line = replace(problem.jobs[0], operations=(*problem.jobs[0].operations, pack))
    result = solve(replace(problem, jobs=(line,)), iterations=2000)
    assert (result.objective, result.verified) == (6 * HOUR, True)
    assert [(row.operation, row.lot, row.quantity) for row in result.schedule] == [
        ("cut", 1, 50),
        ("cut", 2, 50),
        ("pack", 0, 0),
    ]


def test_one_firm_at_most() -> None:
    problem = two_shops(Lots(100))
    problem = replace(problem, jobs=(replace(problem.jobs[0], most_firms=1),))
    assert solve(problem, iterations=1000).objective == 10 * HOUR


def test_excluded_firms_get_no_lot() -> None:
    problem = two_shops(Lots(100))
    problem = replace(problem, jobs=(replace(problem.jobs[0], excluded=("bert",)),))
    assert {row.machine for row in solve(problem, iterations=1000).schedule} == {"a"}


@pytest.mark.parametrize("objective", ["cost", "makespan", "tardiness", "flow"])
@pytest.mark.parametrize("seed", range(6))
def test_random_shops_are_verified_and_never_worse(seed: int, objective: str) -> None:
    problem = with_lots(random_shop(seed, jobs=8, objective=objective), seed)
    result = solve(problem, iterations=3000, seed=seed)
    plain = replace(problem, jobs=tuple(replace(job, lots=None) for job in problem.jobs))
    alone = solve(plain, iterations=3000, seed=seed)
    assert result.verified
    assert result.lower_bound <= result.objective <= alone.objective
    assert result.objective == evaluate(problem, result.schedule).objective
    assert check(problem, Schedule.from_json(problem, result.schedule.to_json(problem))) == ()


def test_the_same_seed_gives_the_same_lots() -> None:
    problem = with_lots(random_shop(3, jobs=8, objective="tardiness"), 3)
    first, second = (solve(problem, iterations=2000, seed=5) for _ in range(2))
    assert first.schedule == second.schedule
    assert first.iterations == second.iterations
