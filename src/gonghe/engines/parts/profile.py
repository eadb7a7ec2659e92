"""The half section of a turned part: which diameter it has where, outside and inside.

Every face about the axis is a line in the plane of distance along the axis and radius; its ends come from the
mesh, whose points at the ends of a face are exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.part_features import ProfileSegment
from gonghe.engines.model.parts import Turned
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.triangles import Mesh
from gonghe.engines.parts.turned import turned_faces
from gonghe.engines.parts.vectors import dot, norm, radial, sub

KINDS = {"plane": "face", "cylinder": "cylinder", "cone": "cone", "torus": "arc", "sphere": "arc"}
SAME_MM = 1e-4
SLANTED = 0.05
"""Mean component of the normal from which a face counts as looking outwards, inwards, up or down."""

Floats = npt.NDArray[np.float64]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of the half section: its points as (along the axis, radius), and where the surface looks.

    ``outward`` and ``upward`` are the mean components of the normal away from the axis and along it.
    """

    kind: str
    points: tuple[Place, ...]
    outward: float
    upward: float
    faces: tuple[int, ...]

    @property
    def inside(self) -> bool:
        """Whether it looks at the axis."""
        return self.outward < -SLANTED


def half_section(topology: Topology, mesh: Mesh, turned: Turned) -> tuple[Piece, ...]:
    """Pieces of the half section, those of one line once, from the part's lower end up."""
    reader = _Reader(topology, mesh, turned)
    found: dict[tuple[object, ...], Piece] = {}
    for piece in reader.pieces():
        ends = [tuple(round(value / SAME_MM) for value in place) for place in piece.points]
        key = (piece.kind, piece.inside, *ends)
        known = found.get(key)
        faces = piece.faces if known is None else (*known.faces, *piece.faces)
        found[key] = replace(piece, faces=faces)
    return tuple(sorted(found.values(), key=lambda piece: (piece.inside, piece.points[0], piece.points[-1])))


def as_profile(pieces: tuple[Piece, ...]) -> tuple[ProfileSegment, ...]:
    """The same for the outside world: diameters instead of radii."""
    return tuple(
        ProfileSegment(
            KINDS[piece.kind], _shown(piece.points[0]), _shown(piece.points[-1]), piece.inside, piece.faces
        )
        for piece in pieces
    )


def _shown(place: Place) -> Place:
    return round(place[0], 6) + 0.0, round(2 * place[1], 6) + 0.0


def _small(face: Face) -> float:
    """Radius of the arc that a torus or sphere is swept from."""
    return face.minor if face.kind == "torus" else face.radius


class _Reader:
    """Mesh points and normals in coordinates along the axis and away from it."""

    def __init__(self, topology: Topology, mesh: Mesh, turned: Turned) -> None:
        self._topology, self._turned = topology, turned
        self._numbers = turned_faces(topology, turned)
        axis = np.asarray(turned.axis)
        arms = mesh.points - np.asarray(turned.point)
        along = arms @ axis
        across = arms - np.outer(along, axis)
        radius = np.linalg.norm(across, axis=1)
        self._lowest = float(along.min())
        self._places = np.column_stack([along - self._lowest, radius])
        self._slope = self._looks(mesh, axis, across / np.maximum(radius, 1e-12)[:, None])
        owner = np.zeros(len(mesh.points), dtype=np.int64)
        owner[mesh.triangles] = mesh.face_ids[:, None]
        self._order = np.argsort(owner, kind="stable")
        self._starts = np.searchsorted(owner[self._order], np.arange(len(topology.faces) + 1))

    def _looks(self, mesh: Mesh, axis: Floats, out: Floats) -> Floats:
        """Mean normal of every face as (away from the axis, along it), array (faces, 2)."""
        a, b, c = (mesh.points[mesh.triangles[:, number]] for number in range(3))
        facets = np.cross(b - a, c - a)
        away = out[mesh.triangles].sum(axis=1)
        away /= np.maximum(np.linalg.norm(away, axis=1), 1e-12)[:, None]
        sums = np.zeros((len(self._topology.faces), 3))
        np.add.at(sums[:, 0], mesh.face_ids, np.einsum("ij,ij->i", facets, away))
        np.add.at(sums[:, 1], mesh.face_ids, facets @ axis)
        np.add.at(sums[:, 2], mesh.face_ids, np.linalg.norm(facets, axis=1))
        return sums[:, :2] / np.maximum(sums[:, 2:], 1e-12)

    def pieces(self) -> Iterator[Piece]:
        for number in self._numbers:
            face = self._topology.faces[number]
            places = self._places[self._order[self._starts[number] : self._starts[number + 1]]]
            if not len(places):
                continue
            outward, upward = (float(value) for value in self._slope[number])
            yield Piece(face.kind, self._line(face, places), outward, upward, (number,))

    def _line(self, face: Face, places: Floats) -> tuple[Place, ...]:
        if face.kind == "plane":
            return self._ring(face, places)
        if face.kind in ("torus", "sphere"):
            return self._arc(face, places)
        first, last = (places[int(index(places[:, 0]))] for index in (np.argmin, np.argmax))
        low, high = (float(first[0]), float(first[1])), (float(last[0]), float(last[1]))
        return ((low[0], face.radius), (high[0], face.radius)) if face.kind == "cylinder" else (low, high)

    def _arc(self, face: Face, places: Floats) -> tuple[Place, ...]:
        """Points along an arc, in order about its middle, with those farthest up, down, in and out."""
        at = dot(sub(face.point, self._turned.point), self._turned.axis) - self._lowest
        middle, size = (at, face.radius) if face.kind == "torus" else (at, 0.0), _small(face)
        angles = np.sort(np.arctan2(places[:, 1] - middle[1], places[:, 0] - middle[0]))
        gaps = np.diff(np.append(angles, angles[0] + math.tau))
        first = float(angles[(int(np.argmax(gaps)) + 1) % len(angles)])
        span = math.tau - float(gaps.max())
        turns = {round(float(angle - first) % math.tau, 6) for angle in angles}
        turns |= {turn for turn in ((k * math.pi / 2 - first) % math.tau for k in range(4)) if turn < span}
        found = [first + turn for turn in sorted(turns) if turn <= span + 1e-6]
        return tuple((middle[0] + size * math.cos(a), middle[1] + size * math.sin(a)) for a in found)

    def _ring(self, face: Face, places: Floats) -> tuple[Place, ...]:
        """A flat face from its inner to its outer radius, as the round faces beside it tell."""
        level = float(places[:, 0].mean())
        about = set(self._numbers)
        edges = [number for number in face.edges if self._topology.neighbour(number, face.index) in about]
        point, axis = self._turned.point, self._turned.axis
        radii = sorted(norm(radial(self._topology.edges[number].middle, point, axis)) for number in edges)
        widest = float(places[:, 1].max())
        if not radii:
            return (level, float(places[:, 1].min())), (level, widest)
        if radii[-1] - radii[0] > SAME_MM:
            return (level, radii[0]), (level, radii[-1])
        if widest > radii[0] + 1e-3 * widest:
            return (level, radii[0]), (level, widest)
        return (level, 0.0), (level, radii[0])
