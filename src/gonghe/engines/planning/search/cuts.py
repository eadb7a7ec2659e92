"""One way to divide a line: the pieces of its lots, and which machines each lot may go to."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gonghe.engines.model.planning import Job, Lots, Operation, Problem, ProblemError
from gonghe.engines.planning.lots import Divided, Parts, divide, divided_job, open_lines

# the lots of a line are inserted at once, blind to each other: where each may only go to machines or firms of
# its own they run side by side, anywhere they mostly follow each other on the same machines
Spread = Literal["machines", "firms", "anywhere"]
SPREADS: tuple[Spread, ...] = ("machines", "anywhere", "firms")


@dataclass(frozen=True, slots=True)
class Cut:
    """Pieces of every lot and how the lots are kept apart; `turn` shuffles who gets what (0: as listed)."""

    sizes: tuple[int, ...]
    spread: Spread = "anywhere"
    turn: int = 0


def even(lots: Lots, count: int) -> tuple[int, ...]:
    """As equal as they can be, larger ones first."""
    size, more = divmod(lots.quantity, count)
    return (size + 1,) * more + (size,) * (count - more)


def shifted(lots: Lots, sizes: tuple[int, ...], giver: int, taker: int, part: int) -> tuple[int, ...]:
    """One of so many parts of a lot given to another one, as far as the smallest lot allows."""
    moved = max(0, min(sizes[giver] - lots.minimum, max(1, sizes[giver] // part)))
    changed = list(sizes)
    changed[giver] -= moved
    changed[taker] += moved
    return tuple(changed)


class Divider:
    """Plain problems for the cuts of open lines; other lines stay as they are."""

    def __init__(self, problem: Problem) -> None:
        self.lines = {job.id: job for job in open_lines(problem)}
        self.rest = divide(problem)
        self.grid = problem.grid
        self.firm = {machine.id: machine.organization or machine.site for machine in problem.machines}
        self.known: dict[tuple[str, Cut], tuple[Job, Parts] | None] = {}

    def divided(self, cuts: Mapping[str, Cut]) -> Divided | None:
        """The plain problem of some cuts, by job; None when lots break a window or limit."""
        found = {name: self._job(name, cut) for name, cut in cuts.items()}
        good = {name: made for name, made in found.items() if made is not None}
        if len(good) < len(found):
            return None
        jobs = tuple(good[job.id][0] if job.id in good else job for job in self.rest.problem.jobs)
        parts = dict(self.rest.parts)
        for _, own in good.values():
            parts |= own
        try:
            return Divided(replace(self.rest.problem, jobs=jobs), parts)
        except ProblemError:
            return None

    def _job(self, name: str, cut: Cut) -> tuple[Job, Parts] | None:
        key = (name, cut)
        if key not in self.known:
            line = self.lines[name]
            assert line.lots is not None
            settled = replace(line, lots=replace(line.lots, settled=cut.sizes))
            try:
                plain, parts = divided_job(settled, self.grid)
            except ProblemError:
                self.known[key] = None
            else:
                self.known[key] = (self._apart(plain, parts, cut), parts)
        return self.known[key]

    def _apart(self, job: Job, parts: Parts, cut: Cut) -> Job:
        if cut.spread == "anywhere" or len(cut.sizes) == 1:
            return job
        rng = random.Random(cut.turn)  # noqa: S311 - a search, no secret
        firms = sorted({self.firm[mode.machine] for step in job.operations for mode in step.modes})
        if cut.turn:
            rng.shuffle(firms)
        orders: dict[str, list[str]] = {}
        steps = []
        for step in job.operations:
            operation, lot, _ = parts.get((job.id, step.id), (step.id, 0, 0))
            if lot and operation not in orders:
                orders[operation] = self._order(step, firms, cut, rng)
            steps.append(self._kept(step, orders[operation], lot, len(cut.sizes), cut) if lot else step)
        return replace(job, operations=tuple(steps))

    def _order(self, step: Operation, firms: list[str], cut: Cut, rng: random.Random) -> list[str]:
        """Who is dealt out for an operation, in order: firms that can do it, or machines, fast ones first."""
        if cut.spread == "firms":
            able = {self.firm[mode.machine] for mode in step.modes}
            return [firm for firm in firms if firm in able]
        ranked = sorted(step.modes, key=lambda mode: mode.work)
        names = list(dict.fromkeys(mode.machine for mode in ranked))
        if cut.turn:
            rng.shuffle(names)
        return names

    def _kept(self, step: Operation, order: list[str], lot: int, count: int, cut: Cut) -> Operation:
        groups = min(count, len(order))
        if groups < 2:
            return step
        own = {name for index, name in enumerate(order) if index % groups == (lot - 1) % groups}
        modes = tuple(
            mode
            for mode in step.modes
            if (mode.machine if cut.spread == "machines" else self.firm[mode.machine]) in own
        )
        return replace(step, modes=modes) if modes else step
