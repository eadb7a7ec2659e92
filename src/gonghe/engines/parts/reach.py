"""Which set-ups a part needs for straight tools to reach it, and what no such set-up reaches.

The surface is sampled by points on its triangles. A point is reached from a direction when its surface does
not look away from it and the ray that way leaves the part (a tool of no width: necessary, not sufficient). A
face that overhangs another, such as the underside of a T-slot, is reached from the end of its recess only if
a tool not longer than :data:`LONGEST` diameters gets that far.
Directions are first those that holes and recesses ask for, then those that reach most of what is left (the
greedy set cover, Chvatal 1979). What they leave is tried from directions all around.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gonghe.engines.model.part_features import Reach, SetUp, Undercut
from gonghe.engines.model.parts import Hole, Pocket, Vector
from gonghe.engines.parts.access import directions
from gonghe.engines.parts.overhang import overhangs
from gonghe.engines.parts.sight import LEAN, Flags, Floats, Numbers, Sight
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.triangles import Mesh
from gonghe.engines.parts.vectors import dot, scaled, unit

SAMPLED = 20
"""Triangles of a face that are sampled, the rest being like them."""

COARSE = 4
"""Faces of so few triangles are sampled at all of :data:`WITHIN`, others at the middle of each triangle."""

WITHIN = np.array([[1, 1, 1], [8, 1, 1], [1, 8, 1], [1, 1, 8], [6, 6, 1], [1, 6, 6], [6, 1, 6]], dtype=float)
WITHIN /= WITHIN.sum(axis=1, keepdims=True)
"""Places in a triangle (barycentric) at which it is sampled."""

MISSED = 0.05
"""A face counts as reached when less than this share of it is not."""

TRACE = 1e-4
"""Less than this share of the whole surface is no undercut but a sliver of the mesh."""

LONGEST = 5.0
"""Length over diameter of usual long end mills (catalogues; beyond it they chatter)."""

OFF = 1e-4
"""Samples stand off the surface by this share of the part's size."""

CANDIDATES = 24
TRIED = 6
FRAMES = 8
TILTS = 48
SAME = math.cos(math.radians(1.0))
SQUARE = math.sin(math.radians(0.5))
FEW_TILTS = 2
"""Up to so many tilted directions are set one after the other (3+2); more want moving axes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What features ask for: directions that must be, others worth trying, and faces taken as made.

    Drilled faces and those turned on a lathe are made; of recesses only their floor tells the direction.
    """

    directions: Sequence[Vector]
    offered: Sequence[Vector] = ()
    made: frozenset[int] = frozenset()


def asked_by(holes: Sequence[Hole], pockets: Sequence[Pocket], turned: Iterable[int]) -> Asked:
    """What the features of a part ask of its set-ups."""
    made = frozenset(face for hole in holes for face in hole.faces) | frozenset(turned)
    return Asked(directions(holes, ()), [pocket.axis for pocket in pockets], made)


def find_reach(topology: Topology, mesh: Mesh, asked: Asked) -> Reach:
    """Set-ups, the machine that they want, and undercuts."""
    surface = _Surface(topology, mesh, asked)
    setups = [(direction, surface.take(direction)) for direction in asked.directions]
    setups += [
        (direction, surface.take(direction))
        for direction in surface.cover(_candidates(topology, asked.offered))
    ]
    undercuts = tuple(surface.undercuts())
    frame = _main_frame(topology)
    found = tuple(SetUp(direction, faces, _is_square(direction, frame)) for direction, faces in setups)
    return Reach(found, _machine(topology, found, undercuts), undercuts)


def _machine(topology: Topology, setups: Sequence[SetUp], undercuts: Sequence[Undercut]) -> str:
    tilted = [cut for cut in undercuts if cut.tilted_to]
    curved = any(topology.faces[face].kind == "spline" for cut in tilted for face in cut.faces)
    if curved or any(len(cut.tilted_to) > FEW_TILTS for cut in tilted):
        return "5-axis"
    return "3+2" if tilted or not all(item.square for item in setups) else "3-axis"


