"""Rules for the terms of a planning problem: lags that no way can keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonghe.engines.model.planning_base import Faults

if TYPE_CHECKING:
    from gonghe.engines.model.planning import Job, Lag, Operation, Problem


def term_faults(problem: Problem, faults: Faults) -> None:
    """Add the faults of a problem whose names are known to be right."""
    _lags(problem, faults)


def _lags(problem: Problem, faults: Faults) -> None:
    """Some pair of machines must be near enough for every lag."""
    for job in problem.jobs:
        operations = {operation.id: operation for operation in job.operations}
        for operation in job.operations:
            for name, lag in operation.lags.items():
                _lag(problem, job, operations[name], operation, lag, faults)


def _lag(
    problem: Problem, job: Job, before: Operation, operation: Operation, lag: Lag, faults: Faults
) -> None:
    if lag.maximum is None:
        return
    site = {machine.id: machine.site for machine in problem.machines}
    origins, targets = ({site[mode.machine] for mode in step.modes} for step in (before, operation))
    way = min(problem.travel(origin, target)[0] for origin in origins for target in targets)
    if lag.minimum + way > lag.maximum:
        faults.add(
            "lag",
            f"must start within {lag.maximum} s after {before.id!r}, but rest and the shortest way take "
            f"{lag.minimum + way} s: allow more time or nearer machines",
            f"job {job.id!r} operation {operation.id!r}",
        )
