"""Pages of technology: what one's own firm can do, and what the members can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import NotFoundError, ServiceError
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.technology import access, services, words
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.forms import CapabilityForm, ProcessForm
from gonghe.apps.technology.models import Capability


@member_page
def index(request: ActingRequest) -> HttpResponse:
    """What one's own firm can do, and what the members can, by process."""
    own = list(access.own_capabilities(request.acting))
    others = [
        one
        for one in access.in_force(access.visible_capabilities(request.acting))
        if one.organization_id != request.acting.organization.pk
    ]
    context = {
        "own": [_row(one) for one in own],
        "groups": _by_process(others),
        "own_processes": len({one.process for one in own if one.active}),
        "firms": len({one.organization_id for one in others}),
        "may_write": request.acting.may("technology"),
        "titleblock": [
            (_("Firm"), request.acting.organization.local_name),
            (_("Processes from"), _("DIN 8580, ISO/ASTM 52900 and the trades")),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("people of %s") % request.acting.organization.local_name),
        ],
    }
    return render(request, "technology/index.html", context)


@member_page
def choose(request: ActingRequest) -> HttpResponse:
    """First step of a new capability: the process."""
    form = ProcessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("technology:add", request.acting.organization.slug, form.cleaned_data["process"])
    return render(request, "technology/choose.html", {"form": form})


@member_page
def add(request: ActingRequest, process: str) -> HttpResponse:
    """Second step of a new capability: its limits."""
    if process not in taxonomies.current().processes:
        raise NotFoundError
    return _form_page(request, process, None)


@member_page
def edit(request: ActingRequest, capability_id: UUID) -> HttpResponse:
    """Change the limits of a capability."""
    capability = access.get_capability(request.acting, capability_id)
    return _form_page(request, capability.process, capability)


@require_POST
@member_page
def remove(request: ActingRequest, capability_id: UUID) -> HttpResponse:
    """Offer a process no longer."""
    capability = access.get_capability(request.acting, capability_id)
    services.remove_capability(request.acting, capability)
    messages.success(request, _("Removed. Orders that run already are not touched."))
    return redirect("technology:index", request.acting.organization.slug)


def _form_page(request: ActingRequest, process: str, capability: Capability | None) -> HttpResponse:
    stated = capability.constraints if capability else {}
    initial = (
        {"covers_children": capability.covers_children, "active": capability.active} if capability else None
    )
    form = CapabilityForm(request.POST or None, process=process, constraints=stated, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_capability(
                request.acting,
                process=process,
                constraints=form.constraints(stated),
                covers_children=form.cleaned_data["covers_children"],
                active=form.cleaned_data["active"],
                capability_id=capability.pk if capability else None,
            )
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved. Choose on the page of a machine which of these it does."))
            return redirect("technology:index", request.acting.organization.slug)
    context = {"form": form, "process": words.process_name(process), "capability": capability}
    return render(request, "technology/capability.html", context)


def _row(one: Capability) -> dict[str, Any]:
    return {
        "capability": one,
        "process": words.process_name(one.process),
        "limits": words.limits_text(one.constraints),
    }


def _by_process(capabilities: Iterable[Capability]) -> list[dict[str, Any]]:
    """Root process -> its processes with the firms that do them, in the order of the taxonomy."""
    taxonomy = taxonomies.current()
    groups: dict[str, dict[str, list[Capability]]] = {one.code: {} for one in taxonomy.children(None)}
    for one in capabilities:
        known = one.process in taxonomy.processes
        root = taxonomy.ancestors(one.process)[-1] if known else one.process
        groups.setdefault(root, {}).setdefault(one.process, []).append(one)
    return [
        {
            "name": words.process_name(root),
            "processes": [_offered(code, same) for code, same in processes.items()],
        }
        for root, processes in groups.items()
        if processes
    ]


def _offered(code: str, capabilities: list[Capability]) -> dict[str, Any]:
    """A process and, by firm, within which limits it is done."""
    by_firm: dict[UUID, list[Capability]] = {}
    for one in capabilities:
        by_firm.setdefault(one.organization_id, []).append(one)
    return {
        "code": code,
        "name": words.process_name(code),
        "firms": [
            {"organization": same[0].organization, "statements": words.statements(same)}
            for same in by_firm.values()
        ],
    }
