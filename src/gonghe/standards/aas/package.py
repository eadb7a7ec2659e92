"""A file of shells as its environment (JSON) and the files beside it; hostile packages are refused."""

from __future__ import annotations

import io
import json
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from gonghe.standards.aas.errors import DamagedError, NotAasError, TooBigError, XmlError

MAX_BYTES = 20_000_000
MAX_UNPACKED = 60_000_000
MAX_FILES = 2_000
MAX_DEPTH = 60
ORIGIN = "/relationships/aasx-origin"
SPEC = "/relationships/aas-spec"


@dataclass(frozen=True, slots=True)
class Package:
    """The environment of shells and submodels, and files by their path ("/aasx/files/m1.ics")."""

    environment: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


def unpack(content: bytes) -> Package:
    """Open a file of shells, JSON or AASX.

    Raises
    ------
    AasError
        Of the kind that says what is wrong.
    """
    if len(content) > MAX_BYTES:
        raise TooBigError(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB. Export fewer machines at once."
        )
    if content[:4] == b"PK\x03\x04":
        return _aasx(content)
    return Package(_json(content))


def _aasx(content: bytes) -> Package:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _files(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise DamagedError("The AASX package is damaged. Export it once more.") from error
    origin = _target(files, "/", ORIGIN)
    spec = _target(files, origin, SPEC)
    if spec.endswith(".xml"):
        raise XmlError("The package holds its shells as XML. Export it as AASX with JSON, or as JSON.")
    return Package(_json(files[spec]), files)


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Everything in the package by absolute path, as long as it is not too much."""
    entries = [one for one in archive.infolist() if not one.is_dir()]
    if len(entries) > MAX_FILES:
        raise TooBigError(f"The package holds more than {MAX_FILES:,} files. Export fewer machines at once.")
    left = MAX_UNPACKED
    found = {}
    for entry in entries:
        path = posixpath.normpath("/" + entry.filename)
        if "\\" in entry.filename or ".." in entry.filename.split("/") or path in found:
            raise DamagedError(f"The package has a file with an impossible name: {entry.filename[:80]!r}.")
        with archive.open(entry) as file:
            body = file.read(left + 1)  # never trusts the length that the package tells
        left -= len(body)
        if left < 0:
            raise TooBigError(
                f"The package unpacks to more than {MAX_UNPACKED // 1_000_000} MB. Export fewer machines."
            )
        found[path] = body
    return found


def _target(files: Mapping[str, bytes], source: str, kind: str) -> str:
    """The part that a relationship of this kind leads to from another part."""
    folder, name = posixpath.split(source)
    rels = files.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if rels is None:
        raise NotAasError("This is a ZIP file, but no AASX package: it does not say where its shells are.")
    try:
        root = ElementTree.fromstring(rels, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DamagedError("The AASX package is damaged: a list of its parts cannot be read.") from error
    for one in root:
        if str(one.get("Type", "")).endswith(kind):
            path = posixpath.normpath(posixpath.join(folder, str(one.get("Target", ""))))
            if path in files:
                return path
    raise DamagedError("The AASX package is damaged: it lacks the part with its shells.")


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotAasError(
            "This is neither a JSON file nor an AASX package of administration shells."
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("assetAdministrationShells"), list):
        raise NotAasError("The JSON file holds no administration shells (assetAdministrationShells).")
    if _depth(found) > MAX_DEPTH:
        raise DamagedError("The shells are nested too deeply.")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _depth(value: Any) -> int:
    """Levels of a JSON value, counted without recursion."""
    level, deepest = [value], 0
    while level and deepest <= MAX_DEPTH:
        deepest += 1
        inner = [one for one in level if isinstance(one, (dict, list))]
        level = [part for one in inner for part in (one.values() if isinstance(one, dict) else one)]
    return deepest
