"""Awards follow from the joint plan: price, transport and lateness together."""

from __future__ import annotations

import pytest
from tests.engines.planning.shops import HOUR

from gonghe.engines.clearing import Bid, Item, NoBid, Wanted, WantedOperation, award
from gonghe.engines.model.planning import Machine, Problem


@pytest.fixture
def base() -> Problem:
    """Two firms; the way between A and B takes an hour and costs 30.00."""
    machines = (Machine("a1", "A", organization="anna"), Machine("b1", "B", organization="bert"))
    return Problem(("A", "B"), machines, (), ((0, HOUR), (HOUR, 0)), ((0, 3000), (3000, 0)))


def order(due: int | None = None) -> Wanted:
    steps = (WantedOperation("cut"), WantedOperation("bend"))
    return Wanted("w", steps, due=due, lateness_cost_per_hour=2000, destination="A")


def bid(name: str, firm: str, machine: str, *prices: tuple[str, int, int]) -> Bid:
    return Bid(
        name, firm, tuple(Item("w", step, machine, hours * HOUR, cost) for step, hours, cost in prices)
    )


def test_the_way_counts_as_much_as_the_price(base: Problem) -> None:
    """Bert is 40.00 cheaper on one step but the way there and back costs 60.00."""
    anna = bid("x", "anna", "a1", ("cut", 1, 10000), ("bend", 1, 10000))
    bert = bid("y", "bert", "b1", ("cut", 1, 6000))
    found = award(base, [order()], [anna, bert], iterations=200)
    # one way is enough when bert cuts first and the parts then come home: 60 + 30 + 100 against 200
    assert found.result.objective == 6000 + 3000 + 10000
    assert sorted(found.won) == ["x", "y"]
    assert found.by_organization == {"anna": 10000, "bert": 6000}
    middle = bid("z", "bert", "b1", ("bend", 1, 7500))
    found = award(base, [order()], [anna, middle], iterations=200)
    assert found.result.objective == 10000 + 10000  # 100 + 30 + 75 + 30 would be dearer
    assert found.lost == ("z",)


def test_a_dearer_bid_wins_when_it_saves_lateness(base: Problem) -> None:
    slow = bid("slow", "anna", "a1", ("cut", 10, 5000), ("bend", 1, 5000))
    quick = bid("quick", "bert", "b1", ("cut", 1, 9000), ("bend", 1, 9000))
    relaxed = award(base, [order(due=11 * HOUR)], [slow, quick], iterations=200)
    assert sorted(relaxed.won) == ["slow"]
    urgent = award(base, [order(due=3 * HOUR)], [slow, quick], iterations=200)
    assert urgent.won["quick"][0].operation == "cut"
    assert urgent.result.objective == 9000 + 3000 + 5000  # cut at bert, home, bend at anna: at 3 h


def test_operations_nobody_offers_are_listed(base: Problem) -> None:
    with pytest.raises(NoBid, match="w/bend") as caught:
        award(base, [order()], [bid("x", "anna", "a1", ("cut", 1, 1))])
    assert caught.value.operations == (("w", "bend"),)
