"""Tiny problems with names, used all over the planner's tests."""

from __future__ import annotations

import pytest
from tests.engines.planning.shops import HOUR, chain

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem


@pytest.fixture
def two_jobs() -> Problem:
    """Two jobs through m1 and m2 (2+3 and 4+1 hours): Johnson's rule gives a makespan of 7 h (a then b)."""
    return Problem(
        sites=("A",),
        machines=(Machine("m1", "A"), Machine("m2", "A")),
        jobs=(
            chain("a", ("m1", 2 * HOUR), ("m2", 3 * HOUR)),
            chain("b", ("m1", 4 * HOUR), ("m2", 1 * HOUR)),
        ),
        objective="makespan",
    )


@pytest.fixture
def assembly() -> Problem:
    """Two parts made at A and B, assembled at A, sent to C; A-B takes 1 h, A-C 2 h, all fares 10.00."""
    mill = (Mode("mill", 2 * HOUR, cost=5000),)
    turn = (Mode("lathe", 3 * HOUR, cost=4000),)
    join = (Mode("bench", 1 * HOUR, cost=2000),)
    operations = (
        Operation("body", mill, after=()),
        Operation("shaft", turn, after=()),
        Operation("join", join, after=("body", "shaft")),
    )
    hours = ((0, 1, 2), (1, 0, 3), (2, 3, 0))
    return Problem(
        sites=("A", "B", "C"),
        machines=(
            Machine("mill", "A", organization="anna"),
            Machine("lathe", "B", organization="bert"),
            Machine("bench", "A", organization="anna"),
        ),
        jobs=(
            Job(
                "pump",
                operations,
                due=6 * HOUR,
                lateness_cost_per_hour=500,
                destination="C",
                promised=7 * HOUR,
            ),
        ),
        transport_seconds=tuple(tuple(h * HOUR for h in row) for row in hours),
        transport_cost=tuple(tuple(1000 if h else 0 for h in row) for row in hours),
    )
