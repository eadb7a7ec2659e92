"""What a machinist would remark on a part before quoting it, each remark with its faces."""

from __future__ import annotations

from collections import defaultdict

from gonghe.engines.model.part_features import Reach
from gonghe.engines.model.parts import Hole, Pocket, Question, Sheet, Tolerances, Vector, Warning_
from gonghe.engines.parts.topology import Edge, Face, Topology
from gonghe.engines.parts.vectors import dot, norm, radial

DEEP_HOLE = 10.0
"""Depth over diameter beyond which drilling needs pecking or a gun drill (Machinery's Handbook)."""

SMALL_HOLE_MM = 1.0

DEEP_POCKET = 4.0
"""Depth over cutter diameter from which end mills need reduced feed (Sandvik Coromant, tool overhang)."""

FINE_IT = 7
"""Grades this fine need more than turning or milling (ISO 286-1, usual grades of processes)."""

FINE_OF_FAMILY = {"sheet": 11, "tube": 11, "outline": 11}
"""The same for families whose usual processes are coarser (laser cutting, bending: IT12)."""

THIN_WALL_MM = 0.8
"""Usual lower limit for machined metal walls."""

IMPLAUSIBLE_MM = 20_000.0
TINY_MM = 0.5

UNIT_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "in": 25.4, "ft": 304.8}


def hole_warnings(holes: tuple[Hole, ...]) -> list[Warning_]:
    """Holes that are deep for their diameter, or very small; one remark for all of a size."""
    groups: dict[tuple[float, float], list[Hole]] = defaultdict(list)
    for hole in holes:
        groups[round(hole.diameter_mm, 3), round(hole.depth_mm, 3)].append(hole)
    found = []
    for (diameter, depth), alike in groups.items():
        faces = tuple(face for hole in alike for face in hole.faces)
        many = f"{len(alike)} holes" if len(alike) > 1 else "Hole"
        figures = (("count", float(len(alike))), ("diameter_mm", diameter), ("depth_mm", depth))
        ratio = depth / diameter
        if ratio > DEEP_HOLE:
            message = f"{many} of {diameter:.4g} mm: {depth:.4g} mm deep, {ratio:.0f} times the diameter. "
            message += "That needs pecking or gun drilling."
            found.append(Warning_("deep_hole", message, faces, (*figures, ("ratio", ratio))))
        if diameter < SMALL_HOLE_MM:
            message = f"{many} of {diameter:.3g} mm: below {SMALL_HOLE_MM:g} mm, ask for micro-drilling."
            found.append(Warning_("small_hole", message, faces, figures))
    return found


def pocket_warnings(pockets: tuple[Pocket, ...]) -> list[Warning_]:
    """Pockets too deep for the cutter that their corners allow."""
    found = []
    for pocket in pockets:
        radius = pocket.corner_radius_mm
        if not radius or pocket.depth_mm <= DEEP_POCKET * 2 * radius:
            continue
        message = (
            f"{pocket.kind.capitalize()} {pocket.depth_mm:.4g} mm deep, corners of {radius:.3g} mm radius: "
            f"the cutter sticks out {pocket.depth_mm / (2 * radius):.1f} times its diameter "
            "and will chatter. Widen the corners."
        )
        figures = (("depth_mm", pocket.depth_mm), ("radius_mm", radius))
        found.append(Warning_("deep_pocket", message, pocket.faces, figures))
    return found


def wall_warnings(wall: tuple[float, tuple[int, ...]] | None) -> list[Warning_]:
    """A wall that bends away under the cutter."""
    if wall is None or wall[0] >= THIN_WALL_MM:
        return []
    message = f"Thinnest wall {wall[0]:.3g} mm: below {THIN_WALL_MM:g} mm it gives way while being cut."
    return [Warning_("thin_wall", message, wall[1], (("wall_mm", wall[0]),))]


def corner_warnings(topology: Topology) -> list[Warning_]:
    """Inner corners where three flat walls meet: a rotating cutter leaves a radius there."""
    at_vertex: dict[int, list[Edge]] = defaultdict(list)
    for edge in topology.edges:
        if edge.bend < 0 and edge.kind == "line" and _both_flat(topology, edge):
            for vertex in set(edge.ends):
                at_vertex[vertex].append(edge)
    sharp = {edge.index: edge for edges in at_vertex.values() if len(edges) >= 3 for edge in edges}
    if not sharp:
        return []
    corners = sum(1 for edges in at_vertex.values() if len(edges) >= 3)
    faces = sorted({face for edge in sharp.values() for face in edge.faces})
    return [
        Warning_(
            "sharp_inner_corner",
            f"{corners} sharp inner corner{'s' if corners > 1 else ''}: milling leaves a radius. Allow one "
            "of at least a "
            "third of the pocket depth, or ask for erosion.",
            tuple(faces),
            (("corners", float(corners)),),
        )
    ]


def _both_flat(topology: Topology, edge: Edge) -> bool:
    return all(topology.faces[face].kind == "plane" for face in edge.faces)


