"""3MF: meshes with a unit, placed by transforms, in a zip archive (3MF Core Specification 1.3).

Read are the objects that the build names, with their components, also across the archive's model files
(Production Extension). Colours, materials, beams and slices are passed over.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from array import array
from dataclasses import dataclass, field
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from gonghe.engines.parts.advice import UNIT_MM
from gonghe.engines.parts.errors import NoSolid, TooLarge, UnreadableFile
from gonghe.engines.parts.formats import Caps
from gonghe.engines.parts.triangles import Mesh

NAMES = {"micron": "um", "millimeter": "mm", "centimeter": "cm", "inch": "in", "foot": "ft", "meter": "m"}
DEPTH, PLACES = 16, 10_000
"""Components within components, and objects placed, at most."""

Key = tuple[str, str]
Place = npt.NDArray[np.float64]
DAMAGED = "The 3MF file is damaged. Export it again from the CAD system or slicer."


@dataclass(slots=True)
class Object:
    """Triangles of its own, or other objects with their places (4, 3)."""

    points: array[float] = field(default_factory=lambda: array("d"))
    corners: array[int] = field(default_factory=lambda: array("q"))
    components: list[tuple[Key, Place]] = field(default_factory=list)
    is_model: bool = True


@dataclass(slots=True)
class _Reader:
    """Objects and build items of all model files of an archive."""

    caps: Caps
    objects: dict[Key, Object] = field(default_factory=dict)
    build: list[tuple[Key, Place]] = field(default_factory=list)
    unit: str = "millimeter"
    file: str = ""
    current: Object = field(default_factory=Object)
    triangles: int = 0
    places: int = 0

    def parse(self, name: str, data: bytes) -> None:
        self.file = name
        parser = expat.ParserCreate(namespace_separator="|")
        parser.buffer_text = True
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.Parse(data, True)

    def _element(self, name: str, given: dict[str, str]) -> None:
        kind = name.rpartition("|")[2]
        if kind == "vertex":
            self.current.points.extend((float(given["x"]), float(given["y"]), float(given["z"])))
        elif kind == "triangle":
            self.current.corners.extend((int(given["v1"]), int(given["v2"]), int(given["v3"])))
        elif kind == "object":
            self.current = Object(is_model=given.get("type", "model") in ("model", "surface"))
            self.objects[self.file, given["id"]] = self.current
        elif kind == "component":
            self.current.components.append(self._reference(given))
        elif kind == "item":
            self.build.append(self._reference(given))
        elif kind == "model":
            self.unit = given.get("unit", "millimeter")

    def _reference(self, given: dict[str, str]) -> tuple[Key, Place]:
        path = next((value for key, value in given.items() if key.endswith("|path")), self.file)
        return (path.lstrip("/"), given["objectid"]), _place(given.get("transform"))

    def collect(self, key: Key, place: Place, depth: int = 0) -> list[tuple[Place, npt.NDArray[np.int64]]]:
        """Points in the file's unit and triangles of an object and its components."""
        found = self.objects.get(key)
        self.places += 1
        if found is None or depth > DEPTH or self.places > PLACES:
            raise UnreadableFile(DAMAGED)
        if not found.is_model:
            return []
        meshes = []
        if found.corners:
            self.triangles += len(found.corners) // 3
            if self.triangles > self.caps.triangles:
                raise TooLarge(
                    f"The 3MF file has more than {self.caps.triangles:,} triangles. Export it coarser."
                )
            points = np.asarray(found.points, np.float64).reshape(-1, 3)
            corners = np.asarray(found.corners, np.int64).reshape(-1, 3)
            if not np.all(np.isfinite(points)) or corners.min() < 0 or corners.max() >= len(points):
                raise UnreadableFile(DAMAGED)
            meshes.append((points @ place[:3] + place[3], _outward(corners, place)))
        for other, inner in found.components:
            meshes += self.collect(other, _chained(inner, place), depth + 1)
        return meshes


def read_3mf(data: bytes, caps: Caps) -> tuple[Mesh, str]:
    """Mesh of everything to be built, in mm, and the file's unit.

    Raises
    ------
    UnreadableFile, TooLarge, NoSolid
    """
    reader = _Reader(caps)
    try:
        for name, text in _models(data, caps):
            reader.parse(name, text)
        meshes = [mesh for key, place in reader.build for mesh in reader.collect(key, place)]
    except (expat.ExpatError, KeyError, ValueError, OverflowError) as error:
        raise UnreadableFile(DAMAGED) from error
    if not meshes or reader.unit not in NAMES:
        raise NoSolid("The 3MF file builds no mesh. Export the part again, better as STEP.")
    points = np.concatenate([mesh[0] for mesh in meshes]) * UNIT_MM[NAMES[reader.unit]]
    starts = np.cumsum([0, *(len(mesh[0]) for mesh in meshes[:-1])])
    corners = np.concatenate([mesh[1] + start for mesh, start in zip(meshes, starts, strict=True)])
    return Mesh(points, corners.astype(np.int32), np.zeros(len(corners), np.int32)), NAMES[reader.unit]


def _models(data: bytes, caps: Caps) -> list[tuple[str, bytes]]:
    """Name and text of the model files, the one with the build (and the unit that counts) last."""
    found = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            items = [item for item in archive.infolist() if item.filename.lower().endswith(".model")]
            left = caps.unpacked_bytes
            for item in items:
                with archive.open(item) as stream:
                    text = stream.read(left + 1)
                left -= len(text)
                if left < 0:
                    raise TooLarge(
                        f"The 3MF file unpacks to more than {caps.unpacked_bytes / 2**20:.0f} MB. "
                        "Export it coarser."
                    )
                found.append((item.filename.lstrip("/"), text))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(DAMAGED) from error
    return sorted(found, key=lambda model: b"<item" in model[1])


def _no_doctype(*_: object) -> None:
    raise UnreadableFile(DAMAGED)


def _place(text: str | None) -> Place:
    """A 3MF transform as (4, 3): rows of the turning part, then the shift; points are rows before it."""
    if text is None:
        return np.vstack([np.eye(3), np.zeros(3)])
    values = np.asarray([float(word) for word in text.split()], np.float64)
    if values.size != 12 or not np.all(np.isfinite(values)):
        raise ValueError("a transform has twelve numbers")
    return values.reshape(4, 3)


def _chained(inner: Place, outer: Place) -> Place:
    return np.vstack([inner[:3] @ outer[:3], inner[3] @ outer[:3] + outer[3]])


def _outward(corners: npt.NDArray[np.int64], place: Place) -> npt.NDArray[np.int64]:
    """A mirroring place turns triangles inside out: turn them back."""
    return corners[:, ::-1] if np.linalg.det(place[:3]) < 0 else corners
