"""Small helpers with which tests build and save shapes."""

from __future__ import annotations

from pathlib import Path

from examples.parts import write_step
from OCP.TopoDS import TopoDS_Shape

from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import analyse


def analysed(shape: TopoDS_Shape, folder: Path) -> PartAnalysis:
    """Analysis of a shape by way of a STEP file."""
    path = folder / "part.step"
    write_step(shape, "part", path)
    return analyse(path)
