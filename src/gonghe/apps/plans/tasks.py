"""News that plans follow, and the jobs that work plans out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import subscribe
from gonghe.apps.jobs.services import Run, runner
from gonghe.apps.market.models import Call
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import awarding, consenting, indication, replanning, scenarios, whatif
from gonghe.apps.plans.models import Plan
from gonghe.apps.principal import SYSTEM


@subscribe(
    "plans.indicative",
    "orders.line.routed",
    "orders.line.changed",
    "orders.line.removed",
    "orders.operation.saved",
    "orders.operation.removed",
    "orders.order.changed",
)
def order_changed(event: Event) -> None:
    """What is to be made, or by when, is new: the order gets an indicative promise at once."""
    order_id = touched(event, "order")
    if order_id is not None:
        indication.indicative(order_id)


@subscribe("plans.breakdowns", "capacity.equipment.down")
def equipment_down(event: Event) -> None:
    """A machine stands still: every plan with work on it in that time is planned again."""
    until = event.data["until"]
    start = datetime.fromisoformat(event.data["start"])
    end = datetime.fromisoformat(until) if until else None
    for plan in replanning.plans_hit(UUID(event.data["equipment"]), start, end):
        replanning.enqueue_replan(SYSTEM, plan, {"kind": "down"} | dict(event.data))


@subscribe("plans.repairs", "capacity.equipment.up")
def equipment_up(event: Event) -> None:
    """The machine runs again: proposals for its stop fall away."""
    consenting.withdraw_proposals(SYSTEM, UUID(event.data["equipment"]))


@runner("plans.indicative")
def run_indicative(run: Run) -> dict[str, Any]:
    """Work out an indicative promise."""
    return indication.compute(Order.objects.get(pk=run.payload["order"]), run)


@runner("plans.award")
def run_award(run: Run) -> dict[str, Any]:
    """Work out the joint plan of a call."""
    call = Call.objects.select_related("order__organization", "order__destination").get(
        pk=run.payload["call"]
    )
    plan = awarding.solve_award(SYSTEM, call, run)
    return {"plan": str(plan.pk)}


@runner("plans.replan")
def run_replan(run: Run) -> dict[str, Any]:
    """Work out ways out of a disturbance."""
    plan = Plan.objects.select_related("order__organization", "order__destination", "call").get(
        pk=run.payload["plan"]
    )
    plans = replanning.solve_replan(SYSTEM, plan, run.payload["disturbance"], run)
    return {"plans": [str(one.pk) for one in plans]}


@runner("plans.whatif")
def run_whatif(run: Run) -> dict[str, Any]:
    """Work out a buyer's question."""
    return whatif.compute(Order.objects.get(pk=run.payload["order"]), run)


@runner("plans.scenario")
def run_scenario(run: Run) -> dict[str, Any]:
    """Work out a buyer's scenario."""
    return scenarios.compute(Order.objects.get(pk=run.payload["order"]), run)


def touched(event: Event, kind: str) -> UUID | None:
    """Id of the object of this kind that an event touched."""
    found = [one["id"] for one in event.objects_touched if one["type"] == kind]
    return UUID(found[0]) if found else None
