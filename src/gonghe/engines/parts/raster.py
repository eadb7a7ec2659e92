"""Thumbnail of a mesh without a GPU: orthographic view, z-buffer in NumPy, PNG by hand."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from gonghe.engines.parts.triangles import Mesh

SIZE = 512
MARGIN = 0.06
OVERSAMPLE = 2
LIGHT = np.array([-0.35, 0.8, 0.5])
EDGE_SHADE = 0.45
DEPTHS = 2**30
"""Steps in which depth is told apart."""

FLAT = 1e-6
"""Edges of triangles that rise less than this over the picture, in pixels, bound no row of pixels."""

CHUNK_PIXELS = 100_000
"""Pixels handled at once, to bound memory."""

OPAQUE = 255 * OVERSAMPLE**2

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def view_matrix() -> Floats:
    """Rows right, up and towards the eye of the usual isometric view (from front right above, z up)."""
    eye = np.array([1.0, -1.0, 0.9])
    eye /= np.linalg.norm(eye)
    right = np.cross([0.0, 0.0, 1.0], eye)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(eye, right), eye])


def thumbnail(mesh: Mesh, colours: Bytes, normals: Floats, size: int = SIZE) -> bytes:
    """PNG with transparent background, ``size`` x ``size`` pixels.

    Parameters
    ----------
    colours : array (faces, 3) of uint8
        sRGB colour by face number.
    normals : array (n, 3)
        Of the points.
    """
    view = view_matrix()
    points = mesh.points @ view.T
    low, high = points.min(axis=0), points.max(axis=0)
    scale = size * OVERSAMPLE * (1 - 2 * MARGIN) / max(float((high - low)[:2].max()), 1e-9)
    across, down = (
        max(1, min(size, int(np.ceil(side * scale / OVERSAMPLE)) + 2)) for side in (high - low)[:2]
    )
    shape = (down * OVERSAMPLE, across * OVERSAMPLE)
    centre = (low + high) / 2
    pixels = np.empty_like(points)
    pixels[:, 0] = (points[:, 0] - centre[0]) * scale + shape[1] / 2
    pixels[:, 1] = shape[0] / 2 - (points[:, 1] - centre[1]) * scale
    pixels[:, 2] = (points[:, 2] - low[2]) / max(float(high[2] - low[2]), 1e-9)
    owner = _visible(pixels, mesh.triangles, shape)
    image = np.zeros((size, size, 4), dtype=np.uint8)
    top, left = (size - down) // 2, (size - across) // 2
    image[top : top + down, left : left + across] = _reduce(
        _coloured(owner.reshape(shape), mesh.face_ids, _paint(mesh, colours, normals, view))
    )
    return _png(image)


def _visible(pixels: Floats, triangles: npt.NDArray[np.int32], shape: tuple[int, int]) -> Numbers:
    """Number of the front triangle at every pixel, that of triangles for background; array (high * wide,).

    Triangles are cut into pixel rows, rows into pixels, all with repeated indices instead of loops. A pixel
    keeps the largest key, which is its depth followed by the number of the triangle.
    """
    high, wide = shape
    corner = pixels[triangles]
    a, u, v = corner[:, 0], corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    twice_area = u[:, 0] * v[:, 1] - v[:, 0] * u[:, 1]
    facing = np.flatnonzero(twice_area < -1e-9)  # image y points down, so what faces the eye turns clockwise
    steep, bounds = _sides(corner[facing])
    facing, bounds = facing[steep], bounds[:, steep]
    corner, a, u, v, twice_area = corner[facing], a[facing], u[facing], v[facing], twice_area[facing]
    span, row = _spread(
        np.clip(np.ceil(corner[:, :, 1].min(axis=1) - 0.5), 0, high).astype(np.int64),
        np.clip(np.floor(corner[:, :, 1].max(axis=1) - 0.5), -1, high - 1).astype(np.int64),
    )
    first, last = _reach(bounds, span, row.astype(np.float64) + 0.5, wide)
    filled = np.flatnonzero(last >= first)
    span, row, first, last = span[filled], row[filled], first[filled], last[filled]
    slope = _slopes(a, u, v, twice_area)
    level = slope[1, span] * (row + 0.5) + slope[2, span]
    begin, end = (_steps(level + slope[0, span] * (x + 0.5)) for x in (first, last))
    step = (end - begin) // np.maximum(last - first, 1)
    return _painted(
        row * wide + first,
        last - first + 1,
        (begin << 32) | facing[span],
        step << 32,
        (high * wide, len(triangles)),
    )


def _sides(corner: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Which triangles (n, 3, 3) cover any row, and what bounds them at height y.

    The second is an array (8, n): slope and offset over y of two lines on the left and two on the right.
    Going round a triangle as the eye sees it, edges that go down bound it on the left, others on the right.
    """
    after = corner[:, [1, 2, 0]]
    rise = after[:, :, 1] - corner[:, :, 1]
    lean = (after[:, :, 0] - corner[:, :, 0]) / np.where(np.abs(rise) < FLAT, 1.0, rise)
    base = corner[:, :, 0] - lean * corner[:, :, 1]
    rows = np.arange(len(corner))
    order = np.argsort(-rise, axis=1)
    lines = []
    for sign, outermost in ((1, (0, 1)), (-1, (2, 1))):
        one, two = order[:, outermost[0]], order[:, outermost[1]]
        two = np.where(sign * rise[rows, two] > FLAT, two, one)
        lines += [lean[rows, one], base[rows, one], lean[rows, two], base[rows, two]]
    steep = (rise[rows, order[:, 0]] > FLAT) & (rise[rows, order[:, 2]] < -FLAT)
    return steep, np.stack(lines)


