"""Page on which the assumptions of one estimate are stated."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gonghe.apps.base import ServiceError
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.orders import access, sections, services
from gonghe.apps.orders.assumptions import assumed
from gonghe.apps.orders.forms_assuming import AssumptionsForm
from gonghe.apps.orders.models import Order


@member_page
def assumptions(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """What the estimate of a part rests on; each figure may be stated for this estimate alone."""
    line = access.get_line(request.acting, line_id)
    form = AssumptionsForm(request.POST if request.method == "POST" else None, assumed(line))
    if form.is_bound and form.is_valid():
        try:
            values = {} if "usual" in request.POST else form.cleaned_data
            services.state_assumptions(request.acting, line, dict.fromkeys(form.fields) | values)
        except ServiceError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. The estimate below is the new one."))
            return redirect("orders:line", request.acting.organization.slug, line.pk)
    context = {
        "line": line,
        "order": line.order,
        "form": form,
        "sections": [{"title": "", "rows": form.rows()}],
        "estimate": sections.line_estimate(line),
        "stated": sum(one.here is not None for one in form.listed),
        "editable": line.order.state == Order.State.DRAFT and request.acting.may("orders"),
    }
    return render(request, "orders/assumptions.html", context, status=422 if form.errors else 200)
