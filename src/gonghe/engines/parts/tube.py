"""Tubes: a round or rectangular hollow section of constant wall, straight or (round ones) bent.

A wall of constant thickness ``t`` between an outer and an inner skin has the volume ``t`` times the mean of
the two (Steiner's formula for offset curves; for a bend, Pappus). The skins of a tube close on themselves and
are open at both ends: that tells it from folded sheet, from a can and from a block with a window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import Bend, Hole, Tube, Vector
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.vectors import coaxial, cross, dot, parallel, perpendicular_to, radial, scaled, unit

EXPLAINED = 0.03
"""The skins must explain the volume to within this share (holes across and inner corners cost a little)."""

THICKEST = 0.25
"""Wall over the smaller outside size; thicker things are sleeves and blocks."""

SHORTEST = 0.75
"""Length over the larger outside size; shorter things are rings and frames."""

SQUARE_CUT = math.radians(0.5)


@dataclass(frozen=True, slots=True)
class _Skins:
    """Outer and inner skin of a section with its outside sizes and wall, mm."""

    outer: tuple[Face, ...]
    inner: tuple[Face, ...]
    sizes: tuple[float, float]
    wall: float


def find_tube(
    topology: Topology, volume: float, holes: Sequence[Hole], corners: npt.NDArray[np.float64]
) -> Tube | None:
    """Reading of a part as a tube, or None.

    Parameters
    ----------
    volume : float, mm3
    holes : sequence of Hole
        Those found on the part; holes square to the tube count as holes across.
    corners : array (n, 3)
        Points of the surface, mm; give the length of straight tubes.
    """
    for section, skins in _candidates(topology):
        area = sum(face.area for face in (*skins.outer, *skins.inner)) / 2
        ends = _ends(topology, skins)
        if abs(volume - skins.wall * area) > EXPLAINED * volume or len(ends) != 2:
            continue
        bends = tuple(_bends(skins))
        length = _length(skins, bends, corners)
        if length < SHORTEST * skins.sizes[0]:
            continue
        own = {face.index for face in skins.inner}
        across = [hole for hole in holes if _is_across(hole, skins, own)]
        return Tube(
            section=section,
            outer_mm=skins.sizes,
            wall_mm=skins.wall,
            length_mm=length,
            end_angles_deg=(ends[0], ends[1]),
            bend_list=bends,
            holes_across=len(across),
            axis=scaled(_axis(skins), 1.0),
            faces=tuple(sorted(face.index for face in (*skins.outer, *skins.inner))),
            inner_faces=tuple(sorted(own)),
        )
    return None


def _candidates(topology: Topology) -> Iterator[tuple[str, _Skins]]:
    round_one = _round(topology)
    if round_one is not None:
        yield "round", round_one
    for axis in _directions(topology):
        flat = _rectangular(topology, axis)
        if flat is not None:
            yield "rectangular", flat


def _round(topology: Topology) -> _Skins | None:
    """Skins of the outer and inner radius with most surface; a bend is a piece of torus."""
    outer = _largest(face for face in topology.faces if not face.concave and _tube_radius(face) > 0)
    inner = _largest(face for face in topology.faces if face.concave and _tube_radius(face) > 0)
    if not outer or not inner:
        return None
    wide, narrow = _tube_radius(outer[0]), _tube_radius(inner[0])
    wall = wide - narrow
    if not 1e-6 < wall <= THICKEST * 2 * wide:
        return None
    return _Skins(outer, inner, (2 * wide, 2 * wide), wall)


def _tube_radius(face: Face) -> float:
    return {"cylinder": face.radius, "torus": face.minor}.get(face.kind, 0.0)


def _largest(faces: Iterator[Face]) -> tuple[Face, ...]:
    """Faces of the one radius (within 1 um or 1e-5) that has most area."""
    groups: list[list[Face]] = []
    for face in sorted(faces, key=_tube_radius):
        radius = _tube_radius(face)
        if groups and radius - _tube_radius(groups[-1][0]) <= 1e-3 + 1e-5 * radius:
            groups[-1].append(face)
        else:
            groups.append([face])
    return tuple(max(groups, key=lambda group: sum(face.area for face in group), default=[]))


def _directions(topology: Topology) -> list[Vector]:
    """Directions of the longest straight edges, the longest three."""
    totals: list[tuple[float, Vector]] = []
    for edge in topology.edges:
        if edge.kind != "line":
            continue
        for number, (length, axis) in enumerate(totals):
            if parallel(axis, edge.direction):
                totals[number] = (length + edge.length, axis)
                break
        else:
            if len(totals) < 12:
                totals.append((edge.length, edge.direction))
    totals.sort(key=lambda item: -item[0])
    return [axis for _, axis in totals[:3]]


def _rectangular(topology: Topology, axis: Vector) -> _Skins | None:
    """Two closed skins of four flat sides each, with or without rounded corners."""
    rings = sorted(_rings(topology, axis), key=lambda ring: -sum(face.area for face in ring))[:2]
    if len(rings) != 2:
        return None
    sizes = [_sides(ring) for ring in rings]
    if sizes[0] is None or sizes[1] is None:
        return None
    outer, inner = sizes[0], sizes[1]
    walls = [gap for one in outer for other in inner if (gap := _gap(one, other)) is not None]
    if len(walls) != 4 or min(walls) <= 1e-6 or max(walls) - min(walls) > 1e-3 + 0.02 * min(walls):
        return None
    spans = [one[1] + other[1] for one in outer for other in outer if dot(one[0], other[0]) < -0.999]
    wide, narrow = max(spans), min(spans)
    wall = sum(walls) / 4
    if wall > THICKEST * narrow:
        return None
    return _Skins(tuple(rings[0]), tuple(rings[1]), (wide, narrow), wall)


def _gap(outer: tuple[Vector, float], inner: tuple[Vector, float]) -> float | None:
    """Wall between an outer and an inner side that face away from each other."""
    return outer[1] + inner[1] if dot(outer[0], inner[0]) < -0.999 else None


def _rings(topology: Topology, axis: Vector) -> list[list[Face]]:
    """Faces along an axis, grouped where they meet in straight edges along it outside their openings."""
    along = {
        face.index: face
        for face in topology.faces
        if (face.kind == "plane" and abs(dot(face.axis, axis)) < 1e-4)
        or (face.kind == "cylinder" and parallel(face.axis, axis))
    }
    rings = []
    while along:
        _, first = along.popitem()
        ring, front = [first], [first]
        while front:
            face = front.pop()
            for number in face.outer:
                other = topology.neighbour(number, face.index)
                edge = topology.edges[number]
                if other in along and edge.kind == "line" and parallel(edge.direction, axis):
                    if number not in along[other].outer:
                        continue
                    joined = along.pop(other)
                    ring.append(joined)
                    front.append(joined)
        rings.append(ring)
    return rings


def _sides(ring: list[Face]) -> list[tuple[Vector, float]] | None:
    """Outward normal and offset of the four sides of a rectangle; None when the ring is none."""
    sides: list[tuple[Vector, float]] = []
    for face in (item for item in ring if item.kind == "plane"):
        offset = dot(face.axis, face.point)
        if not any(dot(face.axis, n) > 0.9999 and abs(offset - d) < 1e-3 for n, d in sides):
            sides.append((face.axis, offset))
    if len(sides) != 4:
        return None
    turns = [dot(one[0], other[0]) for number, one in enumerate(sides) for other in sides[number + 1 :]]
    opposite = sum(turn < -0.9999 for turn in turns)
    return sides if opposite == 2 and sum(abs(turn) < 1e-3 for turn in turns) == 4 else None


def _ends(topology: Topology, skins: _Skins) -> list[float | None]:
    """Cut of each end: its angle against a square cut in degrees, None where it is no flat cut.

    An end is a face, or a run of shaped faces, that joins both skins along their outer loops.
    """
    outer = {number for face in skins.outer for number in face.outer}
    inner = {number for face in skins.inner for number in face.outer}
    own = {face.index for face in (*skins.outer, *skins.inner)}
    found: list[float | None] = []
    for face in topology.faces:
        if face.index in own or not (outer & set(face.edges) and inner & set(face.edges)):
            continue
        if face.kind != "plane":
            found.append(None)
            continue
        here = next(skin for skin in skins.outer if set(skin.outer) & set(face.edges))
        angle = math.acos(min(1.0, abs(dot(face.axis, _heading(topology, skins, here, face)))))
        if angle < math.radians(80.0):
            found.append(0.0 if angle < SQUARE_CUT else math.degrees(angle))
    return found


def _heading(topology: Topology, skins: _Skins, skin: Face, end: Face) -> Vector:
    """Direction in which the tube runs out at an end."""
    if skin.kind == "plane":
        return _axis(skins)
    if skin.kind == "cylinder":
        return skin.axis
    middle = topology.edges[next(iter(set(skin.outer) & set(end.edges)))].middle
    return unit(cross(skin.axis, radial(middle, skin.point, skin.axis)))


def _axis(skins: _Skins) -> Vector:
    """Direction of a straight stretch; of a lone bend, some direction square to its axis."""
    planes = [face.axis for face in skins.outer if face.kind == "plane"]
    if planes:
        return cross(planes[0], next(axis for axis in planes if abs(dot(axis, planes[0])) < 0.5))
    straight = (face.axis for face in skins.outer if face.kind == "cylinder")
    return next(straight, perpendicular_to(skins.outer[0].axis))


def _bends(skins: _Skins) -> Iterator[Bend]:
    """Bends of a round tube, pieces of one torus once."""
    done: list[tuple[Face, float, list[int]]] = []
    for face in (item for item in skins.outer if item.kind == "torus"):
        for number, (other, sweep, faces) in enumerate(done):
            if coaxial(other.point, other.axis, face.point, face.axis):
                done[number] = (other, max(sweep, face.sweep), [*faces, face.index])
                break
        else:
            done.append((face, face.sweep, [face.index]))
    for face, sweep, faces in done:
        yield Bend(math.degrees(sweep), face.radius - face.minor, face.radius * sweep, tuple(faces))


def _length(skins: _Skins, bends: Sequence[Bend], corners: npt.NDArray[np.float64]) -> float:
    """Length to cut off, mm: along the axis, or of the centre line of a bent tube."""
    if not bends:
        return float(np.ptp(corners @ np.asarray(_axis(skins))))
    straights: list[Face] = []
    for face in (item for item in skins.outer if item.kind == "cylinder"):
        if not any(_one_stretch(face, other) for other in straights):
            straights.append(face)
    return sum(face.height for face in straights) + sum(bend.length_mm for bend in bends)


def _one_stretch(a: Face, b: Face) -> bool:
    if not coaxial(a.point, a.axis, b.point, b.axis):
        return False
    low, high = (b.low, b.high) if dot(a.axis, b.axis) > 0 else (-b.high, -b.low)
    return min(a.high, high) - max(a.low, low) > 1e-3


def _is_across(hole: Hole, skins: _Skins, own: set[int]) -> bool:
    return not set(hole.faces) & own and abs(dot(hole.axis, _axis(skins))) < 0.999
