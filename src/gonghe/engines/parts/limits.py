"""Remarks on what a usual process does not do: short flanges, cut-outs beside bends, parts too large.

Whether a part is too large depends on who offers what, which only the caller knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gonghe.engines.model.matching import Requirement
from gonghe.engines.model.parts import Bend, Hole, Sheet, Warning_
from gonghe.engines.parts.topology import Edge, Face, Topology
from gonghe.engines.parts.vectors import cross, dot, parallel, sub

FLAT_FLANGE = 3.0
"""Flat length of a flange beyond the bend, in thicknesses: with radius and thickness 4 t + r outside, what a
usual die of 8 t needs under both shoulders (DIN 6935 practice)."""

CLEAR = 2.0
"""Distance of cut-outs from the bend's end, in thicknesses, as for holes."""

SIZES = ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm", "length_mm", "diameter_mm", "mass_kg")
"""Properties of a requirement that speak of how large a part is."""

Largest = Mapping[str, Mapping[str, float]]
"""The largest of each size property that anyone offers, by process."""


def bend_warnings(topology: Topology, sheet: Sheet, holes: Iterable[Hole]) -> list[Warning_]:
    """Flanges too short for a die and cut-outs so near a bend that they open."""
    drilled = {face for hole in holes for face in hole.faces}
    found: dict[tuple[str, tuple[int, ...]], Warning_] = {}
    for bend in sheet.bend_list:
        for inner in (topology.faces[number] for number in bend.faces[::2]):
            for edge, flange in _flanges(topology, inner):
                for warning in _beside(topology, sheet, bend, (edge, flange), drilled):
                    found.setdefault((warning.code, warning.faces), warning)
    return list(found.values())


def _flanges(topology: Topology, inner: Face) -> Iterator[tuple[Edge, Face]]:
    """Flat faces that the inside of a bend runs into, with the edge between."""
    for number in inner.edges:
        edge, other = topology.edges[number], topology.neighbour(number, inner.index)
        if other is None or edge.kind != "line" or not parallel(edge.direction, inner.axis, 1e-3):
            continue
        if edge.bend == 0 and topology.faces[other].kind == "plane":
            yield edge, topology.faces[other]


def _beside(
    topology: Topology, sheet: Sheet, bend: Bend, place: tuple[Edge, Face], drilled: set[int]
) -> Iterator[Warning_]:
    edge, flange = place
    across = cross(flange.axis, edge.direction)
    reach = [dot(sub(topology.edges[number].middle, edge.middle), across) for number in flange.outer]
    longest = max(reach, key=abs)
    thickness, radius = sheet.thickness_mm, bend.inner_radius_mm
    if abs(longest) < FLAT_FLANGE * thickness - 1e-6:
        outside, wanted = abs(longest) + radius + thickness, (FLAT_FLANGE + 1) * thickness + radius
        message = (
            f"Flange of {outside:.4g} mm is too short to lie on a usual die: give it {wanted:.4g} mm, or "
            "bend it longer and cut it back."
        )
        figures = (("flange_mm", outside), ("wanted_mm", wanted))
        yield Warning_("short_flange", message, (flange.index, *bend.faces), figures)
    sign = 1.0 if longest > 0 else -1.0
    for loop in flange.inner:
        walls = {other for number in loop if (other := topology.neighbour(number, flange.index)) is not None}
        gap = min(sign * dot(sub(topology.edges[number].middle, edge.middle), across) for number in loop)
        if walls & drilled or not 0 <= gap < CLEAR * thickness:
            continue
        message = (
            f"A cut-out lies {gap:.3g} mm from a bend: it will open and pull out of shape. Keep "
            f"{CLEAR * thickness:.3g} mm, or relieve the bend."
        )
        yield Warning_("cutout_near_bend", message, (*sorted(walls), *bend.faces), (("gap_mm", gap),))


def too_large(requirements: Iterable[Requirement], largest: Largest) -> list[Warning_]:
    """Steps for which the part is larger than any work space on offer.

    Parameters
    ----------
    requirements : iterable of Requirement
        What the steps of a routing ask for.
    largest : mapping of process to mapping of property to float
        The largest that anyone offers; processes and properties that it lacks are not judged. Sizes along x,
        y, z may each come from another machine: a part within them may still fit no single one.

    Returns
    -------
    list of Warning_
        One for each process, without faces: it is the whole part.
    """
    found: dict[str, Warning_] = {}
    for requirement in requirements:
        offered, needed = largest.get(requirement.process, {}), requirement.properties
        for code in SIZES:
            value = needed.get(code)
            if code not in offered or not isinstance(value, int | float) or value <= offered[code]:
                continue
            unit = "kg" if code == "mass_kg" else "mm"
            message = (
                f"{requirement.process}: {value:,.5g} {unit} is more than the {offered[code]:,.5g} {unit} "
                "that anyone offers for it. Divide the part, or ask outside."
            )
            figures = (("needed", float(value)), ("largest", float(offered[code])))
            found.setdefault(requirement.process, Warning_("too_large", message, (), figures))
    return list(found.values())