def _reach(bounds: Floats, span: Numbers, y: Floats, wide: int) -> tuple[Numbers, Numbers]:
    """First and last pixel of each row of a triangle; ``span`` is the triangle of each row."""
    left = np.maximum(bounds[0, span] * y + bounds[1, span], bounds[2, span] * y + bounds[3, span])
    right = np.minimum(bounds[4, span] * y + bounds[5, span], bounds[6, span] * y + bounds[7, span])
    return (
        np.clip(np.ceil(left - 0.5), 0, wide).astype(np.int64),
        np.clip(np.floor(right - 0.5), -1, wide - 1).astype(np.int64),
    )


def _slopes(a: Floats, u: Floats, v: Floats, twice_area: Floats) -> Floats:
    """Depth of triangles as a plane over the image: rise along x, along y, and depth at (0, 0); (3, n)."""
    along_x = (u[:, 2] * v[:, 1] - v[:, 2] * u[:, 1]) / twice_area
    along_y = (v[:, 2] * u[:, 0] - u[:, 2] * v[:, 0]) / twice_area
    return np.stack([along_x, along_y, a[:, 2] - along_x * a[:, 0] - along_y * a[:, 1]])


def _steps(depth: Floats) -> Numbers:
    return (np.clip(depth, 0.0, 1.0) * DEPTHS).astype(np.int64)


def _spread(first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
    """Every item's number once for each integer from its first to its last, and these integers."""
    counts = np.maximum(last - first + 1, 0)
    begin = np.cumsum(counts) - counts
    return np.repeat(np.arange(len(counts)), counts), np.arange(int(counts.sum())) + np.repeat(
        first - begin, counts
    )


def _painted(place: Numbers, count: Numbers, key: Numbers, step: Numbers, size: tuple[int, int]) -> Numbers:
    """Rows of ``count`` pixels from a place on, their keys growing by a step, into a picture.

    ``size`` is the number of its pixels and of triangles.
    """
    keys = np.full(size[0], (-1 << 32) | size[1], dtype=np.int64)
    ends = np.cumsum(count)
    start = 0
    while start < len(count):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + CHUNK_PIXELS, side="right")))
        times = count[start:stop]
        inside = np.arange(int(ends[stop - 1]) - before) - np.repeat(ends[start:stop] - times - before, times)
        where = np.repeat(place[start:stop], times) + inside
        inside *= np.repeat(step[start:stop], times)
        inside += np.repeat(key[start:stop], times)
        np.maximum.at(keys, where, inside)
        start = stop
    keys &= 0xFFFFFFFF
    return keys


def _paint(mesh: Mesh, colours: Bytes, normals: Floats, view: Floats) -> Bytes:
    """RGBA of every triangle in diffuse light, then of the background; array (triangles + 1, 4)."""
    facing = normals[mesh.triangles].mean(axis=1)
    light = view.T @ (LIGHT / np.linalg.norm(LIGHT))
    dimmed = np.where(facing @ view[2] >= 0, 0.58, 0.58 * 0.6)
    bright = np.clip(0.42 + dimmed * np.abs(facing @ light), 0, 1)
    paint = np.zeros((len(mesh.triangles) + 1, 4), dtype=np.uint8)
    paint[:-1, :3] = np.round(colours[mesh.face_ids] * bright[:, None])
    paint[:-1, 3] = 255
    return paint


def _coloured(owner: Numbers, faces: npt.NDArray[np.int32], paint: Bytes) -> Bytes:
    """RGBA of every pixel (high, wide, 4) from its triangle, with darker lines where faces meet or end."""
    face = np.append(faces, np.int32(-1))[owner]
    line = np.zeros(owner.shape, dtype=bool)
    line[:, 1:] = face[:, 1:] != face[:, :-1]
    line[1:, :] |= face[1:, :] != face[:-1, :]
    dark = paint.copy()
    dark[:, :3] = np.round(dark[:, :3] * EDGE_SHADE)
    image = paint.view(np.uint32).ravel()[owner]
    image[line] = dark.view(np.uint32).ravel()[owner[line]]
    return image.view(np.uint8).reshape(*owner.shape, 4)


def _reduce(image: Bytes) -> Bytes:
    """Average the oversampled pixels; colours come out free of their opacity."""
    high, wide = image.shape[0] // OVERSAMPLE, image.shape[1] // OVERSAMPLE
    total = np.zeros((high, wide, 4), dtype=np.uint16)
    for i in range(OVERSAMPLE):
        for j in range(OVERSAMPLE):
            total += image[i::OVERSAMPLE, j::OVERSAMPLE]
    small: Bytes = ((total + OVERSAMPLE**2 // 2) // OVERSAMPLE**2).astype(np.uint8)
    rim = (total[..., 3] > 0) & (total[..., 3] < OPAQUE)
    colour, opacity = total[rim][:, :3].astype(np.float64), total[rim][:, 3:].astype(np.float64)
    small[rim, :3] = np.round(255 * colour / opacity)
    return small


def _png(image: Bytes) -> bytes:
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
        + chunk(b"IDAT", zlib.compress(rows, 3))
        + chunk(b"IEND", b"")
    )
