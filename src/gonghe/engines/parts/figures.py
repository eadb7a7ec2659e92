"""Every figure of the tables by a code, in the unit in which a workshop states it, within plausible limits.

Codes are ``material.<group>.<figure>``, ``material.<group>.laser.<thickness, mm>``,
``process.<process>.<figure>`` and ``general.<figure>``, for example ``material.steel.price`` in CNY/kg.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from gonghe.engines.parts.tables import MaterialFigures, ProcessFigures, Tables

FURTHEST = 20
"""A workshop's figure lies within this factor of the shipped one: further off it is in another unit."""

HUNDREDTH = Decimal("0.01")


class UnknownFigureError(ValueError):
    """The tables have no figure of this code."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of figure: its field in the tables, the unit in which it is stated, limits in that unit.

    ``scale`` is what one stated unit is in the tables, such as 100 minor units or 60 s.
    """

    field: str
    unit: str
    low: Decimal
    high: Decimal
    scale: Decimal = Decimal(1)


def _sort(field: str, unit: str, low: str, high: int, scale: str = "1") -> Sort:
    return Sort(field, unit, Decimal(low), Decimal(high), Decimal(scale))


MATERIAL: Mapping[str, Sort] = {
    "price": _sort("price_minor_per_kg", "{currency}/kg", "0", 100_000, "100"),
    "scrap_price": _sort("scrap_minor_per_kg", "{currency}/kg", "0", 100_000, "100"),
    "milling": _sort("milling_cm3_min", "cm³/min", "0.1", 10_000),
    "turning": _sort("turning_cm3_min", "cm³/min", "0.1", 10_000),
    "finishing": _sort("finish_cm2_min", "cm²/min", "0.1", 10_000),
    "drilling_speed": _sort("drill_vc_m_min", "m/min", "0.1", 1_000),
    "drilling_feed": _sort("drill_feed_share", "% Ø", "0.01", 20, "0.01"),
    "sawing": _sort("saw_cm2_min", "cm²/min", "0.1", 10_000),
}
LASER = _sort("laser_m_min", "m/min", "0.01", 200)
PROCESS: Mapping[str, Sort] = {
    "rate": _sort("rate_minor_per_h", "{currency}/h", "0", 10_000, "100"),
    "setup": _sort("setup_s", "min", "0", 6_000, "60"),
    "spread": _sort("spread", "%", "0", 150, "0.01"),
}
GENERAL: Mapping[str, Sort] = {
    "milling_allowance": _sort("milling_allowance_mm", "mm", "0", 50),
    "turning_allowance": _sort("turning_allowance_mm", "mm", "0", 50),
    "saw_kerf": _sort("saw_kerf_mm", "mm", "0", 20),
    "nesting": _sort("nesting_share", "%", "5", 100, "0.01"),
    "clamping": _sort("clamp_s", "s", "0", 7_200),
    "clamping_per_kg": _sort("clamp_s_per_kg", "s/kg", "0", 600),
    "setup_per_clamping": _sort("setup_per_clamping_s", "min", "0", 600, "60"),
    "tool_change": _sort("tool_change_s", "s", "0", 600),
    "positioning": _sort("position_s", "s", "0", 600),
    "bend": _sort("bend_s", "s", "0", 3_600),
    "piercing": _sort("pierce_s_per_mm", "s/mm", "0", 60),
    "deburring": _sort("deburr_mm_s", "mm/s", "0.1", 1_000),
    "inspection": _sort("inspect_s", "s", "0", 36_000),
    "inspection_per_hole": _sort("inspect_s_per_hole", "s", "0", 3_600),
    "inspected": _sort("inspect_share", "%", "0", 100, "0.01"),
    "additive": _sort("additive_cm3_h", "cm³/h", "0.1", 10_000),
    "usual_it": _sort("usual_it", "IT", "1", 18),
    "overhead": _sort("overhead_share", "%", "0", 300, "0.01"),
    "rate_spread": _sort("rate_spread", "%", "0", 150, "0.01"),
    "material_spread": _sort("material_spread", "%", "0", 150, "0.01"),
    "doubt_spread": _sort("doubt_spread", "%", "0", 150, "0.01"),
}
_ROOMS: Mapping[str, Mapping[str, Sort]] = {"material": MATERIAL, "process": PROCESS}


