"""Faces and edges of a shape as plain records, so that recognition needs no CAD kernel.

Faces are numbered from 0 in the order in which the kernel lists them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.BRepLib import BRepLib
from OCP.BRepTools import BRepTools
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType
from OCP.gp import gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Edge, TopoDS_Face, TopoDS_Shape

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.canonical import Canonical, canonical, flat
from gonghe.engines.parts.paths import Path, path_along
from gonghe.engines.parts.vectors import cross, dot, radial, sub, unit

SMOOTH = math.sin(math.radians(2.0))
"""Faces that meet under less than this (as a sine) count as running smoothly into each other."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face.

    ``kind`` is plane, cylinder, cone, torus, sphere or spline. ``axis`` is the outward normal of a plane,
    else the axis of revolution; ``point`` lies on the plane or is the origin on the axis. ``radius`` is that
    of a cylinder or sphere, the major radius of a torus, of a cone the larger radius of the face; ``minor``
    is the minor radius of a torus, the smaller radius of a cone. ``concave`` means the material lies outside
    the curved surface. ``sweep`` is the angle covered about the axis (rad), ``low`` and ``high`` the extent
    along the axis as scalar products of a point with the axis. ``area`` is 0 until it has been measured.
    """

    index: int
    kind: str
    area: float
    point: Vector
    axis: Vector
    radius: float
    minor: float
    concave: bool
    start: float
    sweep: float
    low: float
    high: float
    recognised: bool
    outer: tuple[int, ...] = ()
    inner: tuple[tuple[int, ...], ...] = ()

    @property
    def edges(self) -> tuple[int, ...]:
        """Edge numbers of all loops."""
        return self.outer + tuple(edge for loop in self.inner for edge in loop)

    @property
    def height(self) -> float:
        """Extent along the axis, mm."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge between two faces (or a seam, when both are the same face).

    ``bend`` is +1 where the material forms an outer corner, -1 an inner corner, 0 where the faces run on
    smoothly. ``ends`` are vertex numbers, -1 where the edge closes on itself without one. ``middle`` and
    ``direction`` are the point and the tangent half way along its parameter; ``centre`` and ``radius`` those
    of a circle, radius 0 of anything else. ``turns`` tells for each face whether the edge runs round it
    counter-clockwise seen from outside (1) or the other way (-1); 0 for a seam.
    """

    index: int
    faces: tuple[int, ...]
    kind: str
    length: float
    middle: Vector
    direction: Vector
    bend: int
    ends: tuple[int, int]
    centre: Vector = (0.0, 0.0, 0.0)
    radius: float = 0.0
    turns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    """All faces and edges; ``shapes`` are the kernel's faces by number, ``paths`` edges of kind other."""

    faces: tuple[Face, ...]
    edges: tuple[Edge, ...]
    shapes: tuple[TopoDS_Face, ...]
    paths: Mapping[int, Path]

    def neighbour(self, edge: int, face: int) -> int | None:
        """The face across an edge, or None at a seam or a free edge."""
        others = [item for item in self.edges[edge].faces if item != face]
        return others[0] if others else None


def map_faces(shape: TopoDS_Shape) -> ShapeMap:
    """The kernel's faces of a shape in their fixed order (1-based)."""
    found = ShapeMap()
    TopExp.MapShapes_s(shape, TopAbs_ShapeEnum.TopAbs_FACE, found)
    return found


def survey(shape: TopoDS_Shape) -> Topology:
    """Read all faces and edges of a shape."""
    return _Survey(shape).result()


