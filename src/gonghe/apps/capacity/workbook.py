"""A firm's sites, equipment, capabilities, calendars and rates from a spreadsheet, and into one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe.apps.audit.services import recording
from gonghe.apps.base import Change, ConflictError, InvalidError
from gonghe.apps.capacity import cell_errors, services
from gonghe.apps.capacity.models import Calendar, Equipment, Rate
from gonghe.apps.members import access as members
from gonghe.apps.members import services as member_services
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.facts import own_certificates
from gonghe.apps.members.identity import save_certificate
from gonghe.apps.members.models import Site
from gonghe.apps.technology import services as technology
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.models import Capability
from gonghe.standards import workbook as sheets


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: how many rows of each kind were added and changed."""

    added: dict[str, int]
    changed: dict[str, int]

    @property
    def nothing(self) -> bool:
        """Whether everything in the file was there already."""
        return not self.added and not self.changed


def vocabulary() -> sheets.Vocabulary:
    """The words of the shipped taxonomy, for reading and writing."""
    taxonomy = taxonomies.current()
    return sheets.Vocabulary(
        processes=tuple((one.code, one.en, one.zh) for one in taxonomy.processes.values()),
        materials=tuple((one.code, one.en, one.zh) for one in taxonomy.words["material_group"]),
        properties=frozenset(taxonomy.properties),
        worded=frozenset(code for code, one in taxonomy.properties.items() if one.kind == "set"),
    )


def import_workbook(acting: Acting, path: Path) -> Imported:
    """Add and change what a member spreadsheet says, all of it or nothing; nothing is removed.

    Importing the same file again changes nothing and records nothing.

    Raises
    ------
    InvalidError
        details["cells"] holds every wrong cell: {"where", "message", "hint"}.
    ConflictError
        If somebody changed the same things at the same moment.
    """
    acting.require("capacity")
    acting.require("technology")
    return store(acting, _read(path))


def store(acting: Acting, book: sheets.Workbook) -> Imported:
    """Add and change what the rows say, all of it or nothing.

    Raises
    ------
    InvalidError
        If a row does not fit what is there already.
    ConflictError
        If somebody changed the same things at the same moment.
    """
    tally: dict[str, Counter[str]] = {"added": Counter(), "changed": Counter()}
    try:
        with transaction.atomic():
            for kind, change in _apply(acting, book):
                if change:
                    tally[change][kind] += 1
            done = Imported(dict(tally["added"]), dict(tally["changed"]))
            if not done.nothing:
                with recording(acting.principal) as record:
                    record(
                        "capacity.workbook.imported",
                        objects={"organization": acting.organization.pk},
                        data={"added": done.added, "changed": done.changed},
                    )
    except IntegrityError as error:
        raise ConflictError(
            _("Somebody changed the same things just now. Nothing was imported; try again.")
        ) from error
    return done


def export_workbook(acting: Acting, path: Path, language: str) -> None:
    """Write what the acting firm has into a spreadsheet that can be imported again.

    Parameters
    ----------
    language
        "en" or "zh".
    """
    machines = list(
        Equipment.objects.filter(organization=acting.organization)
        .exclude(status=Equipment.Status.RETIRED)
        .select_related("site", "calendar", "rate")
        .prefetch_related("capabilities")
        .order_by("code")
    )
    book = sheets.Workbook(
        sites=tuple(_site_row(one) for one in members.own_sites(acting)),
        equipment=tuple(
            sheets.EquipmentRow(
                one.code,
                one.site.code,
                one.name,
                1,
                one.calendar.code if one.calendar else "",
                one.operator_needed,
                one.released,
            )
            for one in machines
        ),
        capabilities=tuple(row for one in machines for row in _capability_rows(one)),
        calendars=tuple(
            row
            for one in Calendar.objects.filter(organization=acting.organization).order_by("code")
            for row in _calendar_rows(one)
        ),
        rates=tuple(_rate_row(one.code, one.rate) for one in machines if hasattr(one, "rate")),
        certificates=tuple(
            sheets.CertificateRow(one.kind, one.number, one.issuer, one.expires_on)
            for one in own_certificates(acting).order_by("kind", "number")
        ),
    )
    sheets.write(path, book, "zh" if language.startswith("zh") else "en", vocabulary())


