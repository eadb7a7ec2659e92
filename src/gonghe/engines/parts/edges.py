"""Broken edges: fillets, roundings and chamfers, grouped by size."""

from __future__ import annotations

import math
from collections import defaultdict

from gonghe.engines.model.parts import Rounding
from gonghe.engines.parts.topology import Edge, Face, Topology
from gonghe.engines.parts.vectors import dot, parallel

FULLEST = math.radians(175.0)
"""A fillet turns less than this; more is the end of a slot, a boss or a hole."""

CHAMFER_ANGLES = (math.radians(25.0), math.radians(65.0))
NARROW = 4.0
"""A chamfer is at least this many times longer than wide."""


def find_roundings(topology: Topology, taken: set[int]) -> tuple[Rounding, ...]:
    """Broken edges by kind and size, commonest first; ``taken`` faces (holes, bends) are no such thing."""
    groups: dict[tuple[str, float], list[int]] = defaultdict(list)
    for face in topology.faces:
        if face.index in taken:
            continue
        size = _fillet(topology, face)
        if size is not None:
            groups["fillet" if face.concave else "round", round(size, 3)].append(face.index)
            continue
        size = _chamfer(topology, face)
        if size is not None:
            groups["chamfer", round(size, 3)].append(face.index)
    found = [Rounding(kind, size, len(faces), tuple(faces)) for (kind, size), faces in groups.items()]
    return tuple(sorted(found, key=lambda item: (-item.count, item.kind, item.size_mm)))


def _fillet(topology: Topology, face: Face) -> float | None:
    """Radius, when the face runs smoothly into its neighbours on two sides."""
    smooth = [number for number in face.edges if _runs_on(topology, face, number)]
    if face.kind == "cylinder" and face.sweep < FULLEST and len(smooth) >= 2:
        sides = [number for number in smooth if parallel(topology.edges[number].direction, face.axis, 1e-2)]
        return face.radius if len(sides) >= 2 else None
    if face.kind == "torus" and len(smooth) >= 2:
        return face.minor
    if face.kind == "sphere" and len(smooth) >= 3:
        return face.radius
    return None


def _runs_on(topology: Topology, face: Face, number: int) -> bool:
    return topology.edges[number].bend == 0 and topology.neighbour(number, face.index) is not None


def _chamfer(topology: Topology, face: Face) -> float | None:
    """Leg of a chamfer: a narrow flat or conical face between two outer corners of about 45 degrees."""
    if face.kind == "cone" and not face.concave and face.sweep > FULLEST:
        leg = face.radius - face.minor
        corners = [number for number in face.edges if topology.edges[number].bend > 0]
        is_narrow = leg > 0 and face.radius > NARROW / 2 * leg and 0.4 < leg / max(face.height, 1e-9) < 2.5
        return leg if is_narrow and len(corners) >= 2 else None
    if face.kind != "plane" or len(face.outer) != 4 or face.inner:
        return None
    sides = sorted((topology.edges[number] for number in face.outer), key=lambda edge: -edge.length)[:2]
    if any(edge.kind != "line" for edge in sides) or not parallel(
        sides[0].direction, sides[1].direction, 1e-2
    ):
        return None
    width = face.area / sides[0].length
    if sides[1].length < NARROW * width:
        return None
    angles = [_turn(topology, face, edge) for edge in sides]
    if all(angle is not None and CHAMFER_ANGLES[0] < angle < CHAMFER_ANGLES[1] for angle in angles):
        return width * math.sin(min(angle for angle in angles if angle is not None))
    return None


def _turn(topology: Topology, face: Face, edge: Edge) -> float | None:
    """Angle by which the surface turns at an outer corner to another flat face."""
    other = topology.neighbour(edge.index, face.index)
    if other is None or edge.bend <= 0 or topology.faces[other].kind != "plane":
        return None
    return math.acos(max(-1.0, min(1.0, dot(face.axis, topology.faces[other].axis))))
