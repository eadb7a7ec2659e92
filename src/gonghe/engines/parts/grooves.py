"""Turned grooves: valleys in the outline of a turned part, seen from outside, from the axis, or from an end.

Seen from one of these sides the half section is a line of heights. Every place lower than what lies to both
sides of it is a valley; its level is the lower of the two lips, a lip being the first level stretch or peak
that one comes to climbing out. A valley is filled to its level before the next is sought, so that a groove in
the floor of a wide recess is found by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gonghe.engines.model.part_features import Groove
from gonghe.engines.model.parts import Turned
from gonghe.engines.parts.profile import SAME_MM, SLANTED, Piece, Place, as_profile, half_section
from gonghe.engines.parts.topology import Topology
from gonghe.engines.parts.triangles import Mesh

SHALLOWEST_MM = 0.05
WIDEST_MM = 12.0
"""Wider recesses are turned with ordinary tools, unless at least half as deep as wide."""

DEEP_FOR_WIDTH = 0.5


@dataclass(frozen=True, slots=True)
class _Valley:
    """From ``left`` to ``right`` at ``level``, down to ``floor``."""

    left: float
    right: float
    level: float
    floor: float


@dataclass(frozen=True, slots=True)
class _View:
    """One side to look from: which pieces are seen, and how a place becomes (position, height) and back."""

    side: str
    seen: Callable[[Piece], bool]
    turn: Callable[[Place], Place]


VIEWS = (
    _View("outside", lambda piece: piece.outward > SLANTED, lambda place: place),
    _View("inside", lambda piece: piece.outward < -SLANTED, lambda place: (place[0], -place[1])),
    _View("face", lambda piece: piece.upward > SLANTED, lambda place: (place[1], place[0])),
    _View("face", lambda piece: piece.upward < -SLANTED, lambda place: (place[1], -place[0])),
)


def with_profile(topology: Topology, mesh: Mesh, turned: Turned) -> Turned:
    """The same turned body with its half section and its grooves."""
    pieces = half_section(topology, mesh, turned)
    grooves = tuple(groove for view in VIEWS for groove in _grooves(pieces, view))
    return replace(turned, profile=as_profile(pieces), grooves=grooves)


def _grooves(pieces: Sequence[Piece], view: _View) -> Iterator[Groove]:
    lines = [
        (one, other) if one[0] < other[0] else (other, one)
        for piece in pieces
        if view.seen(piece)
        for one, other in pairwise(view.turn(place) for place in piece.points)
        if abs(one[0] - other[0]) > SAME_MM
    ]
    for run in _outline(lines):
        for valley in _valleys(run):
            width, depth = valley.right - valley.left, valley.level - valley.floor
            if depth >= SHALLOWEST_MM and (width <= WIDEST_MM or depth >= DEEP_FOR_WIDTH * width):
                groove = _groove(pieces, view, valley)
                if groove.faces:
                    yield groove


def _groove(pieces: Sequence[Piece], view: _View, valley: _Valley) -> Groove:
    middle = (valley.left + valley.right) / 2
    position, diameter = (middle, 2 * abs(valley.floor))
    if view.side == "face":
        position, diameter = abs(valley.level), 2 * middle
    faces = [face for piece in pieces if _within(piece, view, valley) for face in piece.faces]
    return Groove(
        view.side,
        round(position, 6),
        round(valley.right - valley.left, 6),
        round(valley.level - valley.floor, 6),
        round(diameter, 6),
        tuple(sorted(faces)),
    )


def _within(piece: Piece, view: _View, valley: _Valley) -> bool:
    places = [view.turn(place) for place in piece.points]
    return all(
        valley.left - SAME_MM <= x <= valley.right + SAME_MM
        and valley.floor - SAME_MM <= y <= valley.level + SAME_MM
        for x, y in places
    )


def _outline(lines: list[tuple[Place, Place]]) -> Iterator[list[Place]]:
    """What is seen of lines from above: points from left to right, a new list after every gap."""
    cuts = sorted({round(place[0], 6) for line in lines for place in line})
    run: list[Place] = []
    for left, right in pairwise(cuts):
        if right - left <= SAME_MM:
            continue
        middle = (left + right) / 2
        over = [line for line in lines if line[0][0] <= middle <= line[1][0]]
        if not over:
            if run:
                yield run
            run = []
            continue
        top = max(over, key=lambda line: _height(line, middle))
        run += [(left, _height(top, left)), (right, _height(top, right))]
    if run:
        yield run


def _height(line: tuple[Place, Place], at: float) -> float:
    (x0, y0), (x1, y1) = line
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)


def _valleys(run: list[Place]) -> Iterator[_Valley]:
    """Valleys of an outline, the inner ones before those around them."""
    points = list(run)
    while (bottom := _bottom(points)) is not None:
        first, last = bottom
        floor = points[first][1]
        level = min(_lip(points[first - 1 :: -1]), _lip(points[last + 1 :]))
        before = _climb(points[first::-1], level)
        after = _climb(points[last:], level)
        yield _Valley(before[1], after[1], level, floor)
        points = [
            *points[: first - before[0] + 1],
            (before[1], level),
            (after[1], level),
            *points[last + after[0] :],
        ]


def _bottom(points: Sequence[Place]) -> tuple[int, int] | None:
    """First and last number of a level stretch (or point) with higher points on both sides."""
    start = 0
    for number in range(1, len(points)):
        step = points[number][1] - points[start][1]
        if abs(step) <= SAME_MM:
            continue
        if step > 0 and start > 0:
            return start, number - 1
        start = number
    return None


def _lip(points: Sequence[Place]) -> float:
    """Level of the first flat stretch or peak that one comes to going on from a valley."""
    for one, other in pairwise(points):
        falls = other[1] < one[1] - SAME_MM
        flat = abs(other[1] - one[1]) <= SAME_MM and abs(other[0] - one[0]) > SAME_MM
        if falls or flat:
            return one[1]
    return points[-1][1]


def _climb(points: Sequence[Place], level: float) -> tuple[int, float]:
    """Number of the first point at a level, going on from a valley, and where the level is crossed."""
    for number, (one, other) in enumerate(pairwise(points), start=1):
        if other[1] >= level - SAME_MM:
            rise = other[1] - one[1]
            share = (level - one[1]) / rise if rise > SAME_MM else 1.0
            return number, one[0] + min(1.0, share) * (other[0] - one[0])
    return len(points) - 1, points[-1][0]
