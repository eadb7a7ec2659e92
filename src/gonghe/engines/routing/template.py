"""A routing whose times depend on parameters of the part: `45 + 0.2*length_mm` seconds a piece.

A formula is a sum of products of numbers and parameters, evaluated in decimals: the same everywhere, and
nothing in it can run. All refusals are `TemplateError`:

TemplateError
├── FormulaError               a formula or a parameter's name cannot be understood
├── ParameterUnknownError      a value was given for what the template does not ask
├── ParameterMissingError      a value is lacking, and the template has no usual one
├── ParameterOutOfRangeError   a value lies outside the range for which the template was proven
└── TimeImpossibleError        the times that come out cannot be: below zero, none, or over a year
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
MAX_SECONDS = 366 * 24 * 3600
MAX_FORMULA = 300
LIMIT = Decimal(10) ** 12


class TemplateError(ValueError):
    """A routing template, or what was given for it, does not hold."""


class FormulaError(TemplateError):
    """A formula or name cannot be understood; `text` is the part at fault."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"“{text}”: {reason}")
        self.text, self.reason = text, reason


class ParameterUnknownError(TemplateError):
    """A value for a parameter that the template does not have."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the template has no parameter “{code}”")
        self.code = code


class ParameterMissingError(TemplateError):
    """A parameter without a value."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(f"give {parameter.name}")
        self.parameter = parameter


class ParameterOutOfRangeError(TemplateError):
    """A value outside the range of its parameter."""

    def __init__(self, parameter: Parameter, value: Decimal) -> None:
        unit = f" {parameter.unit}" if parameter.unit else ""
        super().__init__(
            f"{parameter.name} is {value:f}{unit}; the template holds from {parameter.low:f} to "
            f"{parameter.high:f}{unit}"
        )
        self.parameter, self.value = parameter, value


class TimeImpossibleError(TemplateError):
    """A step whose time comes out as none, below zero or over a year."""

    def __init__(self, step: Step) -> None:
        super().__init__(f"step {step.number} ({step.name or step.process}) gets no possible time")
        self.step = step


@dataclass(frozen=True, slots=True)
class Parameter:
    """What the template asks of a part.

    Parameters
    ----------
    code : str
        Name in formulas: small letters, digits and underscores.
    low, high : Decimal
        The range for which the template holds, both ends included.
    usual : Decimal or None
        Taken where no value is given.
    """

    code: str
    name: str
    low: Decimal
    high: Decimal
    unit: str = ""
    usual: Decimal | None = None

    def __post_init__(self) -> None:
        if not NAME.match(self.code):
            raise FormulaError(self.code, "a parameter's short name has small letters, digits and _ only")
        numbers = (self.low, self.high, *(() if self.usual is None else (self.usual,)))
        if not all(one.is_finite() and abs(one) <= LIMIT for one in numbers):
            raise FormulaError(self.code, "the range needs ordinary numbers")
        if self.low > self.high:
            raise FormulaError(self.code, "the range ends before it begins")
        if self.usual is not None and not self.low <= self.usual <= self.high:
            raise FormulaError(self.code, "the usual value lies outside the range")

    def checked(self, value: Decimal | None) -> Decimal:
        """The value to count with.

        Raises
        ------
        ParameterMissingError, ParameterOutOfRangeError
            If there is none, or it lies outside the range.
        """
        wanted = self.usual if value is None else value
        if wanted is None:
            raise ParameterMissingError(self)
        if not wanted.is_finite() or not self.low <= wanted <= self.high:
            raise ParameterOutOfRangeError(self, wanted)
        return wanted