class _Survey:
    """One pass over the kernel's shape."""

    def __init__(self, shape: TopoDS_Shape) -> None:
        self._edge_map, self._vertex_map = ShapeMap(), ShapeMap()
        TopExp.MapShapes_s(shape, TopAbs_ShapeEnum.TopAbs_EDGE, self._edge_map)
        TopExp.MapShapes_s(shape, TopAbs_ShapeEnum.TopAbs_VERTEX, self._vertex_map)
        face_map = map_faces(shape)
        self._shapes = tuple(TopoDS.Face(face_map.FindKey(index + 1)) for index in range(face_map.Extent()))
        self._surfaces = tuple(map(_surface, self._shapes))
        self._paths: dict[int, Path] = {}
        self._uses: list[list[tuple[int, bool]]] = [[] for _ in range(self._edge_map.Extent())]

    def result(self) -> Topology:
        faces = [self._face(index) for index in range(len(self._shapes))]
        for face in faces:
            outer, inner = self._loops(face.index)
            faces[face.index] = replace(face, outer=outer, inner=inner)
        edges = tuple(self._edge(index, faces) for index in range(len(self._uses)))
        return Topology(tuple(faces), edges, self._shapes, self._paths)

    def _loops(self, index: int) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
        face = self._shapes[index]
        wires, explorer = [], TopExp_Explorer(face, TopAbs_ShapeEnum.TopAbs_WIRE)
        while explorer.More():
            wires.append(explorer.Current())
            explorer.Next()
        loops = [self._loop(wire, index) for wire in wires]
        if len(wires) == 1:
            return loops[0], ()
        outer = BRepTools.OuterWire_s(face)
        outside: tuple[int, ...] = ()
        for number, wire in enumerate(wires):
            if not outer.IsNull() and wire.IsSame(outer):
                outside = loops.pop(number)
                break
        return outside, tuple(loops)

    def _loop(self, wire: TopoDS_Shape, face: int) -> tuple[int, ...]:
        numbers = []
        plane = self._surfaces[face].GetType() == GeomAbs_SurfaceType.GeomAbs_Plane
        edges = TopExp_Explorer(wire, TopAbs_ShapeEnum.TopAbs_EDGE)
        while edges.More():
            edge = TopoDS.Edge(edges.Current())
            if plane:
                # kept with the face, which files leave out; else the kernel projects the edge anew whenever
                # it needs it, and its check of validity takes half as long again
                BRepLib.BuildPCurveForEdgeOnPlane_s(edge, self._shapes[face])
            if not BRep_Tool.Degenerated_s(edge):
                number = self._edge_map.FindIndex(edge) - 1
                forward = edge.Orientation() != TopAbs_Orientation.TopAbs_REVERSED
                self._uses[number].append((face, forward))
                numbers.append(number)
            edges.Next()
        return tuple(dict.fromkeys(numbers))

    def _face(self, index: int) -> Face:
        shape, surface = self._shapes[index], self._surfaces[index]
        if surface.GetType() == GeomAbs_SurfaceType.GeomAbs_Plane:
            return _face_record(index, flat(surface.Plane()), self._normal(index, 0.0, 0.0))
        bounds = (
            surface.FirstUParameter(),
            surface.LastUParameter(),
            surface.FirstVParameter(),
            surface.LastVParameter(),
        )
        found = canonical(shape, surface, bounds)
        outward = self._normal(index, (bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2)
        return _face_record(index, found, outward)

    def _normal(self, index: int, u: float, v: float) -> tuple[Vector, Vector]:
        point, du, dv = gp_Pnt(), gp_Vec(), gp_Vec()
        self._surfaces[index].D1(u, v, point, du, dv)
        normal = unit(cross(du.Coord(), dv.Coord()))
        if self._shapes[index].Orientation() == TopAbs_Orientation.TopAbs_REVERSED:
            normal = (-normal[0], -normal[1], -normal[2])
        return point.Coord(), normal

    def _edge(self, index: int, faces: list[Face]) -> Edge:
        edge = TopoDS.Edge(self._edge_map.FindKey(index + 1))
        owners = tuple(dict.fromkeys(face for face, _ in self._uses[index]))
        if not owners:
            return Edge(index, (), "none", 0.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0, (-1, -1))
        curve = BRepAdaptor_Curve(edge)
        point, tangent = gp_Pnt(), gp_Vec()
        at = (curve.FirstParameter() + curve.LastParameter()) / 2
        curve.D1(at, point, tangent)
        direction = unit(tangent.Coord())
        here = (at, point.Coord(), direction)
        bend = self._bend(edge, self._uses[index], here, faces) if len(owners) == 2 else 0
        kind, length, centre, radius = _curve_kind(curve)
        if kind == "other":
            path = self._paths[index] = path_along(curve)
            length = path.length
        turns = tuple(
            sum(1 if way else -1 for face, way in self._uses[index] if face == owner) for owner in owners
        )
        return Edge(
            index, owners, kind, length, point.Coord(), direction, bend, self._ends(edge),
            centre, radius, turns,
        )  # fmt: skip

    def _ends(self, edge: TopoDS_Edge) -> tuple[int, int]:
        first, last = TopExp.FirstVertex_s(edge), TopExp.LastVertex_s(edge)
        return (
            -1 if first.IsNull() else self._vertex_map.FindIndex(first) - 1,
            -1 if last.IsNull() else self._vertex_map.FindIndex(last) - 1,
        )

    def _bend(
        self,
        edge: TopoDS_Edge,
        uses: list[tuple[int, bool]],
        here: tuple[float, Vector, Vector],
        faces: list[Face],
    ) -> int:
        """How two faces meet, judged ``here``: a parameter of the edge, its point and direction."""
        (one, forward), (two, _) = next((a, b) for a in uses for b in uses if a[0] != b[0])
        at, point, direction = here
        first = self._normal_on(edge, faces[one], at, point)
        second = self._normal_on(edge, faces[two], at, point)
        rise = dot(cross(first, direction), second)
        if abs(rise) < SMOOTH:
            return 0
        return 1 if (rise > 0) != forward else -1

    def _normal_on(self, edge: TopoDS_Edge, face: Face, at: float, point: Vector) -> Vector:
        """Outward normal of a face at a point of its edge; analytic surfaces need no parameter."""
        if face.kind == "plane":
            return face.axis
        if face.kind == "cylinder":
            arm = unit(radial(point, face.point, face.axis))
            return (-arm[0], -arm[1], -arm[2]) if face.concave else arm
        curve = BRep_Tool.CurveOnSurface_s(edge, self._shapes[face.index], 0.0, 0.0)
        if curve is None:
            return face.axis
        place = curve.Value(at)
        return self._normal(face.index, place.X(), place.Y())[1]


def _surface(face: TopoDS_Face) -> BRepAdaptor_Surface:
    """The surface of a face, trimmed to it unless it is a plane, which needs no bounds."""
    surface = BRepAdaptor_Surface(face, False)
    if surface.GetType() == GeomAbs_SurfaceType.GeomAbs_Plane:
        return surface
    return BRepAdaptor_Surface(face)


def _face_record(index: int, found: Canonical, outward: tuple[Vector, Vector]) -> Face:
    """A face from its surface and a point of the patch with the outward normal there."""
    middle, normal = outward
    axis, concave = found.axis, False
    if found.kind == "plane":
        axis = normal
    elif found.kind in ("cylinder", "cone"):
        concave = dot(normal, radial(middle, found.point, found.axis)) < 0
    elif found.kind == "sphere":
        concave = dot(normal, sub(middle, found.point)) < 0
    elif found.kind == "torus":
        arm = unit(radial(middle, found.point, found.axis))
        ring = tuple(found.point[i] + arm[i] * found.radius for i in range(3))
        concave = dot(normal, sub(middle, (ring[0], ring[1], ring[2]))) < 0
    return Face(
        index, found.kind, 0.0, found.point, axis, found.radius, found.minor, concave,
        found.start, found.sweep, found.low, found.high, found.recognised,
    )  # fmt: skip


def _curve_kind(curve: BRepAdaptor_Curve) -> tuple[str, float, Vector, float]:
    """Kind, length (of a line or circle), and of a circle its centre and radius."""
    kind = curve.GetType()
    span = curve.LastParameter() - curve.FirstParameter()
    nowhere: Vector = (0.0, 0.0, 0.0)
    if kind == GeomAbs_CurveType.GeomAbs_Line:
        return "line", span, nowhere, 0.0
    if kind == GeomAbs_CurveType.GeomAbs_Circle:
        circle = curve.Circle()
        return "circle", span * circle.Radius(), circle.Location().Coord(), circle.Radius()
    return "other", 0.0, nowhere, 0.0
