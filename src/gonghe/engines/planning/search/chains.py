"""Chains of the portfolio: each holds a schedule of its own and improves it step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from gonghe.engines.planning.bounds.floors import Floors
from gonghe.engines.planning.compiled.compiled import Compiled, scramble
from gonghe.engines.planning.compiled.tables import offsets
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
from gonghe.engines.planning.kernel.dispatch import Draft, dispatch
from gonghe.engines.planning.kernel.search import anneal, build, keep, load, totals

REMOVED = 4  # jobs taken out at once, at most
PROBE = 200  # iterations that measure the scale of temperatures
WARM, COLD = 0.5, 0.005  # temperature, as part of the mean worsening seen in the probe
HOT_JOBS = 200  # more jobs are tried less often each, so they start cooler
TENURE = 15  # moves for which a machine that was left stays tabu, at least
# tabu moves per operation without a better schedule before the next run: at least, and as part of the number
# of operations; large problems still improve after long plateaus, small ones gain by a new start
PATIENCE, PLATEAU = 20, 0.2
WILD = 4  # random moves that lead away from the best schedule, at least
# one random move per so many operations: the run leaves its valley but keeps most of a good schedule
STRAY = 20
# schedules to mix: enough that two of them differ, few enough that the first runs of a short budget fill them
ELITES = 8
MIXED = (0.1, 0.5)  # part of the jobs that come from the second of two elite schedules
# part of the work to come that counts in dispatching, per mille; how much more long work counts, per cent
PULL, DEAR = (10, 40, 100, 200), (0, 50, 100, 200, 400)


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
        self.calm = max(COLD / WARM, min(1.0, HOT_JOBS / max(1, len(compiled.data.jobs) - 1)))

    def empty(self) -> State:
        return State(*(part.copy() for part in self.blank))

    def try_order(self, order: Ints, toll: int = 0) -> int:
        """Build a schedule in this order, keep it when it is the best so far, and return its price.

        `toll` is what a second on a machine counts beside the end, in 1/16 seconds of completion.
        """
        state, d = self.empty(), self.compiled.data
        build(d._replace(toll=toll * 16 // d.scale), state, order)
        return self._take_better(state)

    def try_places(self, mode: Ints, start: Ints, end: Ints) -> int:
        """Enter a whole schedule, keep it when it is the best so far, and return its price."""
        state = self.empty()
        load(self.compiled.data, state, mode, start, end)
        return self._take_better(state)

    def _take_better(self, state: State) -> int:
        price, _ = totals(self.compiled.data, state)
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
        heat = self._heat(done)
        anneal(self.compiled.data, self.state, self.best, iterations, self.most, heat, self.saved)

    def _heat(self, done: float) -> int:
        """Temperature when this part of the budget is used; the first call measures its scale."""
        if not self.scale:
            worse = anneal(self.compiled.data, self.state, self.best, PROBE, self.most, 0, self.saved)
            self.scale = max(1.0, worse / PROBE)
        return int(self.scale * self.warmth * self.calm * (COLD / WARM / self.calm) ** done)

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


class Elite(NamedTuple):
    """A good schedule to start from."""

    value: int
    mode: Ints  # (O)
    start: Ints  # (O)


class TabuChain:
    """Tabu search on the critical path, for makespan on pure problems.

    Runs that find nothing better give their best to a few elite schedules; the next run starts from a mix of
    two of them, as in Li & Gao, "An effective hybrid genetic algorithm and tabu search for flexible job shop
    scheduling problem" (2016).
    """

    anneals = False

    def __init__(self, compiled: Compiled, seed: int, places: Table) -> None:
        self.compiled = compiled
        self.graph = _graph(compiled.data, seed)
        self.path = np.zeros(len(places), np.int64)
        self.random = np.random.default_rng(scramble(seed))
        self.patience = max(PATIENCE, int(PLATEAU * len(places))) * len(places)
        self.elites: list[Elite] = []
        self._enter(np.ascontiguousarray(places["mode"]), np.ascontiguousarray(places["start"]))
        self.best = self._found()

    def adopt(self, places: Table) -> None:
        value = int((places["start"] + self.compiled.data.modes["work"][places["mode"]]).max())
        elite = Elite(value, places["mode"].copy(), places["start"].copy())
        self._welcome(elite)

    def _enter(self, mode: Ints, start: Ints) -> None:
        order = np.lexsort((np.arange(len(mode)), start)).astype(np.int64)
        self.graph.sums[1] = INFINITY
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
        tabu(self.compiled.data, graph, iterations, 0, TENURE, self.path)
        if graph.sums[1] < self.best.value:
            self.best = self._found()
        if graph.sums[2] - graph.sums[3] > self.patience:
            self._restart()

    def _found(self) -> Elite:
        g = self.graph
        return Elite(int(g.sums[1]), g.best_mode.copy(), g.best_head.copy())

    def _restart(self) -> None:
        self._welcome(self._found())
        if len(self.elites) < ELITES:
            self._enter(self.best.mode, self.best.start)
            self._wander(max(WILD, len(self.path) // STRAY))
            return
        one, other = (self.elites[k] for k in self.random.choice(len(self.elites), 2, replace=False))
        jobs = self.random.random(len(self.compiled.data.jobs)) < self.random.uniform(*MIXED)
        taken = jobs[self.compiled.data.ops["job"][:-1]]
        self._enter(np.where(taken, other.mode, one.mode), np.where(taken, other.start, one.start))

    def _wander(self, moves: int) -> None:
        """Move at random; what was before does not count as found."""
        tabu(self.compiled.data, self.graph, moves, moves, TENURE, self.path)
        self.graph.sums[1] = INFINITY
        self.graph.sums[3] = self.graph.sums[2]

    def _welcome(self, elite: Elite) -> None:
        """Add a schedule; in a full circle it takes the place of the most similar one that is no better."""
        if elite.value < self.best.value:
            self.best = elite
        apart = [int((elite.mode != old.mode).sum()) for old in self.elites]
        if len(self.elites) < ELITES:
            if 0 not in apart:
                self.elites.append(elite)
            return
        no_better = [k for k in range(ELITES) if self.elites[k].value >= elite.value]
        if no_better:
            nearest = min(no_better, key=lambda k: apart[k])
            self.elites[nearest] = elite

    def value(self) -> tuple[int, int]:
        return self.best.value, self.best.value

    def places(self) -> Table:
        found = np.zeros(len(self.path), PLACES)
        found["mode"], found["start"] = self.best.mode, self.best.start
        found["end"] = found["start"] + self.compiled.data.modes["work"][found["mode"]]
        return found


def best_draft(compiled: Compiled) -> tuple[Ints, Ints, Ints]:
    """Mode, start and end (O each) of the best of some list schedules of a pure problem."""
    d = compiled.data
    operations = len(d.ops) - 1
    left, heap, key, tail, mode, start = (np.zeros(operations, np.int64) for _ in range(6))
    draft = Draft(mode, start, tail, left, np.zeros(len(d.lanes) - 1, np.int64), heap, key)
    _, pull, dear = min((dispatch(d, draft, pull, dear), pull, dear) for pull in PULL for dear in DEAR)
    dispatch(d, draft, pull, dear)
    return mode, start, start + d.modes["work"][mode]


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
        rank=zeros(operations),
        stained=zeros(operations),
        moved=zeros(operations),
        scratch=zeros(operations),
        after_ptr=offsets(len(group) for group in after),
        after=np.array([op for group in after for op in group], np.int64),
        ends=np.flatnonzero(d.ops["next"][:-1] == 0).astype(np.int64),
        tabu=zeros(modes),
        best_mode=zeros(operations),
        best_head=zeros(operations),
        sums=np.array([0, INFINITY, 0, 0], np.int64),
        random=np.array([scramble(seed)], np.uint64),
    )
