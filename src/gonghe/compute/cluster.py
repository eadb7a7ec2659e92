"""The planner on several machines: chains of the search live on the workers of a Dask cluster.

    from dask.distributed import Client
    solve(problem, Client("tcp://scheduler:8786"), seconds=300)

Every worker thread holds one chain (a Dask actor). They go their ways for a fixed number of iterations and
then share the best schedule, as threads of one process do: with an iteration budget the same seed and number
of chains give the same schedule on a cluster as in `gonghe.engines.planning.solve(threads=...)`. Where lots
are open, the workers first look for the best division, each with a seed of its own (`cluster_lots`).

Needs the extra `cluster`. Whoever reaches a Dask scheduler can run code on its workers: keep it on a closed
network, or use Dask's TLS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonghe.compute.cluster_lots import solve_lots
from gonghe.compute.seats import crew_of
from gonghe.engines.model.planning import Problem, Schedule
from gonghe.engines.planning import Result
from gonghe.engines.planning import solve as solve_here
from gonghe.engines.planning.lots import open_lines
from gonghe.engines.planning.search.solver import DEFAULT_ITERATIONS, Budget, Progress, Stop

if TYPE_CHECKING:
    from distributed import Client


def solve(
    problem: Problem,
    client: Client,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    chains: int | None = None,
    start: Schedule | None = None,
    gap: float = 0.0,
    on_progress: Progress | None = None,
    should_stop: Stop | None = None,
) -> Result:
    """`gonghe.engines.planning.solve` with its chains on the workers of a cluster.

    Parameters
    ----------
    chains
        How many; by default one for every thread of every worker.

    Raises
    ------
    NoWorkers
        When the cluster has no worker.
    """
    workers = {
        name: info["nthreads"] for name, info in client.scheduler_info(n_workers=-1)["workers"].items()
    }
    if not workers:
        raise NoWorkers("the cluster has no worker: start one with `dask worker SCHEDULER`")
    seats = [name for name, threads in sorted(workers.items()) for _ in range(threads)]
    count = chains or len(seats)
    if open_lines(problem):
        if seconds is None and iterations is None:
            iterations = DEFAULT_ITERATIONS
        budget = Budget(seconds, iterations, should_stop, gap)
        return solve_lots(
            problem, client, [seats[n % len(seats)] for n in range(count)], budget, seed, start, on_progress
        )
    return solve_here(
        problem,
        seconds=seconds,
        iterations=iterations,
        seed=seed,
        threads=count,
        start=start,
        crew=crew_of(problem, client, seats),
        gap=gap,
        on_progress=on_progress,
        should_stop=should_stop,
    )


class NoWorkers(RuntimeError):
    """A cluster without workers."""
