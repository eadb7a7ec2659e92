"""What finished work teaches: a workshop's own factor on estimated times, per process and family of part.

The real over the estimated time of a job is lognormal; its logarithm x has the spread s of the process. How a
workshop differs from the tables is itself a draw with spread tau about 0, so that with n jobs of mean x the
best estimate is the shrunk one

    theta = z x,   z = n / (n + s^2 / tau^2),

few jobs move it little, many a lot (Buehlmann's credibility, 1967; Efron and Morris, Data analysis using
Stein's estimator, JASA 70, 1975). A family of parts shrinks towards its process in the same way. The spread
of later jobs is that of the residuals, shrunk to the tables' by a scaled inverse chi-square prior of `PRIOR`
jobs (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gonghe.engines.model.parts import Range

PROCESS_TAU = 0.25
"""Spread of workshops about the tables, as a standard deviation of the logarithm: about a quarter."""

FAMILY_TAU = 0.15
"""Spread of families of parts about their process in one workshop."""

PRIOR = 8.0
"""Jobs that the tables' spread is worth."""

FURTHEST = math.log(4.0)
"""Jobs further off than fourfold are counted as fourfold: someone forgot to press a button."""

Z90 = 1.2815515655446004
"""90 % point of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Actual:
    """A finished job: its process, the family of its part ("" where unknown), estimated and real seconds."""

    process: str
    family: str
    estimated_s: int
    actual_s: int

    def __post_init__(self) -> None:
        if self.estimated_s <= 0 or self.actual_s < 0:
            raise ValueError(
                f"a finished job needs a positive estimate, got {self.estimated_s} s and {self.actual_s} s"
            )

    @property
    def log_ratio(self) -> float:
        """Logarithm of real over estimated time, within `FURTHEST`."""
        return max(-FURTHEST, min(FURTHEST, math.log(max(self.actual_s, 1) / self.estimated_s)))


@dataclass(frozen=True, slots=True)
class Factor:
    """What to multiply estimated times by, the spread that remains, and how many jobs tell so."""

    factor: float
    spread: float
    jobs: int

    def range_s(self, estimated_s: int) -> Range:
        """P10, P50 and P90 of the real time of one job, s."""
        middle = self.factor * estimated_s
        reach = math.exp(Z90 * self.spread)
        return Range(round(middle / reach), round(middle), round(middle * reach))


@dataclass(frozen=True, slots=True)
class Experience:
    """The factors of one workshop, by process and by process and family; without any jobs there are none."""

    processes: Mapping[str, Factor] = field(default_factory=dict)
    families: Mapping[tuple[str, str], Factor] = field(default_factory=dict)

    def factor(self, process: str, family: str, spread: float) -> Factor:
        """The family's own, else the process's, else 1 with the tables' spread."""
        found = self.families.get((process, family)) or self.processes.get(process)
        return found or Factor(1.0, spread, 0)


NOTHING = Experience()
"""Of a workshop that has finished nothing yet."""


def learn(actuals: Iterable[Actual], spreads: Mapping[str, float]) -> Experience:
    """Factors from finished jobs.

    Parameters
    ----------
    actuals : iterable of Actual
        Finished jobs of one workshop, in any order.
    spreads : mapping of str to float
        The tables' spread of each process that occurs.
    """
    by_process: dict[str, list[Actual]] = {}
    for actual in actuals:
        by_process.setdefault(actual.process, []).append(actual)
    processes, families = {}, {}
    for process, jobs in sorted(by_process.items()):
        spread = spreads[process]
        whole = _shrunk([job.log_ratio for job in jobs], 0.0, PROCESS_TAU, spread)
        processes[process] = whole
        for family in sorted({job.family for job in jobs if job.family}):
            own = [job.log_ratio for job in jobs if job.family == family]
            families[process, family] = _shrunk(own, math.log(whole.factor), FAMILY_TAU, spread)
    return Experience(processes, families)


def _shrunk(ratios: Sequence[float], centre: float, tau: float, spread: float) -> Factor:
    """Mean of log ratios drawn towards `centre`, and the spread drawn towards that of the tables."""
    count = len(ratios)
    weight = count / (count + (spread / tau) ** 2)
    theta = centre + weight * (sum(ratios) / count - centre)
    left = sum((ratio - theta) ** 2 for ratio in ratios)
    return Factor(math.exp(theta), math.sqrt((PRIOR * spread**2 + left) / (PRIOR + count)), count)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of the jobs finished, how many took at least P10 and at most P90 of what was estimated before them."""

    jobs: int
    inside: int
    below: int
    above: int

    @property
    def share(self) -> float | None:
        """Share inside the range; 0.8 is what the range says. None without jobs."""
        return self.inside / self.jobs if self.jobs else None


def calibration(told: Iterable[tuple[int, int, int]]) -> Calibration:
    """Count jobs by their range and real time: triples of P10, P90 and real seconds."""
    listed = list(told)
    below = sum(actual < low for low, _, actual in listed)
    above = sum(actual > high for _, high, actual in listed)
    return Calibration(len(listed), len(listed) - below - above, below, above)
