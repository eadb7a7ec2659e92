"""Product structure of a STEP file: which components it has, how often, and under which names."""

from __future__ import annotations

from collections import Counter

from OCP.collections import Sequence_TDF_Label
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_AttributeIterator, TDF_Label
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.XCAFDoc import XCAFDoc_ShapeTool

from gonghe.engines.model.parts import Component
from gonghe.engines.parts.step import Model

DEEPEST = 20
LONGEST_NAME = 120


def components(model: Model) -> tuple[Component, ...]:
    """Leaf parts of every assembly in the file with their counts; empty when it holds a single part."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for label in model.free_labels():
        if XCAFDoc_ShapeTool.IsAssembly_s(label):
            _walk(label, (), counts)
    if sum(counts.values()) < 2:
        return ()
    return tuple(Component(name, count, path) for (name, path), count in counts.items())


def _walk(label: TDF_Label, path: tuple[str, ...], counts: Counter[tuple[str, tuple[str, ...]]]) -> None:
    parts = Sequence_TDF_Label()
    XCAFDoc_ShapeTool.GetComponents_s(label, parts)
    inside = (*path, name_of(label))
    for index in range(len(parts)):
        part = parts.Value(index + 1)
        target = TDF_Label()
        if XCAFDoc_ShapeTool.GetReferredShape_s(part, target):
            part = target
        if XCAFDoc_ShapeTool.IsAssembly_s(part) and len(inside) < DEEPEST:
            _walk(part, inside, counts)
        elif _has_solid(part):
            counts[name_of(part), inside] += 1


def _has_solid(label: TDF_Label) -> bool:
    """Annotations and sketches hang in the product structure too, but are no parts."""
    shape = XCAFDoc_ShapeTool.GetShape_s(label)
    return not shape.IsNull() and TopExp_Explorer(shape, TopAbs_ShapeEnum.TopAbs_SOLID).More()


def name_of(label: TDF_Label) -> str:
    """Name as the file gives it, cut to a sensible length; it is foreign text, to be escaped where shown."""
    attributes = TDF_AttributeIterator(label)
    while attributes.More():
        attribute = attributes.Value()
        if isinstance(attribute, TDataStd_Name):
            return str(attribute.Get().ToExtString())[:LONGEST_NAME]
        attributes.Next()
    return ""
