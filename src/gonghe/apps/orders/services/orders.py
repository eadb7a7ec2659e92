"""Create an order, change its head, move it from state to state."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Site
from gonghe.apps.orders.models import Order, Revision
from gonghe.apps.orders.services.guard import check_fields, require_draft
from gonghe.apps.orders.services.inputs import LineIn, check_line
from gonghe.apps.orders.services.lines import place_lines
from gonghe.apps.principal import Principal

# What may follow what; a call without bids goes back to draft.
NEXT_STATES: dict[str, frozenset[str]] = {
    Order.State.DRAFT: frozenset({Order.State.CALLED, Order.State.CANCELLED}),
    Order.State.CALLED: frozenset({Order.State.DRAFT, Order.State.AWARDED, Order.State.CANCELLED}),
    Order.State.AWARDED: frozenset({Order.State.PRODUCING, Order.State.DELIVERED}),
    Order.State.PRODUCING: frozenset({Order.State.DELIVERED}),
    Order.State.DELIVERED: frozenset({Order.State.SETTLED}),
}
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 4


def create_order(
    acting: Acting,
    *,
    title: str,
    due: date,
    destination: Site,
    lines: Sequence[LineIn],
    lateness_per_hour: Decimal | None = None,
) -> Order:
    """Write down what is wanted; drawings that can be read are read in the background.

    Raises
    ------
    InvalidError
        If it is due in the past, has no line, or a line cannot be made; nothing is written then.
    """
    acting.require("orders")
    if not lines:
        raise InvalidError(
            _("The order is empty. Drop a drawing or add a part with its number."),
            code="empty_order",
            fields=["lines"],
        )
    for line in lines:
        check_line(line)
    order = Order(
        organization=acting.organization,
        code=_fresh_code(),
        title=title.strip(),
        due=due,
        destination=destination,
        currency=acting.organization.currency,
    )
    if lateness_per_hour is not None:
        order.lateness_per_hour = lateness_per_hour
    _check(order)
    with recording(acting.principal) as record:
        order.save()
        record(
            "orders.order.created",
            objects={"order": order.pk},
            data={"code": order.code, "due": due.isoformat(), "lines": len(lines)},
        )
        place_lines(acting, order, lines)
    return order


def change_order(
    acting: Acting,
    order: Order,
    *,
    title: str,
    due: date,
    destination: Site,
    lateness_per_hour: Decimal,
) -> Order:
    """Change the head of a draft.

    Raises
    ------
    ConflictError
        If the order is out for bids or further.
    InvalidError
        If it would be due in the past.
    """
    acting.require("orders")
    order.title, order.due, order.destination = title.strip(), due, destination
    order.lateness_per_hour = lateness_per_hour
    _check(order)
    with recording(acting.principal) as record:
        require_draft(order)
        order.save(update_fields=["title", "due", "destination", "lateness_per_hour"])
        record("orders.order.changed", objects={"order": order.pk}, data={"due": due.isoformat()})
    return order


def set_state(principal: Principal, order: Order, state: str) -> None:
    """Move an order on; going out for bids freezes its revisions. Moving it to where it is changes nothing.

    Raises
    ------
    ConflictError
        If the order cannot go there from where it is.
    """
    if Order.objects.filter(pk=order.pk, state=state).exists():
        return
    sources = [source for source, targets in NEXT_STATES.items() if state in targets]
    with recording(principal) as record:
        moved = Order.objects.filter(pk=order.pk, state__in=sources).update(state=state)
        if not moved:
            refuse_state(Order.objects.get(pk=order.pk), state)
        if state == Order.State.CALLED:
            Revision.objects.filter(lines__order=order, frozen_at=None).update(frozen_at=clock.now())
        order.state = state
        record(f"orders.order.{state}", objects={"order": order.pk}, audience=[order.organization_id])


def refuse_state(order: Order, wanted: str) -> None:
    """Say why an order cannot go from its state to another.

    Raises
    ------
    ConflictError
        Always.
    """
    raise ConflictError(
        _("Order %(code)s is %(now)s; it cannot become %(wanted)s.")
        % {"code": order.code, "now": order.get_state_display(), "wanted": Order.State(wanted).label},
        code="order_state",
    )


def cancel_order(acting: Acting, order: Order) -> None:
    """Take an order back that nobody has been promised yet."""
    acting.require("orders")
    set_state(acting.principal, order, Order.State.CANCELLED)


def set_indicative(principal: Principal, order: Order, promise: Mapping[str, Any] | None) -> None:
    """Store what the joint planner thinks possible before any firm has promised anything."""
    with recording(principal) as record:
        Order.objects.filter(pk=order.pk).update(indicative=None if promise is None else dict(promise))
        record("orders.order.estimated", objects={"order": order.pk}, audience=[order.organization_id])


def _check(order: Order) -> None:
    today = clock.now().astimezone(ZoneInfo(order.destination.time_zone)).date()
    if order.destination.organization_id != order.organization_id:
        raise InvalidError(_("Choose one of your own sites."), code="destination", fields=["destination"])
    if order.due < today:
        raise InvalidError(
            _("The date is in the past. Choose %s or later.") % today.isoformat(),
            code="due_past",
            fields=["due"],
        )
    check_fields(order)


def _fresh_code() -> str:
    """A code that tells nobody how many orders there are."""
    month = clock.now().strftime("%y%m")
    while True:
        code = f"GH-{month}-" + "".join(secrets.choice(LETTERS) for _place in range(CODE_LENGTH))
        if not Order.objects.filter(code=code).exists():
            return code
