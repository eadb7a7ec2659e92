"""Everything `gonghe demo` shows: cluster, history, the loop, and orders that are still open."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import cluster
import loop
import parts

from gonghe import clock


def everything(start: datetime, tell: Callable[[str], None], real: Path | None) -> dict[str, Any]:
    """Found the cluster at `start` and send one order round the loop; returns the report."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        parts.write_all(made)
        with clock.telling(start):
            members = cluster.found(range(start.year, start.year + 2), tell)
        return loop.run(members, made, tell, start)
