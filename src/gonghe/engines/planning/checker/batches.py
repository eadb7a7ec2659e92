"""The checker's judgement of batches: who may share one, and how full it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonghe.engines.model.planning import Assignment, Machine, Operation

Key = tuple[str, str]
Broken = tuple[str, Assignment, str]  # code, what breaks the rule, message


def broken_batches(
    machine: Machine, work: list[Assignment], operations: Mapping[Key, Operation], fixed: Mapping[Key, object]
) -> Iterator[Broken]:
    """Rules of a batch machine; `work` is all that runs on it."""
    assert machine.batch is not None
    for number, row in enumerate(work):
        for other in work[:number]:
            if row.start < other.end and other.start < row.end and not _alike(row, other, operations):
                text = f"runs beside {other.job}/{other.operation}, but is not in one batch with it"
                yield "batch", row, text
    for lead in work:
        batch = [row for row in work if _alike(lead, row, operations)]
        if batch[0] is not lead:
            continue
        size = sum(operations[row.key].size for row in batch)
        free = [row for row in batch if row.key not in fixed]
        if free and size > machine.batch.maximum:
            text = f"a batch of {size} is too large, {machine.id} holds {machine.batch.maximum}"
            yield "batch_large", free[0], text
        if len(free) == len(batch) and size < machine.batch.minimum:
            text = f"a batch of {size} is too small, {machine.id} needs {machine.batch.minimum}"
            yield "batch_small", lead, text


def first_of_batches(work: list[Assignment], operations: Mapping[Key, Operation]) -> list[Assignment]:
    """One assignment of every batch, in order."""
    firsts: list[Assignment] = []
    for row in work:
        if not any(_alike(row, other, operations) for other in firsts[-1:]):
            firsts.append(row)
    return firsts


def _alike(row: Assignment, other: Assignment, operations: Mapping[Key, Operation]) -> bool:
    same = (row.start, row.end) == (other.start, other.end)
    return same and operations[row.key].family == operations[other.key].family
