"""The checker's judgement of limits: excluded firms, firms per job, shares of money and work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonghe.engines.model.planning import Assignment, Mode, Problem

Placed = Mapping[tuple[str, str], tuple[Assignment, Mode]]


def broken_limits(problem: Problem, placed: Placed) -> Iterator[tuple[str, str, str, str, str]]:
    """Code, job, operation, machine and message of every limit that is broken."""
    firm = {machine.id: machine.organization for machine in problem.machines}
    fixed = {row.key for row in problem.fixed}
    working: dict[str, set[str]] = {}
    excluded = {job.id: set(job.excluded) for job in problem.jobs if job.excluded}
    for key, (row, _) in placed.items():
        name = firm[row.machine]
        working.setdefault(row.job, set()).add(name)
        if key not in fixed and name in excluded.get(row.job, ()):
            yield "excluded", *key, row.machine, f"{name} is excluded"
    for job in problem.jobs:
        names = sorted(working.get(job.id, ()))
        if job.most_firms is not None and len(names) > job.most_firms:
            text = f"{', '.join(names)} work on it, at most {job.most_firms} firms may"
            yield "most_firms", job.id, "", "", text
    for cap in problem.share_caps:
        part = whole = 0
        for (name, _), (row, mode) in placed.items():
            if not cap.jobs or name in cap.jobs:
                amount = mode.cost if cap.measure == "money" else mode.setup + mode.duration
                if (name, row.operation) in fixed and cap.measure == "work":
                    amount = row.end - row.start
                whole += amount
                part += amount if firm[row.machine] == cap.organization else 0
        if part * 1000 > cap.permille * whole:
            text = f"{cap.organization} has {part} of {whole}, more than {cap.permille} thousandths"
            yield "share", "", "", "", text
