"""Re-planning: what has started stays, little moves, and every proposal is valid."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.planning.shops import HOUR, chain, random_shop

from gonghe.engines.model.planning import Assignment, Job, Machine, Mode, Operation, Problem, Schedule
from gonghe.engines.planning import (
    CalendarChanged,
    Cancelled,
    Disturbance,
    Late,
    MachineDown,
    MovePrices,
    Rush,
    Scrap,
    UnknownObject,
    check,
    replan,
    solve,
)
from gonghe.engines.planning.generate import Network, generate


def two_mills(rate: int = 1000) -> tuple[Problem, Schedule]:
    """Mill 1 (anna) does a then b, dearer mill 2 (bert) is free; both are due when planned."""
    modes = (Mode("mill1", 4 * HOUR, cost=4000), Mode("mill2", 4 * HOUR, cost=5000))
    jobs = tuple(
        Job(name, (Operation("o", modes),), due=due * HOUR, lateness_cost_per_hour=rate)
        for name, due in (("a", 4), ("b", 8))
    )
    machines = (Machine("mill1", "A", organization="anna"), Machine("mill2", "A", organization="bert"))
    schedule = Schedule(
        (
            Assignment("a", "o", "mill1", 0, 4 * HOUR),
            Assignment("b", "o", "mill1", 4 * HOUR, 8 * HOUR),
        )
    )
    return Problem(("A",), machines, jobs), schedule


def test_breakdown_offers_waiting_or_another_firm() -> None:
    """Mill 1 stands from 5 to 15 h. Waiting makes b 11 h late; mill 2 is 10.00 dearer and on time."""
    problem, schedule = two_mills()
    found = {
        p.label: p for p in replan(problem, schedule, 2 * HOUR, MachineDown("mill1", 5 * HOUR, 15 * HOUR))
    }
    wait = found["wait"]
    assert (len(wait.moved), wait.cost_delta, wait.lateness_delta) == (1, 11 * 1000, 11 * HOUR)
    assert wait.touched == ("anna",)
    other = min(found.values(), key=lambda p: p.objective)
    assert (len(other.moved), other.cost_delta, other.lateness_delta) == (1, 1000, 0)
    assert other.touched == ("anna", "bert")
    assert other.moved[0].before == schedule.assignments[1]
    assert other.moved[0].after.machine == "mill2"
    assert all(p.verified for p in found.values())


def test_moves_hours_and_firms_are_priced() -> None:
    """Waiting moves one operation by 11 h at one firm; mill 2 by 2 h at most, at two firms."""
    problem, schedule = two_mills(rate=3600)
    prices = MovePrices(move=100, hour=10, firm=1000)
    down = MachineDown("mill1", 5 * HOUR, 15 * HOUR)
    found = {p.label: p for p in replan(problem, schedule, 2 * HOUR, down, prices=prices)}
    assert (found["wait"].moved_seconds, found["wait"].disturbance) == (11 * HOUR, 100 + 110 + 1000)
    other = min(found.values(), key=lambda p: p.objective)
    hours = other.moved_seconds // HOUR
    assert (other.moved_seconds % HOUR, hours <= 2) == (0, True)
    assert other.disturbance == 100 + 10 * hours + 2000
    (still,) = replan(problem, schedule, HOUR, MachineDown("mill2", HOUR, 20 * HOUR))
    assert (still.moved_seconds, still.disturbance) == (0, 0)


def test_breakdown_of_running_work() -> None:
    """Work that may be interrupted goes on after the repair; other work starts again."""
    machine = Machine("m", "A")
    for resumable, end in ((True, 9), (False, 11)):
        job = Job("j", (Operation("o", (Mode("m", 4 * HOUR),), resumable=resumable),))
        problem = Problem(("A",), (machine,), (job,))
        schedule = Schedule((Assignment("j", "o", "m", 0, 4 * HOUR),))
        (proposal,) = replan(problem, schedule, 2 * HOUR, MachineDown("m", 2 * HOUR, 7 * HOUR))
        assert proposal.schedule.assignments[0].end == end * HOUR
        assert proposal.verified


def test_nothing_hit_nothing_moved() -> None:
    problem, schedule = two_mills()
    (proposal,) = replan(problem, schedule, HOUR, MachineDown("mill2", HOUR, 20 * HOUR))
    assert (proposal.moved, proposal.cost_delta, proposal.lateness_delta) == ((), 0, 0)


def test_rush_cancel_late_scrap_and_calendar() -> None:
    problem, schedule = two_mills()
    rush = Rush(chain("r", ("mill2", HOUR), due=3 * HOUR, lateness_cost_per_hour=9000))
    first = replan(problem, schedule, HOUR, rush)[0]
    assert [(m.job, m.before, m.after.start) for m in first.moved] == [("r", None, HOUR)]
    cancelled = replan(problem, schedule, HOUR, Cancelled("a"))[0]
    assert {row.job for row in cancelled.schedule} == {"b"}
    assert cancelled.cost_delta == -4000
    late = replan(problem, schedule, HOUR, Late("a", "o", 6 * HOUR))[0]
    assert late.schedule.by_operation()["a", "o"].end == 6 * HOUR
    scrap = replan(problem, schedule, 5 * HOUR, Scrap("a", "o"))[0]
    assert scrap.schedule.by_operation()["a", "o"].start >= 5 * HOUR
    closed = CalendarChanged("mill1", ((3 * HOUR, 9 * HOUR),))
    for proposal in replan(problem, schedule, HOUR, closed):
        row = proposal.schedule.by_operation()["b", "o"]
        assert row.machine == "mill2" or row.start >= 9 * HOUR
        assert proposal.verified


@pytest.mark.parametrize(
    "event", [MachineDown("x", 0, 9), Late("x", "o", 1), Scrap("a", "x"), Cancelled("x")]
)
def test_unknown_names_are_refused(event: Disturbance) -> None:
    problem, schedule = two_mills()
    with pytest.raises(UnknownObject, match="'x'"):
        replan(problem, schedule, 0, event)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), now=st.integers(0, 40), length=st.integers(1, 40))
def test_proposals_are_valid_and_keep_what_has_started(seed: int, now: int, length: int) -> None:
    problem = random_shop(seed, jobs=6)
    schedule = solve(problem, iterations=200).schedule
    moment = now * HOUR
    down = MachineDown(f"m{seed % 4}", moment, moment + length * HOUR)
    proposals = replan(problem, schedule, moment, down, iterations=300)
    assert proposals
    planned = schedule.by_operation()
    for proposal in proposals:
        assert check(proposal.problem, proposal.schedule) == ()
        for row in proposal.schedule:
            before = planned[row.key]
            hit = before.machine == down.machine and before.end > moment
            if before.start < moment and not hit:
                assert row == before
            if row != before and before.start >= moment:
                assert row.start >= moment
    prices = [proposal.disturbance for proposal in proposals]
    assert prices == sorted(prices)


def test_progress_goes_on_over_both_searches_and_a_stop_ends_them() -> None:
    problem = generate(Network(20, 8, 2, seed=4))
    plan = solve(problem, iterations=500).schedule
    now = 4 * 3600
    down = MachineDown("m0", now, now + 7200)
    told: list[tuple[int, int, int]] = []
    found = replan(problem, plan, now, down, iterations=400, on_progress=lambda *row: told.append(row))
    assert [row[2] for row in told] == sorted(row[2] for row in told)
    assert 400 < told[-1][2] <= 800
    assert [row[0] for row in told] == sorted((row[0] for row in told), reverse=True)
    assert all(bound <= objective for objective, bound, _ in told)
    assert min(one.objective for one in found) == told[-1][0]
    watched = [one.schedule for one in found]
    assert watched == [one.schedule for one in replan(problem, plan, now, down, iterations=400)]
    stopped = replan(problem, plan, now, down, iterations=400, should_stop=lambda: True)
    assert all(one.verified for one in stopped)
