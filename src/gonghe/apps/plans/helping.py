"""What would bring a late order nearer: overtime, tried and priced, told to each as far as it is his.

Only a firm that says what overtime costs is asked for it. The firm reads of its own machines; the buyer reads
of machines whose price is published, which anybody may see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.problem import Draft, overtime_rate
from gonghe.apps.plans.routing import due_moment
from gonghe.apps.plans.storing import Solved, minor_amount
from gonghe.apps.plans.viewing import eyes_of
from gonghe.engines.planning import Remedy, evaluate, remedies
from gonghe.engines.planning.answers.remedy_ideas import Kind

CODE: Kind = "overtime"
ITERATIONS = 1500  # of each search: an order has a few dozen operations
MOST = 3


@dataclass(frozen=True, slots=True)
class Help:
    """A machine that works on after its closing time, and what that does.

    `asked` is what the firm asks on top for the hours; `change` what the whole plan then costs more or less,
    for the buyer alone.
    """

    organization: Organization
    equipment: Equipment
    machine: str
    own: bool
    zone: str
    start: datetime
    end: datetime
    arrives: datetime
    earlier_s: int
    asked: Decimal
    change: Decimal | None
    currency: str


def overtime(order: Order, solved: Solved) -> list[dict[str, Any]]:
    """Overtime that would bring a late promise nearer, as a plan keeps it: `advice` of code "overtime"."""
    draft = solved.draft
    stated = _stated(draft, order.currency)
    if not stated or draft.moment(solved.promise.p90) <= due_moment(order):
        return []
    found = remedies(draft.problem, solved.schedule, solved.job.id, kinds=(CODE,), iterations=ITERATIONS)
    useful = [one for one in found if one.kind == CODE and one.idea.machine in stated]
    return [_kept(draft, solved, one) for one in useful[:MOST]]


def _stated(draft: Draft, currency: str) -> set[str]:
    """Machines whose firm says what overtime costs."""
    return {one.machine for one in draft.offers.values() if overtime_rate(one, currency) is not None}


def _kept(draft: Draft, solved: Solved, one: Remedy) -> dict[str, Any]:
    idea, proposal = one.idea, one.proposal
    assert idea.start is not None
    assert idea.end is not None
    price = evaluate(proposal.problem, proposal.schedule).cost.price
    return {
        "code": CODE,
        "equipment": idea.machine,
        "start": draft.moment(idea.start).isoformat(),
        "end": draft.moment(idea.end).isoformat(),
        "arrives": draft.moment(one.arrival).isoformat(),
        "earlier_s": one.earlier,
        "asked": one.change_cost,
        "change": price - solved.cost.price + one.change_cost,
    }


def helps(acting: Acting, plan: Plan) -> list[Help]:
    """What would help, as far as the acting organisation may see it."""
    kept = {row["equipment"]: row for row in plan.advice if row["code"] == CODE}
    if not kept:
        return []
    machines = Equipment.objects.filter(pk__in=kept).select_related(
        "organization", "site", "calendar", "rate"
    )
    return [_help(acting, plan, one, kept[str(one.pk)]) for one in _told(acting, plan, machines)]


def _told(acting: Acting, plan: Plan, machines: Iterable[Equipment]) -> Iterable[Equipment]:
    """Own machines; for the buyer also those with a published price for overtime, as things are now."""
    for one in machines:
        rate = getattr(one, "rate", None)
        if rate is None or rate.overtime_per_hour is None:
            continue
        if one.organization_id == acting.organization.pk or (
            access.is_buyer(acting, plan) and rate.published
        ):
            yield one


def _help(acting: Acting, plan: Plan, equipment: Equipment, row: dict[str, Any]) -> Help:
    own = equipment.organization_id == acting.organization.pk
    return Help(
        organization=equipment.organization,
        equipment=equipment,
        machine=eyes_of(acting).machine(equipment),
        own=own,
        zone=str(equipment.zone),
        start=datetime.fromisoformat(row["start"]),
        end=datetime.fromisoformat(row["end"]),
        arrives=datetime.fromisoformat(row["arrives"]),
        earlier_s=row["earlier_s"],
        asked=minor_amount(row["asked"]),
        change=minor_amount(row["change"]) if access.is_buyer(acting, plan) else None,
        currency=plan.order.currency,
    )


def as_json(one: Help) -> dict[str, Any]:
    """The same for programs."""
    return {
        "code": CODE,
        "organization": one.organization.name,
        "equipment": one.machine,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "arrives": one.arrives.isoformat(),
        "earlier_s": one.earlier_s,
        "asked": str(one.asked),
        "change": None if one.change is None else str(one.change),
        "currency": one.currency,
    }
