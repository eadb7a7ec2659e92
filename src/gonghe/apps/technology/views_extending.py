"""Pages on which the cluster office adds processes and properties of its trades."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.technology import extending, words
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.forms_extending import OwnProcessForm, OwnPropertyForm
from gonghe.joining import joined


@member_page
def processes(request: ActingRequest) -> HttpResponse:
    """What the cluster office added to the processes that everybody knows; a new one is added here."""
    form = OwnProcessForm(request.POST or None)
    if request.method == "POST" and _saved(request, form, None):
        return redirect("technology:processes", request.acting.organization.slug)
    return _page(request, form, OwnPropertyForm())


@member_page
def process(request: ActingRequest, process_code: str) -> HttpResponse:
    """Change a process that the cluster office added."""
    found = extending.get_process(process_code)
    form = OwnProcessForm(request.POST or None, process=found)
    if request.method == "POST" and _saved(request, form, process_code):
        return redirect("technology:processes", request.acting.organization.slug)
    context = {
        "form": form,
        "name": words.process_name(process_code),
        "may_write": _may(request),
        "station": "knowhow",
    }
    return render(request, "technology/process.html", context, status=_status(form))


@require_POST
@member_page
def add_property(request: ActingRequest) -> HttpResponse:
    """Add a property."""
    form = OwnPropertyForm(request.POST)
    if form.is_valid():
        try:
            extending.add_property(request.acting, **form.cleaned_data)
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Added. Processes can be judged by it now."))
            return redirect("technology:processes", request.acting.organization.slug)
    return _page(request, OwnProcessForm(), form)


def _saved(request: ActingRequest, form: OwnProcessForm, code: str | None) -> bool:
    if not form.is_valid():
        return False
    try:
        extending.save_process(request.acting, code=code, **form.cleaned_data)
    except ServiceError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, _("Saved. Members can offer it and the search finds it from now on."))
    return True


def _page(request: ActingRequest, form: OwnProcessForm, property_form: OwnPropertyForm) -> HttpResponse:
    own = extending.own_processes()
    context: dict[str, Any] = {
        "own": [
            {
                "code": one.code,
                "name": words.process_name(one.code),
                "parent": words.process_name(one.parent),
                "others": joined(", ", one.synonyms),
                "judged": joined(", ", map(words.property_name, one.properties)),
            }
            for one in own
        ],
        "properties": [
            {
                "name": words.property_name(one.code),
                "unit": one.get_unit_display(),
                "kind": one.get_kind_display(),
            }
            for one in extending.own_properties()
        ],
        "form": form,
        "property_form": property_form,
        "may_write": _may(request),
        "known": len(taxonomies.current().processes),
        "station": "knowhow",
        "titleblock": [
            (_("Processes from"), _("DIN 8580, ISO/ASTM 52900, the trades and the cluster office")),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("all members")),
        ],
    }
    status = max(_status(form), _status(property_form))
    return render(request, "technology/processes.html", context, status=status)


def _may(request: ActingRequest) -> bool:
    return request.acting.is_office and request.acting.may("members")


def _status(form: OwnProcessForm | OwnPropertyForm) -> int:
    return 422 if form.is_bound and form.errors else 200
