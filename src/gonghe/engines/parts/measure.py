"""Size of a shape: validity, bodies, exact box."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from OCP.Bnd import Bnd_Box
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepCheck import BRepCheck_Analyzer
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS_Shape

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.errors import NoSolid
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.triangles import Mesh

FaceBoxes = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def require_solid(shape: TopoDS_Shape) -> None:
    """Refuse a shape without any solid.

    Raises
    ------
    NoSolid
    """
    if bodies(shape) == 0:
        raise NoSolid(
            "The file holds surfaces but no solid. Close (sew) the surfaces in the CAD system and export "
            "again."
        )


def bodies(shape: TopoDS_Shape) -> int:
    """Number of solids."""
    count = 0
    solids = TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_SOLID)
    while solids.More():
        count += 1
        solids.Next()
    return count


def is_valid(shape: TopoDS_Shape) -> bool:
    """The kernel's own check of topology and geometry."""
    return bool(BRepCheck_Analyzer(shape).IsValid())


def rough_diagonal(shape: TopoDS_Shape) -> float:
    """Diagonal of a loose box, mm; enough to choose how fine to mesh."""
    box = Bnd_Box()
    BRepBndLib.Add_s(shape, box, False)
    return float(np.sqrt(box.SquareExtent())) if not box.IsVoid() else 0.0


def exact_box(topology: Topology, mesh: Mesh, boxes: FaceBoxes, sag: float) -> tuple[Vector, Vector]:
    """Lowest and highest corner, mm.

    The mesh gives the box up to its sag. Sides held by a flat face are exact already; for the others only the
    faces that reach them are measured exactly, which is far cheaper than measuring every face.
    """
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    seek_low, seek_high = low.copy(), high.copy()
    for face, face_low, face_high in zip(topology.faces, *boxes, strict=True):
        square = int(np.argmax(np.abs(face.axis)))
        if face.kind == "plane" and abs(face.axis[square]) > 1 - 1e-12:
            seek_low[square] = -np.inf if face_low[square] <= low[square] + 1e-9 else seek_low[square]
            seek_high[square] = np.inf if face_high[square] >= high[square] - 1e-9 else seek_high[square]
    for face, face_low, face_high in zip(topology.faces, *boxes, strict=True):
        touches = bool(np.any(face_low <= seek_low + sag) or np.any(face_high >= seek_high - sag))
        if not touches or _straight(topology, face):
            continue
        box = Bnd_Box()
        BRepBndLib.AddOptimal_s(topology.shapes[face.index], box, False, False)
        box.SetGap(0.0)
        if not box.IsVoid():
            low = np.minimum(low, box.CornerMin().Coord())
            high = np.maximum(high, box.CornerMax().Coord())
    return (float(low[0]), float(low[1]), float(low[2])), (float(high[0]), float(high[1]), float(high[2]))


def _straight(topology: Topology, face: Face) -> bool:
    return face.kind == "plane" and all(topology.edges[edge].kind == "line" for edge in face.outer)


def face_boxes(topology: Topology, mesh: Mesh) -> FaceBoxes:
    """Lowest and highest corner of every face, as two arrays (faces, 3), mm; up to the sag of the mesh."""
    corners = mesh.points[mesh.triangles].reshape(-1, 3)
    owner = np.repeat(mesh.face_ids, 3)
    low = np.full((len(topology.faces), 3), np.inf)
    high = np.full((len(topology.faces), 3), -np.inf)
    np.minimum.at(low, owner, corners)
    np.maximum.at(high, owner, corners)
    return low, high
