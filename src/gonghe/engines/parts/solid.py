"""Analysis of a STEP file's solids."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import advice, colours, families, measure
from gonghe.engines.parts.holes import find_holes
from gonghe.engines.parts.mesh import RELATIVE_SAG, tessellate
from gonghe.engines.parts.sheet import find_sheet
from gonghe.engines.parts.step import Model, read
from gonghe.engines.parts.topology import survey
from gonghe.engines.parts.triangles import Mesh
from gonghe.engines.parts.turned import find_turned

Pictures = tuple[Mesh, npt.NDArray[np.uint8]]


def analyse_step(data: bytes) -> tuple[PartAnalysis, Pictures]:
    """Analyse the bytes of a STEP file; also its mesh and the colour of every face.

    Raises
    ------
    UnreadableFile, NoSolid
    """
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder) / "part.step"
        unpacked.write_bytes(data)
        model = read(unpacked)
    return analyse_model(model)


def analyse_model(model: Model) -> tuple[PartAnalysis, Pictures]:
    """Measure the solids, recognise features and family, collect remarks."""
    volume = measure.volume(model.shape)
    bodies = measure.bodies(model.shape)
    valid = measure.is_valid(model.shape)
    topology = survey(model.shape)
    diagonal = measure.rough_diagonal(model.shape)
    mesh, empty = tessellate(model.shape, topology.shapes, diagonal)
    low, high = measure.exact_box(topology, mesh, diagonal * RELATIVE_SAG)
    box = (high[0] - low[0], high[1] - low[1], high[2] - low[2])
    holes = find_holes(topology)
    sheet = find_sheet(topology, volume) if bodies == 1 else None
    turned = find_turned(topology, [(x, y, z) for x, y, z in mesh.points.tolist()]) if bodies == 1 else None
    judged = families.judge(topology.faces, turned, sheet, bodies)
    flat = sheet is not None and judged[0].name == "sheet"
    warnings = advice.health_warnings(valid, empty, model.open_shells)
    unit_warnings, questions = advice.size_questions(model.unit, box)
    warnings += unit_warnings + advice.hole_warnings(holes)
    if sheet is not None and flat:
        warnings += advice.sheet_warnings(topology, sheet, holes)
    else:
        warnings += advice.corner_warnings(topology)
    result = PartAnalysis(
        format="step", unit=model.unit, valid=valid and not empty, volume_mm3=volume,
        area_mm2=sum(face.area for face in topology.faces), box_mm=box, bodies=bodies,
        faces=len(topology.faces),
        families=judged, holes=holes, sheet=sheet, turned=turned, warnings=tuple(warnings),
        questions=tuple(questions), triangles=len(mesh.triangles),
    )  # fmt: skip
    tint = colours.with_features(colours.own_colours(model, topology), holes, sheet if flat else None)
    return result, (mesh, tint)
