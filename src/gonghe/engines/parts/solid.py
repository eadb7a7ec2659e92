"""Analysis of a STEP file's solids."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gonghe.engines.model.part_features import Reach
from gonghe.engines.model.parts import Hole, PartAnalysis, Pocket, Tube, Vector, Warning_
from gonghe.engines.parts import access, advice, colours, families, integrals, measure
from gonghe.engines.parts.assembly import components
from gonghe.engines.parts.edges import find_roundings
from gonghe.engines.parts.families import Features
from gonghe.engines.parts.grooves import with_profile
from gonghe.engines.parts.holes import find_holes
from gonghe.engines.parts.limits import bend_warnings
from gonghe.engines.parts.mesh import RELATIVE_SAG, tessellate
from gonghe.engines.parts.milled import with_milled
from gonghe.engines.parts.pockets import find_pockets
from gonghe.engines.parts.reach import asked_by, find_reach
from gonghe.engines.parts.sheet import find_sheet
from gonghe.engines.parts.step import read
from gonghe.engines.parts.threads import find_threads
from gonghe.engines.parts.tolerances import read_tolerances
from gonghe.engines.parts.topology import Topology, survey
from gonghe.engines.parts.triangles import Mesh
from gonghe.engines.parts.tube import find_tube
from gonghe.engines.parts.turned import find_turned, turned_faces

REACHED = ("prismatic", "turned", "turn-mill", "freeform")
"""Families that are cut from the solid, so that it matters how tools reach them."""

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
    measure.require_solid(model.shape)
    topology = survey(model.shape)
    diagonal = measure.rough_diagonal(model.shape)
    mesh, empty = tessellate(model.shape, topology, diagonal)
    topology, volume = integrals.measured(model.shape, topology, mesh)
    boxes = measure.face_boxes(topology, mesh)
    low, high = measure.exact_box(topology, mesh, boxes, diagonal * RELATIVE_SAG)
    box = (high[0] - low[0], high[1] - low[1], high[2] - low[2])
    bodies = measure.bodies(model.shape)
    features = _recognise(topology, volume, (mesh, box), bodies)
    judged = families.judge(topology.faces, features, bodies)
    if judged[0].name == "tube" and features.tube is not None:
        features = _without_bore(features, features.tube)
    bent = features.sheet if judged[0].name == "sheet" else None
    wall = None if bent else access.thinnest_wall(topology, features.holes, boxes)
    valid = measure.is_valid(model.shape) and not empty
    warnings, questions = advice.size_questions(model.unit, box)
    warnings += advice.health_warnings(valid, empty, model.open_shells)
    warnings += _remarks(topology, features, judged[0].name, wall)
    tolerances = read_tolerances(model, topology, data)
    warnings += advice.tolerance_warnings(tolerances, judged[0].name)
    taken = {face for hole in features.holes for face in hole.faces}
    taken |= {face for bend in (bent.bend_list if bent else ()) for face in bend.faces}
    directions = access.directions(features.holes, features.pockets)
    reach = _reach(topology, mesh, features) if judged[0].name in REACHED else None
    if reach is not None:
        directions = [item.direction for item in reach.setups]
        warnings += advice.reach_warnings(reach)
    result = PartAnalysis(
        format="step",
        unit=model.unit,
        valid=valid,
        volume_mm3=volume,
        area_mm2=sum(face.area for face in topology.faces),
        box_mm=box,
        bodies=bodies,
        faces=len(topology.faces),
        families=judged,
        holes=features.holes,
        pockets=() if bent else features.pockets,
        roundings=find_roundings(topology, taken),
        sheet=features.sheet,
        turned=features.turned,
        tube=features.tube,
        tolerances=tolerances,
        threads=find_threads(model, topology, features.holes, data) if bodies == 1 else (),
        components=components(model),
        oriented_box_mm=access.oriented_box(topology, mesh.points, box),
        reach=reach,
        setups=access.clampings(directions),
        directions=tuple(directions),
        deepest_pocket_ratio=None if bent else access.deepest_ratio(features.pockets),
        minimum_wall_mm=wall[0] if wall else None,
        warnings=tuple(warnings),
        questions=tuple(questions),
        triangles=len(mesh.triangles),
    )
    tint = colours.with_features(colours.own_colours(model, topology), features.holes, bent)
    return result, (mesh, tint)


def _recognise(topology: Topology, volume: float, size: tuple[Mesh, Vector], bodies: int) -> Features:
    holes = find_holes(topology)
    if bodies != 1:
        return Features(holes)
    sheet = find_sheet(topology, volume)
    points = size[0].points
    turned = find_turned(topology, points, size[1])
    axis = turned.axis if turned is not None and turned.round_share > 0.5 else None
    pockets = find_pockets(topology, holes, axis)
    if turned is not None and axis is not None:
        turned = with_profile(topology, size[0], with_milled(topology, turned, holes, pockets))
    return Features(holes, pockets, sheet, turned, find_tube(topology, volume, holes, points))


def _reach(topology: Topology, mesh: Mesh, features: Features) -> Reach:
    lathe = turned_faces(topology, features.turned) if features.turned is not None else ()
    return find_reach(topology, mesh, asked_by(features.holes, features.pockets, lathe))


def _without_bore(features: Features, tube: Tube) -> Features:
    """The inside of a tube comes with its stock: it is neither drilled nor milled."""
    inside = set(tube.inner_faces)

    def kept(item: Hole | Pocket) -> bool:
        return not inside & set(item.faces)

    return replace(
        features,
        holes=tuple(hole for hole in features.holes if kept(hole)),
        pockets=tuple(pocket for pocket in features.pockets if kept(pocket)),
    )


def _remarks(
    topology: Topology, features: Features, family: str, wall: tuple[float, tuple[int, ...]] | None
) -> list[Warning_]:
    found = advice.hole_warnings(features.holes)
    if family == "tube":
        return found  # its wall and corners come with the stock
    if family == "sheet" and features.sheet is not None:
        found += advice.sheet_warnings(topology, features.sheet, features.holes)
        return found + bend_warnings(topology, features.sheet, features.holes)
    found += advice.corner_warnings(topology) + advice.pocket_warnings(features.pockets)
    return found + advice.wall_warnings(wall)
