"""Machines to shells: an environment, JSON, an AASX package; the same machines give the same bytes."""

from __future__ import annotations

import base64
import io
import json
import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from gonghe.standards.aas.model import (
    CALENDAR,
    CALENDAR_FILE,
    CAPABILITIES,
    CAPABILITY,
    NAMEPLATE,
    PLANNING,
    PROCESS,
    Limit,
    Machine,
    Offered,
)

EPOCH = (1980, 1, 1, 0, 0, 0)
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
AASX = "http://admin-shell.io/aasx/relationships"
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="json" ContentType="application/json"/>'
    '<Default Extension="ics" ContentType="text/calendar"/>'
    '<Override PartName="/aasx/aasx-origin" ContentType="text/plain"/></Types>\n'
)


def write_json(owner: str, machines: Sequence[Machine]) -> bytes:
    """Shells as JSON; calendars inside (Blob). `owner` makes the ids of two firms differ."""
    return _bytes(environment(owner, machines, {}))


def write_aasx(owner: str, machines: Sequence[Machine]) -> bytes:
    """Shells as an AASX package with JSON; calendars as files beside it."""
    paths = {
        one.code: f"/aasx/files/calendar-{number}.ics"
        for number, one in enumerate(machines, 1)
        if one.calendar is not None
    }
    parts = {
        "[Content_Types].xml": TYPES.encode(),
        "_rels/.rels": _rels([(f"{AASX}/aasx-origin", "/aasx/aasx-origin")]),
        "aasx/aasx-origin": b"Intentionally empty.",
        "aasx/_rels/aasx-origin.rels": _rels([(f"{AASX}/aas-spec", "/aasx/environment.json")]),
        "aasx/environment.json": _bytes(environment(owner, machines, paths)),
        "aasx/_rels/environment.json.rels": _rels([(f"{AASX}/aas-suppl", path) for path in paths.values()]),
    }
    parts |= {paths[one.code].lstrip("/"): one.calendar for one in machines if one.calendar is not None}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), body, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def environment(owner: str, machines: Sequence[Machine], calendars: Mapping[str, str]) -> dict[str, Any]:
    """The environment of shells; `calendars` says by code where the calendar lies, else it stands inside."""
    submodels = [_submodels(owner, one, calendars.get(one.code)) for one in machines]
    return {
        "assetAdministrationShells": [
            _shell(owner, one, of) for one, of in zip(machines, submodels, strict=True)
        ],
        "submodels": [one for of in submodels for one in of],
        "conceptDescriptions": [],
    }


def _shell(owner: str, one: Machine, submodels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "modelType": "AssetAdministrationShell",
        "id": _id(owner, one, "shell"),
        "idShort": _id_short(one.code),
        "displayName": _texts(one.name),
        "assetInformation": {
            "assetKind": "Instance",
            "globalAssetId": _id(owner, one, "asset"),
            "specificAssetIds": [{"name": "code", "value": one.code}],
        },
        "submodels": [
            {"type": "ModelReference", "keys": [{"type": "Submodel", "value": model["id"]}]}
            for model in submodels
        ],
    }


def _submodels(owner: str, one: Machine, calendar: str | None) -> list[dict[str, Any]]:
    named = {"idShort": "ManufacturerProductDesignation", "modelType": "MultiLanguageProperty"}
    found = [_submodel(owner, one, "Nameplate", NAMEPLATE, [named | {"value": _texts(one.name)}])]
    if one.offered:
        offered = [_container(number, can) for number, can in enumerate(one.offered, 1)]
        capability_set = _collection("CapabilitySet", f"{CAPABILITY}/CapabilitySet/1/0", offered)
        found.append(_submodel(owner, one, "CapabilityDescription", CAPABILITIES, [capability_set]))
    if one.calendar is not None:
        found.append(
            _submodel(owner, one, "ProductionCalendar", CALENDAR, [_calendar(one.calendar, calendar)])
        )
    if one.planning:
        said = [_property(key, value) for key, value in sorted(one.planning.items())]
        found.append(_submodel(owner, one, "GonghePlanning", PLANNING, said))
    return found


