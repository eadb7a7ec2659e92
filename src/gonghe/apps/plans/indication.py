"""The date an order would get from open offers alone: shown at once, indicative, binding nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from gonghe import clock
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import Run, enqueue
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.dividing import divided
from gonghe.apps.plans.offers import Fleet, Offer, open_offers
from gonghe.apps.plans.problem import epoch_of, usable
from gonghe.apps.plans.routing import Step, steps_of
from gonghe.apps.plans.solving import finish, missing_operations, search
from gonghe.apps.plans.storing import by_day_of, minor_amount
from gonghe.apps.principal import SYSTEM

KIND = "plans.indicative"
ITERATIONS = 600
OPEN = (Order.State.DRAFT, Order.State.CALLED)


def indicative(order_id: UUID) -> Job | None:
    """Have the indicative promise worked out anew; None when it is of no use any more, or queued."""
    order = Order.objects.filter(pk=order_id, state__in=OPEN).first()
    if order is None or Job.objects.filter(kind=KIND, subject_id=order_id, state=Job.State.QUEUED).exists():
        return None
    return enqueue(
        SYSTEM, KIND, {"order": str(order_id)}, organization_id=order.organization_id, subject_id=order_id
    )


def compute(order: Order, run: Run | None = None) -> dict[str, Any]:
    """Work out and store the indicative promise; the work of the job."""
    answer = _answer(order, run)
    orders.set_indicative(SYSTEM, order, answer)
    return answer


def _answer(order: Order, run: Run | None) -> dict[str, Any]:
    steps = steps_of(order)
    facts: dict[str, Any] = {
        "p50": None,
        "p90": None,
        "cost_p50": None,
        "computed_at": clock.now().isoformat(timespec="seconds"),
        "basis": {"firms": 0, "machines": 0, "operations": len(steps)},
        "missing": [],
    }
    if not steps:
        return facts
    fleet = Fleet(order.organization)
    try:
        return facts | _promise(order, steps, fleet, run)
    except (ConflictError, InvalidError) as error:
        return facts | {"reason": error.message, "missing": error.details.get("operations", [])}


def _promise(order: Order, steps: list[Step], fleet: Fleet, run: Run | None) -> dict[str, Any]:
    epoch = epoch_of(clock.now())

    def offers_of(parts: Sequence[Step]) -> list[Offer]:
        return usable(open_offers(order, parts, fleet), order, epoch, epoch)

    offers = offers_of(steps)
    missing = missing_operations(steps, offers, fleet)
    if missing:
        return {"missing": missing}
    draft, _parts = divided(order, steps, offers_of, epoch=epoch)
    result = search(draft, run, iterations=ITERATIONS)
    solved = finish(draft, result.schedule, result.lower_bound)
    return {
        "p50": draft.moment(solved.promise.p50).isoformat(),
        "p90": draft.moment(solved.promise.p90).isoformat(),
        "cost_p50": str(minor_amount(solved.cost.price)),
        "histogram": by_day_of(order, solved),
        "basis": {
            "firms": len({offer.organization.pk for offer in offers}),
            "machines": len({offer.machine for offer in offers}),
            "operations": len(steps),
        },
    }
