"""Many capabilities as columns of numbers, so that one requirement is compared with all of them at once.

The rules are those of `judge.match`, which stays the one that words what fails; here only how much fails.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gonghe.engines.matching.judge import AXES
from gonghe.engines.matching.taxonomy import Taxonomy
from gonghe.engines.model.matching import Constraint, Requirement, Value

Rows = NDArray[np.int64]
Numbers = NDArray[np.float64]
Stated = tuple[str, bool, Mapping[str, Mapping[str, Any]]]
"""Process, whether it covers everything below, and limits by property in the form of `Constraint.to_json`."""

NONE: Rows = np.zeros(0, np.int64)


class Columns:
    """Limits of many capabilities, a column for each property; not changed after building.

    Parameters
    ----------
    stated : sequence of Stated
        Row i of every column is capability i. Limits are checked and of the sort of their property.
    taxonomy : Taxonomy

    Raises
    ------
    UnknownProcess
        If a capability names a process that the taxonomy does not hold.
    """

    def __init__(self, stated: Sequence[Stated], taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        place: dict[str, int] = {}
        numbers = [place.setdefault(process, len(place)) for process, _covers, _limits in stated]
        self._processes = list(place)
        self._usual = [taxonomy.defaults(code) for code in self._processes]
        self._process = np.array(numbers, np.int64)
        self._covers = np.array([covers for _process, covers, _limits in stated], bool)
        self._rows: dict[str, Rows] = {}
        self._words: dict[str, dict[str, Rows]] = {}
        self._limits: dict[str, tuple[Numbers, Numbers]] = {}
        self._fill(stated)

    def __len__(self) -> int:
        return len(self._process)

    def followed_by(self, more: Columns) -> Columns:
        """These rows and after them those of `more`."""
        joined = Columns((), more.taxonomy)
        joined._processes = list(dict.fromkeys((*self._processes, *more._processes)))
        joined._usual = [more.taxonomy.defaults(code) for code in joined._processes]
        number = np.array([joined._processes.index(code) for code in more._processes], np.int64)
        joined._process = np.concatenate([self._process, number[more._process]])
        joined._covers = np.concatenate([self._covers, more._covers])
        for code in {**self._rows, **more._rows}:
            after = more._rows.get(code, NONE) + len(self)
            joined._rows[code] = np.concatenate([self._rows.get(code, NONE), after])
            joined._limits[code] = (
                np.concatenate([self._column(code)[0], more._column(code)[0]]),
                np.concatenate([self._column(code)[1], more._column(code)[1]]),
            )
            old, new = self._words.get(code, {}), more._words.get(code, {})
            joined._words[code] = {
                word: np.concatenate([old.get(word, NONE), new.get(word, NONE) + len(self)])
                for word in {**old, **new}
            }
        return joined

    def judged_by(self, taxonomy: Taxonomy) -> Columns:
        """The same rows under a taxonomy that holds at least their processes."""
        return self.followed_by(Columns((), taxonomy))

    def only(self, rows: Rows) -> Columns:
        """Some rows, which are given in ascending order and numbered anew."""
        kept = Columns((), self.taxonomy)
        kept._processes, kept._usual = self._processes, self._usual
        kept._process, kept._covers = self._process[rows], self._covers[rows]
        place = np.full(len(self), -1, np.int64)
        place[rows] = np.arange(len(rows))
        for code, (low, high) in self._limits.items():
            kept._limits[code] = low[rows], high[rows]
            kept._rows[code] = _placed(place, self._rows[code])
            kept._words[code] = {word: _placed(place, having) for word, having in self._words[code].items()}
        return kept

    def stated(self, rows: Rows, codes: Iterable[str]) -> list[dict[str, Constraint]]:
        """What rows state about some properties, as capabilities hold it."""
        found: list[dict[str, Constraint]] = [{} for _row in rows]
        for code in codes:
            words: list[list[str]] = [[] for _row in rows]
            for word, having in self._words.get(code, {}).items():
                for place in np.flatnonzero(_among(rows, having)).tolist():
                    words[place].append(word)
            low, high = (side.tolist() for side in self._stated(code, rows))
            for at, (least, most) in enumerate(zip(low, high, strict=True)):
                if words[at]:
                    found[at][code] = Constraint(set=frozenset(words[at]))
                elif not math.isnan(least):
                    found[at][code] = Constraint(_bound(least), _bound(most))
        return found

    def silent(self, rows: Rows, code: str) -> list[bool]:
        """Which rows state nothing about a property."""
        return [bool(one) for one in np.isnan(self._stated(code, rows)[0])]

    def process(self, row: int) -> str:
        """The process of a row."""
        code: str = self._processes[self._process[row]]
        return code

    def fitting(self, process: str) -> Rows:
        """Rows whose process serves a requirement for `process`, in ascending order."""
        below = self.taxonomy.satisfying(process)
        above = set(self.taxonomy.ancestors(process))
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
        self.taxonomy.check(requirement)
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

    def _fill(self, stated: Sequence[Stated]) -> None:
        every = [limits for _process, _covers, limits in stated]
        for code in sorted(set[str]().union(*every)):
            limits = [one.get(code) for one in every]
            rows = [row for row, limit in enumerate(limits) if limit is not None]
            those = [limit for limit in limits if limit is not None]
            words: dict[str, list[int]] = defaultdict(list)
            for row, limit in zip(rows, those, strict=True):
                for word in limit.get("set", ()):
                    words[word].append(row)
            self._rows[code] = np.array(rows, np.int64)
            self._words[code] = {word: np.array(having, np.int64) for word, having in words.items()}
            self._limits[code] = (
                self._spread(self._rows[code], [limit.get("min", -np.inf) for limit in those]),
                self._spread(self._rows[code], [limit.get("max", np.inf) for limit in those]),
            )

    def _spread(self, rows: Rows, values: list[float]) -> Numbers:
        """Values at their rows; not a number where a row states nothing."""
        column = np.full(len(self), np.nan)
        column[rows] = values
        return column

    def _column(self, code: str) -> tuple[Numbers, Numbers]:
        if code in self._limits:
            return self._limits[code]
        nothing = np.full(len(self), np.nan)
        return nothing, nothing

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
        must_state = self.taxonomy.property(code).must_state
        usual = np.array([_absent(words, limits.get(code), must_state) for limits in self._usual], float)
        lacking = usual[self._process]
        lacking[self._rows.get(code, NONE)] = len(words)
        for word in words:
            lacking[self._words.get(code, {}).get(word, NONE)] -= 1
        return lacking[rows]


def _placed(place: Rows, rows: Rows) -> Rows:
    new: Rows = place[rows]
    return new[new >= 0]


def _among(rows: Rows, having: Rows) -> NDArray[np.bool_]:
    """Which rows are in a list in ascending order that is not empty."""
    if not len(having):
        return np.zeros(len(rows), bool)
    at = np.minimum(np.searchsorted(having, rows), len(having) - 1)
    return np.asarray(having[at] == rows)


def _bound(limit: float) -> float | None:
    return limit if math.isfinite(limit) else None


def _absent(words: tuple[str, ...], limit: Constraint | None, must_state: bool) -> int:
    if limit is None or limit.set is None:
        return len(words) if must_state else 0
    return sum(word not in limit.set for word in words)


def _size(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)
