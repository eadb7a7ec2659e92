"""Forty orders that the cluster made before: placed, awarded, made, delivered and settled like any other.

Their parts have no drawings: their routings are written by hand, as a workshop without CAD would do it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from cluster import Cluster
from django.db import transaction
from floor import Floor
from loop import ZONE, Loop

from gonghe import clock
from gonghe.apps.audit.services import settle
from gonghe.apps.orders.models import Order
from gonghe.apps.orders.services import LineIn, OperationIn

ORDERS = 40
STEEL = {"material_group": "steel"}
Tell = Callable[[str], None]


def make(cluster: Cluster, start: datetime, tell: Tell) -> None:
    """Send forty small orders round the loop, one every eight hours from `start` on.

    One transaction holds them all: forty orders are thousands of writes, and nobody waits for any of them.
    """
    chance = random.Random(26)  # noqa: S311 - a repeatable play, no secret
    buyers = sorted(cluster.buyers)
    with transaction.atomic():
        for number in range(ORDERS):
            loop = Loop(cluster, buyers[number % len(buyers)], lambda _line: None)
            _one(loop, start + timedelta(hours=8 * number), _line(number, chance), number)
    tell(f"{ORDERS} orders of history were made, delivered and settled.")


def _one(loop: Loop, start: datetime, line: LineIn, number: int) -> None:
    with clock.telling(start):
        due = (start + timedelta(days=15)).astimezone(ZONE).date()
        loop.place(line.name, due, [line], {})
        loop.bid(loop.match()[:4], days=1)
    with clock.telling(start + timedelta(days=1, minutes=5)):
        loop.open_bids()
        loop.award()
        settle()  # inside one transaction nothing runs after commit: let the workshops hear of the plan now
        floor = Floor(loop.cluster, loop.order, seed=number)
    floor.play()
    with clock.telling(floor.now + timedelta(hours=1)):
        loop.settle()
    if loop.order.state != Order.State.SETTLED:
        raise RuntimeError(f"{loop.order.code} of the history is {loop.order.state}.")


def _line(number: int, chance: random.Random) -> LineIn:
    """A small part of one of four families."""
    name, steps = FAMILIES[number % len(FAMILIES)]
    return LineIn(
        part=f"H-{number + 1:03d}",
        name=f"{name} {number + 1}",
        quantity=chance.randint(4, 20),
        operations=steps,
    )


def _step(process: str, name: str, run_s: int, **properties: object) -> OperationIn:
    return OperationIn(process, name, STEEL | properties, setup_s=1800, run_s=run_s)


FAMILIES: tuple[tuple[str, tuple[OperationIn, ...]], ...] = (
    (
        "Pin",
        (
            _step("turning", "Turn", 240, diameter_mm=30, length_mm=80),
            _step("grinding-cylindrical", "Grind", 180, diameter_mm=30, length_mm=80, tolerance_it=6),
        ),
    ),
    (
        "Base plate",
        (_step("milling-3axis", "Mill", 900, envelope_x_mm=300, envelope_y_mm=200, envelope_z_mm=40),),
    ),
    (
        "Guard",
        (
            _step("laser-cutting", "Cut", 60, thickness_mm=2, envelope_x_mm=600, envelope_y_mm=400),
            _step("bending", "Bend", 90, thickness_mm=2, length_mm=400),
        ),
    ),
    ("Bushing", (_step("turning", "Turn", 300, diameter_mm=60, length_mm=50, tolerance_it=8),)),
)
