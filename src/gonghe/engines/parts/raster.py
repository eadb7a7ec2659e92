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
DEPTHS = 2**31 - 1
"""Steps in which depth is told apart."""

CHUNK_PIXELS = 200_000
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
    pixels[:, 2] = (points[:, 2] - low[2]) / max(float(high[2] - low[2]), 1e-9)
    owner = _visible(pixels, mesh.triangles, wide)
    return _png(_reduce(_shade(mesh, colours, owner, view)))


def _visible(pixels: Floats, triangles: npt.NDArray[np.int32], wide: int) -> Numbers:
    """Number of the front triangle at every pixel, -1 for background; array (wide * wide,).

    Triangles are cut into pixel rows, rows into pixels, all with repeated indices instead of loops. A pixel
    keeps the largest key, which is its depth followed by the number of the triangle.
    """
    corner = pixels[triangles]
    a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
    twice_area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    facing = np.flatnonzero(twice_area < -1e-9)  # image y points down, so what faces the eye turns clockwise
    slope = _slopes(corner[facing], twice_area[facing])
    span, row = _spread(
        np.clip(np.ceil(corner[facing, :, 1].min(axis=1) - 0.5), 0, wide).astype(np.int64),
        np.clip(np.floor(corner[facing, :, 1].max(axis=1) - 0.5), -1, wide - 1).astype(np.int64),
    )
    left, right = _crossings(corner[facing], span, row.astype(np.float64) + 0.5)
    first = np.clip(np.ceil(left - 0.5), 0, wide).astype(np.int64)
    last = np.clip(np.floor(right - 0.5), -1, wide - 1).astype(np.int64)
    start_depth = slope[span, 2] + slope[span, 1] * (row + 0.5) + slope[span, 0] * (first + 0.5)
    keys = np.full(wide * wide, -1, dtype=np.int64)
    bounds = np.concatenate([[0], np.cumsum(np.maximum(last - first + 1, 0))])
    start = 0
    while start < len(span):
        stop = max(start + 1, int(np.searchsorted(bounds, bounds[start] + CHUNK_PIXELS, side="right")) - 1)
        piece, column = _spread(first[start:stop], last[start:stop])
        piece += start
        depth = start_depth[piece] + slope[span[piece], 0] * (column - first[piece])
        key = (np.clip(depth, 0, 1) * DEPTHS).astype(np.int64) << 32 | facing[span[piece]]
        np.maximum.at(keys, row[piece] * wide + column, key)
        start = stop
    return np.where(keys < 0, -1, keys & 0xFFFFFFFF)


def _slopes(corner: Floats, twice_area: Floats) -> Floats:
    """Depth of triangles (n, 3, 3) as a plane over the image: rise along x, along y, and depth at (0, 0)."""
    a = corner[:, 0]
    u, v = corner[:, 1] - a, corner[:, 2] - a
    along_x = (u[:, 2] * v[:, 1] - v[:, 2] * u[:, 1]) / twice_area
    along_y = (v[:, 2] * u[:, 0] - u[:, 2] * v[:, 0]) / twice_area
    return np.stack([along_x, along_y, a[:, 2] - along_x * a[:, 0] - along_y * a[:, 1]], axis=1)


def _spread(first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
    """Every item's number once for each integer from its first to its last, and these integers."""
    counts = np.maximum(last - first + 1, 0)
    begin = np.cumsum(counts) - counts
    return np.repeat(np.arange(len(counts)), counts), np.arange(int(counts.sum())) + np.repeat(
        first - begin, counts
    )


def _crossings(corner: Floats, item: Numbers, y: Floats) -> tuple[Floats, Floats]:
    """Where horizontal lines enter and leave triangles (n, 3, 3); ``item`` is the triangle of each line."""
    left, right = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for i in range(3):
        p, q = corner[:, i], corner[:, (i + 1) % 3]
        rise = q[:, 1] - p[:, 1]
        lean = (q[:, 0] - p[:, 0]) / np.where(rise == 0, 1.0, rise)
        low, high = np.minimum(p[:, 1], q[:, 1])[item], np.maximum(p[:, 1], q[:, 1])[item]
        hit = (low <= y) & (y < high)
        x = (p[:, 0] - lean * p[:, 1])[item] + lean[item] * y
        left = np.where(hit, np.minimum(left, x), left)
        right = np.where(hit, np.maximum(right, x), right)
    missed = ~np.isfinite(left)
    return np.where(missed, 1.0, left), np.where(missed, 0.0, right)


def _shade(
    mesh: Mesh, colours: npt.NDArray[np.uint8], owner: Numbers, view: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """RGB by opacity, and opacity, 0..1, of every pixel; array (wide, wide, 4).

    Diffuse light, darker lines where faces meet or the part ends.
    """
    normals = vertex_normals(mesh)[mesh.triangles].mean(axis=1)
    towards = normals @ view[2]
    light = view.T @ (LIGHT / np.linalg.norm(LIGHT))
    bright = np.clip(0.42 + 0.58 * np.abs(normals @ light) * np.where(towards >= 0, 1.0, 0.6), 0, 1)
    paint = np.zeros((len(mesh.triangles) + 1, 4), dtype=np.float32)  # the last is the background
    paint[:-1, :3] = colours[mesh.face_ids] / 255 * bright[:, None]
    paint[:-1, 3] = 1.0
    faces = np.append(mesh.face_ids, -1)
    wide = round(len(owner) ** 0.5)
    image, face = paint[owner].reshape(wide, wide, 4), faces[owner].reshape(wide, wide)
    line = np.zeros((wide, wide), dtype=bool)
    line[:, 1:] |= face[:, 1:] != face[:, :-1]
    line[1:, :] |= face[1:, :] != face[:-1, :]
    image[line, :3] *= np.float32(EDGE_SHADE)
    return image


def _reduce(image: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Average the oversampled pixels; colours come out free of their opacity."""
    wide = range(OVERSAMPLE)
    mean = np.zeros((image.shape[0] // OVERSAMPLE, image.shape[1] // OVERSAMPLE, 4), dtype=np.float32)
    for i in wide:
        for j in wide:
            mean += image[i::OVERSAMPLE, j::OVERSAMPLE]
    mean /= np.float32(OVERSAMPLE**2)
    mean[..., :3] /= np.maximum(mean[..., 3:], np.float32(1e-6))
    return np.round(255 * mean).astype(np.uint8)


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
