"""Properties that bounds and proofs know: one they have never heard of may change what is valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from gonghe.engines.model.planning import Job, Lag, Machine, Mode, Operation, Problem, Resource, ShareCap

KNOWN: dict[str, str] = {
    "Problem": "sites machines jobs transport_seconds transport_cost fixed objective horizon_start grid "
    "reference move_cost transfer_cost minor_per_unit resources share_caps",
    "Machine": "id site breaks organization capacity reserved setups state setup_costs "
    "overtime_cost_per_hour",
    "Mode": "machine duration cost setup bid earliest latest needs",
    "Operation": "id modes after resumable family lags needs",
    "Job": "id operations release due weight lateness_cost_per_hour destination source promised excluded "
    "most_firms",
    "Lag": "minimum maximum",
    "Resource": "id capacity breaks skills",
    "ShareCap": "organization permille measure jobs",
}


def foreign(problem: Problem) -> tuple[str, ...]:
    """Properties in use, as "Machine.breaks", that the bounds and proofs do not know; mostly none."""
    found: dict[str, None] = {}
    kinds = (Problem, Machine, Mode, Operation, Job, Lag, Resource, ShareCap)
    unknown = {kind: _unknown(kind) for kind in kinds}
    if not any(unknown.values()):
        return ()
    for item in _parts(problem):
        kind = type(item).__name__
        for one in unknown[type(item)]:
            default = one.default if one.default_factory is MISSING else one.default_factory()
            if getattr(item, one.name) != default:
                found[f"{kind}.{one.name}"] = None
    return tuple(found)


def _unknown(kind: type[Any]) -> list[Any]:
    known = KNOWN[kind.__name__].split()
    return [one for one in fields(kind) if one.name not in known]


def _parts(problem: Problem) -> Iterator[Any]:
    yield problem
    yield from problem.machines
    yield from problem.resources
    yield from problem.share_caps
    for job in problem.jobs:
        yield job
        for operation in job.operations:
            yield operation
            yield from operation.modes
            yield from operation.lags.values()
