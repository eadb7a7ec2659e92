"""A firm's own machine list: what its columns mean is proposed, confirmed, kept, and then imported whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from openpyxl.utils import get_column_letter

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.capacity import cell_errors, columns, services, workbook
from gonghe.apps.capacity.listrows import MachineRow, RowReader
from gonghe.apps.capacity.models import Calendar, MachineList
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Site
from gonghe.standards import table
from gonghe.standards import workbook as sheets

UNREADABLE = {
    "too_big": gettext_lazy(
        "The file is too big for a machine list. Keep the columns that describe machines."
    ),
    "encoding": gettext_lazy("This is not a text file. Save the list as CSV (UTF-8) and try again."),
    "empty": gettext_lazy("The file is empty. Choose the list that has your machines."),
    "no_rows": gettext_lazy("There is a header and no machine below it. Add a row for each machine."),
    "one_column": gettext_lazy(
        "Only one column was found. Save the list as CSV with commas between the columns."
    ),
    "too_many_rows": gettext_lazy("The list has more than 2,000 rows. Cut it into several files."),
    "too_many_columns": gettext_lazy("The list has more than 80 columns. Keep those that describe machines."),
    "long_cell": gettext_lazy("A cell has more than 500 characters. Shorten it."),
    "quotes": gettext_lazy("A quotation mark is not closed. Save the list as CSV anew and try again."),
}


@dataclass(frozen=True, slots=True)
class ListImported:
    """What an import did, and codes of machines that nobody can match yet: their process is not known."""

    done: workbook.Imported
    without_process: tuple[str, ...]


def own_lists(acting: Acting) -> QuerySet[MachineList]:
    """Machine lists of the acting firm."""
    return MachineList.objects.filter(organization=acting.organization).order_by("-created_at")


def get_list(acting: Acting, list_id: UUID) -> MachineList:
    """A machine list of the acting firm.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = own_lists(acting).filter(pk=list_id).first()
    if found is None:
        raise NotFoundError
    return found


def take_in(acting: Acting, name: str, content: bytes) -> MachineList:
    """Read a list and propose what its columns mean; no machine is added yet.

    Raises
    ------
    InvalidError
        If it is no table that can be read.
    """
    acting.require("capacity")
    try:
        read = table.read(content)
    except table.TableError as error:
        raise InvalidError(str(UNREADABLE[error.code]), code=error.code, fields=["file"]) from error
    proposed = columns.propose(read.header, [row.cells for row in read.rows], _kept(acting))
    with recording(acting.principal) as record:
        own_lists(acting).filter(imported_at=None).delete()
        found = MachineList.objects.create(
            organization=acting.organization,
            name=name[-100:],
            header=list(read.header),
            rows=[[row.number, *row.cells] for row in read.rows],
            columns=proposed,
        )
        record(
            "capacity.machine_list.read",
            objects={"machine_list": found.pk},
            data={"rows": len(read.rows), "columns": len(read.header)},
        )
    return found


def import_list(
    acting: Acting,
    listed: MachineList,
    meanings: Sequence[str],
    *,
    site: Site,
    calendar: Calendar | None = None,
    weekly: Sequence[Sequence[Any]] = (),
    currency: str = "CNY",
) -> ListImported:
    """Add and change the machines of a list, all of them or none; the meanings are kept for the next list.

    Parameters
    ----------
    meanings
        For each column a key of :data:`gonghe.apps.capacity.columns.MEANINGS`, or "" to leave it out.
    site, calendar
        Where machines stand whose row names no site, and when they all work; without a calendar one with the
        hours of `weekly` is made.

    Raises
    ------
    InvalidError
        If meanings do not fit the list, or details["cells"]: every wrong cell.
    ConflictError
        If the list was imported meanwhile.
    """
    acting.require("capacity")
    acting.require("technology")
    _check_meanings(listed, meanings)
    if calendar is None and not weekly:
        raise InvalidError(_("Say when the machines work."), fields=["weekly"])
    rows = _read_rows(acting, listed, meanings)
    book = _book(rows, site, calendar, weekly, currency)
    with transaction.atomic():
        if not MachineList.objects.filter(pk=listed.pk, imported_at=None).update(
            columns=list(meanings), imported_at=clock.now(), rows=[]
        ):
            raise ConflictError(_("This list is imported already. Upload it again to change machines by it."))
        done = workbook.store(acting, book)
        with recording(acting.principal) as record:
            record(
                "capacity.machine_list.imported",
                objects={"machine_list": listed.pk},
                data={"added": done.added, "changed": done.changed},
            )
    return ListImported(done, tuple(row.code for row in rows if not row.processes))


