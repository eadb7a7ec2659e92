"""Work passing from firm to firm, delivery to the buyer, and what everyone gets for it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Contract
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.principal import Principal
from gonghe.apps.workshop.flow import Flow
from gonghe.apps.workshop.models import Handover, JobOrder, Settlement

CENT = Decimal("0.01")


def send(acting: Acting, job: JobOrder, *, quantity: int, note: str = "") -> Handover:
    """Hand finished pieces to the next firm, or to the buyer at the end; the note travels with them.

    Raises
    ------
    ConflictError
        If the job is not finished, nothing has to travel, or it was sent already.
    InvalidError
        If more pieces are sent than are good.
    """
    acting.require("workshop")
    order = job.operation.line.order
    flow = Flow(order)
    receiver = {one.pk: receiver for one, receiver in flow.to_send()}.get(job.pk)
    if receiver is None:
        raise ConflictError(_("There is nothing to send after this job, or it was sent already."))
    good = flow.good(job.operation)
    if not 1 <= quantity <= good:
        raise InvalidError(
            _("%(good)d pieces are good. Send between 1 and %(good)d.") % {"good": good}, fields=["quantity"]
        )
    with recording(acting.principal) as record:
        # The order's row is the turnstile: two people cannot send the same pieces twice.
        Order.objects.select_for_update().get(pk=order.pk)
        if Handover.objects.filter(after_operation=job.operation).exists():
            raise ConflictError(_("These pieces were sent already."))
        handover = Handover.objects.create(
            number=f"{order.code}-H{Handover.objects.filter(order=order).count() + 1:02d}",
            order=order,
            line=job.operation.line,
            after_operation=job.operation,
            sender=acting.organization,
            receiver=receiver,
            quantity=quantity,
            sent_at=clock.now(),
            note=note[:300],
        )
        record(
            "workshop.handover.sent",
            objects={"handover": handover.pk, "order": order.pk},
            audience=[receiver.pk, order.organization_id],
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
    acting.require("orders" if acting.organization.pk == handover.order.organization_id else "workshop")
    if not 0 <= accepted <= handover.quantity:
        raise InvalidError(
            _("%(sent)d pieces were sent. Accept between 0 and %(sent)d.") % {"sent": handover.quantity},
            fields=["accepted"],
        )
    with recording(acting.principal) as record:
        received = Handover.objects.filter(pk=handover.pk, state=Handover.State.SENT).update(
            state=Handover.State.RECEIVED,
            accepted=accepted,
            rejected=handover.quantity - accepted,
            received_at=clock.now(),
        )
        if not received:
            raise ConflictError(_("The receipt was confirmed already."))
        record(
            "workshop.handover.received",
            objects={"handover": handover.pk, "order": handover.order_id},
            audience=[handover.sender_id, handover.order.organization_id],
            data={
                "number": handover.number,
                "accepted": accepted,
                "rejected": handover.quantity - accepted,
                "note": note[:300],
            },
        )
        order = handover.order
        if order.state == Order.State.PRODUCING and Flow(order).is_delivered():
            orders.set_state(acting.principal, order, Order.State.DELIVERED)
            settle(acting.principal, order)


def settle(principal: Principal, order: Order) -> list[Settlement]:
    """Work out what each firm gets: the awarded prices, less the pieces of theirs that were rejected."""
    contracts = Contract.objects.filter(order=order).exclude(state=Contract.State.CANCELLED)
    settlements = []
    with recording(principal) as record:
        for contract in contracts.select_related("organization").prefetch_related("items__operation"):
            items = [
                _settled(item.operation, item.price) for item in contract.items.all() if not item.ended_at
            ]
            amount = sum((Decimal(one["price"]) - Decimal(one["deduction"]) for one in items), Decimal(0))
            settlement, _made = Settlement.objects.update_or_create(
                order=order,
                organization=contract.organization,
                defaults={"items": items, "amount": amount, "currency": contract.currency},
            )
            settlements.append(settlement)
            record(
                "workshop.settlement.made",
                objects={"settlement": settlement.pk, "order": order.pk},
                audience=[contract.organization_id, order.organization_id],
                data={"amount": str(amount), "currency": contract.currency},
            )
        if not settlements:
            record("workshop.settlement.made", objects={"order": order.pk}, data={"amount": "0.00"})
    return settlements


def _settled(operation: object, price: Decimal) -> dict[str, str]:
    handover = Handover.objects.filter(after_operation=operation).first()
    deduction, reason = Decimal(0), ""
    if handover and handover.rejected:
        deduction = (price * handover.rejected / handover.quantity).quantize(CENT, ROUND_HALF_UP)
        reason = f"{handover.rejected}/{handover.quantity}"
    return {
        "operation": str(getattr(operation, "pk", "")),
        "name": str(getattr(operation, "name", "")),
        "price": str(price.quantize(CENT)),
        "deduction": str(deduction.quantize(CENT)),
        "rejected": reason,
    }


def agree(acting: Acting, order: Order) -> None:
    """The buyer agrees to the amounts: contracts are done and the order is settled.

    Raises
    ------
    ConflictError
        If the order is not delivered, or settled already.
    """
    acting.require("orders")
    if order.state != Order.State.DELIVERED:
        raise ConflictError(_("Only a delivered order can be settled, and only once."))
    now = clock.now()
    with recording(acting.principal) as record:
        rows = list(Settlement.objects.filter(order=order))
        Settlement.objects.filter(order=order, agreed_at=None).update(agreed_at=now)
        for contract in Contract.objects.filter(order=order, state=Contract.State.RUNNING):
            market.finish_contract(acting.principal, contract)
        orders.set_state(acting.principal, order, Order.State.SETTLED)
        record(
            "workshop.settlement.agreed",
            objects={"order": order.pk},
            audience=[row.organization_id for row in rows],
        )
