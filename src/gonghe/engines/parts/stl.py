"""STL meshes: triangles without a unit."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from gonghe.engines.parts.errors import UnreadableFile
from gonghe.engines.parts.triangles import Mesh

FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def read_stl(data: bytes) -> Mesh:
    """Parse binary or ASCII STL; vertices at the same place are welded.

    Raises
    ------
    UnreadableFile
        When numbers are missing or not finite.
    """
    if len(data) >= 84 and len(data) == 84 + 50 * struct.unpack_from("<I", data, 80)[0]:
        corners = np.frombuffer(data, FACET, offset=84)["corners"].astype(np.float64)
    else:
        corners = _ascii(data)
    if len(corners) == 0 or not np.all(np.isfinite(corners)):
        raise UnreadableFile("The STL file holds damaged numbers. Export it again from the CAD system.")
    span = float(np.ptp(corners.reshape(-1, 3), axis=0).max()) or 1.0
    keys = np.round(corners.reshape(-1, 3) / (span * 1e-7)).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    triangles = inverse.reshape(-1, 3).astype(np.int32)
    whole = (
        (triangles[:, 0] != triangles[:, 1])
        & (triangles[:, 1] != triangles[:, 2])
        & (triangles[:, 0] != triangles[:, 2])
    )
    triangles = triangles[whole]
    return Mesh(corners.reshape(-1, 3)[first], triangles, np.zeros(len(triangles), dtype=np.int32))


def _ascii(data: bytes) -> npt.NDArray[np.float64]:
    words = data.split()
    places = [index for index, word in enumerate(words) if word == b"vertex"]
    try:
        numbers = [float(words[place + offset]) for place in places for offset in (1, 2, 3)]
        return np.asarray(numbers).reshape(-1, 3, 3)
    except (ValueError, IndexError) as error:
        raise UnreadableFile(
            "The STL file is damaged or cut off. Export it again from the CAD system."
        ) from error
