"""A change that a planner has looked at comes to count: a new proposal, or a re-plan with consents."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError
from gonghe.apps.members.acting import Acting
from gonghe.apps.plans import awarding, consenting, replanning
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.storing import Solved, moved_by


def propose(acting: Acting, plan: Plan, solved: Solved, label: str, unchanged: str = "") -> Plan:
    """Put a changed plan in place of a proposed award, or beside a plan in force with the acting firm's yes.

    Raises
    ------
    ConflictError
        If it moves nothing; `unchanged` says so in other words.
    """
    if not moved_by(solved, {one.name: one for one in plan.assignments.all()}):
        text = unchanged or _("Nothing would change: the plan is like this already.")
        raise ConflictError(text, code="no_change")
    if plan.state == Plan.State.PROPOSED:
        return awarding.replace_proposal(acting.principal, plan, solved)
    with recording(acting.principal) as record:
        proposed = replanning.store_proposal(record, plan, solved, {"kind": label}, label)
    return consenting.answer(acting, proposed, agree=True)
