"""The planner on a real cluster: a Dask scheduler and two worker processes on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import pytest
from distributed import Client, LocalCluster

from gonghe.compute import cluster
from gonghe.engines.model.planning import Job, Lots, Machine, Mode, Operation, Problem
from gonghe.engines.planning import NoFeasiblePlan, check, solve
from gonghe.engines.planning.generate import Network, generate

ITERATIONS = 20_000
HOUR = 3600


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=40) as local,
        Client(local) as found,
    ):
        yield found


def test_a_cluster_finds_what_one_process_finds_with_the_same_work(client: Client) -> None:
    """Ten seeds: never worse in the median, as every one gives the same schedule."""
    problem = generate(Network(jobs=20, machines=6, sites=3, objective="tardiness"))
    here, there = [], []
    for seed in range(10):
        one = solve(problem, iterations=ITERATIONS, seed=seed, threads=2)
        two = cluster.solve(problem, client, iterations=ITERATIONS, seed=seed)
        assert check(problem, two.schedule) == ()
        assert two.schedule == one.schedule
        here.append(one.objective)
        there.append(two.objective)
    assert median(there) <= median(here)
    assert len(set(here)) > 1


def test_makespan_goes_over_to_tabu_search_on_the_workers(client: Client) -> None:
    problem = generate(Network(jobs=15, machines=8, sites=2, objective="makespan"))
    result = cluster.solve(problem, client, iterations=20_000, chains=3)
    assert result.verified
    assert result.objective <= solve(problem, iterations=0).objective


def test_the_best_so_far_is_kept_when_it_is_stopped(client: Client) -> None:
    problem = generate(Network(jobs=30, machines=12, sites=3, objective="tardiness"))
    seen: list[int] = []
    result = cluster.solve(
        problem,
        client,
        seconds=600,
        on_progress=lambda objective, bound, iterations: seen.append(objective),
        should_stop=lambda: len(seen) >= 3,
    )
    assert result.verified
    assert result.objective == seen[-1]
    assert result.seconds < 600


def lines(count: int, latest: int | None = None) -> Problem:
    """Lines of 60 pieces in open lots: 6 h of cutting, 3 h of drilling, on three machines each."""
    machines = tuple(Machine(f"{kind}{n}", "A", organization=f"firm-{n}") for kind in "cd" for n in range(3))
    jobs = []
    for number in range(count):
        cut = tuple(Mode(f"c{n}", (6 + n) * HOUR, 900 - 100 * n, HOUR // 2, latest=latest) for n in range(3))
        drill = tuple(Mode(f"d{n}", (3 + n) * HOUR, 500, HOUR // 4, latest=latest) for n in range(3))
        steps = (Operation("cut", cut), Operation("drill", drill, after=("cut",)))
        due = (5 + 2 * number) * HOUR
        jobs.append(Job(f"line-{number}", steps, due=due, lots=Lots(60, most=4)))
    return Problem(("A",), machines, tuple(jobs), objective="tardiness")


def lots_of(result: cluster.Result) -> int:
    return max(row.lot for row in result.schedule)


def test_open_lots_are_divided_on_the_workers(client: Client) -> None:
    """Each worker divides with a seed of its own; the lots of the best are refined by all together."""
    problem = lines(5)
    as_one = solve(
        replace(problem, jobs=tuple(replace(job, lots=None) for job in problem.jobs)), iterations=4000
    )
    here = solve(problem, iterations=12_000)
    there = cluster.solve(problem, client, iterations=12_000)
    again = cluster.solve(problem, client, iterations=12_000)
    assert check(problem, there.schedule) == ()
    assert there.verified
    assert there.schedule == again.schedule
    assert lots_of(there) > 1
    assert there.lower_bound == here.lower_bound <= there.objective
    assert there.objective < as_one.objective
    assert there.objective <= here.objective * 1.1
    assert there.trace[-1].objective == there.objective


def test_dividing_is_watched_and_stopped(client: Client) -> None:
    problem = lines(12)
    seen: list[tuple[int, int, int]] = []
    result = cluster.solve(
        problem,
        client,
        seconds=600,
        on_progress=lambda *told: seen.append(told),
        should_stop=lambda: len(seen) >= 3,
    )
    assert result.verified
    assert result.seconds < 600
    assert all(bound == result.lower_bound for _objective, bound, _iterations in seen)
    assert result.objective <= seen[0][0]


def test_lots_without_room_are_refused_by_name(client: Client) -> None:
    with pytest.raises(NoFeasiblePlan) as caught:
        cluster.solve(lines(9, latest=10 * HOUR), client, iterations=2000)
    assert caught.value.jobs


def test_a_cluster_without_workers_says_so() -> None:
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=40) as local,
        Client(local) as empty,
        pytest.raises(cluster.NoWorkers, match="no worker"),
    ):
        cluster.solve(generate(Network(jobs=2, machines=2, sites=1)), empty, iterations=10)
