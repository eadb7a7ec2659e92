"""Pages that apply licensed know-how to a part of an order."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gonghe.apps.base import ServiceError
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.orders import access, services
from gonghe.apps.orders.forms_applying import ValuesForm
from gonghe.apps.orders.sections import line_estimate, whole
from gonghe.apps.technology import access_sharing as technology


@member_page
def apply_choose(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """Which licence to use, and what the last one changed."""
    line = access.get_line(request.acting, line_id)
    used = technology.usage_of_line(request.acting, line.pk)
    context = {
        "line": line,
        "order": line.order,
        "licences": technology.usable_templates(request.acting),
        "used": used,
        "effect": _shown(used.effect) if used else None,
    }
    return render(request, "orders/apply_choose.html", context)


@member_page
def apply(request: ActingRequest, line_id: UUID, licence_id: UUID) -> HttpResponse:
    """Ask the parameters of a template; applied, show what the estimate said before and says now."""
    line = access.get_line(request.acting, line_id)
    licence = technology.get_licence(request.acting, licence_id)
    form = ValuesForm(licence, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.apply_licence(request.acting, line, licence, form.cleaned_data)
        except ServiceError as error:
            field = next((name for name in error.details.get("fields", ()) if name in form.fields), None)
            form.add_error(field, error.message)
        else:
            messages.success(request, _("Applied. The estimate below is the new one."))
            return redirect("orders:apply_choose", request.acting.organization.slug, line.pk)
    context = {
        "line": line,
        "order": line.order,
        "licence": licence,
        "form": form,
        "estimate": line_estimate(line),
    }
    return render(request, "orders/apply.html", context, status=422 if form.errors else 200)


def _shown(effect: dict[str, dict[str, int] | None]) -> list[dict[str, object]]:
    """Before and after as rows; a line that had no steps has no before."""
    names = {"before": _("Before"), "after": _("After")}
    return [
        {
            "name": name,
            "low": whole(found["low"]),
            "high": whole(found["high"]),
            "time_s": found["time_s"],
        }
        for key, name in names.items()
        if (found := effect.get(key))
    ]
