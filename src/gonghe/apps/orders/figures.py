"""Rates, set-ups and spreads of any process of the taxonomy, from tables that know the common ones."""

from __future__ import annotations

from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.engines.parts import Tables
from gonghe.engines.parts.tables import ProcessFigures


def figures_of(process: str, tables: Tables) -> ProcessFigures:
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
