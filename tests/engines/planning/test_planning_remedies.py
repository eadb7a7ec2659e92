"""What would help a late job: each remedy is a checked plan with its price."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.planning.shops import HOUR, random_shop

from gonghe.engines.model.planning import (
    Job,
    Lots,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Resource,
    Schedule,
)
from gonghe.engines.planning import Remedy, check, choices, evaluate, remedies, solve


def by_kind(found: tuple[Remedy, ...]) -> dict[str, Remedy]:
    assert len({item.kind for item in found}) == len(found)
    return {item.kind: item for item in found}


def plan(problem: Problem) -> Schedule:
    return solve(problem, iterations=300).schedule


def night(*machines: Machine, **fields: object) -> Problem:
    """6 h for 60.00 on anna's saw, closed from 4 to 16 h; due after 8 h, an hour late costs 5.00."""
    saw = Machine("saw", "A", organization="anna", breaks=((4 * HOUR, 16 * HOUR),))
    modes = [Mode("saw", 6 * HOUR, cost=6000)]
    modes += [Mode(machine.id, 5 * HOUR, cost=8000) for machine in machines]
    job = Job("j", (Operation("o", tuple(modes)),), due=8 * HOUR, lateness_cost_per_hour=500)
    return Problem(("A",), (saw, *machines), (replace(job, **fields),))  # type: ignore[arg-type]


def test_overtime_and_a_later_date() -> None:
    """The saw starts at 16 h: 14 h late. Open until 8 h it is on time; agreed on 22 h it costs nothing."""
    problem = night()
    schedule = plan(problem)
    assert schedule.assignments[0].start == 16 * HOUR
    found = by_kind(remedies(problem, schedule, "j"))
    assert set(found) == {"overtime", "later_due"}
    over = found["overtime"]
    assert (over.idea.machine, over.idea.organization) == ("saw", "anna")
    assert (over.idea.start, over.idea.end) == (4 * HOUR, 8 * HOUR)
    assert (over.arrival, over.earlier, over.lateness) == (6 * HOUR, 16 * HOUR, 0)
    assert over.proposal.cost_delta == -14 * 500
    assert (len(over.proposal.moved), over.proposal.touched) == (1, ("anna",))
    later = found["later_due"]
    assert (later.idea.due, later.lateness, later.earlier) == (22 * HOUR, 0, 0)
    assert (later.proposal.cost_delta, later.proposal.moved) == (-14 * 500, ())
    assert all(item.proposal.verified for item in found.values())
    one_hour = by_kind(remedies(problem, schedule, "j", hours=1))
    assert "overtime" not in one_hour


def test_overtime_has_its_price() -> None:
    """Of the four hours that are opened two are worked, at 30.00 each; 14 h of lateness are saved."""
    problem = night()
    (saw,) = problem.machines
    problem = replace(problem, machines=(replace(saw, overtime_cost_per_hour=3000),))
    over = by_kind(remedies(problem, plan(problem), "j"))["overtime"]
    assert (over.change_cost, over.cost) == (2 * 3000, 2 * 3000 - 14 * 500)
    assert (over.to_json()["change_cost"], over.to_json()["cost_delta"]) == (60.0, -70.0)
    assert Problem.from_json(problem.to_json()) == problem
    data = problem.to_json()
    data["machines"][0]["overtime_cost_per_hour"] = -1
    with pytest.raises(ProblemError, match="overtime_cost_per_hour must not be negative"):
        Problem.from_json(data)


def test_a_firm_that_is_excluded() -> None:
    problem = night(Machine("other", "A", organization="bert"), excluded=("bert",))
    found = by_kind(remedies(problem, plan(problem), "j"))
    allow = found["allow_firm"]
    assert (allow.idea.name, allow.arrival, allow.lateness) == ("bert", 5 * HOUR, 0)
    assert allow.proposal.cost_delta == 2000 - 14 * 500
    assert allow.proposal.touched == ("anna", "bert")


def test_a_bid_at_other_times() -> None:
    """Bert offers his saw from 30 h on; when he can at any time the job is on time."""
    problem = night(Machine("other", "A", organization="bert"))
    (job,) = problem.jobs
    (step,) = job.operations
    late = replace(step.modes[1], earliest=30 * HOUR)
    problem = replace(problem, jobs=(replace(job, operations=(replace(step, modes=(step.modes[0], late)),)),))
    found = by_kind(remedies(problem, plan(problem), "j"))
    assert (found["wider_window"].idea.organization, found["wider_window"].arrival) == ("bert", 5 * HOUR)
    row = found["wider_window"].to_json()
    assert (row["kind"], row["cost_delta"], row["moves"]) == ("wider_window", -50.0, 1)
    assert "machine" not in row


