"""What is milled or drilled into a turned body beside its axis: flats, keyways, holes across."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonghe.engines.model.parts import Hole, Milled, Pocket, Turned, Vector
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.vectors import coaxial, dot, norm, parallel, radial

SQUARE = math.sin(math.radians(1.0))


def with_milled(
    topology: Topology, turned: Turned, holes: Sequence[Hole], pockets: Sequence[Pocket]
) -> Turned:
    """The same turned body with what is milled into it."""
    keyways = list(_keyways(topology, turned, pockets))
    taken = {face for keyway in keyways for face in keyway.faces}
    taken |= {face for hole in holes for face in hole.faces}
    across = [_across(hole) for hole in holes if not parallel(hole.axis, turned.axis, 0.02)]
    return replace(turned, milled=(*keyways, *_flats(topology, turned, taken), *across))


def _across(hole: Hole) -> Milled:
    return Milled("cross_hole", hole.diameter_mm, hole.depth_mm, hole.depth_mm, hole.faces)


def _flats(topology: Topology, turned: Turned, taken: set[int]) -> Iterator[Milled]:
    """Flat faces along the axis that look away from it, cut into the round."""
    for face in topology.faces:
        if face.kind != "plane" or face.index in taken or abs(dot(face.axis, turned.axis)) > SQUARE:
            continue
        radius = _round_beside(topology, face, turned)
        off = _distance(face.point, face.axis, turned)
        if radius is None or not 1e-3 < off < radius - 1e-3:
            continue
        width = 2 * math.sqrt(radius**2 - off**2)  # the chord that the flat cuts off the round
        yield Milled("flat", width, face.area / width, radius - off, (face.index,))


def _round_beside(topology: Topology, face: Face, turned: Turned) -> float | None:
    """Radius of the round face about the axis that a flat is cut into, the largest of them."""
    radii = [
        other.radius
        for number in face.edges
        for index in [topology.neighbour(number, face.index)]
        if index is not None
        for other in [topology.faces[index]]
        if other.kind == "cylinder"
        and not other.concave
        and coaxial(turned.point, turned.axis, other.point, other.axis)
    ]
    return max(radii, default=None)


def _keyways(topology: Topology, turned: Turned, pockets: Sequence[Pocket]) -> Iterator[Milled]:
    """Pockets and slots whose floor lies along the axis and whose two side walls face each other.

    Depth is measured from the crest of the round, as t1 of DIN 6885.
    """
    for pocket in pockets:
        if pocket.kind not in ("pocket", "slot") or abs(dot(pocket.axis, turned.axis)) > SQUARE:
            continue
        faces = [topology.faces[index] for index in pocket.faces]
        floor = next(
            (face for face in faces if face.kind == "plane" and parallel(face.axis, pocket.axis)), None
        )
        width = _between(faces, pocket.axis)
        radius = None if floor is None else _crest(topology, faces, turned)
        if floor is None or width is None or radius is None:
            continue
        depth = radius - _distance(floor.point, floor.axis, turned)
        ends = sum(face.kind == "cylinder" for face in faces)
        length = floor.area / width + (width * (1 - math.pi / 4) if ends else 0.0)
        if 0 < depth < radius and width < 2 * radius:
            yield Milled("keyway", width, length, depth, pocket.faces)


def _between(faces: list[Face], up: Vector) -> float | None:
    """Distance of the two longest flat walls that face each other, over a floor."""
    walls = [face for face in faces if face.kind == "plane" and abs(dot(face.axis, up)) < SQUARE]
    gaps = [
        (a.area + b.area, -dot(a.axis, a.point) - dot(b.axis, b.point))
        for number, a in enumerate(walls)
        for b in walls[number + 1 :]
        if dot(a.axis, b.axis) < -0.999
    ]
    return max(gaps, default=(0.0, None), key=lambda item: item[0])[1]


def _crest(topology: Topology, faces: list[Face], turned: Turned) -> float | None:
    radii = [_round_beside(topology, face, turned) for face in faces]
    return max((radius for radius in radii if radius is not None), default=None)


def _distance(point: Vector, normal: Vector, turned: Turned) -> float:
    """Distance of a plane along the axis from it, positive where it looks away."""
    return dot(radial(point, turned.point, turned.axis), normal) / max(norm(normal), 1e-12)
