"""Parts of the order page that plans provide: the promise and the award."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access
from gonghe.apps.plans.chart import chart
from gonghe.apps.plans.helping import helps
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.reading import due_passed, plan_view
from gonghe.apps.plans.storing import price_of


def promise_section(acting: Acting, order: Order, plan: Plan | None = None) -> dict[str, Any]:
    """Context of `plans/sections/promise.html`: the firm promise, the proposed one, or the indicative one.

    `kind` is "firm", "proposed", "indicative", "missing" (somebody is lacking) or "none".
    """
    plan = plan or access.plan_in_force(acting, order) or access.newest_proposal(acting, order)
    slug = acting.organization.slug
    facts: dict[str, Any] = {
        "kind": "none",
        "slug": slug,
        "due": order.due,
        "zone": order.destination.time_zone,
        "currency": order.currency,
        "what_if_url": reverse("plans:what_if", args=[slug, order.pk]),
        "scenarios_url": reverse("plans:scenarios", args=[slug, order.pk]),
    }
    if plan is not None:
        return facts | _of_plan(acting, order, plan)
    return facts | _indicative(order)


def award_section(acting: Acting, order: Order) -> dict[str, Any] | None:
    """Context of `plans/sections/award.html`: who does what, when, for how much; None without a plan."""
    plan = access.plan_in_force(acting, order) or access.newest_proposal(acting, order)
    if plan is None:
        return None
    view = plan_view(acting, plan)
    url = reverse("plans:plan", args=[acting.organization.slug, plan.pk])
    proposals = list(access.open_proposals(acting, order))
    return {"view": view, "plan": plan, "url": url, "slug": acting.organization.slug, "proposals": proposals}


def firm_promises(acting: Acting) -> dict[UUID, dict[str, Any]]:
    """`p90` and `price` of the plan in force of every order that the acting organisation placed."""
    return {
        key: {"p90": plan.promise.p90, "price": price_of(plan)}
        for key, plan in access.in_force_by_order(acting).items()
    }


def _of_plan(acting: Acting, order: Order, plan: Plan) -> dict[str, Any]:
    promise = plan.promise
    drawn = chart(promise.histogram, promise.p50, promise.p90, order.due, order.destination.time_zone)
    return {
        "kind": "firm" if plan.in_force_at else "proposed",
        "p50": promise.p50,
        "p90": promise.p90,
        "chart": drawn,
        "late": due_passed(order, promise.p50),
        "computed_at": plan.created_at,
        "advice": plan.advice,
        "helps": helps(acting, plan),
        "plan_url": reverse("plans:plan", args=[acting.organization.slug, plan.pk]),
    }


def _indicative(order: Order) -> dict[str, Any]:
    told = order.indicative
    if not told:
        return {}
    facts: dict[str, Any] = {
        "computed_at": datetime.fromisoformat(told["computed_at"]),
        "missing": told["missing"],
        "reason": told.get("reason", ""),
        "basis": told["basis"],
    }
    if told["p50"] is None:
        return facts | {"kind": "missing" if told["missing"] or told.get("reason") else "none"}
    p50, p90 = datetime.fromisoformat(told["p50"]), datetime.fromisoformat(told["p90"])
    return facts | {
        "kind": "indicative",
        "p50": p50,
        "p90": p90,
        "cost": Decimal(told["cost_p50"]),
        "chart": chart(told["histogram"], p50, p90, order.due, order.destination.time_zone),
        "late": due_passed(order, p50),
    }
