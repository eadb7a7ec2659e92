"""What a file is and whether it is safe to hand to a reader: checks on the bytes, before any parsing."""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from gonghe.engines.parts.errors import ForeignReference, TooLarge, UnknownFormat, UnreadableFile

STEP_ENTITY = re.compile(rb"#\d+\s*=")
REFERRING = (b"document_file", b"applied_external_identification_assignment", b"externally_defined_item")
EXTERNAL = re.compile(
    rb"\b(?:" + b"|".join(REFERRING) + rb")\s*\([^;]*"
    rb"\.(?:stpx?z?|step|igs|iges|sldprt|sldasm|catpart|catproduct|prt|asm|jt|x_t|ifc)\b"
)
"""A reference to another file, in lower case."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Upper limits of what is read.

    Parameters
    ----------
    file_bytes : int
        Size of the file as uploaded.
    unpacked_bytes : int
        Size after gzip or zip decompression.
    entities : int
        Numbered instances of a STEP file.
    triangles : int
        Facets of an STL or 3MF file.
    """

    file_bytes: int = 100 * 2**20
    unpacked_bytes: int = 300 * 2**20
    entities: int = 2_000_000
    triangles: int = 3_000_000


DEFAULT_CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of one model and its format: ``step``, ``stl``, ``dxf``, or ``3mf`` (the archive as it is)."""

    format: str
    data: bytes


def inspect(data: bytes, caps: Caps = DEFAULT_CAPS) -> Content:
    """Unpack, recognise by content (never by file name) and check against the caps.

    Raises
    ------
    UnknownFormat, TooLarge, ForeignReference, UnreadableFile
    """
    if len(data) > caps.file_bytes:
        raise TooLarge(
            f"The file has {len(data) / 2**20:.0f} MB; at most {caps.file_bytes / 2**20:.0f} MB are read. "
            "Export the single part instead of the whole assembly."
        )
    if _is_3mf(data):
        return Content("3mf", data)
    data = _unpack(data, caps)
    kind = _recognise(data)
    if kind == "step":
        _check_step(data, caps)
    elif kind == "stl":
        _check_stl(data, caps)
    return Content(kind, data)


def _is_3mf(data: bytes) -> bool:
    """An archive with a 3D model in it, as its list of contents says."""
    if data[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
    return "[Content_Types].xml" in names and any(name.lower().endswith(".model") for name in names)


def _unpack(data: bytes, caps: Caps) -> bytes:
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
                return _read_capped(stream, caps)
        if data[:4] == b"PK\x03\x04":
            return _unzip(data, caps)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(
            "The compressed file is damaged. Pack it again or upload the model itself."
        ) from error
    return data


def _unzip(data: bytes, caps: Caps) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        models = [
            item for item in archive.infolist() if re.search(r"\.(?:stp|step|stl|dxf)$", item.filename, re.I)
        ]
        if len(models) != 1:
            raise UnknownFormat(
                f"The archive holds {len(models)} models; exactly one STEP, STL or DXF file is read from "
                "an archive. "
                "Upload the files one by one."
            )
        with archive.open(models[0]) as stream:
            return _read_capped(stream, caps)


def _read_capped(stream: IO[bytes] | gzip.GzipFile, caps: Caps) -> bytes:
    data = stream.read(caps.unpacked_bytes + 1)
    if len(data) > caps.unpacked_bytes:
        raise TooLarge(
            f"The archive unpacks to more than {caps.unpacked_bytes / 2**20:.0f} MB. Upload the single "
            "part instead."
        )
    return data


def _recognise(data: bytes) -> str:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"ISO-10303-21"):
        return "step"
    if len(data) >= 84 and len(data) == 84 + 50 * struct.unpack_from("<I", data, 80)[0]:
        return "stl"
    if head.startswith(b"solid") and b"facet" in data[:8192]:
        return "stl"
    if head.startswith(b"AutoCAD Binary DXF") or re.match(rb"(?:999\s[^\n]*\n\s*)*0\s*\r?\n\s*SECTION", head):
        return "dxf"
    raise UnknownFormat(
        "This is not a file we can read. Export the part as STEP (AP203, AP214 or AP242), STL, 3MF, or DXF "
        "for flat parts."
    )


def _check_step(data: bytes, caps: Caps) -> None:
    if STEP_ENTITY.search(data) is None:
        raise UnreadableFile("The STEP file holds no entities. Export it again from the CAD system.")
    entities = data.count(b"=")  # at least as many as there are; only what could be too many is told apart
    if entities > caps.entities:
        entities = sum(1 for _ in STEP_ENTITY.finditer(data))
    if entities > caps.entities:
        raise TooLarge(
            f"The STEP file has {entities:,} entities; at most {caps.entities:,} are read. "
            "Export the single part, or without cosmetic detail."
        )
    small = data.lower()
    if any(name in small for name in REFERRING) and EXTERNAL.search(small):
        raise ForeignReference(
            "The STEP file refers to other files, which are never fetched. Export it as one "
            "self-contained file."
        )


def _check_stl(data: bytes, caps: Caps) -> None:
    binary = len(data) == 84 + 50 * struct.unpack_from("<I", data, 80)[0] if len(data) >= 84 else False
    triangles = (len(data) - 84) // 50 if binary else data.count(b"endfacet")
    if triangles == 0:
        raise UnreadableFile("The STL file holds no triangles. Export it again from the CAD system.")
    if triangles > caps.triangles:
        raise TooLarge(
            f"The STL file has {triangles:,} triangles; at most {caps.triangles:,} are read. Export it "
            "coarser."
        )
