"""Areas of faces and volume of solids: sums along the edges where the surfaces are simple.

The divergence theorem turns the volume into one integral over each face, V = 1/3 sum of the integrals of r.n.
With A the area of a face and S the integral of its outward unit normal n it is:

- plane at distance d: d A;
- cylinder or sphere of radius R about c: c.S + R A (- R A where the material lies outside);
- cone with the apex p: p.S, for there (r - p).n = 0.

By Stokes' theorem S is half the integral of r x dr along the edges. Then A = S.n on a plane, |S.a| / sin(half
angle) on a cone with the axis a; and on a cylinder A is the integral of z t.dr along the edges, with z the
height and t the direction around the axis (Green). Flat faces between straight edges are what their
triangles are. Other surfaces, and faces whose edges do not meet or whose triangles do not bear the sums out,
are left to the kernel's own integration; of a free-form face only its share of the volume, its area is that
of its triangles.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from OCP.BRepGProp import BRepGProp, BRepGProp_Domain, BRepGProp_Face, BRepGProp_Vinert
from OCP.gp import gp_Pnt
from OCP.GProp import GProp_GProps
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS_Face, TopoDS_Shape

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.edgesums import EdgeSums
from gonghe.engines.parts.errors import NoSolid
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.triangles import Mesh
from gonghe.engines.parts.vectors import along, dot, norm, radial, sub

BORNE_OUT = 0.05
"""A sum must agree with the triangles of its face to within this share of the area."""

GAP = 1e-5
"""A gap between edges, all around a face, must cost less than this share of its area."""

FLATTEST, STEEPEST = 1e-3, 1.0 - 1e-6
"""Sines of the half angle between which a cone is reckoned as one."""


def measured(shape: TopoDS_Shape, topology: Topology, mesh: Mesh) -> tuple[Topology, float]:
    """The same topology with the areas of its faces, mm2, and the volume of all solids, mm3.

    Raises
    ------
    NoSolid
        When the solids have no volume.
    """
    faces, whole = _Integrals(topology, mesh).result()
    if _uses(shape) != len(faces):  # solids that share faces: the list above holds these once
        whole = _kernel_volume(shape)
    if not abs(whole) > 1e-9:
        raise NoSolid("The solid in the file has no volume. Export the part again as a solid model.")
    return replace(topology, faces=tuple(faces)), abs(whole)


def _uses(shape: TopoDS_Shape) -> int:
    count, faces = 0, TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_FACE)
    while faces.More():
        count += 1
        faces.Next()
    return count


def _kernel_volume(shape: TopoDS_Shape) -> float:
    mass = GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, mass)
    return float(mass.Mass())


class _Integrals:
    """Area of every face, and the volume they enclose."""

    def __init__(self, topology: Topology, mesh: Mesh) -> None:
        self._topology = topology
        self._sums = EdgeSums(topology)
        self._mesh_normals, self._mesh_areas = _of_mesh(mesh, len(topology.faces))

    def result(self) -> tuple[list[Face], float]:
        faces, volume = [], 0.0
        for face in self._topology.faces:
            area, share = self._face(face)
            faces.append(replace(face, area=area))
            volume += share
        return faces, volume

    def _face(self, face: Face) -> tuple[float, float]:
        """Area and share of the volume."""
        index = face.index
        if face.recognised or face.kind in ("spline", "torus"):
            return self._by_kernel(face)
        if face.kind == "plane" and all(self._topology.edges[edge].kind == "line" for edge in face.edges):
            area = self._mesh_areas[index]
            return (area, _share(face, area, face.axis)) if area > 0 else self._by_kernel(face)
        found = self._area(face)
        if found is None or not self._borne_out(index, found):
            return self._by_kernel(face)
        return found, _share(face, found, self._sums.normals[index])

    def _area(self, face: Face) -> float | None:
        whole = self._sums.normals[face.index]
        if face.kind == "plane":
            return dot(whole, face.axis)
        if face.kind == "cone":
            sine = _sine(face)
            return abs(dot(whole, face.axis)) / sine if FLATTEST < sine < STEEPEST else None
        return self._sums.cylinders.get(face.index)

    def _borne_out(self, index: int, area: float) -> bool:
        near = BORNE_OUT * area
        return (
            self._sums.gaps[index] < GAP * area
            and abs(area - self._mesh_areas[index]) < near
            and norm(sub(self._sums.normals[index], self._mesh_normals[index])) < near
        )

    def _by_kernel(self, face: Face) -> tuple[float, float]:
        """Where the normal is linear in the place, its integral follows from the centre of the area."""
        shape, drawn = self._topology.shapes[face.index], self._mesh_areas[face.index]
        if face.kind == "spline" and drawn > 0:  # twice the time for one part in a thousand of its area
            return drawn, _kernel_share(shape)
        mass = GProp_GProps()
        BRepGProp.SurfaceProperties_s(shape, mass)
        area = abs(float(mass.Mass()))
        if face.recognised or face.kind not in ("plane", "cylinder", "sphere"):
            return area, _kernel_share(shape)
        centre = mass.CentreOfMass().Coord()
        arm = radial(centre, face.point, face.axis) if face.kind == "cylinder" else sub(centre, face.point)
        turn = (-area if face.concave else area) / max(face.radius, 1e-300)
        return area, _share(face, area, (arm[0] * turn, arm[1] * turn, arm[2] * turn))


def _kernel_share(face: TopoDS_Face) -> float:
    return float(BRepGProp_Vinert(BRepGProp_Face(face), BRepGProp_Domain(face), gp_Pnt(0.0, 0.0, 0.0)).Mass())


def _share(face: Face, area: float, whole: Vector) -> float:
    """Share of a face in the volume; ``whole`` is the integral of its normal."""
    if face.kind == "plane":
        return dot(face.axis, face.point) * area / 3
    if face.kind == "cone":
        return dot(_apex(face, whole), whole) / 3
    return (dot(face.point, whole) + (-area if face.concave else area) * face.radius) / 3


def _of_mesh(mesh: Mesh, faces: int) -> tuple[list[Vector], list[float]]:
    """Integral of the normal and area of every face, by its triangles."""
    a, b, c = (mesh.points[mesh.triangles[:, i]] for i in range(3))
    facet = np.cross(b - a, c - a) / 2
    whole = np.stack([np.bincount(mesh.face_ids, facet[:, i], faces) for i in range(3)], axis=1)
    areas = np.bincount(mesh.face_ids, np.sqrt(np.einsum("ij,ij->i", facet, facet)), faces)
    return [(x, y, z) for x, y, z in whole.tolist()], areas.tolist()


def _sine(face: Face) -> float:
    """Of a cone's half angle."""
    return (face.radius - face.minor) / max(math.hypot(face.radius - face.minor, face.height), 1e-300)


def _apex(face: Face, whole: Vector) -> Vector:
    """Of a cone: beyond its narrow end, to which the normal leans where the material lies inside."""
    beyond = face.minor * face.height / (face.radius - face.minor)
    upwards = (dot(whole, face.axis) > 0) != face.concave
    level = face.high + beyond if upwards else face.low - beyond
    return along(face.point, face.axis, level - dot(face.point, face.axis))
