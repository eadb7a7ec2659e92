"""A firm's equipment, hours, times and one week of real orders from its production log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gonghe.apps.audit.services import recording
from gonghe.apps.base import Change, InvalidError
from gonghe.apps.capacity import access, hours, services
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.models import SLOT_SECONDS, Calendar, Equipment, Reservation
from gonghe.apps.capacity.services import Wanted
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Site
from gonghe.apps.technology import services as technology
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.models import Capability
from gonghe.engines.signals import PastOperation, Workshop, WorkshopEquipment, derive
from gonghe.standards import eventlog, xes

CODE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class LogImported:
    """What an import of a log did.

    Parameters
    ----------
    equipment, changed
        Machines that the log tells of, and how many of them were added or changed by it.
    orders
        Orders in the whole log.
    reservations
        Reservations that were made for the chosen week.
    left_out
        Why rows were left out, one sentence each.
    without_process
        Machines whose names tell no known process: they need a capability before they can be matched.
    """

    equipment: int
    changed: int
    orders: int
    reservations: int
    left_out: tuple[str, ...]
    without_process: tuple[str, ...]


def import_log(
    acting: Acting, path: Path, week: date, *, zone: str = "", onto: date | None = None
) -> LogImported:
    """Derive equipment, calendars and times from a log and book the orders of one week on the machines.

    Parameters
    ----------
    week
        Any day of the week of the log.
    zone
        Zone of the log's wall clock; "" is that of the firm's first site.
    onto
        Any day of the week onto which the orders are laid; None leaves them in their own week.

    Raises
    ------
    InvalidError
        If the firm has no site yet or the file is no production log.
    """
    acting.require("capacity")
    acting.require("technology")
    site = members.own_sites(acting).first()
    if site is None:
        raise InvalidError(_("Add a site first: the equipment of the log has to stand somewhere."))
    log = _read(path, zone or site.time_zone)
    workshop = derive(log)
    with transaction.atomic():
        lanes, changed = _put_equipment(acting, site, workshop)
        wanted = list(_wanted(acting, workshop, lanes, week, onto))
        made = services.reserve_many(acting.principal, wanted) if wanted else []
        if changed or made:
            with recording(acting.principal) as record:
                record(
                    "capacity.log.imported",
                    objects={"organization": acting.organization.pk},
                    data={"equipment": changed, "reservations": len(made), "week": week.isoformat()},
                )
    return LogImported(
        equipment=sum(len(machines) for machines in lanes.values()),
        changed=changed,
        orders=len(workshop.orders),
        reservations=len(made),
        left_out=tuple(error.message for error in log.errors),
        without_process=tuple(one.name for one in workshop.equipment if process_of(one) is None),
    )


def process_of(machine: WorkshopEquipment) -> str | None:
    """The process of which a machine's name or activities speak."""
    taxonomy = taxonomies.current()
    return next(
        (code for text in (machine.name, *machine.activities) if (code := taxonomy.guess(text))), None
    )


def weekly_of(machine: WorkshopEquipment) -> list[list[Any]]:
    """Shifts that cover every hour of the week in which it ever worked."""
    return [[day, f"{start:02d}:00", f"{end % 24:02d}:00"] for day, start, end in machine.shifts]


def history_of(operations: Sequence[PastOperation]) -> dict[str, Any] | None:
    """Medians of what a machine's operations took."""
    if not operations:
        return None
    return {
        "operations": len(operations),
        "good": sum(one.completed for one in operations),
        "scrap": sum(one.rejected for one in operations),
        "setup_median_s": round(median(one.setup_s for one in operations)),
        "run_median_s": round(median(one.run_per_piece_s for one in operations)),
    }


def _read(path: Path, zone: str) -> eventlog.Log:
    try:
        read = xes.read if path.suffix.lower() == ".xes" else eventlog.read
        return read(path, zone=services.checked_zone(zone))
    except eventlog.EventLogUnreadable as error:
        raise InvalidError(
            _("This is not a production log that can be read: %s") % error, code=error.code, fields=["file"]
        ) from error


