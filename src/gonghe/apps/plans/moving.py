"""A bar moved by hand becomes a proposal: checked like every plan, and in force only when all agree."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe.apps.members.acting import Acting
from gonghe.apps.plans import awarding, changing, consenting, replanning
from gonghe.apps.plans.asking import count
from gonghe.apps.plans.dividing import plan_sizes
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.solving import bound_of, finish
from gonghe.apps.plans.trying import bound_search, movable

LABEL = "by_hand"


def propose_move(acting: Acting, plan: Plan, *, bar: UUID, row: str, start: datetime, lot: int = 1) -> Plan:
    """Make a proposal of one operation on this machine, not before this time.

    A plan in force gets a re-plan to which every firm that it touches has to agree; the acting firm has
    agreed by proposing it, and when nobody else is touched it holds at once. A proposed award gets a new
    version in its place.

    Raises
    ------
    ForbiddenError
        If the role may not plan.
    ConflictError
        If the operation may not be moved, nothing fits, nothing would change, the plan is no longer open, or
        too many questions were asked within the hour.
    """
    found = movable(acting, plan, bar, lot, row)
    count(acting, plan.order)
    if plan.state == Plan.State.PROPOSED and plan.kind == Plan.Kind.AWARD and plan.call is not None:
        draft, _steps = awarding.draft_of(plan.call, plan_sizes(plan))
    elif plan.state == Plan.State.IN_FORCE:
        draft, _baseline = replanning.draft_of(plan)
    else:
        raise consenting.not_open()
    result = bound_search(draft.problem, found, row, draft.epoch, start)
    solved = finish(draft, result.schedule, bound_of(draft.problem))  # without the wish, as every plan is
    there = _("Nothing would change: the plan has it there already.")
    return changing.propose(acting, plan, solved, LABEL, there)
