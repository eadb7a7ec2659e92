"""Change equipment, calendars and prices; the ledger of hours and the workbook are reached from here too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import Change, ConflictError, InvalidError, put
from gonghe.apps.capacity import regions
from gonghe.apps.capacity.access import get_calendar, get_equipment
from gonghe.apps.capacity.ledger import (
    Wanted,
    lock,
    mark_down,
    mark_up,
    mark_used,
    reassess,
    release,
    release_reservation,
    reserve,
    reserve_many,
)
from gonghe.apps.capacity.models import Calendar, Equipment, Rate, Reservation
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Site
from gonghe.apps.technology.models import Capability

__all__ = [
    "Wanted",
    "give_back",
    "keep_hours",
    "mark_down",
    "mark_up",
    "mark_used",
    "put_calendar",
    "put_equipment",
    "put_rate",
    "release",
    "release_reservation",
    "reserve",
    "reserve_many",
    "retire_equipment",
    "save_calendar",
    "save_equipment",
    "save_priced_equipment",
    "save_rate",
]


def save_calendar(
    acting: Acting,
    *,
    code: str,
    weekly: Iterable[Sequence[Any]],
    holidays: Iterable[str] = (),
    name: str = "",
    time_zone: str = "",
    region: str = "",
    calendar_id: UUID | None = None,
) -> Calendar:
    """Add a calendar, or change the one of this id (else of this code).

    Reservations that no longer lie in working hours become at risk in the same transaction.

    Raises
    ------
    InvalidError
        If a shift, a date, the zone or the region makes no sense.
    ConflictError
        If another calendar has the code.
    """
    values = {
        "name": name,
        "weekly": checked_shifts(weekly),
        "holidays": checked_dates(holidays),
        "time_zone": checked_zone(time_zone),
        "region": checked_region(region),
    }
    if calendar_id is not None and get_calendar(acting, calendar_id).code != code:
        _refuse_taken(Calendar.objects.filter(organization=acting.organization, code=code).exists(), code)
    return put_calendar(acting, code, values, calendar_id)[0]


def put_calendar(
    acting: Acting, code: str, values: dict[str, Any], calendar_id: UUID | None = None
) -> tuple[Calendar, Change]:
    """Store checked values; what is there already is not recorded again."""
    acting.require("capacity")
    key: dict[str, Any] = {"organization": acting.organization, "code": code}
    if calendar_id is not None:
        key, values = {"organization": acting.organization, "pk": calendar_id}, values | {"code": code}
    with transaction.atomic():
        calendar, change = put(Calendar, key, values)
        if change:
            with recording(acting.principal) as record:
                record("capacity.calendar.saved", objects={"calendar": calendar.pk}, data={"code": code})
                _reassess_all(record, calendar.equipment.values_list("pk", flat=True))
    return calendar, change


def save_equipment(
    acting: Acting,
    *,
    code: str,
    name: str,
    site: Site,
    calendar: Calendar | None,
    capabilities: Iterable[Capability] | None = None,
    released: bool = True,
    operator_needed: bool = True,
    equipment_id: UUID | None = None,
) -> Equipment:
    """Add equipment, or change the one of this id (else of this code); `capabilities` None keeps them.

    Raises
    ------
    InvalidError
        If site, calendar or capability are another firm's, or the planner may use it without a calendar.
    ConflictError
        If another piece of equipment has the code.
    """
    values = {
        "name": name,
        "site": site,
        "calendar": calendar,
        "released": released,
        "operator_needed": operator_needed,
    }
    if equipment_id is not None and get_equipment(acting, equipment_id).code != code:
        _refuse_taken(Equipment.objects.filter(organization=acting.organization, code=code).exists(), code)
    return put_equipment(acting, code, values, capabilities, equipment_id)[0]


def put_equipment(
    acting: Acting,
    code: str,
    values: dict[str, Any],
    capabilities: Iterable[Capability] | None = None,
    equipment_id: UUID | None = None,
) -> tuple[Equipment, Change]:
    """Store checked values; what is there already is not recorded again."""
    acting.require("capacity")
    links = None if capabilities is None else list(capabilities)
    _check_own(acting, values["site"], values["calendar"], *(links or ()))
    if values["released"] and values["calendar"] is None:
        raise InvalidError(
            _("Choose a calendar, so that the joint planner knows when %s works, or close it to the planner.")
            % code,
            code="no_calendar",
            fields=["calendar"],
        )
    key: dict[str, Any] = {"organization": acting.organization, "code": code}
    if equipment_id is not None:
        key, values = {"organization": acting.organization, "pk": equipment_id}, values | {"code": code}
    with transaction.atomic():
        equipment, change = put(Equipment, key, values)
        if _set_capabilities(equipment, links):
            change = change or "changed"
        if change:
            with recording(acting.principal) as record:
                record("capacity.equipment.saved", objects={"equipment": equipment.pk}, data={"code": code})
                _reassess_all(record, [equipment.pk])
    return equipment, change


def save_rate(
    acting: Acting,
    equipment: Equipment,
    *,
    per_hour: Decimal,
    per_setup: Decimal = Decimal(0),
    overtime_per_hour: Decimal | None = None,
    currency: str = "CNY",
    published: bool = False,
) -> Rate:
    """Say what an hour and a set-up cost; published, it is an open offer that every member may see.

    Parameters
    ----------
    overtime_per_hour
        What comes on top for an hour of work outside the calendar; None: there is no overtime.

    Raises
    ------
    InvalidError
        If an amount is negative or too large.
    """
    values = {
        "per_hour": per_hour,
        "per_setup": per_setup,
        "overtime_per_hour": overtime_per_hour,
        "currency": currency.upper(),
        "published": published,
    }
    return put_rate(acting, equipment, values)[0]


def put_rate(acting: Acting, equipment: Equipment, values: dict[str, Any]) -> tuple[Rate, Change]:
    """Store a rate; what is there already is not recorded again."""
    acting.require("capacity")
    _check_own(acting, equipment)
    with transaction.atomic():
        rate, change = put(Rate, {"equipment": equipment}, values)
        if change:
            with recording(acting.principal) as record:
                record(
                    "capacity.rate.saved",
                    objects={"equipment": equipment.pk},
                    data={"published": rate.published},
                )
    return rate, change


def save_priced_equipment(acting: Acting, values: dict[str, Any], price: dict[str, Any] | None) -> Equipment:
    """Equipment and its rate in one transaction: what :func:`save_equipment` and :func:`save_rate` take."""
    with transaction.atomic():
        equipment = save_equipment(acting, **values)
        if price is not None:
            save_rate(acting, equipment, **price)
    return equipment


def retire_equipment(acting: Acting, equipment: Equipment) -> None:
    """Take equipment out of use for good; its history stays.

    Raises
    ------
    ConflictError
        If somebody still holds hours of it.
    """
    acting.require("capacity")
    _check_own(acting, equipment)
    with recording(acting.principal) as record:
        machine = lock([equipment.pk])[equipment.pk]
        if machine.reservations.filter(state__in=Reservation.LIVE, end__gt=clock.now()).exists():
            raise ConflictError(
                _("Hours of %s are still reserved. Re-plan or release them first.") % machine.code
            )
        machine.status = Equipment.Status.RETIRED
        machine.save(update_fields=["status"])
        record("capacity.equipment.retired", objects={"equipment": machine.pk})


def keep_hours(
    acting: Acting, equipment: Equipment, start: datetime, end: datetime, purpose: str
) -> Reservation:
    """Take hours of one's own equipment for work outside the platform, so that nobody else plans with them.

    Raises
    ------
    InvalidError, ConflictError
        As :func:`reserve`.
    """
    acting.require("capacity")
    _check_own(acting, equipment)
    return reserve(
        acting.principal,
        equipment=equipment,
        pieces=[(start, end)],
        holder=acting.organization,
        purpose=purpose,
    )


def give_back(acting: Acting, reservation: Reservation) -> None:
    """Give back hours that the acting firm kept for work outside the platform.

    Raises
    ------
    ConflictError
        If an order holds them: they follow its plan; or an offer: its terms hold for giving them up.
    """
    acting.require("capacity")
    if reservation.offer_id is not None:
        raise ConflictError(
            _("These hours come from an offer. Cancel them under its terms."), code="of_offer"
        )
    if reservation.holder_id != acting.organization.pk or reservation.operation_id is not None:
        raise ConflictError(_("These hours belong to an order. Re-plan the order to move them."))
    release_reservation(acting.principal, reservation)


def checked_shifts(weekly: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Shifts as they are stored: [weekday, "HH:MM", "HH:MM"], sorted.

    Raises
    ------
    InvalidError
        If a weekday or a time of day makes no sense.
    """
    found = []
    for shift in weekly:
        try:
            weekday, start, end = int(shift[0]), _clock(shift[1]), _clock(shift[2])
            if len(shift) != 3 or not 0 <= weekday <= 6:
                raise ValueError
        except (TypeError, ValueError, IndexError, KeyError) as error:
            raise InvalidError(
                _("A shift is a weekday (0 is Monday) and two times of day such as 08:00."), fields=["weekly"]
            ) from error
        found.append([weekday, start, end])
    return sorted(found)


