"""From finished work to the factors of a promise."""

from __future__ import annotations

import numpy as np
import pytest

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning import Lognormal, promise, solve
from gonghe.engines.planning.answers.history import WEIGHT, Finished, learned, spread_of
from gonghe.engines.planning.answers.promise import Blend, Empirical

HOUR = 3600
RANDOM = 20_000


def test_without_history_the_usual_spread() -> None:
    spread = spread_of([])
    assert spread.factors({("a", "o"): ("mill", 10.0)}) == {("a", "o"): Lognormal()}


def test_mean_and_shrinkage() -> None:
    """A mill always takes twice as long, everything else exactly its time; estimates are all alike."""
    rows = [Finished("mill", 100, 200) for n in range(WEIGHT)]
    rows += [Finished("saw", 100, 100) for n in range(10 * WEIGHT)]
    spread = spread_of(rows)
    factor = spread.factors({("x", "o"): ("mill", 100.0)})["x", "o"]
    drawn = factor.draw(np.random.default_rng(1), RANDOM)
    # half its own (2), half of all: 1/11 of 2 and 10/11 of 1, with 10 of 120 from the usual spread
    assert drawn.mean() == pytest.approx(0.5 * 2 + 0.5 * (11 / 12 * (12 / 11) + 1.02 / 12), abs=0.02)
    unknown = spread.factors({("x", "o"): ("oven", 100.0)})["x", "o"]
    assert np.median(unknown.draw(np.random.default_rng(1), RANDOM)) == pytest.approx(1.0)


def test_long_estimates_are_worth_less_where_they_tell_nothing() -> None:
    """Work always takes 100 s whatever was estimated, so the factor of a long estimate is small."""
    rows = [Finished("mill", estimate, 100) for n in range(200) for estimate in (50.0, 200.0)]
    spread = spread_of(rows)
    assert spread.slope == 0
    for estimate in (50.0, 200.0):
        factor = spread.factors({("x", "o"): ("mill", estimate)})["x", "o"]
        drawn = estimate * factor.draw(np.random.default_rng(2), RANDOM)
        assert np.quantile(drawn, [0.1, 0.9]) == pytest.approx([100, 100], rel=0.05)


def test_promise_from_history() -> None:
    """Ten operations of 1 h; the mill has always taken 1.5 times what was estimated, a thousand times."""
    operations = tuple(Operation(f"o{n}", (Mode("mill", HOUR),)) for n in range(10))
    problem = Problem(("s",), (Machine("mill", "s"),), (Job("j", operations),), objective="flow")
    schedule = solve(problem, iterations=10).schedule
    spread = spread_of([Finished("mill", HOUR, 1.5 * HOUR)] * 1000)
    factors = spread.factors({row.key: (row.machine, HOUR) for row in schedule})
    assert promise(problem, schedule, factors=factors)["j"].p50 == pytest.approx(15 * HOUR, rel=0.02)
    assert promise(problem, schedule)["j"].p50 < 12 * HOUR


def test_bad_history_is_refused() -> None:
    with pytest.raises(ValueError, match="of 'm': estimated and real seconds must be positive"):
        Finished("m", 0, 10)


def test_blend_draws_from_both() -> None:
    drawn = Blend(Empirical((1.0,)), Empirical((3.0,)), 0.25).draw(np.random.default_rng(0), RANDOM)
    assert np.mean(drawn == 1) == pytest.approx(0.25, abs=0.01)


def test_few_measured_ratios_count_little() -> None:
    assert learned([]) == Lognormal()
    one, many = (learned([2.0] * count).draw(np.random.default_rng(0), RANDOM) for count in (1, 9 * WEIGHT))
    assert np.mean(one == 2) == pytest.approx(1 / (1 + WEIGHT), abs=0.01)
    assert np.mean(many == 2) == pytest.approx(0.9, abs=0.01)
