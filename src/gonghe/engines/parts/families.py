"""Which manufacturing family a part belongs to, with a confidence and the reasons in words."""

from __future__ import annotations

from gonghe.engines.model.parts import Family, Sheet, Turned
from gonghe.engines.parts.topology import Face

LISTED = 0.1
"""Families below this confidence are not mentioned."""


def judge(
    faces: tuple[Face, ...], turned: Turned | None, sheet: Sheet | None, bodies: int
) -> tuple[Family, ...]:
    """Families by falling confidence; at least one."""
    total = sum(face.area for face in faces)
    spline = sum(face.area for face in faces if face.kind in ("spline", "other")) / total
    found = [_turned(turned), _sheet(sheet, turned), _freeform(spline), _assembly(bodies)]
    rivals = [family for family in found if family is not None]
    best = max((family.confidence for family in rivals if family.name != "assembly"), default=0.0)
    rivals.append(_prismatic(faces, total, best))
    rivals.sort(key=lambda family: -family.confidence)
    return tuple(family for family in rivals if family.confidence >= LISTED) or (rivals[0],)


def _turned(turned: Turned | None) -> Family | None:
    if turned is None:
        return None
    confidence = min(0.97, max(0.0, (turned.round_share - 0.35) / 0.6))
    why = [
        f"{turned.round_share:.0%} of the surface turns about one axis",
        f"fits a bar of {turned.diameter_mm:.4g} mm diameter, {turned.length_mm:.4g} mm long",
    ]
    if turned.round_share < 0.9:
        why.append("the rest needs milling or drilling after turning")
    return Family("turned", round(confidence, 2), tuple(why))


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