def checked_dates(holidays: Iterable[str]) -> list[str]:
    """Days off as they are stored, sorted, each once.

    Raises
    ------
    InvalidError
        If one is no date.
    """
    try:
        return sorted({date.fromisoformat(str(one)).isoformat() for one in holidays})
    except ValueError as error:
        raise InvalidError(_("Write days off as 2026-10-01."), fields=["holidays"]) from error


def checked_zone(name: str) -> str:
    """A time zone, or "" for that of the site.

    Raises
    ------
    InvalidError
        If there is no such zone.
    """
    if name:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise InvalidError(_("Give a time zone such as Asia/Shanghai."), fields=["time_zone"]) from error
    return name


def checked_region(code: str) -> str:
    """A region whose public holidays are known, or "" for none.

    Raises
    ------
    InvalidError
        If there is no such region.
    """
    known = regions.checked(code)
    if known is None:
        raise InvalidError(
            _("Public holidays of “%s” are not known. Write a country such as CN, or a part such as DE-BY.")
            % code,
            fields=["region"],
        )
    return known


def _clock(text: object) -> str:
    return f"{time.fromisoformat(str(text)):%H:%M}"


def _set_capabilities(equipment: Equipment, wanted: list[Capability] | None) -> bool:
    """Link capabilities; answers whether that changed anything."""
    if wanted is None:
        return False
    if {one.pk for one in wanted} == set(equipment.capabilities.values_list("pk", flat=True)):
        return False
    equipment.capabilities.set(wanted)
    return True


def _reassess_all(record: Recorder, equipment_ids: Iterable[UUID]) -> None:
    for machine in lock(equipment_ids).values():
        reassess(record, machine)


def _check_own(acting: Acting, *things: Site | Calendar | Capability | Equipment | None) -> None:
    for thing in things:
        if thing is not None and thing.organization_id != acting.organization.pk:
            raise InvalidError(_("Choose something that belongs to your own firm."))


def _refuse_taken(taken: bool, code: str) -> None:
    if taken:
        raise ConflictError(_("The code “%s” is taken. Choose another.") % code, code="code_taken")
