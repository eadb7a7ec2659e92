"""Administration shells: what is written is read again, foreign ones are understood, hostile ones refused."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from gonghe.standards import aas

LATHE = aas.Machine(
    "L-1/2",
    "数控车床",
    (
        aas.Offered(
            ("turning", "turning"),
            {
                "diameter_mm": aas.Limit(None, 320.5),
                "tolerance_it": aas.Limit(6, None),
                "material_group": aas.Limit(words=("steel", "aluminium")),
            },
            covers_children=True,
        ),
        aas.Offered(("drilling",)),
    ),
    b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    {"released": "false", "site": "S1"},
)
BENCH = aas.Machine("B1", "Bench")


@pytest.mark.parametrize("write", [aas.write_json, aas.write_aasx])
def test_what_is_written_is_read_again(write: Any) -> None:
    """Everything comes back; written again it is the same file, byte for byte."""
    content = write("hengda", [LATHE, BENCH])
    assert aas.read(content) == (LATHE, BENCH)
    assert write("hengda", aas.read(content)) == content


def test_ids_are_of_the_firm_and_id_shorts_are_valid() -> None:
    """A code that is no idShort stays as the asset's number."""
    told = json.loads(aas.write_json("hengda", [LATHE]))
    shell = told["assetAdministrationShells"][0]
    assert shell["idShort"] == "L_1_2"
    assert shell["assetInformation"]["specificAssetIds"] == [{"name": "code", "value": "L-1/2"}]
    other = json.loads(aas.write_json("ruian", [LATHE]))["assetAdministrationShells"][0]
    assert shell["id"] != other["id"]
    references = [one["keys"][0]["value"] for one in shell["submodels"]]
    assert references == [one["id"] for one in told["submodels"]]


def test_a_foreign_shell_is_understood() -> None:
    """Names from the nameplate, a capability without our codes, a property that is a plain number."""
    foreign = {
        "assetAdministrationShells": [
            {
                "idShort": "Mill_7",
                "assetInformation": {"specificAssetIds": [{"name": "serialNumber", "value": "SN 7"}]},
                "submodels": [{"keys": [{"type": "Submodel", "value": key}]} for key in ("n", "c", "gone")],
            }
        ],
        "submodels": [
            {
                "id": "n",
                "semanticId": {"keys": [{"value": "https://admin-shell.io/zvei/nameplate/2/0/Nameplate"}]},
                "submodelElements": [
                    {
                        "idShort": "ManufacturerProductDesignation",
                        "modelType": "MultiLanguageProperty",
                        "value": [{"language": "de", "text": "Fräse"}, {"language": "en", "text": "Mill"}],
                    }
                ],
            },
            {
                "id": "c",
                "idShort": "CapabilityDescription",
                "submodelElements": [
                    _set(_container("Milling", "Offered"), _container("Welding", "Required"))
                ],
            },
        ],
    }
    (machine,) = aas.read(json.dumps(foreign).encode())
    assert (machine.code, machine.name) == ("SN 7", "Mill")
    assert [one.names[0] for one in machine.offered] == ["Milling"]
    assert machine.offered[0].limits == {"envelope_x_mm": aas.Limit(500.0, 500.0)}


def _set(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"idShort": "CapabilitySet", "modelType": "SubmodelElementCollection", "value": list(containers)}


def _container(name: str, role: str) -> dict[str, Any]:
    number = {"idShort": "envelope_x_mm", "modelType": "Property", "valueType": "xs:double", "value": "500"}
    held = {"idShort": "P", "modelType": "SubmodelElementCollection", "value": [number]}
    return {
        "idShort": f"Container{name}",
        "modelType": "SubmodelElementCollection",
        "value": [
            {"idShort": name, "modelType": "Capability", "qualifiers": [{"type": role, "value": "1"}]},
            {"idShort": "PropertySet", "modelType": "SubmodelElementCollection", "value": [held]},
        ],
    }


def package(parts: dict[str, bytes]) -> bytes:
    """A ZIP file of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return target.getvalue()


def parts(**changed: bytes) -> dict[str, bytes]:
    """The parts of a good package, some of them changed by what their name ends with."""
    with zipfile.ZipFile(io.BytesIO(aas.write_aasx("hengda", [LATHE]))) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    for end, body in changed.items():
        name = next(one for one in found if one.endswith(end.replace("_", ".")))
        found[name] = body
    return found


ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<Relationships><Relationship Id="&x;"/></Relationships>'
)
DEEP = b'{"assetAdministrationShells": ' + b"[" * 200 + b"]" * 200 + b"}"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_aas"),
        (b"%PDF-1.7", "not_aas"),
        (b"\xff\xfe", "not_aas"),
        (b"[]", "not_aas"),
        (b"{}", "not_aas"),
        (b'{"assetAdministrationShells": [NaN]}', "not_aas"),
        (b"[" * 100_000, "not_aas"),
        (DEEP, "damaged"),
        (b'{"assetAdministrationShells": []}', "no_machine"),
        (b'{"assetAdministrationShells": [7, null, "x"]}', "no_machine"),
        (b'{"assetAdministrationShells": [{}]}', "damaged"),
        (b'{"assetAdministrationShells": [' + b'{"idShort": "a"},' * 2_001 + b"{}]}", "too_big"),
        (b" " * (aas.MAX_BYTES + 1), "too_big"),
        (b"PK\x03\x04 broken", "damaged"),
        (package({"a.txt": b"x"}), "not_aas"),
        (package(parts() | {"../../etc/cron.d/x": b"x"}), "damaged"),
        (package(parts() | {"big.bin": bytes(70_000_000)}), "too_big"),
        (package(parts() | {f"f{number}": b"" for number in range(2_000)}), "too_big"),
        (package(parts(_rels=b"<Relationships/>")), "damaged"),
        (package({"_rels/.rels": ENTITY}), "damaged"),
        (
            package(
                {
                    name.replace("environment.json", "environment.xml"): body.replace(
                        b"environment.json", b"environment.xml"
                    )
                    for name, body in parts().items()
                }
            ),
            "xml",
        ),
    ],
)
def test_what_is_no_good_file_is_refused(content: bytes, code: str) -> None:
    """Each with a code that the product has words for."""
    with pytest.raises(aas.AasError) as refused:
        aas.read(content)
    assert refused.value.code == code


def test_wrong_types_anywhere_do_no_harm() -> None:
    """Every value of a good file replaced by something else in turn: read, or refused by name."""
    good = json.loads(aas.write_json("hengda", [LATHE]))
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [good]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            places.append((one, key))
            waiting.append(one[key])
    assert len(places) > 200
    for holder, key in places:
        kept = holder[key]
        for odd in (None, 7, "x", [], {}, [None], {"keys": 3}):
            holder[key] = odd
            try:
                aas.read(json.dumps(good).encode())
            except aas.AasError:
                continue
        holder[key] = kept
