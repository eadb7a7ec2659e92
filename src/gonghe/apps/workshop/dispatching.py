"""Job orders follow the plan in force."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.principal import SYSTEM, Principal
from gonghe.apps.workshop.flow import OPEN_STATES, Flow
from gonghe.apps.workshop.models import JobOrder

State = JobOrder.State


def dispatch_plan(plan_id: UUID) -> None:
    """Bring job orders into line with a plan, by its id, if it is in force."""
    plan = Plan.objects.select_related("order__organization").filter(pk=plan_id, state=Plan.State.IN_FORCE)
    for found in plan:
        dispatch(SYSTEM, found)


def dispatch(principal: Principal, plan: Plan) -> None:
    """Give every workshop its job orders; doing it twice changes nothing.

    A job that stays on its machine is kept with what was reported. One that moves ends where it is, and the
    next workshop gets the pieces that are left. Each firm is told of its own jobs only.
    """
    with recording(principal) as record:
        Order.objects.select_for_update(no_key=True).get(pk=plan.order_id)
        # Reports that come in meanwhile wait for these rows, then see that their job has moved.
        list(JobOrder.objects.select_for_update(no_key=True).filter(operation__line__order=plan.order_id))
        flow, changed = Flow(plan.order), Counter[UUID]()
        for assignment in plan.assignments.select_related("operation__line"):
            changed.update(_dispatch_one(flow, assignment))
        for firm, count in changed.items():
            _record(record, plan, "workshop.jobs.dispatched", [firm], count)
        _record(record, plan, "workshop.jobs.planned", [plan.order.organization_id], changed.total())


def _dispatch_one(flow: Flow, assignment: Assignment) -> list[UUID]:
    """Bring one operation, or one lot of it, into line; returns the firms for which something changed."""
    job = flow.job(flow.task(assignment.operation_id, assignment.lot))
    if job is None:
        _create(assignment, assignment.quantity - _reported(flow, assignment))
        return [assignment.organization_id]
    if job.state not in OPEN_STATES:
        return []
    if (job.organization_id, job.equipment_id) == (assignment.organization_id, assignment.equipment_id):
        times = {"planned_start": assignment.start, "planned_end": assignment.end}
        moved = JobOrder.objects.filter(pk=job.pk).exclude(**times).update(**times)
        return [job.organization_id] if moved else []
    now = clock.now()
    ended = State.CANCELLED if job.remaining else State.FINISHED
    JobOrder.objects.filter(pk=job.pk).update(
        state=ended, running_since=None, worked_s=job.worked_until(now), finished_at=now
    )
    _create(assignment, job.remaining)
    return [job.organization_id, assignment.organization_id]


def _create(assignment: Assignment, quantity: int) -> None:
    if not quantity:
        return  # everything was reported before the work moved
    JobOrder.objects.create(
        operation=assignment.operation,
        lot=assignment.lot,
        lots=assignment.lots,
        organization_id=assignment.organization_id,
        equipment_id=assignment.equipment_id,
        planned_start=assignment.start,
        planned_end=assignment.end,
        quantity=quantity,
    )


def _reported(flow: Flow, assignment: Assignment) -> int:
    return sum(job.good + job.scrap for job in flow.jobs[assignment.operation_id, assignment.lot])


def _record(record: Recorder, plan: Plan, type_: str, audience: list[UUID], changed: int) -> None:
    record(
        type_,
        objects={"order": plan.order_id, "plan": plan.pk},
        audience=audience,
        data={"changed": changed},
    )
