"""Who may see which calls, bids, results and contracts.

A buyer sees its calls, before opening the number of bids, after it the bids. An invited firm sees the called
lines and its own bid, never another's. The key holder sees that a call waits to be opened. Everyone else sees
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import NotFoundError
from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.market import sealing
from gonghe.apps.market.models import Bid, BidItem, Call, CallInvitation, Contract, ContractItem, KeyHolder
from gonghe.apps.market.services.bids import binding_of
from gonghe.apps.market.services.opening import everyone_answered, standing
from gonghe.apps.members.access import sees
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure, Organization
from gonghe.apps.orders.models import Document, Operation, Order, OrderLine

RUNNING = (Call.State.OPEN, Call.State.OPENED)


@dataclass(frozen=True, slots=True)
class CalledOrder:
    """What an invited firm may see of an order: only what it is asked to make."""

    call: Call
    code: str
    title: str
    due: date
    destination: str
    buyer: Organization
    lines: Sequence[OrderLine]
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bidder can prove: its sealed bid's digest, when it came, and where it stands in the record.

    `position` and `chain_hash` are empty until the event is chained. `unchanged`: the stored ciphertext, its
    binding and the record all agree with the digest. `counted` is None before opening.
    """

    bid: Bid
    digest: str
    received_at: datetime
    on_time: bool
    position: int | None
    chain_hash: str
    unchanged: bool
    counted: bool | None


@dataclass(frozen=True, slots=True)
class Answers:
    """How far a call is, in numbers only."""

    invited: int
    bids: int
    declined: int

    @property
    def silent(self) -> int:
        """Firms that have not answered."""
        return self.invited - self.bids - self.declined


def own_calls(acting: Acting) -> QuerySet[Call]:
    """Calls of the acting buyer, newest first."""
    return _calls().filter(order__organization=acting.organization).order_by("-created_at")


def get_own_call(acting: Acting, call_id: UUID) -> Call:
    """A call of the acting buyer.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    return _one(own_calls(acting).filter(pk=call_id))


def invitations(acting: Acting) -> QuerySet[CallInvitation]:
    """Calls to which the acting firm was invited, those that close first on top."""
    return (
        CallInvitation.objects.filter(organization=acting.organization)
        .select_related(
            "call__order__organization", "call__order__destination", "call__key_holder__organization"
        )
        .order_by("call__closes_at")
    )


def get_invitation(acting: Acting, call_id: UUID) -> CallInvitation:
    """The invitation of the acting firm to a call.

    Raises
    ------
    NotFoundError
        If it was not invited, or there is no such call.
    """
    found = invitations(acting).filter(call=call_id).first()
    if found is None:
        raise NotFoundError
    return found


def calls_to_open(acting: Acting) -> QuerySet[Call]:
    """Calls whose bids the acting body's key opens and that are not opened yet."""
    return (
        _calls()
        .filter(key_holder__organization=acting.organization, state=Call.State.OPEN)
        .order_by("closes_at")
    )


