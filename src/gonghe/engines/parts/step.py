"""Read a STEP file with OpenCASCADE: shape in mm, unit, names, colours, product structure, tolerances."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from OCP.BRep import BRep_Builder
from OCP.collections import Sequence_TCollection_AsciiString, Sequence_TDF_Label
from OCP.IFSelect import IFSelect_ReturnStatus
from OCP.Message import Message
from OCP.STEPCAFControl import STEPCAFControl_Reader
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDF import TDF_Label
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS_Compound, TopoDS_Shape
from OCP.XCAFDoc import XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

from gonghe.engines.parts.errors import NoSolid, UnreadableFile

UNIT_NAMES = {
    "millimetre": "mm",
    "metre": "m",
    "centimetre": "cm",
    "micrometre": "um",
    "inch": "in",
    "foot": "ft",
}
"""Unit names as the STEP reader spells them, lower case, and the symbols used here."""


@dataclass(frozen=True, slots=True)
class Model:
    """An opened STEP file: solids (mm), unit symbol, document with all else, shells outside solids."""

    shape: TopoDS_Compound
    unit: str
    document: TDocStd_Document
    open_shells: int

    def free_labels(self) -> list[TDF_Label]:
        """Labels of the top-level shapes."""
        labels = Sequence_TDF_Label()
        XCAFDoc_DocumentTool.ShapeTool_s(self.document.Main()).GetFreeShapes(labels)
        return [labels.Value(index + 1) for index in range(len(labels))]


def read(path: Path) -> Model:
    """Open a STEP file.

    Raises
    ------
    UnreadableFile
        When the reader rejects it. A damaged file may also kill the process: run in a disposable one.
    NoSolid
        When nothing in it could be turned into a shape.
    """
    Message.DefaultMessenger_s().ChangePrinters().Clear()
    reader = STEPCAFControl_Reader()
    reader.SetGDTMode(True)
    reader.SetNameMode(True)
    reader.SetColorMode(True)
    status = reader.ReadFile(str(path))
    if status != IFSelect_ReturnStatus.IFSelect_RetDone:
        raise UnreadableFile("The STEP file is damaged or cut off. Export it again from the CAD system.")
    document = TDocStd_Document(TCollection_ExtendedString("part"))
    if not reader.Transfer(document):
        raise NoSolid("The STEP file holds no shape that could be built. Export it as a solid model.")
    loose = _shapes(document, TopAbs_ShapeEnum.TopAbs_SHELL, TopAbs_ShapeEnum.TopAbs_SOLID)
    return Model(_solids(document), _unit(reader, path), document, len(loose))


def _shapes(
    document: TDocStd_Document, kind: TopAbs_ShapeEnum, avoid: TopAbs_ShapeEnum
) -> list[TopoDS_Shape]:
    labels = Sequence_TDF_Label()
    XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetFreeShapes(labels)
    found = []
    for index in range(len(labels)):
        explorer = TopExp_Explorer(XCAFDoc_ShapeTool.GetShape_s(labels.Value(index + 1)), kind, avoid)
        while explorer.More():
            found.append(explorer.Current())
            explorer.Next()
    return found


def _solids(document: TDocStd_Document) -> TopoDS_Compound:
    """All solids in one compound; annotation planes, sketches and the like are no part of the part."""
    compound = TopoDS_Compound()
    builder = BRep_Builder()
    builder.MakeCompound(compound)
    for solid in _shapes(document, TopAbs_ShapeEnum.TopAbs_SOLID, TopAbs_ShapeEnum.TopAbs_SHAPE):
        builder.Add(compound, solid)
    return compound


def _unit(reader: STEPCAFControl_Reader, path: Path) -> str:
    lengths, angles, solids = (Sequence_TCollection_AsciiString() for _ in range(3))
    reader.ChangeReader().FileUnits(lengths, angles, solids)
    names = [lengths.Value(index + 1).ToCString().lower() for index in range(len(lengths))]
    name = next(filter(None, names), "") or _named_unit(path)
    return UNIT_NAMES.get(name, name)


def _named_unit(path: Path) -> str:
    """The unit's own name, for files whose unit the reader converts but does not name."""
    found = re.search(
        rb"CONVERSION_BASED_UNIT\s*\(\s*'(inch|foot|centimetre)'", path.read_bytes(), re.IGNORECASE
    )
    return found.group(1).decode().lower() if found else "millimetre"
