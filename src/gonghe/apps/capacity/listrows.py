"""Cells of a machine list as people write them: "1.2 m", "1000x500", "180 元/小时", "激光切割"."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gonghe.apps.capacity.columns import SIZE
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.standards import workbook as sheets
from gonghe.standards.workbook import cells

CODE_LENGTH = 60
NUMBER = re.compile(r"(?<![\d.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d.])")
THOUSANDS = {
    "mm": (("mm", "毫米"), 1), "cm": (("cm", "厘米"), 10), "m": (("m", "米"), 1000),
    "t": (("t", "吨"), 1000), "kg": (("kg", "公斤", "千克"), 1),
}  # fmt: skip
AXES = ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm")
WrongPlace = tuple[int, str, str, cells.WrongCell]


@dataclass(frozen=True, slots=True)
class MachineRow:
    """What one row says of a machine; `site` "" is the chosen one, `processes` may be empty."""

    number: int
    code: str
    name: str
    site: str
    count: int
    processes: tuple[str, ...]
    limits: Mapping[str, Mapping[str, Any]]
    per_hour: Decimal | None
    per_setup: Decimal


class RowReader:
    """Reads rows and gathers every wrong cell: row, meaning, value, what is wrong."""

    def __init__(self, vocabulary: sheets.Vocabulary, places: Mapping[str, str]) -> None:
        self.wrong: list[WrongPlace] = []
        self._places = places
        self._process = cells.one_of(vocabulary.processes, "process")
        self._materials = cells.words(cells.one_of(vocabulary.materials, "material"))

    def row(self, number: int, texts: Mapping[str, str]) -> MachineRow:
        """One row; what is wrong in it is gathered and left out."""

        def take(key: str, parse: Callable[[str], Any], blank: Any = None) -> Any:
            text = texts.get(key, "")
            if not text:
                return blank
            try:
                return parse(text)
            except cells.WrongCell as wrong:
                self.wrong.append((number, key, text, wrong))
                return blank

        code_key = "code" if texts.get("code") else "name"
        code = take(code_key, _code, "")
        if not texts.get(code_key):
            self.wrong.append(
                (number, "code" if "code" in texts else "name", "", cells.WrongCell("required", ""))
            )
        limits: dict[str, dict[str, Any]] = take("size", _size, {})
        for key in texts:
            prop, __, bound = key.partition(".")
            if bound:
                parse = self._materials if bound == "set" else _measure(prop)
                value = take(key, parse)
                if value is not None:
                    limits[prop] = {bound: value}
        return MachineRow(
            number=number,
            code=code,
            name=(texts.get("name") or code)[:100],
            site=take("site", self._site, ""),
            count=take("count", _count, 1),
            processes=take("process", self._processes, ())
            if texts.get("process")
            else guessed(texts.get("name", "")),
            limits=limits,
            per_hour=take("per_hour", _money),
            per_setup=take("per_setup", _money, Decimal(0)),
        )

    def check_codes(self, rows: Iterable[MachineRow]) -> None:
        """Codes are there once: two machines of one code would be one."""
        seen: dict[str, int] = {}
        numbers = Counter(row.code for row in rows)
        for row in rows:
            if row.code and numbers[row.code] > 1 and row.code in seen:
                wrong = cells.WrongCell("double", "", row=str(seen[row.code]))
                self.wrong.append((row.number, "code", row.code, wrong))
            seen.setdefault(row.code, row.number)

    def _site(self, text: str) -> str:
        if text not in self._places:
            raise cells.WrongCell("unknown_site", "", alike=", ".join(sorted(self._places)[:6]))
        return self._places[text]

    def _processes(self, text: str) -> tuple[str, ...]:
        """Every process that the cell names, one for each part of it."""
        found = [self._one_process(part.strip()) for part in re.split(r"[,，、;；/+]", text) if part.strip()]
        return tuple(dict.fromkeys(found))

    def _one_process(self, text: str) -> str:
        try:
            return self._process(text)
        except cells.WrongCell:
            code = taxonomies.current().guess(text)
            if code is None:
                raise
            return code


def guessed(name: str) -> tuple[str, ...]:
    """The process of which a machine's name speaks, if any."""
    code = taxonomies.current().guess(name)
    return (code,) if code else ()


def _code(text: str) -> str:
    if len(text) > CODE_LENGTH:
        raise cells.WrongCell("code", "", limit=str(CODE_LENGTH))
    return text


def _number(text: str) -> tuple[float, str]:
    """The one number of a text and what stands after it."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = NUMBER.findall(plain)
    if len(found) != 1 or plain.startswith("-"):
        raise cells.WrongCell("one_number", "")
    after = plain.split(found[0], 1)[1].strip().casefold()
    return float(found[0].replace(",", "")), after


def _measure(prop: str) -> Callable[[str], float]:
    """Reads a number in the unit of a property: mm, kg and kN; others of the same kind are turned into it."""
    units = {"mm": ("mm", "cm", "m"), "kg": ("kg", "t")}.get(prop.rsplit("_", 1)[-1], ())

    def parse(text: str) -> float:
        value, after = _number(text)
        if prop == "force_kn" and after in {"t", "吨"}:
            return round(value * 9.80665, 3)
        for unit in units:
            words, factor = THOUSANDS[unit]
            if after in words:
                return value * factor
        return value

    return parse


def _size(text: str) -> dict[str, dict[str, float]]:
    found = SIZE.match(unicodedata.normalize("NFKC", text).replace("×", "x"))
    if found is None:
        raise cells.WrongCell("size", "")
    sides = [float(one.replace(",", ".")) for one in found.groups() if one]
    return {axis: {"max": side} for axis, side in zip(AXES, sides, strict=False)}


def _count(text: str) -> int:
    value, __ = _number(text)
    if value != int(value) or not 1 <= value <= 1000:
        raise cells.WrongCell("range", "", low="1", high="1000")
    return int(value)


def _money(text: str) -> Decimal:
    value, __ = _number(text)
    amount = Decimal(str(value))
    if amount != amount.quantize(Decimal("0.01")):
        raise cells.WrongCell("two_decimals", "")
    return amount.quantize(Decimal("0.01"))
