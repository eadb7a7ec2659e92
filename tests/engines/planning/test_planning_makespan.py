"""The tabu search on critical paths: valid moves, exact on small cases, the same for the same seed."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning import check, solve
from gonghe.engines.planning.bounds.floors import job_floors
from gonghe.engines.planning.compiled.compiled import Compiled, compile_problem
from gonghe.engines.planning.generate import Network, generate
from gonghe.engines.planning.kernel.arrays import PLACES, Table
from gonghe.engines.planning.kernel.critical import adopt
from gonghe.engines.planning.search.chains import ELITES, AnnealChain, TabuChain, best_draft, is_pure
from gonghe.engines.planning.search.orders import constructive_orders
from gonghe.engines.planning.search.solver import Budget, Search


def flexible_shop(seed: int, jobs: int = 8, machines: int = 5) -> Problem:
    rng = random.Random(seed)
    work = []
    for number in range(jobs):
        steps = []
        for step in range(rng.randint(2, 5)):
            chosen = rng.sample(range(machines), rng.randint(1, 3))
            steps.append(Operation(f"o{step}", tuple(Mode(f"m{m}", rng.randint(1, 20)) for m in chosen)))
        work.append(Job(f"j{number}", tuple(steps)))
    fleet = tuple(Machine(f"m{i}", "A") for i in range(machines))
    return Problem(("A",), fleet, tuple(work), objective="makespan")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["shop", "network", "assembly"])
def test_every_tabu_schedule_is_valid(seed: int, kind: str) -> None:
    if kind == "shop":
        problem = flexible_shop(seed)
    else:
        network = Network(
            jobs=5, machines=6, sites=3, seed=seed, assembly=kind == "assembly", objective="makespan"
        )
        problem = generate(network)
    compiled = compile_problem(problem)
    assert is_pure(compiled)
    floors = job_floors(compiled)
    search = Search(compiled, floors, seed)
    search.construct(None, None)
    chain = TabuChain(compiled, seed, search.best().places())
    before = chain.value()[0]
    for _ in range(10):
        chain.step(50)
        schedule = compiled.to_schedule(chain.places())
        assert check(problem, schedule) == ()
    assert chain.value()[0] <= before
    assert chain.graph.sums[0] > 0  # -1 would be a cycle


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("assembly", [False, True])
def test_lengths_kept_along_are_those_measured_afresh(seed: int, assembly: bool) -> None:
    network = Network(12, 6, 3, seed=seed, assembly=assembly, objective="makespan")
    compiled = compile_problem(generate(network))
    chain = TabuChain(compiled, seed, draft_places(compiled))
    graph = chain.graph
    for _ in range(30):
        chain.step(11)
        head, tail, span = graph.head.copy(), graph.tail.copy(), graph.sums[0]
        assert (graph.rank[graph.order] == np.arange(len(head))).all()
        assert not graph.stained.any()
        assert adopt(compiled.data, graph, graph.mode.copy(), graph.order.copy()) == span
        assert (graph.head == head).all()
        assert (graph.tail == tail).all()


def draft_places(compiled: Compiled) -> Table:
    mode, start, end = best_draft(compiled)
    places = np.zeros(len(mode), PLACES)
    places["mode"], places["start"], places["end"] = mode, start, end
    return places


@pytest.mark.parametrize("assembly", [False, True])
def test_list_schedules_are_valid_and_beat_the_job_orders(assembly: bool) -> None:
    problem = generate(Network(60, 12, 4, assembly=assembly, objective="makespan"))
    compiled = compile_problem(problem)
    places = draft_places(compiled)
    assert check(problem, compiled.to_schedule(places)) == ()
    orders = AnnealChain(compiled, job_floors(compiled), 0)
    for _, order in constructive_orders(compiled.data, job_floors(compiled)):
        orders.try_order(order)
    assert TabuChain(compiled, 0, places).value()[0] < orders.value()[0]


def test_elite_schedules_stay_few_and_lead_on() -> None:
    problem = flexible_shop(1, jobs=12)
    compiled = compile_problem(problem)
    chain = TabuChain(compiled, 1, draft_places(compiled))
    for _ in range(300):
        chain.step(512)
    assert 2 <= len(chain.elites) <= ELITES
    assert chain.value()[0] == min(elite.value for elite in chain.elites)
    assert check(problem, compiled.to_schedule(chain.places())) == ()


def test_fisher_thompson_six_by_six() -> None:
    """ft06 of Fisher & Thompson (1963): the optimum is 55."""
    machines = "201354 124503 235014 102345 214503 135042"
    times = ["1 3 6 7 3 6", "8 5 10 10 10 4", "5 4 8 9 1 7", "5 5 5 3 8 9", "9 3 5 4 3 1", "3 3 9 10 4 1"]
    jobs = tuple(
        Job(
            f"j{i}",
            tuple(
                Operation(f"o{k}", (Mode(f"m{m}", int(t)),))
                for k, (m, t) in enumerate(zip(order, row.split(), strict=True))
            ),
        )
        for i, (order, row) in enumerate(zip(machines.split(), times, strict=True))
    )
    fleet = tuple(Machine(f"m{i}", "A") for i in range(6))
    result = solve(Problem(("A",), fleet, jobs, objective="makespan"), iterations=8000)
    assert result.objective == 55
    assert result.verified


def test_calendars_set_ups_and_windows_are_not_for_tabu() -> None:
    assert not is_pure(compile_problem(generate(Network(3, 3, 1, breaks=True, objective="makespan"))))
    assert not is_pure(compile_problem(generate(Network(3, 3, 1, setups=True, objective="makespan"))))
    assert not is_pure(compile_problem(generate(Network(3, 3, 1))))


def test_two_chains_give_the_same_twice() -> None:
    problem = flexible_shop(1, jobs=12)
    first, second = (solve(problem, iterations=4000, threads=2, seed=5) for _ in range(2))
    assert first.schedule == second.schedule


def test_budget() -> None:
    assert Budget(10.0, None).used(0, 6.0, 2.0) == 0.5
    assert Budget(10.0, 100).used(25, 6.0, 2.0) == 0.25
    assert Budget(5.0, 100).used(25, 6.0, 2.0) == 1.0
    assert Budget(None, 0).used(0, 0.0, 0.0) == 1.0
    assert Budget(None, 100, lambda: True).used(0, 0.0, 0.0) == 1.0