@dataclass(frozen=True, slots=True)
class Step:
    """One step: formulas give seconds of set-up and seconds a piece.

    `properties` are values the step asks of a machine; a text `=code` takes the value of a parameter.
    `after` names numbers of earlier steps; None means the step before it.
    """

    number: int
    process: str
    setup: str
    run: str
    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class WorkedStep:
    """A step for one part: integer seconds, rounded half up."""

    number: int
    process: str
    name: str
    setup_s: int
    run_s: int
    properties: Mapping[str, Any]
    after: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class RoutingTemplate:
    """Parameters with ranges, and the steps whose times depend on them.

    Raises
    ------
    FormulaError
        If two parameters or steps share a name, there is no step, a step waits for a later one, or a formula
        cannot be understood.
    """

    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        known = {one.code for one in self.parameters}
        if len(known) < len(self.parameters):
            raise FormulaError("parameters", "two share a short name")
        numbers = [one.number for one in self.steps]
        if not numbers or sorted(set(numbers)) != numbers or numbers[0] < 1:
            raise FormulaError("steps", "there must be steps, numbered upwards")
        for step in self.steps:
            for formula in (step.setup, step.run):
                _require_known(formula, known)
            for value in step.properties.values():
                if isinstance(value, str) and value.startswith("=") and value[1:] not in known:
                    raise FormulaError(value, "there is no such parameter")
            if step.after is not None and not set(step.after) <= {
                one for one in numbers if one < step.number
            }:
                raise FormulaError(str(step.number), "a step waits only for steps with lower numbers")

    def worked(self, values: Mapping[str, Decimal | None]) -> tuple[WorkedStep, ...]:
        """The steps for these values.

        Raises
        ------
        ParameterUnknownError, ParameterMissingError, ParameterOutOfRangeError
            If a value does not fit.
        TimeImpossibleError
            If a time comes out that cannot be.
        """
        chosen = self.checked(values)
        return tuple(_worked(step, chosen) for step in self.steps)

    def checked(self, values: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
        """Every parameter with the value to count with; errors as in `worked`."""
        known = {one.code for one in self.parameters}
        for code in values:
            if code not in known:
                raise ParameterUnknownError(code)
        return {one.code: one.checked(values.get(one.code)) for one in self.parameters}

    def to_json(self) -> dict[str, Any]:
        """Plain values; decimals as text."""
        return {
            "parameters": [
                {
                    "code": one.code,
                    "name": one.name,
                    "unit": one.unit,
                    "low": f"{one.low:f}",
                    "high": f"{one.high:f}",
                    "usual": None if one.usual is None else f"{one.usual:f}",
                }
                for one in self.parameters
            ],
            "steps": [
                {
                    "number": one.number,
                    "process": one.process,
                    "name": one.name,
                    "setup": one.setup,
                    "run": one.run,
                    "properties": dict(one.properties),
                    "after": None if one.after is None else list(one.after),
                }
                for one in self.steps
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RoutingTemplate:
        """Build from what `to_json` gave.

        Raises
        ------
        FormulaError
            If something is missing or no number.
        """
        try:
            return cls(
                tuple(_parameter(one) for one in data["parameters"]),
                tuple(_step(one) for one in data["steps"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise FormulaError("template", "parameters or steps lack something") from error


def evaluate(formula: str, values: Mapping[str, Decimal]) -> Decimal:
    """A sum of products; every name must be in `values`.

    Raises
    ------
    FormulaError
        If it cannot be understood.
    """
    total = Decimal(0)
    for sign, factors in _terms(formula):
        product = Decimal(sign)
        for factor in factors:
            product *= _factor(factor, values)
        total += product
    return total


def number(text: str) -> Decimal:
    """A decimal number from text.

    Raises
    ------
    FormulaError
        If it is none.
    """
    try:
        found = Decimal(text.strip())
    except InvalidOperation as error:
        raise FormulaError(text, "this is no number") from error
    if not found.is_finite() or abs(found) > LIMIT:
        raise FormulaError(text, "this is no ordinary number")
    return found


def _terms(formula: str) -> Iterator[tuple[int, list[str]]]:
    if len(formula) > MAX_FORMULA:
        raise FormulaError(formula[:40], "the formula is too long")
    parts = re.split(r"([+-])", formula.strip())
    signed = len(parts) > 1 and not parts[0].strip()
    parts = parts[1:] if signed else ["+", *parts]
    for sign, term in zip(parts[::2], parts[1::2], strict=False):
        yield (-1 if sign == "-" else 1), [one.strip() for one in term.split("*")]


def _factor(text: str, values: Mapping[str, Decimal]) -> Decimal:
    if text in values:
        return values[text]
    if NAME.match(text):
        raise FormulaError(text, "there is no such parameter")
    return number(text)


def _require_known(formula: str, known: set[str]) -> None:
    evaluate(formula, dict.fromkeys(known, Decimal(0)))


def _worked(step: Step, values: Mapping[str, Decimal]) -> WorkedStep:
    setup, run = (
        int(evaluate(formula, values).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        for formula in (step.setup, step.run)
    )
    if min(setup, run) < 0 or not setup + run > 0 or max(setup, run) > MAX_SECONDS:
        raise TimeImpossibleError(step)
    properties = {
        code: float(values[value[1:]]) if isinstance(value, str) and value.startswith("=") else value
        for code, value in step.properties.items()
    }
    return WorkedStep(step.number, step.process, step.name, setup, run, properties, step.after)


def _parameter(data: Mapping[str, Any]) -> Parameter:
    usual = data.get("usual")
    return Parameter(
        code=str(data["code"]),
        name=str(data.get("name") or data["code"]),
        unit=str(data.get("unit") or ""),
        low=number(str(data["low"])),
        high=number(str(data["high"])),
        usual=None if usual in (None, "") else number(str(usual)),
    )


def _step(data: Mapping[str, Any]) -> Step:
    after = data.get("after")
    return Step(
        number=int(number(str(data["number"]))),
        process=str(data["process"]),
        name=str(data.get("name") or ""),
        setup=str(data.get("setup") or "0"),
        run=str(data.get("run") or "0"),
        properties=dict(data.get("properties") or {}),
        after=None if after is None else tuple(int(one) for one in after),
    )
