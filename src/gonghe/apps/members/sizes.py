"""Industries and size classes of firms, by dated tables that ship as data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gonghe.apps.base import InvalidError
from gonghe.joining import is_chinese

HERE = Path(__file__).parent
CODE = re.compile(r"([A-T]?)(\d{2,4})")
MICRO = "micro"


@dataclass(frozen=True, slots=True)
class SizeClass:
    """A size class ("large", "medium", "small" or "micro") and the rule that says so."""

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class Industry:
    """A division of GB/T 4754-2017, or a group or class in it: section letter and 2 to 4 digits."""

    code: str
    name: str


def checked_industry(written: str) -> str:
    """An industry code as it is stored: the letter of its section and its digits, such as C3484.

    Raises
    ------
    InvalidError
        If the division is none of GB/T 4754-2017, or stands in another section.
    """
    plain = written.strip().upper()
    if not plain:
        return ""
    found = CODE.fullmatch(plain)
    section = _sections().get(found[2][:2]) if found else None
    if found is None or section is None or found[1] not in {"", section}:
        raise InvalidError(
            _("%s is no industry of GB/T 4754. Give the code on your registration, such as C3484.") % plain,
            code="industry",
            fields=["industry"],
        )
    return section + found[2]


def industry(code: str) -> Industry:
    """An industry by its stored code, named by its division in the reader's language."""
    names = {row[0]: row[1 if is_chinese() else 2] for row in _read("industries.json")["divisions"]}
    return Industry(code, names[code[:3]])


def divisions() -> list[Industry]:
    """All divisions, in the order of their codes."""
    return [industry(code) for code, _zh, _en in _read("industries.json")["divisions"]]


def size_class(
    code: str, figures: Mapping[str, Decimal | int | None], currency: str, on: date
) -> SizeClass | None:
    """The size class of a firm on a day.

    All lower bounds of a class have to be reached for it, else the firm is in the class below; one figure
    below the lowest bound makes it micro (工信部联企业〔2011〕300号).

    Parameters
    ----------
    code
        Industry, as :func:`checked_industry` gives it.
    figures
        "staff" in persons, "turnover" and "assets" of last year in whole units of `currency`.

    Returns
    -------
    SizeClass or None
        None where no rule covers the industry, currency or day, or a figure is missing that decides.
    """
    rules = [one for one in _read("size_classes.json") if one["currency"] == currency]
    in_force = [one for one in rules if date.fromisoformat(one["valid_from"]) <= on]
    if not in_force:
        return None
    rule = max(in_force, key=lambda one: str(one["valid_from"]))
    bounds = _bounds(rule, code)
    reached = [
        _reached(value, bounds[name], 1 if name == "staff" else rule["unit"])
        for name in bounds
        if (value := figures.get(name)) is not None
    ]
    names = [*rule["classes"], MICRO]
    if not reached or (len(reached) < len(bounds) and max(reached) < len(names) - 1):
        return None
    return SizeClass(names[max(reached)], rule["source"])


def _reached(value: Decimal | int, bounds: list[int], unit: int) -> int:
    """Place of the highest class whose lower bound a figure reaches; behind the last one it is micro."""
    return next((at for at, bound in enumerate(bounds) if value >= bound * unit), len(bounds))


def _bounds(rule: Mapping[str, Any], code: str) -> dict[str, list[int]]:
    """Lower bounds of the classes by figure, by the longest prefix; none where a code is too short."""
    prefixes = {prefix: line for line in rule["lines"] for prefix in line["prefixes"]}
    fits = [prefix for prefix in prefixes if code.startswith(prefix)]
    if not fits or any(prefix.startswith(code) and prefix != code for prefix in prefixes):
        return {}
    line = prefixes[max(fits, key=len)]
    return {name: line[name] for name in ("staff", "turnover", "assets") if name in line}


@cache
def _sections() -> dict[str, str]:
    return {row[0][1:]: row[0][0] for row in _read("industries.json")["divisions"]}


@cache
def _read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))