def _candidates(topology: Topology, offered: Sequence[Vector]) -> list[Vector]:
    """Directions worth trying: those offered, then square to flat faces and along axes by their surface."""
    areas: list[tuple[float, Vector]] = []
    for axis in offered:
        if not any(dot(axis, other) > SAME for _, other in areas):
            areas.append((math.inf, axis))
    for face in topology.faces:
        for axis in _offered(face):
            for number, (area, other) in enumerate(areas):
                if dot(axis, other) > SAME:
                    areas[number] = (area + face.area, other)
                    break
            else:
                if len(areas) < 4 * CANDIDATES:
                    areas.append((face.area, axis))
    areas.sort(key=lambda item: -item[0])
    kept = max(CANDIDATES, sum(area == math.inf for area, _ in areas))
    return [axis for _, axis in areas[:kept]]


def _offered(face: Face) -> tuple[Vector, ...]:
    if face.kind == "plane":
        return (face.axis,)
    if face.kind in ("cylinder", "cone", "torus"):
        return (face.axis, scaled(face.axis, -1.0))
    return ()


def _main_frame(topology: Topology) -> tuple[Vector, ...]:
    """Two directions square to each other that, with the third, most flat surface is square to."""
    areas: dict[tuple[int, ...], float] = {}
    axes: dict[tuple[int, ...], Vector] = {}
    for face in (face for face in topology.faces if face.kind == "plane"):
        sign = 1.0 if face.axis > (0.0, 0.0, 0.0) else -1.0
        key = tuple(round(200 * sign * value) for value in face.axis)
        areas[key] = areas.get(key, 0.0) + face.area
        axes.setdefault(key, face.axis)
    main = sorted(areas, key=lambda key: (-areas[key], key))[:FRAMES]
    pairs = [(axes[a], axes[b]) for a, b in combinations(main, 2) if abs(dot(axes[a], axes[b])) < SQUARE]

    def held(pair: tuple[Vector, ...]) -> float:
        return sum(area for key, area in areas.items() if _is_square(axes[key], pair))

    return max(pairs, key=held, default=tuple(axes[key] for key in main[:1]))


def _is_square(direction: Vector, frame: Sequence[Vector]) -> bool:
    return all(abs(dot(direction, axis)) < SQUARE or abs(dot(direction, axis)) > SAME for axis in frame)


def _all_around() -> list[Vector]:
    """Directions spread evenly over the sphere (Fibonacci lattice)."""
    golden = math.pi * (3 - math.sqrt(5))
    found = []
    for number in range(TILTS):
        height = 1 - 2 * (number + 0.5) / TILTS
        wide = math.sqrt(1 - height**2)
        found.append((wide * math.cos(golden * number), wide * math.sin(golden * number), height))
    return found


