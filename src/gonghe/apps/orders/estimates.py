"""What a line should cost and how long its work takes, from its present routing, whoever made that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from gonghe.apps.orders.learning import experience_of
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.orders.times import analysis_of, times_by
from gonghe.apps.technology.figures import HERE, FirmFigures, figures_for, process_figures
from gonghe.engines.model.parts import DENSITY_KG_M3, Assumption, PartAnalysis
from gonghe.engines.parts import Experience, Factor, Job, Tables, Work, doubt_about, estimate, propose
from gonghe.engines.parts.figures import sort_of, value_of

BLANK, DENSITY, FACTOR = "part.blank", "part.density", "factor."
REMOVAL = ("milling", "turning", "finishing", "drilling_speed", "drilling_feed", "sawing")
CUTTING = ("milling", "finishing", "drilling_speed", "drilling_feed")
# Which removal rates the proposed times of a process rest on.
RATES: Mapping[str, tuple[str, ...]] = {
    "saw": ("sawing",),
    "drilling": ("drilling_speed", "drilling_feed"),
    "turning": ("turning", "finishing"),
    "turn-mill": ("turning", *CUTTING),
    "milling-3axis": CUTTING,
    "milling-5axis": CUTTING,
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a line is reckoned with: a firm's figures and experience, and what holds for this line only."""

    figures: FirmFigures
    experience: Experience
    only: Mapping[str, Decimal]
    asked: bool = False  # reckoned by a firm that another one asks

    @property
    def tables(self) -> Tables:
        """The figures as the engine takes them."""
        return self.figures.tables


def basis_of(line: OrderLine) -> Basis:
    """What the estimate of a line rests on for the firm that orders it."""
    only = {code: Decimal(value) for code, value in line.assumptions.items()}
    here = {code: value for code, value in only.items() if not code.startswith((FACTOR, "part."))}
    firm = line.order.organization_id
    figures = figures_for(firm, here)
    return Basis(figures, _corrected(experience_of(firm), only, figures.tables), only)


def basis_for(organization_id: UUID) -> Basis:
    """What another firm's quote for a line rests on: its own figures and times, nothing of the buyer's."""
    return Basis(figures_for(organization_id), experience_of(organization_id), {}, asked=True)


def estimate_line(line: OrderLine) -> dict[str, Any] | None:
    """The estimate of a line's present routing as it is stored; None while it has no steps.

    The price is for all pieces that are made, scrap included, with the factors that the firm's own finished
    work taught; a routing changed by hand is priced by the same rule as a proposed one.
    """
    work = tuple(
        Work(step.requirement["process"], step.setup_s, step.run_s)
        for step in line.operations.order_by("number")
    )
    return _reckoned(line, work, basis_of(line))


def quote_line(line: OrderLine, organization_id: UUID) -> dict[str, Any] | None:
    """What a line costs a firm that is asked to make it, by its own tables; None while it has no steps."""
    basis = basis_for(organization_id)
    times = times_by(line, basis.tables)
    work = tuple(
        Work(step.requirement["process"], *times[step.pk]) for step in line.operations.order_by("number")
    )
    return _reckoned(line, work, basis)


def _reckoned(line: OrderLine, work: tuple[Work, ...], basis: Basis) -> dict[str, Any] | None:
    if not work:
        return None
    tables = basis.tables
    figures = {step.process: process_figures(step.process, tables) for step in work}
    known = replace(tables, processes={**tables.processes, **figures})
    part = analysis_of(line)
    material, told = _material(line, part, basis)
    job = Job(
        work=work,
        material=material,
        quantity=line.quantity,
        family=part.family if part else "",
        doubt=doubt_about(part, tables) if part else 0.0,  # times given by hand carry none
        pieces=line.pieces_for,
    )
    listed = (*_assumptions(line, figures, basis), *told)
    return estimate(job, known, listed, basis.experience).to_json()


