"""Whether points of a surface are seen from afar: rays against the part's own triangles.

A ray leaves the part freely when it meets no triangle that faces away from its direction: entering material
again means to cross such a one. Triangles are sorted into cells of a grid square to the ray, so that each ray
is only tried against those of its own cell.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.triangles import Mesh
from gonghe.engines.parts.vectors import cross, perpendicular_to

LEAN = 0.01
"""Facets that lean less than this (as a sine) count as parallel to a direction."""

MOST_CELLS = 96
PAIRS_AT_ONCE = 2_000_000

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Sight:
    """Rays against one mesh."""

    def __init__(self, mesh: Mesh) -> None:
        self._points, self._triangles = mesh.points, mesh.triangles
        a, b, c = (mesh.points[mesh.triangles[:, number]] for number in range(3))
        normals = np.cross(b - a, c - a)
        size = np.linalg.norm(normals, axis=1)
        self.areas = size / 2
        self.normals = normals / np.maximum(size, 1e-300)[:, None]
        self._size = float(np.ptp(mesh.points, axis=0).max())

    def free(self, points: Floats, direction: Vector) -> Flags:
        """Whether the rays from points (n, 3) along a direction leave the part, as flags (n,).

        Points must lie outside the material, a little off the surface.
        """
        if not len(points):
            return np.zeros(0, dtype=bool)
        across = perpendicular_to(direction)
        frame = np.array([across, cross(direction, across), direction]).T
        rays = points @ frame
        entering = self._triangles[self.normals @ frame[:, 2] < -LEAN]
        a, b, c = (column for column in np.moveaxis((self._points @ frame)[entering], 1, 0))
        low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
        near = (high >= rays.min(axis=0)).all(axis=1) & (low[:, :2] <= rays[:, :2].max(axis=0)).all(axis=1)
        hit = np.zeros(len(points), dtype=bool)
        if near.any():
            corners = np.stack([a[near], b[near], c[near]], axis=1)
            _Grid(corners, (low[near], high[near]), rays, self._size * 1e-9).mark(hit)
        return ~hit


class _Grid:
    """Triangles (m, 3, 3) with their boxes and rays (n, 3); the third axis runs along the rays."""

    def __init__(self, corners: Floats, boxes: tuple[Floats, Floats], rays: Floats, tiny: float) -> None:
        self._corners, self._boxes, self._rays, self._tiny = corners, boxes, rays, tiny
        origin = rays[:, :2].min(axis=0)
        span = np.maximum(np.ptp(rays[:, :2], axis=0), tiny + 1e-12)
        self._cells = int(np.clip(np.sqrt(len(corners)), 1, MOST_CELLS))
        self._origin, self._scale = origin, self._cells / span

    def mark(self, hit: Flags) -> None:
        """Set the flag of every ray that meets a triangle."""
        triangle, cell = self._spread()
        order = np.argsort(cell, kind="stable")
        triangle, cell = triangle[order], cell[order]
        place = self._place(self._rays[:, :2])
        mine = place[:, 0] * self._cells + place[:, 1]
        first = np.searchsorted(cell, mine, side="left")
        count = np.searchsorted(cell, mine, side="right") - first
        ends = np.cumsum(count)
        start = 0
        while start < len(count):
            before = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + PAIRS_AT_ONCE, side="right")))
            ray = np.repeat(np.arange(start, stop), count[start:stop])
            begin = np.repeat(first[start:stop] - (ends[start:stop] - count[start:stop]), count[start:stop])
            met = triangle[np.arange(before, before + len(ray)) + begin]
            hit[ray[self._meet(ray, met)]] = True
            start = stop

    def _place(self, at: Floats) -> Numbers:
        cells: Numbers = ((at - self._origin) * self._scale).astype(np.int64)
        return np.clip(cells, 0, self._cells - 1, out=cells)

    def _spread(self) -> tuple[Numbers, Numbers]:
        """Every triangle once for each cell that its box touches, and these cells."""
        low = self._place(self._boxes[0][:, :2])
        wide = self._place(self._boxes[1][:, :2]) - low + 1
        count = wide[:, 0] * wide[:, 1]
        number = np.repeat(np.arange(len(count)), count)
        rank = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        row, column = low[number, 0] + rank // wide[number, 1], low[number, 1] + rank % wide[number, 1]
        return number, row * self._cells + column

    def _meet(self, ray: Numbers, triangle: Numbers) -> Flags:
        """Whether rays pass through triangles above their start (barycentric coordinates)."""
        point, corner = self._rays[ray], self._corners[triangle]
        a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
        u, v, w = b - a, c - a, point - a
        area = u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1]
        area = np.where(np.abs(area) < 1e-300, 1e-300, area)
        along_u = (w[:, 0] * v[:, 1] - v[:, 0] * w[:, 1]) / area
        along_v = (u[:, 0] * w[:, 1] - w[:, 0] * u[:, 1]) / area
        inside = (along_u >= 0) & (along_v >= 0) & (along_u + along_v <= 1)
        height = a[:, 2] + along_u * u[:, 2] + along_v * v[:, 2]
        found: Flags = inside & (height > point[:, 2] + self._tiny)
        return found
