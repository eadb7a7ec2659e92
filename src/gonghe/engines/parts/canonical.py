"""Which simple surface a face lies on, also where the file describes it as a spline."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Cone, gp_Cylinder, gp_Pln, gp_Sphere, gp_Torus
from OCP.ShapeAnalysis import ShapeAnalysis_CanonicalRecognition
from OCP.TopoDS import TopoDS_Face

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.vectors import cross, dot, norm, perpendicular_to, radial

RECOGNITION_MM = 1e-3
"""A spline surface this close to a plane, cylinder, cone or sphere is taken for one."""

Bounds = tuple[float, float, float, float]
Simple = Any
"""One of the kernel's ``gp_Pln``, ``gp_Cylinder``, ``gp_Cone``, ``gp_Sphere``, ``gp_Torus``."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """Surface kind with its figures; see :class:`gonghe.engines.parts.topology.Face` for their meaning."""

    kind: str
    point: Vector
    axis: Vector
    radius: float
    minor: float
    start: float
    sweep: float
    low: float
    high: float
    recognised: bool


def canonical(face: TopoDS_Face, surface: BRepAdaptor_Surface, bounds: Bounds) -> Canonical:
    """Classify one face; ``bounds`` are its first and last u and v."""
    simple = _as_written(surface)
    recognised = simple is None
    if simple is None:
        simple = _recognise(face)
    if simple is None:
        zero: Vector = (0.0, 0.0, 0.0)
        return Canonical("spline", zero, (0.0, 0.0, 1.0), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)
    if isinstance(simple, gp_Pln):
        return flat(simple, recognised)
    if isinstance(simple, gp_Cylinder | gp_Cone) and not recognised:
        return _straight_sided(simple, surface, bounds)
    return _round(simple, _samples(surface, bounds), recognised)


def flat(plane: gp_Pln, recognised: bool = False) -> Canonical:
    """A plane, which is all its figures."""
    point, axis = plane.Location().Coord(), plane.Axis().Direction().Coord()
    return Canonical("plane", point, axis, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, recognised)


def _straight_sided(simple: Simple, surface: BRepAdaptor_Surface, bounds: Bounds) -> Canonical:
    """Cylinder or cone as the file writes it: u is the angle about the axis, v runs along it."""
    first_u, last_u, first_v, last_v = bounds
    position = simple.Position()
    point, axis = simple.Location().Coord(), position.Axis().Direction().Coord()
    ends = [surface.Value(first_u, v).Coord() for v in (first_v, last_v)]
    arms = [radial(end, point, axis) for end in ends]
    across = perpendicular_to(axis)
    widest = max(arms, key=norm)
    angle = math.atan2(dot(widest, cross(axis, across)), dot(widest, across))
    sweep = last_u - first_u
    start = angle if position.Direct() else angle - sweep
    low, high = sorted(dot(end, axis) for end in ends)
    if isinstance(simple, gp_Cone):
        small, large = sorted(norm(arm) for arm in arms)
        return Canonical("cone", point, axis, large, small, start, sweep, low, high, False)
    return Canonical("cylinder", point, axis, simple.Radius(), 0.0, start, sweep, low, high, False)


def _as_written(surface: BRepAdaptor_Surface) -> Simple | None:
    kind = surface.GetType()
    getters = {
        GeomAbs_SurfaceType.GeomAbs_Cylinder: surface.Cylinder,
        GeomAbs_SurfaceType.GeomAbs_Cone: surface.Cone,
        GeomAbs_SurfaceType.GeomAbs_Sphere: surface.Sphere,
        GeomAbs_SurfaceType.GeomAbs_Torus: surface.Torus,
    }
    getter = getters.get(kind)
    found: Simple | None = getter() if getter else None
    return found


def _recognise(face: TopoDS_Face) -> Simple | None:
    seeker = ShapeAnalysis_CanonicalRecognition(face)
    plane, cylinder, cone, sphere = gp_Pln(), gp_Cylinder(), gp_Cone(), gp_Sphere()
    if seeker.IsPlane(RECOGNITION_MM, plane):
        return plane
    if seeker.IsCylinder(RECOGNITION_MM, cylinder):
        return cylinder
    if seeker.IsCone(RECOGNITION_MM, cone):
        return cone
    if seeker.IsSphere(RECOGNITION_MM, sphere):
        return sphere
    return None


def _samples(surface: BRepAdaptor_Surface, bounds: Bounds) -> list[list[Vector]]:
    """Points of the patch on a grid: one row per v, nine points along u."""
    first_u, last_u, first_v, last_v = bounds
    return [
        [
            surface.Value(first_u + (last_u - first_u) * i / 8, first_v + (last_v - first_v) * j / 8).Coord()
            for i in range(9)
        ]
        for j in range(0, 9, 4)
    ]


def _round(simple: Simple, grid: list[list[Vector]], recognised: bool) -> Canonical:
    point, axis = simple.Location().Coord(), simple.Position().Axis().Direction().Coord()
    flat = [item for row in grid for item in row]
    heights = [dot(item, axis) for item in flat]
    start, sweep = _longest_span(point, axis, [*grid, *map(list, zip(*grid, strict=True))])
    kind = {gp_Cylinder: "cylinder", gp_Cone: "cone", gp_Sphere: "sphere", gp_Torus: "torus"}[type(simple)]
    radius, minor = _radii(simple, [norm(radial(item, point, axis)) for item in flat])
    return Canonical(kind, point, axis, radius, minor, start, sweep, min(heights), max(heights), recognised)


def _radii(simple: Simple, distances: list[float]) -> tuple[float, float]:
    if isinstance(simple, gp_Torus):
        return simple.MajorRadius(), simple.MinorRadius()
    if isinstance(simple, gp_Cone):
        return max(distances), min(distances)
    return simple.Radius(), 0.0


def _longest_span(point: Vector, axis: Vector, rows: Iterable[list[Vector]]) -> tuple[float, float]:
    """First angle and covered angle about the axis of the row that covers most."""
    across = perpendicular_to(axis)
    up = cross(axis, across)
    best = (0.0, 0.0)
    for row in rows:
        arms = [radial(item, point, axis) for item in row]
        angles = [math.atan2(dot(arm, up), dot(arm, across)) for arm in arms if norm(arm) > 1e-9]
        if len(angles) < 2:
            continue
        steps = [math.remainder(b - a, math.tau) for a, b in pairwise(angles)]
        total = sum(steps)
        if abs(total) > best[1]:
            best = (angles[0] if total >= 0 else angles[0] + total, abs(total))
    return best
