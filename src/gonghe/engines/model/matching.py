"""What a machine can do, what an operation asks for, and how the two compare.

Values are plain: lengths in mm, masses in kg, IT grades as numbers (ISO 286-1), roughness Ra in um,
hardness in HRC.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

Kind = Literal["max", "min", "range", "set", "grade"]
Verdict = Literal["can", "nearly", "cannot"]
Value: TypeAlias = "float | str | tuple[str, ...]"

KINDS: tuple[Kind, ...] = ("max", "min", "range", "set", "grade")
Better = Literal["larger", "smaller", "wider", "more"]
BETTER: dict[Kind, Better] = {
    "max": "larger",
    "min": "smaller",
    "grade": "smaller",
    "range": "wider",
    "set": "more",
}


class MatchingError(ValueError):
    """Root of what matching refuses: ``InvalidMatchingData``, ``UnknownProcess``, ``UnknownProperty``.

    Parameters
    ----------
    reason : str
        Sentence with places such as ``%(property)s``, which others can say in another language.
    **facts
        What stands in these places; another error stands for its own sentence.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason % facts)
        self.reason, self.facts = reason, facts


class InvalidMatchingData(MatchingError):
    """A requirement, capability or taxonomy that contradicts itself; the message names the field."""


class UnknownProcess(MatchingError):
    """A process code that the taxonomy does not hold."""


class UnknownProperty(MatchingError):
    """A property code that the taxonomy does not hold."""


@dataclass(frozen=True, slots=True)
class Property:
    """A thing by which processes are judged.

    Parameters
    ----------
    code : str
        Stable name, such as ``envelope_x_mm``.
    unit : str
        UN/ECE Recommendation 20 code (``MMT`` mm, ``KGM`` kg, ``4H`` um, ``H87`` pieces) or ``""``.
    kind : str
        ``max``: the wanted value stays below an upper limit; ``min``: above a lower limit; ``range``: between
        both; ``set``: every wanted value is in a set; ``grade``: smaller is finer, bounded from below.
    must_state : bool
        A capability that says nothing about it does not have it (certificates); otherwise silence is no
        limit.
    """

    code: str
    unit: str
    kind: Kind
    en: str
    zh: str
    must_state: bool = False

    def __post_init__(self) -> None:
        if not self.code or not self.en or not self.zh:
            raise InvalidMatchingData("%(what)s needs a code and a name in both languages", what=self.code)
        if self.kind not in KINDS:
            raise InvalidMatchingData(
                "property %(what)s: kind %(given)r is none of %(kinds)s",
                what=self.code,
                given=self.kind,
                kinds=", ".join(KINDS),
            )

    @property
    def better(self) -> Better:
        """Which limit of a capability is the better one: it takes the larger part, holds the finer grade."""
        return BETTER[self.kind]


