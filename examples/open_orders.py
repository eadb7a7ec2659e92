"""Orders that are still open when the demonstration begins, each at another station."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import wanted
from cluster import Cluster
from floor import Floor
from loop import ZONE, Loop

from gonghe import clock

Tell = Callable[[str], None]


def place_all(cluster: Cluster, parts: Path, now: datetime, tell: Tell) -> None:
    """One order in production, one whose plan waits to be accepted, two whose bids are still sealed.

    Hengda has not answered the last call: its planner finds it on the home page.
    """
    _in_production(cluster, parts, now, tell)
    _proposed(cluster, parts, now, tell)
    _sealed(cluster, now, tell)
    _asked(cluster, parts, now, tell)


def _in_production(cluster: Cluster, parts: Path, now: datetime, tell: Tell) -> None:
    loop = Loop(cluster, "lanshan", tell)
    start = now - timedelta(days=5)
    with clock.telling(start):
        files = [parts / "housing-block.step", parts / "flange.step"]
        due = (start + timedelta(days=16)).astimezone(ZONE).date()
        loop.place("Pump housings", due, wanted.loose_parts(loop.buyer, files, 90), {})
        loop.bid(loop.match(), days=1)
    with clock.telling(start + timedelta(days=1, minutes=5)):
        loop.open_bids()
        loop.award()
        floor = Floor(cluster, loop.order, seed=1)
    floor.play(until=now - timedelta(minutes=15))


def _proposed(cluster: Cluster, parts: Path, now: datetime, tell: Tell) -> None:
    loop = Loop(cluster, "penglai", tell)
    start = now - timedelta(days=2)
    with clock.telling(start):
        files = [parts / "manifold-block.step", parts / "cover-plate.step"]
        due = (start + timedelta(days=18)).astimezone(ZONE).date()
        loop.place("Valve manifolds", due, wanted.loose_parts(loop.buyer, files, 24), {})
        loop.bid(loop.match(), days=1)
    with clock.telling(now - timedelta(minutes=30)):
        loop.open_bids()
        loop.propose()


def _sealed(cluster: Cluster, now: datetime, tell: Tell) -> None:
    loop = Loop(cluster, "chenhai", tell)
    with clock.telling(now - timedelta(hours=3)):
        due = (now + timedelta(days=20)).astimezone(ZONE).date()
        loop.place("Rain jackets, 300", due, wanted.rain_jackets(), {})
        loop.bid(loop.match(), days=3)


def _asked(cluster: Cluster, parts: Path, now: datetime, tell: Tell) -> None:
    loop = Loop(cluster, "penglai", tell)
    with clock.telling(now - timedelta(hours=2)):
        due = (now + timedelta(days=21)).astimezone(ZONE).date()
        files = [parts / "cover-plate.step"]
        loop.place("Cover plates", due, wanted.loose_parts(loop.buyer, files, 60), {})
        loop.bid(loop.match(), days=2, silent="hengda")
