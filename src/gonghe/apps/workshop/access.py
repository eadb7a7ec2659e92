"""Who sees job orders, handovers and settlements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from gonghe.apps.base import NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.plans import access as plans
from gonghe.apps.workshop.flow import Custody, Flow, Loss, Parcel, Task
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
        .order_by("-sent_at", "-number")
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


def get_order_in_work(acting: Acting, order_id: UUID) -> Order:
    """An order that the acting firm buys or has job orders of.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    own = acting.organization
    part_in = Q(organization=own) | Q(lines__operations__job_orders__organization=own)
    found = Order.objects.filter(part_in, pk=order_id).select_related("organization", "destination")
    return cast(Order, _one(found))


def visible_settlements(acting: Acting) -> QuerySet[Settlement]:
    """What the acting firm gets, and what it pays as buyer."""
    own = acting.organization
    return (
        Settlement.objects.filter(Q(organization=own) | Q(order__organization=own))
        .select_related("order__organization", "organization")
        .order_by("-created_at")
    )


@dataclass(frozen=True, slots=True)
class Amounts:
    """Who gets what for an order: all of it for its buyer, its own amount for a workshop.

    `transport` is paid by the buyer to the carrier; None for a workshop, whom it does not concern.
    """

    settlements: tuple[Settlement, ...]
    transport: Decimal | None

    @property
    def work(self) -> Decimal:
        """What the workshops get."""
        return sum((one.amount for one in self.settlements), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Work and transport: the total of the plan, less what was rejected or not made."""
        return self.work + (self.transport or Decimal(0))


def amounts(acting: Acting, order: Order) -> Amounts:
    """What each firm gets for an order, and what transport costs its buyer."""
    buyer = order.organization_id == acting.organization.pk
    return Amounts(
        tuple(visible_settlements(acting).filter(order=order)),
        plans.transport_of(order) if buyer else None,
    )


def settled_operations(settlement: Settlement) -> dict[UUID, Operation]:
    """Operations of a settlement that the caller may see, by id."""
    return Operation.objects.in_bulk([UUID(item["operation"]) for item in settlement.items])


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of an order, or one lot of it, as one viewer sees its making.

    `waits`: whether it waits for pieces; `waits_for`: from which operation, None when that is another firm's
    and the viewer does not buy the order.
    """

    task: Task
    job: JobOrder | None
    good: int
    scrap: int
    missing: int
    waits: bool
    waits_for: Operation | None

    @property
    def operation(self) -> Operation:
        """The operation, whichever lot of it."""
        return self.task.operation


@dataclass(frozen=True, slots=True)
class Making:
    """The making of an order as one viewer sees it: the buyer all of it, a workshop its own part."""

    order: Order
    steps: tuple[Step, ...]
    custody: tuple[Custody, ...]
    losses: tuple[Loss, ...]
    to_send: tuple[Parcel, ...]
    amounts: Amounts
    buyer: bool

    @property
    def short(self) -> int:
        """Pieces that the order will lack of what was ordered: the most that any operation lacks."""
        lacking = Counter[UUID]()
        for step in self.steps:
            lacking[step.operation.pk] += step.missing
        return max(lacking.values(), default=0)


def making(acting: Acting, order: Order) -> Making:
    """Progress of an order: all of it for its buyer, one's own steps for a workshop.

    Raises
    ------
    NotFoundError
        If the acting firm has no part in it.
    """
    flow, own = Flow(order), acting.organization.pk
    buyer = order.organization_id == own
    steps = [_step(flow, one, buyer, own) for one in flow.tasks if buyer or _works(flow, one, own)]
    if not steps:
        raise NotFoundError
    return Making(
        order=order,
        steps=tuple(steps),
        custody=tuple(
            held
            for held in flow.custody()
            if buyer or own in {held.holder.pk, held.on_the_way_to.pk if held.on_the_way_to else None}
        ),
        losses=tuple(loss for loss in flow.losses() if buyer or loss.bearer.pk == own),
        to_send=tuple(parcel for parcel in flow.to_send() if parcel.sender.pk == own),
        amounts=amounts(acting, order),
        buyer=buyer,
    )


def work_to_send(acting: Acting) -> list[Parcel]:
    """Work of the acting firm that waits to be handed on."""
    orders = Order.objects.filter(
        state=Order.State.PRODUCING,
        lines__operations__job_orders__organization=acting.organization,
    ).select_related("organization")
    own = acting.organization.pk
    return [one for order in orders.distinct() for one in Flow(order).to_send() if one.sender.pk == own]


def get_parcel(acting: Acting, operation_id: UUID, lot: int = 1) -> Parcel:
    """Pieces of the acting firm that wait to be handed on after an operation (one lot of it).

    Raises
    ------
    NotFoundError
        If there are none.
    """
    for parcel in work_to_send(acting):
        if parcel.task.key == (operation_id, lot):
            return parcel
    raise NotFoundError


def get_operation_of_own(acting: Acting, operation_id: UUID) -> Operation:
    """An operation of which the acting firm has or had pieces: its own work, or accepted from others.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    own = acting.organization
    made = Q(job_orders__organization=own) | Q(handovers__receiver=own)
    found = Operation.objects.filter(made, pk=operation_id).select_related("line__order__organization")
    return cast(Operation, _one(found))


def at_hand(job: JobOrder) -> int:
    """Pieces that a job order, which the caller may see, can still report now."""
    return Flow(job.operation.line.order).at_hand(job)


def _works(flow: Flow, task: Task, firm: UUID) -> bool:
    return any(job.organization_id == firm for job in flow.jobs[task.key])


def _step(flow: Flow, task: Task, buyer: bool, own: UUID) -> Step:
    """One step for its viewer: a workshop sees its own job orders and pieces, not those of the next one."""
    jobs = [job for job in flow.jobs[task.key] if buyer or job.organization_id == own]
    counting = flow.job(task)
    job = counting if counting in jobs else max(jobs, key=lambda one: one.created_at, default=None)
    waits_for = flow.waits_for(task) if job and job.state == JobOrder.State.WAITING else None
    return Step(
        task=task,
        job=job,
        good=sum(one.good for one in jobs),
        scrap=sum(one.scrap for one in jobs),
        missing=flow.missing(task) if buyer or counting in jobs else 0,
        waits=waits_for is not None,
        waits_for=waits_for.operation if waits_for and (buyer or _works(flow, waits_for, own)) else None,
    )


def _one(found: QuerySet[Any]) -> Any:
    row = found.first()
    if row is None:
        raise NotFoundError
    return row
