"""Binary glTF 2.0 of a mesh: one primitive, coloured, with the face number of every vertex as ``_FACE_ID``.

The axes are turned from CAD's z up to glTF's y up; lengths stay in mm (``asset.extras.unit``).
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from gonghe.engines.parts.triangles import Mesh

FLOAT, UNSIGNED_INT, UNSIGNED_BYTE = 5126, 5125, 5121
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963


def write_glb(mesh: Mesh, colours: npt.NDArray[np.uint8], normals: npt.NDArray[np.float64]) -> bytes:
    """Bytes of a GLB file.

    Parameters
    ----------
    normals : array (n, 3)
        Of the points, see :func:`vertex_normals`.
    colours : array (faces, 3) of uint8
        sRGB colour by face number.
    """
    corner_face = np.zeros(len(mesh.points), dtype=np.int32)
    corner_face[mesh.triangles.ravel()] = np.repeat(mesh.face_ids, 3)
    points = mesh.points[:, [0, 2, 1]].astype(np.float32)
    points[:, 2] *= -1
    upright = normals[:, [0, 2, 1]].astype(np.float32)
    upright[:, 2] *= -1
    tint = np.full((len(points), 4), 255, dtype=np.uint8)
    tint[:, :3] = np.round(255 * _linear(colours)).astype(np.uint8)[corner_face]
    parts: list[tuple[npt.NDArray[Any], str, int, int]] = [
        (points, "VEC3", FLOAT, ARRAY_BUFFER),
        (upright, "VEC3", FLOAT, ARRAY_BUFFER),
        (corner_face.astype(np.float32), "SCALAR", FLOAT, ARRAY_BUFFER),
        (tint, "VEC4", UNSIGNED_BYTE, ARRAY_BUFFER),
        (mesh.triangles.astype(np.uint32).ravel(), "SCALAR", UNSIGNED_INT, ELEMENT_ARRAY_BUFFER),
    ]
    document, body = _document(parts)
    document["accessors"][0] |= {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}
    document["accessors"][3]["normalized"] = True
    return _container(document, body)


def vertex_normals(mesh: Mesh) -> npt.NDArray[np.float64]:
    """Unit normals (n, 3): mean of the triangles around each vertex, weighted by area."""
    a, b, c = (mesh.points[mesh.triangles[:, i]] for i in range(3))
    facet = np.cross(b - a, c - a)
    corner = mesh.triangles.ravel()
    total = np.stack(
        [np.bincount(corner, np.repeat(facet[:, i], 3), len(mesh.points)) for i in range(3)], axis=1
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    upright = np.tile([0.0, 0.0, 1.0], (len(total), 1))
    normals: npt.NDArray[np.float64] = np.divide(total, length, out=upright, where=length > 0)
    return normals


def _linear(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """sRGB bytes to linear 0..1 (IEC 61966-2-1): glTF vertex colours are linear."""
    value = colours / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _document(parts: list[tuple[npt.NDArray[Any], str, int, int]]) -> tuple[dict[str, Any], bytes]:
    views, accessors, body = [], [], b""
    for number, (data, shape, component, target) in enumerate(parts):
        raw = np.ascontiguousarray(data).tobytes()
        views.append({"buffer": 0, "byteOffset": len(body), "byteLength": len(raw), "target": target})
        accessors.append(
            {"bufferView": number, "componentType": component, "count": len(data), "type": shape}
        )
        body += raw + b"\0" * (-len(raw) % 4)
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "gonghe", "extras": {"unit": "mm"}},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "part"}],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": {"POSITION": 0, "NORMAL": 1, "_FACE_ID": 2, "COLOR_0": 3},
                        "indices": 4,
                        "material": 0,
                    }
                ]
            }
        ],
        "materials": [
            {"pbrMetallicRoughness": {"metallicFactor": 0.2, "roughnessFactor": 0.6}, "doubleSided": True}
        ],
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return document, body


def _container(document: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    length = 12 + 8 + len(text) + 8 + len(body)
    head = struct.pack("<4sII", b"glTF", 2, length)
    return (
        head
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(body), b"BIN\0")
        + body
    )
