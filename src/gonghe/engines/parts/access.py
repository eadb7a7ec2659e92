"""How a tool reaches a part: directions needed, clampings, thinnest wall, and the box along its own axes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import Hole, Pocket, Vector
from gonghe.engines.parts.topology import Topology
from gonghe.engines.parts.vectors import coaxial, cross, dot, unit

SAME = math.cos(math.radians(1.0))
AXES_TRIED = 8


def directions(holes: Iterable[Hole], pockets: Iterable[Pocket]) -> list[Vector]:
    """Directions (out of the part) from which tools must come.

    Blind holes and floors fix one each; through holes and windows are content with either end and only add a
    direction where none fits.
    """
    found: list[Vector] = []
    for fixed in [_out(hole) for hole in holes if not hole.through]:
        _add(found, fixed)
    for pocket in pockets:
        if pocket.kind in ("pocket", "slot"):
            _add(found, pocket.axis)
    either = [_out(hole) for hole in holes if hole.through]
    either += [pocket.axis for pocket in pockets if pocket.kind == "window"]
    for axis in either:
        if not any(abs(dot(axis, other)) > SAME for other in found):
            found.append(axis)
    return found


def clampings(needed: list[Vector]) -> int:
    """Clampings on a three-axis machine: one per direction, at least two for the side first clamped on."""
    return max(2, len(needed))


def deepest_ratio(pockets: Iterable[Pocket]) -> float | None:
    """Largest depth over cutter diameter that corners allow; None without rounded inner corners."""
    ratios = [item.depth_mm / (2 * item.corner_radius_mm) for item in pockets if item.corner_radius_mm]
    return max(ratios, default=None)


def _out(hole: Hole) -> Vector:
    return (-hole.axis[0], -hole.axis[1], -hole.axis[2])


def _add(found: list[Vector], direction: Vector) -> None:
    if not any(dot(direction, other) > SAME for other in found):
        found.append(direction)


def oriented_box(topology: Topology, points: npt.NDArray[np.float64], box: Vector) -> Vector:
    """Sides (mm, longest first) of the smallest box among those aligned with the part's main flat faces.

    Parameters
    ----------
    points : array (n, 3), mm
        Points of the surface, exact to the sag of the mesh.
    box : (x, y, z), mm
        Exact sides along the file's own axes; another box must be smaller by 1 % to be preferred.
    """
    best, sides = float(np.prod(box)) * 0.99, list(box)
    for first, second in _frames(topology):
        frame = np.array([first, second, unit(cross(first, second))])
        span = np.ptp(points @ frame.T, axis=0)
        if float(np.prod(span)) < best:
            best, sides = float(np.prod(span)), [float(side) for side in span]
    sides.sort(reverse=True)
    return sides[0], sides[1], sides[2]


def _frames(topology: Topology) -> Iterable[tuple[Vector, Vector]]:
    """Pairs of square directions among the largest flat faces and axes."""
    areas: list[tuple[float, Vector]] = []
    for face in topology.faces:
        if face.kind == "spline":
            continue
        for number, (area, axis) in enumerate(areas):
            if abs(dot(axis, face.axis)) > SAME:
                areas[number] = (area + face.area, axis)
                break
        else:
            areas.append((face.area, face.axis))
    areas.sort(key=lambda item: -item[0])
    main = [axis for _, axis in areas[:AXES_TRIED]]
    for a, b in combinations(main, 2):
        if abs(dot(a, b)) < 1e-6:
            yield a, b


def thinnest_wall(
    topology: Topology,
    holes: tuple[Hole, ...],
    boxes: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
) -> tuple[float, tuple[int, ...]] | None:
    """Thinnest wall between flat faces, between a hole and a flat face, or between two holes.

    Parameters
    ----------
    boxes : two arrays (faces, 3), mm
        Lowest and highest corner of every face.

    Returns
    -------
    thickness in mm and the faces on both sides, or None where there is no such wall.
    """
    found = [
        *_flat_walls(topology, *boxes),
        *_round_walls(topology),
        *_hole_walls(topology, holes, *boxes),
        *_bridges(holes),
    ]
    return min(found, default=None)


def _round_walls(topology: Topology) -> Iterable[tuple[float, tuple[int, ...]]]:
    """Between a bore and the outside around it."""
    round_faces = [face for face in topology.faces if face.kind == "cylinder" and face.sweep > math.pi / 2]
    outside = [face for face in round_faces if not face.concave]
    for inner in (face for face in round_faces if face.concave):
        for outer in outside:
            if outer.radius <= inner.radius or not coaxial(inner.point, inner.axis, outer.point, outer.axis):
                continue
            same = dot(inner.axis, outer.axis) > 0
            low, high = (outer.low, outer.high) if same else (-outer.high, -outer.low)
            if min(high, inner.high) - max(low, inner.low) > 1e-6:
                yield outer.radius - inner.radius, (inner.index, outer.index)


def _flat_walls(
    topology: Topology, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> Iterable[tuple[float, tuple[int, ...]]]:
    planes = [face for face in topology.faces if face.kind == "plane"]
    if len(planes) < 2:
        return
    normals = np.array([face.axis for face in planes])
    offsets = np.array([dot(face.axis, face.point) for face in planes])
    index = np.array([face.index for face in planes])
    low, high = low[index], high[index]
    for number, face in enumerate(planes[:-1]):
        rest = slice(number + 1, None)
        gap = offsets[number] + offsets[rest]  # opposite faces: n2 = -n1, so the distance is d1 + d2
        # their boxes overlap seen along the normal (exact along the file's axes)
        across = np.abs(normals[number]) < 0.9
        shared = np.minimum(high[number], high[rest]) - np.maximum(low[number], low[rest]) > 1e-6
        facing = (normals[rest] @ normals[number] < -0.9999) & (gap > 1e-6) & (shared | ~across).all(axis=1)
        for other in np.flatnonzero(facing).tolist():
            yield float(gap[other]), (face.index, planes[number + 1 + other].index)


def _hole_walls(
    topology: Topology, holes: tuple[Hole, ...], low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> Iterable[tuple[float, tuple[int, ...]]]:
    """Walls between a hole and flat faces along it."""
    if not holes:
        return
    axes, places = np.array([hole.axis for hole in holes]), np.array([hole.position_mm for hole in holes])
    radii = np.array([hole.diameter_mm for hole in holes]) / 2
    half = np.array([hole.depth_mm for hole in holes]) / 2
    middles = places + axes * half[:, None]
    for face in topology.faces:
        if face.kind != "plane":
            continue
        normal = np.asarray(face.axis)
        walls = dot(face.axis, face.point) - places @ normal - radii
        inside = (middles > low[face.index]) & (middles < high[face.index])
        beside = (
            (np.abs(axes @ normal) <= 1e-4) & (walls > 1e-6) & (inside | (np.abs(normal) >= 0.9)).all(axis=1)
        )
        for number in np.flatnonzero(beside).tolist():
            yield float(walls[number]), (face.index, *holes[number].faces)


def _bridges(holes: tuple[Hole, ...]) -> Iterable[tuple[float, tuple[int, ...]]]:
    """Material between parallel holes that lie beside each other."""
    if len(holes) < 2:
        return
    axes = np.array([hole.axis for hole in holes])
    places = np.array([hole.position_mm for hole in holes])
    radii = np.array([hole.diameter_mm / 2 for hole in holes])
    for number, hole in enumerate(holes):
        arms = places - places[number]
        along = arms @ axes[number]
        across = np.linalg.norm(arms - np.outer(along, axes[number]), axis=1)
        gap = across - radii - radii[number]
        beside = (np.abs(axes @ axes[number]) > 0.9999) & (np.abs(along) < hole.depth_mm) & (gap > 1e-6)
        beside[number] = False
        if beside.any():
            other = int(np.argmin(np.where(beside, gap, np.inf)))
            yield float(gap[other]), (*hole.faces, *holes[other].faces)
