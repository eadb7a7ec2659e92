"""Tolerance grades of ISO 286-1, from the formula behind its table."""

from __future__ import annotations

import math
from itertools import pairwise

STEPS = (
    0,
    3,
    6,
    10,
    18,
    30,
    50,
    80,
    120,
    180,
    250,
    315,
    400,
    500,
    630,
    800,
    1000,
    1250,
    1600,
    2000,
    2500,
    3150,
)
"""Limits of the nominal size ranges, mm."""

MULTIPLES = {5: 7, 6: 10, 7: 16, 8: 25, 9: 40, 10: 64, 11: 100, 12: 160, 13: 250, 14: 400, 15: 640, 16: 1000}
"""Tolerance of a grade in units of i (up to 500 mm) or I (above)."""


def tolerance_um(nominal_mm: float, it: int) -> float:
    """Width of grade IT5 to IT16 at a nominal size, micrometres, before the standard's rounding.

    ISO 286-1: i = 0.45 D^(1/3) + 0.001 D up to 500 mm, I = 0.004 D + 2.1 above, with D the geometric mean of
    the size range in mm.

    Raises
    ------
    ValueError
        For sizes beyond 3150 mm or grades outside IT5 to IT16.
    """
    if it not in MULTIPLES or not 0 < nominal_mm <= STEPS[-1]:
        raise ValueError(f"ISO 286 gives no IT{it} for {nominal_mm} mm")
    low, high = next((low, high) for low, high in pairwise(STEPS) if low < nominal_mm <= high)
    mean = math.sqrt((low or 1) * high)
    unit = 0.45 * mean ** (1 / 3) + 0.001 * mean if high <= 500 else 0.004 * mean + 2.1
    return float(MULTIPLES[it] * unit)


def grade(nominal_mm: float, width_mm: float) -> int | None:
    """Coarsest grade that a tolerance of ``width_mm`` still allows; 5 when it asks for IT5 or finer.

    None beyond the sizes of the standard, or when the tolerance is wider than IT16.
    """
    if not 0 < nominal_mm <= STEPS[-1] or width_mm >= 1.5 * tolerance_um(nominal_mm, 16) / 1000:
        return None
    # the standard rounds its table: 5 % leave room for that
    allowed = [it for it in MULTIPLES if tolerance_um(nominal_mm, it) / 1000 <= 1.05 * width_mm]
    return max(allowed, default=5)
