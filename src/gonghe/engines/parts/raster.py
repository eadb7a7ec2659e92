"""Thumbnail of a mesh without a GPU: orthographic view, z-buffer in NumPy, PNG by hand."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from gonghe.engines.parts.glb import vertex_normals
from gonghe.engines.parts.triangles import Mesh

SIZE = 512
MARGIN = 0.06
OVERSAMPLE = 2
LIGHT = np.array([-0.35, 0.8, 0.5])
EDGE_SHADE = 0.45
CHUNK_PIXELS = 1_000_000
"""Pixels handled at once, to bound memory."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def view_matrix() -> npt.NDArray[np.float64]:
    """Rows right, up and towards the eye of the usual isometric view (from front right above, z up)."""
    eye = np.array([1.0, -1.0, 0.9])
    eye /= np.linalg.norm(eye)
    right = np.cross([0.0, 0.0, 1.0], eye)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(eye, right), eye])


def thumbnail(mesh: Mesh, colours: npt.NDArray[np.uint8], size: int = SIZE) -> bytes:
    """PNG with transparent background, ``size`` x ``size`` pixels.

    Parameters
    ----------
    colours : array (faces, 3) of uint8
        sRGB colour by face number.
    """
    wide = size * OVERSAMPLE
    view = view_matrix()
    points = mesh.points @ view.T
    low, high = points.min(axis=0), points.max(axis=0)
    scale = wide * (1 - 2 * MARGIN) / max(float((high - low)[:2].max()), 1e-9)
    centre = (low + high) / 2
    pixels = np.empty_like(points)
    pixels[:, 0] = (points[:, 0] - centre[0]) * scale + wide / 2
    pixels[:, 1] = wide / 2 - (points[:, 1] - centre[1]) * scale
    pixels[:, 2] = points[:, 2]
    owner = _visible(pixels, mesh.triangles, wide)
    return _png(_reduce(_shade(mesh, colours, owner, view)))


def _visible(pixels: Floats, triangles: npt.NDArray[np.int32], wide: int) -> Numbers:
    """Number of the front triangle at every pixel, -1 for background; array (wide, wide).

    Triangles are cut into pixel rows, rows into pixels, all with repeated indices instead of loops.
    """
    depth = np.full(wide * wide, -np.inf)
    owner = np.full(wide * wide, -1, dtype=np.int64)
    corner = pixels[triangles]
    a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
    twice_area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    facing = np.flatnonzero(twice_area < -1e-9)  # image y points down, so what faces the eye turns clockwise
    triangle, row = _spread(
        facing,
        np.clip(np.ceil(corner[facing, :, 1].min(axis=1) - 0.5), 0, wide).astype(np.int64),
        np.clip(np.floor(corner[facing, :, 1].max(axis=1) - 0.5), -1, wide - 1).astype(np.int64),
    )
    left, right = _crossings(corner[triangle], row.astype(np.float64) + 0.5)
    first = np.clip(np.ceil(left - 0.5), 0, wide).astype(np.int64)
    last = np.clip(np.floor(right - 0.5), -1, wide - 1).astype(np.int64)
    bounds = np.concatenate([[0], np.cumsum(np.maximum(last - first + 1, 0))])
    start = 0
    while start < len(triangle):
        stop = max(start + 1, int(np.searchsorted(bounds, bounds[start] + CHUNK_PIXELS, side="right")) - 1)
        span, column = _spread(np.arange(start, stop), first[start:stop], last[start:stop])
        _paint(corner[triangle[span]], triangle[span], (column, row[span]), (depth, owner), wide)
        start = stop
    return owner.reshape(wide, wide)


def _spread(items: Numbers, first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
    """Every item once for each integer from its first to its last: the items and the integers."""
    counts = np.maximum(last - first + 1, 0)
    offset = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(items, counts), np.repeat(first, counts) + offset


def _crossings(corner: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Where horizontal lines enter and leave triangles; ``corner`` (n, 3, 3), ``y`` (n,)."""
    left, right = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for i in range(3):
        p, q = corner[:, i], corner[:, (i + 1) % 3]
        rise = q[:, 1] - p[:, 1]
        hit = ((p[:, 1] <= y) != (q[:, 1] <= y)) & (rise != 0)
        x = p[:, 0] + (y - p[:, 1]) * (q[:, 0] - p[:, 0]) / np.where(rise == 0, 1.0, rise)
        left = np.where(hit, np.minimum(left, x), left)
        right = np.where(hit, np.maximum(right, x), right)
    missed = ~np.isfinite(left)
    return np.where(missed, 1.0, left), np.where(missed, 0.0, right)


def _paint(
    corner: Floats,
    triangle: Numbers,
    pixel: tuple[Numbers, Numbers],
    canvas: tuple[Floats, Numbers],
    wide: int,
) -> None:
    """Put the nearest of some pixels (column, row) onto the canvas (depth, triangle number)."""
    column, row = pixel
    depth, owner = canvas
    a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
    x, y = column + 0.5 - a[:, 0], row + 0.5 - a[:, 1]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    u = (x * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * y) / area
    v = ((b[:, 0] - a[:, 0]) * y - x * (b[:, 1] - a[:, 1])) / area
    z = a[:, 2] + u * (b[:, 2] - a[:, 2]) + v * (c[:, 2] - a[:, 2])
    place = row * wide + column
    order = np.argsort(z, kind="stable")
    place, z, triangle = place[order], z[order], triangle[order]
    ahead = z > depth[place]
    depth[place[ahead]], owner[place[ahead]] = z[ahead], triangle[ahead]


def _shade(
    mesh: Mesh, colours: npt.NDArray[np.uint8], owner: npt.NDArray[np.int64], view: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """RGBA 0..1 of every pixel: diffuse light, darker lines where faces meet or the part ends."""
    normals = vertex_normals(mesh)[mesh.triangles].mean(axis=1)
    towards = normals @ view[2]
    light = view.T @ (LIGHT / np.linalg.norm(LIGHT))
    bright = np.clip(0.42 + 0.58 * np.abs(normals @ light) * np.where(towards >= 0, 1.0, 0.6), 0, 1)
    seen = owner >= 0
    image = np.zeros((*owner.shape, 4))
    image[seen, :3] = colours[mesh.face_ids[owner[seen]]] / 255 * bright[owner[seen], None]
    image[seen, 3] = 1.0
    face = np.where(seen, mesh.face_ids[np.where(seen, owner, 0)], -1)
    line = np.zeros_like(seen)
    line[:, 1:] |= face[:, 1:] != face[:, :-1]
    line[1:, :] |= face[1:, :] != face[:-1, :]
    image[line & seen, :3] *= EDGE_SHADE
    return image


def _reduce(image: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Average the oversampled pixels, colours weighted by opacity."""
    size = image.shape[0] // OVERSAMPLE
    block = image.reshape(size, OVERSAMPLE, size, OVERSAMPLE, 4)
    alpha = block[..., 3:].mean(axis=(1, 3))
    colour = (block[..., :3] * block[..., 3:]).mean(axis=(1, 3)) / np.maximum(alpha, 1e-9)
    return np.round(255 * np.concatenate([colour, alpha], axis=-1)).astype(np.uint8)


def _png(image: npt.NDArray[np.uint8]) -> bytes:
    """PNG bytes (ISO/IEC 15948) of an RGBA image (height, width, 4), no filter."""
    height, width = image.shape[:2]
    rows = np.concatenate(
        [np.zeros((height, 1), np.uint8), image.reshape(height, width * 4)], axis=1
    ).tobytes()

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 6))
        + chunk(b"IEND", b"")
    )
