"""The list of orders: what was promised and what it costs, as far as it is known."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from gonghe import clock
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.orders import access as orders
from gonghe.apps.orders import sections
from gonghe.apps.orders.models import Order
from gonghe.apps.orders.services import ACCEPT
from gonghe.apps.plans.sections import firm_promises

CLOSED = frozenset({Order.State.SETTLED, Order.State.CANCELLED})


@member_page
def index(request: ActingRequest) -> HttpResponse:
    """All orders with their state, date and price; without any: where to drop a drawing."""
    return render(request, "web/orders.html", facts(request.acting))


def facts(acting: Acting) -> dict[str, Any]:
    """What the list shows: the promise and price of the plan in force, before that the indicative ones."""
    found = list(orders.visible_orders(acting))
    costs = sections.totals(found)
    firm = firm_promises(acting)
    today = clock.now().date()
    open_orders = [one for one in found if one.state not in CLOSED]
    return {
        "rows": [
            {
                "order": one,
                "firm": firm.get(one.pk),
                "cost": costs.get(one.pk),
                "indicative": sections.promised(one),
            }
            for one in found
        ],
        "open": len(open_orders),
        "late": [one for one in open_orders if one.due < today and one.state != Order.State.DELIVERED],
        "accept": ACCEPT,
        "max_bytes": settings.UPLOAD_LIMIT_BYTES,
        "may": acting.may("orders"),
    }
