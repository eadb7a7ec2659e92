"""What the market does when something happens below it."""

from __future__ import annotations

from uuid import UUID

from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import subscribe
from gonghe.apps.market import services
from gonghe.apps.principal import SYSTEM


@subscribe("market.cancelled_orders", "orders.order.cancelled")
def order_cancelled(event: Event) -> None:
    """A cancelled order needs no bids any more."""
    for touched in event.objects_touched:
        if touched["type"] == "order":
            services.cancel_calls_of_order(SYSTEM, UUID(touched["id"]))
