"""What a line should cost and how long its work takes, from its present routing, whoever made that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from gonghe.apps.orders.figures import figures_of
from gonghe.apps.orders.learning import experience_of
from gonghe.apps.orders.models import OrderLine
from gonghe.engines.model.parts import DENSITY_KG_M3, Assumption, PartAnalysis
from gonghe.engines.parts import Job, Tables, Work, default_tables, doubt_about, estimate, propose
from gonghe.engines.parts.tables import ProcessFigures


@dataclass(frozen=True, slots=True)
class Material:
    """What one piece is cut from: cost in minor units, or 0 when it is not in the price."""

    cost: float
    assumptions: tuple[Assumption, ...]


def estimate_line(line: OrderLine) -> dict[str, Any] | None:
    """The estimate of a line's present routing as it is stored; None while it has no steps.

    The price is for all pieces that are made, scrap included, with the factors that the firm's own finished
    work taught; a routing changed by hand is priced by the same rule as a proposed one.
    """
    work = tuple(
        Work(step.requirement["process"], step.setup_s, step.run_s)
        for step in line.operations.order_by("number")
    )
    if not work:
        return None
    tables = default_tables()
    figures = {step.process: figures_of(step.process, tables) for step in work}
    known = replace(tables, processes={**tables.processes, **figures})
    part = analysis_of(line)
    material = _material(line, part, tables)
    job = Job(
        work=work,
        material=material.cost,
        quantity=line.quantity,
        family=part.family if part else "",
        doubt=doubt_about(part, tables) if part else 0.0,  # times given by hand carry none
        pieces=line.pieces_for,
    )
    told = (*_assumptions(line, figures, tables), *material.assumptions)
    return estimate(job, known, told, experience_of(line.order.organization_id)).to_json()


def analysis_of(line: OrderLine) -> PartAnalysis | None:
    """What was found in the drawing of a line."""
    found = line.revision.analysis
    return PartAnalysis.from_json(found) if found else None


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