def _submodel(
    owner: str, one: Machine, name: str, semantic: str, elements: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "modelType": "Submodel",
        "id": _id(owner, one, name),
        "idShort": name,
        "kind": "Instance",
        "semanticId": _semantic(semantic),
        "submodelElements": list(elements),
    }


def _container(number: int, can: Offered) -> dict[str, Any]:
    process, *words = can.names
    qualifiers = [_qualifier("Offered", f"{CAPABILITY}/CapabilityRoleQualifier/Offered/1/0")]
    if can.covers_children:
        qualifiers.append(_qualifier("CoversChildren", f"{PROCESS}covers-children"))
    parts: list[dict[str, Any]] = [
        {
            "idShort": _id_short(process),
            "modelType": "Capability",
            "semanticId": _semantic(f"{CAPABILITY}/Capability/1/0"),
            "supplementalSemanticIds": [_semantic(PROCESS + process)],
            "qualifiers": qualifiers,
        }
    ]
    if words:
        parts.append(
            {
                "idShort": "CapabilityComment",
                "modelType": "MultiLanguageProperty",
                "semanticId": _semantic(f"{CAPABILITY}/CapabilityComment/1/0"),
                "value": _texts(words[0]),
            }
        )
    if can.limits:
        said = [
            _collection(f"Property{at:02}", f"{CAPABILITY}/PropertyContainer/1/0", [_limit(key, limit)])
            for at, (key, limit) in enumerate(sorted(can.limits.items()), 1)
        ]
        parts.append(_collection("PropertySet", f"{CAPABILITY}/PropertySet/1/0", said))
    return _collection(f"Capability{number:02}", f"{CAPABILITY}/CapabilityContainer/1/0", parts)


def _limit(key: str, limit: Limit) -> dict[str, Any]:
    if limit.words:
        return {
            "idShort": _id_short(key),
            "modelType": "SubmodelElementList",
            "typeValueListElement": "Property",
            "valueTypeListElement": "xs:string",
            "value": [
                {"modelType": "Property", "valueType": "xs:string", "value": word} for word in limit.words
            ],
        }
    found: dict[str, Any] = {"idShort": _id_short(key), "modelType": "Range", "valueType": "xs:double"}
    bounds = {"min": limit.low, "max": limit.high}
    return found | {name: _number(value) for name, value in bounds.items() if value is not None}


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _calendar(content: bytes, path: str | None) -> dict[str, Any]:
    shared = {"idShort": "calendar", "contentType": "text/calendar", "semanticId": _semantic(CALENDAR_FILE)}
    if path is not None:
        return shared | {"modelType": "File", "value": path}
    return shared | {"modelType": "Blob", "value": _base64(content)}


def _collection(name: str, semantic: str, value: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "idShort": name,
        "modelType": "SubmodelElementCollection",
        "semanticId": _semantic(semantic),
        "value": list(value),
    }


def _property(key: str, value: str) -> dict[str, Any]:
    return {"idShort": key, "modelType": "Property", "valueType": "xs:string", "value": value}


def _qualifier(kind: str, semantic: str) -> dict[str, Any]:
    return {"type": kind, "valueType": "xs:string", "value": "1", "semanticId": _semantic(semantic)}


def _semantic(value: str) -> dict[str, Any]:
    return {"type": "ExternalReference", "keys": [{"type": "GlobalReference", "value": value}]}


def _texts(text: str) -> list[dict[str, str]]:
    """A text with its language: Chinese if it has Chinese characters."""
    return [{"language": "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en", "text": text[:128]}]


def _id(owner: str, one: Machine, part: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:gonghe:{owner}:{one.code}:{part}')}"


def _id_short(text: str) -> str:
    """A text as an idShort: letters, digits, underscores, a letter first."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", text)[:120]
    return plain if plain[:1].isalpha() else f"M_{plain}"


def _rels(targets: Sequence[tuple[str, str]]) -> bytes:
    body = "".join(
        f'<Relationship Id="R{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<Relationships xmlns="{RELATIONSHIPS}">{body}</Relationships>\n'.encode()


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
