"""Award opened bids, move awarded work in a re-plan, and follow contracts to their end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.market.models import Call, Contract, ContractItem, Milestone
from gonghe.apps.market.offers import CENT
from gonghe.apps.market.services.calls import lock
from gonghe.apps.members.models import Organization
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.principal import Principal

ADVANCE = Decimal("0.30")
ADVANCE_DAYS = 3


class Awarded(NamedTuple):
    """What a firm gets to do and for how much: an operation, or one lot of it."""

    operation: Operation
    organization: Organization
    price: Decimal
    lot: int = 1
    lots: int = 1
    quantity: int = 0  # pieces to make; 0: all of the line

    @property
    def pieces(self) -> int:
        """Pieces to make."""
        return self.quantity or self.operation.line.pieces


def award(
    principal: Principal, call: Call, items: Iterable[Awarded], plan_id: UUID | None = None
) -> list[Contract]:
    """Give each operation, or each lot of it, to a firm at its price: one contract a firm, with milestones.

    Called by the plan that the buyer accepted. Firms that bid and got nothing learn just that.

    Raises
    ------
    ConflictError
        If the bids are not open or were awarded already.
    InvalidError
        If an operation is awarded twice or not part of the order, or its lots do not make up its pieces.
    """
    chosen = list(items)
    _check_award(call, chosen)
    with recording(principal) as record:
        held = lock(call)
        if held.state != Call.State.OPENED:
            raise ConflictError(
                _("Only opened bids can be awarded, and only once. Look at the call again."),
                code="not_opened",
            )
        held.state = Call.State.AWARDED
        held.save(update_fields=["state"])
        contracts = _write_contracts(held.order, chosen, held)
        orders.set_state(principal, held.order, Order.State.AWARDED)
        _record_award(record, held, contracts, plan_id)
    return contracts


def move_contract_item(
    principal: Principal,
    operation: Operation,
    to_organization: Organization,
    price: Decimal,
    reason: str,
    *,
    lot: int = 1,
) -> ContractItem:
    """End an awarded operation (one lot of it) at its firm and begin it at another (or at another price).

    Raises
    ------
    ConflictError
        If the operation was not awarded.
    """
    with recording(principal) as record:
        old = (
            ContractItem.objects.select_for_update(of=("self",))
            .filter(operation=operation, lot=lot, ended_at=None)
            .select_related("contract__order")
            .first()
        )
        if old is None:
            raise ConflictError(
                _("This operation was not awarded, so it cannot be moved."), code="not_awarded"
            )
        order, before = old.contract.order, old.contract
        old.ended_at, old.end_reason = clock.now(), reason[:100]
        old.save(update_fields=["ended_at", "end_reason"])
        contract = _contract(order, to_organization, before.call)
        same = {name: getattr(old, name) for name in ("operation", "lot", "lots", "quantity")}
        new = ContractItem.objects.create(contract=contract, price=price, **same)
        for touched in {before.pk: before, contract.pk: contract}.values():
            _renew(touched)
        for kind, firm in (("ended", before.organization_id), ("begun", to_organization.pk)):
            record(  # two events: neither firm learns of the other
                f"market.item.{kind}",
                objects={"order": order.pk, "operation": operation.pk},
                audience=[order.organization_id, firm],
                data={"reason": reason},
            )
    return new


def reach_milestone(principal: Principal, milestone: Milestone) -> None:
    """Note that a milestone is reached; noting it again changes nothing."""
    with recording(principal) as record:
        Milestone.objects.filter(pk=milestone.pk, reached_at=None).update(reached_at=clock.now())
        contract = milestone.contract
        record(
            "market.milestone.reached",
            objects={"contract": contract.pk, "order": contract.order_id},
            audience=[contract.organization_id, contract.order.organization_id],
            data={"name": milestone.name},
        )


def finish_contract(principal: Principal, contract: Contract) -> None:
    """Close a contract whose work is delivered and accepted; all its milestones are reached then."""
    with recording(principal) as record:
        contract.milestones.filter(reached_at=None).update(reached_at=clock.now())
        Contract.objects.filter(pk=contract.pk, state=Contract.State.RUNNING).update(
            state=Contract.State.DONE
        )
        record(
            "market.contract.finished",
            objects={"contract": contract.pk, "order": contract.order_id},
            audience=[contract.organization_id, contract.order.organization_id],
        )


def _check_award(call: Call, items: list[Awarded]) -> None:
    known = set(Operation.objects.filter(line__order=call.order_id).values_list("pk", flat=True))
    lots: dict[UUID, list[Awarded]] = defaultdict(list)
    for item in items:
        lots[item.operation.pk].append(item)
    if not items or not set(lots) <= known or not all(_makes_up(own) for own in lots.values()):
        raise InvalidError(
            _("Award each operation of the order to one firm, or every lot of it to one firm."),
            fields=["items"],
        )


def _makes_up(own: list[Awarded]) -> bool:
    """Whether the lots of an operation are all there, once each, and have all its pieces."""
    return (
        sorted(one.lot for one in own) == list(range(1, len(own) + 1))
        and all(one.lots == len(own) for one in own)
        and sum(one.pieces for one in own) == own[0].operation.line.pieces
    )


def _write_contracts(order: Order, items: list[Awarded], call: Call | None) -> list[Contract]:
    by_firm: dict[UUID, list[Awarded]] = defaultdict(list)
    for item in items:
        by_firm[item.organization.pk].append(item)
    contracts = []
    for awarded in by_firm.values():
        contract = _contract(order, awarded[0].organization, call)
        ContractItem.objects.bulk_create(
            ContractItem(
                contract=contract,
                operation=one.operation,
                lot=one.lot,
                lots=one.lots,
                quantity=one.pieces,
                price=one.price.quantize(CENT),
            )
            for one in awarded
        )
        _renew(contract)
        contracts.append(contract)
    return contracts


def _contract(order: Order, firm: Organization, call: Call | None) -> Contract:
    contract, _made = Contract.objects.get_or_create(
        order=order, organization=firm, defaults={"call": call, "currency": order.currency}
    )
    return contract


def _renew(contract: Contract) -> None:
    """Bring state and milestones in line with the items that stand; what is reached stays as it was paid."""
    prices = list(contract.items.filter(ended_at=None).values_list("price", flat=True))
    contract.state = Contract.State.RUNNING if prices else Contract.State.CANCELLED
    contract.save(update_fields=["state"])
    total = sum(prices, Decimal(0))
    paid = {one.name: one.amount for one in contract.milestones.exclude(reached_at=None)}
    contract.milestones.filter(reached_at=None).delete()
    if not prices:
        return
    advance = paid.get("award", (total * ADVANCE).quantize(CENT, ROUND_DOWN))
    today = clock.now().date()
    rows = [
        ("award", today + timedelta(days=ADVANCE_DAYS), advance),
        ("acceptance", contract.order.due, total - advance),
    ]
    Milestone.objects.bulk_create(
        Milestone(contract=contract, name=name, due=due, amount=amount)
        for name, due, amount in rows
        if name not in paid
    )


def _record_award(record: Recorder, call: Call, contracts: list[Contract], plan_id: UUID | None) -> None:
    winners = {contract.organization_id for contract in contracts}
    record(
        "market.call.awarded",
        objects={"call": call.pk, "order": call.order_id},
        audience=[call.order.organization_id],
        data={"call": str(call.pk), "order": str(call.order_id), "plan": str(plan_id or "")},
    )
    for contract in contracts:
        record(
            "market.contract.signed",
            objects={"contract": contract.pk, "order": call.order_id, "call": call.pk},
            audience=[contract.organization_id],
        )
    for firm in call.bids.filter(withdrawn_at=None).values_list("organization_id", flat=True):
        if firm not in winners:
            record("market.bid.not_chosen", objects={"call": call.pk}, audience=[firm])
