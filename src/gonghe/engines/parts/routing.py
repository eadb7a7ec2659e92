"""From an analysis to routings: DAGs of operations with requirement and times, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gonghe.engines.model.matching import Requirement
from gonghe.engines.model.parts import Alternative, Estimate, PartAnalysis, ProposedOperation
from gonghe.engines.parts.estimate import estimate_route
from gonghe.engines.parts.learning import NOTHING, Experience
from gonghe.engines.parts.limits import Largest, too_large
from gonghe.engines.parts.routes import Route, routes
from gonghe.engines.parts.steps import Properties
from gonghe.engines.parts.tables import Tables, default_tables
from gonghe.engines.parts.task import Task


@dataclass(frozen=True, slots=True)
class Report:
    """All that is said about a part: what it is, how to make it, what that takes, how else to make it."""

    analysis: PartAnalysis
    operations: tuple[ProposedOperation, ...]
    estimate: Estimate
    alternatives: tuple[Alternative, ...]


def propose(
    analysis: PartAnalysis,
    *,
    material: str,
    quantity: int,
    tables: Tables,
    experience: Experience = NOTHING,
) -> tuple[tuple[ProposedOperation, ...], Estimate]:
    """The likeliest routing and what it will cost.

    Parameters
    ----------
    material : str
        Material group, such as ``steel``.
    quantity : int
        Pieces in the batch.
    tables : Tables
        Figures to reckon with.
    experience : Experience
        What the workshop's finished work taught about its times.

    Raises
    ------
    ValueError
        When the quantity is not positive or the tables lack the material.
    """
    task = Task(analysis, material, quantity, tables)
    first = routes(task)[0]
    operations = number(task, first)
    return operations, estimate_route(task, operations, first.stock, experience)


def alternatives(
    analysis: PartAnalysis,
    *,
    material: str,
    quantity: int,
    tables: Tables,
    experience: Experience = NOTHING,
) -> tuple[Alternative, ...]:
    """Other ways to make the part, each with its operations and estimate; empty where there is but one way.

    Parameters and errors as for :func:`propose`.
    """
    task = Task(analysis, material, quantity, tables)
    found = []
    for route in routes(task)[1:]:
        operations = number(task, route)
        cost = estimate_route(task, operations, route.stock, experience)
        found.append(Alternative(route.name, route.why, operations, cost))
    return tuple(found)


def report(
    analysis: PartAnalysis,
    *,
    material: str = "steel",
    quantity: int = 1,
    tables: Tables | None = None,
    largest: Largest | None = None,
) -> Report:
    """Analysis, likeliest routing, estimate and alternatives in one.

    Parameters and errors as for :func:`propose`; without tables the starting values are used. With the
    ``largest`` sizes on offer by process, the analysis also warns of what is :func:`too_large` for all.
    """
    figures = tables or default_tables()
    operations, cost = propose(analysis, material=material, quantity=quantity, tables=figures)
    others = alternatives(analysis, material=material, quantity=quantity, tables=figures)
    warned = (
        *analysis.warnings,
        *too_large((operation.requirement for operation in operations), largest or {}),
    )
    return Report(replace(analysis, warnings=warned), operations, cost, others)


def number(task: Task, route: Route) -> tuple[ProposedOperation, ...]:
    """Chain the steps of a route into operations 10, 20, ...; the first carries the stock."""
    general: Properties = {"material_group": task.material, "batch_pieces": float(task.quantity)}
    return tuple(
        ProposedOperation(
            number=10 * (index + 1),
            process=step.process,
            name=step.name,
            requirement=Requirement(step.process, {**general, **step.properties}),
            setup_s=round(step.setup_s),
            run_s=max(1, round(step.run_s)),
            after=(10 * index,) if index else (),
            stock=route.stock.note if index == 0 else "",
            basis=step.basis,
        )
        for index, step in enumerate(route.steps)
    )
