"""Made-up networks of workshops for trials and benchmarks, the same for the same seed."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gonghe.engines.model.planning import (
    Interval,
    Job,
    Lag,
    Lots,
    Machine,
    Matrix,
    Mode,
    Objective,
    Operation,
    Problem,
    Resource,
)

DAY = 86_400
MINUTE = 60
FAMILIES = ("A", "B", "C", "D")
ALTERNATIVES = 3
STEPS = (7, 13)  # operations of a job, from and to
WORK = (30, 150)  # minutes
SIDE = 100  # km; a truck takes a minute a km
STAFFED = 0.8  # people per machine
GAUGED = 0.2  # part of the operations that need a gauge
FARE = 50  # minor units a km
PIECES = (50, 100, 200, 400, 800)
LOT_SETUP, LOT_FEE = 10 * MINUTE, 2000  # of every operation, and of every lot after the first


@dataclass(frozen=True, slots=True)
class Network:
    """Size and kind of a network: about ten operations a job, three machines for each, sites on a plane."""

    jobs: int
    machines: int
    sites: int
    seed: int = 0
    breaks: bool = False
    setups: bool = False
    assembly: bool = False
    lags: bool = False
    people: bool = False
    lots: bool = False
    objective: Objective = "tardiness"


def generate(network: Network) -> Problem:
    """A random problem. Due dates leave each job 1.3 to 2.6 times its bare work."""
    rng = random.Random(network.seed)  # noqa: S311 - trial data, no secret
    places = tuple(f"s{i}" for i in range(network.sites))
    points = [(rng.random() * SIDE, rng.random() * SIDE) for _ in places]
    ways = tuple(tuple(round(math.dist(a, b)) for b in points) for a in points)
    load = sum(STEPS) / 2 * sum(WORK) / 2 * MINUTE * network.jobs / network.machines
    nights = _nights(rng, load) if network.breaks else [()]
    setups = [_setups(rng) if network.setups else {} for _ in range(network.machines)]
    machines = tuple(
        Machine(
            f"m{i}",
            places[i % network.sites],
            breaks=nights[i % len(nights)],
            organization=f"firm{i % network.sites}",
            setups=setups[i],
            setup_costs=_setup_costs(setups[i]),
        )
        for i in range(network.machines)
    )
    jobs = tuple(_job(f"j{i}", network, load, rng) for i in range(network.jobs))
    if network.lots:
        jobs = tuple(_in_lots(job, random.Random(f"{network.seed} {job.id}")) for job in jobs)  # noqa: S311
    times: Matrix = tuple(tuple(km * MINUTE for km in row) for row in ways)
    fares: Matrix = tuple(tuple(km * FARE for km in row) for row in ways)
    resources = _resources(network, nights, rng) if network.people else ()
    return Problem(places, machines, jobs, times, fares, objective=network.objective, resources=resources)


def _skill(network: Network, machine: int) -> str:
    """Every other machine of a site asks for the other of its two skills."""
    return f"s{machine % network.sites}-{'mill' if machine // network.sites % 2 else 'turn'}"


def _resources(
    network: Network, nights: Sequence[tuple[Interval, ...]], rng: random.Random
) -> tuple[Resource, ...]:
    """Fewer people than machines at a site, some with both skills, and gauges for all sites."""
    found = []
    for site in range(network.sites):
        machines = range(site, network.machines, network.sites)
        skills = sorted({_skill(network, machine) for machine in machines})
        for number in range(max(len(skills), round(len(machines) * STAFFED))):
            both = number % 2 == 1 and rng.random() < STAFFED
            known = tuple(skills) if both else (skills[number % len(skills)],)
            found.append(Resource(f"s{site}-p{number}", 1, nights[site % len(nights)], known))
    return (*found, Resource("gauge", max(1, network.machines // 10)))


def _nights(rng: random.Random, load: float) -> list[tuple[Interval, ...]]:
    """Four shift patterns of 16 open hours a day, long enough for all work."""
    days = int(4 * load / DAY) + 20
    starts = [rng.randint(14, 22) * 3600 for _ in range(4)]
    return [tuple((day * DAY + at, day * DAY + at + 8 * 3600) for day in range(days)) for at in starts]


def _setups(rng: random.Random) -> dict[str, dict[str, int]]:
    return {
        before: {after: rng.randint(5, 40) * MINUTE for after in FAMILIES if after != before}
        for before in FAMILIES
    }


def _setup_costs(setups: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """A currency unit for every minute."""
    return {a: {b: seconds // MINUTE * 100 for b, seconds in row.items()} for a, row in setups.items()}


def _job(name: str, network: Network, load: float, rng: random.Random) -> Job:
    steps = rng.randint(*STEPS)
    operations: list[Operation] = []
    bare = 0
    family = rng.choice(FAMILIES) if network.setups else ""
    for step in range(steps):
        base = rng.randint(*WORK)
        chosen = rng.sample(range(network.machines), min(ALTERNATIVES, network.machines))
        modes = tuple(
            Mode(
                f"m{machine}",
                max(1, round(base * rng.uniform(0.8, 1.2))) * MINUTE,
                cost=round(base * rng.uniform(50, 150)),
                needs={_skill(network, machine): 1} if network.people else {},
            )
            for machine in chosen
        )
        after = _after(step, steps) if network.assembly else None
        before = (f"o{step - 1}",) if after is None and step else after or ()
        lags = _lags(before, rng) if network.lags else {}
        gauge = {"gauge": 1} if network.people and rng.random() < GAUGED else {}
        operations.append(
            Operation(
                f"o{step}", modes, after, resumable=network.breaks, family=family, lags=lags, needs=gauge
            )
        )
        bare += base * MINUTE
    release = round(rng.uniform(0, load / 2))
    return Job(
        name,
        tuple(operations),
        release=release,
        due=release + round(bare * 1.3 * rng.uniform(1, 2)),
        weight=rng.choice((1, 1, 2, 4)),
        lateness_cost_per_hour=rng.choice((500, 1000, 3000)),
    )


def _in_lots(job: Job, rng: random.Random) -> Job:
    """Up to four lots of an eighth of the pieces at least, with a set-up and an overhead for each."""
    quantity = rng.choice(PIECES)
    lots = Lots(quantity, quantity // 8, 4, LOT_SETUP, LOT_FEE)
    steps = tuple(
        replace(step, modes=tuple(replace(mode, setup=LOT_SETUP) for mode in step.modes))
        for step in job.operations
    )
    return replace(job, operations=steps, lots=lots)


def _lags(before: tuple[str, ...], rng: random.Random) -> dict[str, Lag]:
    """One of three operations rests for up to an hour, one of three is followed within 4 to 12 hours."""
    lags = {}
    for name in before:
        kind = rng.randrange(3)
        if kind == 0:
            lags[name] = Lag(rng.randint(10, 60) * MINUTE)
        elif kind == 1:
            lags[name] = Lag(0, rng.randint(4, 12) * 3600)
    return lags


def _after(step: int, steps: int) -> tuple[str, ...]:
    """Two branches of equal length that meet in the last third of the job."""
    meet = steps * 2 // 3
    if step < 2:
        return ()
    if step < meet:
        return (f"o{step - 2}",)
    if step == meet:
        return (f"o{step - 1}", f"o{step - 2}")
    return (f"o{step - 1}",)
