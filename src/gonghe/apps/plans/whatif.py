"""What if the order were needed on another day? For the buyer's own orders; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import Run, enqueue
from gonghe.apps.market.models import Call
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.asking import count, left
from gonghe.apps.plans.awarding import call_offers
from gonghe.apps.plans.dividing import divided, plan_sizes
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.offers import Fleet, Offer, open_offers
from gonghe.apps.plans.problem import Draft, epoch_of, usable
from gonghe.apps.plans.replanning import draft_of
from gonghe.apps.plans.routing import Step, day_end, steps_of
from gonghe.apps.plans.solving import finish, require_offers, search
from gonghe.apps.plans.storing import Solved, minor_amount

__all__ = ["Answer", "answers", "ask", "compute", "draft_for", "left"]
KIND = "plans.whatif"
ITERATIONS = 1500
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What another due day would mean; `change` is the cost beside that of the order's own due day."""

    due: date
    p50: datetime
    p90: datetime
    cost: Decimal
    change: Decimal
    in_time: bool
    asked_at: datetime


def ask(acting: Acting, order: Order, due: date) -> Job:
    """Have a due day worked out; counted against the organisation's hour.

    Raises
    ------
    NotFoundError
        If it is not the acting organisation's order.
    ConflictError
        If too many questions were asked.
    """
    acting.require("plans")
    if order.organization_id != acting.organization.pk:
        raise NotFoundError
    count(acting, order)
    payload = {"order": str(order.pk), "due": due.isoformat(), "at": clock.now().isoformat()}
    return enqueue(acting.principal, KIND, payload, subject_id=order.pk)


def answers(acting: Acting, order: Order) -> list[Answer]:
    """The newest answers for an order of the acting organisation."""
    rows = Job.objects.filter(
        kind=KIND, subject_id=order.pk, organization_id=acting.organization.pk, state=Job.State.DONE
    ).order_by("-created_at")
    return [_answer(row) for row in rows[:SHOWN]]


def compute(order: Order, run: Run) -> dict[str, Any]:
    """Plan the order for its own due day and for the asked one; the work of the job."""
    wanted = date.fromisoformat(run.payload["due"])
    usual = _solve(order, None)
    run.progress(55)
    other = _solve(order, day_end(wanted, order))
    draft = other.draft
    return {
        "order": str(order.pk),
        "p50": draft.moment(other.promise.p50).isoformat(),
        "p90": draft.moment(other.promise.p90).isoformat(),
        "cost": str(minor_amount(other.cost.price)),
        "change": str(minor_amount(other.cost.price - usual.cost.price)),
        "in_time": draft.moment(other.promise.p50) <= day_end(wanted, order),
    }


def draft_for(order: Order, due: datetime | None = None) -> Draft:
    """The problem of an order as things are now, for another due date when one is given."""
    plan = Plan.objects.filter(order=order, state=Plan.State.IN_FORCE).first()
    if plan is not None:
        return draft_of(plan, due=due)[0]
    return _before_award(order, due)


def _solve(order: Order, due: datetime | None) -> Solved:
    draft = draft_for(order, due)
    result = search(draft, iterations=ITERATIONS)
    return finish(draft, result.schedule, result.lower_bound)


def _before_award(order: Order, due: datetime | None) -> Draft:
    """Opened bids where there are any, and the open offers; in the lots of a plan that is proposed."""
    fleet = Fleet(order.organization)
    epoch = epoch_of(clock.now())
    call = order.calls.filter(state=Call.State.OPENED).first()

    def offers_of(steps: Sequence[Step]) -> list[Offer]:
        found = call_offers(call, steps, fleet) if call else open_offers(order, steps, fleet)
        offers = usable(found, order, epoch, epoch)
        require_offers(steps, offers, fleet)
        return offers

    proposed = Plan.objects.filter(order=order, state=Plan.State.PROPOSED, kind=Plan.Kind.AWARD)
    plan = proposed.order_by("-created_at").first()
    sizes = plan_sizes(plan) if plan else None
    steps = steps_of(order, call.lines.all() if call else None)
    return divided(order, steps, offers_of, epoch=epoch, due=due, sizes=sizes)[0]


def _answer(row: Job) -> Answer:
    result: dict[str, Any] = row.result or {}
    return Answer(
        due=date.fromisoformat(row.payload["due"]),
        p50=datetime.fromisoformat(result["p50"]),
        p90=datetime.fromisoformat(result["p90"]),
        cost=Decimal(result["cost"]),
        change=Decimal(result["change"]),
        in_time=result["in_time"],
        asked_at=datetime.fromisoformat(row.payload["at"]),
    )
