"""Small shops of every family of rules, made from random ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from tests.engines.planning.shops import HOUR, random_shop

from gonghe.engines.model.planning import (
    Assignment,
    Fixed,
    Lag,
    Machine,
    Mode,
    Operation,
    Problem,
    Resource,
    ShareCap,
)
from gonghe.engines.planning import solve

Change = Callable[[Problem, random.Random], Problem]


def each_step(problem: Problem, change: Callable[[Operation], Operation]) -> Problem:
    """The problem with every operation changed."""
    jobs = (replace(job, operations=tuple(change(step) for step in job.operations)) for job in problem.jobs)
    return replace(problem, jobs=tuple(jobs))


def each_mode(problem: Problem, change: Callable[[Mode], Mode]) -> Problem:
    """The problem with every mode changed."""
    return each_step(problem, lambda step: replace(step, modes=tuple(change(mode) for mode in step.modes)))


def each_machine(problem: Problem, change: Callable[[Machine], Machine]) -> Problem:
    """The problem with every machine changed."""
    return replace(problem, machines=tuple(change(machine) for machine in problem.machines))


def _setups(problem: Problem, rng: random.Random) -> Problem:
    times = {"a": {"b": 40 * 60, "c": HOUR}, "b": {"a": 1800, "c": 600}, "c": {"a": 2 * HOUR}}
    fees = {"a": {"b": 900, "c": 100}, "b": {"a": 2500}, "c": {"b": 300}}
    shop = each_step(problem, lambda step: replace(step, family=rng.choice("abc")))
    return each_machine(shop, lambda m: replace(m, setups=times, setup_costs=fees, state="a"))


def _lags(problem: Problem, rng: random.Random) -> Problem:
    jobs = []
    for job in problem.jobs:
        steps = [job.operations[0]]
        for before, step in zip(job.operations, job.operations[1:], strict=False):
            least = rng.randint(0, 2) * 1800
            most = rng.choice([None, least + rng.randint(4, 12) * HOUR])
            steps.append(replace(step, lags={before.id: Lag(least, most)}))
        jobs.append(replace(job, operations=tuple(steps)))
    return replace(problem, jobs=tuple(jobs))


def _people(problem: Problem, rng: random.Random) -> Problem:
    away = tuple((day * 86400 + 12 * HOUR, day * 86400 + 20 * HOUR) for day in range(20))
    people = (Resource("w", 1, skills=("weld",)), Resource("al", 1, away, ("weld",)), Resource("jig", 1))
    needs = ({}, {"weld": 1}, {"jig": 1}, {"weld": 1, "jig": 1})
    shop = replace(problem, resources=people)
    return each_mode(shop, lambda mode: replace(mode, needs=rng.choice(needs)))


def _capacity(problem: Problem, rng: random.Random) -> Problem:
    return each_machine(problem, lambda m: replace(m, capacity=rng.randint(1, 2)))


def _reserved(problem: Problem, rng: random.Random) -> Problem:
    def taken() -> tuple[tuple[int, int], ...]:
        starts = sorted(rng.sample(range(0, 60, 4), 4))
        return tuple((hour * HOUR, (hour + rng.randint(1, 3)) * HOUR) for hour in starts)

    return each_machine(problem, lambda m: replace(m, reserved=taken()))


def _windows(problem: Problem, rng: random.Random) -> Problem:
    return each_mode(
        problem,
        lambda mode: replace(mode, earliest=rng.choice([None, rng.randint(0, 20) * HOUR]), latest=20 * 86400),
    )


def _grid(problem: Problem, rng: random.Random) -> Problem:
    shop = each_mode(problem, lambda mode: replace(mode, duration=-(-mode.duration // 900) * 900))
    return replace(shop, grid=900)


def _limits(problem: Problem, rng: random.Random) -> Problem:
    jobs = tuple(replace(job, most_firms=2) for job in problem.jobs)
    cap = ShareCap("firm0", 700, rng.choice(["money", "work"]))
    return replace(problem, jobs=jobs, share_caps=(cap,))


def _fixed(problem: Problem, rng: random.Random) -> Problem:
    """The first third of some schedule is begun."""
    rows = sorted(solve(problem, iterations=5).schedule, key=lambda row: row.start)
    kept = rows[: len(rows) // 3]
    since = max((row.start for row in kept), default=0)
    fixed = tuple(Fixed(*row.key, row.machine, row.start, row.end, row.bid) for row in kept)
    return replace(problem, fixed=fixed, horizon_start=since)


def _reference(problem: Problem, rng: random.Random) -> Problem:
    rows = solve(replace(problem, objective="makespan"), iterations=5).schedule
    plan = tuple(Assignment(*row.key, row.machine, row.start, row.end, row.bid) for row in rows)
    return replace(problem, reference=plan, move_cost=rng.randint(1, 900), transfer_cost=rng.randint(1, 900))


def _assembly(problem: Problem, rng: random.Random) -> Problem:
    """Operations come after any of those before them: work splits and joins."""
    jobs = []
    for job in problem.jobs:
        names = [step.id for step in job.operations]
        steps = [
            replace(step, after=tuple(sorted(rng.sample(names[:n], min(n, rng.randint(0, 2))))))
            for n, step in enumerate(job.operations)
        ]
        jobs.append(replace(job, operations=tuple(steps)))
    return replace(problem, jobs=tuple(jobs))


FAMILIES: dict[str, Change] = {
    "plain": lambda problem, rng: problem,
    "setups": _setups,
    "lags": _lags,
    "people": _people,
    "capacity": _capacity,
    "reserved": _reserved,
    "windows": _windows,
    "grid": _grid,
    "limits": _limits,
    "fixed": _fixed,
    "reference": _reference,
    "assembly": _assembly,
}


def shop_of(family: str, seed: int, objective: str, jobs: int = 3, machines: int = 3) -> Problem:
    """A random shop with the rules of a family; `ProblemError` when they contradict each other."""
    shop = random_shop(seed, jobs=jobs, machines=machines, objective=objective, steps=3)
    return FAMILIES[family](shop, random.Random(seed))