def write_template(path: Path, language: str) -> None:
    """Write the empty spreadsheet with notes, examples and lists to choose from."""
    sheets.write_template(path, "zh" if language.startswith("zh") else "en", vocabulary())


def _read(path: Path) -> sheets.Workbook:
    try:
        book = sheets.read(path, vocabulary())
    except sheets.WorkbookUnreadable as error:
        raise InvalidError(cell_errors.unreadable(error), code=error.code, fields=["file"]) from error
    except sheets.WorkbookInvalid as error:
        found = [cell_errors.shown(one) for one in error.errors]
        raise _refused(found, len(found) + error.more) from error
    wrong = cell_errors.beyond_sheets(book)
    if wrong:
        raise _refused(wrong, len(wrong))
    return book


def _refused(cells: list[dict[str, str]], count: int) -> InvalidError:
    message = ngettext(
        "%d cell is not right. Nothing was imported; correct it and import the file again.",
        "%d cells are not right. Nothing was imported; correct them and import the file again.",
        count,
    )
    return InvalidError(message % count, code="cells", cells=cells, fields=["file"])


def _apply(acting: Acting, book: sheets.Workbook) -> Iterator[tuple[str, Change]]:
    """Store every row, telling what each changed; the caller holds the transaction."""
    for row in book.sites:
        yield (
            "sites",
            member_services.put_site(
                acting,
                code=row.code,
                name=row.name,
                latitude=Decimal(str(row.latitude)),
                longitude=Decimal(str(row.longitude)),
                address=row.address,
                time_zone=row.time_zone,
            )[1],
        )
    for code, values in calendar_values(book.calendars).items():
        yield "calendars", services.put_calendar(acting, code, values)[1]
    site_of = {one.code: one for one in members.own_sites(acting)}
    calendar_of = {one.code: one for one in Calendar.objects.filter(organization=acting.organization)}
    machines: dict[str, list[Equipment]] = defaultdict(list)
    for line in book.equipment:
        values = {
            "name": line.name,
            "site": site_of[line.site],
            "operator_needed": line.operator_needed,
        }
        calendar = calendar_of[line.calendar] if line.calendar else None
        for code in cell_errors.codes_of(line):
            machine, change = _put_machine(acting, code, values, calendar, released=line.released)
            machines[line.code].append(machine)
            yield "equipment", change
    yield from _apply_capabilities(acting, book, machines)
    for price in book.rates:
        values = {
            "per_hour": price.per_hour,
            "per_setup": price.per_setup,
            "overtime_per_hour": price.overtime_per_hour,
            "currency": price.currency,
            "published": price.published,
        }
        for machine in machines[price.equipment]:
            yield "rates", services.put_rate(acting, machine, values)[1]
    for paper in book.certificates:
        saved = save_certificate(
            acting, kind=paper.kind, number=paper.number, issuer=paper.issuer, expires_on=paper.expires_on
        )
        yield "certificates", saved[1]


def _put_machine(
    acting: Acting, code: str, values: dict[str, Any], calendar: Calendar | None, *, released: bool | None
) -> tuple[Equipment, Change]:
    """A machine that is there keeps what the rows do not say: its calendar, whether it is in the plan."""
    there = Equipment.objects.filter(organization=acting.organization, code=code).first()
    if calendar is None and there is not None:
        calendar = there.calendar
    if released is None:
        released = there.released if there else calendar is not None
    return services.put_equipment(acting, code, values | {"calendar": calendar, "released": released})


