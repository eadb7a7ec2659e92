"""What is in the way when no plan is possible: only what really is, by name and owner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.engines.planning.shops import HOUR

from gonghe.engines.model.planning import (
    Fixed,
    Job,
    Lag,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Resource,
    ShareCap,
)
from gonghe.engines.planning import InTheWay, NoFeasiblePlan, in_the_way, solve


def refused(problem: Problem) -> InTheWay:
    """What is in the way of a problem that must be refused."""
    with pytest.raises(NoFeasiblePlan) as error:
        solve(problem, iterations=50)
    return in_the_way(problem, error.value.jobs, error.value.partial, iterations=200)


def hours(*pairs: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    return tuple((start * HOUR, end * HOUR) for start, end in pairs)


def two_steps(first: int = 8) -> Job:
    """4 h at anna by `first` hours, then 4 h at bert by 12 h."""
    steps = (
        Operation("cut", (Mode("saw", 4 * HOUR, latest=first * HOUR),)),
        Operation("mill", (Mode("mill", 4 * HOUR, latest=12 * HOUR),)),
    )
    return Job("j", steps)


def shop(saw: tuple[tuple[int, int], ...], mill: tuple[tuple[int, int], ...], job: Job) -> Problem:
    machines = (
        Machine("saw", "A", organization="anna", reserved=saw),
        Machine("mill", "A", organization="bert", reserved=mill),
    )
    return Problem(("A",), machines, (job,))


def test_only_the_reservation_that_is_really_in_the_way() -> None:
    """The saw is taken in its first hour, which harms nobody; the mill from 6 to 11 h, which does."""
    found = refused(shop(hours((0, 1)), hours((6, 11)), two_steps()))
    assert [(o.kind, o.machine, o.start, o.end) for o in found.obstacles] == [
        ("reservation", "mill", 6 * HOUR, 11 * HOUR)
    ]
    assert found.minimal
    assert found.of("bert") == found.obstacles
    assert found.of("anna") == ()
    assert str(found.obstacles[0]) == "machine mill of bert is reserved from 21600 to 39600"


def test_two_reservations_that_are_in_the_way_together() -> None:
    """Cut by 9 h, mill by 12 h, pack by 16 h: only 0-4 and 4-8 h go, and each firm has given away a part."""
    job = two_steps(9)
    pack = Operation("pack", (Mode("bench", 4 * HOUR, latest=16 * HOUR),))
    problem = shop(hours((2, 5)), hours((7, 9), (20, 30)), job)
    bench = Machine("bench", "A", organization="cleo")
    problem = replace(
        problem,
        machines=(*problem.machines, bench),
        jobs=(replace(job, operations=(*job.operations, pack)),),
    )
    found = refused(problem)
    assert {(o.organization, o.start) for o in found.obstacles} == {("anna", 2 * HOUR), ("bert", 7 * HOUR)}
    assert [o.organization for o in found.of("anna")] == ["anna"]
    assert found.minimal
    rows = found.to_json()["in_the_way"]
    assert {
        "kind": "reservation",
        "organization": "anna",
        "machine": "saw",
        "start": 2 * HOUR,
        "end": 5 * HOUR,
    } in rows


def test_one_that_is_enough_alone_is_preferred() -> None:
    """Two reservations on the saw would have to go, or the limit to one firm alone."""
    first, second = Mode("saw", 4 * HOUR, latest=8 * HOUR), Mode("mill", 4 * HOUR, latest=8 * HOUR)
    third = Mode("saw", 4 * HOUR, latest=12 * HOUR)
    job = Job("j", (Operation("a", (first, second)), Operation("b", (third,))), most_firms=1)
    found = refused(shop(hours((1, 2), (3, 4), (5, 6), (6, 7)), (), job))
    assert [(o.kind, o.job, o.name, o.organization) for o in found.obstacles] == [
        ("most_firms", "j", "1", "")
    ]


def test_windows_of_several_jobs_on_one_machine() -> None:
    """Three jobs of 4 h each by 8 h on one machine: one of the windows must be wider."""
    step = (Operation("o", (Mode("saw", 4 * HOUR, latest=8 * HOUR, bid="b7"),)),)
    problem = replace(shop((), (), two_steps()), jobs=tuple(Job(name, step) for name in "abc"))
    (obstacle,) = refused(problem).obstacles
    assert (obstacle.kind, obstacle.organization, obstacle.name) == ("window", "anna", "b7")


def test_excluded_firm() -> None:
    modes = (Mode("saw", 4 * HOUR, latest=8 * HOUR), Mode("mill", 4 * HOUR, latest=8 * HOUR))
    jobs = (
        Job("a", (Operation("o", modes[:1]),)),
        Job("b", (Operation("o", modes[:1]),)),
        Job("c", (Operation("o", modes),), excluded=("bert",)),
    )
    found = refused(replace(shop((), (), two_steps()), jobs=jobs))
    assert [(o.kind, o.name) for o in found.obstacles] in ([("excluded", "bert")], [("window", "")])


def test_lag_and_closed_hours() -> None:
    """The mill must start within 1 h of the saw, which stops at 8 h, but opens at 16 h."""
    machines = (
        Machine("saw", "A", breaks=hours((8, 999))),
        Machine("mill", "A", breaks=hours((0, 16)), organization="bert"),
    )
    steps = (
        Operation("cut", (Mode("saw", 4 * HOUR, latest=900 * HOUR),)),
        Operation("mill", (Mode("mill", HOUR),), lags={"cut": Lag(0, HOUR)}),
    )
    (obstacle,) = refused(Problem(("A",), machines, (Job("j", steps),))).obstacles
    assert (obstacle.kind, obstacle.machine, obstacle.start) == ("window", "saw", None)


def test_a_lag_after_work_that_is_done() -> None:
    """The cut ended at 4 h and should have been milled within the hour; it is 10 h now."""
    steps = (
        Operation("cut", (Mode("saw", 4 * HOUR),)),
        Operation("mill", (Mode("mill", HOUR),), lags={"cut": Lag(0, HOUR)}),
    )
    problem = replace(shop((), (), two_steps()), jobs=(Job("j", steps),))
    done = replace(problem, fixed=(Fixed("j", "cut", "saw", 0, 4 * HOUR),), horizon_start=10 * HOUR)
    (obstacle,) = refused(done).obstacles
    assert (obstacle.kind, obstacle.operation, obstacle.name) == ("lag", "mill", "cut")


def test_one_operation_beside_reservations_is_refused_at_once() -> None:
    """The reservation from 2 to 5 h must go; the one in the first hour need not."""
    with pytest.raises(ProblemError, match="it would fit without the reservation of saw from 7200 to 18000"):
        shop(hours((0, 1), (2, 5)), (), two_steps())


def test_people_who_are_away() -> None:
    """Anna is away when the bid of the saw allows the work: the window is named before her hours."""
    step = Operation("o", (Mode("saw", 4 * HOUR, latest=8 * HOUR),), needs={"anna": 1})
    people = (Resource("anna", breaks=hours((1, 2), (4, 7))),)
    problem = replace(shop((), (), two_steps()), resources=people)
    found = refused(replace(problem, jobs=(Job("j", (step,)),)))
    assert [o.kind for o in found.obstacles] == ["window"]


def test_share_caps() -> None:
    job = Job("j", (Operation("o", (Mode("saw", HOUR, cost=100),)),))
    problem = replace(shop((), (), job), share_caps=(ShareCap("bert", 900), ShareCap("anna", 500)))
    found = refused(problem)
    assert [(o.kind, o.organization) for o in found.obstacles] == [("share_cap", "anna")]


def test_what_is_not_lifted_is_not_named() -> None:
    """Nothing to lift: no answer rather than a wrong one; too few tries: a set that may be too large."""
    assert in_the_way(shop((), (), two_steps()), ()).obstacles == ()
    problem = shop(hours((0, 1)), hours((6, 11)), two_steps())
    found = in_the_way(problem, ("j",), tries=2)
    assert not found.minimal
    assert len(found.obstacles) > 1


def test_a_reservation_after_the_window_harms_nobody() -> None:
    machine = Machine("saw", "A", reserved=hours((20, 30)))
    job = Job("j", (Operation("o", (Mode("saw", 4 * HOUR, latest=8 * HOUR),)),))
    assert solve(Problem(("A",), (machine,), (job,)), iterations=10).completion == {"j": 4 * HOUR}


def test_of_many_jobs_three_are_explained() -> None:
    """Seven jobs of 4 h by 8 h: two have room; the first three others each need a wider window."""
    step = (Operation("o", (Mode("saw", 4 * HOUR, latest=8 * HOUR),)),)
    problem = replace(shop((), (), two_steps()), jobs=tuple(Job(name, step) for name in "abcdefg"))
    found = refused(replace(problem, share_caps=(ShareCap("anna", 1000, jobs=tuple("fg")),)))
    assert len(found.jobs) == len(found.obstacles) == 3
    assert {o.kind for o in found.obstacles} == {"window"}
    assert {o.job for o in found.obstacles} <= set(found.jobs)
    assert found.minimal