def sheet_warnings(topology: Topology, sheet: Sheet, holes: tuple[Hole, ...]) -> list[Warning_]:
    """Bends that are too sharp, and holes so near a bend that bending pulls them out of round.

    A hole's edge should stay 2 t + r from the bend (DIN 6935 practice).
    """
    found = []
    thickness = sheet.thickness_mm
    for bend in sheet.bend_list:
        inner = topology.faces[bend.faces[0]]
        if bend.inner_radius_mm < 0.5 * thickness:
            found.append(
                Warning_(
                    "tight_bend",
                    f"Bend radius of {bend.inner_radius_mm:.3g} mm is below half the thickness of "
                    f"{thickness:.3g} mm: "
                    "the outside may crack.",
                    bend.faces,
                    (("radius_mm", bend.inner_radius_mm), ("thickness_mm", thickness)),
                )
            )
        for hole in holes:
            gap = _distance(hole.position_mm, inner) - bend.inner_radius_mm - thickness - hole.diameter_mm / 2
            if 0 <= gap < 2 * thickness and hole.diameter_mm < inner.height:
                found.append(
                    Warning_(
                        "hole_near_bend",
                        f"Hole of {hole.diameter_mm:.4g} mm lies {max(gap, 0.0):.3g} mm from a bend: "
                        "bending will pull it "
                        f"out of round. Keep {2 * thickness:.3g} mm, or drill after bending.",
                        hole.faces + bend.faces,
                        (("diameter_mm", hole.diameter_mm), ("gap_mm", gap)),
                    )
                )
    return found


def _distance(point: Vector, face: Face) -> float:
    """Distance of a point from a bend's axis, as far as it lies beside the bend."""
    height = dot(point, face.axis)
    beyond = max(face.low - height, height - face.high, 0.0)
    across = norm(radial(point, face.point, face.axis))
    return norm((across, beyond, 0.0))


def size_questions(unit: str, box: Vector) -> tuple[list[Warning_], list[Question]]:
    """Ask back when the size makes no sense in the file's unit, with what other units would give."""
    longest = max(box)
    if TINY_MM <= longest <= IMPLAUSIBLE_MM:
        return [], []
    shown = " x ".join(f"{value:,.4g}" for value in box)
    message = f"The file says its unit is {unit}, which makes the part {shown} mm."
    factor = UNIT_MM.get(unit, 1.0)
    options = [unit] + [
        other
        for other, scale in UNIT_MM.items()
        if other != unit and TINY_MM * 4 <= longest / factor * scale <= IMPLAUSIBLE_MM / 4
    ]
    warning = Warning_("implausible_size", message, (), (("longest_mm", longest),))
    question = Question("which_unit", f"{message} Which unit is meant?", tuple(options))
    return [warning], [question]


def tolerance_warnings(tolerances: Tolerances | None, family: str = "prismatic") -> list[Warning_]:
    """Tolerances in the file that were not understood, and sizes finer than the family's processes reach."""
    if tolerances is None:
        return []
    found = []
    missed = tolerances.geometric_in_file - tolerances.geometric
    if missed > 0:
        message = (
            f"{missed} of {tolerances.geometric_in_file} geometric tolerances in the file were not "
            "understood: read them from the drawing."
        )
        found.append(Warning_("tolerances_missed", message, (), (("missed", float(missed)),)))
    limit = FINE_OF_FAMILY.get(family, FINE_IT)
    fine = [item for item in tolerances.items if item.grade is not None and item.grade <= limit]
    if fine:
        faces = tuple(sorted({face for item in fine for face in item.faces}))
        finest = min(item.grade or limit for item in fine)
        figures = (("count", float(len(fine))), ("finest_it", float(finest)), ("usual_it", limit + 1.0))
        told = f"{len(fine)} size{'s' if len(fine) > 1 else ''} down to IT{finest}, finer than "
        if family in FINE_OF_FAMILY:
            message = f"{told}laser cutting and bending (IT{limit + 1}): mill or ream these, or allow more."
            found.append(Warning_("fine_for_sheet", message, faces, figures))
        else:
            message = f"{told}usual cutting (IT{limit + 1}): they need reaming, boring or grinding."
            found.append(Warning_("fine_tolerance", message, faces, figures))
    return found


def reach_warnings(reach: Reach) -> list[Warning_]:
    """Undercuts: those a tilted tool reaches, and those that no straight tool does."""
    found = []
    tilted = [cut for cut in reach.undercuts if cut.tilted_to]
    if reach.hidden:
        message = (
            f"{_faces(len(reach.hidden))} that no straight tool reaches from outside: they need a form "
            "cutter (T-slot, dovetail), erosion, or a part made of two."
        )
        area = sum(cut.area_mm2 for cut in reach.undercuts if not cut.tilted_to)
        found.append(Warning_("undercut", message, reach.hidden, (("area_mm2", area),)))
    if tilted:
        faces = tuple(sorted(face for cut in tilted for face in cut.faces))
        message = (
            f"{_faces(len(faces))} that only a tilted tool reaches: they need a tilted fixture or 5 axes."
        )
        tilts = float(len({axis for cut in tilted for axis in cut.tilted_to}))
        found.append(Warning_("tilted_reach", message, faces, (("tilts", tilts),)))
    return found


def _faces(count: int) -> str:
    return f"{count} faces" if count > 1 else "One face"


def health_warnings(valid: bool, empty: tuple[int, ...], open_shells: int) -> list[Warning_]:
    """What is wrong with the file's geometry itself."""
    found = []
    if not valid:
        found.append(
            Warning_(
                "invalid_geometry",
                "The CAD kernel finds the solid faulty (gaps or crossing faces); figures may be off. "
                "Repair it in the CAD system and export again.",
            )
        )
    if empty:
        found.append(Warning_("unmeshed_faces", f"{len(empty)} faces could not be drawn.", empty))
    if open_shells:
        found.append(
            Warning_(
                "open_surfaces",
                f"The file also holds {open_shells} open surface{'s' if open_shells > 1 else ''} "
                "(construction geometry); "
                "they are left out.",
                (),
                (("surfaces", float(open_shells)),),
            )
        )
    return found
