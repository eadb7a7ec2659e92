"""Kinds of equipment of the example cluster: what they can do and what an hour costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

METALS = ("steel", "stainless", "cast-iron", "aluminium", "brass", "copper")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of equipment: names, processes with their limits, prices in CNY."""

    name: str
    name_en: str
    processes: tuple[str, ...]
    limits: dict[str, dict[str, Any]]
    per_hour: int
    per_setup: int
    calendar: str = "two-shifts"
    by_process: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)


def _box(x: float, y: float, z: float) -> dict[str, dict[str, Any]]:
    return {"envelope_x_mm": {"max": x}, "envelope_y_mm": {"max": y}, "envelope_z_mm": {"max": z}}


def _round(diameter: float, length: float) -> dict[str, dict[str, Any]]:
    return {"diameter_mm": {"max": diameter}, "length_mm": {"max": length}}


def _metal(grade: int, *materials: str) -> dict[str, dict[str, Any]]:
    return {"tolerance_it": {"min": grade}, "material_group": {"set": list(materials or METALS)}}


KINDS: dict[str, Kind] = {
    "saw": Kind("带锯床", "band saw", ("saw",), _round(320, 3000) | _metal(13), 90, 20),
    "lathe": Kind("数控车床", "CNC lathe", ("turning",), _round(380, 600) | _metal(7), 160, 120),
    "lathe-small": Kind("小型数控车床", "small CNC lathe", ("turning",), _round(200, 300) | _metal(6), 140, 100),
    "turn-mill": Kind(
        "车铣复合中心", "turn-mill centre", ("turning", "turn-mill"), _round(320, 700) | _metal(6), 280, 260
    ),
    "mill3": Kind(
        "三轴加工中心", "3-axis machining centre", ("milling-3axis", "drilling"),
        _metal(7), 200, 150,
        by_process={"milling-3axis": _box(800, 500, 500),
                    "drilling": _box(800, 500, 500) | {"diameter_mm": {"max": 40}, "depth_mm": {"max": 300}}},
    ),
    "mill3-large": Kind(
        "龙门加工中心", "gantry machining centre", ("milling-3axis", "drilling"),
        _metal(8), 340, 320,
        by_process={"milling-3axis": _box(2500, 1500, 800),
                    "drilling": _box(2500, 1500, 800) | {"diameter_mm": {"max": 60}, "depth_mm": {"max": 400}}},
    ),
    "mill5": Kind(
        "五轴加工中心", "5-axis machining centre", ("milling-3axis", "milling-5axis", "drilling"),
        _metal(6), 380, 300,
        by_process={"milling-3axis": _box(600, 500, 450), "milling-5axis": _box(500, 500, 400),
                    "drilling": _box(600, 500, 450) | {"diameter_mm": {"max": 40}, "depth_mm": {"max": 300}}},
    ),
    "drill": Kind(
        "钻床", "drilling machine", ("drilling",),
        _box(1000, 800, 500) | _metal(11) | {"diameter_mm": {"max": 50}, "depth_mm": {"max": 250}}, 80, 40, "day",
    ),
    "grind-round": Kind(
        "外圆磨床", "cylindrical grinder", ("grinding-cylindrical", "grinding-internal"),
        _metal(5, "steel", "stainless", "cast-iron", "tool-steel") | {"hardness_hrc": {"max": 66}}, 260, 180,
        by_process={"grinding-cylindrical": _round(320, 1000), "grinding-internal": _round(200, 200)},
    ),
    "grind-flat": Kind(
        "平面磨床", "surface grinder", ("grinding-surface",),
        _box(800, 400, 300) | _metal(5, "steel", "stainless", "cast-iron", "tool-steel")
        | {"hardness_hrc": {"max": 66}}, 220, 120,
    ),
    "laser": Kind(
        "激光切割机", "laser cutter", ("laser-cutting",),
        {"envelope_x_mm": {"max": 3000}, "envelope_y_mm": {"max": 1500}, "thickness_mm": {"max": 16},
         "tolerance_it": {"min": 11}, "material_group": {"set": ["steel", "stainless", "aluminium"]}}, 360, 80,
    ),
    "brake": Kind(
        "数控折弯机", "press brake", ("bending",),
        {"length_mm": {"max": 3100}, "thickness_mm": {"max": 8}, "tolerance_it": {"min": 12},
         "force_kn": {"max": 1300}, "material_group": {"set": ["steel", "stainless", "aluminium"]}}, 180, 90,
    ),
    "weld": Kind(
        "焊接工位", "welding bay", ("welding",),
        _box(3000, 2000, 1500) | {"thickness_mm": {"max": 30},
                                  "material_group": {"set": ["steel", "stainless", "aluminium"]}}, 130, 60, "day",
    ),
    "furnace": Kind(
        "真空淬火炉", "vacuum hardening furnace", ("hardening", "annealing"),
        _box(900, 600, 600) | {"mass_kg": {"max": 800}, "hardness_hrc": {"max": 64},
                               "material_group": {"set": ["steel", "tool-steel", "stainless"]}}, 420, 200, "nights",
    ),
    "paint": Kind(
        "喷粉线", "powder coating line", ("painting",),
        _box(3000, 1800, 1200) | {"mass_kg": {"max": 200}, "coating_um": {"max": 150},
                                  "material_group": {"set": ["steel", "stainless", "aluminium", "cast-iron"]}}, 240, 150,
    ),
    "anodise": Kind(
        "阳极氧化线", "anodising line", ("anodising",),
        _box(2000, 1000, 800) | {"mass_kg": {"max": 100}, "coating_um": {"max": 60},
                                 "material_group": {"set": ["aluminium"]}}, 300, 160, "day",
    ),
    "bench": Kind(
        "钳工检验台", "deburring and inspection bench", ("deburring", "inspection"), _metal(9), 70, 10, "day",
        by_process={"inspection": _box(1500, 1000, 800) | {"mass_kg": {"max": 200}}},
    ),
    "assembly": Kind(
        "装配工位", "assembly bench", ("mechanical-assembly",), _box(2000, 1500, 1500) | {"mass_kg": {"max": 500}},
        95, 30, "day",
    ),
    "cmm": Kind(
        "三坐标测量机", "coordinate measuring machine", ("cmm-inspection", "inspection"),
        _box(900, 1200, 700) | {"tolerance_it": {"min": 4}, "mass_kg": {"max": 500}}, 240, 60, "day",
    ),
    "cutting-table": Kind(
        "自动裁床", "automatic cutting table", ("cutting-textile",),
        {"plies": {"max": 60}, "fabric_width_mm": {"max": 1800}, "material_group": {"set": ["textile", "leather"]}},
        150, 60, "day",
    ),
    "sewing-line": Kind(
        "缝制流水线", "sewing line", ("sewing", "finishing-textile"),
        {"material_group": {"set": ["textile", "leather"]}}, 320, 120, "day",
    ),
}  # fmt: skip
