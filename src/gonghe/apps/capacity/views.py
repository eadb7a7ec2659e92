"""Pages of capacity: own machines, their hours and prices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import access, pictures, regions, services
from gonghe.apps.capacity.forms import (
    RATE,
    CalendarForm,
    DownForm,
    EquipmentForm,
    HoursForm,
    equipment_initial,
    next_quarter,
    refuse,
)
from gonghe.apps.capacity.models import Calendar, Equipment
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.technology import access as technology
from gonghe.apps.technology import words
from gonghe.joining import joined

WEEKS = 8
DAYS_SHOWN = 21


@member_page
def index(request: ActingRequest) -> HttpResponse:
    """How many hours are free, when, and which are an open offer."""
    acting = request.acting
    machines = list(access.own_equipment(acting))
    sites = list(members.own_sites(acting))
    now = clock.now()
    zone = sites[0].zone if sites else timezone.get_current_timezone()
    start = pictures.monday_of(now, zone)
    free = pictures.free_weeks(machines, start, WEEKS, now)
    offers = [one for one in machines if hasattr(one, "rate") and one.rate.published]
    context = {
        "machines": [
            {"machine": one, "weeks": free[one.pk], "processes": _processes(one)} for one in machines
        ],
        "weeks": [start.date() + timedelta(days=7 * step) for step in range(WEEKS)],
        "last_day": start.date() + timedelta(days=7 * WEEKS - 1),
        "free_s": sum(week.free_s for weeks in free.values() for week in weeks),
        "offers": offers,
        "hours_on_offer": [
            one
            for one in access.visible_offers(acting).filter(closed_at=None, end__gt=now)
            if one.organization_id == acting.organization.pk
        ],
        "down": [one for one in machines if one.status == Equipment.Status.DOWN],
        "without_calendar": [one for one in machines if one.calendar is None],
        "calendars": access.own_calendars(acting),
        "has_site": bool(sites),
        "may_write": acting.may("capacity"),
        "titleblock": [
            (_("Firm"), acting.organization.local_name),
            (_("Hours from"), _("calendars, downtime and reservations")),
            (_("Computed"), now),
            (_("Seen by"), _("people of %s") % acting.organization.local_name),
        ],
    }
    return render(request, "capacity/index.html", context)


@member_page
def equipment(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """One machine: when it works, who has its hours, what it costs."""
    return _machine_page(request, access.get_equipment(request.acting, equipment_id))


@member_page
def add_equipment(request: ActingRequest) -> HttpResponse:
    """Add a machine."""
    return _equipment_form_page(request, None)


@member_page
def edit_equipment(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Change a machine."""
    return _equipment_form_page(request, access.get_equipment(request.acting, equipment_id))


