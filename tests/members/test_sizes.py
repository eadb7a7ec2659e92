"""Size classes by the rule of 2011 and industries by GB/T 4754-2017."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gonghe.apps.base import InvalidError
from gonghe.apps.members.sizes import checked_industry, divisions, industry, size_class

DAY = date(2026, 3, 9)


def classed(code: str, staff: int | None, turnover: int | None, assets: int | None = None) -> str | None:
    """Class of a firm; amounts in ten thousand yuan."""
    wan = {"turnover": turnover, "assets": assets}
    figures = {name: None if value is None else Decimal(value) * 10_000 for name, value in wan.items()}
    found = size_class(code, {"staff": staff, **figures}, "CNY", DAY)
    return found and found.name


@pytest.mark.parametrize(
    ("staff", "turnover", "name"),
    [
        (1000, 40_000, "large"),
        (1200, 39_000, "medium"),  # both bounds have to be reached
        (999, 40_000, "medium"),
        (300, 2000, "medium"),
        (299, 2000, "small"),
        (20, 300, "small"),
        (900, 200, "micro"),  # one figure below the lowest bound is enough
        (19, 5000, "micro"),
        (19, None, "micro"),
        (300, None, None),
        (None, 200, "micro"),
        (None, None, None),
    ],
)
def test_manufacturing(staff: int | None, turnover: int | None, name: str | None) -> None:
    assert classed("C3484", staff, turnover) == name


@pytest.mark.parametrize(
    ("code", "staff", "turnover", "assets", "name"),
    [
        ("A01", None, 20_000, None, "large"),
        ("E47", None, 80_000, 79_999, "medium"),
        ("F5171", 20, 5000, None, "medium"),
        ("F52", 300, 20_000, None, "large"),
        ("G5911", 300, 3000, None, "medium"),  # handling counts as transport ...
        ("G5990", 300, 3000, None, "medium"),
        ("G5990", 200, 30_000, None, "large"),  # ... storage has bounds of its own
        ("G59", 300, 3000, None, None),  # the division alone does not tell which
        ("G53", 300, 3000, None, None),  # railways are in no line of the rule
        ("I65", 10, 50, None, "small"),
        ("K7010", None, 1000, 5000, "medium"),
        ("L72", 100, None, 8000, "medium"),
        ("M73", 100, None, None, "medium"),
        ("J66", 100, 100, 100, None),
    ],
)
def test_other_lines(
    code: str, staff: int | None, turnover: int | None, assets: int | None, name: str | None
) -> None:
    assert classed(code, staff, turnover, assets) == name


def test_the_rule_is_named_and_dated() -> None:
    figures = {"staff": 34, "turnover": Decimal(12_000_000)}
    found = size_class("C34", figures, "CNY", DAY)
    assert found is not None
    assert (found.name, found.rule) == ("small", "工信部联企业〔2011〕300号")
    assert size_class("C34", figures, "EUR", DAY) is None
    assert size_class("C34", figures, "CNY", date(2011, 6, 17)) is None
    assert size_class("", figures, "CNY", DAY) is None


def test_industries_are_known_by_their_division() -> None:
    assert len(divisions()) == 97
    assert [checked_industry(code) for code in ("3484", " c34 ", "C348", "")] == ["C3484", "C34", "C348", ""]
    assert industry("C3484").name == "general-purpose machinery"
    for wrong in ("D34", "98", "C1", "C34841", "machines"):
        with pytest.raises(InvalidError, match="is no industry"):
            checked_industry(wrong)
