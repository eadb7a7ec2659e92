"""Chains of the portfolio: each holds a schedule of its own and improves it step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from gonghe.engines.planning.bounds import Floors
from gonghe.engines.planning.compiled import Compiled, scramble
from gonghe.engines.planning.kernel.arrays import (
    INFINITY,
    MAKESPAN,
    PLACES,
    UNPLACED,
    Best,
    Data,
    Ints,
    State,
    Table,
)
from gonghe.engines.planning.kernel.critical import Graph, adopt, tabu
from gonghe.engines.planning.kernel.search import anneal, build, keep, load, totals
from gonghe.engines.planning.tables import offsets

REMOVED = 4  # jobs taken out at once, at most
PROBE = 200  # iterations that measure the scale of temperatures
WARM, COLD = 0.5, 0.005  # temperature, as part of the mean worsening seen in the probe
TENURE = 15  # moves for which a machine that was left stays tabu, at least
# tabu moves without a better schedule before the chain goes back to its best, and the random moves that
# then lead it away
PATIENCE, WILD = 1500, 4


Blocks = Sequence[tuple[int, float]]  # iterations, and the part of the whole budget used before them


class Chain(Protocol):
    """A search that can be driven on, asked for its best, and given a better one."""

    @property
    def anneals(self) -> bool:
        """Whether it takes what is worse while it is warm."""

    def run(self, blocks: Blocks) -> None:
        """Search on."""

    def value(self) -> tuple[int, int]:
        """Price and guide of the best schedule so far."""

    def places(self) -> Table:
        """The best schedule so far, (O)."""

    def adopt(self, places: Table) -> None:
        """Go on from this schedule."""

    def as_tabu(self, seed: int) -> Chain:
        """The tabu search that goes on from the best schedule so far."""


class AnnealChain:
    """Ruin and recreate under simulated annealing; works on every problem."""

    anneals = True

    def __init__(self, compiled: Compiled, floors: Floors, seed: int, warmth: float = WARM) -> None:
        self.compiled, self.warmth = compiled, warmth
        self.blank = compiled.new_state(seed)
        self.blank.jobs["floor"] = floors.price
        self.state = self.empty()
        self.best: Best = compiled.new_best(self.state)
        self.saved = np.zeros((len(compiled.data.ops) - 1, 3), np.int64)
        self.most = min(REMOVED, len(compiled.data.jobs) - 1)
        self.scale = 0.0

    def empty(self) -> State:
        return State(*(part.copy() for part in self.blank))

    def try_order(self, order: Ints, toll: int = 0) -> int:
        """Build a schedule in this order, keep it when it is the best so far, and return its price.

        `toll` is what a second on a machine counts beside the end, in 1/16 seconds of completion.
        """
        state, d = self.empty(), self.compiled.data
        build(d._replace(toll=toll * 16 // d.scale), state, order)
        price, _ = totals(d, state)
        if price < self.best.sums[0]:
            self._take(state)
        return int(price)

    def start(self, mode: Ints, start: Ints, end: Ints) -> None:
        """Begin with a schedule that is valid but may leave out jobs (mode -1): those go in by due date."""
        d = self.compiled.data
        state = self.empty()
        load(d, state, mode, start, end)
        out = np.flatnonzero(state.jobs["price"] >= UNPLACED).astype(np.int64)
        build(d, state, out[np.argsort(d.jobs["due"][out], kind="stable")])
        self._take(state)

    def adopt(self, places: Table) -> None:
        random = self.state.random.copy()
        self.start(*(np.ascontiguousarray(places[name]) for name in ("mode", "start", "end")))
        self.state.random[:] = random

    def _take(self, state: State) -> None:
        d = self.compiled.data
        price, guide = totals(d, state)
        self.state, self.best = state, self.compiled.new_best(state)
        keep(d, state, self.best, price, guide)

    def as_tabu(self, seed: int) -> TabuChain:
        return TabuChain(self.compiled, seed, self.places())

    def run(self, blocks: Blocks) -> None:
        for iterations, done in blocks:
            self.step(iterations, done)

    def step(self, iterations: int, done: float) -> None:
        d = self.compiled.data
        if not self.scale:
            worse = anneal(d, self.state, self.best, PROBE, self.most, 0, self.saved)
            self.scale = max(1.0, worse / PROBE)
        heat = int(self.scale * self.warmth * (COLD / WARM) ** done)
        anneal(d, self.state, self.best, iterations, self.most, heat, self.saved)

    def value(self) -> tuple[int, int]:
        return int(self.best.sums[0]), int(self.best.sums[1])

    def places(self) -> Table:
        return self.best.ops


def is_pure(compiled: Compiled) -> bool:
    """Whether a schedule is no more than a sequence per machine, as the tabu search needs it."""
    d = compiled.data
    plain = d.objective == MAKESPAN and d.grid == 1 and not d.priced and len(d.breaks) == 0
    return bool(
        plain
        and not compiled.reserved
        and (d.lanes["setup"][:-1] < 0).all()
        and (d.modes["early"] == -INFINITY).all()
        and (d.modes["late"] == INFINITY).all()
        and (d.modes["work"] > 0).all()
        and (d.preds["wait"] == 0).all()
        and (d.preds["span"] == INFINITY).all()
        and (d.modes["extra"] == 0).all()
        and (d.jobs["set0"] == d.jobs["set1"]).all()
    )


class TabuChain:
    """Tabu search on the critical path, for makespan on pure problems."""

    anneals = False

    def __init__(self, compiled: Compiled, seed: int, places: Table) -> None:
        self.compiled = compiled
        self.graph = _graph(compiled.data, seed)
        self.path = np.zeros(len(places), np.int64)
        self.wild = 0
        self.adopt(places)

    def adopt(self, places: Table) -> None:
        self._enter(np.ascontiguousarray(places["mode"]), np.ascontiguousarray(places["start"]))

    def _enter(self, mode: Ints, start: Ints) -> None:
        order = np.lexsort((np.arange(len(mode)), start)).astype(np.int64)
        adopt(self.compiled.data, self.graph, mode, order)
        self.graph.sums[3] = self.graph.sums[2]
        self.graph.tabu[:] = 0

    def as_tabu(self, seed: int) -> TabuChain:
        return self

    def run(self, blocks: Blocks) -> None:
        for iterations, _ in blocks:
            self.step(iterations)

    def step(self, iterations: int) -> None:
        graph = self.graph
        tabu(self.compiled.data, graph, iterations, self.wild, TENURE, self.path)
        self.wild = 0
        if graph.sums[2] - graph.sums[3] > PATIENCE:
            self._enter(graph.best_mode.copy(), graph.best_head.copy())
            self.wild = WILD

    def value(self) -> tuple[int, int]:
        return int(self.graph.sums[1]), int(self.graph.sums[1])

    def places(self) -> Table:
        found = np.zeros(len(self.path), PLACES)
        found["mode"], found["start"] = self.graph.best_mode, self.graph.best_head
        found["end"] = found["start"] + self.compiled.data.modes["work"][found["mode"]]
        return found


def _graph(d: Data, seed: int) -> Graph:
    operations, modes = len(d.ops) - 1, len(d.modes)
    after: list[list[int]] = [[] for _ in range(operations)]
    for op in range(operations):
        for before in d.preds["op"][d.ops[op].pred : d.ops[op + 1].pred]:
            after[before].append(op)

    def zeros(size: int) -> Ints:
        return np.zeros(size, np.int64)

    return Graph(
        seq=zeros(int(d.lanes["first"][-1])),
        held=zeros(len(d.lanes) - 1),
        pos=zeros(operations),
        mode=zeros(operations),
        work=zeros(operations),
        site=zeros(operations),
        prev=zeros(operations),
        next=zeros(operations),
        head=zeros(operations),
        tail=zeros(operations),
        order=zeros(operations),
        degree=zeros(operations),
        after_ptr=offsets(len(group) for group in after),
        after=np.array([op for group in after for op in group], np.int64),
        tabu=zeros(modes),
        best_mode=zeros(operations),
        best_head=zeros(operations),
        sums=np.array([0, INFINITY, 0, 0], np.int64),
        random=np.array([scramble(seed)], np.uint64),
    )
