"""Real input: STEP parts from a folder become the order, a real workshop's event log becomes a member."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import wanted
from cluster import Cluster, join
from cluster import place as site
from loop import Loop

from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity import services as rates
from gonghe.apps.capacity.logbook import import_log
from gonghe.apps.members.models import Role
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.matching import match_order
from gonghe.apps.orders.models import OrderLine

WEEK = date(2012, 2, 8)  # a busy week of the log
PER_HOUR = Decimal(180)  # a log tells no prices; this rate is an assumption and is reported as one
PIECES = 5
ENDINGS = {".step", ".stp"}
Tell = Callable[[str], None]


def add_workshop(cluster: Cluster, log: Path, start: datetime, tell: Tell) -> dict[str, Any]:
    """Let the workshop of an event log join, with the orders of one of its weeks on its machines.

    Its machines are those of the log, its hours those in which it worked. The week is laid onto the week of
    `start`.
    """
    join(cluster, "log-workshop", "日志车间", "Workshop of the log", (Role.OWNER, Role.OPERATOR))
    acting = cluster.owner("log-workshop")
    site(acting, 29.8, 121.6)
    onto = start.astimezone(ZoneInfo("Asia/Shanghai")).date()
    done = import_log(acting, log, WEEK, zone="Asia/Shanghai", onto=onto)
    for machine in capacity.own_equipment(acting):
        rates.save_rate(acting, machine, per_hour=PER_HOUR, per_setup=Decimal(0), published=True)
    tell(f"A real workshop joined: {done.equipment} machines, {done.reservations} bookings of one week.")
    return {
        "equipment": done.equipment,
        "orders_in_log": done.orders,
        "reservations": done.reservations,
        "left_out": list(done.left_out),
        "assumed_rate_per_hour": str(PER_HOUR),
    }


def place(loop: Loop, folder: Path, due: date, tell: Tell) -> None:
    """Order every part of the folder that can be read and made; report the others with the reason."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    lines = wanted.loose_parts(loop.buyer, files, PIECES)
    loop.place("Parts of a real folder", due, lines, {})
    left_out = []
    unable = {step.operation.line_id: step for step in match_order(loop.buyer, loop.order).unmatched}
    for line in OrderLine.objects.filter(order=loop.order).select_related("revision__drawing"):
        why = line.revision.refusal
        if not why and not line.operations.exists():
            why = "no routing could be proposed"
        if not why and line.pk in unable:
            why = f"{unable[line.pk].operation.name}: {unable[line.pk].advice}"
        if why:
            assert line.revision.drawing is not None
            left_out.append({"file": line.revision.drawing.name, "why": why})
            orders.remove_line(loop.buyer, line)
    loop.report["left_out"] = left_out
    for one in left_out:
        tell(f"  left out: {one['file']}: {one['why']}")
