"""Figures of the tables by their codes, in the units in which people state them."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest

from gonghe.engines.parts import default_tables
from gonghe.engines.parts.figures import (
    GENERAL,
    LASER,
    MATERIAL,
    PROCESS,
    UnknownFigureError,
    changed,
    codes,
    limits_of,
    sort_of,
    value_of,
)
from gonghe.engines.parts.tables import GeneralFigures, MaterialFigures, ProcessFigures

TABLES = default_tables()


def test_every_field_of_the_tables_has_a_code() -> None:
    assert {one.field for one in (*MATERIAL.values(), LASER)} == {one.name for one in fields(MaterialFigures)}
    assert {one.field for one in PROCESS.values()} == {one.name for one in fields(ProcessFigures)}
    assert {one.field for one in GENERAL.values()} == {one.name for one in fields(GeneralFigures)}


@pytest.mark.parametrize(
    ("code", "value", "unit"),
    [
        ("material.steel.price", "6.2", "{currency}/kg"),
        ("material.steel.milling", "60", "cm³/min"),
        ("material.steel.drilling_feed", "1.6", "% Ø"),
        ("material.steel.laser.3", "4.5", "m/min"),
        ("process.turning.rate", "110", "{currency}/h"),
        ("process.turning.setup", "45", "min"),
        ("process.milling-3axis.spread", "28", "%"),
        ("general.overhead", "12", "%"),
        ("general.usual_it", "11", "IT"),
    ],
)
def test_figures_are_stated_as_people_say_them(code: str, value: str, unit: str) -> None:
    assert (value_of(TABLES, code), sort_of(code).unit) == (Decimal(value), unit)


def test_stating_every_figure_as_it_is_changes_nothing() -> None:
    stated = {code: value_of(TABLES, code) for code in codes(TABLES)}
    assert (
        len(stated) == 15 * 8 + sum(len(one.laser_m_min) for one in TABLES.materials.values()) + 19 * 3 + 21
    )
    assert changed(TABLES, stated) == TABLES


def test_every_shipped_figure_lies_within_its_limits() -> None:
    for code in codes(TABLES):
        low, high = limits_of(TABLES, code)
        assert low <= value_of(TABLES, code) <= high, code
    assert limits_of(TABLES, "material.steel.milling") == (Decimal(3), Decimal(1200))
    assert limits_of(TABLES, "process.turning.spread") == (0, Decimal(150))
    assert limits_of(TABLES, "general.usual_it") == (1, 18)


def test_changed_figures_stand_in_the_tables() -> None:
    own = changed(
        TABLES,
        {
            "material.steel.price": Decimal("7.10"),
            "material.steel.laser.3": Decimal("5.5"),
            "process.turning.setup": Decimal("22.5"),
            "general.overhead": Decimal(9),
        },
    )
    assert own.materials["steel"].price_minor_per_kg == 710
    assert dict(own.materials["steel"].laser_m_min)[3] == 5.5
    assert own.processes["turning"].setup_s == 1350
    assert own.general.overhead_share == 0.09
    assert own.materials["brass"] == TABLES.materials["brass"]


@pytest.mark.parametrize(
    "code",
    [
        *("", "steel", "material.steel", "material.steel.taste", "material.mithril.price"),
        *("material.steel.laser.7", "process.turning.milling", "process.nothing.rate", "general.turning"),
    ],
)
def test_unknown_codes_are_refused(code: str) -> None:
    with pytest.raises(UnknownFigureError):
        value_of(TABLES, code)


def test_impossible_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        changed(TABLES, {"material.steel.milling": Decimal(0)})