def _put_equipment(acting: Acting, site: Site, workshop: Workshop) -> tuple[dict[str, list[Equipment]], int]:
    """Store the machines by name of their resource, one for each thing done at once; how many changed."""
    past: dict[str, list[PastOperation]] = defaultdict(list)
    for order in workshop.orders:
        for operation in order.operations:
            past[operation.equipment].append(operation)
    lanes: dict[str, list[Equipment]] = {}
    changed = 0
    for found in workshop.equipment:
        learned = {
            "calendar": _put_calendar(acting, workshop.zone, found),
            "history": history_of(past[found.name]),
        }
        lanes[found.name] = []
        for code in _codes(found):
            machine, change = _put_machine(acting, site, found, code, learned)
            lanes[found.name].append(machine)
            changed += bool(change)
    return lanes, changed


def _put_calendar(acting: Acting, zone: str, found: WorkshopEquipment) -> Calendar | None:
    """Its hours of the week; None for a machine that never worked."""
    if not found.week:
        return None
    rules = {"weekly": services.checked_shifts(weekly_of(found)), "time_zone": zone}
    return services.put_calendar(acting, found.name[:CODE_LENGTH], rules)[0]


def _put_machine(
    acting: Acting, site: Site, found: WorkshopEquipment, code: str, learned: dict[str, Any]
) -> tuple[Equipment, Change]:
    there = Equipment.objects.filter(organization=acting.organization, code=code).first()
    calendar = learned["calendar"]
    values = {
        "name": found.name[:100],
        "site": there.site if there else site,
        "released": calendar is not None and (there is None or there.released),
    }
    links = None if there else [one for one in [_capability(acting, found)] if one]
    return services.put_equipment(acting, code, values | learned, links)


def _capability(acting: Acting, found: WorkshopEquipment) -> Capability | None:
    """What the machine's name says it does; a log tells nothing of limits."""
    process = process_of(found)
    if process is None:
        return None
    same = Capability.objects.filter(organization=acting.organization, process=process, constraints={})
    return same.first() or technology.save_capability(acting, process=process, constraints={})


def _codes(found: WorkshopEquipment) -> list[str]:
    name = found.name[:CODE_LENGTH]
    if found.parallel == 1:
        return [name]
    return [f"{name}-{number}" for number in range(1, found.parallel + 1)]


def _wanted(
    acting: Acting, workshop: Workshop, lanes: dict[str, list[Equipment]], week: date, onto: date | None
) -> Iterator[Wanted]:
    """Hours of the week's orders that are open, free and not booked by an earlier import of the same log."""
    shift = timedelta(days=(onto - week).days + week.weekday() - onto.weekday()) if onto else timedelta()
    pieces: dict[tuple[str, int, int, str], list[Span]] = defaultdict(list)
    for busy in workshop.orders_of_week(week, grid=SLOT_SECONDS):
        if busy.lane < len(lanes[busy.equipment]):
            span = (_moment(busy.start) + shift, _moment(busy.end) + shift)
            pieces[busy.equipment, busy.lane, busy.operation, busy.order].append(span)
    for (name, lane, operation, order), spans in pieces.items():
        machine = lanes[name][lane]
        purpose = f"{order} / {operation}"
        free = _free(machine, spans)
        if free and not _is_booked(machine, purpose, free):
            yield Wanted(machine, free, acting.organization, purpose=purpose)


def _free(machine: Equipment, spans: Iterable[Span]) -> list[Span]:
    """What of the spans lies in working hours."""
    merged = hours.merge(spans)
    return hours.intersect(merged, access.open_windows(machine, merged[0][0], merged[-1][1]))


def _is_booked(machine: Equipment, purpose: str, spans: Sequence[Span]) -> bool:
    return Reservation.objects.filter(
        equipment=machine, purpose=purpose, start=spans[0][0], end=spans[-1][1]
    ).exists()


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
