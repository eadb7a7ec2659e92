"""Bounds never exceed what some schedule reaches, and proofs hold against long searches."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.engines.planning.families import FAMILIES, shop_of
from tests.engines.planning.shops import HOUR, chain, random_shop

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem, ProblemError
from gonghe.engines.planning import NoFeasiblePlan, check, evaluate, solve
from gonghe.engines.planning.bounds.floors import job_floors, lower_bound
from gonghe.engines.planning.bounds.proof import prove, refusal
from gonghe.engines.planning.bounds.relax import Rising
from gonghe.engines.planning.compiled.compiled import compile_problem
from gonghe.engines.planning.generate import Network, generate
from gonghe.engines.planning.search.solver import Budget, Search

OBJECTIVES = ("cost", "makespan", "tardiness", "flow")


def searched(problem: Problem, iterations: int) -> tuple[Search, int]:
    """A search without proof, and the value of its best schedule."""
    compiled = compile_problem(problem)
    search = Search(compiled, job_floors(compiled), 1)
    search.construct(None, None)
    search.improve(Budget(None, iterations), -(10**15))
    return search, evaluate(problem, compiled.to_schedule(search.best().places())).objective


@settings(max_examples=60, deadline=None)
@given(
    family=st.sampled_from(sorted(FAMILIES)),
    objective=st.sampled_from(OBJECTIVES),
    seed=st.integers(0, 10**6),
    jobs=st.integers(1, 4),
    machines=st.integers(2, 3),
)
def test_no_bound_is_above_what_a_search_reaches(
    family: str, objective: str, seed: int, jobs: int, machines: int
) -> None:
    """A proof that begins with a bad schedule ends at least as good as the search, or its bound is below."""
    try:
        problem = shop_of(family, seed, objective, jobs, machines)
        start = solve(problem, iterations=0).schedule
    except (ProblemError, NoFeasiblePlan):
        assume(False)
    search, best = searched(problem, 3000)
    floors = job_floors(search.compiled)
    assert lower_bound(search.compiled, floors) <= best
    rising = Rising(search.compiled, floors, max(row.end for row in start))
    assert rising.after(50_000, search.best().value()[0]) <= best
    assert refusal(problem) == ""
    proof = prove(problem, start, effort=2.0)
    if proof is None:
        return
    assert proof.bound <= best
    found = start if proof.schedule is None else proof.schedule
    assert check(problem, found) == ()
    reached = evaluate(problem, found).objective
    assert proof.bound <= reached


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_small_shops_of_every_family_are_proven_optimal(family: str) -> None:
    problem = shop_of(family, 5, "cost")
    result = solve(problem, iterations=5000)
    assert result.optimal
    assert result.verified
    assert result.gap == 0
    assert result.to_json()["optimal"] is True


def test_classic_six_by_six_is_proven() -> None:
    """ft06 of Fisher & Thompson (1963): 55, while the machines' load and the paths say 52 at most."""
    machines = "201354 124503 235014 102345 214503 135042"
    times = ["1 3 6 7 3 6", "8 5 10 10 10 4", "5 4 8 9 1 7", "5 5 5 3 8 9", "9 3 5 4 3 1", "3 3 9 10 4 1"]
    jobs = tuple(
        chain(f"j{i}", *((f"m{m}", int(t)) for m, t in zip(order, row.split(), strict=True)))
        for i, (order, row) in enumerate(zip(machines.split(), times, strict=True))
    )
    problem = Problem(("A",), tuple(Machine(f"m{i}", "A") for i in range(6)), jobs, objective="makespan")
    compiled = compile_problem(problem)
    assert lower_bound(compiled, job_floors(compiled)) <= 52
    result = solve(problem, iterations=20_000)
    assert (result.objective, result.lower_bound, result.optimal) == (55, 55, True)


def test_proof_equals_all_orders_of_one_machine() -> None:
    rows = [(3, 4, 2), (2, 2, 1), (4, 9, 3), (1, 3, 5), (2, 7, 1), (5, 11, 2)]
    jobs = tuple(
        chain(f"j{i}", ("m", time * HOUR), due=due * HOUR, weight=weight)
        for i, (time, due, weight) in enumerate(rows)
    )
    problem = Problem(("A",), (Machine("m", "A"),), jobs, objective="tardiness")

    def value(order: tuple[tuple[int, int, int], ...]) -> int:
        ends = itertools.accumulate(time for time, _, _ in order)
        return sum(weight * max(0, end - due) for end, (_, due, weight) in zip(ends, order, strict=True))

    best = min(value(order) for order in itertools.permutations(rows)) * HOUR
    result = solve(problem, iterations=2000)
    assert (result.objective, result.lower_bound) == (best, best)


def test_load_knows_when_machines_are_open() -> None:
    """Three jobs of 6 h on a machine open 8 h a day: the third is done 2 h into the third day."""
    nights = tuple((day * 86400 + 8 * HOUR, (day + 1) * 86400) for day in range(9))
    work = Operation("o", (Mode("m", 6 * HOUR),), resumable=True)
    jobs = tuple(Job(f"j{i}", (work,)) for i in range(3))
    problem = Problem(("A",), (Machine("m", "A", breaks=nights),), jobs, objective="makespan")
    compiled = compile_problem(problem)
    assert lower_bound(compiled, job_floors(compiled)) == 50 * HOUR
    taken = replace(problem.machines[0], reserved=((0, 8 * HOUR),))
    compiled = compile_problem(replace(problem, machines=(taken,)))
    assert lower_bound(compiled, job_floors(compiled)) == 74 * HOUR


