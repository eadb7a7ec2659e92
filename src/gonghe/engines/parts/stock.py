"""What a part is made from: bar, block or sheet, with allowance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts.tables import GeneralFigures

BAR_STEPS = ((30.0, 2.0), (100.0, 5.0), (math.inf, 10.0))
"""Usual steps of round bar diameters: up to the first figure (mm) in steps of the second (EN 10060)."""


REMNANT = 0.06
"""Share of a bar of 3 m that stays in the chuck."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Form in words, volume (mm3) and cross-section to saw (mm2; 0: not sawn)."""

    note: str
    volume_mm3: float
    section_mm2: float


def block(part: PartAnalysis, general: GeneralFigures) -> Stock:
    """Block around the box with a machining allowance on every side."""
    x, y, z = (value + 2 * general.milling_allowance_mm for value in sorted(part.box_mm, reverse=True))
    return Stock(f"block {x:.0f} x {y:.0f} x {z:.0f} mm", (x + general.saw_kerf_mm) * y * z, y * z)


def bar(part: PartAnalysis, general: GeneralFigures) -> Stock:
    """Round bar of the next usual diameter."""
    if part.turned is None:
        raise ValueError("bar stock needs a turned part")
    diameter = next_bar(part.turned.diameter_mm + general.turning_allowance_mm)
    length = part.turned.length_mm + 2 * general.turning_allowance_mm
    section = math.pi * diameter**2 / 4
    return Stock(
        f"round bar {diameter:.0f} mm, {length:.0f} mm long",
        section * (length + general.saw_kerf_mm),
        section,
    )


def next_bar(diameter: float) -> float:
    """Smallest usual bar diameter, mm, that holds ``diameter``."""
    step = next(step for limit, step in BAR_STEPS if diameter <= limit)
    return math.ceil(diameter / step - 1e-9) * step


def blank(part: PartAnalysis, general: GeneralFigures) -> Stock:
    """Share of a sheet, with the waste between nested parts."""
    if part.sheet is None:
        raise ValueError("a blank needs a sheet-metal part")
    area = part.sheet.flat_area_mm2 / general.nesting_share
    return Stock(f"sheet {part.sheet.thickness_mm:.4g} mm", area * part.sheet.thickness_mm, 0.0)


def plate(part: PartAnalysis, general: GeneralFigures) -> Stock:
    """Rectangle from a plate as thick as the part's smallest side with allowance, and the waste around."""
    x, y, z = (value + 2 * general.milling_allowance_mm for value in sorted(part.box_mm, reverse=True))
    return Stock(f"plate {z:.0f} mm, {x:.0f} x {y:.0f} mm", x * y * z / general.nesting_share, 0.0)


def bar_fed(part: PartAnalysis, general: GeneralFigures) -> Stock:
    """The same bar fed through the spindle and parted off; the piece that cannot be held is lost."""
    cut = bar(part, general)
    return Stock(f"{cut.note.split(',')[0]}, bar-fed", cut.volume_mm3 / (1 - REMNANT), 0.0)


def tube(part: PartAnalysis, general: GeneralFigures) -> Stock:
    """Tube of the part's own section, with the width of one cut; a bent one is cut off straight."""
    if part.tube is None:
        raise ValueError("tube stock needs a tube")
    found = part.tube
    wide, narrow = found.outer_mm
    size = f"{wide:.4g}" if found.section == "round" else f"{wide:.4g} x {narrow:.4g}"
    return Stock(
        f"tube {size} x {found.wall_mm:.3g} mm, {found.length_mm:.0f} mm long",
        found.section_mm2 * (found.length_mm + general.saw_kerf_mm),
        found.section_mm2,
    )