@dataclass(frozen=True, slots=True)
class Constraint:
    """Bounds on one property: any of ``min``, ``max`` (inclusive) or a set of words, never both sorts.

    Raises
    ------
    InvalidMatchingData
        If it is empty, mixes numbers and words, is not finite, or has ``min`` above ``max``.
    """

    min: float | None = None
    max: float | None = None
    set: frozenset[str] | None = None

    def __post_init__(self) -> None:
        numeric = self.min is not None or self.max is not None
        if numeric == (self.set is not None):
            raise InvalidMatchingData("a constraint holds either min/max or a set")
        if self.set is not None and not self.set:
            raise InvalidMatchingData("a set of allowed values must not be empty")
        for bound in (self.min, self.max):
            if bound is not None and not math.isfinite(bound):
                raise InvalidMatchingData("a limit must be a finite number")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise InvalidMatchingData(
                "the lower limit %(low)g is above the upper limit %(high)g", low=self.min, high=self.max
            )

    def to_json(self) -> dict[str, Any]:
        """Return ``{"min": .., "max": ..}`` without absent bounds, or ``{"set": [..]}`` sorted."""
        if self.set is not None:
            return {"set": sorted(self.set)}
        bounds = {"min": self.min, "max": self.max}
        return {name: value for name, value in bounds.items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Constraint:
        """Read the form of `to_json`; raises `InvalidMatchingData` for anything else."""
        if not isinstance(data, Mapping) or not data or set(data) - {"min", "max", "set"}:
            raise InvalidMatchingData("a constraint has min, max or set, not %(given)r", given=data)
        words = data.get("set")
        if words is not None and not _are_words(words):
            raise InvalidMatchingData("a set holds words, not %(given)r", given=words)
        return cls(
            min=None if data.get("min") is None else _number(data["min"], "min"),
            max=None if data.get("max") is None else _number(data["max"], "max"),
            set=None if words is None else frozenset(words),
        )


@dataclass(frozen=True, slots=True)
class Capability:
    """What one piece of equipment (or a firm) offers: a process within constraints.

    Parameters
    ----------
    id : str
        The caller's own name for it; results refer to it.
    process : str
        Taxonomy code. It serves requirements for the same node and for its ancestors.
    constraints : Mapping[str, Constraint]
        By property code.
    covers_children : bool
        The capability stands for every process below its node too ("milling" of any sort).
    """

    id: str
    process: str
    constraints: Mapping[str, Constraint] = field(default_factory=dict)
    covers_children: bool = False

    def __post_init__(self) -> None:
        if not self.id or not self.process:
            raise InvalidMatchingData("a capability needs an id and a process")

    def to_json(self) -> dict[str, Any]:
        """Return plain data; `from_json` gives an equal capability back."""
        return {
            "id": self.id,
            "process": self.process,
            "constraints": {code: self.constraints[code].to_json() for code in sorted(self.constraints)},
            "covers_children": self.covers_children,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Capability:
        """Read the form of `to_json`; ``constraints`` and ``covers_children`` may be absent."""
        return cls(
            id=str(data.get("id", "")),
            process=str(data.get("process", "")),
            constraints=constraints_from_json(data.get("constraints", {})),
            covers_children=bool(data.get("covers_children", False)),
        )


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an operation asks for: a process and values of properties.

    Raises
    ------
    InvalidMatchingData
        If the process is empty or a value is neither a finite number, a word, nor a tuple of words.
    """

    process: str
    properties: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.process:
            raise InvalidMatchingData("a requirement needs a process")
        for code, value in self.properties.items():
            if not _is_value(value):
                raise InvalidMatchingData(
                    "%(property)s: %(given)r is neither a number, a word nor a list of words",
                    property=code,
                    given=value,
                )

    def to_json(self) -> dict[str, Any]:
        """Return plain data; tuples become lists."""
        return {
            "process": self.process,
            "properties": {
                code: list(value) if isinstance(value, tuple) else value
                for code, value in sorted(self.properties.items())
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Requirement:
        """Read the form of `to_json`; ``properties`` may be absent."""
        properties = data.get("properties", {})
        if not isinstance(properties, Mapping):
            raise InvalidMatchingData("properties must be an object, not %(given)r", given=properties)
        return cls(
            process=str(data.get("process", "")),
            properties={
                str(code): cast("Value", tuple(value) if isinstance(value, list) else value)
                for code, value in properties.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Miss:
    """One property that fails.

    Parameters
    ----------
    property : str
        Property code, or ``process`` when the capability is of another process.
    wanted, offered
        The value asked for and the limit it breaks; for sets the words that are missing and those on offer
        (``offered`` is None when the capability states none).
    gap : float or None
        How far beyond the limit, in `unit`, always positive; None for words.
    unit : str
        UN/ECE Recommendation 20 code or ``""``.
    """

    property: str
    wanted: Value
    offered: Value | None
    gap: float | None
    unit: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data; tuples become lists."""
        return {
            "property": self.property,
            "wanted": list(self.wanted) if isinstance(self.wanted, tuple) else self.wanted,
            "offered": list(self.offered) if isinstance(self.offered, tuple) else self.offered,
            "gap": self.gap,
            "unit": self.unit,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Miss:
        """Read the form of `to_json`."""
        wanted, offered = (
            tuple(value) if isinstance(value, list) else value for value in (data["wanted"], data["offered"])
        )
        return cls(data["property"], wanted, offered, data["gap"], data["unit"])


@dataclass(frozen=True, slots=True)
class Match:
    """How one capability stands to a requirement.

    Parameters
    ----------
    verdict : str
        ``can``, ``nearly`` or ``cannot``; see `gonghe.engines.matching.match`.
    misses : tuple of Miss
        Everything that fails; empty for ``can``.
    assumed : tuple of str
        Wanted properties about which the capability says nothing: judged by the usual reach of the process.
    distance : float
        Sum of the relative gaps (a missing word counts 1): smaller is nearer. Infinite for another process.
    """

    capability_id: str
    verdict: Verdict
    misses: tuple[Miss, ...] = ()
    assumed: tuple[str, ...] = ()
    distance: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain data; an infinite distance becomes None."""
        return {
            "capability_id": self.capability_id,
            "verdict": self.verdict,
            "misses": [miss.to_json() for miss in self.misses],
            "assumed": list(self.assumed),
            "distance": self.distance if math.isfinite(self.distance) else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Match:
        """Read the form of `to_json`."""
        return cls(
            capability_id=data["capability_id"],
            verdict=data["verdict"],
            misses=tuple(Miss.from_json(miss) for miss in data["misses"]),
            assumed=tuple(data["assumed"]),
            distance=math.inf if data["distance"] is None else data["distance"],
        )


def constraints_from_json(data: Mapping[str, Any]) -> dict[str, Constraint]:
    """Read ``{"envelope_x_mm": {"max": 500}, ..}``.

    Raises
    ------
    InvalidMatchingData
        Naming the property whose constraint is wrong.
    """
    if not isinstance(data, Mapping):
        raise InvalidMatchingData("constraints must be an object, not %(given)r", given=data)
    read: dict[str, Constraint] = {}
    for code, constraint in data.items():
        try:
            read[str(code)] = Constraint.from_json(constraint)
        except InvalidMatchingData as error:
            raise InvalidMatchingData("%(property)s: %(why)s", property=code, why=error) from error
    return read


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidMatchingData("%(what)s must be a number, not %(given)r", what=name, given=value)
    return value


def _are_words(value: object) -> bool:
    return isinstance(value, list | tuple | set | frozenset) and all(
        isinstance(word, str) and word for word in value
    )


def _is_value(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return math.isfinite(value)
    if isinstance(value, tuple):
        return bool(value) and _are_words(value)
    return isinstance(value, str) and bool(value)
