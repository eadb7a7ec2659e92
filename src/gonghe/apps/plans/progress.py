"""What the shop floor reports of a plan: started and finished work never moves again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gonghe.apps.audit.services import recording
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.principal import Principal


def report_progress(
    principal: Principal,
    operation_id: UUID,
    *,
    lot: int = 1,
    started_at: datetime | None = None,
    finished_at: datetime | None = None,
) -> Assignment | None:
    """Note when an operation (one lot) of the plan in force began or ended; None when no such plan holds it.

    Reporting the same twice changes nothing; a start that is known is kept.
    """
    with recording(principal) as record:
        row = (
            Assignment.objects.select_for_update(of=("self",))
            .filter(operation=operation_id, lot=lot, plan__state=Plan.State.IN_FORCE)
            .select_related("plan__order")
            .first()
        )
        if row is not None:
            row.actual_start = row.actual_start or started_at or finished_at
            row.actual_end = row.actual_end or finished_at
            row.save(update_fields=["actual_start", "actual_end"])
        record(
            "plans.progress.reported",
            objects={"operation": operation_id}
            | ({"plan": row.plan_id, "order": row.plan.order_id} if row else {}),
            audience=[row.plan.order.organization_id, row.organization_id] if row else [],
            data={"finished": finished_at is not None},
        )
    return row
