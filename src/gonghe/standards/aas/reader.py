"""Shells to machines."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator, Mapping
from typing import Any

from gonghe.standards.aas.errors import DamagedError, NoMachineError, TooBigError
from gonghe.standards.aas.model import CALENDAR_FILE, PLANNING, PROCESS, Limit, Machine, Offered
from gonghe.standards.aas.package import Package, unpack

MAX_MACHINES = 2_000
MAX_TEXT = 200
NUMBERS = ("xs:double", "xs:float", "xs:decimal", "xs:int", "xs:integer", "xs:long", "xs:short")
CODES = ("code", "equipmentid", "equipment_id", "inventorynumber", "assetnumber", "serialnumber")
NAMES = ("ManufacturerProductDesignation", "ManufacturerProductFamily", "ManufacturerProductType")


def read(content: bytes) -> tuple[Machine, ...]:
    """Read the machines of a JSON file or an AASX package, in the order of their shells.

    Raises
    ------
    AasError
        Of the kind that says what is wrong.
    """
    package = unpack(content)
    shells = [one for one in package.environment["assetAdministrationShells"] if isinstance(one, dict)]
    if not shells:
        raise NoMachineError("The file holds no administration shell. Export the shells of your machines.")
    if len(shells) > MAX_MACHINES:
        raise TooBigError(f"The file holds more than {MAX_MACHINES:,} shells. Export fewer at once.")
    submodels = {_text(one, "id"): one for one in _dicts(package.environment.get("submodels"))}
    return tuple(_machine(package, shell, submodels) for shell in shells)


def _machine(package: Package, shell: Mapping[str, Any], submodels: Mapping[str, Any]) -> Machine:
    own = [submodels[key] for key in _referenced(shell) if key in submodels]
    nameplate = _of_kind(own, "/nameplate/", "Nameplate")
    planning = _of_kind(own, PLANNING, "GonghePlanning")
    asset = shell.get("assetInformation")
    ids = _dicts(asset.get("specificAssetIds")) if isinstance(asset, dict) else []
    codes = [_text(one, "value") for one in ids if _text(one, "name").casefold() in CODES]
    code = next((one for one in codes if one), _text(shell, "idShort"))
    if not code:
        raise DamagedError("A shell has neither an idShort nor a number of its machine (specificAssetIds).")
    named = [_words(shell.get("displayName")), *(_element_text(nameplate, one) for one in NAMES)]
    return Machine(
        code=code,
        name=next((one for one in named if one), code),
        offered=tuple(_offered(_of_kind(own, "CapabilityDescription", "CapabilityDescription"))),
        calendar=_calendar(package, _of_kind(own, "ProductionCalendar", "ProductionCalendar")),
        planning={
            _text(one, "idShort"): _text(one, "value")
            for one in _dicts(planning.get("submodelElements"))
            if isinstance(one.get("value"), str)
        },
    )


def _referenced(shell: Mapping[str, Any]) -> list[str]:
    """Ids of the submodels of a shell."""
    return [
        _text(keys[-1], "value")
        for one in _dicts(shell.get("submodels"))
        if (keys := _dicts(one.get("keys")))
    ]


def _of_kind(submodels: list[Any], semantic: str, id_short: str) -> Mapping[str, Any]:
    """The submodel whose semantic id holds this, else the one of this idShort, else an empty one."""
    for one in submodels:
        if any(semantic.casefold() in key.casefold() for key in _semantics(one)):
            return _mapping(one)
    return next((_mapping(one) for one in submodels if _text(one, "idShort") == id_short), {})


def _offered(submodel: Mapping[str, Any]) -> Iterator[Offered]:
    for container in _collections(submodel.get("submodelElements")):
        parts = _dicts(container.get("value"))
        found = next((one for one in parts if one.get("modelType") == "Capability"), None)
        if found is None or _only_required(found):
            continue
        codes = [key.removeprefix(PROCESS) for key in _semantics(found) if key.startswith(PROCESS)]
        comments = [
            _words(one.get("value")) for one in parts if one.get("modelType") == "MultiLanguageProperty"
        ]
        # What was written here has the code; elsewhere the process may stand in any of these.
        guesses = [_text(found, "idShort"), _words(found.get("displayName")), _text(container, "idShort")]
        names = codes or guesses
        yield Offered(
            names=tuple(one for one in [*names, *comments] if one),
            limits=dict(_limits(parts)),
            covers_children=any(
                _text(one, "type") == "CoversChildren" for one in _dicts(found.get("qualifiers"))
            ),
        )


def _collections(elements: Any) -> Iterator[Mapping[str, Any]]:
    """Collections that hold a capability, at any depth."""
    waiting = _dicts(elements)
    while waiting:
        one = waiting.pop(0)
        parts = _dicts(one.get("value"))
        if any(part.get("modelType") == "Capability" for part in parts):
            yield one
        else:
            waiting = parts + waiting


def _only_required(capability: Mapping[str, Any]) -> bool:
    roles = {
        _text(one, "type"): _text(one, "value").casefold() for one in _dicts(capability.get("qualifiers"))
    }
    offered = roles.get("Offered", "") in {"1", "true"}
    return not offered and roles.get("Required", "") in {"1", "true"}


def _limits(parts: list[dict[str, Any]]) -> Iterator[tuple[str, Limit]]:
    """Ranges, properties and lists of words in the property sets of a capability."""
    waiting = [one for part in parts for one in _dicts(part.get("value"))]
    while waiting:
        one = waiting.pop(0)
        kind, key = one.get("modelType"), _text(one, "idShort")
        if kind == "Range" and key:
            yield key, Limit(_number(one.get("min")), _number(one.get("max")))
        elif kind == "SubmodelElementList" and key:
            words = [_text(word, "value") for word in _dicts(one.get("value"))]
            yield key, Limit(words=tuple(word for word in words if word))
        elif kind == "Property" and key:
            number = _number(one.get("value")) if one.get("valueType") in NUMBERS else None
            yield key, Limit(number, number) if number is not None else Limit(words=(_text(one, "value"),))
        else:
            waiting = _dicts(one.get("value")) + waiting


def _calendar(package: Package, submodel: Mapping[str, Any]) -> bytes | None:
    for one in _dicts(submodel.get("submodelElements")):
        right = CALENDAR_FILE in _semantics(one) or str(one.get("contentType", "")).startswith(
            "text/calendar"
        )
        value = one.get("value")
        if not right or not isinstance(value, str):
            continue
        if one.get("modelType") == "Blob":
            try:
                return base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError) as error:
                raise DamagedError("The calendar of a shell is damaged.") from error
        return package.files.get(value.removeprefix("file://"))
    return None


def _element_text(submodel: Mapping[str, Any], id_short: str) -> str:
    for one in _dicts(submodel.get("submodelElements")):
        if _text(one, "idShort") == id_short:
            return _words(one.get("value")) or _text(one, "value")
    return ""


def _words(texts: Any) -> str:
    """A text in several languages: English if there is one, else the first."""
    found = {_text(one, "language"): _text(one, "text") for one in _dicts(texts)}
    return found.get("en") or next(iter(found.values()), "")


def _semantics(one: Mapping[str, Any]) -> list[str]:
    references = [one.get("semanticId"), *_list(one.get("supplementalSemanticIds"))]
    return [_text(key, "value") for ref in references for key in _dicts(_mapping(ref).get("keys"))]


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _text(one: Any, key: str) -> str:
    value = _mapping(one).get(key)
    return " ".join(value.split())[:MAX_TEXT] if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]
