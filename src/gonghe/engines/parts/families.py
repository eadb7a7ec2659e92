"""Which manufacturing family a part belongs to, with a confidence and the reasons in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from gonghe.engines.model.parts import Family, Hole, Pocket, Sheet, Tube, Turned
from gonghe.engines.parts.topology import Face

LISTED = 0.1
"""Families below this confidence are not mentioned."""


FLATS_COUNT = 0.03
"""Share of surface beside the axis from which flats alone make a part a turn-mill one."""

MILLED_WORDS = {
    "flat": ("flat", "flats"),
    "keyway": ("keyway", "keyways"),
    "cross_hole": ("hole across", "holes across"),
}


@dataclass(frozen=True, slots=True)
class Features:
    """What was recognised on the surface."""

    holes: tuple[Hole, ...]
    pockets: tuple[Pocket, ...] = ()
    sheet: Sheet | None = None
    turned: Turned | None = None
    tube: Tube | None = None


def judge(faces: tuple[Face, ...], features: Features, bodies: int) -> tuple[Family, ...]:
    """Families by falling confidence; at least one."""
    total = sum(face.area for face in faces)
    spline = sum(face.area for face in faces if face.kind in ("spline", "other")) / total
    tube = _tube(features.tube)
    round_ones = [_turned(features.turned), _turn_mill(features.turned)]
    flat_one = _sheet(features.sheet, features.turned)
    if tube is not None:  # the same walls read otherwise: what explains more of them speaks louder
        round_ones = [_outdone(family, tube) for family in round_ones]
        flat_one = _outdone(flat_one, tube)
    found = [tube, *round_ones, flat_one, _freeform(spline), _assembly(bodies)]
    rivals = [family for family in found if family is not None]
    best = max((family.confidence for family in rivals if family.name != "assembly"), default=0.0)
    rivals.append(_prismatic(faces, total, best))
    rivals.sort(key=lambda family: -family.confidence)
    return tuple(family for family in rivals if family.confidence >= LISTED) or (rivals[0],)


def _outdone(family: Family | None, tube: Family) -> Family | None:
    if family is None:
        return None
    left = family.confidence * (1 - 0.75 * tube.confidence)
    return replace(family, confidence=round(left, 2), why=(*family.why, "its section is that of a tube"))


def _tube(tube: Tube | None) -> Family | None:
    if tube is None:
        return None
    wide, narrow = tube.outer_mm
    slender = tube.length_mm / wide
    confidence = next(share for limit, share in ((3.0, 0.95), (1.5, 0.8), (0.0, 0.35)) if slender >= limit)
    if tube.wall_mm > 0.15 * narrow:
        confidence *= 0.6
    size = f"{wide:.4g} mm" if tube.section == "round" else f"{wide:.4g} x {narrow:.4g} mm"
    why = [
        f"a {tube.section} hollow section of {size} with a wall of {tube.wall_mm:.4g} mm explains the volume",
        f"{slender:.3g} times as long as wide, open at both ends",
    ]
    bends = len(tube.bend_list)
    if bends:
        why.append(f"{bends} bend{'s' if bends > 1 else ''}")
    return Family("tube", round(confidence, 2), tuple(why))


def _roundness(turned: Turned) -> float:
    return min(0.97, max(0.0, (turned.round_share - 0.35) / 0.6))


def _milled_weight(turned: Turned) -> float:
    """How much of a turn-mill part a turned one is: flats count by their area, keyways and cross holes
    always.
    """
    if not turned.milled:
        return 0.0
    if any(item.kind != "flat" for item in turned.milled):
        return 1.0
    return min(1.0, 0.4 + 0.6 * (1 - turned.round_share) / FLATS_COUNT)


def _turned(turned: Turned | None) -> Family | None:
    if turned is None:
        return None
    confidence = _roundness(turned)
    why = [
        f"{turned.round_share:.0%} of the surface turns about one axis",
        f"fits a bar of {turned.diameter_mm:.4g} mm diameter, {turned.length_mm:.4g} mm long",
    ]
    if turned.round_share < 0.9:
        why.append("the rest needs milling or drilling after turning")
    if _milled_weight(turned) >= 0.5:
        confidence *= 0.4
        why.append("turning alone does not finish it")
    return Family("turned", round(confidence, 2), tuple(why))


def _turn_mill(turned: Turned | None) -> Family | None:
    if turned is None or not turned.milled:
        return None
    counts = Counter(item.kind for item in turned.milled)
    told = ", ".join(f"{count} {MILLED_WORDS[kind][count > 1]}" for kind, count in counts.items())
    why = (f"{turned.round_share:.0%} of the surface turns about one axis", f"beside the axis: {told}")
    return Family("turn-mill", round(_roundness(turned) * _milled_weight(turned), 2), why)


def _sheet(sheet: Sheet | None, turned: Turned | None) -> Family | None:
    if sheet is None:
        return None
    why = [f"constant thickness of {sheet.thickness_mm:.4g} mm explains the volume"]
    if sheet.bends:
        why.append(f"{sheet.bends} bend{'s' if sheet.bends > 1 else ''}")
        confidence = 0.95
    else:
        why.append("flat")
        confidence = next(
            (share for limit, share in ((3, 0.9), (6, 0.8), (12, 0.4)) if sheet.thickness_mm <= limit), 0.2
        )
        if turned is not None and turned.round_share > 0.9:
            confidence *= 0.6
            why.append("round, so it may be turned as well")
    return Family("sheet", round(confidence, 2), tuple(why))


def _freeform(share: float) -> Family | None:
    if share < 0.05:
        return None
    return Family("freeform", round(min(0.95, 1.5 * share), 2), (f"{share:.0%} of the surface is free-form",))


def _assembly(bodies: int) -> Family | None:
    if bodies < 2:
        return None
    return Family("assembly", 0.99, (f"{bodies} separate bodies",))


def _prismatic(faces: tuple[Face, ...], total: float, rival: float) -> Family:
    simple = sum(face.area for face in faces if face.kind != "spline") / total
    flat = sum(face.area for face in faces if face.kind == "plane") / total
    confidence = simple * (0.97 if rival < LISTED else max(0.05, 1.0 - rival))
    return Family("prismatic", round(confidence, 2), (f"{flat:.0%} of the surface is flat",))
