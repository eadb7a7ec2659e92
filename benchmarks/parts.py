"""Our whole analysis of a part against bare OpenCASCADE reading and meshing of the same file, in one run.

    python -m benchmarks.parts --data FOLDER --repeat 5
    python -m benchmarks.parts --plate 2500

`FOLDER` holds STEP files (`--match` picks some). Both sides run in a fork of a process that has loaded the
kernel, one fork per reading, in turns; the figures are medians of processor time, so that other work on the
machine counts little, and the largest resident memory of a fork. Ours is all that the disposable process of
an uploaded file does: features, tolerances, 3D picture, thumbnail and the result as JSON. Bare is
`STEPControl_Reader`, `TransferRoots`, and the kernel's default mesher with the same fineness as ours.
`--plate` generates a perforated plate with so many holes instead.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from examples.parts import write_step
from OCP.Bnd import Bnd_Box
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeFace,
    BRepBuilderAPI_MakePolygon,
    BRepBuilderAPI_MakeWire,
)
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism
from OCP.gp import gp_Ax2, gp_Circ, gp_Dir, gp_Pnt, gp_Vec
from OCP.Message import Message
from OCP.STEPControl import STEPControl_Reader

from gonghe.compute.child import ANALYSED, GLB, INPUT, PNG, analyse_here
from gonghe.compute.nursery import load
from gonghe.engines.parts.mesh import ANGLE, RELATIVE_SAG

PITCH, DIAMETER, THICKNESS = 8.0, 5.0, 3.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one reading took: processor seconds, seconds on the clock, largest resident memory in MB."""

    cpu: float
    wall: float
    peak: float


def bare(path: Path) -> None:
    """Read and mesh with the kernel alone."""
    Message.DefaultMessenger_s().ChangePrinters().Clear()
    reader = STEPControl_Reader()
    reader.ReadFile(str(path))
    reader.TransferRoots()
    shape = reader.OneShape()
    bounds = Bnd_Box()
    BRepBndLib.Add_s(shape, bounds, False)
    BRepMesh_IncrementalMesh(shape, bounds.SquareExtent() ** 0.5 * RELATIVE_SAG, False, ANGLE, False)


def ours(path: Path) -> None:
    """Analyse with both pictures, as the disposable process of a file does."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(path, Path(folder, INPUT))
        if analyse_here(Path(folder), {GLB, PNG}) != ANALYSED:
            raise SystemExit(f"{path.name} was refused")


def measured(work: Callable[[Path], None], path: Path) -> Cost:
    """Cost of one reading in a fork."""
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        work(path)
        os._exit(0)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{work.__name__} of {path.name} ended with {status}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024)


def compare(path: Path, repeat: int) -> str:
    """One row of the table."""
    runs: dict[str, list[Cost]] = {"bare": [], "ours": []}
    for _ in range(repeat):
        runs["bare"].append(measured(bare, path))
        runs["ours"].append(measured(ours, path))
    cpu = {side: statistics.median(cost.cpu for cost in costs) for side, costs in runs.items()}
    wall = {side: statistics.median(cost.wall for cost in costs) for side, costs in runs.items()}
    peak = {side: max(cost.peak for cost in costs) for side, costs in runs.items()}
    return (
        f"| {path.stem} | {cpu['bare']:.2f} | {cpu['ours']:.2f} | {cpu['ours'] / cpu['bare']:.2f} "
        f"| {wall['bare']:.2f} | {wall['ours']:.2f} | {peak['bare']:.0f} | {peak['ours']:.0f} |"
    )


def write_plate(holes: int, folder: Path) -> Path:
    """A square plate with about so many round holes, as a drawn face pushed out (boolean cuts take hours)."""
    side = max(1, round(holes**0.5))
    width = (side + 1) * PITCH
    corners = [gp_Pnt(x, y, 0.0) for x, y in ((0, 0), (width, 0), (width, width), (0, width))]
    rim = BRepBuilderAPI_MakePolygon(*corners, True).Wire()
    face = BRepBuilderAPI_MakeFace(rim, True)
    for column in range(side):
        for row in range(side):
            centre = gp_Pnt((column + 1) * PITCH, (row + 1) * PITCH, 0.0)
            circle = gp_Circ(gp_Ax2(centre, gp_Dir(0.0, 0.0, -1.0)), DIAMETER / 2)
            face.Add(BRepBuilderAPI_MakeWire(BRepBuilderAPI_MakeEdge(circle).Edge()).Wire())
    solid = BRepPrimAPI_MakePrism(face.Face(), gp_Vec(0.0, 0.0, THICKNESS)).Shape()
    path = folder / f"plate-{side * side}-holes.step"
    write_step(solid, "plate", path)
    return path


def generated(holes: int, folder: Path) -> Path:
    """The plate, made in a fork: this process must not have written any shape before it reads one."""
    pid = os.fork()
    if pid == 0:
        write_plate(holes, folder)
        os._exit(0)
    os.waitpid(pid, 0)
    return next(folder.glob("plate-*.step"))


def main() -> None:
    """Print the table."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    wanted.add_argument("--data", type=Path, help="folder with STEP files")
    wanted.add_argument("--match", default="nist_*", help="which of them")
    wanted.add_argument("--repeat", type=int, default=5, help="readings per side")
    wanted.add_argument("--plate", type=int, help="generate a plate with so many holes")
    options = wanted.parse_args()
    load()
    gc.collect()
    gc.freeze()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine}, median of {options.repeat}\n")
    print("| part | bare cpu s | ours cpu s | ratio | bare wall s | ours wall s | bare MB | ours MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        files = [] if options.data is None else sorted(options.data.glob(options.match))
        if options.plate:
            files.append(generated(options.plate, Path(folder)))
        for path in files:
            print(compare(path, options.repeat), flush=True)


if __name__ == "__main__":
    main()
