"""Tolerances that an AP242 file carries as data (PMI): sizes, geometric ones, datums, with their faces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.collections import Sequence_TDF_Label
from OCP.TDF import TDF_AttributeIterator, TDF_Label
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp
from OCP.TopLoc import TopLoc_Location
from OCP.XCAFDoc import XCAFDoc_DimTolTool, XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

from gonghe.engines.model.parts import Tolerance, Tolerances
from gonghe.engines.parts.iso286 import grade
from gonghe.engines.parts.step import Model
from gonghe.engines.parts.topology import Topology

GEOMETRIC = (
    "GEOMETRIC|ANGULARITY|CIRCULAR_RUNOUT|COAXIALITY|CONCENTRICITY|CYLINDRICITY|FLATNESS|LINE_PROFILE|PARALLELISM"
    "|PERPENDICULARITY|POSITION|ROUNDNESS|STRAIGHTNESS|SURFACE_PROFILE|SYMMETRY|TOTAL_RUNOUT"
)
LONGEST = max(map(len, GEOMETRIC.split("|")))
ENDING = re.compile(rb"_TOLERANCE\s*\(")
BEFORE = re.compile(rf"\b(?:{GEOMETRIC})$".encode())
"""Entity names of ISO 10303-47 that make an instance a geometric tolerance, before their common ending."""

NOT_SIZES = {"DimensionPresentation", "CommonLabel", "None"}
"""Labels the kernel lists among the dimensions that only draw or name something."""


def read_tolerances(model: Model, topology: Topology, data: bytes) -> Tolerances | None:
    """Tolerances of a file, or None when it has none.

    Dimensions that say the same of the same faces are counted once; datums by their letter.
    """
    tool = XCAFDoc_DocumentTool.DimTolTool_s(model.document.Main())
    finder = _FaceFinder(topology)
    geometric = [_geometric(label, finder) for label in _labels(tool.GetGeomToleranceLabels)]
    sizes = [_dimension(label, finder) for label in _labels(tool.GetDimensionLabels)]
    dimensions = list(dict.fromkeys(size for size in sizes if size is not None))
    datums = {_datum_name(label) for label in _labels(tool.GetDatumLabels)} - {""}
    in_file = count_in_file(data)
    if not (geometric or dimensions or datums or in_file):
        return None
    grades = [size.grade for size in dimensions if size.grade is not None]
    return Tolerances(
        geometric=len(geometric),
        dimensions=len(dimensions),
        datums=len(datums),
        geometric_in_file=in_file,
        tightest_it=min(grades, default=None),
        kinds=tuple(sorted(Counter(item.kind for item in geometric).items())),
        items=(*geometric, *dimensions),
    )


def named_dimensions(model: Model, topology: Topology) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and descriptions of the dimensions in a file, each with the faces it is attached to."""
    finder = _FaceFinder(topology)
    for label in _labels(XCAFDoc_DocumentTool.DimTolTool_s(model.document.Main()).GetDimensionLabels):
        found = _object(label, "XCAFDoc_Dimension")
        if found is None:
            continue
        texts = [found.GetSemanticName(), found.GetPresentationName()]
        for number in range(found.NbDescriptions()):
            texts += [found.GetDescription(number), found.GetDescriptionName(number)]
        yield " ".join(text.ToCString() for text in texts if text is not None), finder(label)


def count_in_file(data: bytes) -> int:
    """Geometric tolerances among the instances of a STEP file, whatever the kernel makes of them."""
    ends = [match.start() for match in ENDING.finditer(data)]
    # one byte more than the longest name, to see where the word begins
    named = [end for end in ends if BEFORE.search(data[max(0, end - LONGEST - 1) : end])]
    return len({data.rfind(b";", 0, end) for end in named})


class _FaceFinder:
    """Face numbers of the shapes a tolerance label refers to."""

    def __init__(self, topology: Topology) -> None:
        # labels name faces of the part as modelled, without its place in an assembly
        self._faces = ShapeMap()
        for shape in topology.shapes:
            self._faces.Add(shape.Located(TopLoc_Location()))

    def __call__(self, label: TDF_Label) -> tuple[int, ...]:
        first, second = Sequence_TDF_Label(), Sequence_TDF_Label()
        if not XCAFDoc_DimTolTool.GetRefShapeLabel_s(label, first, second):
            return ()
        found: set[int] = set()
        for part in (first, second):
            for index in range(len(part)):
                faces = ShapeMap()
                shape = XCAFDoc_ShapeTool.GetShape_s(part.Value(index + 1))
                if shape is None or shape.IsNull():
                    continue
                TopExp.MapShapes_s(shape, TopAbs_ShapeEnum.TopAbs_FACE, faces)
                for number in range(faces.Extent()):
                    place = faces.FindKey(number + 1).Located(TopLoc_Location())
                    found.add(self._faces.FindIndex(place) - 1)
        return tuple(sorted(found - {-1}))


def _labels(getter: Any) -> list[TDF_Label]:
    labels = (
        Sequence_TDF_Label()
    )  # its own Length() takes a millisecond to find by inheritance, len() does not
    getter(labels)
    return [labels.Value(index + 1) for index in range(len(labels))]


def _object(label: TDF_Label, kind: str) -> Any:
    """The tolerance object hanging on a label, or None."""
    attributes = TDF_AttributeIterator(label)
    while attributes.More():
        attribute = attributes.Value()
        if type(attribute).__name__ == kind:
            return attribute.GetObject()
        attributes.Next()
    return None


def _kind(value: Any) -> str:
    """Last word of a kernel constant, such as Position or Diameter."""
    return str(value).rsplit("_", 1)[-1]


def _geometric(label: TDF_Label, finder: _FaceFinder) -> Tolerance:
    found = _object(label, "XCAFDoc_GeomTolerance")
    kind, width = (_kind(found.GetType()), float(found.GetValue())) if found is not None else ("unknown", 0.0)
    return Tolerance(kind, None, width, None, finder(label))


def _dimension(label: TDF_Label, finder: _FaceFinder) -> Tolerance | None:
    found = _object(label, "XCAFDoc_Dimension")
    if found is None or _kind(found.GetType()) in NOT_SIZES:
        return None
    kind, nominal, width = _kind(found.GetType()), float(found.GetValue()), 0.0
    if found.IsDimWithRange():
        low, high = float(found.GetLowerBound()), float(found.GetUpperBound())
        nominal, width = (low + high) / 2, high - low
    elif found.IsDimWithPlusMinusTolerance():
        width = abs(float(found.GetUpperTolValue())) + abs(float(found.GetLowerTolValue()))
    fine = grade(nominal, width) if kind not in ("Angular", "CurveLength") and width > 0 else None
    return Tolerance(kind, round(nominal, 6), round(width, 6), fine, finder(label))


def _datum_name(label: TDF_Label) -> str:
    found = _object(label, "XCAFDoc_Datum")
    name = found.GetName() if found is not None else None
    return str(name.ToCString()) if name is not None else ""
