"""From finished work to the factors that a promise draws from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gonghe.engines.planning.answers.promise import DEFAULT, Blend, Empirical, Factor, Factors

WEIGHT = 10  # the distribution of all groups counts as much as this many operations of a group's own

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished operation.

    Parameters
    ----------
    group
        What its factor is kept by: a machine, or a process of a firm.
    estimated, real
        Seconds, both positive.
    """

    group: str
    estimated: float
    real: float

    def __post_init__(self) -> None:
        if not (0 < self.estimated < float("inf") and 0 < self.real < float("inf")):
            raise ValueError(
                f"finished work of {self.group!r}: estimated and real seconds must be positive numbers, "
                f"got {self.estimated} and {self.real}"
            )


@dataclass(frozen=True, slots=True)
class Scaled:
    """Drawn from `factor`, times `by`."""

    factor: Factor
    by: float

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        return self.by * self.factor.draw(random, size)


@dataclass(frozen=True, slots=True)
class Spread:
    """How real durations lie around estimates.

    Parameters
    ----------
    residual
        Real over estimated duration of a usual estimate, by group and under `"*"` for groups without
        history.
    usual
        Middle estimate of a group in seconds.
    slope
        Real durations of a group grow with this power of the estimate (1: estimates tell long from short
        work rightly; 0: they say nothing beyond what is usual in the group).
    """

    residual: Mapping[str, Factor]
    usual: Mapping[str, float]
    slope: float

    def factors(self, work: Mapping[tuple[str, str], tuple[str, float]]) -> Factors:
        """Factors for `promise`, by operation, from the group and estimated seconds of each."""
        return {key: self._factor(group, estimated) for key, (group, estimated) in work.items()}

    def _factor(self, group: str, estimated: float) -> Factor:
        factor = self.residual.get(group, self.residual["*"])
        usual = self.usual.get(group)
        if usual is None or estimated <= 0:
            return factor
        return Scaled(factor, (estimated / usual) ** (self.slope - 1))


def spread_of(history: Iterable[Finished], default: Factor = DEFAULT) -> Spread:
    """What finished work tells of durations to come, `default` where there is none.

    log(real / usual) = slope x log(estimated / usual) + what differs from operation to operation. The slope
    is that of all groups together (least squares within groups, from 0 to 1): where estimates tell little,
    long ones promise too much and short ones too little. The rest is kept as it was measured, and that of a
    group is mixed with that of all groups: n of its own weigh n against `WEIGHT`. Operations of an order are
    drawn independently of each other.
    """
    rows = list(history)
    if not rows:
        return Spread({"*": default}, {}, 1.0)
    by_group: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_group[row.group].append(number)
    estimated = np.log([row.estimated for row in rows])
    ratio = np.log([row.real / row.estimated for row in rows])
    usual = np.empty(len(rows))
    for numbers in by_group.values():
        usual[numbers] = estimated[numbers].mean()
    away = estimated - usual
    slope = _slope(away, ratio + away, list(by_group.values()))
    ratio -= (slope - 1) * away
    everything = learned(np.exp(ratio).tolist(), default)
    residual: dict[str, Factor] = {"*": everything}
    for group, numbers in by_group.items():
        residual[group] = learned(np.exp(ratio[numbers]).tolist(), everything)
    centers = {group: float(np.exp(usual[numbers[0]])) for group, numbers in by_group.items()}
    return Spread(residual, centers, slope)


def learned(ratios: Sequence[float], default: Factor = DEFAULT) -> Factor:
    """Factor from measured real / estimated ratios alone: n of them weigh n against `WEIGHT` of `default`."""
    if not ratios:
        return default
    return Blend(Empirical(tuple(float(ratio) for ratio in ratios)), default, _share(len(ratios)))


def _slope(away: Floats, real: Floats, groups: list[list[int]]) -> float:
    """Least squares of `real` on `away` within groups, from 0 to 1; 1 where nothing can be told."""
    above = sum(float(away[numbers] @ (real[numbers] - real[numbers].mean())) for numbers in groups)
    below = float(away @ away)
    return min(1.0, max(0.0, above / below)) if below > 0 else 1.0


def _share(count: int) -> float:
    return count / (count + WEIGHT)