@require_POST
@member_page
def retire(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Take a machine out of use for good."""
    machine = access.get_equipment(request.acting, equipment_id)
    try:
        services.retire_equipment(request.acting, machine)
    except ServiceError as error:
        messages.error(request, error.message)
        return redirect("capacity:equipment", request.acting.organization.slug, machine.pk)
    messages.success(request, _("%s is out of use.") % machine.code)
    return redirect("capacity:index", request.acting.organization.slug)


@require_POST
@member_page
def mark_down(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Say that a machine stands still from now on."""
    machine = access.get_equipment(request.acting, equipment_id)
    request.acting.require("workshop")
    with timezone.override(machine.zone):
        form = DownForm(request.POST)
        if not form.is_valid():
            return _machine_page(request, machine, down=form)
    try:
        hit = services.mark_down(request.acting.principal, machine, clock.now(), form.cleaned_data["until"])
    except ServiceError as error:
        form.add_error("until", error.message)
        return _machine_page(request, machine, down=form)
    text = _("%(code)s is down. Reservations at risk: %(count)d; their holders see it now.")
    messages.warning(request, text % {"code": machine.code, "count": len(hit)})
    return redirect("capacity:equipment", request.acting.organization.slug, machine.pk)


@require_POST
@member_page
def mark_up(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Say that a machine runs again."""
    machine = access.get_equipment(request.acting, equipment_id)
    request.acting.require("workshop")
    services.mark_up(request.acting.principal, machine)
    messages.success(request, _("%s is ready again.") % machine.code)
    return redirect("capacity:equipment", request.acting.organization.slug, machine.pk)


@require_POST
@member_page
def keep_hours(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Take hours of one's own machine for other work."""
    machine = access.get_equipment(request.acting, equipment_id)
    with timezone.override(machine.zone):
        form = HoursForm(request.POST)
        if not form.is_valid():
            return _machine_page(request, machine, keep=form)
    try:
        services.keep_hours(request.acting, machine, **form.cleaned_data)
    except ServiceError as error:
        form.add_error(None, error.message)
        return _machine_page(request, machine, keep=form)
    messages.success(request, _("Kept: nobody else can plan with these hours."))
    return redirect("capacity:equipment", request.acting.organization.slug, machine.pk)


@require_POST
@member_page
def give_back(request: ActingRequest, reservation_id: UUID) -> HttpResponse:
    """Give back hours that one kept for other work."""
    services.give_back(request.acting, access.get_reservation(request.acting, reservation_id))
    messages.success(request, _("The hours are free again."))
    return redirect("capacity:index", request.acting.organization.slug)


@member_page
def add_calendar(request: ActingRequest) -> HttpResponse:
    """Add a calendar."""
    return _calendar_form_page(request, None)


@member_page
def edit_calendar(request: ActingRequest, calendar_id: UUID) -> HttpResponse:
    """Change a calendar."""
    return _calendar_form_page(request, access.get_calendar(request.acting, calendar_id))


def _machine_page(
    request: ActingRequest, machine: Equipment, down: DownForm | None = None, keep: HoursForm | None = None
) -> HttpResponse:
    acting, now = request.acting, clock.now()
    start = pictures.monday_of(now, machine.zone)
    end = start + timedelta(days=DAYS_SHOWN)
    quarter = next_quarter(now)
    reservations = access.machine_reservations(machine, since=now)
    with timezone.override(machine.zone):
        kept = HoursForm(initial={"start": quarter, "end": quarter + timedelta(hours=2)})
        context = {
            "machine": machine,
            "rate": getattr(machine, "rate", None),
            "processes": [
                {"name": words.process_name(one.process), "limits": words.limits_text(one.constraints)}
                for one in machine.capabilities.all()
            ],
            "free_s": _free_seconds(machine, start, now),
            "week": pictures.week_rows(machine.calendar) if machine.calendar else [],
            "plan": pictures.machine_plan(machine, start, end, now),
            "plan_table": _plan_table(reservations, machine),
            "failing": machine.busy_feeds.exclude(problem="").order_by("name"),
            "reservations": pictures.reservation_rows(reservations, acting.organization.pk),
            "down_form": down or DownForm(initial={"until": quarter + timedelta(hours=4)}),
            "keep_form": keep or kept,
            "may_write": acting.may("capacity"),
            "may_report": acting.may("workshop"),
            "zone": machine.zone.key,
            "titleblock": [
                (_("Machine"), str(machine)),
                (_("Time zone"), machine.zone.key),
                (_("Computed"), now),
                (_("Seen by"), _("people of %s") % acting.organization.local_name),
            ],
        }
        return render(request, "capacity/equipment.html", context, status=422 if down or keep else 200)


def _equipment_form_page(request: ActingRequest, machine: Equipment | None) -> HttpResponse:
    acting = request.acting
    form = EquipmentForm(
        request.POST or None,
        initial=equipment_initial(machine) if machine else {"currency": acting.organization.currency},
        sites=members.own_sites(acting),
        calendars=access.own_calendars(acting),
        capabilities=technology.own_capabilities(acting),
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save_equipment(request, machine, form.cleaned_data)
        except ServiceError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%s is saved.") % saved.code)
            return redirect("capacity:equipment", acting.organization.slug, saved.pk)
    context = {
        "form": form,
        "machine": machine,
        "has_site": members.own_sites(acting).exists(),
        "has_calendar": access.own_calendars(acting).exists(),
    }
    return render(request, "capacity/equipment_form.html", context)


def _save_equipment(request: ActingRequest, machine: Equipment | None, data: dict[str, Any]) -> Equipment:
    price = {name: data.pop(name) for name in RATE}
    return services.save_priced_equipment(
        request.acting,
        data | {"equipment_id": machine.pk if machine else None},
        None if price["per_hour"] is None else price | {"per_setup": price["per_setup"] or Decimal(0)},
    )


def _calendar_form_page(request: ActingRequest, calendar: Calendar | None) -> HttpResponse:
    names = ("code", "weekly", "holidays", "region", "time_zone")
    initial = {name: getattr(calendar, name) for name in names} if calendar else None
    form = CalendarForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_calendar(
                request.acting, **form.cleaned_data, calendar_id=calendar.pk if calendar else None
            )
        except ServiceError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The calendar %s is saved.") % saved.code)
            return redirect("capacity:index", request.acting.organization.slug)
    context = {
        "form": form,
        "calendar": calendar,
        "week": pictures.week_rows(calendar) if calendar else [],
        "public": regions.coming(calendar.region, clock.now().date()) if calendar else None,
    }
    return render(request, "capacity/calendar_form.html", context)


def _processes(machine: Equipment) -> str:
    return joined(", ", sorted({words.process_name(one.process) for one in machine.capabilities.all()}))


def _free_seconds(machine: Equipment, start: Any, now: Any) -> int:
    week = pictures.free_weeks([machine], start, 2, now)[machine.pk]
    return sum(one.free_s for one in week)


def _plan_table(reservations: Any, machine: Equipment) -> list[dict[str, Any]]:
    return [
        {
            "order": "",
            "operation": one.purpose or _("reserved"),
            "organization": one.holder.local_name,
            "equipment": machine.code,
            "start": one.start,
            "end": one.end,
        }
        for one in reservations
    ]
