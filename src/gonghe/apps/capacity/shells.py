"""A firm's machines from Asset Administration Shells, and as such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gonghe.apps.base import InvalidError, ServiceError
from gonghe.apps.capacity import access, services, workbook
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.capacity.workbook import Imported
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.technology import services as technology
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.engines.matching import Taxonomy
from gonghe.standards import aas, icalendar
from gonghe.standards import workbook as sheets

MAX_CODE = 64


@dataclass(frozen=True, slots=True)
class ShellsImported:
    """What an import of shells did, and what of them is not known here, one sentence each."""

    done: Imported
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """What the shells say as rows, and what was left out."""

    sites: dict[str, str]
    site: str
    equipment: list[sheets.EquipmentRow] = field(default_factory=list)
    capabilities: list[sheets.CapabilityRow] = field(default_factory=list)
    calendars: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def import_shells(acting: Acting, content: bytes) -> ShellsImported:
    """Add and change the machines of a JSON file or an AASX package, all of them or none.

    Sites, prices and what others verified are not taken from shells; a machine stands at the site that its
    shell names by a code of the firm, else at the firm's first.

    Raises
    ------
    InvalidError
        If the file cannot be read, the firm has no site, or a machine does not fit.
    ConflictError
        If somebody changed the same things at the same moment.
    """
    acting.require("capacity")
    acting.require("technology")
    sites = list(members.own_sites(acting))
    if not sites:
        raise InvalidError(_("Add a site first: the machines must stand somewhere."), code="no_site")
    try:
        machines = aas.read(content)
    except aas.AasError as error:
        raise InvalidError(_told(error), code=error.code, fields=["file"]) from error
    names = {name: one.code for one in sites for name in (one.name, one.code)}
    reading = _Reading(names, sites[0].code)
    for one in machines:
        _take(reading, one)
    codes = [row.code for row in reading.equipment]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise InvalidError(_("Two shells have the code “%s”. Give each its own.") % twice, fields=["file"])
    book = sheets.Workbook(equipment=tuple(reading.equipment), capabilities=tuple(reading.capabilities))
    with transaction.atomic():
        changes = [
            services.put_calendar(acting, code, values)[1] for code, values in reading.calendars.items()
        ]
        done = workbook.store(acting, book)
    for change, counts in (("added", done.added), ("changed", done.changed)):
        if change in changes:
            counts["calendars"] = changes.count(change)
    return ShellsImported(done, tuple(reading.left_out))


def export_shells(acting: Acting, *, as_json: bool = False) -> bytes:
    """The acting firm's machines as an AASX package, or as JSON; without prices and without its sites."""
    taxonomy = taxonomies.current()
    machines = [_machine(one, taxonomy) for one in access.own_equipment(acting)]
    write = aas.write_json if as_json else aas.write_aasx
    return write(acting.organization.slug, machines)


def _machine(one: Equipment, taxonomy: Taxonomy) -> aas.Machine:
    planning = {
        "site": one.site.code,
        "released": str(one.released).lower(),
        "operatorNeeded": str(one.operator_needed).lower(),
    }
    if one.calendar is not None:
        planning |= {"calendar": one.calendar.code, "zone": one.calendar.time_zone}
        planning |= {"calendarName": one.calendar.name, "region": one.calendar.region}
    offered = [
        aas.Offered(
            names=(can.process, taxonomy.processes[can.process].en),
            limits={
                key: aas.Limit(limit.get("min"), limit.get("max"), tuple(limit.get("set", ())))
                for key, limit in sorted(can.constraints.items())
            },
            covers_children=can.covers_children,
        )
        for can in sorted(one.capabilities.all(), key=lambda can: (can.process, str(can.constraints)))
        if can.active
    ]
    return aas.Machine(one.code, one.name, tuple(offered), _ics(one), planning)


def _ics(one: Equipment) -> bytes | None:
    if one.calendar is None:
        return None
    days = tuple(date.fromisoformat(day) for day in one.calendar.holidays)
    shifts = tuple((int(day), str(start), str(end)) for day, start, end in one.calendar.weekly)
    return icalendar.write_hours(icalendar.WorkingHours(shifts, days, one.zone.key))