def two_on_one_saw() -> tuple[Problem, Schedule]:
    """Job a (4 h) runs before b (4 h) on the saw; b is due after 4 h but nobody pays for its lateness."""
    saw = Machine("saw", "A", organization="anna")
    mill = Machine("mill", "A", organization="bert")
    modes = (Mode("saw", 4 * HOUR, cost=1000), Mode("mill", 4 * HOUR, cost=9000))
    jobs = tuple(
        Job(name, (Operation("o", modes),), due=4 * HOUR, lateness_cost_per_hour=rate)
        for name, rate in (("a", 1000), ("b", 0))
    )
    problem = Problem(("A",), (saw, mill), jobs)
    return problem, plan(problem)


def test_priority_and_another_firm() -> None:
    """Going first makes the other 4 h late for 40.00; the mill is 80.00 dearer and nobody is late."""
    problem, schedule = two_on_one_saw()
    assert evaluate(problem, schedule).completion == {"a": 4 * HOUR, "b": 8 * HOUR}
    found = by_kind(remedies(problem, schedule, "b"))
    costs = {kind: (item.proposal.cost_delta, item.others_lateness) for kind, item in found.items()}
    assert costs["later_due"] == (0, 0)
    urgent = found["priority"]
    assert (urgent.lateness, urgent.earlier) == (0, 4 * HOUR)
    assert costs["priority"] in ((4000, 4 * HOUR), (8000, 0))
    for item in found.values():
        assert check(item.proposal.problem, item.proposal.schedule) == ()


def test_reservations_and_tools() -> None:
    """The saw is reserved for 10 h; and two jobs that need the one fixture."""
    problem = night()
    saw = replace(problem.machines[0], breaks=(), reserved=((0, 10 * HOUR),))
    problem = replace(problem, machines=(saw,))
    free = by_kind(remedies(problem, plan(problem), "j"))["free_hours"]
    assert (free.idea.start, free.idea.end, free.arrival) == (0, 10 * HOUR, 6 * HOUR)
    problem, _ = two_on_one_saw()
    steps = [Operation("o", (Mode(name, 4 * HOUR),), needs={"fixture": 1}) for name in ("saw", "mill")]
    jobs = tuple(replace(job, operations=(step,)) for job, step in zip(problem.jobs, steps, strict=True))
    problem = replace(problem, jobs=jobs, resources=(Resource("fixture"),))
    more = by_kind(remedies(problem, plan(problem), "b"))["more_units"]
    assert (more.idea.name, more.arrival, more.others_lateness) == ("fixture", 4 * HOUR, 0)


def test_a_line_in_lots_keeps_its_lots() -> None:
    """10 pieces in two lots of 4 h, one after the other on the saw that is open."""
    saws = (Machine("saw1", "A", organization="anna"), Machine("saw2", "A", ((2 * HOUR, 30 * HOUR),), "bert"))
    modes = tuple(Mode(saw.id, 8 * HOUR) for saw in saws)
    lots = Lots(quantity=10, settled=(5, 5))
    job = Job("j", (Operation("o", modes),), due=4 * HOUR, lateness_cost_per_hour=10, lots=lots)
    problem = Problem(("A",), saws, (job,))
    schedule = plan(problem)
    assert evaluate(problem, schedule).completion == {"j": 8 * HOUR}
    over = by_kind(remedies(problem, schedule, "j"))
    assert {item.lot for item in over["later_due"].proposal.schedule} == {1, 2}
    assert [choice.label for choice in choices(problem, iterations=100)] == ["earliest"]


def test_unknown_jobs_and_what_is_done() -> None:
    problem = night()
    schedule = plan(problem)
    with pytest.raises(KeyError, match="x"):
        remedies(problem, schedule, "x")


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), objective=st.sampled_from(["cost", "makespan", "tardiness", "flow"]))
def test_remedies_are_valid_and_figures_true(seed: int, objective: str) -> None:
    problem = random_shop(seed, jobs=6, objective=objective)
    schedule = plan(problem)
    before = evaluate(problem, schedule)
    found = remedies(problem, schedule, "j0", iterations=200)
    assert found == remedies(problem, schedule, "j0", iterations=200)
    for item in found:
        assert check(item.proposal.problem, item.proposal.schedule) == ()
        after = evaluate(item.proposal.problem, item.proposal.schedule)
        assert item.arrival == after.completion["j0"]
        assert item.proposal.cost_delta == after.cost.total - before.cost.total
        assert item.kind == "later_due" or item.earlier > 0
    assert [item.lateness for item in found] == sorted(item.lateness for item in found)
