"""The checker's judgement of lots, and its own way of taking a divided line apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import TypeVar

from gonghe.engines.model.planning import (
    Assignment,
    Job,
    Lag,
    Lots,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
)

Row = TypeVar("Row", bound=Assignment)
Found = tuple[str, str, str, str, str]  # code, job, operation, machine, message


@dataclass(frozen=True, slots=True)
class Apart:
    """What is wrong with the lots, and the problem and schedule in which every lot stands by itself."""

    broken: tuple[Found, ...]
    problem: Problem
    schedule: Schedule


def take_apart(problem: Problem, schedule: Schedule) -> Apart:
    """Judge the lots of a schedule; `cut/2` is the operation `cut` of lot 2 in what is left to check."""
    broken: list[Found] = []
    jobs, known = [], {job.id: job for job in problem.jobs}
    rows: dict[str, list[Assignment]] = {name: [] for name in known}
    for row in schedule:
        if row.job in rows:
            rows[row.job].append(row)
    for job in problem.jobs:
        sizes = _sizes(rows[job.id])
        broken += _broken(job, rows[job.id], sizes)
        jobs.append(replace(job, lots=None, operations=_copies(job, sizes, problem.grid)))
    fixed = tuple(_alone(row) for row in problem.fixed)
    reference = tuple(_alone(row) for row in problem.reference)
    try:
        plain = replace(problem, jobs=tuple(jobs), fixed=fixed, reference=reference)
    except ProblemError as error:
        broken += [("lot_chain", "", "", "", str(issue)) for issue in error.issues]
        return Apart(tuple(broken), problem, Schedule(()))
    return Apart(tuple(broken), plain, Schedule(tuple(_alone(row) for row in schedule)))


def _alone(row: Row) -> Row:
    return row if row.lot == 0 else replace(row, operation=f"{row.operation}/{row.lot}", lot=0, quantity=0)


def _sizes(rows: list[Assignment]) -> dict[int, int]:
    """Pieces by number of the lot, as its first row has them."""
    found: dict[int, int] = {}
    for row in rows:
        if row.lot > 0:
            found.setdefault(row.lot, row.quantity)
    return dict(sorted(found.items()))


def _broken(job: Job, rows: list[Assignment], sizes: dict[int, int]) -> Iterator[Found]:
    whole = {step.id for step in job.operations if step.whole}
    for row in rows:
        where = (job.id, row.operation, row.machine)
        if row.lot < 0 or (row.lot == 0 and row.quantity != 0):
            yield "lot_chain", *where, f"lot {row.lot} of {row.quantity} pieces is no lot"
        elif row.lot and row.operation in whole:
            yield "lot_chain", *where, "is done for the whole line, not in lots"
        elif row.lot and row.quantity != sizes[row.lot]:
            text = f"lot {row.lot} has {row.quantity} pieces here and {sizes[row.lot]} elsewhere"
            yield "lot_chain", *where, text
        elif not row.lot and sizes and row.operation not in whole:
            yield "lot_chain", *where, "runs as one although its line runs in lots"
    if not sizes:
        sizes = {1: job.lots.quantity} if job.lots else {}
    elif job.lots is None:
        yield "lot_most", job.id, "", "", "the line may not be divided"
    if job.lots is not None:
        yield from _broken_sizes(job, job.lots, sizes)


def _broken_sizes(job: Job, lots: Lots, sizes: dict[int, int]) -> Iterator[Found]:
    listed = ", ".join(str(size) for size in sizes.values())
    where = (job.id, "", "")
    if list(sizes) != list(range(1, len(sizes) + 1)):
        yield "lot_chain", *where, f"lots are numbered {', '.join(map(str, sizes))}: one is missing"
    if sum(sizes.values()) != lots.quantity:
        yield "lot_sum", *where, f"lots of {listed} do not add up to {lots.quantity}"
    if len(sizes) > 1 and min(sizes.values()) < lots.minimum:
        yield "lot_min", *where, f"lots of {listed}: at least {lots.minimum} pieces are wanted in each"
    if len(sizes) > lots.most:
        yield "lot_most", *where, f"runs in {len(sizes)} lots, at most {lots.most} are allowed"
    if lots.settled and tuple(sizes.values()) != lots.settled:
        yield "lot_settled", *where, f"lots of {listed}, settled are {', '.join(map(str, lots.settled))}"


def _copies(job: Job, sizes: dict[int, int], grid: int) -> tuple[Operation, ...]:
    """The operations of a line, once for every lot; a line without lots keeps its own."""
    if job.lots is None or not sizes:
        return job.operations
    found: list[Operation] = []
    whole = {step.id for step in job.operations if step.whole}
    dear = next((step.id for step in job.operations if not step.whole), "")
    earlier: tuple[str, ...] = ()
    for step in job.operations:
        names = earlier if step.after is None else step.after
        earlier = (step.id,)
        for lot in [0] if step.id in whole else sizes:
            after: list[str] = []
            lags: dict[str, Lag] = {}
            for name in names:
                group = [name] if name in whole else [f"{name}/{k}" for k in ([lot] if lot else sizes)]
                after += group
                lags |= {one: step.lags[name] for one in group if name in step.lags}
            copied = replace(step, after=tuple(after), lags=lags)
            if lot:
                modes = _priced(step, job.lots, lot, sizes[lot], grid, step.id == dear)
                copied = replace(copied, id=f"{step.id}/{lot}", modes=modes or step.modes)
            found.append(copied)
    return tuple(found)


def _priced(step: Operation, lots: Lots, lot: int, size: int, grid: int, dear: bool) -> tuple[Mode, ...]:
    """Modes with the lot's share: set-up in full, overhead from the second lot on, the rest by pieces."""
    share, further = Fraction(max(size, 0), lots.quantity), lot > 1
    found = []
    for mode in step.modes:
        setup = mode.setup + (lots.overhead_seconds if further else 0)
        work = ceil((setup + mode.duration * share) / grid) * grid
        cost = ceil(mode.cost * share) + (lots.overhead_cost if further and dear else 0)
        try:
            found.append(replace(mode, setup=setup, duration=work - setup, cost=cost))
        except ProblemError:
            continue  # too long for the window of the offer
    return tuple(found)
