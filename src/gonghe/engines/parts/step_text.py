"""What a STEP file says in words, which the CAD kernel drops: names of faces, cosmetic threads, notes.

Reads the instances of ISO 10303-21 text by pattern; lengths are brought to mm. Places are those of the part
as modelled, so an instance in an assembly does not match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gonghe.engines.model.parts import Vector
from gonghe.engines.parts.vectors import unit

INSTANCE = re.compile(rb"#(\d+)\s*=\s*([A-Z0-9_]+)\s*\((.*?)\)\s*;", re.DOTALL)
NAME = re.compile(r"\s*'((?:[^']|'')*)'")
REFERENCE = re.compile(r"#(\d+)")
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[Ee][-+]?\d+)?")
THREADLIKE = re.compile(r"thread|(?<![A-Za-z0-9])M ?\d|\bUN[CF]?\b", re.IGNORECASE)
ESCAPED = re.compile(r"\\X\\([0-9A-F]{2})|\\X2\\((?:[0-9A-F]{4})+)\\X0\\")

KEPT = frozenset(
    {
        "ADVANCED_FACE", "AXIS2_PLACEMENT_3D", "CARTESIAN_POINT", "CIRCLE", "CYLINDRICAL_SURFACE",
        "DESCRIPTIVE_REPRESENTATION_ITEM", "DIRECTION", "GEOMETRIC_CURVE_SET", "GEOMETRIC_SET",
        "GEOMETRIC_ITEM_SPECIFIC_USAGE", "LINE", "PRODUCT", "SHAPE_ASPECT", "TRIMMED_CURVE", "VECTOR",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A round thing in the file: its name, a point on its axis, the axis, radius, length (None unknown)."""

    name: str
    point: Vector
    axis: Vector
    radius: float
    length: float | None = None


class Entities:
    """Instances of the kinds that words hang on; ``scale`` turns the file's lengths into mm."""

    def __init__(self, data: bytes, scale: float = 1.0) -> None:
        self._scale = scale
        self._found: dict[int, tuple[str, str]] = {}
        for match in INSTANCE.finditer(data):
            kind = match[2].decode("ascii")
            if kind in KEPT:
                self._found[int(match[1])] = (kind, match[3].decode("latin-1"))

    def named_cylinders(self) -> Iterator[tuple[str, Cylinder]]:
        """Cylindrical faces with a name, their own or that of the aspect that points at them."""
        for kind, text in list(self._found.values()):
            if kind == "ADVANCED_FACE":
                name, face = _name(text), text
            elif kind == "GEOMETRIC_ITEM_SPECIFIC_USAGE":
                name, face = self._aspect(text)
            else:
                continue
            if THREADLIKE.search(name):
                cylinder = self._cylinder(name, face)
                if cylinder is not None:
                    yield name, cylinder

    def cosmetic_threads(self) -> Iterator[Cylinder]:
        """Sets of curves called a thread, by their circle; the longest line in the set is the length."""
        for kind, text in list(self._found.values()):
            if kind not in ("GEOMETRIC_CURVE_SET", "GEOMETRIC_SET") or "thread" not in _name(text).lower():
                continue
            curves = [self._curve(number) for number in _references(text)]
            lengths = [length for length in (self._line_mm(*curve) for curve in curves) if length]
            for circle, _ in (curve for curve in curves if curve[0] is not None):
                if circle is not None and circle[0] == "CIRCLE":
                    found = self._placed(_name(text), circle[1], max(lengths, default=None))
                    if found is not None:
                        yield found

    def notes(self) -> list[str]:
        """Texts of notes and annotations."""
        return [
            _plain(text) for kind, text in self._found.values() if kind == "DESCRIPTIVE_REPRESENTATION_ITEM"
        ]

    def products(self) -> list[str]:
        """Numbers and names of the products."""
        return [_plain(text) for kind, text in self._found.values() if kind == "PRODUCT"]

    def _aspect(self, text: str) -> tuple[str, str]:
        """Name of the aspect of a usage, and the face that it is used for."""
        numbers = [self._found.get(number, ("", "")) for number in _references(text)]
        names = [_name(body) for kind, body in numbers if kind == "SHAPE_ASPECT"]
        faces = [body for kind, body in numbers if kind == "ADVANCED_FACE"]
        return next(iter(names), ""), next(iter(faces), "")

    def _cylinder(self, name: str, face: str) -> Cylinder | None:
        for number in _references(face):
            kind, text = self._found.get(number, ("", ""))
            if kind == "CYLINDRICAL_SURFACE":
                return self._placed(name, text, None)
        return None

    def _placed(self, name: str, text: str, length: float | None) -> Cylinder | None:
        """A circle or cylinder from its placement and its radius, which comes last."""
        places = [self._found.get(number) for number in _references(text)]
        radius = NUMBER.findall(text.rsplit(",", 1)[-1])
        if not radius or not places or places[0] is None:
            return None
        parts = [self._found.get(number) for number in _references(places[0][1])]
        point = next((_vector(item[1]) for item in parts if item and item[0] == "CARTESIAN_POINT"), None)
        axis = next((_vector(item[1]) for item in parts if item and item[0] == "DIRECTION"), (0.0, 0.0, 1.0))
        if point is None or axis is None:
            return None
        x, y, z = (value * self._scale for value in point)
        return Cylinder(name, (x, y, z), unit(axis), float(radius[0]) * self._scale, length)

    def _curve(self, number: int) -> tuple[tuple[str, str] | None, list[float]]:
        """The curve itself and, of a trimmed one, its first and last parameter."""
        found = self._found.get(number)
        if found is None or found[0] != "TRIMMED_CURVE":
            return found, []
        trims = [float(value) for value in re.findall(r"PARAMETER_VALUE\(([^)]*)\)", found[1])]
        inner = _references(found[1])
        return (self._found.get(inner[0]) if inner else None), trims

    def _line_mm(self, curve: tuple[str, str] | None, trims: list[float]) -> float | None:
        if curve is None or curve[0] != "LINE" or len(trims) != 2:
            return None
        vectors = [self._found.get(number) for number in _references(curve[1])]
        size = next((NUMBER.findall(item[1])[-1] for item in vectors if item and item[0] == "VECTOR"), "1")
        return abs(trims[1] - trims[0]) * float(size) * self._scale


def _references(text: str) -> list[int]:
    return [int(number) for number in REFERENCE.findall(text)]


def _name(text: str) -> str:
    found = NAME.match(text)
    return _unescaped(found[1]) if found else ""


def _plain(text: str) -> str:
    """All quoted words of an instance."""
    return " ".join(_unescaped(word) for word in re.findall(r"'((?:[^']|'')*)'", text))


def _unescaped(text: str) -> str:
    """Characters that ISO 10303-21 writes as hexadecimal."""

    def character(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return bytes.fromhex(found[2]).decode("utf-16-be", errors="replace")

    return ESCAPED.sub(character, text).replace("''", "'")


def _vector(text: str) -> Vector | None:
    values = [float(value) for value in NUMBER.findall(text.split("(", 1)[-1])]
    return (values[0], values[1], values[2]) if len(values) >= 3 else None
