"""Cost against date: three plans of which none loses to another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.planning.shops import HOUR, random_shop

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning import check, choices, evaluate


def three_ways(due: int | None = None) -> Problem:
    """One operation: 10 h for 10.00, 4 h for 20.00 or 3 h for 60.00."""
    modes = (Mode("slow", 10 * HOUR, 1000), Mode("good", 4 * HOUR, 2000), Mode("fast", 3 * HOUR, 6000))
    machines = tuple(Machine(mode.machine, "A", organization=mode.machine) for mode in modes)
    job = Job("j", (Operation("o", modes),), due=due, lateness_cost_per_hour=50)
    return Problem(("A",), machines, (job,))


def test_cheapest_balanced_and_earliest() -> None:
    """Between 10 h and 3 h an hour costs 7.14: four hours for 20.00 are the knee."""
    found = choices(three_ways(due=5 * HOUR), iterations=400)
    assert [(c.label, c.cost.price, c.mean_arrival) for c in found] == [
        ("cheapest", 1000, 10 * HOUR),
        ("balanced", 2000, 4 * HOUR),
        ("earliest", 6000, 3 * HOUR),
    ]
    assert [(c.lateness, c.late, c.cost.lateness) for c in found] == [
        (5 * HOUR, ("j",), 250),
        (0, (), 0),
        (0, (), 0),
    ]
    assert all(c.verified for c in found)


def test_plans_that_lose_are_left_out() -> None:
    problem = three_ways()
    (job,) = problem.jobs
    for keep, labels in ((1, ["earliest"]), (2, ["cheapest", "earliest"])):
        operation = Operation("o", job.operations[0].modes[:keep])
        one = Problem(("A",), problem.machines, (Job("j", (operation,)),))
        assert [c.label for c in choices(one, iterations=100)] == labels
    assert choices(Problem(("A",), problem.machines, ())) == ()


def test_json_has_money_in_units() -> None:
    problem = three_ways(due=5 * HOUR)
    row = choices(problem, iterations=400)[0].to_json(problem)
    assert (row["label"], row["price"], row["cost"]["lateness"]) == ("cheapest", 10.0, 2.5)
    assert row["schedule"]["assignments"][0]["machine"] == 0


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), objective=st.sampled_from(["cost", "makespan", "tardiness"]))
def test_choices_are_valid_ordered_and_the_same_again(seed: int, objective: str) -> None:
    problem = random_shop(seed, jobs=6, objective=objective)
    found = choices(problem, iterations=400)
    assert found == choices(problem, iterations=400)
    prices = [c.cost.price for c in found]
    arrivals = [c.mean_arrival for c in found]
    assert prices == sorted(set(prices))
    assert arrivals == sorted(set(arrivals), reverse=True)
    for choice in found:
        assert check(problem, choice.schedule) == ()
        assert choice.cost == evaluate(problem, choice.schedule).cost
