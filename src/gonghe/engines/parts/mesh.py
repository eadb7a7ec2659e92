"""Triangles of a shape, with the face each belongs to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.IMeshTools import IMeshTools_MeshAlgoType as Algorithm
from OCP.IMeshTools import IMeshTools_Parameters
from OCP.Message import Message_ProgressRange
from OCP.TopAbs import TopAbs_Orientation
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound, TopoDS_Face, TopoDS_Shape

from gonghe.engines.parts.triangles import Mesh

ANGLE = 0.35
"""Largest angle between neighbouring facets of a curved face, rad."""

RELATIVE_SAG = 1e-3
"""Largest distance between facet and surface, as a share of the part's diagonal."""


def tessellate(
    shape: TopoDS_Shape, faces: tuple[TopoDS_Face, ...], diagonal: float
) -> tuple[Mesh, tuple[int, ...]]:
    """Mesh a shape; also the numbers of faces that stayed without triangles.

    Delabella is far faster than Watson on faces with many holes, but leaves some faces empty; those are
    meshed again with Watson. Plane faces come first and alone: they need no points inside, and looking for
    some takes a minute on a plate with a thousand holes.
    """
    sag = max(diagonal * RELATIVE_SAG, 1e-4)
    _mesh(_plane_ones(faces), Algorithm.IMeshTools_MeshAlgoType_Delabella, sag, inside=False)
    _mesh(shape, Algorithm.IMeshTools_MeshAlgoType_Delabella, sag)
    for face in faces:
        if _triangulation(face) is None:
            BRepTools.Clean_s(face)
            _mesh(face, Algorithm.IMeshTools_MeshAlgoType_Watson, sag)
    return _collect(faces)


def _plane_ones(faces: tuple[TopoDS_Face, ...]) -> TopoDS_Compound:
    found, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(found)
    for face in faces:
        if BRepAdaptor_Surface(face).GetType() == GeomAbs_SurfaceType.GeomAbs_Plane:
            builder.Add(found, face)
    return found


def _mesh(shape: TopoDS_Shape, algorithm: Algorithm, sag: float, inside: bool = True) -> None:
    settings = IMeshTools_Parameters()
    settings.InternalVerticesMode = inside
    settings.MeshAlgo = algorithm
    settings.Deflection = sag
    settings.Angle = ANGLE
    BRepMesh_IncrementalMesh(shape, settings, Message_ProgressRange())


def _triangulation(face: TopoDS_Face) -> object | None:
    found = BRep_Tool.Triangulation_s(face, TopLoc_Location())
    return None if found is None or found.NbTriangles() == 0 else found


def _collect(faces: tuple[TopoDS_Face, ...]) -> tuple[Mesh, tuple[int, ...]]:
    points: list[npt.NDArray[np.float64]] = []
    triangles: list[npt.NDArray[np.int32]] = []
    owners: list[npt.NDArray[np.int32]] = []
    empty: list[int] = []
    offset = 0
    for number, face in enumerate(faces):
        part = _face_mesh(face)
        if part is None:
            empty.append(number)
            continue
        points.append(part[0])
        triangles.append(part[1] + np.int32(offset))
        owners.append(np.full(len(part[1]), number, dtype=np.int32))
        offset += len(part[0])
    if not points:
        return Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32), np.zeros(0, np.int32)), tuple(empty)
    return Mesh(np.concatenate(points), np.concatenate(triangles), np.concatenate(owners)), tuple(empty)


def _face_mesh(face: TopoDS_Face) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]] | None:
    place = TopLoc_Location()
    found = BRep_Tool.Triangulation_s(face, place)
    if found is None or found.NbTriangles() == 0:
        return None
    move = place.Transformation()
    nodes = np.array([found.Node(index).Coord() for index in range(1, found.NbNodes() + 1)])
    if not place.IsIdentity():
        turn = np.array([[move.Value(row, column) for column in range(1, 5)] for row in range(1, 4)])
        nodes = nodes @ turn[:, :3].T + turn[:, 3]
    corners = [found.Triangle(index).Get() for index in range(1, found.NbTriangles() + 1)]
    triangles = np.asarray(corners, dtype=np.int32) - 1
    flipped = face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
    if flipped != move.IsNegative():
        triangles = triangles[:, ::-1].copy()
    return nodes, triangles
