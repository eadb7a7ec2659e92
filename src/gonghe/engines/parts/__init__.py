"""Part engine: from a CAD file to geometry, features, operations, time, cost and a range.

Importing this package does not load the CAD kernel; only :func:`analyse` does.
"""

from __future__ import annotations

from pathlib import Path

from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts.errors import (
    ForeignReference,
    NoSolid,
    PartError,
    TooLarge,
    UnknownFormat,
    UnreadableFile,
)
from gonghe.engines.parts.estimate import Job, Work, doubt_about, estimate
from gonghe.engines.parts.learning import Actual, Calibration, Experience, Factor, calibration, learn
from gonghe.engines.parts.limits import Largest, too_large
from gonghe.engines.parts.routing import Report, alternatives, propose, report
from gonghe.engines.parts.tables import Tables, default_tables

__all__ = [
    "Actual",
    "Calibration",
    "Experience",
    "Factor",
    "ForeignReference",
    "Job",
    "Largest",
    "NoSolid",
    "PartError",
    "Report",
    "Tables",
    "TooLarge",
    "UnknownFormat",
    "UnreadableFile",
    "Work",
    "alternatives",
    "analyse",
    "calibration",
    "default_tables",
    "doubt_about",
    "estimate",
    "learn",
    "propose",
    "report",
    "too_large",
]


def analyse(path: Path, *, glb: Path | None = None, png: Path | None = None) -> PartAnalysis:
    """Read a STEP, STL, 3MF or DXF file (plain, gzip or zip) and say what part it is.

    Runs in this process, which a damaged file may kill: call it through
    :func:`gonghe.compute.sandbox.run_part`.

    Parameters
    ----------
    path : Path
        The file; its format is recognised by content, not by name.
    glb, png : Path, optional
        Where to write the 3D picture (binary glTF, lengths in mm) and the 512 px thumbnail.

    Raises
    ------
    PartError
        One of its named kinds, with a message that says what to do.
    """
    from gonghe.engines.parts.analysis import analyse_file

    return analyse_file(path, glb, png)
