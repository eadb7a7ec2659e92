"""Pages of orders: list, new, change, match, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import InvalidError, ServiceError
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.orders import access, sections, services
from gonghe.apps.orders.forms import AddLineForm, LineForm, NewOrderForm, OperationForm, OrderForm
from gonghe.apps.orders.matching import match_order
from gonghe.apps.orders.models import Order, OrderLine
from gonghe.apps.orders.services import ACCEPT, LineIn
from gonghe.apps.orders.serving import serve

DROPPED_DUE_DAYS = 28  # what a dropped drawing is assumed to be needed by, until the buyer says


@require_POST
@member_page
def drop(request: ActingRequest) -> HttpResponse:
    """Make an order of dropped drawings, one line each."""
    site = members.own_sites(request.acting).first()
    try:
        if site is None:
            raise InvalidError(_("Add a site first, so that it is known where to deliver."), code="no_site")
        lines = _lines_of_files(request.acting, request.FILES.getlist("drawings"))
        order = services.create_order(
            request.acting,
            title=lines[0].drawing.stem[:120] if lines and lines[0].drawing else _("New order"),
            due=(clock.now() + timedelta(days=DROPPED_DUE_DAYS)).date(),
            destination=site,
            lines=lines,
        )
    except ServiceError as error:
        return render(request, "orders/dropped.html", {"errors": [error.message]}, status=error.status)
    return redirect("web:order", request.acting.organization.slug, order.pk)


@member_page
def new(request: ActingRequest) -> HttpResponse:
    """A new order with its first parts."""
    request.acting.require("orders")
    form = NewOrderForm(request.acting, request.POST or None, request.FILES or None)

    def create() -> Order:
        data = form.cleaned_data
        lines = _lines_of_files(
            request.acting, data["drawings"], quantity=data["quantity"], material=data["material"]
        )
        if data["part"]:
            lines.append(LineIn(part=data["part"], quantity=data["quantity"], material=data["material"]))
        return services.create_order(
            request.acting,
            title=data["title"],
            due=data["due"],
            destination=data["destination"],
            lateness_per_hour=data["lateness_per_hour"],
            lines=lines,
        )

    order = _try(form, create)
    if isinstance(order, Order):
        return redirect("web:order", request.acting.organization.slug, order.pk)
    return _render_form(
        request, "orders/new.html", form, {"has_site": members.own_sites(request.acting).exists()}
    )


@member_page
def edit(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Head, lines and steps of a draft."""
    order = access.get_order(request.acting, order_id)
    form = OrderForm(request.acting, request.POST or None, order=order)
    if _try(form, lambda: services.change_order(request.acting, order, **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect("orders:edit", request.acting.organization.slug, order.pk)
    order.refresh_from_db()
    context = {
        "order": order,
        "titleblock": _titleblock(request.acting, order),
        "editable": order.state == Order.State.DRAFT and request.acting.may("orders"),
        "lines": sections.operations(order),
        "estimate": sections.estimate(order),
        "accept": ACCEPT,
        "max_bytes": settings.UPLOAD_LIMIT_BYTES,
    }
    return _render_form(request, "orders/edit.html", form, context)


@require_POST
@member_page
def cancel(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Take an order back."""
    services.cancel_order(request.acting, access.get_order(request.acting, order_id))
    messages.success(request, _("The order is cancelled."))
    return redirect("web:orders", request.acting.organization.slug)


@require_POST
@member_page
def drop_lines(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Add dropped drawings to a draft, one line each."""
    order = access.get_order(request.acting, order_id)
    try:
        lines = _lines_of_files(request.acting, request.FILES.getlist("drawings"))
        if not lines:
            raise InvalidError(_("Choose at least one drawing."), code="no_drawing")
        with transaction.atomic():
            for line in lines:
                services.add_line(request.acting, order, line)
    except ServiceError as error:
        return render(request, "orders/dropped.html", {"errors": [error.message]}, status=error.status)
    return redirect("orders:edit", request.acting.organization.slug, order.pk)


@member_page
def add_line(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Add a part to a draft."""
    order = access.get_order(request.acting, order_id)
    form = AddLineForm(order, request.POST or None, request.FILES or None)

    def add() -> OrderLine:
        line = form.line
        upload = form.cleaned_data["drawing"]
        if upload:
            intake = services.take_in(request.acting, upload.name or "", upload.chunks())
            line = LineIn(**{name: getattr(line, name) for name in LineIn.__slots__} | {"drawing": intake})
        return services.add_line(request.acting, order, line, into=form.cleaned_data["parent"])

    added = _try(form, add)
    if isinstance(added, OrderLine):
        return redirect("orders:line", request.acting.organization.slug, added.pk)
    return _render_form(request, "orders/add_line.html", form, {"order": order})


@member_page
def line(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """One part: what was found in its drawing, how many, from what, its steps."""
    found = access.get_line(request.acting, line_id)
    form = LineForm(request.POST or None, request.FILES or None, line=found)

    def change() -> OrderLine:
        with transaction.atomic():
            services.change_line(request.acting, found, form.change)
            upload = form.cleaned_data["drawing"]
            if upload:
                services.upload_drawing(request.acting, found, upload.name or "", upload.chunks())
        return found

    if _try(form, change):
        messages.success(request, _("Saved."))
        return redirect("orders:line", request.acting.organization.slug, found.pk)
    found = access.get_line(request.acting, line_id)
    group = next(one for one in sections.operations(found.order) if one["line"].pk == found.pk)
    context = {
        "line": found,
        "order": found.order,
        "titleblock": _titleblock(request.acting, found.order),
        "part": sections.part(request.acting, found),
        "group": group,
        "groups": [group],
        "estimate": sections.line_estimate(found),
        "editable": found.order.state == Order.State.DRAFT and request.acting.may("orders"),
    }
    return _render_form(request, "orders/line.html", form, context)


@require_POST
@member_page
def remove_line(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """Take a part out of a draft."""
    found = access.get_line(request.acting, line_id)
    services.remove_line(request.acting, found)
    messages.success(request, _("The part is taken out of the order."))
    return redirect("orders:edit", request.acting.organization.slug, found.order_id)


@require_POST
@member_page
def read_again(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """Read a drawing once more."""
    found = access.get_line(request.acting, line_id)
    services.read_again(request.acting, found)
    return redirect("orders:line", request.acting.organization.slug, found.pk)


@member_page
def add_operation(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """Add a step to a part."""
    found = access.get_line(request.acting, line_id)
    form = OperationForm(found, request.POST or None, process=request.GET.get("process", ""))
    if _try(form, lambda: services.save_operation(request.acting, found, form.operation)):
        return redirect("orders:line", request.acting.organization.slug, found.pk)
    return _render_form(request, "orders/operation.html", form, {"line": found, "order": found.order})


@member_page
def operation(request: ActingRequest, operation_id: UUID) -> HttpResponse:
    """Change a step."""
    found = access.get_operation(request.acting, operation_id)
    form = OperationForm(
        found.line, request.POST or None, operation=found, process=request.GET.get("process", "")
    )
    if _try(
        form, lambda: services.save_operation(request.acting, found.line, form.operation, operation=found)
    ):
        return redirect("orders:line", request.acting.organization.slug, found.line_id)
    context = {"line": found.line, "order": found.line.order, "operation": found}
    return _render_form(request, "orders/operation.html", form, context)


@require_POST
@member_page
def remove_operation(request: ActingRequest, operation_id: UUID) -> HttpResponse:
    """Take a step out."""
    found = access.get_operation(request.acting, operation_id)
    services.remove_operation(request.acting, found)
    return redirect("orders:line", request.acting.organization.slug, found.line_id)


@member_page
def match(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Who can do each step, who nearly can, and what fails."""
    order = access.get_order(request.acting, order_id)
    found = match_order(request.acting, order)
    context = {
        "order": order,
        "titleblock": _titleblock(request.acting, order),
        "match": found,
        "steps": [{"match": one, "step": sections.step(one.operation)} for one in found.steps],
    }
    return render(request, "orders/match.html", context)


@member_page
def document(request: ActingRequest, document_id: UUID) -> StreamingHttpResponse:
    """A file of the acting organisation."""
    return serve(request, access.get_document(request.acting, document_id))


def _titleblock(acting: Acting, order: Order) -> list[tuple[str, Any]]:
    """What a page was computed from, when, and who sees it."""
    return [
        (_("Order"), order.code),
        (_("Buyer"), acting.organization.local_name),
        (_("Computed"), clock.now()),
        (_("From"), _("drawings and steps, no bids")),
        (_("Seen by"), _("people of %s") % acting.organization.local_name),
    ]


def _lines_of_files(acting: Acting, files: Sequence[UploadedFile[bytes]], **common: Any) -> list[LineIn]:
    """One line for each drawing, which is stored first."""
    return [LineIn(drawing=services.take_in(acting, one.name or "", one.chunks()), **common) for one in files]


def _try(form: forms.Form, action: Callable[[], Any]) -> Any:
    """What the action gives when the form holds; its refusal becomes an error of the form."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return action()
    except ServiceError as error:
        field = next((name for name in error.details.get("fields", ()) if name in form.fields), None)
        form.add_error(field, error.message)
        return None


def _render_form(
    request: ActingRequest, template: str, form: forms.Form, context: dict[str, Any]
) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
