"""Helpers that make planning problems for tests."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem

HOUR = 3600
ANY_SHOP: dict[str, st.SearchStrategy[Any]] = {  # arguments of a test with a `random_shop`
    "seed": st.integers(0, 10**6),
    "objective": st.sampled_from(["cost", "makespan", "tardiness", "flow"]),
    "jobs": st.integers(1, 9),
    "machines": st.integers(1, 5),
}


def chain(name: str, *steps: tuple[str, int], **fields: object) -> Job:
    """A job of one mode per step: (machine, duration)."""
    operations = tuple(Operation(f"o{i}", (Mode(machine, time),)) for i, (machine, time) in enumerate(steps))
    return Job(name, operations, **fields)  # type: ignore[arg-type]


def random_shop(
    seed: int, *, jobs: int = 6, machines: int = 4, sites: int = 2, objective: str = "cost", steps: int = 4
) -> Problem:
    """Chains with alternatives, shift breaks, transport, due dates; half of the work is resumable."""
    rng = random.Random(seed)
    breaks = tuple((day * 86400 + 16 * HOUR, (day + 1) * 86400) for day in range(30))
    places = tuple(f"s{i}" for i in range(sites))
    ways = tuple(tuple(0 if i == j else HOUR * (1 + (i + j) % 3) for j in range(sites)) for i in range(sites))
    fleet = tuple(
        Machine(f"m{i}", places[i % sites], breaks=breaks, organization=f"firm{i % sites}")
        for i in range(machines)
    )
    work = []
    for number in range(jobs):
        operations = []
        for step in range(rng.randint(1, steps)):
            chosen = rng.sample(range(machines), min(2, machines))
            modes = tuple(
                Mode(f"m{m}", rng.randint(10, 180) * 60, cost=rng.randint(1000, 9000)) for m in chosen
            )
            operations.append(Operation(f"o{step}", modes, resumable=rng.random() < 0.5))
        release = rng.randint(0, 8) * HOUR
        work.append(
            Job(
                f"j{number}",
                tuple(operations),
                release=release,
                due=release + rng.randint(4, 30) * HOUR,
                weight=rng.randint(1, 3),
                lateness_cost_per_hour=rng.choice([0, 500, 2000]),
                destination=rng.choice([None, places[-1]]),
            )
        )
    fares = tuple(tuple(0 if i == j else 700 for j in range(sites)) for i in range(sites))
    return Problem(places, fleet, tuple(work), ways, fares, objective=objective)  # type: ignore[arg-type]
