"""What is to be planned and reckoned: one part, its material, how many, and the figures."""

from __future__ import annotations

from dataclasses import dataclass

from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts.tables import Tables


@dataclass(frozen=True, slots=True)
class Task:
    """A part to be made ``quantity`` times from a material group, with a workshop's tables."""

    part: PartAnalysis
    material: str
    quantity: int
    tables: Tables

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"the quantity must be at least 1, got {self.quantity}")
        self.tables.material(self.material)

    @property
    def mass_kg(self) -> float:
        """Mass of one finished piece."""
        return self.part.mass_kg(self.material)
