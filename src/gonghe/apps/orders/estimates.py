"""What a line should cost and how long its work takes, from its present routing, whoever made that."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gonghe.apps.orders.models import OrderLine
from gonghe.engines.matching import Taxonomy
from gonghe.engines.model.parts import DENSITY_KG_M3, Assumption, Estimate, PartAnalysis, PriceBreak, Range
from gonghe.engines.parts import Tables, default_tables, propose
from gonghe.engines.parts.tables import ProcessFigures

Z90 = 1.2815515655446004  # 90 % point of the standard normal distribution
BREAKS = (1, 10, 100, 1000)
Uncertain = tuple[float, float]  # median, standard deviation of its logarithm


@dataclass(frozen=True, slots=True)
class Work:
    """One step as an estimate sees it."""

    process: str
    setup_s: int
    run_s: int


@dataclass(frozen=True, slots=True)
class Material:
    """What one piece is cut from: cost in minor units, or 0 when it is not in the price."""

    cost: float
    assumptions: tuple[Assumption, ...]


def estimate_line(line: OrderLine) -> dict[str, Any] | None:
    """The estimate of a line's present routing as it is stored; None while it has no steps.

    The price is for all pieces that are made, scrap included. Times and prices are independent lognormal
    variables with the tables' figures as medians; their sum's spread follows by propagation of errors, and
    what all share (rates, doubt about what the part is) is added in quadrature: the rule of the part engine,
    so that a routing changed by hand is priced like a proposed one.
    """
    steps = [
        Work(step.requirement["process"], step.setup_s, step.run_s)
        for step in line.operations.order_by("number")
    ]
    if not steps:
        return None
    tables = default_tables()
    part = analysis_of(line)
    material = _material(line, part, tables)
    figures = {step.process: figures_of(step.process, tables) for step in steps}
    doubt = _doubt(part, tables)

    def cost(pieces: int) -> Range:
        share = 1 + tables.general.overhead_share
        parts = [
            (
                share * _seconds(step, pieces) * figures[step.process].rate_minor_per_h / 3600,
                figures[step.process].spread,
            )
            for step in steps
        ]
        parts.append((share * pieces * material.cost, tables.general.material_spread))
        return lognormal_sum(parts, (tables.general.rate_spread, doubt))

    times = [(float(_seconds(step, line.pieces)), figures[step.process].spread) for step in steps]
    return Estimate(
        quantity=line.quantity,
        currency=tables.currency,
        cost=cost(line.pieces),
        time_s=lognormal_sum(times, (doubt,)),
        assumptions=(*_assumptions(line, figures, tables), *material.assumptions),
        breaks=tuple(PriceBreak(count, cost(line.pieces_for(count))) for count in BREAKS),
    ).to_json()


def figures_of(process: str, tables: Tables) -> ProcessFigures:
    """Rate, set-up and spread of a process: its own, those of its kin, else the middle of all."""
    taxonomy = Taxonomy.load()
    for code in taxonomy.ancestors(process):
        if code in tables.processes:
            return tables.processes[code]
        kin = next(
            (tables.processes[one.code] for one in taxonomy.children(code) if one.code in tables.processes),
            None,
        )
        if kin is not None:
            return kin
    known = sorted(tables.processes.values(), key=lambda one: one.rate_minor_per_h)
    return known[len(known) // 2]


def lognormal_sum(parts: Iterable[Uncertain], shared: Iterable[float]) -> Range:
    """P10, P50 and P90 of a sum: sigma^2 = sum((m_i s_i)^2) / (sum m_i)^2 + sum(shared^2)."""
    listed = list(parts)
    total = sum(median for median, _spread in listed)
    if total <= 0:
        return Range(0, 0, 0)
    own = sum((median * spread) ** 2 for median, spread in listed) / total**2
    sigma = math.sqrt(own + sum(value**2 for value in shared))
    return Range(round(total * math.exp(-Z90 * sigma)), round(total), round(total * math.exp(Z90 * sigma)))


def analysis_of(line: OrderLine) -> PartAnalysis | None:
    """What was found in the drawing of a line."""
    found = line.revision.analysis
    return PartAnalysis.from_json(found) if found else None


def _seconds(step: Work, pieces: int) -> int:
    return step.setup_s + step.run_s * pieces


def _doubt(part: PartAnalysis | None, tables: Tables) -> float:
    """Extra spread while it is uncertain what the part is; times given by hand carry none."""
    if part is None:
        return 0.0
    doubt = tables.general.doubt_spread * (1 - part.families[0].confidence)
    return doubt if part.valid else doubt + tables.general.doubt_spread


def _material(line: OrderLine, part: PartAnalysis | None, tables: Tables) -> Material:
    """Material of one piece less the scrap sold, from the blank that the proposed routing starts with."""
    group = line.revision.material
    if line.material_supplier == OrderLine.Supplier.BUYER:
        return Material(0.0, (Assumption("material.by_buyer", 0.0, tables.currency, ""),))
    blank = None if part is None else _blank_cm3(part, group, tables)
    if part is None or blank is None:
        return Material(0.0, (Assumption("material.not_included", 0.0, tables.currency, ""),))
    figures, density = tables.material(group), DENSITY_KG_M3[group] * 1e-9
    volume = blank * 1000
    scrap = max(0.0, volume - part.volume_mm3) * density
    cost = volume * density * figures.price_minor_per_kg - scrap * figures.scrap_minor_per_kg
    return Material(
        max(0.0, cost),
        (
            Assumption("stock.volume", blank, "cm3", "blank"),
            Assumption("material.density", DENSITY_KG_M3[group], "kg/m3", ""),
            Assumption(
                "material.price", figures.price_minor_per_kg / 100, f"{tables.currency}/kg", tables.source
            ),
            Assumption(
                "material.scrap_price",
                figures.scrap_minor_per_kg / 100,
                f"{tables.currency}/kg",
                tables.source,
            ),
        ),
    )


def _blank_cm3(part: PartAnalysis, group: str, tables: Tables) -> float | None:
    """The blank that the proposed routing of a part starts with; None when nothing can be proposed for it."""
    try:
        _steps, proposed = propose(part, material=group, quantity=1, tables=tables)
    except (ValueError, KeyError):
        return None  # no figures for this material: the price is stated without it
    return next((one.value for one in proposed.assumptions if one.code == "stock.volume"), None)


def _assumptions(line: OrderLine, figures: dict[str, ProcessFigures], tables: Tables) -> Iterable[Assumption]:
    yield Assumption("pieces", float(line.pieces), "", "")
    for process, one in figures.items():
        own = tables.source if process in tables.processes else "kin"
        yield Assumption(f"rate.{process}", one.rate_minor_per_h / 100, f"{tables.currency}/h", own)
        yield Assumption(f"spread.{process}", one.spread, "", own)
    yield Assumption("overhead", tables.general.overhead_share, "", tables.source)
    yield Assumption("spread.rates", tables.general.rate_spread, "", tables.source)
