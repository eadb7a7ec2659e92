"""What the pages of capacity draw: free hours week by week, a week's shifts, the bookings of a machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gonghe.apps.capacity import access, hours
from gonghe.apps.capacity.access import Booking
from gonghe.apps.capacity.forms import weekday_names
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.models import Calendar, Equipment, Reservation

WEEK = timedelta(days=7)
MONDAY = datetime(2024, 1, 1, tzinfo=UTC)  # any Monday: a week's rules are drawn, not a date
FULL_WEEK_HOURS = 40
HEAT_STEPS = ((0.9, "q4"), (0.6, "q3"), (0.3, "q2"), (0.0, "q1"))


@dataclass(frozen=True, slots=True)
class FreeWeek:
    """Free and open time of a machine in one week (seconds) and how strongly to colour it."""

    free_s: int
    open_s: int

    @property
    def hours(self) -> int:
        """Whole free hours."""
        return self.free_s // 3600

    @property
    def shade(self) -> str:
        """Class of the heat map: closed, taken, or how free of a full week."""
        if self.open_s == 0:
            return "shut"
        if self.free_s == 0:
            return ""
        share = self.free_s / max(self.open_s, FULL_WEEK_HOURS * 3600)
        return next(shade for least, shade in HEAT_STEPS if share >= least)


def monday_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """Midnight of the Monday of the week that holds a moment, in a zone."""
    local = moment.astimezone(zone)
    return datetime.combine(local.date() - timedelta(days=local.weekday()), time(), zone)


def free_weeks(
    machines: Sequence[Equipment], start: datetime, weeks: int, now: datetime
) -> dict[UUID, list[FreeWeek]]:
    """Free time of each machine in each of the weeks; what has passed of the first one is not free."""
    zone = start.tzinfo
    # Weeks are counted on the wall clock, so that a clock change does not shift their ends.
    edges = [(start.replace(tzinfo=None) + WEEK * step).replace(tzinfo=zone) for step in range(weeks + 1)]
    taken = access.booked([one.pk for one in machines], start, edges[-1])
    found: dict[UUID, list[FreeWeek]] = {}
    for machine in machines:
        open_spans = hours.clip(access.open_windows(machine, start, edges[-1]), now, edges[-1])
        pieces = [(one.start, one.end) for one in taken.get(machine.pk, [])]
        free = hours.subtract(open_spans, pieces)
        found[machine.pk] = [
            FreeWeek(_seconds(hours.clip(free, low, high)), _seconds(hours.clip(open_spans, low, high)))
            for low, high in pairwise(edges)
        ]
    return found


def week_rows(calendar: Calendar) -> list[dict[str, Any]]:
    """Seven days with their shifts, as bars from midnight to midnight and as words."""
    # The second of two weeks also shows what runs into its Monday from the Sunday before.
    spans = hours.expand(calendar.weekly, [], UTC, MONDAY, MONDAY + WEEK + WEEK)
    rows = []
    for number, name in enumerate(weekday_names()):
        start = MONDAY + WEEK + timedelta(days=number)
        end = start + timedelta(days=1)
        day = hours.clip(spans, start, end)
        rows.append(
            {
                "name": name,
                "start": start,
                "end": end,
                "bars": [{"start": first, "end": last, "kind": ""} for first, last in day],
                "breaks": hours.subtract([(start, end)], day),
                "text": ", ".join(f"{first:%H:%M}–{_end_clock(last, end)}" for first, last in day),
            }
        )
    return rows


def machine_plan(machine: Equipment, start: datetime, end: datetime, now: datetime) -> dict[str, Any]:
    """The bookings of one machine for the picture of a plan; its owner sees who holds what."""
    open_spans = access.open_windows(machine, start, end)
    bars = [_bar(machine, piece) for piece in access.booked([machine.pk], start, end).get(machine.pk, [])]
    bars += [
        {
            "id": f"down-{number}",
            "row": str(machine.pk),
            "start": first.isoformat(),
            "end": last.isoformat(),
            "label": _("down"),
            "kind": "down",
        }
        for number, (first, last) in enumerate(hours.clip(access.downtime(machine), start, end))
    ]
    bars += [
        {
            "id": f"busy-{number}",
            "row": str(machine.pk),
            "start": first.isoformat(),
            "end": last.isoformat(),
            "label": label,
            "kind": "busy",
        }
        for number, (first, last, label) in enumerate(busy_spans(machine, start, end))
    ]
    return {
        "rows": [
            {
                "id": str(machine.pk),
                "organization": machine.organization.local_name,
                "equipment": machine.code,
                "label": machine.name,
                "own": True,
                "breaks": _iso(hours.subtract([(start, end)], [*open_spans, *access.downtime(machine)])),
            }
        ],
        "bars": bars,
        "links": [],
        "breaks": [],
        "now": now.isoformat(),
        "start": start.isoformat(),
        "end": end.isoformat(),
    }


def busy_spans(machine: Equipment, start: datetime, end: datetime) -> list[tuple[datetime, datetime, str]]:
    """When a machine is busy elsewhere or in maintenance between two moments, and what says so, in order."""
    names: dict[UUID | None, str] = {one.pk: one.name for one in machine.busy_feeds.all()}
    found = [
        (max(one.start, start), min(one.end, end), names.get(one.feed_id, one.note) or _("maintenance"))
        for one in machine.busy_times.all()
        if one.start < end and one.end > start
    ]
    return sorted(found)


def reservation_rows(reservations: Iterable[Reservation], own_id: UUID) -> list[dict[str, Any]]:
    """Reservations as lines of a table."""
    return [
        {
            "reservation": one,
            "holder": _("yourself") if one.holder_id == own_id else one.holder.local_name,
            "risk": one.state == Reservation.State.AT_RISK,
            "own": one.holder_id == own_id and one.operation_id is None,
        }
        for one in reservations
    ]


def _bar(machine: Equipment, piece: Booking) -> dict[str, Any]:
    own = piece.holder_id == machine.organization_id
    return {
        "id": f"{piece.reservation_id}-{piece.start:%Y%m%d%H%M}",
        "row": str(machine.pk),
        "start": piece.start.isoformat(),
        "end": piece.end.isoformat(),
        "label": _("own work") if own else _("reserved"),
        "kind": "own" if own else "reserved",
    }


def _seconds(spans: Iterable[Span]) -> int:
    return int(hours.length(spans).total_seconds())


def _iso(spans: Iterable[Span]) -> list[list[str]]:
    return [[start.isoformat(), end.isoformat()] for start, end in spans]


def _end_clock(moment: datetime, midnight: datetime) -> str:
    return "24:00" if moment == midnight else f"{moment:%H:%M}"
