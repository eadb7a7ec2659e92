"""Pages of the shop floor: the overview, the screen beside a machine, the screen on the wall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import access as capacity
from gonghe.apps.members.acting import ActingRequest
from gonghe.apps.members.pressing import fresh_key, pressed_once
from gonghe.apps.workshop import access, pages, services
from gonghe.apps.workshop.flow import OPEN_STATES
from gonghe.apps.workshop.forms import BreakdownForm, CountForm, HelpForm, MoreForm
from gonghe.apps.workshop.http import page
from gonghe.apps.workshop.models import Handover, JobOrder

RECENT = 6


@page
def index(request: ActingRequest) -> HttpResponse:
    """Which machines run, what comes next, what has to be sent and received."""
    acting = request.acting
    board = pages.board(acting)
    handovers = access.visible_handovers(acting)
    ended = access.visible_job_orders(acting).filter(state=JobOrder.State.FINISHED).order_by("-finished_at")
    context = {
        "board": board,
        "to_send": access.work_to_send(acting),
        "to_receive": list(handovers.filter(receiver=acting.organization, state=Handover.State.SENT)),
        "ended": list(ended[:RECENT]),
        "makes": bool(board.places) or capacity.own_equipment(acting).exists(),
        "may_report": acting.may("workshop"),
        "may_receive": acting.may("workshop") or acting.may("orders"),
        "titleblock": [
            (_("Workshop"), acting.organization.local_name),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("your firm alone")),
        ],
    }
    return render(request, "workshop/index.html", context)


@page
def wall(request: ActingRequest) -> HttpResponse:
    """The shop floor, read from five metres."""
    board = pages.board(request.acting)
    good, of = board.made()
    context = {"board": board, "good": good, "of": of, "now": clock.now()}
    return render(request, "workshop/wall.html", context)


@page
def operator(request: ActingRequest, equipment_id: UUID | None = None) -> HttpResponse:
    """The job to do now: on one machine, or the firm's next one."""
    acting = request.acting
    if equipment_id is not None:
        shown = pages.place_of(acting, equipment_id).shown
    else:
        board = pages.board(acting)
        begun = next((place.now for place in board.places if place.now), None)
        shown = begun or board.next
    if shown is not None:
        return redirect("workshop:job", acting.organization.slug, shown.job.pk)
    machine = capacity.get_equipment(acting, equipment_id) if equipment_id else None
    context = {"machine": machine, "key": fresh_key(), "may_report": acting.may("workshop")}
    return render(request, "workshop/no_job.html", context)


@page
def job(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """One job on the screen beside the machine."""
    return _job_page(request, access.get_job_order(request.acting, job_id))


@require_POST
@page
def start(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Begin, or go on."""
    return _press(request, job_id, services.start)


@require_POST
@page
def pause(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Stop for a while."""
    return _press(request, job_id, services.pause)


@require_POST
@page
def report(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Count pieces while the job goes on."""
    return _fill_in(request, job_id, "report", CountForm(request.POST), services.report)


@require_POST
@page
def finish(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Count the last pieces and end the job."""
    return _fill_in(request, job_id, "finish", CountForm(request.POST), services.finish)


@require_POST
@page
def make_more(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Make pieces again that became scrap."""
    return _fill_in(request, job_id, "more", MoreForm(request.POST), services.make_more)


@require_POST
@page
def breakdown(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """The machine stopped."""
    return _fill_in(request, job_id, "breakdown", BreakdownForm(request.POST), services.breakdown)


@require_POST
@page
def call_for_help(request: ActingRequest, job_id: UUID) -> HttpResponse:
    """Call the planner."""
    answer = _fill_in(request, job_id, "help", HelpForm(request.POST), services.call_for_help)
    if answer.status_code == 302:
        messages.success(request, _("Help is called. Your planners see it now."))
    return answer


@require_POST
@page
def repaired(request: ActingRequest, equipment_id: UUID) -> HttpResponse:
    """The machine runs again."""
    machine = capacity.get_equipment(request.acting, equipment_id)
    try:
        pressed_once(request, lambda: services.repaired(request.acting, machine))
    except ServiceError as error:
        messages.error(request, error.message)
    return redirect("workshop:machine", request.acting.organization.slug, machine.pk)


def _press(request: ActingRequest, job_id: UUID, service: Callable[..., None]) -> HttpResponse:
    """A key without anything to fill in."""
    found = access.get_job_order(request.acting, job_id)
    try:
        pressed_once(request, lambda: service(request.acting, found))
    except ServiceError as error:
        messages.error(request, error.message)
    return redirect("workshop:job", request.acting.organization.slug, found.pk)


def _fill_in(
    request: ActingRequest, job_id: UUID, name: str, form: forms.Form, service: Callable[..., None]
) -> HttpResponse:
    """A key with something to fill in; what is wrong is shown with what was typed."""
    found = access.get_job_order(request.acting, job_id)
    if form.is_valid():
        try:
            pressed_once(request, lambda: service(request.acting, found, **form.cleaned_data))
        except ServiceError as error:
            form.add_error(next(iter(error.details.get("fields", ())), None), error.message)
        else:
            return redirect("workshop:job", request.acting.organization.slug, found.pk)
    fresh = access.get_job_order(request.acting, job_id)
    return _job_page(request, fresh, wrong={"name": name, "form": form}, status=422)


def _job_page(
    request: ActingRequest, found: JobOrder, *, wrong: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    acting = request.acting
    place = pages.place_of(acting, found.equipment_id)
    work = pages.Work(found, pages.flows_of([found.operation.line.order])[found.operation.line.order_id])
    left = work.at_hand
    parcels = [one for one in work.flow.to_send() if one.sender.pk == acting.organization.pk]
    context = {
        "job": found,
        "work": work,
        "place": place,
        "done_at": pages.done_at(found, left),
        "is_open": found.state in OPEN_STATES,
        "help": pages.calls_for_help([found]).get(found.pk),
        "part": pages.part_of(acting, found),
        "then": [one for one in place.works if one.job.pk != found.pk][: pages.SOON],
        "parcel": next((one for one in parcels if one.task == work.task), None),
        "responses": list(found.responses.order_by("-created_at")[:RECENT]),
        "may_report": acting.may("workshop"),
        "key": fresh_key(),
        "wrong": wrong,
        "now": clock.now(),
        "count_form": CountForm(initial={"good": left, "scrap": 0}, left=left, auto_id="finish-%s"),
        "report_form": CountForm(initial={"good": 0, "scrap": 0}, left=left, auto_id="report-%s"),
        "breakdown_form": BreakdownForm(auto_id="breakdown-%s"),
        "help_form": HelpForm(auto_id="help-%s"),
        "more_form": MoreForm(initial={"pieces": work.missing}, auto_id="more-%s"),
    }
    return render(request, "workshop/job.html", context, status=status)
