"""All triangles of many faces at once, by way of the kernel's own binary format.

Asking the kernel for every point and every triangle one by one takes longer than making them; its format for
shapes on disc ("Open CASCADE Topology V4") holds them as plain arrays.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from OCP.BinTools import BinTools, BinTools_FormatVersion
from OCP.BRep import BRep_Builder
from OCP.Message import Message_ProgressRange
from OCP.Poly import Poly_Triangulation
from OCP.TopoDS import TopoDS_Compound, TopoDS_Face

SECTION = b"\nTriangulations "
HEAD = struct.Struct("<ii??d")
"""Number of points, of triangles, whether parameters and normals follow, largest distance to the surface."""


@dataclass(frozen=True, slots=True)
class Patch:
    """Triangles of one face, without its place: points (n, 3) in mm, triangles (m, 3) from 0."""

    points: npt.NDArray[np.float64]
    triangles: npt.NDArray[np.int32]


def read_patches(meshed: list[Poly_Triangulation]) -> list[Patch]:
    """Points and triangles of each of the kernel's triangulations, in their order."""
    once = {id(item): item for item in meshed}
    patches = dict(zip(once, _parse(_written(list(once.values()))), strict=True))
    return [patches[id(item)] for item in meshed]


def _written(meshed: list[Poly_Triangulation]) -> bytes:
    """Faces that are nothing but these triangulations, as the kernel writes them."""
    builder, faces = BRep_Builder(), TopoDS_Compound()
    builder.MakeCompound(faces)
    for item in meshed:
        face = TopoDS_Face()
        builder.MakeFace(face, item)
        builder.Add(faces, face)
    stream = io.BytesIO()
    version = BinTools_FormatVersion.BinTools_FormatVersion_VERSION_4
    BinTools.Write_s(faces, stream, True, False, version, Message_ProgressRange())
    return stream.getvalue()


def _parse(data: bytes) -> list[Patch]:
    start = data.index(SECTION) + len(SECTION)
    at = data.index(b"\n", start) + 1
    patches = []
    for _ in range(int(data[start : at - 1])):
        nodes, count, has_parameters, _normals, _sag = HEAD.unpack_from(data, at)
        at += HEAD.size
        points = np.frombuffer(data, np.float64, 3 * nodes, at).reshape(-1, 3)
        at += 8 * (5 if has_parameters else 3) * nodes
        triangles = np.frombuffer(data, np.int32, 3 * count, at).reshape(-1, 3)
        at += 12 * count
        patches.append(Patch(points, triangles - np.int32(1)))
    return patches
