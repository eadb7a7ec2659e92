"""Orders in which jobs are inserted one after the other: fifteen named ones, and mixtures that are searched.

On large networks the first schedule decides most: ruin and recreate polishes it but hardly changes which
jobs wait for which. So mixtures of the same keys are tried, together with a toll on machine time, which
makes insertion prefer the machine that needs fewer seconds to the one that is done a little earlier.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gonghe.engines.planning.bounds.floors import Floors
from gonghe.engines.planning.kernel.arrays import INFINITY, Data, Ints

STEPS = (256, 64, 24)  # how far a mixture is moved, by turns


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


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights (1/256) of release, due, least work, path, heaviness and lightness; toll in 1/16 second."""

    weights: tuple[int, ...]
    toll: int

    def moved(self, random: np.random.Generator, turn: int) -> Mixture:
        """Some weights changed at random; the toll now and then half as much again or a third less."""
        step = STEPS[turn % len(STEPS)]
        weights = tuple(
            weight + (int(random.integers(-step, step + 1)) if random.integers(5) < 2 else 0)
            for weight in self.weights
        )
        choice = random.integers(4)
        toll = self.toll * 3 // 2 + 1 if choice == 0 else self.toll * 2 // 3 if choice == 1 else self.toll
        return Mixture(weights, toll)


# what the search for a mixture begins with, as found on made-up networks
MIXTURES = tuple(
    Mixture(weights, toll)
    for weights in ((154, 256, 128, 0, -128, 44), (40, 400, 0, 80, 0, 300))
    for toll in (0, 16, 64, 128)
)


def features(d: Data, floors: Floors) -> Ints:
    """Keys that are mixed, (J, 6), in seconds; whole numbers, so that orders are the same on any machine.

    The last two spread jobs by rate of lateness over the span of due dates: one by the rate, so that the
    dearest stand apart, one by its inverse, so that the cheapest do.
    """
    jobs = d.jobs[:-1]
    open_due = jobs["due"] >= INFINITY
    known = jobs["due"][~open_due]
    latest = int(known.max()) if len(known) else 0
    span = latest - int(known.min()) if len(known) else 0
    rate = np.maximum(jobs["rate"], 1)
    least = np.minimum.reduceat(d.modes["work"], d.ops["mode"][:-1])
    columns = (
        jobs["release"],
        np.where(open_due, latest + span, jobs["due"]),
        np.add.reduceat(least, jobs["first"]),
        np.clip(floors.done - jobs["release"], 0, 1 << 40),
        span * rate // rate.max(),
        span * rate.min() // rate,
    )
    return np.stack([np.asarray(column, np.int64) for column in columns], axis=1)


def mixed_order(keys: Ints, mixture: Mixture) -> Ints:
    """Job order (J) of a mixture."""
    key = np.sum(keys * np.array(mixture.weights, np.int64), axis=1)
    return np.argsort(key, kind="stable").astype(np.int64)
