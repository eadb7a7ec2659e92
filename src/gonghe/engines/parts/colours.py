"""Colour of every face: the file's own where it has one, with holes and bends set off."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.Quantity import Quantity_Color, Quantity_TypeOfColor
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS_Shape
from OCP.XCAFDoc import XCAFDoc_ColorTool, XCAFDoc_ColorType, XCAFDoc_DocumentTool

from gonghe.engines.model.parts import Hole, Sheet
from gonghe.engines.parts.step import Model
from gonghe.engines.parts.topology import Topology
from gonghe.engines.parts.triangles import BODY

HOLE = (104, 146, 190)
BEND = (205, 172, 108)


def own_colours(model: Model, topology: Topology) -> npt.NDArray[np.uint8]:
    """Array (faces, 3) of the file's sRGB colours; faces without one are neutral."""
    tool = XCAFDoc_DocumentTool.ColorTool_s(model.document.Main())
    found = np.full((len(topology.faces), 3), BODY, dtype=np.uint8)
    numbers = {shape: index for index, shape in enumerate(topology.shapes)}
    solids = TopExp_Explorer(model.shape, TopAbs_ShapeEnum.TopAbs_SOLID)
    while solids.More():
        colour = _colour(tool, solids.Current())
        if colour is not None:
            inside = ShapeMap()
            TopExp.MapShapes_s(solids.Current(), TopAbs_ShapeEnum.TopAbs_FACE, inside)
            members = [numbers[face] for face in topology.shapes if inside.Contains(face)]
            found[members] = colour
        solids.Next()
    for index, shape in enumerate(topology.shapes):
        colour = _colour(tool, shape)
        if colour is not None:
            found[index] = colour
    return found


def with_features(
    colours: npt.NDArray[np.uint8], holes: tuple[Hole, ...], sheet: Sheet | None
) -> npt.NDArray[np.uint8]:
    """The same colours with hole walls and bends set off, where the file left them neutral."""
    tinted = colours.copy()
    for faces, tint in [(hole.faces, HOLE) for hole in holes] + [
        (bend.faces, BEND) for bend in (sheet.bend_list if sheet else ())
    ]:
        for face in faces:
            if tuple(colours[face]) == BODY:
                tinted[face] = tint
    return tinted


def _colour(tool: XCAFDoc_ColorTool, shape: TopoDS_Shape) -> tuple[int, int, int] | None:
    colour = Quantity_Color()
    for kind in (XCAFDoc_ColorType.XCAFDoc_ColorSurf, XCAFDoc_ColorType.XCAFDoc_ColorGen):
        if tool.GetColor(shape, kind, colour):
            red, green, blue = colour.Values(Quantity_TypeOfColor.Quantity_TOC_sRGB)
            return round(255 * red), round(255 * green), round(255 * blue)
    return None
