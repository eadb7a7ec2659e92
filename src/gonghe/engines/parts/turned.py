"""Parts that turn about an axis: the axis, the bar they come from, and how round they are."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import Turned, Vector
from gonghe.engines.parts.lines import Lines
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.vectors import coaxial, norm, parallel, radial, scaled

ROUND = ("cylinder", "cone", "torus", "sphere")
OUTER_SWEEP = math.radians(200.0)
"""The outermost diameter must go round at least this far in total."""


def find_turned(topology: Topology, corners: npt.NDArray[np.float64], box: Vector) -> Turned | None:
    """The turning axis with most surface about it, or None.

    Parameters
    ----------
    corners : array (n, 3)
        Points of the surface, mm, dense enough to show what sticks out beyond the round shape.
    box : (x, y, z)
        Exact sides along the file's axes, mm; gives the length of parts that lie along one of them.
    """
    best = max(_axes(topology), key=lambda item: item[0], default=None)
    if best is None:
        return None
    _, point, axis = best
    about = [face for face in topology.faces if _turns_about(face, point, axis)]
    outer = [face for face in about if not face.concave and face.kind != "sphere"]
    radius = max((_outer_radius(face) for face in outer), default=0.0)
    arms = corners - np.asarray(point)
    arms -= np.outer(arms @ np.asarray(axis), axis)
    reach = float(np.sqrt(np.einsum("ij,ij->i", arms, arms).max()))
    rim = sum(face.sweep for face in outer if _outer_radius(face) > 0.98 * radius)
    if radius <= 0 or reach > 1.01 * radius or rim < OUTER_SWEEP:
        return None
    square = [face for face in topology.faces if face.kind == "plane" and parallel(face.axis, axis)]
    total = sum(face.area for face in topology.faces)
    bores = [
        face.radius
        for face in about
        if face.concave and face.kind == "cylinder" and face.sweep > OUTER_SWEEP / 2
    ]
    return Turned(
        axis=scaled(axis, 1.0),
        diameter_mm=2 * radius,
        length_mm=_length(corners, axis, box),
        bore_mm=2 * max(bores, default=0.0),
        round_share=min(1.0, sum(face.area for face in [*about, *square]) / total),
        point=point,
    )


def turned_faces(topology: Topology, turned: Turned) -> tuple[int, ...]:
    """Faces that a lathe makes: those about the axis and those square to it; none on a mainly flat part."""
    if turned.round_share <= 0.5:
        return ()
    return tuple(
        face.index
        for face in topology.faces
        if _turns_about(face, turned.point, turned.axis)
        or (face.kind == "plane" and parallel(face.axis, turned.axis))
    )


def _length(corners: npt.NDArray[np.float64], axis: Vector, box: Vector) -> float:
    main = max(range(3), key=lambda index: abs(axis[index]))
    if abs(axis[main]) > 1 - 1e-12:
        return box[main]
    return float(np.ptp(corners @ np.asarray(axis)))


def _axes(topology: Topology) -> list[tuple[float, Vector, Vector]]:
    """Axes of revolution with the area of the faces about each."""
    lines: Lines[int] = Lines()
    axes: list[tuple[float, Vector, Vector]] = []
    for face in topology.faces:
        if face.kind not in ROUND or face.kind == "sphere":
            continue
        number = next(lines.about(face.point, face.axis), None)
        if number is None:
            lines.add(face.point, face.axis, len(axes))
            axes.append((face.area, face.point, face.axis))
        else:
            area, point, axis = axes[number]
            axes[number] = (area + face.area, point, axis)
    return axes


def _turns_about(face: Face, point: Vector, axis: Vector) -> bool:
    if face.kind == "sphere":
        return norm(radial(face.point, point, axis)) < 2e-3
    return face.kind in ROUND and coaxial(point, axis, face.point, face.axis)


def _outer_radius(face: Face) -> float:
    return face.radius + face.minor if face.kind == "torus" else face.radius
