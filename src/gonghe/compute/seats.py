"""Chains of the search on the workers of a Dask cluster, driven from here."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gonghe.engines.model.planning import Problem
from gonghe.engines.planning.bounds.floors import job_floors
from gonghe.engines.planning.compiled.compiled import Compiled, compile_problem
from gonghe.engines.planning.kernel.arrays import Table
from gonghe.engines.planning.search.chains import WARM, AnnealChain, Blocks, Chain
from gonghe.engines.planning.search.solver import Crew

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


def crew_of(problem: Problem, client: Client, seats: Sequence[str]) -> Crew:
    """Makes chains for a problem in these seats (names of workers), over and over."""
    places = itertools.cycle(seats)
    parcel = client.scatter(problem, hash=False)  # type: ignore[no-untyped-call]
    held: list[Any] = []

    def crew(seed: int) -> Chain:
        future = client.submit(Seat, parcel, seed, actor=True, pure=False, workers=[next(places)])
        held.append(future)
        return RemoteChain(future.result())

    return crew
