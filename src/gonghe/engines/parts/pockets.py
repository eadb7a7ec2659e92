"""Milled recesses: pockets, slots, steps and windows, found from their floors and walls.

A flat face is a floor when its outer loop meets walls at inner corners (directly or over a fillet). Sides
where the loop meets outer corners instead are open. A window has no floor: an inner loop of a flat face with
walls that leads out again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gonghe.engines.model.parts import Hole, Pocket, Vector
from gonghe.engines.parts.topology import Edge, Face, Topology
from gonghe.engines.parts.vectors import dot, parallel

SQUARE = math.sin(math.radians(30.0))
"""Walls may lean this much against the floor's normal."""


def find_pockets(
    topology: Topology, holes: tuple[Hole, ...], turning_axis: Vector | None
) -> tuple[Pocket, ...]:
    """All recesses that are not round holes, deepest first.

    Parameters
    ----------
    turning_axis : (x, y, z), optional
        For turned parts: shoulders and grooves square to it are turned, not milled.
    """
    drilled = {face for hole in holes for face in hole.faces}
    found: list[Pocket] = []
    for face in topology.faces:
        if face.kind != "plane":
            continue
        if turning_axis is not None and parallel(face.axis, turning_axis):
            continue
        candidate = _from_floor(topology, face, drilled)
        if candidate is not None:
            found.append(candidate)
        found.extend(_windows(topology, face, drilled))
    pockets = _without_doubles(found)
    return tuple(sorted(pockets, key=lambda pocket: (-pocket.depth_mm, pocket.faces)))


def _without_doubles(found: list[Pocket]) -> list[Pocket]:
    """Every recess once: closed ones first, then slots, then the shallower of two readings of a step."""
    order = {"pocket": 0, "window": 1, "slot": 2, "step": 3}
    kept: list[Pocket] = []
    for pocket in sorted(found, key=lambda item: (order[item.kind], item.depth_mm, item.faces)):
        if not any(set(pocket.faces) <= set(other.faces) for other in kept):
            kept.append(pocket)
    return kept


@dataclass(frozen=True, slots=True)
class _Side:
    """One edge of a floor's outer loop: the wall behind it, or None where the floor is open."""

    wall: Face | None
    edge: Edge


def _from_floor(topology: Topology, floor: Face, drilled: set[int]) -> Pocket | None:
    sides = [_side(topology, floor, number) for number in floor.outer]
    walls = [side.wall for side in sides if side.wall is not None]
    if not walls or all(wall.index in drilled for wall in walls):
        return None
    runs = _open_runs(sides)
    if runs and sum(1 for side in sides if side.wall is None) == len(sides):
        return None
    ring = _corners(topology, walls)
    depth = max(_height(topology, wall, floor) for wall in walls)
    if depth <= 1e-3:
        return None
    kind = "pocket" if runs == 0 else "slot" if runs == 2 else "step"
    faces = dict.fromkeys([floor.index, *(wall.index for wall in walls), *ring[1]])
    if kind == "step" and all(side.edge.bend == 0 for side in sides if side.wall is not None):
        return None  # two walls over a fillet: the outline of the part, not a step in it
    return Pocket(kind, depth, floor.area, ring[0], floor.axis, tuple(sorted(faces)))


def _side(topology: Topology, floor: Face, number: int) -> _Side:
    edge = topology.edges[number]
    other = topology.neighbour(number, floor.index)
    if other is None:
        return _Side(None, edge)
    face = topology.faces[other]
    if edge.bend < 0 and _stands(face, floor.axis):
        boss = any(number in loop for loop in face.inner)
        return _Side(None if boss else face, edge)
    if edge.bend == 0 and face.concave:
        return _Side(_beyond_fillet(topology, face, floor), edge)
    return _Side(None, edge)


def _beyond_fillet(topology: Topology, fillet: Face, floor: Face) -> Face | None:
    """The wall that a concave fillet at the floor runs into."""
    for number in fillet.edges:
        other = topology.neighbour(number, fillet.index)
        if other is None or other == floor.index or topology.edges[number].bend != 0:
            continue
        if _stands(topology.faces[other], floor.axis):
            return topology.faces[other]
    return None


def _stands(face: Face, normal: Vector) -> bool:
    """Whether a face is a wall over a floor with this normal."""
    if face.kind == "plane":
        return abs(dot(face.axis, normal)) < SQUARE
    return face.kind in ("cylinder", "cone") and parallel(face.axis, normal, 0.3)


def _open_runs(sides: list[_Side]) -> int:
    """Number of separate open stretches around the loop."""
    is_open = [side.wall is None for side in sides]
    if all(is_open):
        return 1
    return sum(
        1 for here, before in zip(is_open, [is_open[-1], *is_open[:-1]], strict=True) if here and not before
    )


def _corners(topology: Topology, walls: list[Face]) -> tuple[float | None, list[int]]:
    """Smallest inner corner between the walls, 0 for a sharp one, and the corner faces."""
    radii = [
        wall.radius
        for wall in walls
        if wall.kind == "cylinder" and wall.concave and wall.sweep < math.pi * 0.9
    ]
    numbers = {wall.index for wall in walls}
    sharp = any(
        topology.edges[number].bend < 0 and topology.neighbour(number, wall.index) in numbers
        for wall in walls
        for number in wall.edges
    )
    if sharp:
        return 0.0, []
    return min(radii, default=None), [wall.index for wall in walls if wall.kind == "cylinder"]


def _height(topology: Topology, wall: Face, floor: Face) -> float:
    """How far a wall rises above a floor."""
    level = dot(floor.point, floor.axis)
    return max(dot(topology.edges[number].middle, floor.axis) - level for number in wall.edges)


def _windows(topology: Topology, face: Face, drilled: set[int]) -> Iterator[Pocket]:
    """Openings through the part from inner loops of a flat face; the first face of the two reports them."""
    for loop in face.inner:
        walls = _wall_ring(topology, face, loop)
        if not walls or any(wall.index in drilled for wall in walls):
            continue
        ends = {
            other
            for wall in walls
            for number in wall.edges
            for other in [topology.neighbour(number, wall.index)]
            if other is not None
            and other not in {item.index for item in walls}
            and topology.edges[number].bend > 0
        }
        beyond = [topology.faces[number] for number in ends if number != face.index]
        opposite = [item for item in beyond if item.kind == "plane" and dot(item.axis, face.axis) < -0.99]
        if not opposite or len(opposite) != len(beyond) or opposite[0].index < face.index:
            continue
        depth = dot(face.axis, face.point) - dot(face.axis, opposite[0].point)
        if depth <= 1e-3:
            continue
        radius, _ = _corners(topology, walls)
        area = sum(wall.area for wall in walls) / depth
        faces = tuple(sorted(wall.index for wall in walls))
        yield Pocket("window", depth, area, radius, face.axis, faces)


def _wall_ring(topology: Topology, face: Face, loop: tuple[int, ...]) -> list[Face]:
    """Walls that go down from an inner loop at outer corners, all square to the face; empty otherwise."""
    walls = []
    for number in loop:
        other = topology.neighbour(number, face.index)
        if other is None or topology.edges[number].bend <= 0 or not _stands(topology.faces[other], face.axis):
            return []
        walls.append(topology.faces[other])
    return walls
