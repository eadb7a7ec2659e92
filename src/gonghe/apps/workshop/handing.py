"""Work passing from firm to firm, and delivery to the buyer."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.principal import Principal
from gonghe.apps.workshop import settling
from gonghe.apps.workshop.flow import Flow
from gonghe.apps.workshop.models import Handover, JobOrder


def send(acting: Acting, operation: Operation, *, quantity: int, note: str = "", lot: int = 1) -> Handover:
    """Hand pieces (of one lot) to the next firm, or to the buyer at the end; the note travels with them.

    Raises
    ------
    ConflictError
        If nothing of the acting firm waits to be sent after this operation.
    InvalidError
        If more pieces are sent than wait.
    """
    acting.require("workshop")
    with recording(acting.principal) as record:
        # The order's row is the turnstile: two people cannot send the same pieces.
        order = _locked(operation.line.order_id)
        own = acting.organization.pk
        waiting = (one for one in Flow(order).to_send() if one.task.key == (operation.pk, lot))
        parcel = next((one for one in waiting if one.sender.pk == own), None)
        if parcel is None:
            raise ConflictError(
                _("There is nothing to send after this job, or it was sent already."), code="nothing_to_send"
            )
        _require_quantity(quantity, parcel.pieces)
        handover = Handover.objects.create(
            number=f"{order.code}-H{Handover.objects.filter(order=order).count() + 1:02d}",
            order=order,
            line=operation.line,
            after_operation=operation,
            lot=lot,
            lots=parcel.task.lots,
            sender=acting.organization,
            receiver=parcel.receiver,
            quantity=quantity,
            sent_at=clock.now(),
            note=note[:300],
        )
        record(
            "workshop.handover.sent",
            objects={"handover": handover.pk, "order": order.pk},
            audience=[parcel.receiver.pk, order.organization_id],
            data={"number": handover.number, "quantity": quantity},
        )
    return handover


def receive(acting: Acting, handover: Handover, *, accepted: int, note: str = "") -> None:
    """Confirm what arrived; what is not accepted stays the sender's loss.

    Raises
    ------
    ConflictError
        If it was confirmed already.
    InvalidError
        If the count does not fit.
    """
    if handover.receiver_id != acting.organization.pk:
        raise NotFoundError
    _require_receiver(acting)
    if not 0 <= accepted <= handover.quantity:
        raise InvalidError(
            _("%(sent)d pieces were sent. Accept between 0 and %(sent)d.") % {"sent": handover.quantity},
            fields=["accepted"],
        )
    rejected = handover.quantity - accepted
    with recording(acting.principal) as record:
        order = _locked(handover.order_id)
        received = Handover.objects.filter(pk=handover.pk, state=Handover.State.SENT).update(
            state=Handover.State.RECEIVED,
            accepted=accepted,
            rejected=rejected,
            received_at=clock.now(),
            receipt_note=note[:300],
        )
        if not received:
            raise ConflictError(_("The receipt was confirmed already."), code="received")
        record(
            "workshop.handover.received",
            objects={"handover": handover.pk, "order": handover.order_id},
            audience=[handover.sender_id, order.organization_id],
            data={"number": handover.number, "accepted": accepted, "rejected": rejected},
        )
        follow_up(acting.principal, record, order)


def follow_up(principal: Principal, record: Recorder, order: Order) -> None:
    """What a finished job or a receipt entails: jobs without pieces end, a complete order is delivered."""
    flow = Flow(order)
    while stranded := flow.stranded():
        for job in stranded:
            JobOrder.objects.filter(pk=job.pk, state=JobOrder.State.WAITING).update(
                state=JobOrder.State.CANCELLED, finished_at=clock.now()
            )
            record(
                "workshop.job.stranded",
                objects={"job_order": job.pk, "operation": job.operation_id, "order": order.pk},
                audience=[order.organization_id, job.organization_id],
            )
        flow = Flow(order)
    if order.state == Order.State.PRODUCING and flow.is_delivered():
        orders.set_state(principal, order, Order.State.DELIVERED)
        settling.settle(principal, order)


def _locked(order_id: UUID) -> Order:
    Order.objects.select_for_update(no_key=True).get(pk=order_id)
    return Order.objects.select_related("organization").get(pk=order_id)


def _require_receiver(acting: Acting) -> None:
    """Parts are received by those who make things and by those who bought them."""
    if not (acting.may("workshop") or acting.may("orders")):
        raise ForbiddenError(_("Your role does not allow this. Ask an operator or the buyer to confirm it."))


def _require_quantity(quantity: int, waiting: int) -> None:
    if not 1 <= quantity <= waiting:
        raise InvalidError(
            ngettext(
                "%(count)d good piece waits. Send that one.",
                "%(count)d good pieces wait. Send between 1 and %(count)d.",
                waiting,
            )
            % {"count": waiting},
            fields=["quantity"],
        )