class _Surface:
    """Samples of the faces that are not yet made, and which of them are left."""

    def __init__(self, topology: Topology, mesh: Mesh, asked: Asked) -> None:
        self._topology = topology
        self._sight = Sight(mesh)
        triangles, weights = _samples(mesh, self._sight.areas, asked.made, len(topology.faces))
        corners = mesh.points[mesh.triangles[triangles]]
        self._normals = self._sight.normals[triangles]
        off = OFF * float(np.ptp(mesh.points, axis=0).max())
        self._points = np.einsum("nc,ncd->nd", weights, corners) + off * self._normals
        self._face = mesh.face_ids[triangles].astype(np.int64)
        _, which, many = np.unique(triangles, return_inverse=True, return_counts=True)
        self._weight = self._sight.areas[triangles] / many[which.ravel()]
        self._total = self._by_face(np.arange(len(self._face)))
        self._least = TRACE * float(self._sight.areas.sum())
        self._over = self._overhanging()
        self._left = np.ones(len(self._points), dtype=bool)

    def take(self, direction: Vector) -> tuple[int, ...]:
        """Tick off what a direction reaches; faces that are done with it and were not before."""
        before = self._open(self._left)
        self._left[self._seen(direction, np.flatnonzero(self._left))] = False
        return tuple(sorted(before - self._open(self._left)))

    def cover(self, candidates: Sequence[Vector]) -> list[Vector]:
        """Few of the candidates that together reach whatever any of those tried reaches of what is left."""
        rest, left = np.flatnonzero(self._left), self._left.copy()
        seen: dict[int, Numbers] = {}
        chosen: list[int] = []
        while self._open(left):
            for number in self._facing_most(candidates, np.flatnonzero(left))[:TRIED]:
                if number not in seen:
                    seen[number] = self._seen(candidates[number], rest)
            gains = {number: float(self._weight[one[left[one]]].sum()) for number, one in seen.items()}
            best = max(sorted(gains), key=lambda number: gains[number])
            if gains[best] <= 0:
                break
            left[seen[best]] = False
            chosen.append(best)
        return [candidates[number] for number in self._pruned(chosen, seen)]

    def _facing_most(self, candidates: Sequence[Vector], rest: Numbers) -> list[int]:
        """Numbers of the candidates, those that most of the samples look towards first."""
        lean = self._normals[rest] @ np.asarray(candidates).T
        areas = (self._weight[rest, None] * (lean >= -LEAN)).sum(axis=0)
        return sorted(range(len(candidates)), key=lambda number: -float(areas[number]))

    def _pruned(self, chosen: Sequence[int], seen: dict[int, Numbers]) -> list[int]:
        """The chosen without those that complete no face the others leave."""
        kept = list(chosen)
        goal = self._open(self._without(kept, seen))
        for number in chosen[::-1]:
            others = [other for other in kept if other != number]
            if self._open(self._without(others, seen)) == goal:
                kept = others
        return kept

    def _without(self, chosen: Sequence[int], seen: dict[int, Numbers]) -> Flags:
        left = self._left.copy()
        for number in chosen:
            left[seen[number]] = False
        return left

    def undercuts(self) -> Iterator[Undercut]:
        """Faces left over, in groups that touch, with the tilts that reach them."""
        groups = _touching(self._topology, self._open(self._left))
        rest = np.flatnonzero(self._left & np.isin(self._face, [face for group in groups for face in group]))
        around = _all_around() if len(rest) else []
        seen = [self._seen(direction, rest) for direction in around]
        for group in groups:
            mine = rest[np.isin(self._face[rest], group)]
            tilts = self._tilts(mine, [np.intersect1d(mine, one) for one in seen])
            area = float(self._weight[mine].sum())
            yield Undercut(tuple(group), round(area, 3), tuple(around[number] for number in tilts))

    def _tilts(self, rest: Numbers, seen: Sequence[Numbers]) -> list[int]:
        """Fewest directions that see the samples, greedily; none when some stay hidden from all."""
        found: list[int] = []
        left, allowed = rest, MISSED * float(self._weight[rest].sum())
        while self._weight[left].sum() > allowed:
            gains = [float(self._weight[np.intersect1d(one, left)].sum()) for one in seen]
            number = int(np.argmax(gains))
            if gains[number] <= 0:
                return []
            left = np.setdiff1d(left, seen[number])
            found.append(number)
        return found

    def _by_face(self, samples: Numbers) -> Floats:
        areas: Floats = np.zeros(len(self._topology.faces))
        np.add.at(areas, self._face[samples], self._weight[samples])
        return areas

    def _open(self, left: Flags) -> set[int]:
        """Faces of which more than a trace is left."""
        area = self._by_face(np.flatnonzero(left))
        return set(np.flatnonzero(area > np.maximum(MISSED * self._total, self._least)).tolist())

    def _seen(self, direction: Vector, among: Numbers) -> Numbers:
        """Those samples among the given ones that a tool from a direction reaches."""
        lean = self._normals[among] @ np.asarray(direction)
        facing = among[lean >= -LEAN]
        seen = facing[self._sight.free(self._points[facing], direction)]
        walls = self._over[self._face[seen]]
        walls &= np.abs(self._normals[seen] @ np.asarray(direction)) < LEAN
        return np.concatenate([seen[~walls], self._roomy(direction, seen[walls])])

    def _overhanging(self) -> Flags:
        """By face, whether it overhangs another that is seen from straight before it."""
        pairs = [both for pair in overhangs(self._topology) for both in (pair, pair[::-1])]
        below = sorted({other for _, other in pairs})
        seen = np.zeros(len(self._topology.faces), dtype=bool)
        for axis, faces in self._alike(below):
            mine = np.flatnonzero(np.isin(self._face, faces))
            free = self._sight.free(self._points[mine], axis)
            seen[np.unique(self._face[mine[free]])] = True
        found = np.zeros(len(seen), dtype=bool)
        found[[face for face, other in pairs if seen[other]]] = True
        return found

    def _alike(self, faces: Iterable[int]) -> list[tuple[Vector, list[int]]]:
        """Flat faces by the way they look."""
        groups: list[tuple[Vector, list[int]]] = []
        for number in faces:
            axis = self._topology.faces[number].axis
            for other, members in groups:
                if dot(axis, other) > SAME:
                    members.append(number)
                    break
            else:
                groups.append((axis, [number]))
        return groups

    def _roomy(self, direction: Vector, walls: Numbers) -> Numbers:
        """Wall samples beside a gap wide enough for a tool that reaches them."""
        if not len(walls):
            return walls
        normals = np.round(self._normals[walls], 3)
        kinds, which = np.unique(normals, axis=0, return_inverse=True)
        kept = np.zeros(len(walls), dtype=bool)
        for number, normal in enumerate(kinds):
            mine = which.ravel() == number
            lean = tuple(direction[axis] + float(normal[axis]) / LONGEST for axis in range(3))
            kept[mine] = self._sight.free(self._points[walls[mine]], unit((lean[0], lean[1], lean[2])))
        return walls[kept]


