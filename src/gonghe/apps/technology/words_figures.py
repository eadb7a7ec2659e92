"""What the figures of the tables are called, and in which groups they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.apps.technology.words import process_name, word_name
from gonghe.engines.parts import default_tables
from gonghe.engines.parts.figures import sort_of
from gonghe.joining import joined

NAMES = {
    "material.price": gettext_lazy("price"),
    "material.scrap_price": gettext_lazy("price of chips and scrap sold"),
    "material.milling": gettext_lazy("removed by milling"),
    "material.turning": gettext_lazy("removed by turning"),
    "material.finishing": gettext_lazy("finished area"),
    "material.drilling_speed": gettext_lazy("cutting speed of drills"),
    "material.drilling_feed": gettext_lazy("feed of drills a turn, of the diameter"),
    "material.sawing": gettext_lazy("sawn area"),
    "material.laser": gettext_lazy("laser cutting"),
    "process.rate": gettext_lazy("hourly rate"),
    "process.setup": gettext_lazy("set-up"),
    "process.spread": gettext_lazy("times vary by about"),
    "general.milling_allowance": gettext_lazy("allowance for milling, each side"),
    "general.turning_allowance": gettext_lazy("allowance for turning, each side"),
    "general.saw_kerf": gettext_lazy("width of a saw cut"),
    "general.nesting": gettext_lazy("share of the sheet that parts fill"),
    "general.clamping": gettext_lazy("clamping a piece"),
    "general.clamping_per_kg": gettext_lazy("clamping, more for each kilogram"),
    "general.setup_per_clamping": gettext_lazy("set-up for each further clamping"),
    "general.tool_change": gettext_lazy("tool change"),
    "general.positioning": gettext_lazy("positioning for each hole"),
    "general.bend": gettext_lazy("a bend"),
    "general.piercing": gettext_lazy("piercing by laser, for each mm of thickness"),
    "general.deburring": gettext_lazy("deburring along edges"),
    "general.inspection": gettext_lazy("inspection of a piece"),
    "general.inspection_per_hole": gettext_lazy("inspection, more for each hole"),
    "general.inspected": gettext_lazy("share of pieces inspected"),
    "general.additive": gettext_lazy("built up by printing"),
    "general.usual_it": gettext_lazy("usual tolerance grade (ISO 286)"),
    "general.overhead": gettext_lazy("overhead on all costs"),
    "general.rate_spread": gettext_lazy("hourly rates vary by about"),
    "general.material_spread": gettext_lazy("material prices vary by about"),
    "general.doubt_spread": gettext_lazy("more spread when it is not clear what kind of part it is"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Figures shown on one page, by their names."""

    key: str
    title: str | Promise
    names: tuple[str, ...]


GROUPS = (
    Group("prices", gettext_lazy("Material prices"), ("material.price", "material.scrap_price")),
    Group("rates", gettext_lazy("Hourly rates and overhead"), ("process.rate", "general.overhead")),
    Group("setups", gettext_lazy("Set-up times"), ("process.setup", "general.setup_per_clamping")),
    Group(
        "cutting",
        gettext_lazy("Milling and turning"),
        (
            "material.milling",
            "material.turning",
            "material.finishing",
            "general.milling_allowance",
            "general.turning_allowance",
            "general.usual_it",
        ),
    ),
    Group(
        "drilling",
        gettext_lazy("Drilling and sawing"),
        (
            "material.drilling_speed",
            "material.drilling_feed",
            "material.sawing",
            "general.positioning",
            "general.saw_kerf",
        ),
    ),
    Group(
        "laser",
        gettext_lazy("Laser cutting and bending"),
        ("material.laser", "general.piercing", "general.nesting", "general.bend"),
    ),
    Group(
        "handling",
        gettext_lazy("Handling, deburring, inspection, printing"),
        (
            "general.clamping",
            "general.clamping_per_kg",
            "general.tool_change",
            "general.deburring",
            "general.inspection",
            "general.inspection_per_hole",
            "general.inspected",
            "general.additive",
        ),
    ),
    Group(
        "spreads",
        gettext_lazy("How much times and prices vary"),
        ("process.spread", "general.rate_spread", "general.material_spread", "general.doubt_spread"),
    ),
)


def name_of(code: str) -> str:
    """A code without the material or process it is for, such as `material.price`."""
    room, _dot, rest = code.partition(".")
    if room == "general":
        return code
    return f"{room}.{rest.partition('.')[2].partition('.')[0]}"


def in_group(codes: Iterable[str], group: Group) -> list[str]:
    """The codes of a group, figure by figure, each in the order of the codes."""
    listed = list(codes)
    return [code for name in group.names for code in listed if name_of(code) == name]


def subject_of(code: str) -> str:
    """What a figure is for: a material, a material and its thickness, a process; empty for general ones."""
    room, _dot, rest = code.partition(".")
    if room == "general":
        return ""
    of, _dot, name = rest.partition(".")
    if room == "process":
        return process_name(of)
    material = word_name("material_group", of)
    thickness = name.partition("laser.")[2]
    return joined(", ", (material, f"{thickness} mm")) if thickness else material


def figure_text(code: str) -> str:
    """A figure's full name."""
    return capfirst(joined(": ", (text for text in (subject_of(code), str(NAMES[name_of(code)])) if text)))


def unit_text(code: str) -> str:
    """The unit in which a figure is stated."""
    unit = sort_of(code).unit.format(currency=default_tables().currency)
    return {"% Ø": "%", "IT": ""}.get(unit, unit)


def plain(value: Decimal) -> str:
    """A number as it is typed: no exponent, no idle zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def source_text(source: str) -> str:
    """Where a figure of an estimate comes from, when it is not a shipped one."""
    return {"own": _("your own"), "estimate": _("for this estimate")}.get(source, "")
