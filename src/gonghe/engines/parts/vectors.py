"""Small vector arithmetic on plain tuples; for single vectors this is several times faster than arrays."""

from __future__ import annotations

import math

from gonghe.engines.model.parts import Vector


def dot(a: Vector, b: Vector) -> float:
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def sub(a: Vector, b: Vector) -> Vector:
    """``a - b``."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def along(point: Vector, direction: Vector, distance: float) -> Vector:
    """The point ``distance`` further along ``direction``."""
    return (
        point[0] + direction[0] * distance,
        point[1] + direction[1] * distance,
        point[2] + direction[2] * distance,
    )


def scaled(a: Vector, factor: float) -> Vector:
    """``factor * a``, without negative zeros."""
    return (a[0] * factor + 0.0, a[1] * factor + 0.0, a[2] * factor + 0.0)


def norm(a: Vector) -> float:
    """Length."""
    return math.sqrt(dot(a, a))


def unit(a: Vector) -> Vector:
    """``a`` scaled to length 1; the zero vector stays as it is."""
    length = norm(a)
    return (a[0] / length, a[1] / length, a[2] / length) if length > 0 else a


def radial(point: Vector, origin: Vector, axis: Vector) -> Vector:
    """Component of ``point - origin`` perpendicular to the unit vector ``axis``."""
    arm = sub(point, origin)
    return along(arm, axis, -dot(arm, axis))


def parallel(a: Vector, b: Vector, tolerance: float = 1e-4) -> bool:
    """Whether two unit vectors lie on one line, either way round; ``tolerance`` in radians."""
    return norm(cross(a, b)) < tolerance


def coaxial(p: Vector, a: Vector, q: Vector, b: Vector, tolerance: float = 2e-3) -> bool:
    """Whether the lines ``p + s a`` and ``q + t b`` are the same within ``tolerance`` mm at ``q``."""
    return parallel(a, b) and norm(radial(q, p, a)) < tolerance


def perpendicular_to(a: Vector) -> Vector:
    """Some unit vector perpendicular to the unit vector ``a``."""
    other: Vector = (1.0, 0.0, 0.0) if abs(a[0]) < 0.9 else (0.0, 1.0, 0.0)
    return unit(cross(a, other))
