"""The 3D picture and the thumbnail show the part and nothing else."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gonghe.engines.parts import analyse


def read_glb(path: Path) -> tuple[dict[str, Any], list[npt.NDArray[Any]]]:
    data = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    (size,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + size])
    body = data[20 + size + 8 :]
    arrays = []
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        kind = {5126: np.float32, 5125: np.uint32, 5121: np.uint8}[accessor["componentType"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        raw = body[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        arrays.append(np.frombuffer(raw, kind).reshape(accessor["count"], width))
    return document, arrays


def read_png(path: Path) -> npt.NDArray[np.uint8]:
    data, offset, pixels = path.read_bytes(), 8, b""
    width = height = 0
    while offset < len(data):
        size, name = struct.unpack_from(">I4s", data, offset)
        chunk = data[offset + 8 : offset + 8 + size]
        assert struct.unpack_from(">I", data, offset + 8 + size)[0] == zlib.crc32(name + chunk)
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", chunk)
        if name == b"IDAT":
            pixels += chunk
        offset += 12 + size
    return (
        np.frombuffer(zlib.decompress(pixels), np.uint8)
        .reshape(height, 1 + 4 * width)[:, 1:]
        .reshape(height, width, 4)
    )


@pytest.fixture(scope="module")
def pictures(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Any]:
    folder = tmp_path_factory.mktemp("pictures")
    glb, png = folder / "part.glb", folder / "part.png"
    return glb, png, analyse(example_folder / "bearing-bracket.step", glb=glb, png=png)


def test_glb_encloses_the_part(pictures: tuple[Path, Path, Any]) -> None:
    glb, _, analysis = pictures
    _, (points, normals, faces, colours, indices) = read_glb(glb)
    span = np.ptp(points, axis=0)
    # glTF has y up: the part's x, z, y
    assert span == pytest.approx([110.0, 96.0, 70.0], rel=1e-5)
    a, b, c = (points[indices.ravel()[i::3]].astype(float) for i in range(3))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
    assert volume == pytest.approx(analysis.volume_mm3, rel=2e-3)
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert set(faces.ravel().astype(int)) == set(range(analysis.faces))
    assert len(colours) == len(points)
    assert len(indices) == 3 * analysis.triangles


def test_glb_marks_hole_faces(pictures: tuple[Path, Path, Any]) -> None:
    glb, _, analysis = pictures
    _, (_, _, faces, colours, _) = read_glb(glb)
    holes = {face for hole in analysis.holes for face in hole.faces}
    inside = np.isin(faces.ravel().astype(int), sorted(holes))
    assert len({tuple(colour) for colour in colours[inside]}) == 1
    assert not {tuple(c) for c in colours[inside]} & {tuple(c) for c in colours[~inside]}


def test_thumbnail_shows_the_part(pictures: tuple[Path, Path, Any]) -> None:
    _, png, _ = pictures
    image = read_png(png)
    assert image.shape == (512, 512, 4)
    seen = image[..., 3] > 0
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    # the longer side fills the picture but for the margin of 6 %
    assert max(np.ptp(rows), np.ptp(columns)) == pytest.approx(512 * 0.88, abs=4)
    assert 0.15 < seen.mean() < 0.6
    assert not image[:8].any()
    # light from above: the base plate's top is brighter than its front
    assert image[..., :3][seen].std() > 15


def test_bore_is_seen_through(pictures: tuple[Path, Path, Any]) -> None:
    _, png, _ = pictures
    image = read_png(png)
    seen = image[..., 3] > 0
    outside = np.zeros_like(seen)
    outside[0, :] = True
    # background that touches the frame grows until it rests; what is left of it lies inside the bore
    for _ in range(1100):
        grown = outside.copy()
        grown[1:] |= outside[:-1]
        grown[:-1] |= outside[1:]
        grown[:, 1:] |= outside[:, :-1]
        grown[:, :-1] |= outside[:, 1:]
        grown &= ~seen
        if np.array_equal(grown, outside):
            break
        outside = grown
    assert (~seen & ~outside).sum() > 100
