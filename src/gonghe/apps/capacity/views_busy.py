"""The page of what keeps a machine busy: calendars kept elsewhere and maintenance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import access, busy, feed_problems, hours, pictures
from gonghe.apps.capacity.forms import next_quarter, refuse
from gonghe.apps.capacity.forms_busy import FeedForm, MaintenanceForm
from gonghe.apps.capacity.models import BusyFeed, Equipment
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.connectors.web import parse
from gonghe.standards import icalendar

DAYS_SHOWN = 28
ROWS_SHOWN = 60


@member_page
def busy_page(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """When a machine is busy elsewhere, which calendars say so, and its maintenance."""
    return _page(request, access.get_equipment(request.acting, equipment_id))


@require_POST
@member_page
def add_feed(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Read a calendar at an address from now on."""
    machine = access.get_equipment(request.acting, equipment_id)
    form = FeedForm(request.POST)
    if not form.is_valid():
        return _page(request, machine, feed=form)
    try:
        busy.add_feed(request.acting, machine, **form.cleaned_data)
    except ServiceError as error:
        refuse(form, error)
        return _page(request, machine, feed=form, status=error.status)
    return _back(request, machine)


@require_POST
@member_page
def add_file(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Take busy times from a file."""
    machine = access.get_equipment(request.acting, equipment_id)
    uploaded = request.FILES.get("file")
    try:
        content = uploaded.read(icalendar.MAX_BYTES + 1) if uploaded else b""
        busy.add_file(request.acting, machine, name=uploaded.name or "" if uploaded else "", content=content)
    except ServiceError as error:
        return _page(request, machine, refusal=error.message, status=error.status)
    messages.success(request, _("The busy times of the file hold now."))
    return _back(request, machine)


@require_POST
@member_page
def read_feed(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    """Read a calendar now."""
    feed = access.get_feed(request.acting, feed_id)
    busy.read_again(request.acting, feed)
    return _back(request, feed.equipment)


@require_POST
@member_page
def remove_feed(request: ActingRequest, feed_id: UUID) -> HttpResponse:
    """Forget a calendar and what it said."""
    feed = access.get_feed(request.acting, feed_id)
    busy.remove_feed(request.acting, feed)
    messages.success(request, _("%s no longer counts; its hours are free again.") % feed.name)
    return _back(request, feed.equipment)


@require_POST
@member_page
def add_maintenance(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """Keep a machine free of work for a while."""
    machine = access.get_equipment(request.acting, equipment_id)
    with timezone.override(machine.zone):
        form = MaintenanceForm(request.POST)
        if not form.is_valid():
            return _page(request, machine, maintenance=form)
    try:
        busy.add_maintenance(request.acting, machine, **form.cleaned_data)
    except ServiceError as error:
        refuse(form, error)
        return _page(request, machine, maintenance=form, status=error.status)
    messages.success(request, _("Nobody can plan with %s in that time.") % machine.code)
    return _back(request, machine)


@require_POST
@member_page
def remove_maintenance(request: ActingRequest, busy_id: UUID) -> HttpResponse:
    """Maintenance does not take place."""
    one = access.get_maintenance(request.acting, busy_id)
    busy.remove_maintenance(request.acting, one)
    messages.success(request, _("The hours are free again."))
    return _back(request, one.equipment)


def _back(request: ActingRequest, machine: Equipment) -> HttpResponse:
    return redirect("capacity:busy", request.acting.organization.slug, machine.pk)


def _page(
    request: ActingRequest,
    machine: Equipment,
    *,
    feed: FeedForm | None = None,
    maintenance: MaintenanceForm | None = None,
    refusal: str = "",
    status: int = 422,
) -> HttpResponse:
    acting, now = request.acting, clock.now()
    start = pictures.monday_of(now, machine.zone)
    end = start + timedelta(days=DAYS_SHOWN)
    quarter = next_quarter(now) + timedelta(days=1)
    feeds = [_feed(request, one) for one in access.own_feeds(acting).filter(equipment=machine)]
    with timezone.override(machine.zone):
        spans = pictures.busy_spans(machine, now, end)
        context = {
            "machine": machine,
            "zone": machine.zone.key,
            "busy_s": int(
                hours.length(hours.merge((first, last) for first, last, _name in spans)).total_seconds()
            ),
            "spans": spans[:ROWS_SHOWN],
            "more": max(0, len(spans) - ROWS_SHOWN),
            "feeds": feeds,
            "failing": [one for one in feeds if one["feed"].problem],
            "plan": pictures.machine_plan(machine, start, end, now),
            "table": _table(machine, spans),
            "maintenance": machine.busy_times.filter(feed=None, end__gt=now).order_by("start"),
            "at_risk": machine.reservations.filter(state="at_risk", end__gt=now).count(),
            "feed_form": feed or FeedForm(),
            "maintenance_form": maintenance
            or MaintenanceForm(initial={"start": quarter, "end": quarter + timedelta(hours=4)}),
            "refusals": [refusal] if refusal else [],
            "max_bytes": icalendar.MAX_BYTES,
            "may_write": acting.may("capacity"),
            "station": "capacity",
            "titleblock": [
                (_("Machine"), str(machine)),
                (_("Time zone"), machine.zone.key),
                (_("Computed"), now),
                (_("Seen by"), _("people of %s") % acting.organization.local_name),
            ],
        }
        wrong = feed or maintenance or refusal
        return render(request, "capacity/busy.html", context, status=status if wrong else 200)


def _feed(request: ActingRequest, one: BusyFeed) -> dict[str, Any]:
    """A calendar as the page shows it; of its address, which may hold a secret, the host alone."""
    job = busy.work_on(one)
    return {
        "feed": one,
        "host": parse(one.address).hostname if one.address else "",
        "told": feed_problems.told(one.problem, one.detail) if one.problem else "",
        "src": reverse("web:job", args=[request.acting.organization.slug, job.pk]) if job else "",
        "cancel": reverse("web:cancel_job", args=[request.acting.organization.slug, job.pk]) if job else "",
    }


def _table(machine: Equipment, spans: list[tuple[datetime, datetime, str]]) -> list[dict[str, Any]]:
    return [
        {
            "order": "",
            "operation": name,
            "organization": machine.organization.local_name,
            "equipment": machine.code,
            "start": first,
            "end": last,
        }
        for first, last, name in spans
    ]
