"""Rules for the terms of a planning problem: lags that no way can keep, needs that nobody fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gonghe.engines.model.planning_base import Faults
from gonghe.engines.model.planning_needs import MOST_WAYS, ways

if TYPE_CHECKING:
    from gonghe.engines.model.planning import Job, Lag, Operation, Problem


def term_faults(problem: Problem, faults: Faults) -> None:
    """Add the faults of a problem whose names are known to be right."""
    _lags(problem, faults)
    _needs(problem, faults)
    _pickups(problem, faults)


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


def _needs(problem: Problem, faults: Faults) -> None:
    names = {resource.id for resource in problem.resources}
    if len(names) < len(problem.resources):
        faults.add("duplicate", "two resources have the same name")
    skills = {skill for resource in problem.resources for skill in resource.skills}
    for name in sorted(names & skills):
        faults.add("duplicate", "is the name of a resource and of a skill", f"resource {name!r}")
    known: dict[tuple[tuple[str, int], ...], str] = {}
    for job in problem.jobs:
        for operation in job.operations:
            where = f"job {job.id!r} operation {operation.id!r}"
            for needs in ({**operation.needs, **mode.needs} for mode in operation.modes):
                key = tuple(sorted(needs.items()))
                if key not in known:
                    known[key] = _unfilled(problem, needs, names | skills)
                if known[key]:
                    faults.add("needs", known[key], where)


def _unfilled(problem: Problem, needs: Mapping[str, int], names: set[str]) -> str:
    """What is wrong with the needs of a mode, in words."""
    unknown = sorted(set(needs) - names)
    if unknown:
        return f"needs {', '.join(map(repr, unknown))}, which is neither a resource nor a skill"
    found = ways(problem.resources, needs)
    text = ", ".join(f"{units} x {name}" for name, units in needs.items())
    if not found:
        return f"needs {text}: there are not so many"
    if len(found) > MOST_WAYS:
        return (
            f"there are more than {MOST_WAYS} ways to fill {text}: make people with the same skills one "
            "resource with a capacity"
        )
    return ""


def _pickups(problem: Problem, faults: Faults) -> None:
    for site, windows in problem.pickups.items():
        where = Faults(f"pick-ups at {site!r}")
        if site not in problem.sites:
            where.add("unknown_site", f"unknown site {site!r}")
        if not windows:
            where.add("pickups", "no window is named: name one, or leave the site out")
        where.intervals("window", windows)
        faults.issues += where.issues
