"""Two halves of a log apart and together, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gonghe.engines.model.planning import Job, Machine, Mode, Operation, Problem
from gonghe.engines.planning import check, evaluate, solve
from gonghe.engines.planning.workshop.floor import Floor
from gonghe.engines.planning.workshop.log import HOUR, read_workshop, workshop_of
from gonghe.engines.planning.workshop.pooling import pair_of, played, pooling_report, split
from gonghe.engines.planning.workshop.rolling import Knowledge, Ranking
from gonghe.standards.eventlog.rows import LogRow

MONDAY = datetime(2012, 1, 2, tzinfo=UTC)


def row(order: str, start: float, end: float) -> LogRow:
    at, until = MONDAY + timedelta(hours=start), MONDAY + timedelta(hours=end)
    return LogRow(1, order, "", "mill", "run", at, until, 1, "ring")


# four rings of 8 h that all come in the first quarter of an hour to a mill that runs four at a time
LOG = tuple(row(name, number / 10, 8 + number / 10) for number, name in enumerate("abcd"))


def test_halves_keep_all_orders_and_the_end_of_the_log() -> None:
    shop = read_workshop(LOG)
    first, second = split(shop, 3)
    assert (len(first.orders), len(second.orders)) == (2, 2)
    assert {order.name for half in (first, second) for order in half.orders} == set("abcd")
    assert first.until == second.until == shop.until
    assert first.capacity == {"mill": 2}
    assert split(shop, 3) == (first, second)


def test_the_other_shop_helps_when_the_way_is_worth_it() -> None:
    """Two orders wait at one mill and none at the other.

    Apart the second order is done at 8 + 8 h; together it goes 2 h over, works 8 h, and comes back in 2 h.
    """
    shop = read_workshop((row("a", 0, 8), row("b", 8, 16), row("c", 100, 101)))
    orders = {order.name: order for order in shop.orders}
    early = [orders["a"], orders["b"]]
    pair = (workshop_of(early, shop.until, shop.epoch), workshop_of([orders["c"]], shop.until, shop.epoch))
    both = pair_of(pair, "open", together=True)
    plan = solve(both.problem, iterations=300)
    assert plan.verified
    assert plan.completion == {"a": 8 * HOUR, "b": 16 * HOUR, "c": 101 * HOUR}
    # b is released at 8 h, so it never waits; released together with a it would go over
    burst = read_workshop(LOG)
    one = workshop_of(burst.orders[:2], burst.until, burst.epoch)
    two = workshop_of(burst.orders[2:], burst.until, burst.epoch)
    narrow = pair_of((one, two), "open", together=False)
    assert solve(narrow.problem, iterations=300).verified
    assert {mode.machine for job in narrow.problem.jobs[:2] for mode in job.operations[0].modes} == {
        "first: mill"
    }
    wide = pair_of((one, two), "open", together=True)
    assert [mode.machine for mode in wide.problem.jobs[0].operations[0].modes] == [
        "first: mill",
        "second: mill",
    ]


def test_played_together_is_valid_and_comes_home() -> None:
    shop = read_workshop(LOG)
    both = pair_of(split(shop, 0), "worked", together=True)
    schedule = played(both)
    assert check(both.problem, schedule) == ()
    assert max(evaluate(both.problem, schedule).completion.values()) < 13 * HOUR


@pytest.mark.parametrize("rolling", [False, True])
def test_report(rolling: bool) -> None:
    report = pooling_report(LOG, "worked", rolling=rolling, seconds=None, iterations=200, splits=3)
    assert [split["seed"] for split in report["splits"]] == [0, 1, 2]
    assert report["verified"]
    assert report["ratio"] == sorted(split["ratio"] for split in report["splits"])[1]
    assert report["ratio"] == pytest.approx(1.0)  # every mill runs two at a time: nobody waits
    assert report["orders"] == 4
    assert ("hindsight" in report["assumptions"][-1]) is not rolling


def test_work_that_arrives_as_a_machine_closes_waits_until_it_opens() -> None:
    """The second mill is open from 0 to 2 h and from 6 h on: b gets there at 2 h."""
    machines = (Machine("m1", "x"), Machine("m2", "y", breaks=((2 * HOUR, 6 * HOUR),)))
    modes = (Mode("m1", HOUR), Mode("m2", HOUR))
    jobs = tuple(
        Job(name, (Operation("o", modes, resumable=True),), source="x", destination="x") for name in "ab"
    )
    ways = ((0, 2 * HOUR), (2 * HOUR, 0))
    problem = Problem(("x", "y"), machines, jobs, transport_seconds=ways, objective="flow")
    schedule = Floor(problem, Ranking(problem, Knowledge())).play()
    assert check(problem, schedule) == ()
    assert schedule.by_operation()["b", "o"].start == 6 * HOUR
