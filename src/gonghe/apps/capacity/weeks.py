"""Hours of each machine week by week: open, own work, reserved, on offer, free; they add up.

Open hours are what the calendar leaves after days off, downtime and what keeps the machine busy elsewhere; of
this week only what is still ahead counts. ``open = own + reserved + offered + free`` in every week.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.utils import timezone

from gonghe import clock
from gonghe.apps.capacity import access, hours
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.models import SLOT_SECONDS, CapacityOffer, Equipment
from gonghe.apps.capacity.pictures import monday_of
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting

WEEKS = 26
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """Hours of one week, in seconds.

    Parameters
    ----------
    start
        Its Monday.
    most
        What the calendar would give without downtime, maintenance and work elsewhere.
    own, reserved
        Held by the firm itself, and by others.
    offered, free
        Not held: still on offer, and neither.
    """

    start: date
    most: int
    own: int
    reserved: int
    offered: int
    free: int

    @property
    def open(self) -> int:
        """What can be worked."""
        return self.own + self.reserved + self.offered + self.free


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks of a firm and of each of its machines, in the same order."""

    computed_at: datetime
    firm: list[Week]
    machines: list[tuple[Equipment, list[Week]]]


def compute(acting: Acting) -> Weeks:
    """The next 26 weeks of the acting firm's machines, this week first, in the zone of its first site."""
    machines = list(access.own_equipment(acting))
    sites = list(members.own_sites(acting))
    now = clock.now()
    start = monday_of(now, sites[0].zone if sites else timezone.get_current_timezone())
    edges = [
        (start.replace(tzinfo=None) + WEEK * step).replace(tzinfo=start.tzinfo) for step in range(WEEKS + 1)
    ]
    offers = access.visible_offers(acting).filter(
        organization=acting.organization, closed_at=None, end__gt=now, start__lt=edges[-1]
    )
    rows = _unheld(machines, edges, now)
    offered = _offered(offers.prefetch_related("pool"), rows, edges)
    found = [
        (
            one,
            [_week(edges[at].date(), *row, offered[one.pk, at]) for at, row in enumerate(rows[one.pk])],
        )
        for one in machines
    ]
    firm = [_sum(group) for group in zip(*(of for _machine, of in found), strict=True)]
    return Weeks(now, firm, found)


Row = tuple[int, int, int, list[Span]]  # most, own, reserved in seconds; spans that nobody holds


def _unheld(machines: Sequence[Equipment], edges: Sequence[datetime], now: datetime) -> dict[UUID, list[Row]]:
    taken = access.booked([one.pk for one in machines], now, edges[-1])
    found: dict[UUID, list[Row]] = {}
    for machine in machines:
        most = access.calendar_windows(machine, now, edges[-1])
        opened = access.open_windows(machine, now, edges[-1])
        pieces = taken.get(machine.pk, [])
        own = [(one.start, one.end) for one in pieces if one.holder_id == machine.organization_id]
        held = [(one.start, one.end) for one in pieces if one.holder_id != machine.organization_id]
        own, held = hours.intersect(own, opened), hours.intersect(held, opened)
        free = hours.subtract(opened, [*own, *held])
        found[machine.pk] = [
            (
                _seconds(hours.clip(most, low, high)),
                _seconds(hours.clip(own, low, high)),
                _seconds(hours.clip(held, low, high)),
                hours.clip(free, low, high),
            )
            for low, high in pairwise(edges)
        ]
    return found


def _offered(
    offers: Iterable[CapacityOffer], rows: dict[UUID, list[Row]], edges: Sequence[datetime]
) -> dict[tuple[UUID, int], int]:
    """Seconds on offer by machine and week.

    What is left of an offer is laid onto the earliest free hours of its machines, so that an offer of any of
    several machines counts once; hours in two offers count once too.
    """
    counted = {(key, at): 0 for key, of in rows.items() for at in range(len(of))}
    for offer in offers:
        left = (offer.max_quarters - offer.taken) * SLOT_SECONDS
        pool = [one.pk for one in sorted(offer.pool.all(), key=lambda one: one.code) if one.pk in rows]
        for at in range(len(edges) - 1):
            for key in pool:
                free = rows[key][at][3]
                room = min(
                    _seconds(hours.clip(free, offer.start, offer.end)), _seconds(free) - counted[key, at]
                )
                counted[key, at] += min(room, left)
                left -= min(room, left)
    return counted


def _week(start: date, most: int, own: int, reserved: int, free: list[Span], offered: int) -> Week:
    return Week(start, most, own, reserved, offered, _seconds(free) - offered)


def _sum(group: Sequence[Week]) -> Week:
    return Week(
        group[0].start,
        *(
            sum(getattr(one, name) for one in group)
            for name in ("most", "own", "reserved", "offered", "free")
        ),
    )


def _seconds(spans: Iterable[Span]) -> int:
    return int(hours.length(spans).total_seconds())
