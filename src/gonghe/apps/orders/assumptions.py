"""What the estimate of a line rests on and may be stated for it alone: figures, blank, density, own times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from gonghe.apps.orders.estimates import (
    BLANK,
    DENSITY,
    FACTOR,
    Basis,
    basis_for,
    blank_cm3,
    removal_rates,
)
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.orders.times import analysis_of
from gonghe.apps.technology import figures, words_figures
from gonghe.apps.technology.words import process_name
from gonghe.engines.model.parts import DENSITY_KG_M3
from gonghe.engines.parts.figures import FURTHEST, limits_of, value_of
from gonghe.joining import joined

DENSITIES = (Decimal(100), Decimal(25_000))  # kg/m3: foam to tungsten carbide
FACTORS = (Decimal(25), Decimal(400))  # %: as far as one finished job can count
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Assumed:
    """One thing that may be stated for one estimate: what holds without, limits, and what is stated."""

    code: str
    text: str
    unit: str
    otherwise: Decimal
    low: Decimal
    high: Decimal
    here: Decimal | None

    def mistake(self, value: Decimal | None) -> str:
        """What is wrong with a value; empty when nothing is."""
        if value is None or (value.is_finite() and self.low <= value <= self.high):
            return ""
        return _("%(low)s to %(high)s %(unit)s is plausible; leave it empty for the usual value.") % {
            "low": words_figures.plain(self.low),
            "high": words_figures.plain(self.high),
            "unit": self.unit,
        }


def assumed(line: OrderLine) -> list[Assumed]:
    """All that may be stated for the estimate of a line, in the order in which it is told."""
    basis = basis_for(line.order.organization_id)
    here = {code: Decimal(value) for code, value in line.assumptions.items()}
    steps = list(line.operations.all())
    processes = list(dict.fromkeys(step.requirement["process"] for step in steps))
    kin = {one: figures.process_figures(one, basis.tables) for one in processes}
    tables = replace(basis.tables, processes={**basis.tables.processes, **kin})
    found = [_figure(code, value_of(tables, code), here) for code in _codes(line, processes, basis)]
    found[len(processes) :] = [*_about_part(line, basis, here), *found[len(processes) :]]
    return [*found, *(_factor(line, process, basis, here) for process in processes)]


def _codes(line: OrderLine, processes: list[str], basis: Basis) -> Iterable[str]:
    yield from (f"process.{process}.rate" for process in processes)
    if _material_is_priced(line, basis):
        yield from (f"material.{line.revision.material}.{name}" for name in ("price", "scrap_price"))
    yield from removal_rates(line, basis.tables)
    proposed = {step.requirement["process"] for step in line.operations.all() if step.is_proposed}
    yield from (f"process.{process}.setup" for process in processes if process in proposed)
    yield "general.overhead"
    yield from (f"process.{process}.spread" for process in processes)
    yield from ("general.rate_spread", "general.material_spread")


def _material_is_priced(line: OrderLine, basis: Basis) -> bool:
    known = line.revision.material in basis.tables.materials and analysis_of(line) is not None
    return known and line.material_supplier == OrderLine.Supplier.WORKSHOP


def _figure(code: str, value: Decimal, here: dict[str, Decimal]) -> Assumed:
    low, high = limits_of(figures.shipped([code]), code)
    text, unit = words_figures.figure_text(code), words_figures.unit_text(code)
    return Assumed(code, text, unit, value, low, high, here.get(code))


def _about_part(line: OrderLine, basis: Basis, here: dict[str, Decimal]) -> Iterable[Assumed]:
    """Blank and density, where the material is in the price."""
    part, group = analysis_of(line), line.revision.material
    blank = blank_cm3(part, group, basis) if part and _material_is_priced(line, basis) else None
    if part is None or blank is None:
        return
    usual = Decimal(str(blank))
    least = min(usual, Decimal(str(round(part.volume_mm3 / 1000, 3))))
    yield Assumed(BLANK, _("Blank of one piece"), "cm³", usual, least, FURTHEST * usual, here.get(BLANK))
    density = Decimal(str(DENSITY_KG_M3[group]))
    yield Assumed(DENSITY, _("Density of the material"), "kg/m³", density, *DENSITIES, here.get(DENSITY))


def _factor(line: OrderLine, process: str, basis: Basis, here: dict[str, Decimal]) -> Assumed:
    part = analysis_of(line)
    spread = figures.process_figures(process, basis.tables).spread
    learned = basis.experience.factor(process, part.family if part else "", spread).factor
    code = FACTOR + process
    text = joined(": ", (process_name(process), _("your times, of the usual ones")))
    usual = Decimal(str(100 * learned)).quantize(TENTH)
    return Assumed(code, capfirst(text), "%", usual, *FACTORS, here.get(code))
