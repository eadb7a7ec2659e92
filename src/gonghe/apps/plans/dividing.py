"""Into which lots a line is divided: decided once, before its plan is searched, and kept from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from gonghe.apps.base import ConflictError
from gonghe.apps.orders.models import Order, OrderLine
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.offers import Offer
from gonghe.apps.plans.problem import Draft, build
from gonghe.apps.plans.routing import Sizes, Step, in_lots, sizes_of
from gonghe.apps.plans.solving import search
from gonghe.engines.model.planning import Schedule

ITERATIONS = 1000

OffersOf = Callable[[Sequence[Step]], list[Offer]]


def plan_sizes(plan: Plan) -> dict[UUID, tuple[int, ...]]:
    """Pieces of every lot of the lines that a plan divides."""
    return sizes_of(plan.assignments.select_related("operation"))


def divided(
    order: Order,
    steps: Sequence[Step],
    offers_of: OffersOf,
    *,
    epoch: datetime,
    due: datetime | None = None,
    sizes: Sizes | None = None,
) -> tuple[Draft, list[Step]]:
    """The problem of an order whose lines run in lots where the buyer allows it and it pays.

    A line is divided where a quick search finds that cheaper, lateness included, than all its pieces in one
    place; several such lines one after the other.

    Parameters
    ----------
    steps
        Of whole lines.
    offers_of
        Usable offers for steps, of whole lines and of lots; it raises where somebody is lacking.
    sizes
        Lots to keep; nothing is decided then.
    """
    kept = dict(sizes or {})
    draft, parts = _draft(order, steps, offers_of, kept, epoch, due)
    if sizes is not None:
        return draft, parts
    for line in _divisible(steps):
        lots = _lots_of(order, line, parts, offers_of, epoch, due)
        if len(lots) < 2:
            continue
        wanted = kept | {line.pk: lots}
        other, its_parts = _draft(order, steps, offers_of, wanted, epoch, due)
        if _cost(other) < _cost(draft):
            kept, draft, parts = wanted, other, its_parts
    return draft, parts


def _draft(
    order: Order,
    steps: Sequence[Step],
    offers_of: OffersOf,
    sizes: Sizes,
    epoch: datetime,
    due: datetime | None,
) -> tuple[Draft, list[Step]]:
    parts = in_lots(steps, sizes)
    return build(order, parts, offers_of(parts), epoch=epoch, due=due), parts


def _divisible(steps: Sequence[Step]) -> list[OrderLine]:
    lines = {step.operation.line_id: step.operation.line for step in steps}
    return [line for line in lines.values() if line.smallest_lot is not None]


def _lots_of(
    order: Order,
    line: OrderLine,
    steps: Sequence[Step],
    offers_of: OffersOf,
    epoch: datetime,
    due: datetime | None,
) -> tuple[int, ...]:
    """Pieces of the lots into which the planner would divide a line."""
    draft = build(order, steps, offers_of(steps), epoch=epoch, due=due, dividing=line)
    try:
        return _sizes(search(draft, iterations=ITERATIONS).schedule)
    except ConflictError:
        return ()  # whoever plans the order next tells why there is no room


def _sizes(schedule: Schedule) -> tuple[int, ...]:
    found = {row.lot: row.quantity for row in schedule if row.lot}
    return tuple(found[lot] for lot in sorted(found))


def _cost(draft: Draft) -> float:
    """What a quick search makes of it; more than everything where there is no room."""
    try:
        return search(draft, iterations=ITERATIONS).cost.total
    except ConflictError:
        return float("inf")
