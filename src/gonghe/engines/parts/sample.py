"""A block as a STEP file: the smallest real part, to try an installation with."""

from __future__ import annotations

from pathlib import Path

from gonghe.engines.parts.errors import PartError


def write_block(path: Path, length: float, width: float, height: float) -> None:
    """Write a block of the given sides (mm) as STEP.

    Raises
    ------
    PartError
        When the file cannot be written.
    ImportError
        When the CAD kernel does not load.
    """
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
    from OCP.IFSelect import IFSelect_ReturnStatus
    from OCP.Message import Message
    from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer

    Message.DefaultMessenger_s().ChangePrinters().Clear()
    writer = STEPControl_Writer()
    writer.Transfer(
        BRepPrimAPI_MakeBox(length, width, height).Shape(), STEPControl_StepModelType.STEPControl_AsIs
    )
    if writer.Write(str(path)) != IFSelect_ReturnStatus.IFSelect_RetDone:
        raise PartError(f"{path} could not be written; check the folder's rights and free space.")
