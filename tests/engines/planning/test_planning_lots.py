"""Lot splitting: when it pays, what it keeps, and how every consumer sees it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.engines.planning.shops import HOUR, random_shop
from typer.testing import CliRunner

from gonghe.cli.plan import app
from gonghe.engines.model.planning import (
    Assignment,
    Batch,
    Fixed,
    Job,
    Lots,
    Machine,
    Mode,
    Operation,
    Problem,
    ProblemError,
    Schedule,
)
from gonghe.engines.planning import (
    Empirical,
    Late,
    MachineDown,
    Scrap,
    UnknownObject,
    check,
    evaluate,
    explain,
    promise,
    remedies,
    replan,
    solve,
)
from gonghe.engines.planning.generate import Network, generate
from gonghe.engines.planning.lots import settle
from gonghe.engines.planning.search.cuts import even


def two_shops(lots: Lots | None, *, setup: int = 0, objective: str = "makespan") -> Problem:
    """One line of 100 pieces, 10 h on either of two machines."""
    modes = (Mode("a", 10 * HOUR, 1000, setup), Mode("b", 10 * HOUR, 1000, setup))
    machines = (Machine("a", "A", organization="anna"), Machine("b", "A", organization="bert"))
    line = Job("line", (Operation("cut", modes),), due=6 * HOUR, lateness_cost_per_hour=200, lots=lots)
    return Problem(("A",), machines, (line,), objective=objective)  # type: ignore[arg-type]


def with_lots(problem: Problem, seed: int) -> Problem:
    """A random shop in which most lines may be divided, some with a whole operation at the end."""
    rng = random.Random(seed)
    jobs = []
    for job in problem.jobs:
        quantity = rng.randint(10, 200)
        lots = Lots(quantity, rng.randint(1, quantity // 3), rng.randint(2, 4), rng.randint(0, 900), 300)
        steps = [
            replace(step, whole=step == job.operations[-1] and rng.random() < 0.3) for step in job.operations
        ]
        jobs.append(replace(job, operations=tuple(steps), lots=lots if rng.random() < 0.8 else None))
    return replace(problem, jobs=tuple(jobs))


def sizes(schedule: Schedule) -> list[int]:
    """Pieces of the lots, by number; 0 stands for work on the whole line."""
    return [quantity for _, quantity in sorted({(row.lot, row.quantity) for row in schedule})]


def test_two_shops_halve_the_lead_time() -> None:
    result = solve(two_shops(Lots(100)), iterations=2000)
    assert (result.objective, result.lower_bound, result.verified) == (5 * HOUR, 5 * HOUR, True)
    assert sizes(result.schedule) == [50, 50]
    assert {row.machine for row in result.schedule} == {"a", "b"}


def test_the_bound_knows_that_lots_are_faster() -> None:
    assert solve(two_shops(None), iterations=500).lower_bound == 10 * HOUR


def test_set_up_stays_whole_and_overhead_comes_on_top() -> None:
    """1 h of set-up each, 1 h more for the second lot: 1 + 5.5 h beside 2 + 4.5 h."""
    result = solve(two_shops(Lots(100, overhead_seconds=HOUR), setup=HOUR), iterations=4000)
    assert result.verified
    assert result.objective == pytest.approx(6.5 * HOUR, rel=0.02)


def test_too_much_overhead_keeps_the_line_as_one() -> None:
    result = solve(two_shops(Lots(100, overhead_seconds=10 * HOUR)), iterations=2000)
    assert (result.objective, sizes(result.schedule)) == (10 * HOUR, [0])


def test_the_least_lot_keeps_the_line_as_one() -> None:
    result = solve(two_shops(Lots(100, minimum=51)), iterations=2000)
    assert (result.objective, sizes(result.schedule)) == (10 * HOUR, [0])


@pytest.mark.parametrize(("fee", "objective", "lots"), [(700, 1700, 2), (900, 1800, 1)])
def test_money_decides(fee: int, objective: int, lots: int) -> None:
    """As one it is 4 h late for 800; two lots are in time for 1,000 and the fee."""
    result = solve(two_shops(Lots(100, overhead_cost=fee), objective="cost"), iterations=2000)
    assert (result.objective, len(sizes(result.schedule))) == (objective, lots)
    assert (result.cost.lateness, result.cost.production) == ((0, 1700) if lots == 2 else (800, 1000))


def test_a_whole_operation_waits_for_all_lots() -> None:
    problem = two_shops(Lots(100))
    pack = Operation("pack", (Mode("a", HOUR),), whole=True)
    line = replace(problem.jobs[0], operations=(*problem.jobs[0].operations, pack))
    result = solve(replace(problem, jobs=(line,)), iterations=2000)
    assert (result.objective, result.verified) == (6 * HOUR, True)
    assert [(row.operation, row.lot, row.quantity) for row in result.schedule] == [
        ("cut", 1, 50),
        ("cut", 2, 50),
        ("pack", 0, 0),
    ]


def test_one_firm_at_most() -> None:
    problem = two_shops(Lots(100))
    problem = replace(problem, jobs=(replace(problem.jobs[0], most_firms=1),))
    assert solve(problem, iterations=1000).objective == 10 * HOUR


def test_excluded_firms_get_no_lot() -> None:
    problem = two_shops(Lots(100))
    problem = replace(problem, jobs=(replace(problem.jobs[0], excluded=("bert",)),))
    assert {row.machine for row in solve(problem, iterations=1000).schedule} == {"a"}


@pytest.mark.parametrize("objective", ["cost", "makespan", "tardiness", "flow"])
@pytest.mark.parametrize("seed", range(6))
def test_random_shops_are_verified_and_never_worse(seed: int, objective: str) -> None:
    problem = with_lots(random_shop(seed, jobs=8, objective=objective), seed)
    result = solve(problem, iterations=3000, seed=seed)
    plain = replace(problem, jobs=tuple(replace(job, lots=None) for job in problem.jobs))
    alone = solve(plain, iterations=3000, seed=seed)
    assert result.verified
    assert result.lower_bound <= result.objective <= alone.objective
    assert result.objective == evaluate(problem, result.schedule).objective
    assert check(problem, Schedule.from_json(problem, result.schedule.to_json(problem))) == ()


def test_the_same_seed_gives_the_same_lots() -> None:
    problem = with_lots(random_shop(3, jobs=8, objective="tardiness"), 3)
    first, second = (solve(problem, iterations=2000, seed=5) for _ in range(2))
    assert first.schedule == second.schedule
    assert first.iterations == second.iterations


@pytest.fixture
def divided() -> tuple[Problem, Schedule]:
    """Two lots of 60 and 40 pieces through cut (a or b) and paint, then packed as one; by hand."""
    cut = Operation("cut", (Mode("a", 10 * HOUR, 1000, HOUR), Mode("b", 10 * HOUR, 1000, HOUR)))
    paint = Operation("paint", (Mode("c", 5 * HOUR, 500),))
    pack = Operation("pack", (Mode("c", HOUR),), whole=True)
    lots = Lots(100, 30, 3, overhead_seconds=900, overhead_cost=50)
    machines = tuple(Machine(name, "A") for name in "abc")
    problem = Problem(("A",), machines, (Job("line", (cut, paint, pack), lots=lots),), grid=900)
    rows = (
        Assignment("line", "cut", "a", 0, 7 * HOUR, lot=1, quantity=60),
        Assignment("line", "cut", "b", 0, 5 * HOUR + 900, lot=2, quantity=40),
        Assignment("line", "paint", "c", 8 * HOUR, 11 * HOUR, lot=1, quantity=60),
        Assignment("line", "paint", "c", 5 * HOUR + 900, 7 * HOUR + 1800, lot=2, quantity=40),
        Assignment("line", "pack", "c", 11 * HOUR, 12 * HOUR),
    )
    return problem, Schedule(rows)


def test_hand_made_lots_are_valid(divided: tuple[Problem, Schedule]) -> None:
    problem, schedule = divided
    assert check(problem, schedule) == ()
    value = evaluate(problem, schedule)
    assert (value.completion["line"], value.cost.production) == (12 * HOUR, 600 + 400 + 300 + 200 + 50)


def _row(rows: list[Assignment], index: int, **fields: object) -> list[Assignment]:
    return [replace(row, **fields) if i == index else row for i, row in enumerate(rows)]  # type: ignore[arg-type]


def _resized(rows: list[Assignment], lot: int, quantity: int) -> list[Assignment]:
    return [replace(row, quantity=quantity) if row.lot == lot else row for row in rows]


CORRUPTIONS = {
    "lot_sum": lambda rows: _resized(rows, 2, 41),
    "lot_min": lambda rows: _resized(_resized(rows, 2, 20), 1, 80),
    "lot_most": lambda rows: [
        *rows,
        *(replace(row, lot=n, quantity=30, start=n * 99 * HOUR) for n in (3, 4) for row in rows[:2]),
    ],
    "lot_chain": lambda rows: _row(rows, 2, quantity=61),
    "missing": lambda rows: [row for row in rows if (row.operation, row.lot) != ("paint", 2)],
    "duplicate": lambda rows: [*rows, replace(rows[0], start=40 * HOUR, end=47 * HOUR)],
    "work": lambda rows: _row(rows, 1, end=5 * HOUR),  # the overhead is left out
    "precedence": lambda rows: _row(rows, 4, start=7 * HOUR, end=8 * HOUR),  # packed before lot 1 is there
    "overlap": lambda rows: _row(rows, 2, start=7 * HOUR, end=10 * HOUR),
    "unknown": lambda rows: _row(rows, 0, lot=-1),
}


@pytest.mark.parametrize("code", CORRUPTIONS)
def test_corrupted_lots_are_found(divided: tuple[Problem, Schedule], code: str) -> None:
    problem, schedule = divided
    bad = Schedule(tuple(CORRUPTIONS[code](list(schedule))))
    assert code in {violation.code for violation in check(problem, bad)}


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: _row(rows, 4, lot=1, quantity=60),  # a whole operation in a lot
        lambda rows: _row(rows, 0, lot=0, quantity=0),  # one operation as one, the rest in lots
        lambda rows: _row(rows, 4, quantity=5),  # pieces without a lot
        lambda rows: [replace(row, lot=row.lot + 1) if row.lot else row for row in rows],  # lots 2 and 3
    ],
)
def test_broken_chains_of_lots_are_found(divided: tuple[Problem, Schedule], change: Any) -> None:
    problem, schedule = divided
    assert "lot_chain" in {v.code for v in check(problem, Schedule(tuple(change(list(schedule)))))}


def test_lots_of_a_line_that_may_not_be_divided(divided: tuple[Problem, Schedule]) -> None:
    problem, schedule = divided
    one = replace(problem, jobs=(replace(problem.jobs[0], lots=None),))
    assert "lot_most" in {violation.code for violation in check(one, schedule)}


def test_settled_lots_are_kept_and_judged(divided: tuple[Problem, Schedule]) -> None:
    problem, schedule = divided
    assert problem.jobs[0].lots is not None
    settled = settle(problem, {"line": (50, 50)})
    assert "lot_settled" in {violation.code for violation in check(settled, schedule)}
    result = solve(settled, iterations=500)
    assert (sizes(result.schedule), result.verified) == ([0, 50, 50], True)


@pytest.mark.parametrize("seed", range(20))
def test_random_corruption_of_lots_is_found(seed: int) -> None:
    """Another quantity, another number or a shorter time for one row of a lot never passes."""
    rng = random.Random(seed)
    problem = with_lots(random_shop(seed, jobs=4, objective="flow"), seed)
    problem = settle(
        problem, {job.id: even(job.lots, job.lots.highest) for job in problem.jobs if job.lots is not None}
    )
    rows = list(solve(problem, iterations=100).schedule)
    index = rng.choice([i for i, row in enumerate(rows) if row.lot])
    row = rows[index]
    for bad in (
        replace(row, quantity=row.quantity + rng.choice((-1, 1))),
        replace(row, lot=row.lot % 4 + 1),
        replace(row, lot=0, quantity=0),
        replace(row, end=row.end - 1),
    ):
        assert check(problem, Schedule((*rows[:index], bad, *rows[index + 1 :])))


def test_explain_names_the_lot(divided: tuple[Problem, Schedule]) -> None:
    reasons = explain(*divided, "line")
    work = [reason.params["operation"] for reason in reasons if reason.code == "processing"]
    assert work == ["cut/1", "paint/1", "pack"]
    assert reasons[-1].params["end"] == 12 * HOUR


def test_promise_takes_factors_of_the_operation(divided: tuple[Problem, Schedule]) -> None:
    problem, schedule = divided
    sure = {"*": Empirical((1.0,))}
    assert promise(problem, schedule, factors=sure, runs=20)["line"].p50 == 12 * HOUR
    slow = promise(problem, schedule, factors={**sure, ("line", "cut"): Empirical((2.0,))}, runs=20)
    assert slow["line"].p50 == 18 * HOUR  # lot 1 is cut until 14 h, painted until 17 h


def test_problem_with_lots_survives_json(divided: tuple[Problem, Schedule]) -> None:
    problem, schedule = divided
    fixed = tuple(
        Fixed(r.job, r.operation, r.machine, r.start, r.end, lot=r.lot, quantity=r.quantity)
        for r in schedule
        if r.operation == "cut"
    )
    problem = replace(settle(problem, {"line": (60, 40)}), fixed=fixed)
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem
    assert Schedule.from_json(problem, json.loads(json.dumps(schedule.to_json(problem)))) == schedule
    assert check(problem, schedule) == ()


@pytest.mark.parametrize(
    ("lots", "message"),
    [
        ({"quantity": 0}, "quantity must be at least 1"),
        ({}, "quantity is missing"),
        ({"quantity": 10, "min": 11}, "a lot has 11 pieces at least, the line only 10"),
        ({"quantity": 10, "most": 21}, "most must be at most 20"),
        ({"quantity": 10, "settled": [5, 4]}, "add up to 10"),
        ({"quantity": 10, "min": 3, "settled": [8, 2]}, "at least 3 pieces"),
        ({"quantity": 10, "overhead_cost": -1}, "must not be negative"),
        ({"quantity": 10, "pieces": 1}, "unknown property 'pieces'"),
    ],
)
def test_wrong_lots_are_named(lots: dict[str, Any], message: str) -> None:
    data = two_shops(Lots(100)).to_json()
    data["jobs"][0]["lots"] = lots
    with pytest.raises(ProblemError, match=message) as error:
        Problem.from_json(data)
    assert "job 'line' lots" in str(error.value)


def test_fixed_work_must_fit_the_settled_lots() -> None:
    problem = two_shops(Lots(100))
    row = Fixed("line", "cut", "a", 0, 5 * HOUR, lot=1, quantity=50)
    with pytest.raises(ProblemError, match="is lot 1 of 50 pieces, but its line is not divided there"):
        replace(problem, fixed=(row,))
    with pytest.raises(ProblemError, match="settled to run in lots of 60, 40"):
        replace(settle(problem, {"line": (60, 40)}), fixed=(row,))
    kept = solve(replace(settle(problem, {"line": (50, 50)}), fixed=(row,)), iterations=300)
    assert kept.verified
    assert row in [Fixed(**{n: getattr(r, n) for n in Assignment.__slots__}) for r in kept.schedule]


def test_batch_work_is_not_divided() -> None:
    problem = two_shops(Lots(100))
    oven = replace(problem.machines[0], batch=Batch(10))
    with pytest.raises(ProblemError, match="cannot run in lots: make the operation whole"):
        replace(problem, machines=(oven, problem.machines[1]))


def test_names_of_operations_leave_room_for_lots() -> None:
    with pytest.raises(ProblemError, match="must not have '/' in its name"):
        Job("line", (Operation("cut/1", (Mode("a", 1),)),), lots=Lots(10))


def test_a_replan_keeps_the_lots(divided: tuple[Problem, Schedule]) -> None:
    problem, schedule = divided
    down = replan(problem, schedule, HOUR, MachineDown("c", HOUR, 10 * HOUR))
    assert down
    for proposal in down:
        assert proposal.verified
        assert sizes(proposal.schedule) == [0, 60, 40]
    late = replan(problem, schedule, HOUR, Late("line", "cut/2", 9 * HOUR))
    assert {row.end for p in late for row in p.schedule if row.key == ("line", "cut/2")} == {9 * HOUR}
    lost = replan(problem, schedule, 8 * HOUR, Scrap("line", "cut/2"))
    assert all(p.verified and sizes(p.schedule) == [0, 60, 40] for p in lost)
    assert all(row.start >= 8 * HOUR for p in lost for row in p.schedule if row.lot == 2)
    with pytest.raises(UnknownObject, match="runs in lots: say which, such as 'cut/1'"):
        replan(problem, schedule, HOUR, Late("line", "cut", 9 * HOUR))


def test_remedies_keep_the_lots(divided: tuple[Problem, Schedule]) -> None:
    """With machine c closed from 8 to 20 h, opening it brings the line earlier, still in its lots."""
    problem, schedule = divided
    closed = replace(problem.machines[2], breaks=((8 * HOUR, 20 * HOUR),), organization="carl")
    problem = replace(problem, machines=(*problem.machines[:2], closed), objective="flow")
    rows = [
        replace(r, start=r.start + 12 * HOUR, end=r.end + 12 * HOUR) if r.start >= 8 * HOUR else r
        for r in schedule
    ]
    schedule = Schedule(tuple(rows))
    assert check(problem, schedule) == ()
    helping = [
        item for item in remedies(problem, schedule, "line", iterations=200) if item.kind == "overtime"
    ]
    assert helping
    assert all(item.earlier > 0 and item.proposal.verified for item in helping)
    assert all(sizes(item.proposal.schedule) == [0, 60, 40] for item in helping)


def test_the_search_stops_at_the_wanted_gap() -> None:
    problem = with_lots(random_shop(1, jobs=6, objective="flow"), 1)
    assert solve(problem, iterations=3000, gap=1.0).iterations == 0


def test_a_line_in_a_plan_in_force_is_not_divided_anew() -> None:
    problem = two_shops(Lots(100))
    plan = Assignment("line", "cut", "a", 0, 10 * HOUR)
    result = solve(replace(problem, reference=(plan,), move_cost=1), iterations=500)
    assert sizes(result.schedule) == [0]


def test_search_can_begin_with_lots(divided: tuple[Problem, Schedule]) -> None:
    problem, schedule = divided
    problem = replace(problem, objective="flow")
    result = solve(problem, iterations=0, start=schedule)
    assert result.objective == 12 * HOUR


def test_on_the_command_line(divided: tuple[Problem, Schedule], tmp_path: Path) -> None:
    problem, _ = divided
    file, out, event = (tmp_path / name for name in ("p.json", "s.json", "e.json"))
    file.write_text(json.dumps(replace(problem, objective="flow").to_json()))

    def run(*words: str | Path) -> str:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == 0, result.output
        return result.output

    report = json.loads(run("solve", file, "--iterations", "2000", "--json", "--out", out))
    assert report["verified"]
    assert report["objective"] <= 12.25 * HOUR  # two equal lots; as one it takes 17 h
    rows = json.loads(out.read_text())["assignments"]
    assert sum(row["quantity"] for row in rows if row["operation"] == 0) == 100
    assert run("check", file, out).strip() == "valid"
    assert "operation cut/" in run("explain", file, out, "line")
    event.write_text(json.dumps({"kind": "machine_down", "now": 0, "machine": "c", "start": 0, "end": 7200}))
    assert json.loads(run("replan", file, out, event, "--json"))["proposals"][0]["verified"]


def test_a_network_with_lots_gains_by_them() -> None:
    """Three lines on twelve machines: the longest one alone takes longer as one than all of them in lots."""
    problem = generate(Network(3, 12, 2, seed=1, lots=True, objective="makespan"))
    one = replace(problem, jobs=tuple(replace(job, lots=None) for job in problem.jobs))
    result = solve(problem, iterations=4000)
    assert result.verified
    assert result.objective < solve(one, iterations=4000).lower_bound
