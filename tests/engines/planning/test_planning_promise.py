"""Dates with confidence, and the reasons for a date."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.planning.shops import HOUR, chain, random_shop

from gonghe.engines.model.planning import Assignment, Machine, Problem, Schedule
from gonghe.engines.planning import Empirical, Lognormal, explain, promise, solve


def line(jobs: int = 1, hours: int = 10) -> tuple[Problem, Schedule]:
    work = tuple(chain(f"j{i}", ("m", hours * HOUR), due=hours * (i + 1) * HOUR) for i in range(jobs))
    rows = tuple(
        Assignment(f"j{i}", "o0", "m", i * hours * HOUR, (i + 1) * hours * HOUR) for i in range(jobs)
    )
    return Problem(("A",), (Machine("m", "A"),), work), Schedule(rows)


def test_certain_durations_give_the_plan() -> None:
    problem, schedule = line(3)
    found = promise(problem, schedule, factors={"*": Empirical((1.0,))}, runs=50)
    assert [(p.p50, p.p90, p.on_time) for p in found.values()] == [
        (h * HOUR, h * HOUR, 1.0) for h in (10, 20, 30)
    ]


def test_measured_factors() -> None:
    """Half of the past jobs took 1.0, half 1.5 of the estimate: P50 is 10 h, P90 15 h."""
    problem, schedule = line()
    found = promise(problem, schedule, factors={"m": Empirical((1.0, 1.0, 1.0, 1.5, 1.5))}, runs=4000)["j0"]
    assert (found.p50, found.p90) == (10 * HOUR, 15 * HOUR)
    assert found.on_time == pytest.approx(0.6, abs=0.03)
    assert sum(count for _, _, count in found.histogram) == 4000


def test_lognormal_quantiles() -> None:
    """P90 of exp(0.2 z) is exp(0.2 x 1.2816) = 1.292."""
    problem, schedule = line()
    found = promise(problem, schedule, factors={("j0", "o0"): Lognormal(1.0, 0.2)}, runs=20_000)["j0"]
    assert found.p50 / HOUR == pytest.approx(10, rel=0.01)
    assert found.p90 / HOUR == pytest.approx(12.92, rel=0.01)


def test_delays_are_handed_on_but_never_start_early() -> None:
    """Two jobs take 12 h instead of 10: the second ends at 24 h. At 5 h each it waits for its start."""
    problem, schedule = line(2)
    slow = promise(problem, schedule, factors={"*": Empirical((1.2,))}, runs=3)
    assert [slow[j].p50 for j in ("j0", "j1")] == [12 * HOUR, 24 * HOUR]
    fast = promise(problem, schedule, factors={"*": Empirical((0.5,))}, runs=3)
    assert [fast[j].p50 for j in ("j0", "j1")] == [5 * HOUR, 15 * HOUR]


def test_same_seed_same_promise() -> None:
    problem = random_shop(5)
    schedule = solve(problem, iterations=100).schedule
    assert promise(problem, schedule, runs=40, seed=3) == promise(problem, schedule, runs=40, seed=3)


def test_unusable_history_is_refused() -> None:
    with pytest.raises(ValueError, match="positive numbers"):
        Empirical(())
    with pytest.raises(ValueError, match="positive numbers"):
        Empirical((1.0, float("nan")))


def test_explains_the_assembly(assembly: Problem) -> None:
    result = solve(assembly, iterations=100)
    reasons = [(r.code, r.params["seconds"] // HOUR) for r in explain(assembly, result.schedule, "pump")]
    assert reasons == [("processing", 3), ("transport", 1), ("processing", 1), ("transport", 2), ("late", 1)]


def test_explains_waiting() -> None:
    """b is there at 1 h, waits for a until 4 h, then over the reservation and the night, then works 2 h."""
    machine = Machine("m", "A", breaks=((6 * HOUR, 8 * HOUR),), reserved=((4 * HOUR, 6 * HOUR),))
    jobs = (chain("a", ("m", 4 * HOUR)), chain("b", ("m", 2 * HOUR), release=HOUR))
    problem = Problem(("A",), (machine,), jobs)
    rows = (Assignment("a", "o0", "m", 0, 4 * HOUR), Assignment("b", "o0", "m", 8 * HOUR, 10 * HOUR))
    found = explain(problem, Schedule(rows), "b")
    assert [(r.code, r.params["start"] // HOUR, r.params["end"] // HOUR) for r in found] == [
        ("release", 0, 1),
        ("waits_for_machine", 1, 4),
        ("reserved", 4, 6),
        ("closed", 6, 8),
        ("processing", 8, 10),
    ]
    assert found[1].params["behind"] == [("a", "o0")]
    held = explain(problem, Schedule((rows[0], replace(rows[1], start=9 * HOUR, end=11 * HOUR))), "b")
    assert [r.code for r in held][-2:] == ["held", "processing"]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_reasons_cover_the_time_from_start_to_arrival_without_a_hole(seed: int) -> None:
    problem = random_shop(seed)
    result = solve(problem, iterations=50)
    for job in problem.jobs:
        chain_ = [r for r in explain(problem, result.schedule, job.id) if r.code != "late"]
        assert chain_[0].params["start"] == 0
        assert chain_[-1].params["end"] == result.completion[job.id]
        for one, two in pairwise(chain_):
            assert one.params["end"] == two.params["start"]
