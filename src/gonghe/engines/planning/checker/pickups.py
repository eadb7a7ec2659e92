"""The checker's judgement of transport: it leaves in a pick-up window of the site where it begins."""

from __future__ import annotations

from collections.abc import Iterator

from gonghe.engines.model.planning import Assignment, Job, Problem

Broken = tuple[str, str, str, str, str]  # code, job, operation, machine, message


def broken_pickups(problem: Problem, placed: dict[tuple[str, str], Assignment]) -> Iterator[Broken]:
    """Every operation that begins before transport can have brought its parts, and parts that never leave."""
    if not problem.pickups:
        return
    fixed = {row.key for row in problem.fixed}
    for job in problem.jobs:
        for target, row, origin, ready in _legs(problem, job, placed):
            name = row.key if row is not None else (job.id, "")
            if origin is None or target is None or origin == target or name in fixed:
                continue
            left = _pickup(problem, origin, ready)
            place = (*name, row.machine if row is not None else "")
            if left is None:
                yield "pickup", *place, f"nothing is picked up at {origin} from {ready} on"
            elif row is not None and row.start < left + _way(problem, origin, target):
                yield "pickup", *place, f"starts before what leaves {origin} at {left} is there"


def _legs(
    problem: Problem, job: Job, placed: dict[tuple[str, str], Assignment]
) -> Iterator[tuple[str | None, Assignment | None, str | None, int]]:
    """Target site, operation that waits there (None: the destination), origin, and when it may leave."""
    site = {machine.id: machine.site for machine in problem.machines}
    followed: set[str] = set()
    earlier: str | None = None
    for operation in job.operations:
        before = operation.after
        if before is None:
            before = () if earlier is None else (earlier,)
        earlier = operation.id
        followed |= set(before)
        row = placed.get((job.id, operation.id))
        if row is None:
            continue
        if not before:
            yield site[row.machine], row, job.source, max(job.release, problem.horizon_start)
        for name in before:
            other = placed.get((job.id, name))
            if other is not None:
                rest = operation.lags[name].minimum if name in operation.lags else 0
                yield site[row.machine], row, site[other.machine], other.end + rest
    for operation in job.operations:
        row = placed.get((job.id, operation.id))
        if row is not None and operation.id not in followed:
            yield job.destination, None, site[row.machine], row.end


def _pickup(problem: Problem, site: str, ready: int) -> int | None:
    """First moment from `ready` on at which transport leaves a site."""
    if site not in problem.pickups:
        return ready
    return min((max(start, ready) for start, end in problem.pickups[site] if end > ready), default=None)


def _way(problem: Problem, origin: str, target: str) -> int:
    if not problem.transport_seconds:
        return 0
    return problem.transport_seconds[problem.sites.index(origin)][problem.sites.index(target)]