def test_load_knows_what_comes_before_and_after() -> None:
    """An hour before the machine that has 6 h of work, two hours after it."""
    jobs = tuple(chain(f"j{i}", (f"a{i}", HOUR), ("m", 2 * HOUR), (f"b{i}", 2 * HOUR)) for i in range(3))
    names = ("m", *(f"{kind}{i}" for kind in "ab" for i in range(3)))
    fleet = tuple(Machine(name, "A") for name in names)
    compiled = compile_problem(Problem(("A",), fleet, jobs, objective="makespan"))
    assert lower_bound(compiled, job_floors(compiled)) == 9 * HOUR


def test_relaxation_by_hand() -> None:
    """Four jobs of an hour on one machine: 1 + 2 + 3 + 4 h of flow; alone each would take 1 h."""
    jobs = tuple(chain(f"j{i}", ("m", HOUR)) for i in range(4))
    problem = Problem(("A",), (Machine("m", "A"),), jobs, objective="flow")
    compiled = compile_problem(problem)
    floors = job_floors(compiled)
    assert lower_bound(compiled, floors) == 4 * HOUR
    rising = Rising(compiled, floors, 4 * HOUR)
    assert 9 * HOUR < rising.after(2_000, 10 * HOUR) <= 10 * HOUR


def test_relaxation_knows_breaks_reservations_and_fixed_work() -> None:
    """The machine is free from hour 3 on: the only job is done at hour 5, and so says its bound."""
    machine = Machine("m", "A", breaks=((0, HOUR),), reserved=((2 * HOUR, 3 * HOUR),))
    jobs = tuple(chain(f"j{i}", ("m", 2 * HOUR), due=0) for i in range(2))
    problem = Problem(("A",), (machine,), jobs, objective="tardiness")
    compiled = compile_problem(problem)
    floors = job_floors(compiled)
    assert lower_bound(compiled, floors) == 10 * HOUR
    assert 11 * HOUR < Rising(compiled, floors, 7 * HOUR).after(5_000, 12 * HOUR) <= 12 * HOUR


@pytest.mark.parametrize("objective", ["tardiness", "flow", "cost"])
def test_loaded_networks_have_bounds_far_above_the_floors(objective: str) -> None:
    network = generate(Network(12, 3, 2, objective=objective))  # type: ignore[arg-type]
    jobs = (replace(job, due=job.release + 20 * HOUR) for job in network.jobs)
    problem = replace(network, jobs=tuple(jobs))
    search, best = searched(problem, 20_000)
    floors = job_floors(search.compiled)
    floor = lower_bound(search.compiled, floors)
    until = int(search.best().places()["end"].max())
    bound = Rising(search.compiled, floors, until).after(200_000, search.best().value()[0])
    assert bound <= best
    assert bound - floor > 0.2 * (best - floor)


def test_the_bound_rises_in_events_and_the_gap_follows() -> None:
    problem = generate(Network(12, 3, 2, objective="flow"))
    seen: list[tuple[int, int]] = []
    result = solve(
        problem, iterations=20_000, on_progress=lambda value, bound, _: seen.append((value, bound))
    )
    bounds = [bound for _, bound in seen]
    assert bounds == sorted(bounds)
    assert bounds[0] < bounds[-1] == result.lower_bound
    assert result.gap == (result.objective - bounds[-1]) / result.objective
    assert not result.optimal


def test_search_stops_at_the_wanted_gap() -> None:
    problem = generate(Network(12, 3, 2, objective="flow"))
    result = solve(problem, iterations=200_000, gap=0.4)
    assert result.gap <= 0.4
    assert result.iterations < 200_000
    assert solve(problem, iterations=200_000, gap=0.4).schedule == result.schedule


def test_proof_in_the_time_given_and_stopped() -> None:
    problem = random_shop(2, jobs=9, machines=2, steps=6, objective="flow")
    assert solve(problem, seconds=1.0).verified
    start = solve(problem, iterations=0).schedule
    proof = prove(problem, start, effort=1e6, should_stop=lambda: True)
    assert proof is None or proof.bound <= evaluate(problem, start).objective


def test_what_has_no_exact_model_is_said() -> None:
    assert "too many" in refusal(generate(Network(20, 5, 2)))
    work = Operation("o", (Mode("m", HOUR), Mode("m", HOUR, bid="x")))
    twice = Problem(("A",), (Machine("m", "A"),), (Job("j", (work,)),))
    assert "two offers of one machine" in refusal(twice)
    assert prove(twice, solve(twice, iterations=5).schedule, effort=1) is None
    setups = shop_of("setups", 1, "cost")
    taken = replace(setups.machines[0], reserved=((0, HOUR),))
    assert "set-ups of 'm0'" in refusal(replace(setups, machines=(taken, *setups.machines[1:])))
