"""Cost and time of a routing as P10 / P50 / P90, with every assumption listed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gonghe.engines.model.parts import (
    DENSITY_KG_M3,
    Assumption,
    Estimate,
    PartAnalysis,
    PriceBreak,
    ProposedOperation,
    Range,
)
from gonghe.engines.parts.stock import Stock
from gonghe.engines.parts.tables import Tables
from gonghe.engines.parts.task import Task

Z90 = 1.2815515655446004
"""90 % point of the standard normal distribution."""

BREAKS = (1, 10, 100, 1000)


def estimate(task: Task, operations: Sequence[ProposedOperation], stock: Stock) -> Estimate:
    """Range of cost and time for a batch.

    Times and prices are taken as independent lognormal variables with the table's figures as medians; the
    spread of their sum follows by propagation of errors, sigma^2 = sum((m_i s_i)^2) / (sum m_i)^2. What all
    share (hourly rates, doubt about the family) is added in quadrature.
    """
    return Estimate(
        quantity=task.quantity,
        currency=task.tables.currency,
        cost=_cost(task, operations, stock),
        time_s=_time(task, operations),
        assumptions=tuple(_assumptions(operations, stock, task.material, task.tables)),
        breaks=tuple(
            PriceBreak(count, _cost(replace(task, quantity=count), operations, stock)) for count in BREAKS
        ),
    )


def material_cost(task: Task, stock: Stock) -> float:
    """Material of one piece less the scrap sold, minor units."""
    figures, density = task.tables.material(task.material), DENSITY_KG_M3[task.material] * 1e-9
    scrap = max(0.0, stock.volume_mm3 - task.part.volume_mm3) * density
    return stock.volume_mm3 * density * figures.price_minor_per_kg - scrap * figures.scrap_minor_per_kg


def _cost(task: Task, operations: Sequence[ProposedOperation], stock: Stock) -> Range:
    general = task.tables.general
    share = 1 + general.overhead_share
    parts = []
    for op in operations:
        figures = task.tables.process(op.process)
        hours = (op.setup_s + task.quantity * op.run_s) / 3600
        parts.append((share * hours * figures.rate_minor_per_h, figures.spread))
    parts.append((share * task.quantity * material_cost(task, stock), general.material_spread))
    return _range(parts, (general.rate_spread, _doubt(task.part, task.tables)))


def _time(task: Task, operations: Sequence[ProposedOperation]) -> Range:
    parts = [
        (float(op.setup_s + task.quantity * op.run_s), task.tables.process(op.process).spread)
        for op in operations
    ]
    return _range(parts, (_doubt(task.part, task.tables),))


def _doubt(part: PartAnalysis, tables: Tables) -> float:
    """Extra spread when the family is uncertain or the geometry is faulty."""
    doubt = tables.general.doubt_spread * (1 - part.families[0].confidence)
    return doubt if part.valid else doubt + tables.general.doubt_spread


def _range(parts: Iterable[tuple[float, float]], shared: tuple[float, ...]) -> Range:
    listed = [(max(0.0, median), spread) for median, spread in parts]
    total = sum(median for median, _ in listed)
    if total <= 0:
        return Range(0, 0, 0)
    own = sum((median * spread) ** 2 for median, spread in listed) / total**2
    sigma = math.sqrt(own + sum(value**2 for value in shared))
    return Range(round(total * math.exp(-Z90 * sigma)), round(total), round(total * math.exp(Z90 * sigma)))


def _assumptions(
    operations: Sequence[ProposedOperation], stock: Stock, material: str, tables: Tables
) -> Iterable[Assumption]:
    source, figures, general = tables.source, tables.material(material), tables.general
    yield Assumption(
        "material.density", DENSITY_KG_M3[material], "kg/m3", "typical value of the material group"
    )
    yield Assumption("material.price", figures.price_minor_per_kg / 100, f"{tables.currency}/kg", source)
    yield Assumption(
        "material.scrap_price", figures.scrap_minor_per_kg / 100, f"{tables.currency}/kg", source
    )
    yield Assumption("stock.volume", round(stock.volume_mm3 / 1000, 3), "cm3", stock.note)
    for process in dict.fromkeys(op.process for op in operations):
        yield Assumption(
            f"rate.{process}", tables.process(process).rate_minor_per_h / 100, f"{tables.currency}/h", source
        )
        yield Assumption(f"spread.{process}", tables.process(process).spread, "", source)
    for op in operations:
        yield Assumption(f"setup.{op.number}", float(op.setup_s), "s", source)
        yield Assumption(f"run.{op.number}", float(op.run_s), "s", op.basis)
    yield from _rates(operations, material, tables)
    yield Assumption("overhead", general.overhead_share, "", source)
    yield Assumption("spread.rates", general.rate_spread, "", source)
    yield Assumption("spread.material", general.material_spread, "", source)


def _rates(operations: Sequence[ProposedOperation], material: str, tables: Tables) -> Iterable[Assumption]:
    """Removal rates that the operations' times rest on."""
    figures, source, used = tables.material(material), tables.source, {op.process for op in operations}
    if used & {"milling-3axis", "milling-5axis"}:
        yield Assumption("removal.milling", figures.milling_cm3_min, "cm3/min", source)
    if used & {"turning", "turn-mill"}:
        yield Assumption("removal.turning", figures.turning_cm3_min, "cm3/min", source)
    if used & {"milling-3axis", "milling-5axis", "turning", "turn-mill"}:
        yield Assumption("finishing", figures.finish_cm2_min, "cm2/min", source)
    if used & {"milling-3axis", "milling-5axis", "drilling", "turn-mill"}:
        yield Assumption("drilling.speed", figures.drill_vc_m_min, "m/min", source)
        yield Assumption("drilling.feed", figures.drill_feed_share, "of diameter per turn", source)
    if "saw" in used:
        yield Assumption("sawing", figures.saw_cm2_min, "cm2/min", source)
    if "laser-cutting" in used:
        yield Assumption("nesting", tables.general.nesting_share, "", source)
