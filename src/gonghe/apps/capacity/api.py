"""API of capacity: equipment, calendars, hours, reservations, matching, the spreadsheet."""

from __future__ import annotations

import pathlib
import tempfile
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, Path, Router
from pydantic import AwareDatetime

from gonghe import clock
from gonghe.apps.base import InvalidError
from gonghe.apps.capacity import (
    access,
    api_busy,
    api_lists,
    api_offers,
    api_shells,
    api_weeks,
    finding,
    matching,
    services,
    views_import,
    workbook,
)
from gonghe.apps.capacity.api_firm import FIRM_DAYS, FirmOut, firm_out
from gonghe.apps.capacity.api_schemas import (
    CalendarIn,
    CalendarOut,
    CandidateOut,
    DoneOut,
    DownIn,
    EquipmentIn,
    EquipmentOut,
    FoundOut,
    HoursOut,
    ImportedOut,
    KeepIn,
    RateIn,
    RequirementIn,
    ReservationOut,
    calendar_out,
    candidate_out,
    equipment_out,
    found_out,
    reservation_out,
)
from gonghe.apps.capacity.firm_view import firm_view
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.access import get_organization, get_site
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.technology.access import get_capability

router = Router()
router.add_router("", api_lists.router)
router.add_router("", api_offers.router)
router.add_router("", api_busy.router)
router.add_router("", api_weeks.router)
router.add_router("", api_shells.router)
MAX_DAYS = 366


