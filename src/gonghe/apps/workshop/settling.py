"""What everyone gets for a delivered order."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, NotFoundError
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Contract, ContractItem
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.principal import Principal
from gonghe.apps.workshop.flow import Flow, Task
from gonghe.apps.workshop.models import Settlement

CENT = Decimal("0.01")


def settle(principal: Principal, order: Order) -> list[Settlement]:
    """Work out what each firm gets for a delivered order; working it out again gives the same rows.

    A firm is paid its price for the share of the pieces that it made well and that were accepted. Pieces that
    it lost itself (scrap beyond what was expected, rejected pieces) are not paid; that an earlier firm handed
    on fewer pieces is not its loss. Where a re-plan took half-done work elsewhere, each is paid its share.
    """
    contracts = Contract.objects.filter(order=order).select_related("organization")
    flow = Flow(order)
    settlements = []
    with recording(principal) as record:
        for contract in contracts.prefetch_related("items__operation__line").order_by("created_at"):
            items = [_settled(flow, contract.organization_id, item) for item in _paid(flow, contract)]
            if not items:
                continue
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
        record("workshop.order.settleable", objects={"order": order.pk}, audience=[order.organization_id])
    return settlements


def agree(acting: Acting, order: Order) -> None:
    """The buyer agrees to the amounts: contracts are done and the order is settled.

    Raises
    ------
    ConflictError
        If the order is not delivered, or settled already.
    """
    acting.require("orders")
    if order.organization_id != acting.organization.pk:
        raise NotFoundError
    with recording(acting.principal) as record:
        order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        if order.state != Order.State.DELIVERED:
            raise ConflictError(
                _("Only a delivered order can be settled, and only once."), code="not_delivered"
            )
        rows = Settlement.objects.filter(order=order)
        rows.update(agreed_at=clock.now())
        for contract in Contract.objects.filter(order=order, state=Contract.State.RUNNING):
            market.finish_contract(acting.principal, contract)
        orders.set_state(acting.principal, order, Order.State.SETTLED)
        for firm in rows.values_list("organization_id", flat=True):
            record("workshop.settlement.agreed", objects={"order": order.pk}, audience=[firm])


def _paid(flow: Flow, contract: Contract) -> list[ContractItem]:
    """Items that stand, and ended ones of which the firm made some pieces before."""
    items = sorted(
        contract.items.all(), key=lambda one: (one.operation.line.number, one.operation.number, one.lot)
    )
    return [
        item
        for item in items
        if item.ended_at is None or _good(flow, contract.organization_id, _task(flow, item))
    ]


def _settled(flow: Flow, firm: UUID, item: ContractItem) -> dict[str, str]:
    task = _task(flow, item)
    good, rejected = _good(flow, firm, task), _rejected(flow, firm, task)
    missing = _missing(flow, task)
    base = flow.good(task) + missing
    paid = item.price * (good - rejected) / base if base else Decimal(0)
    deduction = item.price.quantize(CENT) - paid.quantize(CENT, ROUND_HALF_UP)
    return {
        "operation": str(task.operation.pk),
        "lot": str(task.lot),
        "lots": str(task.lots),
        "number": str(task.operation.number),
        "name": task.operation.name,
        "price": str(item.price.quantize(CENT)),
        "deduction": str(deduction),
        "made": str(good),
        "rejected": str(rejected),
        "missing": str(missing),
    }


def _task(flow: Flow, item: ContractItem) -> Task:
    return flow.task(item.operation_id, item.lot)


def _missing(flow: Flow, task: Task) -> int:
    """Pieces lacking of what the task could have made of the pieces it was given."""
    given = flow.given(task)
    return max(0, (task.wanted if given is None else min(task.wanted, given)) - flow.good(task))


def _good(flow: Flow, firm: UUID, task: Task) -> int:
    return sum(job.good for job in flow.jobs[task.key] if job.organization_id == firm)


def _rejected(flow: Flow, firm: UUID, task: Task) -> int:
    """Pieces that were rejected of what the firm sent of its own work, at most what it made."""
    sent = (one.rejected or 0 for one in flow.handovers[task.key] if one.sender_id == firm)
    return min(sum(sent), _good(flow, firm, task))
