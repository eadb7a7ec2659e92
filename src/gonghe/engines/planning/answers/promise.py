"""Dates with their confidence: the plan is played through with drawn durations, right-shifted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gonghe.engines.model.planning import Problem, Schedule
from gonghe.engines.planning.answers.repair import RightShift
from gonghe.engines.planning.compiled.compiled import Compiled, compile_problem
from gonghe.engines.planning.kernel.arrays import Ints
from gonghe.engines.planning.lots import as_planned

BINS = 20


class Factor(Protocol):
    """A distribution of real duration divided by planned duration."""

    def draw(self, random: np.random.Generator, size: int) -> NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Real over planned duration with a median and the standard deviation of its logarithm."""

    median: float = 1.0
    sigma: float = 0.2

    def draw(self, random: np.random.Generator, size: int) -> NDArray[np.float64]:
        return self.median * np.exp(self.sigma * random.standard_normal(size))


@dataclass(frozen=True, slots=True)
class Empirical:
    """Real over planned durations as they were measured, each as likely as it was seen."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values or not all(0 < value < float("inf") for value in self.values):
            raise ValueError("measured duration factors must be positive numbers, at least one")

    def draw(self, random: np.random.Generator, size: int) -> NDArray[np.float64]:
        return np.asarray(random.choice(np.array(self.values), size))


@dataclass(frozen=True, slots=True)
class Blend:
    """Drawn from `first` in `share` of the cases and from `second` otherwise."""

    first: Factor
    second: Factor
    share: float

    def draw(self, random: np.random.Generator, size: int) -> NDArray[np.float64]:
        chosen = random.random(size) < self.share
        return np.where(chosen, self.first.draw(random, size), self.second.draw(random, size))


Factors = Mapping[str | tuple[str, str], Factor]
DEFAULT = Lognormal()


@dataclass(frozen=True, slots=True)
class JobPromise:
    """When a job arrives: half of the runs by `p50`, nine of ten by `p90`.

    `on_time` is the share of runs that arrive by the due date; `histogram` holds (from, until,
    runs) of equal bins over all runs.
    """

    p50: int
    p90: int
    on_time: float
    histogram: tuple[tuple[int, int, int], ...]


def promise(
    problem: Problem, schedule: Schedule, *, factors: Factors | None = None, runs: int = 500, seed: int = 0
) -> dict[str, JobPromise]:
    """Simulate the schedule `runs` times and give every job its dates.

    Parameters
    ----------
    factors
        Distribution by (job id, operation id), by machine id, or under `"*"`, looked up in this order;
        without any, lognormal with median 1 and sigma 0.2. Fixed work takes exactly as long as it is fixed
        for.

    Returns
    -------
    dict
        By job id.
    """
    compiled = compile_problem(as_planned(problem, schedule))
    policy = RightShift(compiled, schedule)
    random = np.random.default_rng(seed)
    draws = _draws(compiled, schedule, policy, factors or {}, runs, random)
    arrivals = np.empty((runs, len(problem.jobs)), np.int64)
    for run in range(runs):
        _, end = policy.run(draws[run])
        arrivals[run] = policy.arrival(end)
    return {job.id: _summary(arrivals[:, number], job.due) for number, job in enumerate(problem.jobs)}


def _draws(
    compiled: Compiled,
    schedule: Schedule,
    policy: RightShift,
    factors: Factors,
    runs: int,
    random: np.random.Generator,
) -> Ints:
    """Seconds of work per run and operation, (runs, O)."""
    machine_of = {row.key: row.machine for row in schedule}
    draws = np.empty((runs, len(policy.work)), np.int64)
    fallback = factors.get("*", DEFAULT)
    for row, (job, index) in enumerate(compiled.operations):
        name = compiled.problem.jobs[job].id
        key = (name, compiled.problem.jobs[job].operations[index].id)
        operation = compiled.divided.parts.get(key, (key[1],))[0]
        factor = factors.get((name, operation)) or factors.get(machine_of[key]) or fallback
        draws[:, row] = np.rint(policy.work[row] * factor.draw(random, runs))
    return draws


def _summary(arrivals: Ints, due: int | None) -> JobPromise:
    p50, p90 = (int(value) for value in np.quantile(arrivals, [0.5, 0.9], method="higher"))
    counts, edges = np.histogram(arrivals, bins=BINS)
    bins = tuple(
        (int(edges[i]), int(edges[i + 1]), int(count)) for i, count in enumerate(counts) if count > 0
    )
    on_time = 1.0 if due is None else float(np.mean(arrivals <= due))
    return JobPromise(p50, p90, on_time, bins)
