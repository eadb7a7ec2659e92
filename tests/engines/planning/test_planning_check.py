"""The checker accepts what the solver makes and rejects every kind of corruption."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.engines.planning.shops import HOUR, chain, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Job,
    Machine,
    Mode,
    Operation,
    Problem,
    Schedule,
)
from gonghe.engines.planning import check, solve


@pytest.fixture
def rich() -> Problem:
    """Every family of rules: calendar, reservation, windows, transport, set-ups, oven, fixed."""
    oven = Machine("oven", "A", capacity=2)
    saw = Machine(
        "saw",
        "A",
        breaks=((4 * HOUR, 6 * HOUR),),
        reserved=((20 * HOUR, 22 * HOUR),),
        setups={"x": {"y": HOUR}, "y": {"x": HOUR}},
        state="x",
    )
    mill = Machine("mill", "B", breaks=((8 * HOUR, 16 * HOUR),))
    jobs = (
        Job(
            "j",
            (
                Operation("cut", (Mode("saw", 3 * HOUR),), family="x"),
                Operation(
                    "mill",
                    (Mode("mill", 2 * HOUR, bid="b1", earliest=5 * HOUR, latest=30 * HOUR),),
                    resumable=True,
                ),
                Operation("bake", (Mode("oven", HOUR),)),
            ),
            release=HOUR,
            source="B",
        ),
        Job("k", (Operation("cut", (Mode("saw", 2 * HOUR),), family="y"),)),
        *(chain(f"o{i}", ("oven", 2 * HOUR)) for i in range(2)),
        Job("f", (Operation("run", (Mode("mill", HOUR),)),)),
    )
    way = ((0, 2 * HOUR), (2 * HOUR, 0))
    return Problem(
        ("A", "B"), (oven, saw, mill), jobs, way, fixed=(Fixed("f", "run", "mill", 0, HOUR),), grid=900
    )


@pytest.fixture
def good(rich: Problem) -> Schedule:
    """By hand. The saw: k needs a set-up x to y (0-1 h), j one back to x after 4-6 h is closed."""
    rows = (
        Assignment("k", "cut", "saw", 1 * HOUR, 3 * HOUR),
        Assignment("j", "cut", "saw", 6 * HOUR, 9 * HOUR),
        Assignment("j", "mill", "mill", 16 * HOUR, 18 * HOUR, "b1"),
        Assignment("j", "bake", "oven", 20 * HOUR, 21 * HOUR),
        Assignment("o0", "o0", "oven", 0, 2 * HOUR),
        Assignment("o1", "o0", "oven", 0, 2 * HOUR),
        Assignment("f", "run", "mill", 0, HOUR),
    )
    return Schedule(rows)


def test_good_schedule_is_valid(rich: Problem, good: Schedule) -> None:
    assert check(rich, good) == ()
    assert solve(rich, iterations=200).verified


CORRUPTIONS = {
    "missing": lambda rows: rows[1:],
    "duplicate": lambda rows: [*rows, rows[0]],
    "unknown": lambda rows: [*rows, Assignment("nobody", "o", "saw", 0, 1)],
    "no_mode": lambda rows: _with(rows, 0, machine="oven"),
    "work": lambda rows: _with(rows, 0, end=4 * HOUR),
    "closed": lambda rows: _with(rows, 1, start=2 * HOUR, end=5 * HOUR),
    "window": lambda rows: _with(rows, 2, start=30 * HOUR, end=32 * HOUR),
    "grid": lambda rows: _with(rows, 3, start=20 * HOUR + 1, end=21 * HOUR + 1),
    "release": lambda rows: _with(rows, 1, start=0, end=3 * HOUR),
    "precedence": lambda rows: _with(rows, 3, start=19 * HOUR, end=20 * HOUR),
    "overlap": lambda rows: _with(rows, 3, start=HOUR, end=2 * HOUR),
    "reserved": lambda rows: _with(rows, 1, start=18 * HOUR, end=21 * HOUR),
    "setup": lambda rows: _with(rows, 0, start=0, end=2 * HOUR),
    "fixed": lambda rows: _with(rows, 6, start=HOUR, end=2 * HOUR),
}


def _with(rows: list[Assignment], index: int, **fields: object) -> list[Assignment]:
    changed = list(rows)
    changed[index] = replace(rows[index], **fields)  # type: ignore[arg-type]
    return changed


@pytest.mark.parametrize("code", CORRUPTIONS)
def test_corruption_is_found(rich: Problem, good: Schedule, code: str) -> None:
    bad = Schedule(tuple(CORRUPTIONS[code](list(good.assignments))))
    assert code in {violation.code for violation in check(rich, bad)}


def test_resumable_work_may_not_start_or_end_in_a_break() -> None:
    machine = Machine("m", "A", breaks=((2 * HOUR, 4 * HOUR),))
    work = Operation("o", (Mode("m", 3 * HOUR),), resumable=True)
    problem = Problem(("A",), (machine,), (Job("j", (work,)),))

    def codes(start: int, end: int) -> set[str]:
        return {v.code for v in check(problem, Schedule((Assignment("j", "o", "m", start, end),)))}

    assert codes(0, 5 * HOUR) == set()
    assert codes(0, 3 * HOUR) == {"work", "closed"}
    assert codes(3 * HOUR, 7 * HOUR) == {"closed"}
    assert codes(0, 6 * HOUR) == {"work"}


@pytest.mark.parametrize("seed", range(20))
def test_random_corruption_is_found(seed: int) -> None:
    """Moving one operation onto another of its machine, or ahead of its predecessor, never passes."""
    problem = random_shop(seed, jobs=8)
    rows = list(solve(problem, iterations=200, seed=seed).schedule.assignments)
    pairs = [
        (i, k) for i, a in enumerate(rows) for k, b in enumerate(rows) if i != k and a.machine == b.machine
    ]
    first, second = pairs[seed % len(pairs)]
    shifted = replace(
        rows[first], start=rows[second].start, end=rows[second].start + rows[first].end - rows[first].start
    )
    rows[first] = shifted
    assert check(problem, Schedule(tuple(rows)))