@router.get("equipment", response=list[EquipmentOut])
def equipment(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Your own equipment."""
    return [equipment_out(one) for one in access.own_equipment(acting_of(request, slug))]


@router.get("equipment/{equipment_id}", response=EquipmentOut)
def one_equipment(request: HttpRequest, slug: Path[str], equipment_id: UUID) -> dict[str, Any]:
    """A piece of your equipment."""
    return equipment_out(access.get_equipment(acting_of(request, slug), equipment_id))


@router.post("equipment", response={201: EquipmentOut}, openapi_extra=IDEMPOTENT)
def add_equipment(request: HttpRequest, slug: Path[str], body: EquipmentIn) -> Any:
    """Add equipment, or change the one of this code."""
    return write(request, slug, lambda acting: _save_equipment(acting, body, None), status=201)


@router.put("equipment/{equipment_id}", response=EquipmentOut, openapi_extra=IDEMPOTENT)
def change_equipment(request: HttpRequest, slug: Path[str], equipment_id: UUID, body: EquipmentIn) -> Any:
    """Change equipment."""
    return write(request, slug, lambda acting: _save_equipment(acting, body, equipment_id))


@router.delete("equipment/{equipment_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def retire_equipment(request: HttpRequest, slug: Path[str], equipment_id: UUID) -> Any:
    """Take equipment out of use for good."""

    def retire(acting: Acting) -> dict[str, bool]:
        services.retire_equipment(acting, access.get_equipment(acting, equipment_id))
        return {"done": True}

    return write(request, slug, retire)


@router.put("equipment/{equipment_id}/rate", response=EquipmentOut, openapi_extra=IDEMPOTENT)
def save_rate(request: HttpRequest, slug: Path[str], equipment_id: UUID, body: RateIn) -> Any:
    """Say what an hour and a set-up cost; published, it is an open offer."""

    def save(acting: Acting) -> dict[str, Any]:
        services.save_rate(acting, access.get_equipment(acting, equipment_id), **body.dict())
        return equipment_out(access.get_equipment(acting, equipment_id))

    return write(request, slug, save)


@router.post("equipment/{equipment_id}/down", response=list[ReservationOut], openapi_extra=IDEMPOTENT)
def mark_down(request: HttpRequest, slug: Path[str], equipment_id: UUID, body: DownIn) -> Any:
    """Say that equipment stands still; answers with the reservations that are at risk by it."""

    def save(acting: Acting) -> list[dict[str, Any]]:
        acting.require("workshop")
        machine = access.get_equipment(acting, equipment_id)
        hit = services.mark_down(acting.principal, machine, body.start or clock.now(), body.until)
        return [reservation_out(access.get_reservation(acting, one.pk)) for one in hit]

    return write(request, slug, save)


@router.post("equipment/{equipment_id}/up", response=list[ReservationOut], openapi_extra=IDEMPOTENT)
def mark_up(request: HttpRequest, slug: Path[str], equipment_id: UUID) -> Any:
    """Say that equipment runs again; answers with the reservations that are safe again."""

    def save(acting: Acting) -> list[dict[str, Any]]:
        acting.require("workshop")
        safe = services.mark_up(acting.principal, access.get_equipment(acting, equipment_id))
        return [reservation_out(access.get_reservation(acting, one.pk)) for one in safe]

    return write(request, slug, save)


@router.get("equipment/{equipment_id}/hours", response=HoursOut)
def equipment_hours(
    request: HttpRequest, slug: Path[str], equipment_id: UUID, start: AwareDatetime, end: AwareDatetime
) -> dict[str, Any]:
    """When equipment is open and when it is free, between two moments at most a year apart."""
    machine: Equipment = access.get_equipment(acting_of(request, slug), equipment_id)
    if not timedelta() < end - start <= timedelta(days=MAX_DAYS):
        raise InvalidError(_("Give an end after the start, at most a year later."), fields=["end"])
    return {
        "open": _spans(access.open_windows(machine, start, end)),
        "free": _spans(access.free_windows(machine, start, end)),
    }


@router.get("calendars", response=list[CalendarOut])
def calendars(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Your own calendars."""
    return [calendar_out(one) for one in access.own_calendars(acting_of(request, slug))]


@router.post("calendars", response={201: CalendarOut}, openapi_extra=IDEMPOTENT)
def add_calendar(request: HttpRequest, slug: Path[str], body: CalendarIn) -> Any:
    """Add a calendar, or change the one of this code."""
    return write(
        request, slug, lambda acting: calendar_out(services.save_calendar(acting, **body.dict())), status=201
    )


@router.put("calendars/{calendar_id}", response=CalendarOut, openapi_extra=IDEMPOTENT)
def change_calendar(request: HttpRequest, slug: Path[str], calendar_id: UUID, body: CalendarIn) -> Any:
    """Change a calendar; reservations outside its new hours become at risk."""
    return write(
        request,
        slug,
        lambda acting: calendar_out(services.save_calendar(acting, **body.dict(), calendar_id=calendar_id)),
    )


@router.get("reservations", response=list[ReservationOut])
def reservations(
    request: HttpRequest,
    slug: Path[str],
    start: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
) -> list[dict[str, Any]]:
    """Hours taken on your equipment, and hours you hold elsewhere; from now on unless you say otherwise."""
    low = start or clock.now()
    high = end or low + timedelta(days=MAX_DAYS)
    found = access.visible_reservations(acting_of(request, slug)).filter(end__gt=low, start__lt=high)
    return [reservation_out(one) for one in found]


@router.post("reservations", response={201: ReservationOut}, openapi_extra=IDEMPOTENT)
def keep_hours(request: HttpRequest, slug: Path[str], body: KeepIn) -> Any:
    """Keep hours of your own equipment for work outside the platform."""

    def save(acting: Acting) -> dict[str, Any]:
        machine = access.get_equipment(acting, body.equipment)
        kept = services.keep_hours(acting, machine, body.start, body.end, body.purpose)
        return reservation_out(access.get_reservation(acting, kept.pk))

    return write(request, slug, save, status=201)


@router.delete("reservations/{reservation_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def give_back(request: HttpRequest, slug: Path[str], reservation_id: UUID) -> Any:
    """Give back hours that you kept for other work."""

    def save(acting: Acting) -> dict[str, bool]:
        services.give_back(acting, access.get_reservation(acting, reservation_id))
        return {"done": True}

    return write(request, slug, save)


@router.post("match", response=list[CandidateOut])
def match(request: HttpRequest, slug: Path[str], body: RequirementIn) -> list[dict[str, Any]]:
    """Who can do it, who nearly can and which property fails by how much; nothing is stored."""
    found = matching.candidates(acting_of(request, slug).organization, body.dict())
    return [candidate_out(one) for one in found]


@router.get("find", response=FoundOut)
def find(
    request: HttpRequest, slug: Path[str], q: str = "", limit: Annotated[int, Field(ge=1, le=500)] = 50
) -> dict[str, Any]:
    """Search what members can do by a sentence in English or Chinese; tells how it was understood."""
    return found_out(finding.find(acting_of(request, slug), q), limit)


@router.get("firms/{firm}", response=FirmOut)
def firm(request: HttpRequest, slug: Path[str], firm: str) -> dict[str, Any]:
    """A member as far as it shows itself to you; null is what it does not show."""
    acting = acting_of(request, slug)
    now = clock.now()
    view = firm_view(acting.organization, get_organization(firm), now, now + FIRM_DAYS)
    return firm_out(view)


@router.put("workbook", response=ImportedOut, openapi_extra=IDEMPOTENT | views_import.XLSX_BODY)
def import_workbook(request: HttpRequest, slug: Path[str]) -> Any:
    """Import a member spreadsheet: the .xlsx file is the body; all of it is imported or nothing."""

    def run(acting: Acting) -> dict[str, Any]:
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            file.write(request.body)
            file.flush()
            done = workbook.import_workbook(acting, pathlib.Path(file.name))
        return {"added": done.added, "changed": done.changed}

    return write(request, slug, run)


@router.get("workbook", openapi_extra=views_import.XLSX_ANSWER)
def export_workbook(request: HttpRequest, slug: Path[str]) -> HttpResponse:
    """What your firm has here as a spreadsheet that can be imported again."""
    acting = acting_of(request, slug)
    language = get_language() or "en"
    return views_import.file_answer(
        lambda path: workbook.export_workbook(acting, path, language), f"{acting.organization.slug}.xlsx"
    )


@router.get("workbook/template", openapi_extra=views_import.XLSX_ANSWER)
def workbook_template(request: HttpRequest, slug: Path[str], language: str = "en") -> HttpResponse:
    """The empty spreadsheet, in English (en) or Chinese (zh)."""
    acting_of(request, slug)
    return views_import.file_answer(
        lambda path: workbook.write_template(path, language), "gonghe-template.xlsx"
    )


def _save_equipment(acting: Acting, body: EquipmentIn, equipment_id: UUID | None) -> dict[str, Any]:
    saved = services.save_equipment(
        acting,
        code=body.code,
        name=body.name,
        site=get_site(acting, body.site),
        calendar=access.get_calendar(acting, body.calendar) if body.calendar else None,
        capabilities=None
        if body.capabilities is None
        else [get_capability(acting, one) for one in body.capabilities],
        released=body.released,
        operator_needed=body.operator_needed,
        equipment_id=equipment_id,
    )
    return equipment_out(access.get_equipment(acting, saved.pk))


def _spans(spans: list[Span]) -> list[dict[str, str]]:
    return [{"start": start.isoformat(), "end": end.isoformat()} for start, end in spans]
