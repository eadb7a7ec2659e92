"""Round holes from the faces of a part: merged from their pieces, with what widens them at the mouth.

A *barrel* is a ring of concave cylinder faces of one radius about one axis. Barrels on one axis that meet in
a shoulder or a cone form one *stack*, which is reported as one hole: its narrowest barrel is the hole, wider
ones are counterbores. Whether an end is open is read from the edge there: at a mouth the material forms an
outer corner, at a floor an inner one; no point ever has to be classified against the solid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gonghe.engines.model.parts import Hole, Vector
from gonghe.engines.parts.lines import Lines
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.vectors import along, coaxial, cross, dot, parallel, perpendicular_to, scaled

CLOSED = math.radians(345.0)
"""A barrel that covers this much of the turn counts as a full hole; less is a slot end or a fillet."""

END_SHARE = 0.35
"""Edges within this share of the length from an end belong to that end."""


@dataclass(slots=True)
class Barrel:
    """Faces of one concave cylinder; ``ends`` tells for the low and the high end whether it is open."""

    number: int
    faces: tuple[int, ...]
    point: Vector
    axis: Vector
    radius: float
    low: float
    high: float
    open_ends: list[bool] = field(default_factory=lambda: [False, False])
    wider: list[float] = field(default_factory=lambda: [0.0, 0.0])
    reach: list[float] = field(default_factory=lambda: [0.0, 0.0])
    groove: bool = False
    links: set[int] = field(default_factory=set)


def find_holes(topology: Topology) -> tuple[Hole, ...]:
    """All full round holes, largest first."""
    barrels = _barrels(topology)
    owner = {face: barrel.number for barrel in barrels for face in barrel.faces}
    reader = _EndReader(topology, barrels, owner)
    for barrel in barrels:
        reader.read(barrel, 0)
        reader.read(barrel, 1)
    holes = [_as_hole(stack) for stack in _stacks(barrels) if not any(item.groove for item in stack)]
    found = [hole for hole in holes if hole is not None]
    return tuple(sorted(found, key=lambda hole: (-hole.diameter_mm, hole.position_mm)))


def _barrels(topology: Topology) -> list[Barrel]:
    pieces = [face for face in topology.faces if face.kind == "cylinder" and face.concave]
    groups = _connected(topology, pieces)
    full = [group for group in groups if _covered(group) >= CLOSED]
    return [
        Barrel(
            number,
            tuple(face.index for face in group),
            group[0].point,
            group[0].axis,
            group[0].radius,
            *_extent(group),
        )
        for number, group in enumerate(full)
    ]


def _extent(group: Sequence[Face]) -> tuple[float, float]:
    axis = group[0].axis
    spans = [(face.low, face.high) if dot(face.axis, axis) > 0 else (-face.high, -face.low) for face in group]
    return min(low for low, _ in spans), max(high for _, high in spans)


def _connected(topology: Topology, pieces: Iterable[Face]) -> list[list[Face]]:
    """Group faces of one radius and axis that share an edge."""
    waiting = {face.index: face for face in pieces}
    groups = []
    while waiting:
        _, first = waiting.popitem()
        group, front = [first], [first]
        while front:
            face = front.pop()
            for edge in face.edges:
                other = topology.neighbour(edge, face.index)
                if other in waiting and _same_cylinder(face, waiting[other]):
                    joined = waiting.pop(other)
                    group.append(joined)
                    front.append(joined)
        groups.append(sorted(group, key=lambda face: face.index))
    return sorted(groups, key=lambda group: group[0].index)


def _same_cylinder(a: Face, b: Face) -> bool:
    return abs(a.radius - b.radius) < 1e-3 + 1e-5 * a.radius and coaxial(a.point, a.axis, b.point, b.axis)


def _covered(group: Sequence[Face]) -> float:
    """Angle covered by the union of the faces' spans, rad."""
    axis = group[0].axis
    spans = []
    for face in group:
        start = _angle_about(axis, face)
        spans.append((start % math.tau, min(face.sweep, math.tau)))
    spans.sort()
    covered, reach = 0.0, spans[0][0]
    for start, sweep in [*spans, (spans[0][0] + math.tau, 0.0)]:
        if start > reach + 1e-6:
            covered -= start - reach
            reach = start
        reach = max(reach, start + sweep)
    return min(math.tau, max(0.0, math.tau + covered))


def _angle_about(axis: Vector, face: Face) -> float:
    """Start of a face's span, measured about ``axis`` (which is the face's own up to sign)."""
    own_across = perpendicular_to(face.axis)
    own_up = cross(face.axis, own_across)
    flipped = dot(face.axis, axis) < 0
    angle = face.start + face.sweep if flipped else face.start
    arm = tuple(own_across[i] * math.cos(angle) + own_up[i] * math.sin(angle) for i in range(3))
    across = perpendicular_to(axis)
    up = cross(axis, across)
    direction: Vector = (arm[0], arm[1], arm[2])
    return math.atan2(dot(direction, up), dot(direction, across))


