"""What orders, steps and findings are called in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gonghe.apps.orders.models import ASSEMBLING, BY_HAND, Operation, Revision
from gonghe.apps.technology.figures import HERE
from gonghe.apps.technology.words import amount, process_name, property_name
from gonghe.apps.technology.words_figures import NAMES, figure_text, name_of, plain, unit_text
from gonghe.engines.model.part_features import Groove, Thread
from gonghe.engines.model.parts import Hole, PartAnalysis, Tube
from gonghe.joining import joined

FAMILIES = {
    "prismatic": gettext_lazy("prismatic part"),
    "turned": gettext_lazy("turned part"),
    "turn-mill": gettext_lazy("turn-mill part"),
    "sheet": gettext_lazy("sheet metal part"),
    "tube": gettext_lazy("tube"),
    "freeform": gettext_lazy("free-form part"),
    "outline": gettext_lazy("flat outline"),
    "assembly": gettext_lazy("assembly"),
}
REFUSALS = {
    "unknown_format": gettext_lazy(
        "This is not a file that can be read. Export the part as STEP, STL, 3MF, or DXF for flat parts."
    ),
    "too_large": gettext_lazy(
        "The file is too large to be read. Export the single part, without cosmetic detail."
    ),
    "foreign_reference": gettext_lazy(
        "The file refers to other files, which are never fetched. Export it as one self-contained file."
    ),
    "unreadable": gettext_lazy("The file is damaged. Export it again from the CAD system."),
    "no_solid": gettext_lazy("There is nothing in the file that has a volume. Export the part as a solid."),
    "too_slow": gettext_lazy("Reading took too long. Export the part without cosmetic detail."),
    "too_much_memory": gettext_lazy("Reading took too much memory. Export the part without cosmetic detail."),
    "crashed": gettext_lazy("The file is damaged: reading it failed. Export it again from the CAD system."),
    "stopped": gettext_lazy("The reading was stopped. Read the file again when you like."),
}
WARNINGS = {
    "corners": gettext_lazy("Corners are sharp for a milling cutter."),
    "deep_pocket": gettext_lazy("A pocket is deep for the cutter that its corners allow."),
    "deep_hole": gettext_lazy("A hole is deep for its diameter."),
    "cutout_near_bend": gettext_lazy("A cut-out lies close to a bend and will open."),
    "fine_for_sheet": gettext_lazy("Sizes are finer than laser cutting and bending hold: mill or ream them."),
    "fine_tolerance": gettext_lazy("Sizes are finer than usual cutting reaches: ream, bore or grind them."),
    "hole_near_bend": gettext_lazy("A hole lies close to a bend and may be drawn oval."),
    "implausible_size": gettext_lazy("The size is unusual: is the unit of the file right?"),
    "invalid_geometry": gettext_lazy("The geometry has faults; figures are rough."),
    "open_contour": gettext_lazy("A contour is not closed."),
    "open_mesh": gettext_lazy("The mesh has holes in its skin; volume and mass are rough."),
    "open_surfaces": gettext_lazy("Some surfaces do not close a volume."),
    "sharp_inner_corner": gettext_lazy("An inner corner has no radius: it cannot be milled."),
    "short_flange": gettext_lazy("A flange is too short to be bent on a usual die."),
    "small_hole": gettext_lazy("A hole is very small to drill."),
    "thin_wall": gettext_lazy("A wall is so thin that it gives way while being cut."),
    "tolerances_missed": gettext_lazy(
        "Not every tolerance in the file was understood: read them from the drawing."
    ),
    "undercut": gettext_lazy("No straight tool reaches some faces: form cutter, erosion, or two parts."),
    "tilted_reach": gettext_lazy("Some faces are only reached by a tilted tool: tilted fixture or 5 axes."),
    "too_large": gettext_lazy("The part is larger than any machine on offer takes."),
    "tight_bend": gettext_lazy("A bend is tighter than the sheet is thick."),
    "unmeshed_faces": gettext_lazy("Some faces are missing in the picture."),
}
POCKETS = {
    "pocket": gettext_lazy("Pocket"),
    "slot": gettext_lazy("Slot"),
    "step": gettext_lazy("Step in the shape"),
    "window": gettext_lazy("Window"),
}
MILLED = {"flat": gettext_lazy("Flat"), "keyway": gettext_lazy("Keyway")}
REACHED_BY = {
    "3-axis": gettext_lazy("3 axes"),
    "3+2": gettext_lazy("tilted (3+2 axes)"),
    "5-axis": gettext_lazy("5 axes"),
}
GROOVES = {
    "outside": gettext_lazy("Groove outside"),
    "inside": gettext_lazy("Groove in the bore"),
    "face": gettext_lazy("Groove in the face"),
}
BOX = ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm")
HIDDEN = {"batch_pieces", "material_group"}  # the page says them once, above the table


def short_requirement(requirement: Mapping[str, Any]) -> str:
    """What a step asks for beside its process, as it would stand on a drawing."""
    properties = requirement.get("properties", {})
    said = []
    if "tolerance_it" in properties:
        said.append(f"IT{properties['tolerance_it']:g}")
    if "roughness_ra_um" in properties:
        said.append(f"Ra {properties['roughness_ra_um']:g}")
    box = [f"{properties[code]:g}" for code in BOX if code in properties]
    if box:
        said.append(" × ".join(box) + " mm")
    if "hardness_hrc" in properties:
        said.append(f"{properties['hardness_hrc']:g} HRC")
    plain = HIDDEN | set(BOX) | {"tolerance_it", "roughness_ra_um", "hardness_hrc"}
    said += [
        f"{property_name(code)} {amount(code, _readable(value))}"
        for code, value in properties.items()
        if code not in plain
    ]
    return joined(", ", said)


def _readable(value: Any) -> Any:
    """A size as a drawing would show it: tenths are enough from 10 on."""
    return round(value, 1) if isinstance(value, float) and value >= 10 else value


def basis_text(operation: Operation) -> str:
    """Where the times of a step come from, unless it was proposed from the model."""
    return {BY_HAND: _("by hand"), ASSEMBLING: _("assumed")}.get(operation.basis, "")


def refusal_text(revision: Revision) -> str:
    """Why a file could not be read and what to do."""
    known = REFUSALS.get(revision.refusal_code)
    return str(known) if known else revision.refusal


def warnings_of(analysis: PartAnalysis) -> list[dict[str, Any]]:
    """What a machinist would say about the part, each thing once: text, faces in the picture, how many."""
    found: dict[str, dict[int, None]] = {}
    for one in analysis.warnings:
        faces = found.setdefault(str(WARNINGS.get(one.code, one.message)), {})
        faces.update(dict.fromkeys(one.faces))
    return [
        {"text": text, "faces": " ".join(map(str, faces)), "count": len(faces)}
        for text, faces in found.items()
    ]


def family_text(analysis: PartAnalysis) -> str:
    """What kind of part it is."""
    return str(FAMILIES[analysis.family])


def reach_text(analysis: PartAnalysis) -> str:
    """In how many clampings tools reach a part that is milled, and on what machine; empty for others."""
    if analysis.reach is None or analysis.family == "turned":
        return ""
    return ngettext(
        "%(count)s clamping, %(machine)s", "%(count)s clampings, %(machine)s", analysis.setups
    ) % {
        "count": analysis.setups,
        "machine": REACHED_BY[analysis.reach.machine],
    }


def holes_text(analysis: PartAnalysis) -> str:
    """Holes by diameter, as on a drawing: 2 × Ø13, Ø32."""
    counts: dict[float, int] = {}
    for hole in analysis.holes:
        size = round(hole.diameter_mm, 2)
        counts[size] = counts.get(size, 0) + 1
    return ", ".join(
        f"{count} × Ø{size:g}" if count > 1 else f"Ø{size:g}" for size, count in sorted(counts.items())
    )


def features_of(analysis: PartAnalysis) -> list[dict[str, Any]]:
    """Holes, pockets and bends, alike ones together: what, size, how many, their faces in the picture."""
    found: dict[tuple[str, str], list[tuple[int, ...]]] = {}
    for hole in analysis.holes:
        found.setdefault(_hole_text(hole), []).append(hole.faces)
    for pocket in analysis.pockets:
        size = _("%s mm deep") % f"{round(pocket.depth_mm, 1):g}"
        found.setdefault((str(POCKETS[pocket.kind]), size), []).append(pocket.faces)
    for bend in analysis.sheet.bend_list if analysis.sheet else ():
        size = f"{round(bend.angle_deg, 1):g}°, R{round(bend.inner_radius_mm, 2):g}"
        found.setdefault((_("Bend"), size), []).append(bend.faces)
    for item in analysis.turned.milled if analysis.turned else ():
        if item.kind in MILLED:  # holes across stand among the holes
            size = _("%(width)s mm wide, %(depth)s mm deep") % {
                "width": f"{round(item.width_mm, 1):g}",
                "depth": f"{round(item.depth_mm, 1):g}",
            }
            found.setdefault((str(MILLED[item.kind]), size), []).append(item.faces)
    for groove in analysis.turned.grooves if analysis.turned else ():
        found.setdefault((str(GROOVES[groove.side]), _groove_text(groove)), []).append(groove.faces)
    for thread in analysis.threads:
        found.setdefault((_("Thread"), _thread_text(thread)), []).append(thread.faces)
    if analysis.tube and analysis.family == "tube":
        found.setdefault((_("Tube"), _tube_text(analysis.tube)), []).append(analysis.tube.faces)
    return [
        {
            "what": what,
            "size": size,
            "count": len(groups),
            "faces": " ".join(str(face) for group in groups for face in group),
        }
        for (what, size), groups in found.items()
    ]


def _groove_text(groove: Groove) -> str:
    return _("Ø%(diameter)s, %(width)s mm wide, %(depth)s mm deep") % {
        "diameter": f"{round(groove.diameter_mm, 2):g}",
        "width": f"{round(groove.width_mm, 2):g}",
        "depth": f"{round(groove.depth_mm, 2):g}",
    }


def _thread_text(thread: Thread) -> str:
    return (
        _("perhaps %s, guessed from the diameter") % thread.designation
        if thread.guess
        else thread.designation
    )


def _tube_text(tube: Tube) -> str:
    sizes = tube.outer_mm if tube.section == "rectangular" else tube.outer_mm[:1]
    section = " × ".join(f"{round(size, 2):g}" for size in (*sizes, tube.wall_mm))
    return f"{'Ø' if tube.section == 'round' else ''}{section}, {round(tube.length_mm, 1):g} mm"


def _hole_text(hole: Hole) -> tuple[str, str]:
    deep = f"{round(hole.depth_mm, 1):g}"
    size = joined(
        ", ",
        [
            f"Ø{round(hole.diameter_mm, 2):g}",
            (_("through %s mm") if hole.through else _("%s mm deep")) % deep,
            *([_("counterbore Ø%s") % f"{round(hole.counterbore_mm, 2):g}"] if hole.counterbore_mm else []),
            *([_("countersink Ø%s") % f"{round(hole.countersink_mm, 2):g}"] if hole.countersink_mm else []),
        ],
    )
    return _("Hole"), size


def box_text(analysis: PartAnalysis) -> str:
    """Outer sizes."""
    return " × ".join(f"{round(side, 1):g}" for side in analysis.box_mm) + " mm"


def pieces_text(count: int) -> str:
    """A number of pieces."""
    return ngettext("%(count)s piece", "%(count)s pieces", count) % {"count": f"{count:,}"}


def assumption_text(assumption: Mapping[str, Any]) -> str:
    """One figure that an estimate rests on."""
    code, value, unit = assumption["code"], assumption["value"], assumption["unit"]
    subject, _dot, detail = code.partition(".")
    if subject == "rate":
        return _("%(process)s: %(value)s %(unit)s") % {
            "process": process_name(detail),
            "value": f"{value:,g}",
            "unit": unit,
        }
    if subject == "spread":
        about = {"rates": _("all hourly rates"), "material": _("material prices")}.get(
            detail
        ) or process_name(detail)
        return _("%(what)s: times and prices vary by about %(share)s %%") % {
            "what": about,
            "share": f"{value * 100:g}",
        }
    if subject == "factor" and assumption["source"] == HERE:
        return _("%(process)s: %(share)s %% of the usual time") % {
            "process": process_name(detail),
            "share": f"{value * 100:.0f}",
        }
    if subject == "factor":
        return _("%(process)s: your own finished jobs took %(share)s %% of the usual time") % {
            "process": process_name(detail),
            "share": f"{value * 100:.0f}",
        }
    if subject in ("material", "general") and name_of(code) in NAMES:
        said = f"{plain(Decimal(str(value)))} {unit_text(code)}".rstrip()
        return joined(": ", (figure_text(code), said))
    wording = {
        "pieces": _("%s pieces are made, those for scrap included"),
        "overhead": _("overhead %s %%"),
        "stock.volume": _("blank of %s cm³"),
        "material.density": _("density %s kg/m³"),
        "material.price": _("material %s a kilogram"),
        "material.scrap_price": _("chips are sold at %s a kilogram"),
        "material.by_buyer": _("you send the material: it is not in the price"),
        "material.sent": _("the buyer sends the material: it is not in the price"),
        "material.not_included": _("the material is not in the price: its mass is not known"),
    }.get(code, f"{code}: %s {unit}")
    shown = f"{value * 100:g}" if code == "overhead" else f"{round(value, 2):,g}"
    return wording % shown if "%s" in wording else wording
