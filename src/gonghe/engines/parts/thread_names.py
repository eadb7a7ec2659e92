"""Thread designations in words: metric, unified, pipe and trapezoidal, and what the standards say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

COARSE: dict[float, float] = {
    1.6: 0.35, 2.0: 0.4, 2.5: 0.45, 3.0: 0.5, 3.5: 0.6, 4.0: 0.7, 5.0: 0.8, 6.0: 1.0, 8.0: 1.25, 10.0: 1.5,
    12.0: 1.75, 14.0: 2.0, 16.0: 2.0, 18.0: 2.5, 20.0: 2.5, 22.0: 2.5, 24.0: 3.0, 27.0: 3.0, 30.0: 3.5,
    33.0: 3.5, 36.0: 4.0, 39.0: 4.0, 42.0: 4.5, 45.0: 4.5, 48.0: 5.0, 52.0: 5.0, 56.0: 5.5, 64.0: 6.0,
}  # fmt: skip
"""Coarse pitch by nominal diameter, mm (ISO 261, first and second choice)."""

TAP_DRILL: dict[float, float] = {
    2.0: 1.6, 2.5: 2.05, 3.0: 2.5, 4.0: 3.3, 5.0: 4.2, 6.0: 5.0, 8.0: 6.8, 10.0: 8.5, 12.0: 10.2, 14.0: 12.0,
    16.0: 14.0, 18.0: 15.5, 20.0: 17.5, 22.0: 19.5, 24.0: 21.0, 27.0: 24.0, 30.0: 26.5,
}  # fmt: skip
"""Tap drill of coarse threads by nominal diameter, mm (ISO 2306)."""

MINOR = 1.082532
"""Nominal less minor diameter of an internal thread, in pitches (ISO 68-1: 5/8 of sqrt(3))."""

PIPE: dict[str, tuple[float, int]] = {
    "1/8": (9.728, 28), "1/4": (13.157, 19), "3/8": (16.662, 19), "1/2": (20.955, 14), "3/4": (26.441, 14),
    "1": (33.249, 11), "1 1/4": (41.910, 11), "1 1/2": (47.803, 11), "2": (59.614, 11),
}  # fmt: skip
"""Major diameter (mm) and threads per inch of pipe threads (ISO 228-1)."""

METRIC = re.compile(
    r"(?<![A-Za-z0-9.])M ?(\d{1,2}(?:\.\d)?)(?:\s*[xX×*]\s*(\d{1,3}(?:\.\d{1,2})?))?(?![A-Za-z0-9])"
)
UNIFIED = re.compile(
    r"(?<![\d/.])(\d/\d{1,2}|\d{0,2}\.\d{2,4}|#?\d{1,2})\s*-\s*(\d{1,2})\s*-?\s*(UNC|UNF|UNEF|UN)\b"
)
PIPES = re.compile(r"(?<![A-Za-z0-9])G ?(1 1/[24]|[1357]/[248]|[12])(?![\w/.])")
TRAPEZOID = re.compile(r"(?<![A-Za-z0-9])T[rR] ?(\d{1,3})\s*[xX×]\s*(\d{1,2}(?:\.\d)?)")


@dataclass(frozen=True, slots=True)
class Named:
    """A designation with its nominal diameter and pitch, mm."""

    designation: str
    nominal_mm: float
    pitch_mm: float

    @property
    def minor_mm(self) -> float:
        """Minor diameter of the internal thread."""
        return self.nominal_mm - MINOR * self.pitch_mm


def threads_in(text: str) -> Iterator[Named]:
    """Threads that a text names; a second figure that is no pitch (M6x20) is taken as a length and left."""
    for found in METRIC.finditer(text):
        named = metric(float(found[1]), float(found[2]) if found[2] else None)
        if named is not None:
            yield named
    for found in UNIFIED.finditer(text):
        yield Named(f"{found[1]}-{found[2]} {found[3]}", _inches(found[1]) * 25.4, 25.4 / int(found[2]))
    for found in PIPES.finditer(text):
        if found[1] in PIPE:
            nominal, per_inch = PIPE[found[1]]
            yield Named(f"G{found[1]}", nominal, 25.4 / per_inch)
    for found in TRAPEZOID.finditer(text):
        yield Named(f"Tr{found[1]}x{found[2]}", float(found[1]), float(found[2]))


def metric(nominal: float, pitch: float | None = None) -> Named | None:
    """A metric thread of ISO 261, coarse without a pitch; None for a diameter that the standard lacks."""
    coarse = COARSE.get(nominal)
    if coarse is None:
        return None
    if pitch is None or pitch > coarse or pitch == coarse:
        return Named(f"M{nominal:g}", nominal, coarse)
    return Named(f"M{nominal:g}x{pitch:g}", nominal, pitch)


def _inches(text: str) -> float:
    """Nominal size: a fraction, a decimal, or a numbered size (0.060 in and 0.013 in for each number)."""
    if "/" in text:
        return float(Fraction(text))
    if "." in text:
        return float(text)
    return 0.060 + 0.013 * int(text.removeprefix("#"))


def tapped_as(diameter: float) -> Named | None:
    """The coarse thread for which a hole of this diameter is drilled or modelled, if nothing else is likely.

    Whole and half millimetres are usual for plain holes too and tell nothing.
    """
    if abs(2 * diameter - round(2 * diameter)) < 0.01:
        return None
    for nominal, drill in TAP_DRILL.items():
        named = metric(nominal)
        if named is not None and min(abs(diameter - drill), abs(diameter - named.minor_mm)) < 0.006:
            return named
    return None
