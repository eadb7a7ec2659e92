"""The page of one order, from drawing to payment: sections of five apps under one answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.market import access as market
from gonghe.apps.market.models import Call
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.orders import access as orders
from gonghe.apps.orders import sections as order_sections
from gonghe.apps.orders.models import Order, OrderLine
from gonghe.apps.plans import access as plans
from gonghe.apps.plans import sections as plan_sections
from gonghe.apps.workshop import access as workshop
from gonghe.apps.workshop.models import Handover


@member_page
def order(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Everything the buyer wants to know of an order."""
    found = orders.get_order(request.acting, order_id)
    return render(request, "web/order.html", facts(request.acting, found))


def facts(acting: Acting, found: Order) -> dict[str, Any]:
    """Sections of the page; each is None while its station is not reached."""
    lines = list(orders.lines_of(found))
    call = market.own_calls(acting).filter(order=found).exclude(state=Call.State.CANCELLED).first()
    award = plan_sections.award_section(acting, found)
    promise = plan_sections.promise_section(acting, found)
    return {
        "station": "orders",
        "order": found,
        "zone": found.destination.time_zone,
        "parts": [order_sections.part(acting, line) for line in lines if line.revision.drawing],
        "groups": order_sections.operations(found),
        "estimate": order_sections.estimate(found),
        "slug": acting.organization.slug,
        "editable": found.state == Order.State.DRAFT and acting.may("orders"),
        "call": call,
        "answers": market.answers(call) if call else None,
        "left_out": _left_out(call, lines),
        "award": award,
        "promise": promise,
        "making": _making(acting, found),
        "steps": _steps(found),
        "next": _next(acting, found, call, award),
        "titleblock": [
            (_("Order"), found.code),
            (_("Buyer"), acting.organization.local_name),
            (_("Needed by"), found.due),
            (_("Computed"), clock.now()),
            (_("Seen by"), _seen_by(acting, found)),
        ],
    }


def _left_out(call: Call | None, lines: list[OrderLine]) -> list[str]:
    """Parts that were not in the awarded call: nobody makes them, and this order cannot call them."""
    if call is None or call.state != Call.State.AWARDED:
        return []
    called = set(call.lines.values_list("pk", flat=True))
    return [line.revision.part.name for line in lines if line.pk not in called]


def _making(acting: Acting, found: Order) -> Any:
    if plans.plan_in_force(acting, found) is None:
        return None
    try:
        return workshop.making(acting, found)
    except NotFoundError:
        return None


def _next(acting: Acting, found: Order, call: Call | None, award: Any) -> dict[str, str] | None:
    """The one thing to do now: label, address, what happens then."""
    plan = award["plan"] if award else None
    if found.state == Order.State.DRAFT and acting.may("market"):
        note = _("Sealed: nobody reads a bid before the closing time.")
        step = (_("Choose firms and call for bids"), "market:new_call", found.pk, note)
    elif call and call.state == Call.State.OPENED and plan is not None:
        note = _("Accepting it awards the work and reserves the hours.")
        step = (_("Look at the proposed plan"), "plans:plan", plan.pk, note)
    elif call and call.state == Call.State.OPENED:
        note = _("Compare them, then have the best plan worked out.")
        step = (_("Look at the bids"), "market:call", call.pk, note)
    elif call and call.state == Call.State.OPEN:
        step = (_("Look at the call"), "market:call", call.pk, _("Bids are sealed until it closes."))
    elif award and award["proposals"]:
        note = _("Cost and date are shown before anyone agrees.")
        step = (_("Answer the re-plan"), "plans:plan", award["proposals"][0].pk, note)
    elif found.state == Order.State.DELIVERED:
        note = _("Agreeing settles the order.")
        step = (_("Look at the amounts"), "workshop:settlement", found.pk, note)
    elif (
        coming := workshop.visible_handovers(acting)
        .filter(order=found, receiver=acting.organization, state=Handover.State.SENT)
        .first()
    ):
        note = _("Count before you confirm: from then on the accepted pieces are yours.")
        step = (_("Confirm what arrived"), "workshop:handover", coming.pk, note)
    else:
        return None
    label, route, key, note = step
    return {"label": label, "url": reverse(route, args=[acting.organization.slug, key]), "note": note}


def _steps(found: Order) -> list[dict[str, str]]:
    """The way from drawing to payment and how far the order is on it."""
    reached = [
        Order.State.DRAFT,
        Order.State.CALLED,
        Order.State.AWARDED,
        Order.State.PRODUCING,
        Order.State.DELIVERED,
        Order.State.SETTLED,
    ]
    labels = [
        _("Drawn and routed"),
        _("Out for bids"),
        _("Awarded"),
        _("Being made"),
        _("Delivered"),
        _("Settled"),
    ]
    if found.state not in reached:
        return []
    at = reached.index(Order.State(found.state))
    last = len(reached) - 1
    return [
        {
            "label": label,
            "note": "",
            "status": "done" if place < at or at == last else ("now" if place == at else ""),
        }
        for place, label in enumerate(labels)
    ]


def _seen_by(acting: Acting, found: Order) -> str:
    firms = market.contract_items(found).values("contract__organization").distinct().count()
    if firms:
        return _("you; %d workshops see their own steps") % firms
    return _("people of %s") % acting.organization.local_name
