"""The planner on several machines: chains of the search live on the workers of a Dask cluster.

    from dask.distributed import Client
    solve(problem, Client("tcp://scheduler:8786"), seconds=300)

Every worker thread holds one chain (a Dask actor). They go their ways for a fixed number of iterations and
then share the best schedule, as threads of one process do: with an iteration budget the same seed and number
of chains give the same schedule on a cluster as in `gonghe.engines.planning.solve(threads=...)`. Needs the
extra `cluster`. Whoever reaches a Dask scheduler can run code on its workers: keep it on a closed network, or
use Dask's TLS.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from gonghe.engines.model.planning import Problem, Schedule
from gonghe.engines.planning import Result
from gonghe.engines.planning import solve as solve_here
from gonghe.engines.planning.bounds.floors import job_floors
from gonghe.engines.planning.compiled.compiled import Compiled, compile_problem
from gonghe.engines.planning.kernel.arrays import Table
from gonghe.engines.planning.search.chains import WARM, AnnealChain, Blocks, Chain
from gonghe.engines.planning.search.solver import Progress, Stop

if TYPE_CHECKING:
    from distributed import Client


class Seat:
    """A chain on a worker."""

    def __init__(self, problem: Problem, seed: int) -> None:
        compiled: Compiled = compile_problem(problem)
        self.chain: Chain = AnnealChain(compiled, job_floors(compiled), seed, WARM)

    def run(self, blocks: Blocks) -> tuple[int, int]:
        self.chain.run(blocks)
        return self.chain.value()

    def places(self) -> Table:
        return self.chain.places()

    def adopt(self, places: Table) -> tuple[int, int]:
        self.chain.adopt(places)
        return self.chain.value()

    def as_tabu(self, seed: int) -> tuple[int, int]:
        self.chain = self.chain.as_tabu(seed)
        return self.chain.value()


class RemoteChain:
    """A chain that lives in a seat; it keeps the value of the best schedule, which is asked for often."""

    def __init__(self, seat: Any) -> None:
        self.seat, self.anneals = seat, True
        self._value = (0, 0)

    def run(self, blocks: Blocks) -> None:
        self._value = self.seat.run(blocks).result()

    def value(self) -> tuple[int, int]:
        return self._value

    def places(self) -> Table:
        return self.seat.places().result()

    def adopt(self, places: Table) -> None:
        self._value = self.seat.adopt(places).result()

    def as_tabu(self, seed: int) -> RemoteChain:
        self._value, self.anneals = self.seat.as_tabu(seed).result(), False
        return self


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
    places = itertools.cycle([name for name, threads in sorted(workers.items()) for _ in range(threads)])
    parcel = client.scatter(problem, hash=False)  # type: ignore[no-untyped-call]
    held: list[Any] = []

    def crew(seed: int) -> Chain:
        future = client.submit(Seat, parcel, seed, actor=True, pure=False, workers=[next(places)])
        held.append(future)
        return RemoteChain(future.result())

    return solve_here(
        problem,
        seconds=seconds,
        iterations=iterations,
        seed=seed,
        threads=chains or sum(workers.values()),
        start=start,
        crew=crew,
        gap=gap,
        on_progress=on_progress,
        should_stop=should_stop,
    )


class NoWorkers(RuntimeError):
    """A cluster without workers."""