def _samples(mesh: Mesh, areas: Floats, made: frozenset[int], faces: int) -> tuple[Numbers, Floats]:
    """Triangle (n,) and barycentric place (n, 3) of every sample: the largest triangles of the faces left."""
    order = np.lexsort((-areas, mesh.face_ids))
    owner = mesh.face_ids[order]
    rank = np.arange(len(order)) - np.searchsorted(owner, owner, side="left")
    taken = np.zeros(faces, dtype=bool)
    taken[list(made)] = True
    kept: Flags = (rank < SAMPLED) & ~taken[owner] & (areas[order] > 0)
    coarse = np.bincount(mesh.face_ids, minlength=faces) <= COARSE
    triangles = order[kept]
    fine = triangles[~coarse[mesh.face_ids[triangles]]]
    wide = triangles[coarse[mesh.face_ids[triangles]]]
    number = np.concatenate([fine, np.repeat(wide, len(WITHIN))])
    places = np.concatenate([np.repeat(WITHIN[:1], len(fine), axis=0), np.tile(WITHIN, (len(wide), 1))])
    return number, places


def _touching(topology: Topology, faces: set[int]) -> list[list[int]]:
    """Faces in groups that share edges."""
    left, groups = set(faces), []
    while left:
        start = min(left)
        left.discard(start)
        group, front = [start], [start]
        while front:
            face = topology.faces[front.pop()]
            beside = {topology.neighbour(edge, face.index) for edge in face.edges} & left
            fresh = sorted(number for number in beside if number is not None)
            left.difference_update(fresh)
            group.extend(fresh)
            front.extend(fresh)
        groups.append(sorted(group))
    return groups
