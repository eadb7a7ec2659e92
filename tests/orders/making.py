"""Short ways to an order."""

from __future__ import annotations

from datetime import date

from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Site
from gonghe.apps.orders import services
from gonghe.apps.orders.models import Order
from gonghe.apps.orders.services import LineIn


def destination(acting: Acting) -> Site:
    """The first site of the acting firm."""
    return members.own_sites(acting)[0]


def an_order(acting: Acting, *lines: LineIn, due: date = date(2026, 3, 18)) -> Order:
    """An order of these lines, or of one bracket."""
    return services.create_order(
        acting,
        title="Pump LP-40",
        due=due,
        destination=destination(acting),
        lines=lines or [LineIn(part="LP-40", name="Bearing bracket")],
    )
