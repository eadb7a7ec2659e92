"""STL meshes: no unit, no surfaces, only triangles; measured by the divergence theorem."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import Family, PartAnalysis, Question, Warning_
from gonghe.engines.parts.advice import size_questions
from gonghe.engines.parts.errors import NoSolid, UnreadableFile
from gonghe.engines.parts.triangles import BODY, Mesh

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


def analyse_stl(mesh: Mesh) -> PartAnalysis:
    """Measure a mesh (assumed in mm).

    Volume is one sixth of the sum of the triple products of the triangles' corners (divergence theorem); it
    is only right for a closed mesh, which is checked.

    Raises
    ------
    NoSolid
        When the mesh encloses nothing.
    """
    a, b, c = (mesh.points[mesh.triangles[:, i]] for i in range(3))
    facet = np.cross(b - a, c - a)
    area = float(np.linalg.norm(facet, axis=1).sum() / 2)
    volume = abs(
        float(
            np.einsum("ij,ij->i", a - mesh.points[0], np.cross(b - mesh.points[0], c - mesh.points[0])).sum()
            / 6
        )
    )
    if area <= 0 or volume <= 1e-9 * area**1.5:
        raise NoSolid("The STL mesh encloses no volume. Export the part as a solid, better as STEP.")
    span = np.ptp(mesh.points, axis=0)
    box = (float(span[0]), float(span[1]), float(span[2]))
    closed = _closed(mesh)
    warnings, questions = size_questions("mm", box)
    questions.append(
        Question("which_unit", "STL files carry no unit. Are the figures millimetres?", ("mm", "in", "m"))
    )
    if not closed:
        warnings.append(
            Warning_(
                "open_mesh",
                "The mesh has holes in its skin; volume and mass are rough. Repair it or send STEP.",
            )
        )
    return PartAnalysis(
        format="stl", unit="mm", valid=closed, volume_mm3=volume, area_mm2=area, box_mm=box,
        bodies=_bodies(mesh), faces=0, families=_families(facet), warnings=tuple(warnings),
        questions=tuple(questions),
        triangles=len(mesh.triangles),
    )  # fmt: skip


def plain_colour() -> npt.NDArray[np.uint8]:
    """Colour table of a mesh that is all one face."""
    return np.asarray([BODY], dtype=np.uint8)


def _closed(mesh: Mesh) -> bool:
    """Every directed edge has exactly one partner the other way round."""
    edges = np.concatenate(
        [mesh.triangles[:, [0, 1]], mesh.triangles[:, [1, 2]], mesh.triangles[:, [2, 0]]]
    ).astype(np.int64)
    count = np.int64(len(mesh.points))
    there = np.sort(edges[:, 0] * count + edges[:, 1])
    back = np.sort(edges[:, 1] * count + edges[:, 0])
    return bool(np.array_equal(there, back) and np.all(np.diff(there) > 0))


def _bodies(mesh: Mesh) -> int:
    """Connected pieces: labels flow along edges and are shortened until they rest."""
    label = np.arange(len(mesh.points))
    while True:
        low = label[mesh.triangles].min(axis=1)
        fresh = label.copy()
        for corner in range(3):
            np.minimum.at(fresh, mesh.triangles[:, corner], low)
        fresh = fresh[fresh]
        if np.array_equal(fresh, label):
            break
        label = fresh
    return len(np.unique(label[np.unique(mesh.triangles)]))


def _families(facet: npt.NDArray[np.float64]) -> tuple[Family, ...]:
    """Flat parts have most area in a few directions, free-form parts spread it."""
    size = np.linalg.norm(facet, axis=1)
    normal = facet / np.maximum(size, 1e-300)[:, None]
    _, where = np.unique(np.round(normal * 20).astype(np.int64), axis=0, return_inverse=True)
    shares = np.sort(np.bincount(where.ravel(), weights=size))[::-1] / size.sum()
    flat = float(shares[:6].sum())
    why = (f"{flat:.0%} of the area faces six directions; a mesh tells no more",)
    kinds = [
        Family("prismatic", round(0.8 * flat, 2), why),
        Family("freeform", round(0.8 * (1 - flat), 2), why),
    ]
    return tuple(sorted(kinds, key=lambda family: -family.confidence))
