"""Limits on who gets work: firms left out, how many may share a job, and shares of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import TYPE_CHECKING, Literal

from gonghe.engines.model.planning_base import Faults

if TYPE_CHECKING:
    from gonghe.engines.model.planning import Job, Mode, Operation, Problem

Measure = Literal["money", "work"]
MOST_CAPS = 60  # the search marks in one number which caps a job counts in
MOST_TRIED, MOST_KEPT = 5_000, 32  # sets of firms looked at, and handed to the search, per job


@dataclass(frozen=True, slots=True)
class ShareCap:
    """No more than `permille` thousandths of the money or of the work for one firm.

    Money is what its modes cost, work their seconds, both over `jobs` (ids; empty: all), fixed work included.
    """

    organization: str
    permille: int
    measure: Measure = "money"
    jobs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults(f"share cap of {self.organization!r}")
        faults.text("organization", self.organization)
        faults.whole("permille", self.permille, 0, 1000)
        if self.measure not in ("money", "work"):
            faults.add("measure", f"measure must be money or work, got {self.measure!r}")
        faults.raise_any()

    def amount(self, mode: Mode) -> int:
        """What a mode counts."""
        return mode.cost if self.measure == "money" else mode.work


def allowed_modes(problem: Problem, job: Job, operation: Operation) -> list[Mode]:
    """Modes of an operation that are on no excluded firm's machine."""
    if not job.excluded:
        return list(operation.modes)
    firm = {machine.id: machine.organization for machine in problem.machines}
    return [mode for mode in operation.modes if firm[mode.machine] not in job.excluded]


def firm_sets(problem: Problem, job: Job) -> tuple[list[frozenset[str]], bool]:
    """Sets of at most `job.most_firms` firms that can do the whole job, cheap ones first.

    The flag says whether all sets were looked at.
    """
    firm = {machine.id: machine.organization for machine in problem.machines}
    fixed = {row.operation: firm[row.machine] for row in problem.fixed if row.job == job.id}
    prices = []
    for operation in job.operations:
        modes = allowed_modes(problem, job, operation)
        costs: dict[str, tuple[int, int]] = {}
        for mode in modes:
            name = firm[mode.machine]
            if fixed.get(operation.id, name) == name:
                costs[name] = min((mode.cost, mode.work), costs.get(name, (mode.cost, mode.work)))
        prices.append(costs or {fixed.get(operation.id, ""): (0, 0)})
    names = sorted({name for costs in prices for name in costs})
    size = min(job.most_firms or len(names), len(names))
    # firms that can do most of it come first, so that a cut list still holds the promising sets
    names.sort(key=lambda name: -sum(name in costs for costs in prices))
    tried = islice(combinations(names, size), MOST_TRIED)
    good = [frozenset(group) for group in tried if _covers(group, prices)]
    good.sort(key=lambda group: (sum(min(c[n] for n in group if n in c)[0] for c in prices), sorted(group)))
    return good[:MOST_KEPT], comb(len(names), size) <= MOST_TRIED


def _covers(group: Iterable[str], prices: list[dict[str, tuple[int, int]]]) -> bool:
    chosen = set(group)
    return all(chosen & costs.keys() for costs in prices)


def limit_faults(problem: Problem, faults: Faults) -> None:
    """Add what is wrong with the limits of a problem whose names are known to be right."""
    for job in problem.jobs:
        where = f"job {job.id!r}"
        for operation in job.operations if job.excluded else ():
            if not allowed_modes(problem, job, operation):
                text = "every firm that can do it is excluded: invite others"
                faults.add("excluded", text, f"{where} operation {operation.id!r}")
    if faults.issues:
        return
    if len(problem.share_caps) > MOST_CAPS:
        text = f"at most {MOST_CAPS} share caps can be kept, got {len(problem.share_caps)}: join some"
        faults.add("too_many", text, "share caps")
    jobs = {job.id for job in problem.jobs}
    for cap in problem.share_caps:
        for name in sorted(set(cap.jobs) - jobs):
            faults.add("unknown_job", f"unknown job {name!r}", f"share cap of {cap.organization!r}")
    for job in problem.jobs:
        if job.most_firms is None:
            continue
        sets, complete = firm_sets(problem, job)
        if not sets and complete:
            text = f"no {job.most_firms} firms can do all of it: allow more firms or invite others"
            faults.add("most_firms", text, f"job {job.id!r}")
