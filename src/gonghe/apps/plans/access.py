"""Who may see which plans.

The buyer sees every plan of its orders. A firm sees a plan that is or was in force as far as it works in it,
and a proposal that asks for its consent. Everyone else sees nothing; what each sees of a plan is in
`picture`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet

from gonghe.apps.base import NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.models import Assignment, Consent, Plan
from gonghe.apps.plans.routing import sizes_of
from gonghe.apps.plans.storing import transport_price

State = Plan.State


def visible_plans(acting: Acting) -> QuerySet[Plan]:
    """Plans that concern the acting organisation, newest first."""
    firm = acting.organization
    works = Assignment.objects.filter(organization=firm, plan__in_force_at__isnull=False).values("plan")
    asked = Consent.objects.filter(organization=firm).values("plan")
    return (
        Plan.objects.filter(Q(order__organization=firm) | Q(pk__in=works) | Q(pk__in=asked))
        .select_related("order__organization", "order__destination", "call", "promise", "based_on")
        .order_by("-created_at")
    )


def get_plan(acting: Acting, plan_id: UUID) -> Plan:
    """A plan that the acting organisation may see.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    plan = visible_plans(acting).filter(pk=plan_id).first()
    if plan is None:
        raise NotFoundError
    return plan


def is_buyer(acting: Acting, plan: Plan) -> bool:
    """Whether the acting organisation placed the order."""
    return plan.order.organization_id == acting.organization.pk


def visible_assignments(acting: Acting, plan: Plan) -> QuerySet[Assignment]:
    """Operations of a plan that the acting organisation may see: all as the buyer, its own as a workshop."""
    rows = plan.assignments.select_related("operation__line", "organization", "equipment__site")
    return rows if is_buyer(acting, plan) else rows.filter(organization=acting.organization)


def plan_in_force(acting: Acting, order: Order) -> Plan | None:
    """The plan that holds for an order, if the acting organisation may see it."""
    return visible_plans(acting).filter(order=order, state=State.IN_FORCE).first()


def in_force_by_order(acting: Acting) -> dict[UUID, Plan]:
    """Plans that hold, by order, of the orders that the acting organisation placed."""
    found = visible_plans(acting).filter(state=State.IN_FORCE, order__organization=acting.organization)
    return {plan.order_id: plan for plan in found.defer("problem", "schedule")}


def newest_proposal(acting: Acting, order: Order) -> Plan | None:
    """The newest proposed award of an order of the acting buyer."""
    found = visible_plans(acting).filter(order=order, state=State.PROPOSED, kind=Plan.Kind.AWARD)
    return found.filter(order__organization=acting.organization).first()


def open_proposals(acting: Acting, order: Order | None = None) -> QuerySet[Plan]:
    """Re-plans that wait for consents, of one order or of all."""
    found = (
        visible_plans(acting)
        .filter(state=State.PROPOSED, kind=Plan.Kind.REPLAN)
        .order_by("created_at", "version")
    )
    return found if order is None else found.filter(order=order)


def waiting_for(acting: Acting) -> QuerySet[Plan]:
    """Re-plans that wait for the acting organisation's own answer."""
    asked = Consent.objects.filter(organization=acting.organization, state=Consent.State.ASKED).values("plan")
    return open_proposals(acting).filter(pk__in=asked)


def alternatives(acting: Acting, plan: Plan) -> QuerySet[Plan]:
    """Proposals made together with this one, itself included."""
    return open_proposals(acting, plan.order).filter(based_on=plan.based_on)


def assignments_in_force(order: Order) -> QuerySet[Assignment]:
    """All operations of the plan in force; for the apps above that act for the whole order."""
    return Assignment.objects.filter(plan__order=order, plan__state=State.IN_FORCE).select_related(
        "operation__line", "organization", "equipment"
    )


def lots_of(order: Order) -> dict[UUID, tuple[int, ...]]:
    """Pieces of every lot of the lines that the plan in force divides; for the apps above."""
    return sizes_of(assignments_in_force(order).filter(lots__gt=1))


def transport_of(order: Order) -> Decimal:
    """What the plan in force reckons for transport: the buyer pays it to the carrier, on top of the work."""
    plan = Plan.objects.filter(order=order, state=State.IN_FORCE).first()
    return transport_price(plan) if plan else Decimal(0)


def in_force_on(equipment_ids: Iterable[UUID]) -> QuerySet[Assignment]:
    """Unfinished operations of plans in force on equipment; for re-planning after a breakdown."""
    return Assignment.objects.filter(
        plan__state=State.IN_FORCE, equipment__in=list(equipment_ids), actual_end=None
    ).select_related("plan__order")


def own_work(acting: Acting) -> QuerySet[Assignment]:
    """Operations in force on the acting firm's machines and windows, those that come first on top."""
    return (
        Assignment.objects.filter(organization=acting.organization, plan__state=State.IN_FORCE)
        .select_related("operation__line", "equipment__site", "plan__order__organization")
        .order_by("start")
    )
