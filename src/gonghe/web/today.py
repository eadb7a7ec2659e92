"""The home page: one sentence that says how today stands, and what waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe import clock
from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.market import access as market
from gonghe.apps.market.models import Contract
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.orders import access as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.sections import firm_promises
from gonghe.web.needs import needs, running_jobs

LIVE_ORDERS = (
    Order.State.DRAFT,
    Order.State.CALLED,
    Order.State.AWARDED,
    Order.State.PRODUCING,
    Order.State.DELIVERED,
)


@member_page
def today(request: ActingRequest) -> HttpResponse:
    """What needs me now?"""
    return render(request, "web/today.html", facts(request.acting))


def facts(acting: Acting) -> dict[str, Any]:
    """Everything the home page shows, each part read through its own app's access."""
    waiting = needs(acting)
    own_orders = _orders(acting)
    late = [row for row in own_orders if row["late"]]
    machines = list(capacity.own_equipment(acting).exclude(status=Equipment.Status.RETIRED))
    down = [one for one in machines if one.status == Equipment.Status.DOWN]
    jobs = running_jobs(acting)
    return {
        "station": "today",
        "answer": _answer(own_orders, late, down, len(waiting)),
        "first": waiting[0] if waiting else None,
        "waiting": waiting[1:],
        "orders": own_orders,
        "may_order": acting.may("orders"),
        "jobs": jobs,
        "makes": bool(machines or jobs),
        "contracts": market.contracts(acting)
        .filter(state=Contract.State.RUNNING)
        .exclude(order__organization=acting.organization)[:8],
        "titleblock": [
            (_("Firm"), acting.organization.local_name),
            (_("Computed"), clock.now()),
            (_("From"), _from(len(machines), len(own_orders))),
            (_("Seen by"), _("people of %s") % acting.organization.local_name),
        ],
    }


def _orders(acting: Acting) -> list[dict[str, Any]]:
    rows = []
    firm = firm_promises(acting)
    for order in orders.visible_orders(acting).filter(state__in=LIVE_ORDERS):
        arrives = firm[order.pk]["p90"] if order.pk in firm else None
        rows.append(
            {"order": order, "promise": arrives, "late": bool(arrives and arrives.date() > order.due)}
        )
    return rows


def _from(machines: int, open_orders: int) -> str:
    if machines:
        return ngettext("%d machine", "%d machines", machines) % machines
    return ngettext("%d open order", "%d open orders", open_orders) % open_orders


def _answer(rows: list[dict[str, Any]], late: list[Any], down: list[Equipment], waiting: int) -> str:
    """One sentence, bad news first."""
    parts = []
    if down:
        parts.append(
            ngettext("%(first)s is down", "%(count)d machines are down", len(down))
            % {"first": down[0].code, "count": len(down)}
        )
    if late:
        parts.append(
            ngettext("%(count)d order may be late", "%(count)d orders may be late", len(late))
            % {"count": len(late)}
        )
    elif rows:
        parts.append(
            ngettext("your order is on time", "all %(count)d orders are on time", len(rows))
            % {"count": len(rows)}
        )
    if waiting:
        parts.append(
            ngettext("%(count)d thing waits for you", "%(count)d things wait for you", waiting)
            % {"count": waiting}
        )
    else:
        parts.append(_("nothing waits for you"))
    sentence = _("; ").join(parts)
    return sentence[:1].upper() + sentence[1:] + _(".")