def _apply_capabilities(
    acting: Acting, book: sheets.Workbook, machines: dict[str, list[Equipment]]
) -> Iterator[tuple[str, Change]]:
    """Give each line of equipment the rows of its own: a row changes the capability of the same process."""
    rows: dict[tuple[str, str], list[sheets.CapabilityRow]] = defaultdict(list)
    for row in book.capabilities:
        rows[row.equipment, row.process].append(row)
    for (code, process), group in rows.items():
        wanted = [_capability_values(row) for row in group]
        linked = Capability.objects.filter(
            organization=acting.organization, process=process, equipment__in=machines[code]
        )
        there = list(linked.distinct().order_by("created_at"))
        spare = [one for one in there if not any(_says(one, values) for values in wanted)]
        for values in wanted:
            same = next((one for one in there if _says(one, values)), None)
            change_of: UUID | None = same.pk if same else spare.pop(0).pk if spare else None
            capability, change = technology.put_capability(acting, change_of, values)
            for machine in machines[code]:
                machine.capabilities.add(capability)
            yield "capabilities", change


def _capability_values(row: sheets.CapabilityRow) -> dict[str, Any]:
    limits = {
        code: {bound: list(limit) if isinstance(limit, tuple) else limit for bound, limit in bounds.items()}
        for code, bounds in row.constraints.items()
    }
    return {
        "process": row.process,
        "constraints": technology.checked(row.process, limits),
        "covers_children": row.covers_children,
        "active": True,
    }


def _says(capability: Capability, values: dict[str, Any]) -> bool:
    return all(getattr(capability, name) == value for name, value in values.items())


def calendar_values(rows: tuple[sheets.CalendarRow, ...]) -> dict[str, dict[str, Any]]:
    """Rows of the sheet gathered into what is stored of each calendar."""
    weekly: dict[str, list[list[Any]]] = defaultdict(list)
    holidays: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.holiday is not None:
            holidays[row.calendar].append(row.holiday.isoformat())
        elif row.weekday is not None and row.start is not None and row.end is not None:
            weekly[row.calendar].append([row.weekday, f"{row.start:%H:%M}", f"{row.end:%H:%M}"])
    return {
        code: {
            "weekly": services.checked_shifts(weekly[code]),
            "holidays": services.checked_dates(holidays[code]),
            **_told_once(code, rows),
        }
        for code in dict.fromkeys(row.calendar for row in rows)
    }


def _told_once(code: str, rows: Sequence[sheets.CalendarRow]) -> dict[str, str]:
    """Name, zone and region of a calendar, as far as one of its rows tells them."""
    found: dict[str, str] = {}
    for row in rows:
        if row.calendar == code:
            told = {"name": row.name, "time_zone": row.time_zone, "region": row.region}
            found |= {key: value for key, value in told.items() if value and key not in found}
    return found | ({"region": services.checked_region(found["region"])} if "region" in found else {})


def _site_row(site: Site) -> sheets.SiteRow:
    return sheets.SiteRow(
        site.code, site.name, site.address, float(site.latitude), float(site.longitude), site.time_zone
    )


def _capability_rows(machine: Equipment) -> Iterator[sheets.CapabilityRow]:
    for one in sorted(machine.capabilities.all(), key=lambda one: (one.process, one.created_at)):
        if one.active:
            limits = {
                code: {bound: tuple(x) if isinstance(x, list) else x for bound, x in limit.items()}
                for code, limit in one.constraints.items()
            }
            yield sheets.CapabilityRow(machine.code, one.process, one.covers_children, limits)


def _calendar_rows(calendar: Calendar) -> Iterator[sheets.CalendarRow]:
    for number, row in enumerate(_shifts_and_days(calendar)):
        if number == 0:
            row = replace(  # noqa: PLW2901 - what is told once stands in the first row
                row,
                name=calendar.name or None,
                time_zone=calendar.time_zone or None,
                region=calendar.region or None,
            )
        yield row


def _shifts_and_days(calendar: Calendar) -> Iterator[sheets.CalendarRow]:
    for weekday, start, end in calendar.weekly:
        yield sheets.CalendarRow(
            calendar.code, weekday, time.fromisoformat(start), time.fromisoformat(end), None
        )
    for day in calendar.holidays:
        yield sheets.CalendarRow(calendar.code, holiday=date.fromisoformat(day))


def _rate_row(code: str, rate: Rate) -> sheets.RateRow:
    return sheets.RateRow(
        code, rate.per_hour, rate.per_setup, rate.currency, rate.published, rate.overtime_per_hour
    )
