"""Who sees job orders, handovers and settlements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from gonghe.apps.base import NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.workshop.flow import Custody, Flow
from gonghe.apps.workshop.models import Handover, JobOrder, Settlement


def visible_job_orders(acting: Acting) -> QuerySet[JobOrder]:
    """Job orders of the acting firm's own machines and people."""
    return (
        JobOrder.objects.filter(organization=acting.organization)
        .select_related(
            "operation__line__order__organization",
            "operation__line__revision__part",
            "equipment__site",
            "organization",
        )
        .order_by("planned_start", "created_at")
    )


def get_job_order(acting: Acting, job_id: UUID) -> JobOrder:
    """One of the acting firm's job orders.

    Raises
    ------
    NotFoundError
        If there is none that it may see.
    """
    return cast(JobOrder, _one(visible_job_orders(acting).filter(pk=job_id)))


def visible_handovers(acting: Acting) -> QuerySet[Handover]:
    """Handovers that the acting firm sends, receives, or pays for."""
    own = acting.organization
    return (
        Handover.objects.filter(Q(sender=own) | Q(receiver=own) | Q(order__organization=own))
        .select_related(
            "order__organization", "line__revision__part", "sender", "receiver", "after_operation"
        )
        .order_by("-sent_at")
    )


def get_handover(acting: Acting, handover_id: UUID) -> Handover:
    """One of the handovers that the acting firm sees.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    return cast(Handover, _one(visible_handovers(acting).filter(pk=handover_id)))


def get_handover_to_receive(acting: Acting, handover_id: UUID) -> Handover:
    """A handover whose receiver is the acting firm.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    return cast(
        Handover, _one(visible_handovers(acting).filter(pk=handover_id, receiver=acting.organization))
    )


def get_order_to_settle(acting: Acting, order_id: UUID) -> Order:
    """An order of the acting firm as buyer.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    return cast(Order, _one(Order.objects.filter(pk=order_id, organization=acting.organization)))


def visible_settlements(acting: Acting) -> QuerySet[Settlement]:
    """What the acting firm gets, and what it pays as buyer."""
    own = acting.organization
    return (
        Settlement.objects.filter(Q(organization=own) | Q(order__organization=own))
        .select_related("order__organization", "organization")
        .order_by("-created_at")
    )


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of an order as one viewer sees its making."""

    operation: Operation
    job: JobOrder | None
    good: int
    waits_for: Operation | None


@dataclass(frozen=True, slots=True)
class Making:
    """The making of an order as one viewer sees it."""

    steps: tuple[Step, ...]
    custody: tuple[Custody, ...]
    to_send: tuple[tuple[JobOrder, Organization], ...]


def making(acting: Acting, order: Order) -> Making:
    """Progress of an order: all of it for its buyer, one's own steps for a workshop.

    Raises
    ------
    NotFoundError
        If the acting firm has no part in it.
    """
    flow = Flow(order)
    buyer = order.organization_id == acting.organization.pk
    steps = []
    for operation in flow.operations:
        job = flow.job(operation)
        if buyer or (job is not None and job.organization_id == acting.organization.pk):
            steps.append(Step(operation, job, flow.good(operation), flow.waits_for(operation)))
    if not steps:
        raise NotFoundError
    own = acting.organization.pk
    custody = [
        held
        for held in flow.custody()
        if buyer or own in {held.holder.pk, held.on_the_way_to.pk if held.on_the_way_to else None}
    ]
    to_send = [(job, receiver) for job, receiver in flow.to_send() if job.organization_id == own]
    return Making(tuple(steps), tuple(custody), tuple(to_send))


def work_to_send(acting: Acting) -> list[tuple[JobOrder, Organization]]:
    """Finished work of the acting firm that waits to be handed on."""
    orders = Order.objects.filter(
        state=Order.State.PRODUCING,
        lines__operations__job_orders__organization=acting.organization,
    ).distinct()
    return [pair for order in orders for pair in making(acting, order).to_send]


def _one(found: QuerySet[Any]) -> Any:
    row = found.first()
    if row is None:
        raise NotFoundError
    return row
