"""Product structure of an assembly file."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples.parts import box, cylinder
from OCP.gp import gp_Trsf, gp_Vec
from OCP.Message import Message
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.TCollection import TCollection_ExtendedString as Text
from OCP.TDataStd import TDataStd_Name
from OCP.TDocStd import TDocStd_Document
from OCP.TopLoc import TopLoc_Location
from OCP.XCAFDoc import XCAFDoc_DocumentTool

from gonghe.engines.model.parts import Component
from gonghe.engines.parts import analyse


def at(x: float, y: float, z: float) -> TopLoc_Location:
    move = gp_Trsf()
    move.SetTranslation(gp_Vec(x, y, z))
    return TopLoc_Location(move)


@pytest.fixture
def clamp(tmp_path: Path) -> Path:
    """Two plates and four bolts; one name is hostile."""
    document = TDocStd_Document(Text("assembly"))
    tool = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    plate = tool.AddShape(box((0, 0, 0), (50, 50, 5)), False)
    bolt = tool.AddShape(cylinder((0, 0, 0), (0, 0, 1), 6, 20), False)
    whole = tool.NewShape()
    for label, name in ((plate, "plate"), (bolt, "<script>bolt</script>"), (whole, "clamp")):
        TDataStd_Name.Set_s(label, Text(name))
    for height in (0.0, 30.0):
        tool.AddComponent(whole, plate, at(0, 0, height))
    for place in range(4):
        tool.AddComponent(whole, bolt, at(10 + 8 * place, 10, 5))
    tool.UpdateAssemblies()
    path = tmp_path / "clamp.step"
    Message.DefaultMessenger_s().ChangePrinters().Clear()
    writer = STEPCAFControl_Writer()
    writer.Transfer(document)
    writer.Write(str(path))
    return path


def test_components_are_counted(clamp: Path) -> None:
    found = analyse(clamp)
    assert found.family == "assembly"
    assert found.bodies == 6
    assert found.components == (
        Component("plate", 2, ("clamp",)),
        Component("<script>bolt</script>", 4, ("clamp",)),
    )


def test_volume_counts_every_copy(clamp: Path) -> None:
    assert analyse(clamp).volume_mm3 == pytest.approx(2 * 12_500 + 4 * 9 * 3.141592653589793 * 20)