def get_held_call(acting: Acting, call_id: UUID) -> Call:
    """A call whose bids the acting body's key opens, opened or not.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    return _one(_calls().filter(key_holder__organization=acting.organization, pk=call_id))


def get_call(acting: Acting, call_id: UUID) -> tuple[Call, str]:
    """A call and the seat of the acting organisation at it: "buyer", "bidder" or "holder".

    Raises
    ------
    NotFoundError
        If it has none.
    """
    call = _one(_calls().filter(pk=call_id))
    if call.order.organization_id == acting.organization.pk:
        return call, "buyer"
    if CallInvitation.objects.filter(call=call, organization=acting.organization).exists():
        return call, "bidder"
    if call.key_holder.organization_id == acting.organization.pk:
        return call, "holder"
    raise NotFoundError


def answers(call: Call) -> Answers:
    """Numbers of invited firms, bids and refusals; all that a buyer learns before opening."""
    return Answers(
        invited=call.invitations.count(),
        bids=call.bids.filter(withdrawn_at=None).count(),
        declined=call.invitations.exclude(declined_at=None).count(),
    )


def may_open_now(call: Call) -> bool:
    """Whether the time for opening has come."""
    return call.state == Call.State.OPEN and (clock.now() >= call.closes_at or everyone_answered(call))


def invited_firms(acting: Acting, call_id: UUID) -> list[Organization]:
    """Whom the acting buyer invited, by name."""
    call = get_own_call(acting, call_id)
    return list(Organization.objects.filter(call_invitations__call=call).order_by("name"))


def get_called_order(acting: Acting, call_id: UUID) -> CalledOrder:
    """What firms that were invited, and the buyer itself, see of the called order.

    Raises
    ------
    NotFoundError
        If the acting firm is neither.
    """
    call, seat = get_call(acting, call_id)
    if seat == "holder":
        raise NotFoundError
    lines = list(
        call.lines.select_related(
            "revision__part", "revision__drawing", "revision__mesh", "revision__thumbnail"
        )
    )
    operations = list(
        Operation.objects.filter(line__in=lines)
        .select_related("line__revision__part")
        .prefetch_related("after")
    )
    order = call.order
    return CalledOrder(
        call,
        order.code,
        order.title,
        order.due,
        order.destination.name,
        order.organization,
        lines,
        operations,
    )


def get_document(acting: Acting, call_id: UUID, document_id: UUID) -> Document:
    """A drawing, mesh or thumbnail of a called line.

    For the buyer, for invited firms until the award, and after it for the firms that have work on that line,
    invited or not: an open offer or a re-plan may have brought it.

    Raises
    ------
    NotFoundError
        If the acting firm may not see it.
    """
    lines = OrderLine.objects.filter(
        Q(revision__drawing=document_id) | Q(revision__mesh=document_id) | Q(revision__thumbnail=document_id),
        calls=call_id,
    )
    try:
        call, seat = get_call(acting, call_id)
        sees_all = seat == "buyer" or (seat == "bidder" and call.state in RUNNING)
    except NotFoundError:
        sees_all = False
    if not sees_all:
        lines = lines.filter(
            operations__contract_items__contract__organization=acting.organization,
            operations__contract_items__ended_at=None,
        )
    if not lines.exists():
        raise NotFoundError
    return Document.objects.get(pk=document_id)


def own_bid(acting: Acting, call: Call) -> Bid | None:
    """The standing bid of the acting firm."""
    return call.bids.filter(organization=acting.organization, withdrawn_at=None).first()


def own_items(acting: Acting, call: Call) -> list[BidItem]:
    """What the acting firm itself offered, readable for it after opening."""
    return list(
        BidItem.objects.filter(bid__call=call, bid__organization=acting.organization, bid__withdrawn_at=None)
        .select_related("operation__line")
        .order_by("operation__line__number", "operation__number")
    )


def receipt(acting: Acting, call: Call) -> Receipt:
    """Receipt of the acting firm's standing bid.

    Raises
    ------
    NotFoundError
        If there is no such bid.
    """
    bid = own_bid(acting, call)
    if bid is None:
        raise NotFoundError
    event = Event.objects.filter(uid=bid.event_uid).first() if bid.event_uid else None
    whole = (
        sealing.digest_of(bid.sealed) == bid.digest
        and bid.sealed.get("bound") == binding_of(bid).as_json()
        and event is not None
        and event.data.get("digest") == bid.digest
    )
    counted = None
    if call.state in {Call.State.OPENED, Call.State.AWARDED}:
        counted = bid.problem == "" and bid.items.exists()
    return Receipt(
        bid=bid,
        digest=bid.digest,
        received_at=bid.submitted_at,
        on_time=bid.submitted_at < call.closes_at,
        position=event.position if event else None,
        chain_hash=event.hash if event else "",
        unchanged=whole,
        counted=counted,
    )


def receipt_json(proof: Receipt) -> dict[str, object]:
    """A receipt as a bidder keeps it, with the sealed bid, so that anyone can recompute the digest."""
    return {
        "call": str(proof.bid.call_id),
        "bidder": str(proof.bid.organization_id),
        "received_at": proof.received_at.isoformat(),
        "on_time": proof.on_time,
        "digest": proof.digest,
        "entry": proof.position,
        "entry_hash": proof.chain_hash,
        "unchanged": proof.unchanged,
        "counted": proof.counted,
        "sealed": proof.bid.sealed,
    }


def result(acting: Acting, call: Call) -> str:
    """What came of the acting firm's bid.

    One of "none", "waiting", "left_out", "chosen", "not_chosen", "cancelled".
    """
    if call.state == Call.State.CANCELLED:
        return "cancelled"
    contracted = Contract.objects.filter(call=call, organization=acting.organization, items__ended_at=None)
    if contracted.exists():
        return "chosen"
    bid = own_bid(acting, call)
    if bid is None:
        return "none"
    if bid.problem:
        return "left_out"
    return "not_chosen" if call.state == Call.State.AWARDED else "waiting"


def bid_items(call: Call) -> QuerySet[BidItem]:
    """Opened bid items that count, for the planner: the one place where all bids meet."""
    return BidItem.objects.filter(
        bid__call=call, bid__withdrawn_at=None, bid__problem="", bid__call__state__in=["opened", "awarded"]
    ).select_related("bid__organization", "operation__line")


def opened_items(acting: Acting, call_id: UUID) -> QuerySet[BidItem]:
    """Opened bids as the acting buyer compares them.

    Raises
    ------
    NotFoundError
        If it is not its call.
    """
    call = get_own_call(acting, call_id)
    return bid_items(call).order_by("operation__line__number", "operation__number", "price")


def left_out(acting: Acting, call_id: UUID) -> list[Organization]:
    """Firms whose bid was changed after sealing and does not count; the buyer is told their names."""
    call = get_own_call(acting, call_id)
    return [bid.organization for bid in standing(call) if bid.problem]


def contracts(acting: Acting) -> QuerySet[Contract]:
    """Contracts of the acting organisation: those it works for and those it pays for."""
    mine = Q(organization=acting.organization) | Q(order__organization=acting.organization)
    return (
        Contract.objects.filter(mine)
        .select_related("order__organization", "organization", "call")
        .prefetch_related("items__operation__line", "milestones")
        .order_by("-created_at")
    )


def get_contract(acting: Acting, contract_id: UUID) -> Contract:
    """A contract that the acting organisation works for or pays for.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = contracts(acting).filter(pk=contract_id).first()
    if found is None:
        raise NotFoundError
    return found


