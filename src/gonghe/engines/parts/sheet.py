"""Sheet metal: constant thickness, bends, flat pattern.

For a part of constant thickness ``t`` the volume is exactly ``t`` times the mean of its two skins, bends
included (an annular sector of radii r and r + t has the volume t (A_inner + A_outer) / 2). That identity is
the test: faces that have a partner at distance ``t`` are skin, and the skin must explain the volume.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from gonghe.engines.model.parts import Bend, Sheet
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.vectors import coaxial, dot, parallel, radial

K_FACTOR = 0.44
"""Neutral fibre as a share of the thickness, air bending of steel (Machinery's Handbook)."""

EXPLAINED = 0.02
"""Skin must explain the volume to within this share."""

MAX_BEND = math.radians(185.0)
"""A rolled tube turns further; it is no bend."""

MAX_THICKNESS_MM = 25.0
MAX_RELATIVE_THICKNESS = 0.12
"""Thickness over the square root of one skin's area; thicker things are blocks and plates."""


@dataclass(frozen=True, slots=True)
class _Pair:
    a: Face
    b: Face
    gap: float


def find_sheet(topology: Topology, volume: float) -> Sheet | None:
    """Sheet-metal reading of a part, or None when its skin does not explain its volume (mm3)."""
    pairs = [*_plane_pairs(topology.faces), *_cylinder_pairs(topology.faces)]
    for thickness, group in _by_gap(pairs):
        skin = {face.index: face for pair in group for face in (pair.a, pair.b)}
        area = sum(face.area for face in skin.values())
        if thickness > MAX_THICKNESS_MM or thickness > MAX_RELATIVE_THICKNESS * math.sqrt(area / 2):
            continue
        if abs(volume - thickness * area / 2) <= EXPLAINED * volume:
            return _sheet(topology, thickness, group, set(skin))
    return None


def _sheet(topology: Topology, thickness: float, group: list[_Pair], skin: set[int]) -> Sheet:
    bends = _bends(topology, group, skin, thickness)
    bent = {face for bend in bends for face in bend.faces}
    flat = sum(topology.faces[index].area for index in skin - bent) / 2
    allowance = sum(
        math.radians(bend.angle_deg) * (bend.inner_radius_mm + K_FACTOR * thickness) * bend.length_mm
        for bend in bends
    )
    edges = sum(face.area for face in topology.faces if face.index not in skin)
    return Sheet(
        thickness_mm=thickness,
        bends=len(bends),
        bend_list=tuple(bends),
        cut_length_mm=edges / thickness,
        flat_area_mm2=flat + allowance,
    )


def _plane_pairs(faces: tuple[Face, ...]) -> Iterator[_Pair]:
    """Planes that face away from each other, with the material between them."""
    groups: dict[tuple[int, ...], list[Face]] = defaultdict(list)
    for face in faces:
        if face.kind == "plane":
            sign = 1.0 if face.axis > (0.0, 0.0, 0.0) else -1.0
            groups[tuple(round(sign * value * 500) for value in face.axis)].append(face)
    for group in groups.values():
        for number, a in enumerate(group):
            for b in group[number + 1 :]:
                gap = dot(a.axis, a.point) - dot(a.axis, b.point)
                if dot(a.axis, b.axis) < -0.999 and gap > 1e-6:
                    yield _Pair(a, b, gap)


def _cylinder_pairs(faces: tuple[Face, ...]) -> Iterator[_Pair]:
    """A concave cylinder inside a convex one on the same axis, over the same angle."""
    groups: dict[tuple[int, ...], list[Face]] = defaultdict(list)
    for face in faces:
        if face.kind == "cylinder":
            foot = radial(face.point, (0.0, 0.0, 0.0), face.axis)
            groups[tuple(round(value * 10) for value in foot)].append(face)
    for group in groups.values():
        for inner in group:
            for outer in group:
                if (
                    inner.concave
                    and not outer.concave
                    and outer.radius > inner.radius
                    and _facing(inner, outer)
                ):
                    yield _Pair(inner, outer, outer.radius - inner.radius)


def _facing(inner: Face, outer: Face) -> bool:
    if not coaxial(inner.point, inner.axis, outer.point, outer.axis) or abs(inner.sweep - outer.sweep) > 0.02:
        return False
    same = dot(inner.axis, outer.axis) > 0
    low, high = (outer.low, outer.high) if same else (-outer.high, -outer.low)
    return min(inner.high, high) - max(inner.low, low) > 0.5 * min(inner.height, outer.height)


def _by_gap(pairs: list[_Pair]) -> list[tuple[float, list[_Pair]]]:
    """Pairs grouped by distance (within 0.1 % or 2 um), the one with most skin first."""
    groups: list[tuple[float, list[_Pair]]] = []
    for pair in sorted(pairs, key=lambda item: item.gap):
        if groups and pair.gap - groups[-1][0] <= max(2e-3, 1e-3 * pair.gap):
            groups[-1][1].append(pair)
        else:
            groups.append((pair.gap, [pair]))
    groups.sort(key=lambda item: -sum(min(pair.a.area, pair.b.area) for pair in item[1]))
    return groups[:12]


def _bends(topology: Topology, group: list[_Pair], skin: set[int], thickness: float) -> list[Bend]:
    found: list[tuple[Face, Bend]] = []
    for pair in group:
        if (
            pair.a.kind != "cylinder"
            or pair.a.sweep > MAX_BEND
            or not _runs_into_skin(topology, pair.a, skin)
        ):
            continue
        bend = Bend(math.degrees(pair.a.sweep), pair.a.radius, pair.a.height, (pair.a.index, pair.b.index))
        for number, (face, other) in enumerate(found):
            if _one_stroke(face, pair.a):
                merged = Bend(
                    other.angle_deg,
                    other.inner_radius_mm,
                    other.length_mm + bend.length_mm,
                    other.faces + bend.faces,
                )
                found[number] = (face, merged)
                break
        else:
            found.append((pair.a, bend))
    return [bend for _, bend in found]


def _runs_into_skin(topology: Topology, face: Face, skin: set[int]) -> bool:
    """Whether a straight side runs smoothly into another skin face: a corner's profile does not."""
    for number in face.edges:
        edge = topology.edges[number]
        other = topology.neighbour(number, face.index)
        if other in skin and edge.bend == 0 and edge.kind == "line" and parallel(edge.direction, face.axis):
            return True
    return False


def _one_stroke(a: Face, b: Face) -> bool:
    """Two pieces of one bend line, cut apart by a relief or an opening."""
    return (
        abs(a.radius - b.radius) < 1e-3
        and abs(a.sweep - b.sweep) < 1e-2
        and coaxial(a.point, a.axis, b.point, b.axis)
    )
