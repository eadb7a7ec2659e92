"""Excluded firms, firms per job, and shares of money and work."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.planning.shops import HOUR, random_shop

from gonghe.engines.clearing import Bid, Item, Wanted, WantedOperation, award
from gonghe.engines.model.planning import (
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
    ShareCap,
)
from gonghe.engines.planning import NoFeasiblePlan, check, solve

FIRMS = ("anna", "bert", "cleo")


def market(jobs: int = 1, **fields: object) -> Problem:
    """Three steps a job; anna is cheapest at the first, bert at the second, cleo at the third."""
    prices = {"anna": (10, 50, 60), "bert": (40, 10, 70), "cleo": (60, 60, 10)}
    work = tuple(
        Job(
            f"j{i}",
            tuple(
                Operation(f"o{k}", tuple(Mode(firm, HOUR, cost=prices[firm][k]) for firm in FIRMS))
                for k in range(3)
            ),
            **fields,  # type: ignore[arg-type]
        )
        for i in range(jobs)
    )
    return Problem(("A",), tuple(Machine(firm, "A", organization=firm) for firm in FIRMS), work)


def test_excluded_firms_get_nothing() -> None:
    assert solve(market(), iterations=100).objective == 30
    result = solve(market(excluded=("anna",)), iterations=100)
    assert (result.objective, result.verified) == (60, True)  # bert cuts for 40


def test_as_many_firms_as_allowed() -> None:
    one, two = (solve(market(most_firms=k), iterations=100) for k in (1, 2))
    assert (one.objective, one.verified) == (120, True)
    assert (two.objective, two.verified) == (60, True)  # bert 40 + 10, cleo 10
    assert solve(market(most_firms=2, excluded=("cleo",)), iterations=100).objective == 80


def test_shares_of_money_and_of_work_are_kept() -> None:
    problem = replace(market(4), share_caps=(ShareCap("cleo", 200, "work"),))
    result = solve(problem, iterations=3000)
    assert result.verified
    cleo = [row for row in result.schedule if row.machine == "cleo"]
    assert len(cleo) == 2  # of 12 hours
    money = replace(market(4), share_caps=(ShareCap("anna", 100),))
    assert solve(money, iterations=3000).verified
    none = replace(market(2), share_caps=(ShareCap("anna", 0), ShareCap("bert", 0, "work", ("j1",))))
    result = solve(none, iterations=2000)
    assert {row.machine for row in result.schedule if row.job == "j1"} == {"cleo"}


def test_shares_that_nobody_can_keep_are_said() -> None:
    problem = replace(market(2), share_caps=tuple(ShareCap(firm, 300, "work") for firm in FIRMS))
    with pytest.raises(NoFeasiblePlan, match="every firm keeps its share cap") as caught:
        solve(problem, iterations=200)
    assert caught.value.jobs == ()


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ProblemError, match="job 'j0' operation 'o0': every firm that can do it is excluded"):
        market(excluded=FIRMS)
    steps = (Operation("a", (Mode("anna", 1),)), Operation("b", (Mode("bert", 1),)))
    with pytest.raises(ProblemError, match="job 'j': no 1 firms can do all of it"):
        replace(market(), jobs=(Job("j", steps, most_firms=1),))
    with pytest.raises(ProblemError, match="share cap of 'anna': unknown job 'x'"):
        replace(market(), share_caps=(ShareCap("anna", 1, jobs=("x",)),))
    with pytest.raises(ProblemError, match="at most 60 share caps can be kept, got 61"):
        replace(market(), share_caps=(ShareCap("anna", 900),) * 61)
    with pytest.raises(ProblemError, match="permille must be at most 1000"):
        ShareCap("anna", 1001)


def test_json_keeps_limits() -> None:
    caps = (ShareCap("anna", 400, "work", ("j0",)), ShareCap("bert", 500))
    problem = replace(market(most_firms=2, excluded=("cleo",)), share_caps=caps)
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem


def test_an_award_keeps_the_limits_of_its_lines() -> None:
    base = replace(market(), jobs=())
    steps = tuple(WantedOperation(f"o{k}") for k in range(3))
    wanted = [Wanted(f"j{i}", steps, most_firms=2) for i in range(2)]
    prices = {"anna": (10, 50, 60), "bert": (40, 10, 70), "cleo": (60, 60, 10)}
    bids = [
        Bid(
            firm,
            firm,
            tuple(Item(f"j{i}", f"o{k}", firm, HOUR, prices[firm][k]) for i in range(2) for k in range(3)),
        )
        for firm in FIRMS
    ]
    free = award(base, wanted, bids, iterations=500)
    assert dict(free.by_organization) == {"bert": 100, "cleo": 20}
    capped = award(base, wanted, bids, iterations=3000, share_caps=[ShareCap("bert", 400, "money")])
    assert capped.result.verified
    assert capped.by_organization.get("bert", 0) * 1000 <= 400 * sum(capped.by_organization.values())


def with_limits(problem: Problem, seed: int) -> Problem:
    """The same shop where some jobs go to one firm and some leave one out, where that is possible."""
    rng = random.Random(seed)
    jobs = list(problem.jobs)
    for number, job in enumerate(problem.jobs):
        fields: dict[str, object] = rng.choice([{}, {"most_firms": 1}, {"excluded": ("firm1",)}])
        try:
            jobs[number] = replace(job, **fields)  # type: ignore[arg-type]
            replace(problem, jobs=tuple(jobs))
        except ProblemError:
            jobs[number] = job
    return replace(problem, jobs=tuple(jobs))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), jobs=st.integers(1, 9), machines=st.integers(2, 6))
def test_any_schedule_keeps_the_limits(seed: int, jobs: int, machines: int) -> None:
    shop = random_shop(seed, jobs=jobs, machines=machines, sites=3)
    problem = with_limits(shop, seed)
    result = solve(problem, iterations=300, seed=seed)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= result.objective


@pytest.mark.parametrize("seed", range(8))
def test_seeded_corruption_is_rejected(seed: int) -> None:
    """Every work handed to a firm that may not have it is found."""
    rng = random.Random(seed)
    problem = replace(market(3, most_firms=1, excluded=("anna",)), share_caps=(ShareCap("bert", 500),))
    rows = list(solve(problem, iterations=500, seed=seed).schedule.assignments)
    number = rng.randrange(len(rows))

    def codes(machine: str, numbers: list[int]) -> set[str]:
        changed = [replace(row, machine=machine) if n in numbers else row for n, row in enumerate(rows)]
        return {violation.code for violation in check(problem, Schedule(tuple(changed)))}

    assert "excluded" in codes("anna", [number])
    other = "bert" if rows[number].machine == "cleo" else "cleo"
    assert "most_firms" in codes(other, [number])
    assert "share" in codes("bert", list(range(len(rows))))
