"""Fifteen named orders in which jobs are inserted one after the other to get a first schedule."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gonghe.engines.planning.bounds import Floors
from gonghe.engines.planning.kernel.arrays import Data, Ints


def constructive_orders(d: Data, floors: Floors) -> Iterator[tuple[str, Ints]]:
    """Name and job order (J), the usually best ones first.

    Keys mix due date, slack (due minus earliest completion), weight (rate of lateness), release, least work
    and path.
    """
    jobs = d.jobs[:-1]
    due = np.minimum(jobs["due"], 1 << 50).astype(float)
    rate = jobs["rate"].astype(float)
    release = jobs["release"].astype(float)
    path = np.maximum(floors.done - jobs["release"], 1).astype(float)
    least = np.minimum.reduceat(d.modes["work"], d.ops["mode"][:-1])
    work = np.add.reduceat(least, jobs["first"]).astype(float)
    slack = due - floors.done
    span = max(float(np.ptp(due)), 1.0)
    heavy = rate / max(float(rate.max()), 1.0)
    keys = {
        "due": due,
        "slack": slack,
        "due weighted": due - 0.2 * span * heavy,
        "due strongly weighted": due - 0.5 * span * heavy,
        "slack weighted": slack - 0.3 * span * heavy,
        "weight then due": due / span - 4 * heavy,
        "weighted shortest": -(heavy + 1e-9) / path,
        "due and release": due + release,
        "due minus path": due - 0.5 * path,
        "due and work": due + 0.5 * work,
        "release": release,
        "shortest path": path,
        "longest path": -path,
        "most work": -work,
        "least work": work,
    }
    for name, key in keys.items():
        yield name, np.argsort(key, kind="stable").astype(np.int64)