def codes(tables: Tables) -> Iterator[str]:
    """Codes of all figures, materials first, in the order of the tables."""
    for group, figures in tables.materials.items():
        yield from (f"material.{group}.{name}" for name in MATERIAL)
        yield from (f"material.{group}.laser.{thickness:g}" for thickness, _speed in figures.laser_m_min)
    for process in tables.processes:
        yield from (f"process.{process}.{name}" for name in PROCESS)
    yield from (f"general.{name}" for name in GENERAL)


def sort_of(code: str) -> Sort:
    """What sort of figure a code stands for.

    Raises
    ------
    UnknownFigureError
        When there is none of this name.
    """
    room, _dot, rest = code.partition(".")
    of, _dot, name = rest.partition(".")
    if room == "material" and name.startswith("laser."):
        return LASER
    found = GENERAL.get(rest) if room == "general" else _ROOMS.get(room, {}).get(name) if of else None
    if found is None:
        raise UnknownFigureError(f"there is no figure {code!r}")
    return found


def value_of(tables: Tables, code: str) -> Decimal:
    """A figure in the unit of its sort.

    Raises
    ------
    UnknownFigureError
        When the tables have no such material, thickness or process.
    """
    sort, row = sort_of(code), _row(tables, code)
    if sort is LASER:
        return _stated(dict(row.laser_m_min)[_thickness(row, code)], sort)
    return _stated(getattr(row, sort.field), sort)


def limits_of(tables: Tables, code: str) -> tuple[Decimal, Decimal]:
    """The least and greatest plausible figure, from the one in the tables (the shipped ones)."""
    sort, shipped = sort_of(code), value_of(tables, code)
    high = min(sort.high, FURTHEST * shipped) if shipped else sort.high
    low = max(sort.low, (shipped / FURTHEST).quantize(HUNDREDTH)) if sort.low else sort.low
    return (sort.low, sort.high) if sort is GENERAL["usual_it"] else (low, high)


def changed(tables: Tables, values: Mapping[str, Decimal]) -> Tables:
    """Tables with some figures, stated in the units of their sorts, in place of those they had.

    Raises
    ------
    UnknownFigureError
        When the tables have no such material, thickness or process.
    ValueError
        When a figure is impossible, such as a removal rate of 0.
    """
    materials, processes, general = dict(tables.materials), dict(tables.processes), tables.general
    for code, value in values.items():
        sort, row = sort_of(code), _row(tables, code)
        room, of = code.split(".")[:2]
        if room == "general":
            general = replace(general, **_field(general, sort, value))
        elif room == "process":
            processes[of] = replace(processes[of], **_field(row, sort, value))
        elif sort is LASER:
            speeds = dict(materials[of].laser_m_min) | {_thickness(row, code): float(value)}
            materials[of] = replace(materials[of], laser_m_min=tuple(sorted(speeds.items())))
        else:
            materials[of] = replace(materials[of], **_field(row, sort, value))
    return replace(tables, materials=materials, processes=processes, general=general)


def _row(tables: Tables, code: str) -> Any:
    room, of = code.split(".")[:2]
    rooms: Mapping[str, Mapping[str, MaterialFigures | ProcessFigures]]
    rooms = {"material": tables.materials, "process": tables.processes}
    row = tables.general if room == "general" else rooms.get(room, {}).get(of)
    if row is None:
        raise UnknownFigureError(f"the tables have no {room} {of!r}")
    return row


def _thickness(row: MaterialFigures, code: str) -> float:
    wanted = code.split(".", 3)[3]
    for thickness, _speed in row.laser_m_min:
        if f"{thickness:g}" == wanted:
            return thickness
    raise UnknownFigureError(f"there is no figure {code!r}")


def _stated(value: float, sort: Sort) -> Decimal:
    # The shortest decimal of a binary fraction, so that 0.12 is stated as 12, not as 11.9999.
    return Decimal(str(value)) / sort.scale


def _field(row: Any, sort: Sort, value: Decimal) -> dict[str, Any]:
    scaled = value * sort.scale
    whole = isinstance(getattr(row, sort.field), int)
    return {sort.field: round(scaled) if whole else float(scaled)}