def contract_items(order: Order) -> QuerySet[ContractItem]:
    """Items of an order that stand, with their firms; for the apps above that act for the whole order."""
    return ContractItem.objects.filter(contract__order=order, ended_at=None).select_related(
        "contract__organization", "operation__line"
    )


def active_key_holder() -> KeyHolder | None:
    """The neutral body whose key seals bids of new calls."""
    return (
        KeyHolder.objects.filter(active=True).select_related("organization").order_by("-created_at").first()
    )


def open_offers() -> QuerySet[Equipment]:
    """Published price lists: equipment whose firm offers its hours to every member at a stated rate."""
    return capacity.planner_equipment().filter(rate__published=True).order_by("organization__name", "code")


def open_offers_shown(acting: Acting) -> list[tuple[Equipment, str]]:
    """Open offers with the name of the site, empty where the firm does not show who it is."""
    located = sees(acting.organization, Disclosure.Group.IDENTITY)
    return [(one, one.site.name if one.organization_id in located else "") for one in open_offers()]


def _calls() -> QuerySet[Call]:
    return Call.objects.select_related(
        "order__organization", "order__destination", "key_holder__organization"
    ).annotate(has_bids=Exists(Bid.objects.filter(call=OuterRef("pk"), withdrawn_at=None)))


def _one(found: QuerySet[Call]) -> Call:
    call = found.first()
    if call is None:
        raise NotFoundError
    return call
