"""Many capabilities as columns of numbers, so that one requirement is compared with all of them at once.

The rules are those of `judge.match`, which stays the one that words what fails; here only how much fails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gonghe.engines.matching.judge import AXES
from gonghe.engines.matching.taxonomy import Taxonomy
from gonghe.engines.model.matching import Capability, Constraint, Requirement, Value

Rows = NDArray[np.int64]
Numbers = NDArray[np.float64]
NONE: Rows = np.zeros(0, np.int64)


class Columns:
    """Limits of many capabilities, a column for each property; not changed after building.

    Parameters
    ----------
    capabilities : sequence of Capability
        Row i of every column is capability i. Limits are of the sort of their property.
    taxonomy : Taxonomy

    Raises
    ------
    UnknownProcess
        If a capability names a process that the taxonomy does not hold.
    """

    def __init__(self, capabilities: Sequence[Capability], taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._count = len(capabilities)
        self._processes = sorted({one.process for one in capabilities})
        self._usual = [taxonomy.defaults(code) for code in self._processes]
        place = {code: at for at, code in enumerate(self._processes)}
        self._process = np.array([place[one.process] for one in capabilities], np.int64)
        self._covers = np.array([one.covers_children for one in capabilities], bool)
        self._rows: dict[str, Rows] = {}
        self._words: dict[str, dict[str, Rows]] = {}
        self._limits: dict[str, tuple[Numbers, Numbers]] = {}
        self._fill(capabilities)

    def fitting(self, process: str) -> Rows:
        """Rows whose process serves a requirement for `process`, in ascending order."""
        below = self._taxonomy.satisfying(process)
        above = set(self._taxonomy.ancestors(process))
        serves = np.array([code in below for code in self._processes], bool)
        leads = np.array([code in above for code in self._processes], bool)
        return np.flatnonzero(serves[self._process] | (self._covers & leads[self._process]))

    def judge(self, requirement: Requirement, rows: Rows) -> tuple[Rows, Numbers]:
        """Compare a requirement with rows of a fitting process.

        Parameters
        ----------
        requirement : Requirement
        rows : array of int, shape (n,)
            From `fitting`, or some of them.

        Returns
        -------
        misses : array of int, shape (n,)
            How many properties fail.
        distance : array of float, shape (n,)
            Sum of the relative gaps, as `Match.distance`.

        Raises
        ------
        UnknownProcess, UnknownProperty, InvalidMatchingData
            If the requirement makes no sense.
        """
        self._taxonomy.check(requirement)
        misses, distance = np.zeros(len(rows), np.int64), np.zeros(len(rows))
        turned = self._turned(requirement, rows)
        for code, wanted in requirement.properties.items():
            if isinstance(wanted, int | float):
                sizes = turned.get(code)
                gaps = self._gaps(code, np.full(len(rows), float(wanted)) if sizes is None else sizes, rows)
            else:
                gaps = self._lacking(code, (wanted,) if isinstance(wanted, str) else wanted, rows)
            misses += gaps > 0
            distance += gaps
        return misses, distance

    def _fill(self, capabilities: Sequence[Capability]) -> None:
        stated: dict[str, list[tuple[int, Constraint]]] = defaultdict(list)
        for row, one in enumerate(capabilities):
            for code, limit in one.constraints.items():
                stated[code].append((row, limit))
        for code, limits in stated.items():
            self._rows[code] = np.array([row for row, _limit in limits], np.int64)
            postings: dict[str, list[int]] = defaultdict(list)
            for row, limit in limits:
                for word in limit.set or ():
                    postings[word].append(row)
            self._words[code] = {word: np.array(having, np.int64) for word, having in postings.items()}
            self._limits[code] = self._bounds(limits)

    def _bounds(self, limits: Sequence[tuple[int, Constraint]]) -> tuple[Numbers, Numbers]:
        """Lowest and highest value of each row; not a number where a row states nothing."""
        low, high = np.full(self._count, np.nan), np.full(self._count, np.nan)
        rows = [row for row, _limit in limits]
        low[rows] = [-np.inf if limit.min is None else limit.min for _row, limit in limits]
        high[rows] = [np.inf if limit.max is None else limit.max for _row, limit in limits]
        return low, high

    def _stated(self, code: str, rows: Rows) -> tuple[Numbers, Numbers]:
        if code not in self._limits:
            nothing = np.full(len(rows), np.nan)
            return nothing, nothing
        low, high = self._limits[code]
        return low[rows], high[rows]

    def _turned(self, requirement: Requirement, rows: Rows) -> dict[str, Numbers]:
        """Sides of a part, laid largest to largest into the work space that each row states."""
        axes = [axis for axis in AXES if axis in requirement.properties]
        if len(axes) < 2:
            return {}
        highest = np.stack([self._stated(axis, rows)[1] for axis in axes], 1)
        rooms = np.where(np.isnan(highest), np.inf, highest)
        order = np.argsort(-rooms, axis=1, kind="stable")
        sides = sorted((_size(requirement.properties[axis]) for axis in axes), reverse=True)
        laid = np.empty_like(rooms)
        np.put_along_axis(laid, order, np.broadcast_to(np.array(sides), rooms.shape), 1)
        return {axis: laid[:, at] for at, axis in enumerate(axes)}

    def _gaps(self, code: str, wanted: Numbers, rows: Rows) -> Numbers:
        """Relative gap to the limit that breaks; 0 where none does."""
        low, high = self._stated(code, rows)
        silent = np.isnan(low)
        usual = [limits.get(code) for limits in self._usual]
        least = np.array([-np.inf if one is None or one.min is None else one.min for one in usual])
        most = np.array([np.inf if one is None or one.max is None else one.max for one in usual])
        process = self._process[rows]
        low = np.where(silent, least[process], low)
        high = np.where(silent, most[process], high)
        gaps = np.zeros(len(rows))
        over, under = wanted > high, (wanted <= high) & (wanted < low)
        for broken, limit in ((over, high), (under, low)):
            value, bound = wanted[broken], limit[broken]
            gaps[broken] = np.abs(value - bound) / np.maximum(np.abs(value), np.abs(bound))
        return gaps

    def _lacking(self, code: str, words: tuple[str, ...], rows: Rows) -> Numbers:
        """How many of the words are not on offer."""
        must_state = self._taxonomy.property(code).must_state
        usual = np.array([_absent(words, limits.get(code), must_state) for limits in self._usual], float)
        lacking = usual[self._process]
        lacking[self._rows.get(code, NONE)] = len(words)
        for word in words:
            lacking[self._words.get(code, {}).get(word, NONE)] -= 1
        return lacking[rows]


def _absent(words: tuple[str, ...], limit: Constraint | None, must_state: bool) -> int:
    if limit is None or limit.set is None:
        return len(words) if must_state else 0
    return sum(word not in limit.set for word in words)


def _size(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)
