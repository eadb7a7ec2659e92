"""What the workshop does when a plan comes into force."""

from __future__ import annotations

from uuid import UUID

from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import subscribe
from gonghe.apps.workshop import dispatching


@subscribe("workshop.dispatch", "plans.plan.in_force")
def dispatch(event: Event) -> None:
    """Give every workshop its job orders."""
    plan = next(one["id"] for one in event.objects_touched if one["type"] == "plan")
    dispatching.dispatch_plan(UUID(plan))
