"""Everything `gonghe demo` shows: cluster, history, the loop, and orders that are still open."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import cluster
import parts
import wanted
from loop import Loop, run

import real
from gonghe import clock

BUYER = "lanshan"
DAYS = 10
REAL_DAYS = 21
Tell = Callable[[str], None]


def everything(start: datetime, tell: Tell, folder: Path | None) -> dict[str, Any]:
    """Found the cluster at `start` and send one order round the loop; returns the report.

    Parameters
    ----------
    folder
        Folder of real input, with `parts` and `workshop-log`; None orders the parts of the examples.
    """
    with clock.telling(start):
        members = cluster.found(range(start.year, start.year + 2), tell)
        loop = Loop(members, BUYER, tell)
        if folder is not None:
            log = folder / "workshop-log" / "production-log.csv"
            loop.report["workshop"] = real.add_workshop(members, log, start, tell)
    if folder is not None:
        return run(loop, start, lambda due: real.place(loop, folder / "parts", due, tell), REAL_DAYS)
    with tempfile.TemporaryDirectory() as made:
        parts.write_all(Path(made))

        def place(due: date) -> None:
            loop.place(wanted.TITLE, due, wanted.bearing_unit(loop.buyer, Path(made)), wanted.ADDED)

        return run(loop, start, place, DAYS)
