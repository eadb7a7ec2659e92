"""Edges as points and steps along them, with which integrals along an edge are sums.

Lines and circles need one point: their middle, with the whole length as the step. Other curves are sampled by
Gauss-Legendre between their knots, which is exact for the area that splines of third degree enclose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.collections import Array1_double
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_Shape
from OCP.gp import gp_Pnt, gp_Vec

from gonghe.engines.model.parts import Vector

Floats = npt.NDArray[np.float64]

SPLINE = np.polynomial.legendre.leggauss(3)
SMOOTH = np.polynomial.legendre.leggauss(16)
"""Places in -1..1 and weights, for a piece between knots and for a whole conic or an unknown curve."""


@dataclass(frozen=True, slots=True)
class Path:
    """A curve: points (n, 3) along it, the steps (n, 3) they stand for, and its two ends, all in mm."""

    points: Floats
    steps: Floats
    first: Vector
    last: Vector

    @property
    def length(self) -> float:
        """Length of the curve, mm."""
        return float(np.sqrt((self.steps**2).sum(axis=1)).sum())


def path_along(curve: BRepAdaptor_Curve) -> Path:
    """Sample any curve."""
    places, weights = SMOOTH
    ends = [curve.FirstParameter(), curve.LastParameter()]
    if curve.GetType() == GeomAbs_CurveType.GeomAbs_BSplineCurve:
        places, weights = SPLINE
        pieces = curve.NbIntervals(GeomAbs_Shape.GeomAbs_CN)
        knots = Array1_double(1, pieces + 1)
        curve.Intervals(knots, GeomAbs_Shape.GeomAbs_CN)
        ends = [knots.Value(number + 1) for number in range(pieces + 1)]
    limits = np.asarray(ends)
    half = np.diff(limits)[:, None] / 2
    at = (limits[:-1, None] + half * (1 + places)).ravel()
    point, tangent = gp_Pnt(), gp_Vec()
    found: list[tuple[float, ...]] = []
    for parameter in at.tolist():
        curve.D1(parameter, point, tangent)
        found.append(point.Coord() + tangent.Coord())
    both = np.asarray(found)
    steps = both[:, 3:] * (half * weights).ravel()[:, None]
    return Path(both[:, :3], steps, curve.Value(ends[0]).Coord(), curve.Value(ends[-1]).Coord())
