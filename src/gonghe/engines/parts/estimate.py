"""Cost and time of a routing as P10 / P50 / P90, with every assumption listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gonghe.engines.model.parts import (
    DENSITY_KG_M3,
    Assumption,
    Estimate,
    PartAnalysis,
    PriceBreak,
    ProposedOperation,
    Range,
)
from gonghe.engines.parts.learning import NOTHING, Z90, Experience, Factor
from gonghe.engines.parts.stock import Stock
from gonghe.engines.parts.tables import Tables
from gonghe.engines.parts.task import Task

BREAKS = (1, 10, 100, 1000)


@dataclass(frozen=True, slots=True)
class Work:
    """One step as an estimate sees it: set-up per batch and run per piece, s."""

    process: str
    setup_s: int
    run_s: int


@dataclass(frozen=True, slots=True)
class Job:
    """What an estimate is for: steps, material of one piece (minor units), family and doubt.

    ``pieces`` tells how many are made to deliver a quantity, scrap included.
    """

    work: tuple[Work, ...]
    material: float
    quantity: int
    family: str = ""
    doubt: float = 0.0
    pieces: Callable[[int], int] = int


def estimate(
    job: Job, tables: Tables, assumptions: Iterable[Assumption] = (), experience: Experience = NOTHING
) -> Estimate:
    """Range of cost and time for a batch, with price breaks.

    Times and prices are taken as independent lognormal variables with the tables' figures, times the
    workshop's own factors, as medians; the spread of their sum follows by propagation of errors,
    sigma^2 = sum((m_i s_i)^2) / (sum m_i)^2. What all share (hourly rates, doubt about the family) is added
    in quadrature.

    Parameters
    ----------
    job : Job
    tables : Tables
        Must know every process of the job.
    assumptions : iterable of Assumption
        What the estimate rests on besides the experience, which adds its own.
    experience : Experience
        What the workshop's finished work taught.

    Raises
    ------
    ValueError
        When the tables lack a process.
    """
    learned = {
        step.process: experience.factor(step.process, job.family, tables.process(step.process).spread)
        for step in job.work
    }
    pieces = job.pieces(job.quantity)
    times = [
        (learned[step.process].factor * (step.setup_s + pieces * step.run_s), learned[step.process].spread)
        for step in job.work
    ]
    return Estimate(
        quantity=job.quantity,
        currency=tables.currency,
        cost=_cost(job, job.quantity, tables, learned),
        time_s=_range(times, (job.doubt,)),
        assumptions=(*assumptions, *_taught(learned)),
        breaks=tuple(PriceBreak(count, _cost(job, count, tables, learned)) for count in BREAKS),
    )


def _cost(job: Job, quantity: int, tables: Tables, learned: Mapping[str, Factor]) -> Range:
    general, pieces = tables.general, job.pieces(quantity)
    share = 1 + general.overhead_share
    parts = []
    for step in job.work:
        own = learned[step.process]
        hours = own.factor * (step.setup_s + pieces * step.run_s) / 3600
        parts.append((share * hours * tables.process(step.process).rate_minor_per_h, own.spread))
    parts.append((share * pieces * job.material, general.material_spread))
    return _range(parts, (general.rate_spread, job.doubt))


def _taught(learned: Mapping[str, Factor]) -> Iterable[Assumption]:
    for process, factor in learned.items():
        if factor.jobs:
            told = f"{factor.jobs} finished job{'s' if factor.jobs > 1 else ''} of your own"
            yield Assumption(f"factor.{process}", round(factor.factor, 4), "", told)


def estimate_route(
    task: Task, operations: Sequence[ProposedOperation], stock: Stock, experience: Experience = NOTHING
) -> Estimate:
    """Estimate of a proposed routing with all it rests on."""
    work = tuple(Work(op.process, op.setup_s, op.run_s) for op in operations)
    doubt, family = doubt_about(task.part, task.tables), task.part.family
    job = Job(work, material_cost(task, stock), task.quantity, family, doubt)
    listed = _assumptions(operations, stock, task.material, task.tables)
    return estimate(job, task.tables, listed, experience)


def material_cost(task: Task, stock: Stock) -> float:
    """Material of one piece less the scrap sold, minor units."""
    figures, density = task.tables.material(task.material), DENSITY_KG_M3[task.material] * 1e-9
    scrap = max(0.0, stock.volume_mm3 - task.part.volume_mm3) * density
    return stock.volume_mm3 * density * figures.price_minor_per_kg - scrap * figures.scrap_minor_per_kg


def doubt_about(part: PartAnalysis, tables: Tables) -> float:
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
