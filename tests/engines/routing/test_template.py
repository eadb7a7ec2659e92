"""A routing template gives the steps of one part, and refuses what it was not made for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gonghe.engines.routing import (
    FormulaError,
    Parameter,
    ParameterMissingError,
    ParameterOutOfRangeError,
    ParameterUnknownError,
    RoutingTemplate,
    Step,
    TimeImpossibleError,
)
from gonghe.engines.routing.template import evaluate

LENGTH = Parameter("length_mm", "length", Decimal(50), Decimal(400), "mm", usual=Decimal(100))
HOLES = Parameter("holes", "number of holes", Decimal(0), Decimal(40))
PLATE = RoutingTemplate(
    (LENGTH, HOLES),
    (
        Step(
            10,
            "milling-3axis",
            "900 + 2*length_mm",
            "45 + 0.25*length_mm",
            properties={"length_mm": "=length_mm"},
        ),
        Step(20, "drilling", "600", "4.5*holes + 1"),
    ),
)


def test_times_follow_the_parameters() -> None:
    first, second = PLATE.worked({"length_mm": Decimal(210), "holes": Decimal(7)})
    assert (first.setup_s, first.run_s, first.properties) == (
        1320,
        98,
        {"length_mm": 210.0},
    )  # 97.5 rounds up
    assert (second.setup_s, second.run_s) == (600, 33)  # 32.5


def test_a_usual_value_stands_in() -> None:
    assert PLATE.worked({"holes": Decimal(0)})[0].setup_s == 1100


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (
            {"length_mm": 401, "holes": 1},
            ParameterOutOfRangeError,
            "length is 401 mm; the template holds from 50 to 400 mm",
        ),
        ({"length_mm": 100}, ParameterMissingError, "give number of holes"),
        ({"holes": 1, "colour": 3}, ParameterUnknownError, "no parameter “colour”"),
        ({"holes": Decimal("NaN")}, ParameterOutOfRangeError, "number of holes is NaN"),
    ],
)
def test_values_outside_are_named(values: dict[str, int], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        PLATE.worked({code: Decimal(value) for code, value in values.items()})


def test_formulas_are_sums_of_products_and_nothing_else() -> None:
    values = {"a": Decimal(3), "b": Decimal("0.5")}
    assert evaluate("10 - 2*a*b + b", values) == Decimal("7.5")
    assert evaluate("-1 + a", values) == 2
    for bad in ("", "2**a", "a +", "__import__('os')", "a/b", "c", "1e99", "(a)"):
        with pytest.raises(FormulaError):
            evaluate(bad, values)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Parameter("Length", "length", Decimal(1), Decimal(2)),
        lambda: Parameter("a", "a", Decimal(3), Decimal(2)),
        lambda: Parameter("a", "a", Decimal(1), Decimal(2), usual=Decimal(3)),
        lambda: RoutingTemplate((), ()),
        lambda: RoutingTemplate((LENGTH, LENGTH), PLATE.steps),
        lambda: RoutingTemplate((), PLATE.steps),
        lambda: RoutingTemplate(
            (), (Step(10, "milling", "1", "1", after=(20,)), Step(20, "milling", "1", "1"))
        ),
        lambda: RoutingTemplate.from_json({"parameters": [], "steps": [{"number": 10}]}),
    ],
)
def test_a_template_checks_itself(make: object) -> None:
    with pytest.raises(FormulaError):
        make()  # type: ignore[operator]


def test_a_time_below_zero_is_impossible() -> None:
    template = RoutingTemplate((HOLES,), (Step(10, "drilling", "0", "10 - holes"),))
    assert template.worked({"holes": Decimal(3)})[0].run_s == 7
    with pytest.raises(TimeImpossibleError, match="step 10 \\(drilling\\)"):
        template.worked({"holes": Decimal(20)})


def test_it_survives_json() -> None:
    assert RoutingTemplate.from_json(PLATE.to_json()) == PLATE
