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
    """How much could be saved at most; the lower bound holds for every plan in these lots, found or not."""
    best, saved = view.plan.cost["total"] <= view.plan.bound, max(view.gap, 0.1)
    if view.plan.assignments.filter(lots__gt=1).exists():
        text = _("yes: no plan in these lots can cost less")
        return text if best else _("at most %s %% could be saved in these lots") % saved
    return _("yes: no plan can cost less") if best else _("at most %s %% could be saved") % saved
