"""The triangle mesh that pictures are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BODY = (178, 188, 199)
"""sRGB colour of faces without one of their own."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangle mesh; vertices are not shared between faces.

    Parameters
    ----------
    points : array (n, 3) of float64, mm
    triangles : array (m, 3) of int32, counter-clockwise seen from outside
    face_ids : array (m,) of int32
        Face number of each triangle.
    """

    points: npt.NDArray[np.float64]
    triangles: npt.NDArray[np.int32]
    face_ids: npt.NDArray[np.int32]
