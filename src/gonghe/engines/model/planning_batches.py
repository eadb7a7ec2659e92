"""Rules for machines that work in batches: sizes, families, minima that cannot be reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gonghe.engines.model.planning_base import Faults

if TYPE_CHECKING:
    from gonghe.engines.model.planning import Fixed, Job, Machine, Operation, Problem

Group = tuple[str, str, int]  # machine, family and seconds of work: what may run in one batch


def batch_machine_faults(machine: Machine, faults: Faults) -> None:
    """Add what is wrong with a batch machine by itself."""
    if machine.capacity != 1:
        faults.add("batch_capacity", "batches need capacity 1; split it into single machines")
    for pairs in (machine.setups, machine.setup_costs):
        for family, row in pairs.items():
            if row.get(family):
                text = f"a batch machine needs no set-up from family {family!r} to itself: leave it out"
                faults.add("batch_setups", text)


def batch_faults(problem: Problem, faults: Faults) -> None:
    """Add what is wrong with work on batch machines, names known to be right."""
    ovens = {machine.id: machine for machine in problem.machines if machine.batch is not None}
    if not ovens:
        return
    fixed = {row.key for row in problem.fixed}
    together = _together(problem, set(ovens), fixed)
    for job in problem.jobs:
        for operation in job.operations:
            if (job.id, operation.id) not in fixed:
                _operation(job, operation, ovens, together, faults)


def _together(problem: Problem, ovens: set[str], fixed: set[tuple[str, str]]) -> dict[Group, float]:
    """Size of all that may run in one batch; without end where fixed work is among it."""
    sizes: dict[Group, float] = defaultdict(int)
    for job in problem.jobs:
        for operation in job.operations:
            places = {(mode.machine, mode.work) for mode in operation.modes if mode.machine in ovens}
            for machine, work in places:
                endless = (job.id, operation.id) in fixed
                sizes[machine, operation.family, work] += float("inf") if endless else operation.size
    return sizes


def _operation(
    job: Job, operation: Operation, ovens: dict[str, Machine], together: dict[Group, float], faults: Faults
) -> None:
    where = f"job {job.id!r} operation {operation.id!r}"
    reached = False
    for mode in operation.modes:
        oven = ovens.get(mode.machine)
        if oven is None or oven.batch is None:
            reached = True
            continue
        if operation.size > oven.batch.maximum:
            text = f"size {operation.size} is more than a batch of {oven.id!r} holds ({oven.batch.maximum})"
            faults.add("batch_size", text, where)
        if mode.work < 1:
            faults.add("batch_work", f"work on {oven.id!r}, a batch machine, must take time", where)
        reached |= together[oven.id, operation.family, mode.work] >= oven.batch.minimum
    if not reached:
        names = ", ".join(sorted({mode.machine for mode in operation.modes}))
        text = (
            f"all work of family {operation.family!r} that takes as long does not fill the smallest batch of "
            f"{names}: lower the minimum, wait for more orders, or name another machine"
        )
        faults.add("batch_minimum", text, where)


def fixed_batch_faults(machine: Machine, rows: Sequence[Fixed], problem: Problem, faults: Faults) -> None:
    """Fixed work that overlaps on a batch machine must be a batch of its family that is not too large."""
    assert machine.batch is not None
    steps = {(job.id, step.id): step for job in problem.jobs for step in job.operations}
    batches: dict[tuple[int, int, str], int] = defaultdict(int)
    for row in rows:
        batches[row.start, row.end, steps[row.key].family] += steps[row.key].size
    until: int | None = None
    for (start, end, family), size in sorted(batches.items()):
        if size > machine.batch.maximum:
            text = f"fixed batch of family {family!r} at {start} has size {size}: too much"
            faults.add("fixed_overlap", text, f"machine {machine.id!r}")
        if until is not None and start < until:
            text = f"fixed work of family {family!r} at {start} overlaps other work"
            faults.add("fixed_overlap", text, f"machine {machine.id!r}")
        until = end if until is None else max(until, end)
