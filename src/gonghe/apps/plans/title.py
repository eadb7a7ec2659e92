"""What a plan was computed from, when, and who may see it: the title block of its pages."""

from __future__ import annotations

from django.utils.translation import gettext as _

from gonghe.apps.plans.reading import PlanView
from gonghe.apps.plans.words import stamp_text
from gonghe.joining import joined


def titleblock(view: PlanView) -> list[tuple[str, str]]:
    """Rows of the title block."""
    plan = view.plan
    name = joined(", ", (plan.order.code, plan.version))
    if plan.based_on is not None:
        name = _("%(plan)s, on %(base)s") % {"plan": name, "base": plan.based_on.version}
    return [
        (_("Plan"), name),
        (_("State"), plan.get_state_display()),
        (_("Computed"), stamp_text(plan.created_at, view.zone)),
        (_("Best possible"), _best(view)),
        (_("Checked"), _("every rule, independently")),
        (_("Seen by"), _("buyer and its %d workshops, each its own part") % plan.firm_count()),
    ]


def _best(view: PlanView) -> str:
    """How much could be saved at most; the lower bound holds for every plan, found or not."""
    if view.plan.cost["total"] <= view.plan.bound:
        return _("yes: no plan can cost less")
    return _("at most %s %% could be saved") % max(view.gap, 0.1)
