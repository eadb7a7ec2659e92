"""Flat faces that overhang another one of their recess, such as the underside of a T-slot or a dovetail.

A straight tool gets at those only lengthwise, through the end of the recess, which it does for short ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.vectors import dot

CORNERS = 2
"""An underside and the floor it overhangs lie so many inner corners apart, the wall between them included."""

TURNED_TO = -0.1
"""Scalar product of normals from which two faces face each other."""


def overhangs(topology: Topology) -> Iterator[tuple[int, int]]:
    """Pairs of flat faces of one recess that face each other: any of the two may overhang the other."""
    for face in topology.faces:
        if face.kind != "plane":
            continue
        for other in _around(topology, face):
            if other.index > face.index and dot(other.axis, face.axis) < TURNED_TO:
                yield face.index, other.index


def _around(topology: Topology, face: Face) -> list[Face]:
    """Flat faces few inner corners away; fillets in the corners do not count."""
    found: dict[int, Face] = {}
    front = [(face, 0)]
    met = {face.index}
    while front:
        here, corners = front.pop(0)
        for number in here.edges:
            other = topology.neighbour(number, here.index)
            if other is None or other in met:
                continue
            next_one = topology.faces[other]
            step = _corner(here, next_one, topology.edges[number].bend)
            if step is None or corners + step > CORNERS:
                continue
            met.add(other)
            if next_one.kind == "plane":
                found[other] = next_one
            front.append((next_one, corners + step))
    return list(found.values())


def _corner(here: Face, beyond: Face, bend: int) -> int | None:
    """Corners passed from one face to the next, 0 along a plane or into a fillet; None over an edge."""
    if bend < 0:
        return int(beyond.kind == "plane")
    if bend > 0:
        return None
    if here.kind == "plane" and beyond.kind == "plane":
        return 0
    if here.concave or beyond.concave:
        return int(beyond.kind == "plane")
    return None
