"""Threads that share one schedule: valid, repeatable, and better than one alone for the same steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gonghe.engines.model.planning import Problem
from gonghe.engines.planning import solve
from gonghe.engines.planning.bounds import job_floors
from gonghe.engines.planning.check import check
from gonghe.engines.planning.compiled import compile_problem
from gonghe.engines.planning.costs import evaluate
from gonghe.engines.planning.generate import Network, generate
from gonghe.engines.planning.kernel.search import totals
from gonghe.engines.planning.teams import TeamChain, can_share


@pytest.fixture(scope="module")
def crowd() -> Problem:
    return generate(Network(jobs=320, machines=80, sites=8, seed=1, breaks=True))


def test_jobs_are_dealt_out_only_where_they_are_worth_the_same_alone(crowd: Problem) -> None:
    assert can_share(compile_problem(crowd))
    assert not can_share(compile_problem(replace(crowd, objective="makespan")))
    assert not can_share(compile_problem(replace(crowd, jobs=crowd.jobs[:300])))
    assert not can_share(compile_problem(generate(Network(jobs=320, machines=80, sites=8, setups=True))))


def test_what_threads_did_is_put_together(crowd: Problem) -> None:
    compiled = compile_problem(crowd)
    chain = TeamChain(compiled, job_floors(compiled), seed=4, threads=3)
    chain.try_order(np.arange(320))
    before = chain.value()[0]
    for turn in range(6):
        chain.step(200, turn / 6)
        price, _ = totals(compiled.data, chain.state)
        assert price == chain.state.jobs["price"].sum()
        state = compiled.to_schedule(chain.state.ops)
        assert check(crowd, state) == ()
        assert evaluate(crowd, state).objective == price
    assert chain.value()[0] < before
    assert check(crowd, compiled.to_schedule(chain.places())) == ()
    assert evaluate(crowd, compiled.to_schedule(chain.places())).objective == chain.value()[0]


def test_the_same_seed_iterations_and_threads_give_the_same_schedule(crowd: Problem) -> None:
    first, second = (solve(crowd, iterations=2000, seed=9, threads=2) for _ in range(2))
    assert first.schedule == second.schedule
    alone = solve(crowd, iterations=2000, seed=9)
    assert first.objective < alone.objective
