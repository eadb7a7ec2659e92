"""A firm's own machine list as pages: upload, say what the columns mean, import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import access, machinelist
from gonghe.apps.capacity.columns import MEANINGS
from gonghe.apps.capacity.forms import ShiftsField
from gonghe.apps.capacity.models import Calendar, MachineList
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.members.models import Site

ONE_SHIFT = [[day, start, end] for day in range(5) for start, end in (("08:00", "12:00"), ("13:00", "17:00"))]
EXAMPLES = 3


class ListForm(forms.Form):
    """What each column means, and what the list does not say."""

    site = forms.ModelChoiceField(
        label=gettext_lazy("Site of the machines whose row names none"),
        queryset=Site.objects.none(),
        empty_label=None,
    )
    calendar = forms.ModelChoiceField(
        label=gettext_lazy("They all work by this calendar"),
        queryset=Calendar.objects.none(),
        required=False,
        empty_label=gettext_lazy("a new one, with the hours below"),
    )
    weekly = ShiftsField(
        label=gettext_lazy("Working hours of the new calendar"),
        required=False,
        help_text=gettext_lazy("A line for each group of days: Mon-Fri 08:00-12:00, 13:00-17:00"),
    )

    def __init__(
        self,
        *args: Any,
        listed: MachineList,
        sites: QuerySet[Site],
        calendars: QuerySet[Calendar],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"site": sites.first(), "calendar": calendars.first(), "weekly": ONE_SHIFT}
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.fields["calendar"].queryset = calendars  # type: ignore[attr-defined]
        choices = [("", _("left out")), *((one.key, one.label) for one in MEANINGS)]
        for index, name in enumerate(listed.header):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=name or _("column %d") % (index + 1),
                choices=choices,
                required=False,
                initial=listed.columns[index],
            )

    def meanings(self) -> list[str]:
        """What was chosen for each column, in their order."""
        count = sum(name.startswith("column_") for name in self.fields)
        return [self.cleaned_data[f"column_{index}"] for index in range(count)]


@member_page
def upload_list(request: ActingRequest) -> HttpResponse:
    """Take a machine list and go on to what its columns mean."""
    acting = request.acting
    context: dict[str, Any] = {"may_write": acting.may("capacity"), "station": "capacity"}
    if request.method == "POST":
        uploaded = request.FILES.get("file")
        try:
            acting.require("capacity")
            listed = machinelist.take_in(
                acting, uploaded.name or "" if uploaded else "", uploaded.read() if uploaded else b""
            )
        except ServiceError as error:
            context |= {"refusal": error.message, "errors": [error.message]}
            return render(request, "capacity/list_upload.html", context, status=error.status)
        return redirect("capacity:machine_list", acting.organization.slug, listed.pk)
    return render(request, "capacity/list_upload.html", context)


@member_page
def machine_list(request: ActingRequest, list_id: UUID) -> HttpResponse:
    """What the columns mean: proposed, and confirmed by the one button."""
    listed = machinelist.get_list(request.acting, list_id)
    if listed.imported_at is not None:
        return redirect("capacity:index", request.acting.organization.slug)
    form = ListForm(
        request.POST or None,
        listed=listed,
        sites=members.own_sites(request.acting),
        calendars=access.own_calendars(request.acting),
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = machinelist.import_list(
                request.acting,
                listed,
                form.meanings(),
                site=form.cleaned_data["site"],
                calendar=form.cleaned_data["calendar"],
                weekly=form.cleaned_data["weekly"],
                currency=request.acting.organization.currency,
            )
        except ServiceError as error:
            return _mapping_page(request, listed, form, error)
        _tell(request, done)
        return redirect("capacity:index", request.acting.organization.slug)
    return _mapping_page(request, listed, form, None)


def _tell(request: ActingRequest, done: machinelist.ListImported) -> None:
    figures = {"added": sum(done.done.added.values()), "changed": sum(done.done.changed.values())}
    messages.success(request, _("Imported: %(added)d added, %(changed)d changed.") % figures)
    if done.without_process:
        shown = ", ".join(done.without_process[:5])
        messages.warning(
            request,
            _("Nobody can match these yet, because their work is not known: %s. Open each and choose.")
            % shown,
        )


def _mapping_page(
    request: ActingRequest, listed: MachineList, form: ListForm, error: ServiceError | None
) -> HttpResponse:
    context = {
        "listed": listed,
        "form": form,
        "rows": len(listed.rows),
        "known": sum(bool(one) for one in listed.columns),
        "station": "capacity",
        "has_site": form.fields["site"].queryset.exists(),  # type: ignore[attr-defined]
        "own_fields": [form[name] for name in ("site", "calendar", "weekly")],
        "columns": [
            {
                "field": form[f"column_{index}"],
                "examples": [row[index + 1] for row in listed.rows[:EXAMPLES] if row[index + 1]],
            }
            for index in range(len(listed.header))
        ],
        "refusal": error.message if error else "",
        "errors": (error.details.get("cells") or []) if error else [],
        "button": ngettext("Import %d machine row", "Import %d machine rows", len(listed.rows))
        % len(listed.rows),
    }
    return render(request, "capacity/list_columns.html", context, status=error.status if error else 200)
