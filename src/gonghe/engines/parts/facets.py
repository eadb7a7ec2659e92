"""Measures of a mesh: no surfaces, only triangles; by the divergence theorem."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import Family, PartAnalysis, Question, Warning_
from gonghe.engines.parts.advice import size_questions
from gonghe.engines.parts.errors import NoSolid
from gonghe.engines.parts.triangles import BODY, Mesh


def analyse_mesh(mesh: Mesh, kind: str, unit: str | None) -> PartAnalysis:
    """Measure a mesh in mm, read from a file of format `kind` in `unit` (None: it names none).

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
        raise NoSolid("The mesh encloses no volume. Export the part as a solid, better as STEP.")
    span = np.ptp(mesh.points, axis=0)
    box = (float(span[0]), float(span[1]), float(span[2]))
    closed = _closed(mesh)
    warnings, questions = size_questions(unit or "mm", box)
    if unit is None:
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
        format=kind, unit=unit or "mm", valid=closed, volume_mm3=volume, area_mm2=area, box_mm=box,
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