def _material(
    line: OrderLine, part: PartAnalysis | None, basis: Basis
) -> tuple[float, tuple[Assumption, ...]]:
    """Material of one piece less the scrap sold (minor units), or 0 when it is not in the price, and why."""
    group, tables = line.revision.material, basis.tables
    if line.material_supplier == OrderLine.Supplier.BUYER:
        told = "material.sent" if basis.asked else "material.by_buyer"
        return 0.0, (Assumption(told, 0.0, tables.currency, ""),)
    blank = None if part is None else blank_cm3(part, group, basis)
    if part is None or blank is None:
        return 0.0, (Assumption("material.not_included", 0.0, tables.currency, ""),)
    figures, kg_m3 = tables.material(group), float(basis.only.get(DENSITY, 0)) or DENSITY_KG_M3[group]
    density, volume = kg_m3 * 1e-9, blank * 1000
    scrap = max(0.0, volume - part.volume_mm3) * density
    cost = volume * density * figures.price_minor_per_kg - scrap * figures.scrap_minor_per_kg
    unit = f"{tables.currency}/kg"
    price, sold = f"material.{group}.price", f"material.{group}.scrap_price"
    return max(0.0, cost), (
        Assumption("stock.volume", blank, "cm3", _only(basis, BLANK, "blank")),
        Assumption("material.density", kg_m3, "kg/m3", _only(basis, DENSITY, "")),
        Assumption("material.price", figures.price_minor_per_kg / 100, unit, basis.figures.source(price)),
        Assumption(
            "material.scrap_price", figures.scrap_minor_per_kg / 100, unit, basis.figures.source(sold)
        ),
        Assumption(
            "spread.material",
            tables.general.material_spread,
            "",
            basis.figures.source("general.material_spread"),
        ),
    )


def _only(basis: Basis, code: str, otherwise: str) -> str:
    return HERE if code in basis.only else otherwise


def blank_cm3(part: PartAnalysis, group: str, basis: Basis) -> float | None:
    """The blank that the proposed routing of a part starts with; None when nothing can be proposed for it."""
    if BLANK in basis.only:
        return float(basis.only[BLANK])
    try:
        _steps, proposed = propose(part, material=group, quantity=1, tables=basis.tables)
    except (ValueError, KeyError):
        return None  # no figures for this material: the price is stated without it
    return next((one.value for one in proposed.assumptions if one.code == "stock.volume"), None)


def _assumptions(line: OrderLine, figures: Mapping[str, Any], basis: Basis) -> Iterable[Assumption]:
    tables, source = basis.tables, basis.figures.source
    yield Assumption("pieces", float(line.pieces), "", "")
    for process, one in figures.items():
        rate, spread = source(f"process.{process}.rate"), source(f"process.{process}.spread")
        if process not in tables.processes:
            rate = spread = "kin"
        yield Assumption(f"rate.{process}", one.rate_minor_per_h / 100, f"{tables.currency}/h", rate)
        yield Assumption(f"spread.{process}", one.spread, "", spread)
    for code in removal_rates(line, tables):
        yield Assumption(code, float(value_of(tables, code)), sort_of(code).unit, source(code))
    yield Assumption("overhead", tables.general.overhead_share, "", source("general.overhead"))
    yield Assumption("spread.rates", tables.general.rate_spread, "", source("general.rate_spread"))
    for code, value in basis.only.items():
        if code.removeprefix(FACTOR) in figures:
            yield Assumption(code, float(value) / 100, "", HERE)


def removal_rates(line: OrderLine, tables: Tables) -> list[str]:
    """Codes of the removal rates behind the times of steps that still stand as proposed."""
    steps = [step.requirement["process"] for step in line.operations.all() if step.is_proposed]
    names = {name for process in steps for name in RATES.get(process, ())}
    known = line.revision.material in tables.materials
    return [f"material.{line.revision.material}.{name}" for name in REMOVAL if name in names] if known else []


def _corrected(experience: Experience, only: Mapping[str, Decimal], tables: Tables) -> Experience:
    """Experience with the factors (%) that are stated for one estimate in place of learned ones."""
    stated = {code.removeprefix(FACTOR): value for code, value in only.items() if code.startswith(FACTOR)}
    families = {key: factor for key, factor in experience.families.items() if key[0] not in stated}
    processes = dict(experience.processes)
    for process, value in stated.items():
        spread = experience.factor(process, "", process_figures(process, tables).spread).spread
        processes[process] = Factor(float(value) / 100, spread, 0)
    return Experience(processes, families)
