"""Orders in which jobs are inserted: mixtures are whole-number sums of keys, and worth the search."""

from __future__ import annotations

import numpy as np

from gonghe.engines.planning import solve
from gonghe.engines.planning.bounds.floors import job_floors
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.generate import Network, generate
from gonghe.engines.planning.search.orders import MIXTURES, Mixture, features, mixed_order

CROWDED = Network(jobs=100, machines=20, sites=4, seed=3)


def test_mixtures_begin_far_below_the_best_named_order() -> None:
    problem = generate(CROWDED)
    named = solve(problem, iterations=0)
    mixed = solve(problem, iterations=1)
    assert mixed.verified
    assert mixed.objective < 0.95 * named.objective


def test_a_mixture_of_one_key_is_that_order() -> None:
    problem = generate(CROWDED)
    compiled = compile_problem(problem)
    keys = features(compiled.data, job_floors(compiled))
    order = mixed_order(keys, Mixture((0, 256, 0, 0, 0, 0), 0))
    due = np.array([job.due for job in problem.jobs])
    assert list(order) == list(np.argsort(due, kind="stable"))


def test_moves_repeat_with_the_seed() -> None:
    first, second = (MIXTURES[0].moved(np.random.default_rng(5), 0) for _ in range(2))
    assert first == second
    assert MIXTURES[0].moved(np.random.default_rng(6), 0) != first
