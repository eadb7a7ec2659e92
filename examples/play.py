"""Everything `gonghe demo` shows: cluster, history, the loop, and orders that are still open."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import cluster
import history
import open_orders
import parts
import wanted
from loop import Loop, run

import real
from gonghe import clock

BUYER = "lanshan"
DAYS = 10
REAL_DAYS = 21
FOUNDED = timedelta(days=28)  # before the loop begins: room for the history
Tell = Callable[[str], None]


def once(start: datetime, tell: Tell, folder: Path | None) -> dict[str, Any]:
    """Found the cluster at `start` and send one order round the loop; returns the report.

    Parameters
    ----------
    folder
        Folder of real input, with `parts` and `workshop-log`; None orders the parts of the examples.
    """
    members = _found(start, tell)
    with tempfile.TemporaryDirectory() as made:
        parts.write_all(Path(made))
        return _loop(members, start, tell, folder, Path(made))


def everything(start: datetime, tell: Tell, folder: Path | None) -> dict[str, Any]:
    """The same with a history before the loop and three open orders after it."""
    members = _found(start - FOUNDED, tell)
    history.make(members, start - FOUNDED, tell)
    with tempfile.TemporaryDirectory() as made:
        parts.write_all(Path(made))
        report = _loop(members, start, tell, folder, Path(made))
        open_orders.place_all(members, Path(made), clock.now(), tell)
    return report


def _found(start: datetime, tell: Tell) -> cluster.Cluster:
    with clock.telling(start):
        return cluster.found(range(start.year, start.year + 3), tell)


def _loop(
    members: cluster.Cluster, start: datetime, tell: Tell, folder: Path | None, made: Path
) -> dict[str, Any]:
    loop = Loop(members, BUYER, tell)
    if folder is not None:
        log = folder / "workshop-log" / "production-log.csv"
        with clock.telling(start):
            loop.report["workshop"] = real.add_workshop(members, log, start, tell)
        return run(loop, start, lambda due: real.place(loop, folder / "parts", due, tell), REAL_DAYS)

    def place(due: date) -> None:
        loop.place(wanted.TITLE, due, wanted.bearing_unit(loop.buyer, made), wanted.ADDED)

    return run(loop, start, place, DAYS)
