"""Things kept by the axis they lie about, so that those of one axis are found without looking at all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Generic, TypeVar

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.vectors import along, coaxial, dot

CELL = 0.5
"""Width of a cell, mm: wider than what `coaxial` lets two axes differ by within metres of the origin."""

SLANT: Vector = (1.0, math.sqrt(2.0), math.sqrt(3.0))
"""Direction along which cells are counted, oblique to the grids that parts are drawn on."""

Item = TypeVar("Item")


class Lines(Generic[Item]):
    """Items by axis, in cells by where the axis passes the origin."""

    def __init__(self) -> None:
        self._cells: dict[int, list[tuple[Vector, Vector, Item]]] = {}

    def add(self, point: Vector, axis: Vector, item: Item) -> None:
        """Keep an item with its axis: any point on it and the unit direction, either way round."""
        self._cells.setdefault(_cell(point, axis), []).append((point, axis, item))

    def about(self, point: Vector, axis: Vector) -> Iterator[Item]:
        """Items on the given axis."""
        cell = _cell(point, axis)
        for number in (cell - 1, cell, cell + 1):
            for other, direction, item in self._cells.get(number, ()):
                if coaxial(other, direction, point, axis):
                    yield item


def _cell(point: Vector, axis: Vector) -> int:
    foot = along(point, axis, -dot(point, axis))
    return math.floor(dot(foot, SLANT) / CELL)
