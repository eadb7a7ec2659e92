"""Several threads on one schedule: each has jobs of its own, and all that was done is put together often.

Chains that each search the whole problem find the same things twice. On large problems the jobs are dealt
out instead, by the time at which they run, so that jobs in each other's way mostly have the same chain; the
value of a schedule is a sum over jobs, so gains add up.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from gonghe.engines.planning.bounds import Floors
from gonghe.engines.planning.chains import WARM, AnnealChain
from gonghe.engines.planning.compiled import Compiled
from gonghe.engines.planning.kernel.arrays import INFINITY, MAKESPAN, Best, Ints, State, Table
from gonghe.engines.planning.kernel.merge import merge
from gonghe.engines.planning.kernel.search import anneal, keep, totals

CROWD = 300  # more jobs than that are dealt out
TURN = 382  # permille of the jobs by which the borders move from deal to deal


def can_share(compiled: Compiled) -> bool:
    """Whether jobs can be dealt out: many of them, and each worth the same whatever the others do."""
    d = compiled.data
    return bool(
        len(d.jobs) - 1 > CROWD
        and d.objective != MAKESPAN
        and not compiled.problem.share_caps
        and (d.lanes["setup"][:-1] < 0).all()
        and (d.lanes["fee"][:-1] < 0).all()
        and (d.jobs["bound"] == 0).all()
    )


class TeamChain(AnnealChain):
    """Ruin and recreate by several threads on parts of one schedule."""

    def __init__(
        self, compiled: Compiled, floors: Floors, seed: int, threads: int, warmth: float = WARM
    ) -> None:
        super().__init__(compiled, floors, seed, warmth)
        self.mates = [_Mate(compiled, seed + 7919 * number) for number in range(1, threads)]
        self.pool = ThreadPoolExecutor(threads)
        self.deals = 0

    def step(self, iterations: int, done: float) -> None:
        d, heat = self.compiled.data, self.heat(done)
        part = self._deal()
        self.state.jobs["away"] = part != 0
        for number, mate in enumerate(self.mates, 1):
            mate.copy(self.state)
            mate.state.jobs["away"] = part != number
        work = [self.pool.submit(mate.step, iterations, heat, self.most) for mate in self.mates]
        anneal(d, self.state, self.best, iterations, self.most, heat, self.saved)
        for mate, task in zip(self.mates, work, strict=True):
            task.result()
            merge(d, self.state, self.best, mate.state, mate.moved)
        price, guide = totals(d, self.state)
        if (price, guide) < self.value():
            keep(d, self.state, self.best, price, guide)

    def _deal(self) -> Ints:
        """Who has which job (J): neighbours in time together, with other borders every time."""
        d, jobs = self.compiled.data, len(self.state.jobs)
        middle = self.state.ops["start"][d.jobs["first"][:-1]] + self.state.jobs["done"]
        rank = np.empty(jobs, np.int64)
        rank[np.argsort(middle, kind="stable")] = np.arange(jobs)
        shift = self.deals * (jobs * TURN // 1000) % jobs
        self.deals += 1
        threads = len(self.mates) + 1
        return np.asarray((rank + shift) % jobs * threads // jobs)


class _Mate:
    """A chain that works on some jobs of a schedule that is not its own."""

    def __init__(self, compiled: Compiled, seed: int) -> None:
        self.compiled = compiled
        self.state = compiled.new_state(seed)
        self.moved: Best = compiled.new_best(self.state)
        self.moved.jobs["is_changed"] = 0
        self.moved.sums[:] = (-INFINITY, -INFINITY, 0)  # nothing is better, so all that changed stays listed
        self.saved: Table = np.zeros((len(compiled.data.ops) - 1, 3), np.int64)

    def copy(self, state: State) -> None:
        """Take over the schedule; the random numbers and the scratch space stay its own."""
        for name in ("slots", "held", "levels", "ops", "jobs", "sums"):
            np.copyto(getattr(self.state, name), getattr(state, name))

    def step(self, iterations: int, heat: int, most: int) -> None:
        anneal(self.compiled.data, self.state, self.moved, iterations, most, heat, self.saved)