def _take(reading: _Reading, one: aas.Machine) -> None:
    if len(one.code) > MAX_CODE:
        raise InvalidError(
            _("The code “%s” is too long. Shorten it in its shell.") % one.code[:80], fields=["file"]
        )
    calendar = _calendar(reading, one)
    released = {"true": True, "false": False}.get(one.planning.get("released", ""))
    reading.equipment.append(
        sheets.EquipmentRow(
            code=one.code,
            site=reading.sites.get(one.planning.get("site", ""), reading.site),
            name=one.name[:100],
            count=1,
            calendar=calendar,
            operator_needed=one.planning.get("operatorNeeded", "true") != "false",
            released=released,
        )
    )
    reading.capabilities += _capabilities(reading, one)


def _calendar(reading: _Reading, one: aas.Machine) -> str:
    """Code of the calendar that the shell brings; empty if it names no working hours."""
    if one.calendar is None:
        return ""
    try:
        found = icalendar.read_hours(icalendar.read(one.calendar))
    except icalendar.ICalendarError as error:
        message = _("The calendar of %s cannot be read. Send it as working hours of a week, or leave it out.")
        raise InvalidError(message % one.code, code=error.code, fields=["file"]) from error
    if found is None:
        reading.left_out.append(
            _("%s: its calendar names no working hours; choose one on its page.") % one.code
        )
        return ""
    code = (one.planning.get("calendar") or f"aas-{one.code}")[:MAX_CODE]
    values = {
        "name": one.planning.get("calendarName", "")[:100],
        "weekly": services.checked_shifts(found.shifts),
        "holidays": services.checked_dates(day.isoformat() for day in found.days_off),
        "time_zone": services.checked_zone(one.planning.get("zone", found.zone)),
        "region": services.checked_region(one.planning.get("region", "")),
    }
    if reading.calendars.setdefault(code, values) != values:
        raise InvalidError(
            _("Two shells bring different hours of the calendar “%s”. Give one another name.") % code,
            fields=["file"],
        )
    return code


def _capabilities(reading: _Reading, one: aas.Machine) -> Iterator[sheets.CapabilityRow]:
    taxonomy = taxonomies.current()
    words = {
        _folded(word): each.code
        for each in taxonomy.processes.values()
        for word in (each.zh, each.en, each.code)
    }
    for can in one.offered:
        process = next((words[_folded(name)] for name in can.names if _folded(name) in words), None)
        if process is None:
            message = _(
                "%(machine)s: the process “%(name)s” is not known here; say what it does on its page."
            )
            reading.left_out.append(
                message % {"machine": one.code, "name": can.names[0] if can.names else "?"}
            )
            continue
        limits = {}
        for key, limit in can.limits.items():
            known = taxonomy.properties.get(key)
            bounds = _bounds(known.kind, limit) if known else {}
            if bounds:
                limits[key] = bounds
            else:
                message = _("%(machine)s: the limit “%(name)s” is not known here; write it on its page.")
                reading.left_out.append(message % {"machine": one.code, "name": key})
        try:
            technology.checked(process, {key: dict(bounds) for key, bounds in limits.items()})
        except ServiceError as error:
            raise InvalidError(f"{one.code}: {error.message}", code=error.code, fields=["file"]) from error
        yield sheets.CapabilityRow(one.code, process, can.covers_children, limits)


def _bounds(kind: str, limit: aas.Limit) -> dict[str, Any]:
    """A limit as it is stored; empty if it does not fit a property of this kind."""
    if kind == "set":
        return {"set": limit.words} if limit.words else {}
    bounds = {"min": limit.low, "max": limit.high}
    fitting: Sequence[str] = {"max": ("max",), "min": ("min",), "grade": ("min",)}.get(kind, ("min", "max"))
    return {name: bounds[name] for name in fitting if bounds[name] is not None}


def _folded(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _told(error: aas.AasError) -> str:
    """What is wrong with a file of shells in the reader's language."""
    sentences = {
        "not_aas": _("This is neither AAS JSON nor an AASX package. Export your shells once more."),
        "damaged": _("The file is damaged or incomplete. Export your shells once more."),
        "xml": _("The package holds its shells as XML. Export it as AASX with JSON, or as JSON."),
        "too_big": _("The file is, or unpacks to, too much. Export fewer machines at once."),
        "no_machine": _("There is no shell in the file. Export the shells of your machines."),
    }
    return sentences.get(error.code, str(error))
