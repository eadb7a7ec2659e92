"""The tables that a firm's estimates rest on: the shipped ones with its own figures in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.models import Figure
from gonghe.engines.parts import Tables, default_tables
from gonghe.engines.parts.figures import UnknownFigureError, changed, codes, value_of
from gonghe.engines.parts.tables import ProcessFigures

OWN = "own"  # source of a figure that the firm stated for all its estimates
HERE = "estimate"  # source of a figure that was stated for one estimate


@dataclass(frozen=True, slots=True)
class FirmFigures:
    """Tables, and which of their figures are the firm's own or hold for one estimate only."""

    tables: Tables
    own: Mapping[str, Decimal]
    here: Mapping[str, Decimal]

    def source(self, code: str) -> str:
        """Where a figure comes from: `OWN`, `HERE` or the words of the shipped tables."""
        if code in self.here:
            return HERE
        return OWN if code in self.own else self.tables.source


def figures_for(organization_id: UUID, here: Mapping[str, Decimal] | None = None) -> FirmFigures:
    """A firm's tables; `here` are figures that hold for one estimate."""
    own, only = own_figures(organization_id), dict(here or {})
    tables = shipped((*own, *only))
    stated = {code: value for code, value in {**own, **only}.items() if _known(tables, code)}
    return FirmFigures(changed(tables, stated), own, only)


def _known(tables: Tables, code: str) -> bool:
    """Whether the tables of this version have a figure that was stated under an earlier one."""
    try:
        value_of(tables, code)
    except UnknownFigureError:
        return False
    return True


def own_figures(organization_id: UUID) -> dict[str, Decimal]:
    """Code -> value of a firm's own figures."""
    rows = Figure.objects.filter(organization=organization_id).exclude(value=None)
    return {code: value for code, value in rows.values_list("code", "value") if value is not None}


def shipped(stated: Iterable[str]) -> Tables:
    """The shipped tables; processes that codes name and the tables lack get the figures of their kin."""
    tables = default_tables()
    named = {code.split(".")[1] for code in stated if code.startswith("process.")}
    lacking = sorted(named & set(taxonomies.current().processes) - set(tables.processes))
    kin = {process: process_figures(process, tables) for process in lacking}
    return replace(tables, processes={**tables.processes, **kin})


def shipped_value(code: str) -> Decimal:
    """The figure that holds without an own one.

    Raises
    ------
    UnknownFigureError
        If there is no such figure.
    """
    return value_of(shipped([code]), code)


def codes_for(organization_id: UUID, processes: Iterable[str]) -> list[str]:
    """All codes that a firm may state: the shipped ones and those of further processes."""
    more = [f"process.{process}." for process in processes]
    return list(codes(shipped([*own_figures(organization_id), *more])))


def process_figures(process: str, tables: Tables) -> ProcessFigures:
    """Rate, set-up and spread of a process: its own, those of its kin, else the middle of all."""
    taxonomy = taxonomies.current()
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
