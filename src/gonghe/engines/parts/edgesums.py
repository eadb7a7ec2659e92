"""Integrals along the edges of every face, all faces at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.topology import Topology

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

ALIGNED = 1e-5
"""Circles on a cylinder are square to its axis up to this, rad."""


class EdgeSums:
    """What the edges of a part tell about its faces.

    Attributes
    ----------
    normals : list of Vector
        Integral of the outward normal over each face, mm2.
    gaps : list of float
        Length of a face's edges times the widest gap between their ends, mm2.
    cylinders : dict
        Area of each cylinder face whose circles are square to the axis, mm2.
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._count = len(topology.faces)
        edges = topology.edges
        uses = [
            (edge.index, face, sign)
            for edge in edges
            for face, sign in zip(edge.faces, edge.turns, strict=True)
        ]
        self._edge, self._face, self._sign = np.array(uses, dtype=np.int64).reshape(-1, 3).T
        self._middle = _rows([edge.middle for edge in edges])
        self._tangent = _rows([edge.direction for edge in edges])
        self._centre = _rows([edge.centre for edge in edges])
        self._length = np.array([edge.length for edge in edges])
        self._radius = np.array([edge.radius for edge in edges])
        self._other = np.array([edge.kind == "other" for edge in edges], dtype=bool)
        self._first, self._last, terms = self._straight()
        self._bend(terms)
        self._follow(terms)
        flows = terms[self._edge] * self._sign[:, None]
        self.normals: list[Vector] = [(x, y, z) for x, y, z in self._by_face(flows).tolist()]
        self.gaps = self._gaps().tolist()
        self.cylinders = self._cylinders()

    def _by_face(self, flows: Floats) -> Floats:
        return np.stack([np.bincount(self._face, flows[:, i], self._count) for i in range(3)], axis=1)

    def _straight(self) -> tuple[Floats, Floats, Floats]:
        """Ends of all edges, and half the integral of r x dr, as if all were lines."""
        half = self._tangent * (self._length / 2)[:, None]
        return self._middle - half, self._middle + half, np.cross(self._middle, half)

    def _bend(self, terms: Floats) -> None:
        """Put the circles right."""
        at = np.flatnonzero(self._radius > 0)
        arm, along, centre = self._middle[at] - self._centre[at], self._tangent[at], self._centre[at]
        size, half = self._radius[at][:, None], (self._length[at] / self._radius[at])[:, None] / 2
        foot, reach = centre + arm * np.cos(half), size * np.sin(half) * along
        self._first[at], self._last[at] = foot - reach, foot + reach
        terms[at] = np.cross(centre, reach) + size * half * np.cross(arm, along)

    def _follow(self, terms: Floats) -> None:
        """Put the other curves right."""
        for index, path in self._topology.paths.items():
            terms[index] = np.cross(path.points, path.steps).sum(axis=0) / 2
            self._first[index], self._last[index] = path.first, path.last

    def _gaps(self) -> Floats:
        vertices = np.array([edge.ends for edge in self._topology.edges], dtype=np.int64).reshape(-1, 2)
        known = np.flatnonzero((vertices >= 0).all(axis=1))
        vertex = np.concatenate([vertices[known, 0], vertices[known, 1]])
        place = np.concatenate([self._first[known], self._last[known]])
        count = int(vertex.max(initial=-1)) + 1
        number = np.maximum(np.bincount(vertex, minlength=count), 1)
        mean = np.stack([np.bincount(vertex, place[:, i], count) for i in range(3)], axis=1) / number[:, None]
        off = np.sqrt(((place - mean[vertex]) ** 2).sum(axis=1)).reshape(2, -1).max(axis=0, initial=0.0)
        widest = np.zeros(len(vertices))
        widest[known] = off
        gap = np.zeros(self._count)
        np.maximum.at(gap, self._face, widest[self._edge])
        return gap * np.bincount(self._face, self._length[self._edge], self._count)

    def _cylinders(self) -> dict[int, float]:
        """By Green's theorem: height times the way around the axis, summed along the edges."""
        round_ones = [
            face for face in self._topology.faces if face.kind == "cylinder" and not face.recognised
        ]
        if not round_ones:
            return {}
        row = np.full(self._count, -1)
        row[[face.index for face in round_ones]] = np.arange(len(round_ones))
        axis, radius = (
            _rows([face.axis for face in round_ones]),
            np.array([face.radius for face in round_ones]),
        )
        middle = np.array([(face.low + face.high) / 2 for face in round_ones])
        point = _rows([face.point for face in round_ones])
        use, at, step = self._samples(np.flatnonzero(row[self._face] >= 0))
        own = row[self._face[use]]
        # edges lie beside the surface by their tolerance: count true angles, and heights from the middle
        arm = np.cross(axis[own], at - point[own])
        angle = _dots(arm, step) / np.maximum(_dots(arm, arm), 1e-300)
        height = _dots(at, axis[own]) - middle[own]
        area = radius * np.bincount(own, self._sign[use] * height * angle, len(round_ones))
        oblique = (self._radius[self._edge[use]] > 0) & (
            np.abs(_dots(self._tangent[self._edge[use]], axis[own])) > ALIGNED
        )
        bent = np.bincount(own, oblique, len(round_ones)) > 0
        return {
            face.index: abs(float(area[number])) for number, face in enumerate(round_ones) if not bent[number]
        }

    def _samples(self, uses: Numbers) -> tuple[Numbers, Floats, Floats]:
        """Points and steps along the edges of some uses, with the use each belongs to."""
        simple = uses[~self._other[self._edge[uses]]]
        edge = self._edge[simple]
        owner, points = [simple], [self._middle[edge]]
        steps = [self._tangent[edge] * self._length[edge][:, None]]
        for use in uses[self._other[self._edge[uses]]].tolist():
            path = self._topology.paths[int(self._edge[use])]
            owner.append(np.full(len(path.points), use))
            points.append(path.points)
            steps.append(path.steps)
        return np.concatenate(owner), np.concatenate(points), np.concatenate(steps)


def _rows(vectors: list[Vector]) -> Floats:
    return np.array(vectors, dtype=np.float64).reshape(-1, 3)


def _dots(a: Floats, b: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", a, b)
    return found
