"""Figures an estimate rests on, as data: each workshop edits its own copy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Self

from gonghe.engines.model.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class MaterialFigures:
    """Prices in minor units per kg; removal in cm3/min, finishing and sawing in cm2/min, cutting speed in
    m/min.

    ``drill_feed_share`` is the feed per turn as a share of the drill's diameter; ``laser_m_min`` are pairs of
    thickness (mm) and cutting speed (m/min), rising in thickness.
    """

    price_minor_per_kg: int
    scrap_minor_per_kg: int
    milling_cm3_min: float
    turning_cm3_min: float
    finish_cm2_min: float
    drill_vc_m_min: float
    drill_feed_share: float
    saw_cm2_min: float
    laser_m_min: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        rates = (self.milling_cm3_min, self.turning_cm3_min, self.finish_cm2_min, self.saw_cm2_min)
        if min(*rates, self.drill_vc_m_min, self.drill_feed_share) <= 0 or not self.laser_m_min:
            raise ValueError("removal rates, cutting speeds and feeds must be positive")


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """Hourly rate (minor units), set-up (s), spread of times (standard deviation of the logarithm)."""

    rate_minor_per_h: int
    setup_s: int
    spread: float

    def __post_init__(self) -> None:
        if self.rate_minor_per_h < 0 or self.setup_s < 0 or not 0 <= self.spread < 2:
            raise ValueError("rate and set-up must not be negative, spread must lie between 0 and 2")


@dataclass(frozen=True, slots=True)
class GeneralFigures:
    """Allowances (mm), handling (s), shares and spreads used for all processes."""

    milling_allowance_mm: float
    turning_allowance_mm: float
    saw_kerf_mm: float
    nesting_share: float
    clamp_s: float
    clamp_s_per_kg: float
    setup_per_clamping_s: float
    tool_change_s: float
    position_s: float
    bend_s: float
    pierce_s_per_mm: float
    deburr_mm_s: float
    inspect_s: float
    inspect_s_per_hole: float
    inspect_share: float
    additive_cm3_h: float
    usual_it: int
    overhead_share: float
    rate_spread: float
    material_spread: float
    doubt_spread: float

    def __post_init__(self) -> None:
        for item in fields(self):
            if getattr(self, item.name) < 0:
                raise ValueError(f"{item.name} must not be negative")


@dataclass(frozen=True, slots=True)
class Tables:
    """All figures of one workshop, or the starting values."""

    currency: str
    source: str
    materials: Mapping[str, MaterialFigures]
    processes: Mapping[str, ProcessFigures]
    general: GeneralFigures

    def material(self, group: str) -> MaterialFigures:
        """Figures of a material group.

        Raises
        ------
        ValueError
            When the tables have no such group; the message lists those they have.
        """
        if group not in self.materials:
            raise ValueError(
                f"no figures for material {group!r}; the tables know {', '.join(sorted(self.materials))}"
            )
        return self.materials[group]

    def process(self, code: str) -> ProcessFigures:
        """Figures of a process.

        Raises
        ------
        ValueError
            When the tables have no such process.
        """
        if code not in self.processes:
            raise ValueError(
                f"no figures for process {code!r}; the tables know {', '.join(sorted(self.processes))}"
            )
        return self.processes[code]

    def to_json(self) -> dict[str, Any]:
        """Plain dict of JSON values."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_json`."""
        return cls(
            currency=str(data["currency"]),
            source=str(data["source"]),
            materials={code: from_plain(MaterialFigures, row) for code, row in data["materials"].items()},
            processes={code: from_plain(ProcessFigures, row) for code, row in data["processes"].items()},
            general=from_plain(GeneralFigures, data["general"]),
        )


@cache
def default_tables() -> Tables:
    """Starting values shipped with Gonghe."""
    text = resources.files(__package__).joinpath("tables.json").read_text(encoding="utf-8")
    return Tables.from_json(json.loads(text))
