"""Pages of work that passes from firm to firm, and of the money for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import InvalidError, NotFoundError, ServiceError
from gonghe.apps.members.acting import ActingRequest
from gonghe.apps.members.pressing import fresh_key, pressed_once
from gonghe.apps.orders.lots import lot_text
from gonghe.apps.orders.models import Order
from gonghe.apps.workshop import access, handing, settling
from gonghe.apps.workshop.forms import ReceiveForm, SendForm
from gonghe.apps.workshop.http import page
from gonghe.apps.workshop.models import Handover, Settlement

SHOWN = 100


@page
def handovers(request: ActingRequest) -> HttpResponse:
    """What is on the way to and from the firm, and what was."""
    acting, own = request.acting, request.acting.organization
    found = list(access.visible_handovers(acting)[:SHOWN])
    sent = Handover.State.SENT
    context = {
        "to_receive": [one for one in found if one.receiver_id == own.pk and one.state == sent],
        "on_the_way": [one for one in found if one.receiver_id != own.pk and one.state == sent],
        "received": [one for one in found if one.state != sent],
        "to_send": access.work_to_send(acting),
    }
    return render(request, "workshop/handovers.html", context)


@page
def send(request: ActingRequest, operation_id: UUID) -> HttpResponse:
    """Hand pieces on; the note can be printed then."""
    acting = request.acting
    lot = request.GET.get("lot", "1")
    if not lot.isdecimal():
        raise NotFoundError
    parcel = access.get_parcel(acting, operation_id, int(lot))
    form = SendForm(request.POST or None, initial={"quantity": parcel.pieces})
    if request.method == "POST" and form.is_valid():
        try:
            made = handing.send(acting, parcel.operation, lot=parcel.task.lot, **form.cleaned_data)
        except ServiceError as error:
            form.add_error("quantity" if "fields" in error.details else None, error.message)
        else:
            messages.success(request, _("On the way. Print the note and let it travel with the pieces."))
            return redirect("workshop:handover", acting.organization.slug, made.pk)
    context = {"parcel": parcel, "form": form, "may_report": acting.may("workshop")}
    return render(request, "workshop/send.html", context, status=422 if form.errors else 200)


@page
def handover(request: ActingRequest, handover_id: UUID) -> HttpResponse:
    """The handover note."""
    return _note_page(request, access.get_handover(request.acting, handover_id))


@require_POST
@page
def receive(request: ActingRequest, handover_id: UUID) -> HttpResponse:
    """Confirm what arrived."""
    acting = request.acting
    found = access.get_handover_to_receive(acting, handover_id)
    form = ReceiveForm(request.POST)
    if form.is_valid():
        try:
            pressed_once(request, lambda: handing.receive(acting, found, **form.cleaned_data))
        except InvalidError as error:
            form.add_error("accepted", error.message)
        except ServiceError as error:
            messages.error(request, error.message)
            return redirect("workshop:handover", acting.organization.slug, found.pk)
        else:
            messages.success(request, _("Confirmed. The pieces are yours from now on."))
            return redirect("workshop:handover", acting.organization.slug, found.pk)
    return _note_page(request, access.get_handover(acting, handover_id), form, status=422)


@page
def settlement(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """What each firm gets for an order."""
    return _settlement_page(request, access.get_order_in_work(request.acting, order_id))


@require_POST
@page
def agree(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """The buyer agrees to the amounts."""
    acting = request.acting
    order = access.get_order_to_settle(acting, order_id)
    try:
        settling.agree(acting, order)
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Agreed. The order is settled and its contracts are done."))
    return redirect("workshop:settlement", acting.organization.slug, order.pk)


def _note_page(
    request: ActingRequest, found: Handover, form: ReceiveForm | None = None, status: int = 200
) -> HttpResponse:
    acting = request.acting
    receives = found.receiver_id == acting.organization.pk and found.state == Handover.State.SENT
    context = {
        "handover": found,
        "receives": receives and (acting.may("workshop") or acting.may("orders")),
        "form": form or ReceiveForm(initial={"accepted": found.quantity}),
        "key": fresh_key(),
        "titleblock": [
            (_("Handover"), found.number),
            (_("Order"), found.order.code),
            (_("Printed"), clock.now()),
            (_("Seen by"), _("sender, receiver and buyer")),
        ],
    }
    return render(request, "workshop/handover.html", context, status=status)


def _settlement_page(request: ActingRequest, order: Order) -> HttpResponse:
    acting = request.acting
    amounts = access.amounts(acting, order)
    rows = amounts.settlements
    buyer = order.organization_id == acting.organization.pk
    deducted = sum((Decimal(item["deduction"]) for row in rows for item in row.items), Decimal(0))
    context: dict[str, Any] = {
        "order": order,
        "buyer": buyer,
        "rows": [_firm_row(row) for row in rows],
        "amounts": amounts,
        "deducted": deducted,
        "agreed_at": next((row.agreed_at for row in rows if row.agreed_at), None),
        "may_agree": buyer and acting.may("orders") and order.state == Order.State.DELIVERED,
        "titleblock": [
            (_("Order"), order.code),
            (_("Buyer"), order.organization.local_name),
            (_("Computed"), rows[0].created_at if rows else clock.now()),
            (
                _("Seen by"),
                _("you and your workshops, each its own amount") if buyer else _("you and the buyer"),
            ),
        ],
    }
    return render(request, "workshop/settlement.html", context)


def _firm_row(row: Settlement) -> dict[str, Any]:
    """A firm's amount with its items as numbers."""
    named = access.settled_operations(row)
    items = [
        item
        | {
            "name": named[UUID(item["operation"])].label,
            "price": Decimal(item["price"]),
            "deduction": Decimal(item["deduction"]),
            "gets": Decimal(item["price"]) - Decimal(item["deduction"]),
            "lot_text": lot_text(int(item.get("lot", 1)), int(item.get("lots", 1))),
            "rejected": int(item["rejected"]),
            "missing": int(item["missing"]),
            "made": int(item["made"]),
        }
        for item in row.items
    ]
    return {"settlement": row, "items": items}
