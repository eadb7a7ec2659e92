"""The planner on a real cluster: a Dask scheduler and two worker processes on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import pytest
from distributed import Client, LocalCluster

from gonghe.compute import cluster
from gonghe.engines.planning import check, solve
from gonghe.engines.planning.generate import Network, generate

ITERATIONS = 20_000


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


def test_a_cluster_without_workers_says_so() -> None:
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=40) as local,
        Client(local) as empty,
        pytest.raises(cluster.NoWorkers, match="no worker"),
    ):
        cluster.solve(generate(Network(jobs=2, machines=2, sites=1)), empty, iterations=10)