@dataclass(frozen=True, slots=True)
class _EndReader:
    """Finds out what lies beyond the ends of barrels; ``owner`` tells the barrel of a face."""

    topology: Topology
    barrels: list[Barrel]
    owner: dict[int, int]
    beyond: dict[int, Lines[tuple[int, int]]] = field(default_factory=dict)

    def read(self, barrel: Barrel, side: int) -> None:
        """Outside, floor, shoulder to another barrel, cone, or a ring groove."""
        open_length = closed_length = 0.0
        barrel.reach[side] = (barrel.low, barrel.high)[side]
        for edge_number, face_number in _end_edges(self.topology, barrel, side):
            edge, face = self.topology.edges[edge_number], self.topology.faces[face_number]
            opens = edge.bend > 0 or (edge.bend == 0 and not face.concave)
            if _about(face, barrel):
                opens = self._follow(barrel, side, edge_number, face) or opens
            if opens:
                open_length += edge.length
            else:
                closed_length += edge.length
        barrel.open_ends[side] = open_length > closed_length

    def _follow(self, barrel: Barrel, side: int, edge: int, face: Face) -> bool:
        """Look across a shoulder or cone for the next barrel; True when this makes the end open."""
        for number, beyond in self._turning_beyond(face).about(barrel.point, barrel.axis):
            if number == edge or beyond in barrel.faces:
                continue
            if beyond in self.owner:
                _link(barrel, self.barrels[self.owner[beyond]])
            elif face.kind == "plane" and _post(self.topology.faces[beyond], barrel, number, face):
                barrel.groove = True
        if face.kind != "cone" or not face.concave or face.radius <= barrel.radius * 1.001:
            return False
        barrel.wider[side] = max(barrel.wider[side], 2 * face.radius)
        same = dot(face.axis, barrel.axis) > 0
        low, high = (face.low, face.high) if same else (-face.high, -face.low)
        barrel.reach[side] = min(barrel.reach[0], low) if side == 0 else max(barrel.reach[1], high)
        return True

    def _turning_beyond(self, face: Face) -> Lines[tuple[int, int]]:
        """Edges of a face behind which a cylinder lies, with that cylinder, by its axis."""
        found = self.beyond.get(face.index)
        if found is None:
            found = self.beyond[face.index] = Lines()
            for edge in face.edges:
                number = self.topology.neighbour(edge, face.index)
                if number is not None and self.topology.faces[number].kind == "cylinder":
                    other = self.topology.faces[number]
                    found.add(other.point, other.axis, (edge, number))
        return found


def _end_edges(topology: Topology, barrel: Barrel, side: int) -> list[tuple[int, int]]:
    """Edges at the low (0) or high (1) end, with the face beyond."""
    found = []
    limit = END_SHARE * (barrel.high - barrel.low)
    for number in barrel.faces:
        for edge in topology.faces[number].edges:
            other = topology.neighbour(edge, number)
            if other is None or other in barrel.faces:
                continue
            height = dot(topology.edges[edge].middle, barrel.axis)
            if abs(height - (barrel.low, barrel.high)[side]) <= limit:
                found.append((edge, other))
    return found


def _about(face: Face, barrel: Barrel) -> bool:
    """Whether a face is square to the barrel's axis, or turns about it."""
    if face.kind == "plane":
        return parallel(face.axis, barrel.axis)
    return face.kind in ("cone", "cylinder", "torus") and coaxial(
        face.point, face.axis, barrel.point, barrel.axis
    )


def _post(post: Face, barrel: Barrel, edge: int, floor: Face) -> bool:
    """Whether a floor stands around a solid post on the barrel's axis: then the barrel is a ring groove."""
    return not post.concave and post.radius < barrel.radius and any(edge in loop for loop in floor.inner)


def _link(a: Barrel, b: Barrel) -> None:
    a.links.add(b.number)
    b.links.add(a.number)


def _stacks(barrels: list[Barrel]) -> list[list[Barrel]]:
    seen: set[int] = set()
    stacks = []
    for barrel in barrels:
        if barrel.number in seen:
            continue
        stack, front = [], [barrel.number]
        seen.add(barrel.number)
        while front:
            item = barrels[front.pop()]
            stack.append(item)
            fresh = item.links - seen
            seen |= fresh
            front.extend(sorted(fresh))
        stacks.append(stack)
    return stacks


def _as_hole(stack: list[Barrel]) -> Hole | None:
    """One hole for a stack of barrels, measured along the axis of the narrowest."""
    narrow = min(stack, key=lambda item: (item.radius, -(item.high - item.low)))
    spans: dict[int, tuple[float, float, bool, bool]] = {}
    for item in stack:
        same = dot(item.axis, narrow.axis) > 0
        low, high = (item.reach[0], item.reach[1]) if same else (-item.reach[1], -item.reach[0])
        opens = (item.open_ends[0], item.open_ends[1]) if same else (item.open_ends[1], item.open_ends[0])
        spans[item.number] = (low, high, *opens)
    lowest, highest = min(spans.values(), key=lambda s: s[0]), max(spans.values(), key=lambda s: s[1])
    low, high, open_low, open_high = lowest[0], highest[1], lowest[2], highest[3]
    through = open_low and open_high
    at_low = open_low if open_low != open_high else narrow.wider[0] >= narrow.wider[1]
    if not through:
        # the drill stops at the end of the narrowest barrel, or where the stack ends if that is wider below
        low, high = (low, narrow.high) if at_low else (narrow.low, high)
    if high - low <= 0:
        return None
    mouth = low if at_low else high
    sign = 1.0 if at_low else -1.0
    wider = [item for item in stack if item.radius > narrow.radius * 1.001]
    sink = max((width for item in stack for width in item.wider), default=0.0)
    return Hole(
        diameter_mm=2 * narrow.radius,
        depth_mm=high - low,
        through=through,
        axis=scaled(narrow.axis, sign),
        position_mm=along(narrow.point, narrow.axis, mouth - dot(narrow.point, narrow.axis)),
        counterbore_mm=2 * max(item.radius for item in wider) if wider else None,
        countersink_mm=sink if sink > 0 and not wider else None,
        faces=tuple(sorted(face for item in stack for face in item.faces)),
    )