def _kept(acting: Acting) -> dict[str, str]:
    """Folded header -> meaning from the lists that the firm confirmed, the newest first."""
    kept: dict[str, str] = {}
    for one in own_lists(acting).exclude(imported_at=None)[:10]:
        for name, meaning in zip(one.header, one.columns, strict=True):
            if columns.fold(name):
                kept.setdefault(columns.fold(name), meaning)
    return kept


def _check_meanings(listed: MachineList, meanings: Sequence[str]) -> None:
    chosen = [one for one in meanings if one]
    if len(meanings) != len(listed.header) or not set(chosen) <= set(columns.BY_KEY):
        raise InvalidError(_("Say for each column what it means, from the list."), fields=["columns"])
    twice = next((one for one in chosen if chosen.count(one) > 1), None)
    if twice:
        raise InvalidError(
            _("Two columns mean “%s”. Choose one of them and leave the other out.")
            % columns.BY_KEY[twice].label,
            fields=["columns"],
        )
    if "code" not in chosen and "name" not in chosen:
        raise InvalidError(
            _("Say which column tells a machine from the others: its code or its name."), fields=["columns"]
        )


def _read_rows(acting: Acting, listed: MachineList, meanings: Sequence[str]) -> list[MachineRow]:
    places = {one.code: one.code for one in members.own_sites(acting)}
    places |= {one.name: one.code for one in members.own_sites(acting)}
    reader = RowReader(workbook.vocabulary(), places)
    place_of = {key: index for index, key in enumerate(meanings) if key}
    rows = [
        reader.row(int(number), {key: cells[index] for key, index in place_of.items()})
        for number, *cells in listed.rows
    ]
    reader.check_codes(rows)
    if reader.wrong:
        raise _refused([_shown(listed, place_of, *one) for one in reader.wrong])
    return rows


def _shown(
    listed: MachineList, place_of: Mapping[str, int], row: int, key: str, value: str, wrong: sheets.WrongCell
) -> dict[str, str]:
    place = place_of.get(key, place_of.get("name", 0))
    error = sheets.CellError(
        "", row, get_column_letter(place + 1), listed.header[place], value[:100], wrong.code, wrong.expected,
        wrong.params,
    )  # fmt: skip
    return cell_errors.shown(error)


def _refused(cells: list[dict[str, str]]) -> InvalidError:
    message = ngettext(
        "%d cell is not right. Nothing was imported; correct the list and upload it again, "
        "or leave the column out.",
        "%d cells are not right. Nothing was imported; correct the list and upload it again, "
        "or leave the columns out.",
        len(cells),
    )
    return InvalidError(message % len(cells), code="cells", cells=cells[:100], fields=["columns"])


def _book(
    rows: Sequence[MachineRow],
    site: Site,
    calendar: Calendar | None,
    weekly: Sequence[Sequence[Any]],
    currency: str,
) -> sheets.Workbook:
    """The list as a member spreadsheet, so that both are stored by the same rules."""
    code = calendar.code if calendar else _("working hours")
    shifts = () if calendar else services.checked_shifts(weekly)
    return sheets.Workbook(
        sites=(),
        equipment=tuple(
            sheets.EquipmentRow(row.code, row.site or site.code, row.name, row.count, code, True)
            for row in rows
        ),
        capabilities=tuple(
            sheets.CapabilityRow(row.code, process, False, row.limits)
            for row in rows
            for process in row.processes
        ),
        calendars=tuple(
            sheets.CalendarRow(code, day, time.fromisoformat(start), time.fromisoformat(end))
            for day, start, end in shifts
        ),
        rates=tuple(
            sheets.RateRow(row.code, row.per_hour, row.per_setup, currency, False)
            for row in rows
            if row.per_hour is not None
        ),
    )
