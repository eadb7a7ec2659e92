"""The tree of manufacturing processes, shipped as data in ``processes.json`` and extendable without code."""

from __future__ import annotations

import difflib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from gonghe.engines.model.matching import (
    Constraint,
    InvalidMatchingData,
    MatchingError,
    Property,
    Requirement,
    UnknownProcess,
    UnknownProperty,
    constraints_from_json,
)


@dataclass(frozen=True, slots=True)
class Process:
    """One node of the taxonomy.

    Parameters
    ----------
    code, parent, en, zh
        Stable code, code of the parent (None for a root) and the name in both languages.
    synonyms : tuple of str
        Other names in any language.
    standard : str
        Group of DIN 8580, category of ISO/ASTM 52900 or another standard that defines it.
    properties : tuple of str
        Property codes it is judged by, in addition to those of its ancestors.
    defaults : Mapping[str, Constraint]
        Usual reach of the process, assumed where a capability states nothing.
    also_does : tuple of str
        Other processes that equipment of this kind can do too (a turn-mill centre turns and drills).
    """

    code: str
    parent: str | None
    en: str
    zh: str
    synonyms: tuple[str, ...] = ()
    standard: str = ""
    properties: tuple[str, ...] = ()
    defaults: Mapping[str, Constraint] = field(default_factory=dict)
    also_does: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.code or not self.en or not self.zh:
            raise InvalidMatchingData("%(what)s needs a code and a name in both languages", what=self.code)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which people know the process."""
        return (self.en, self.zh, *self.synonyms)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Process:
        """Read one entry of ``processes`` in the data file."""
        synonyms = data.get("synonyms", {})
        return cls(
            code=data["code"],
            parent=data.get("parent"),
            en=data["en"],
            zh=data["zh"],
            synonyms=(*synonyms.get("en", ()), *synonyms.get("zh", ())),
            standard=data.get("standard", ""),
            properties=tuple(data.get("properties", ())),
            defaults=constraints_from_json(data.get("defaults", {})),
            also_does=tuple(data.get("also_does", ())),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """A value of a set property that is offered for choice, with its names; other words are allowed too."""

    code: str
    en: str
    zh: str
    synonyms: tuple[str, ...] = ()


class Taxonomy:
    """Processes and properties, checked when built and not changed afterwards.

    Parameters
    ----------
    processes : iterable of Process
    properties : iterable of Property
    words : Mapping[str, tuple of Word], optional
        Choices for set properties, by property code.

    Raises
    ------
    InvalidMatchingData
        If a code occurs twice, a parent, property or ``also_does`` does not exist, or the tree has a cycle.
    """

    def __init__(
        self,
        processes: Iterable[Process],
        properties: Iterable[Property],
        words: Mapping[str, tuple[Word, ...]] | None = None,
    ) -> None:
        self.processes = _unique("process", processes)
        self.properties = _unique("property", properties)
        self.words = dict(words or {})
        self._check_references()
        self._children: dict[str | None, list[Process]] = defaultdict(list)
        for process in self.processes.values():
            self._children[process.parent].append(process)
        self._ancestors = {code: self._path_to_root(code) for code in self.processes}
        self._names = sorted(
            (
                (name.casefold(), process.code)
                for process in self.processes.values()
                for name in process.names
            ),
            key=lambda pair: (-len(pair[0]), pair),
        )
        self._satisfying: dict[str, frozenset[str]] = {}

    @classmethod
    def load(cls) -> Taxonomy:
        """Return the taxonomy shipped with Gonghe (read once, then shared)."""
        return _shipped()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Taxonomy:
        """Build from the form of ``processes.json``: ``properties`` and ``processes``."""
        return cls(
            processes=map(Process.from_json, data["processes"]),
            properties=(
                Property(
                    code=entry["code"],
                    unit=entry["unit"],
                    kind=entry["kind"],
                    en=entry["en"],
                    zh=entry["zh"],
                    must_state=entry.get("must_state", False),
                )
                for entry in data["properties"]
            ),
            words={
                entry["code"]: tuple(
                    Word(word["code"], word["en"], word["zh"], tuple(word.get("synonyms", ())))
                    for word in entry["values"]
                )
                for entry in data["properties"]
                if "values" in entry
            },
        )

    def process(self, code: str) -> Process:
        """Return the process with this code; raises `UnknownProcess`, naming codes that look alike."""
        try:
            return self.processes[code]
        except KeyError:
            raise _unknown(UnknownProcess, "process", code, self.processes) from None

    def property(self, code: str) -> Property:
        """Return the property with this code; raises `UnknownProperty`, naming codes that look alike."""
        try:
            return self.properties[code]
        except KeyError:
            raise _unknown(UnknownProperty, "property", code, self.properties) from None

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the codes from the process itself up to its root."""
        self.process(code)
        return self._ancestors[code]

    def children(self, code: str | None) -> tuple[Process, ...]:
        """Return the processes directly below `code` (None: the roots), in the order of the data."""
        return tuple(self._children.get(code, ()))

    def judged_by(self, code: str) -> tuple[Property, ...]:
        """Return the properties of the process and its ancestors, those of the root first."""
        codes = (name for node in reversed(self.ancestors(code)) for name in self.processes[node].properties)
        return tuple(self.properties[name] for name in dict.fromkeys(codes))

    def defaults(self, code: str) -> dict[str, Constraint]:
        """Return the usual reach of a process: its own defaults over those of its ancestors."""
        merged: dict[str, Constraint] = {}
        for node in reversed(self.ancestors(code)):
            merged.update(self.processes[node].defaults)
        return merged

    def satisfying(self, required: str) -> frozenset[str]:
        """Return the processes that serve a requirement for `required`.

        These are the node itself, its descendants, and all processes that ``also do`` one of these, however
        many steps it takes (a 5-axis machine does 4-axis work, a 4-axis machine does 3-axis work).
        """
        self.process(required)
        if required not in self._satisfying:
            self._satisfying[required] = self._closure(required)
        return self._satisfying[required]

    def check(self, requirement: Requirement) -> None:
        """Check that process and properties of a requirement exist and that its values have the right type.

        Raises
        ------
        UnknownProcess, UnknownProperty, InvalidMatchingData
        """
        self.process(requirement.process)
        for code, value in requirement.properties.items():
            is_number = isinstance(value, int | float)
            if is_number == (self.property(code).kind == "set"):
                reason = (
                    "%(property)s takes a word or list of words, not %(given)r"
                    if is_number
                    else "%(property)s takes a number, not %(given)r"
                )
                raise InvalidMatchingData(reason, property=code, given=value)

    def guess(self, text: str) -> str | None:
        """Return the process of which free text such as a machine name speaks: the longest name in it."""
        found = self.find(" ".join(text.casefold().split()))
        return found[0] if found else None

    def find(self, folded: str) -> tuple[str, int, int] | None:
        """Find the longest name of a process in text in lower case: its code and where the name stands."""
        for name, code in self._names:
            if name in folded and stands_alone(name, folded):
                start = folded.index(name)
                return code, start, start + len(name)
        return None

    def _check_references(self) -> None:
        for process in self.processes.values():
            for code in (*process.also_does, *([process.parent] if process.parent else [])):
                if code not in self.processes:
                    raise InvalidMatchingData(
                        "process %(what)s refers to %(given)r, which does not exist",
                        what=process.code,
                        given=code,
                    )
            for code in (*process.properties, *process.defaults):
                if code not in self.properties:
                    raise InvalidMatchingData(
                        "process %(what)s is judged by unknown property %(given)r",
                        what=process.code,
                        given=code,
                    )

    def _path_to_root(self, code: str) -> tuple[str, ...]:
        path: list[str] = []
        node: str | None = code
        while node is not None:
            if node in path:
                raise InvalidMatchingData(
                    "process %(what)s is its own ancestor: %(path)s",
                    what=code,
                    path=" < ".join([*path, node]),
                )
            path.append(node)
            node = self.processes[node].parent
        return tuple(path)

    def _closure(self, required: str) -> frozenset[str]:
        found = {required}
        while True:
            more = {
                code
                for code, process in self.processes.items()
                if process.parent in found or not found.isdisjoint(process.also_does)
            }
            if more <= found:
                return frozenset(found)
            found |= more


Node = TypeVar("Node", Process, Property)


@cache
def _shipped() -> Taxonomy:
    text = resources.files(__package__).joinpath("processes.json").read_text("utf-8")
    return Taxonomy.from_json(json.loads(text))


def _unique(what: str, nodes: Iterable[Node]) -> dict[str, Node]:
    into: dict[str, Node] = {}
    for node in nodes:
        if node.code in into:
            raise InvalidMatchingData("%(sort)s %(what)s occurs twice", sort=what, what=node.code)
        into[node.code] = node
    return into


def _unknown(
    sort: type[UnknownProcess | UnknownProperty], what: str, code: str, known: Iterable[str]
) -> MatchingError:
    alike = difflib.get_close_matches(code, known, n=3)
    if not alike:
        return sort(f"there is no {what} %(given)r", given=code)
    reason = f"there is no {what} %(given)r; did you mean %(alike)s?"
    return sort(reason, given=code, alike=" or ".join(alike))


def stands_alone(name: str, text: str) -> bool:
    """Tell whether a name occurs in text as words of its own; Chinese names need no space around them."""
    if not name.isascii():
        return True
    return re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", text) is not None
