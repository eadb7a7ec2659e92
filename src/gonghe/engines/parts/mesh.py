"""Triangles of a shape, with the face each belongs to."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.IMeshTools import IMeshTools_MeshAlgoType as Algorithm
from OCP.IMeshTools import IMeshTools_Parameters
from OCP.Message import Message_ProgressRange
from OCP.Poly import Poly_Triangulation
from OCP.TopAbs import TopAbs_Orientation
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound, TopoDS_Face, TopoDS_Shape

from gonghe.engines.parts.topology import Topology
from gonghe.engines.parts.triangles import Mesh
from gonghe.engines.parts.triangulations import Patch, read_patches

ANGLE = 0.35
"""Largest angle between neighbouring facets of a curved face, rad."""

RELATIVE_SAG = 1e-3
"""Largest distance between facet and surface, as a share of the part's diagonal."""


CROWDED = 30
"""Openings in a flat face from which on it is meshed alone, without looking for points inside it."""


def tessellate(shape: TopoDS_Shape, topology: Topology, diagonal: float) -> tuple[Mesh, tuple[int, ...]]:
    """Mesh a shape; also the numbers of faces that stayed without triangles.

    Delabella is far faster than Watson on faces with many holes, but leaves some faces empty; those are
    meshed again with Watson. Plane faces full of holes come first and alone: they need no points inside, and
    looking for some takes a minute on a plate with a thousand holes.
    """
    sag = max(diagonal * RELATIVE_SAG, 1e-4)
    crowded = [face.index for face in topology.faces if face.kind == "plane" and len(face.inner) >= CROWDED]
    if crowded:
        only = _compound(topology.shapes[index] for index in crowded)
        _mesh(only, Algorithm.IMeshTools_MeshAlgoType_Delabella, sag, inside=False)
    _mesh(shape, Algorithm.IMeshTools_MeshAlgoType_Delabella, sag)
    for face in topology.shapes:
        if _triangulation(face) is None:
            BRepTools.Clean_s(face)
            _mesh(face, Algorithm.IMeshTools_MeshAlgoType_Watson, sag)
    return _collect(topology.shapes)


def _compound(faces: Iterable[TopoDS_Face]) -> TopoDS_Compound:
    found, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(found)
    for face in faces:
        builder.Add(found, face)
    return found


def _mesh(shape: TopoDS_Shape, algorithm: Algorithm, sag: float, inside: bool = True) -> None:
    settings = IMeshTools_Parameters()
    settings.InternalVerticesMode = inside
    settings.MeshAlgo = algorithm
    settings.Deflection = sag
    settings.Angle = ANGLE
    BRepMesh_IncrementalMesh(shape, settings, Message_ProgressRange())


def _triangulation(face: TopoDS_Face, place: TopLoc_Location | None = None) -> Poly_Triangulation | None:
    """Triangles of a face as the kernel keeps them, without its ``place``, which is filled in."""
    found = BRep_Tool.Triangulation_s(face, place or TopLoc_Location())
    return None if found is None or found.NbTriangles() == 0 else found


def _collect(faces: tuple[TopoDS_Face, ...]) -> tuple[Mesh, tuple[int, ...]]:
    places = [TopLoc_Location() for _ in faces]
    meshed = [_triangulation(face, place) for face, place in zip(faces, places, strict=True)]
    filled = [number for number, item in enumerate(meshed) if item is not None]
    empty = tuple(number for number, item in enumerate(meshed) if item is None)
    if not filled:
        return Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32), np.zeros(0, np.int32)), empty
    patches = read_patches([item for item in meshed if item is not None])
    patches = [_placed(patches[i], faces[number], places[number]) for i, number in enumerate(filled)]
    first = np.cumsum([0] + [len(patch.points) for patch in patches[:-1]])
    counts = [len(patch.triangles) for patch in patches]
    triangles = np.concatenate([patch.triangles for patch in patches])
    triangles += np.repeat(first, counts).astype(np.int32)[:, None]
    owners = np.repeat(np.asarray(filled, dtype=np.int32), counts)
    return Mesh(np.concatenate([patch.points for patch in patches]), triangles, owners), empty


def _placed(patch: Patch, face: TopoDS_Face, place: TopLoc_Location) -> Patch:
    """The triangles where the face lies, turned to its outside."""
    points, triangles, mirrored = patch.points, patch.triangles, False
    if not place.IsIdentity():
        move = place.Transformation()
        turn = np.array([[move.Value(row, column) for column in range(1, 5)] for row in range(1, 4)])
        points = points @ turn[:, :3].T + turn[:, 3]
        mirrored = move.IsNegative()
    if (face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED) != mirrored:
        triangles = triangles[:, ::-1]
    return Patch(points, triangles)
