"""Textbook formulas for process times, in seconds per piece. Pure functions of figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from gonghe.engines.model.part_features import Groove, Thread
from gonghe.engines.model.parts import Hole
from gonghe.engines.parts.tables import GeneralFigures, MaterialFigures

DRILL_TIP = 0.3
"""Extra travel of a 118 degree drill as a share of its diameter (d / 2 / tan 59 deg)."""

PLUNGE_FEED_MM = 0.08
"""Feed per turn of parting and grooving blades of 3 mm (Sandvik Coromant, parting and grooving)."""

BLADE_MM = 3.0

TAP_SHARE = 0.3
RUN_IN = 3.0
"""Turns before and after a thread."""
CHASED_MM = 0.12
"""Mean depth of a threading pass (Sandvik Coromant, threading, infeed)."""

FORM_SHARE = 0.25
"""Thin-necked form cutters (T-slot, dovetail) are fed at about a quarter of an end mill (catalogues)."""

GRINDING_CM2_MIN = 30.0
"""Ground surface per minute for an allowance of 0.2 mm, rough and spark-out passes together."""


def milling(removed_mm3: float, finished_mm2: float, material: MaterialFigures) -> float:
    """Roughing at the material's removal rate Q = a_p a_e v_f, then one finishing pass over the milled
    surface.

    Source of the form: Sandvik Coromant, Metal cutting technology, milling formulas.
    """
    rough = removed_mm3 / 1000 / material.milling_cm3_min
    finish = finished_mm2 / 100 / material.finish_cm2_min
    return 60 * (rough + finish)


def turning(removed_mm3: float, finished_mm2: float, material: MaterialFigures) -> float:
    """Roughing at Q = v_c a_p f, then one finishing pass (same source)."""
    return 60 * (removed_mm3 / 1000 / material.turning_cm3_min + finished_mm2 / 100 / material.finish_cm2_min)


def drilling(holes: Sequence[Hole], material: MaterialFigures, general: GeneralFigures) -> float:
    """Travel over feed rate for each hole, positioning, and one tool change per diameter.

    Feed rate v_f = f n with n = 1000 v_c / (pi d); retracting to clear chips (pecking) doubles the travel
    beyond five diameters. Holes above 32 mm are interpolated with a mill and counted as removed volume by
    the caller.
    """
    seconds = 0.0
    for hole in holes:
        speed = 1000 * material.drill_vc_m_min / (math.pi * hole.diameter_mm)
        feed = material.drill_feed_share * hole.diameter_mm * speed
        pecks = 2.0 if hole.depth_mm > 5 * hole.diameter_mm else 1.0
        seconds += 60 * pecks * (hole.depth_mm + DRILL_TIP * hole.diameter_mm) / feed + general.position_s
    return seconds + general.tool_change_s * len({round(hole.diameter_mm, 2) for hole in holes})


def parting(diameter_mm: float, material: MaterialFigures) -> float:
    """Plunging to the middle at :data:`PLUNGE_FEED_MM` a turn, at the cutting speed of drilling.

    With constant cutting speed the time is pi d^2 / (4 v_c f): turns pass faster towards the middle.
    """
    return 60 * math.pi * diameter_mm**2 / 4 / (1000 * material.drill_vc_m_min * PLUNGE_FEED_MM)


def threading(threads: Sequence[Thread], material: MaterialFigures, general: GeneralFigures) -> float:
    """Tapping in and out inside, passes of a chaser outside; one tool change per designation.

    Travel over feed, the pitch being the feed of a turn. Taps run at :data:`TAP_SHARE` of the cutting speed
    of drilling; outside the depth of 0.61 pitches is cut in passes of :data:`CHASED_MM` and one more.
    """
    seconds = 0.0
    for thread in threads:
        pitch = thread.pitch_mm or 0.15 * thread.nominal_mm
        turns = (thread.length_mm or 1.5 * thread.nominal_mm) / pitch + RUN_IN
        speed = 1000 * material.drill_vc_m_min / (math.pi * thread.nominal_mm)
        if thread.inside:
            seconds += 60 * 2 * turns / (TAP_SHARE * speed) + general.position_s
        else:
            passes = math.ceil(0.61 * pitch / CHASED_MM) + 1
            seconds += passes * (60 * turns / speed + 1.0) + general.position_s
    return seconds + general.tool_change_s * len({thread.designation for thread in threads})


def grooving(grooves: Sequence[Groove], material: MaterialFigures, general: GeneralFigures) -> float:
    """Plunges of a blade of :data:`BLADE_MM` side by side, at the groove's outer diameter; a blade a side."""
    seconds = 0.0
    for groove in grooves:
        across = groove.width_mm if groove.side == "face" else 2 * groove.depth_mm
        diameter = groove.diameter_mm + (across if groove.side != "inside" else 0.0)
        turns = groove.depth_mm / PLUNGE_FEED_MM
        plunge = 60 * turns * math.pi * diameter / (1000 * material.drill_vc_m_min)
        seconds += math.ceil(groove.width_mm / BLADE_MM - 1e-6) * (plunge + general.position_s)
    return seconds + general.tool_change_s * len({groove.side for groove in grooves})


def form_cutting(surface_mm2: float, material: MaterialFigures, general: GeneralFigures) -> float:
    """Undercut surface at a share of the finishing rate, and one tool more; none without undercuts."""
    if surface_mm2 <= 0:
        return 0.0
    return 60 * surface_mm2 / 100 / (FORM_SHARE * material.finish_cm2_min) + general.tool_change_s


def sawing(section_mm2: float, material: MaterialFigures) -> float:
    """Cross-section over the material's sawing rate."""
    return 60 * section_mm2 / 100 / material.saw_cm2_min


def laser(
    length_mm: float, pierces: int, thickness_mm: float, material: MaterialFigures, general: GeneralFigures
) -> float:
    """Length over the speed at this thickness (interpolated), plus piercing in proportion to thickness."""
    speed = interpolate(material.laser_m_min, thickness_mm) * 1000 / 60
    return length_mm / speed + pierces * general.pierce_s_per_mm * thickness_mm


def interpolate(table: Sequence[tuple[float, float]], at: float) -> float:
    """Log-log interpolation; held before the first point, falling with the square beyond the last."""
    if at <= table[0][0]:
        return table[0][1]
    for (x0, y0), (x1, y1) in pairwise(table):
        if at <= x1:
            share = math.log(at / x0) / math.log(x1 / x0)
            return y0 * math.exp(share * math.log(y1 / y0))
    return table[-1][1] * (table[-1][0] / at) ** 2


def bending(bends: int, mass_kg: float, general: GeneralFigures) -> float:
    """A fixed time per stroke with positioning, plus picking up and turning by mass."""
    return bends * general.bend_s + 10 + 3 * mass_kg


def clamping(mass_kg: float, general: GeneralFigures) -> float:
    """Load, clamp, unload once."""
    return general.clamp_s + general.clamp_s_per_kg * min(mass_kg, 40.0)


def grinding(surface_mm2: float) -> float:
    """Ground surface over a usual grinding rate."""
    return 60 * surface_mm2 / 100 / GRINDING_CM2_MIN
