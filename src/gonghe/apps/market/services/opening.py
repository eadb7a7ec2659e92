"""Open the bids of a call: with the key holder's key and one of the platform's or the buyer's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, NotFoundError
from gonghe.apps.market import offers, sealing
from gonghe.apps.market.models import Bid, BidItem, Call
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.market.services.bids import binding_of
from gonghe.apps.market.services.calls import lock, told
from gonghe.apps.members.access import organization_names
from gonghe.apps.members.acting import Acting
from gonghe.apps.principal import Principal


@dataclass(frozen=True, slots=True)
class Opened:
    """What two keys made of the standing bids: readable ones, changed ones, firms whose bid is gone."""

    items: dict[Bid, list[BidItemIn]]
    changed: list[Bid]
    missing: set[UUID]

    def damaged_firms(self) -> list[str]:
        """Names of the firms whose bid was changed or is gone, in order."""
        names = organization_names({bid.organization_id for bid in self.changed} | self.missing)
        return sorted(names.values())


@sensitive_variables()
def open_bids(
    key_holder_private_key: bytes,
    opener: Acting | Principal,
    call: Call,
    *,
    buyer_private_key: bytes | None = None,
    without_damaged: bool = False,
) -> list[Bid]:
    """Open all standing bids at once, after closing or when every invited firm has answered.

    Parameters
    ----------
    key_holder_private_key
        32 raw bytes from :func:`sealing.read_key_file`; used here and kept nowhere.
    opener
        Who opens: a person of the key holder or of the buyer, or the installation itself (command line).
    buyer_private_key
        Key of a buyer who takes the platform's part.
    without_damaged
        Leave out bids that were changed or have vanished since they were recorded, instead of refusing.

    Returns
    -------
    list of Bid
        The bids that count.

    Raises
    ------
    ConflictError
        If it is too early, done already, the key is another one (`wrong_key`), or bids are damaged
        (`bids_damaged`, with the names of their firms).
    """
    principal = _may_open(opener, call)
    _require_time(call)
    if sealing.public_of(key_holder_private_key).hex() != call.key_holder.public_key:
        raise ConflictError(
            _(
                "This is not the key under which the bids of this call were sealed. "
                "Choose the right key file."
            ),
            code="wrong_key",
        )
    opened = _unseal_all(call, key_holder_private_key, buyer_private_key)
    if opened.damaged_firms() and not without_damaged:
        raise ConflictError(
            _(
                "The bid of %s was changed or removed after it was sealed and cannot be read. "
                "Nothing was opened: tell the buyer and the firm, then open the others or cancel the call."
            )
            % ", ".join(opened.damaged_firms()),
            code="bids_damaged",
            firms=opened.damaged_firms(),
        )
    with recording(principal) as record:
        _store(call, opened)
        _record(record, call, opened)
    return list(opened.items)


def _may_open(opener: Acting | Principal, call: Call) -> Principal:
    if isinstance(opener, Principal):
        return opener
    if opener.organization.pk == call.key_holder.organization_id:
        opener.require("keyholder")
    elif opener.organization.pk == call.order.organization_id:
        opener.require("market")
    else:
        raise NotFoundError
    return opener.principal


def _require_time(call: Call) -> None:
    if call.state != Call.State.OPEN:
        raise ConflictError(
            _("These bids were opened already, or the call was cancelled."), code="opened_already"
        )
    if clock.now() < call.closes_at and not everyone_answered(call):
        raise ConflictError(
            _("Bids close on %s. Come back then: nobody can open them before.") % told(call.closes_at),
            code="too_early",
        )


def everyone_answered(call: Call) -> bool:
    """Whether every invited firm has bid or declined."""
    bidders = Bid.objects.filter(call=call, withdrawn_at=None).values("organization")
    silent = call.invitations.filter(declined_at=None).exclude(organization__in=bidders)
    return not silent.exists()


def standing(call: Call) -> list[Bid]:
    """Bids that count at this moment, with their firms."""
    return list(
        call.bids.filter(withdrawn_at=None).select_related("organization").order_by("organization__name")
    )


def recorded_digests(call: Call) -> dict[UUID, str]:
    """Digest of every firm's standing bid as the event record tells it, independent of the bids' own rows."""
    events = Event.objects.filter(
        Q(type="market.bid.sealed") | Q(type="market.bid.withdrawn"), data__call=str(call.pk)
    ).order_by("id")
    found: dict[UUID, str] = {}
    for event in events:
        if event.organization_id is None:
            continue
        if event.type == "market.bid.sealed":
            found[event.organization_id] = event.data["digest"]
        else:
            found.pop(event.organization_id, None)
    return found


@sensitive_variables()
def _unseal_all(call: Call, holder: bytes, buyer: bytes | None) -> Opened:
    role, second = ("buyer", buyer) if buyer else ("platform", sealing.platform_key())
    recorded = recorded_digests(call)
    opened = Opened({}, [], set(recorded))
    for bid in standing(call):
        opened.missing.discard(bid.organization_id)
        try:
            if recorded.get(bid.organization_id) != sealing.digest_of(bid.sealed):
                raise sealing.TamperedError("The sealed bid differs from its receipt.")
            plain = sealing.unseal(
                bid.sealed, binding=binding_of(bid), holder=holder, role=role, second=second
            )
            opened.items[bid] = offers.decode(plain)
        except (sealing.TamperedError, ValueError):
            opened.changed.append(bid)
    if opened.changed and not opened.items and not _is_key_of_one(opened.changed, role, second):
        raise ConflictError(
            _("The second key is not one under which these bids were sealed. Restore the right key file."),
            code="wrong_second_key",
        )
    return opened


def _is_key_of_one(bids: list[Bid], role: str, second: bytes) -> bool:
    """Tell a mislaid key from changed bids: all bids of a call name the same keys."""
    own = sealing.key_id(sealing.public_of(second))
    return any(bid.sealed.get("keys", {}).get(role) == own for bid in bids)


def _store(call: Call, opened: Opened) -> None:
    held = lock(call)
    _require_time(held)
    looked_at = {bid.pk: bid.digest for bid in (*opened.items, *opened.changed)}
    if {bid.pk: bid.digest for bid in standing(held)} != looked_at:
        raise ConflictError(
            _("A bid came in or was taken back while you opened. Open again."), code="bids_moved"
        )
    BidItem.objects.bulk_create(
        BidItem(
            bid=bid,
            operation_id=item.operation_id,
            price=item.price,
            duration_s=item.duration_s,
            equipment_id=item.equipment_id,
            earliest=item.earliest,
            latest=item.latest,
        )
        for bid, items in opened.items.items()
        for item in items
    )
    Bid.objects.filter(pk__in=[bid.pk for bid in opened.changed]).update(problem=Bid.Problem.CHANGED)
    held.state, held.opened_at = Call.State.OPENED, clock.now()
    held.save(update_fields=["state", "opened_at"])


def _record(record: Recorder, call: Call, opened: Opened) -> None:
    record(
        "market.bids.opened",
        objects={"call": call.pk, "order": call.order_id},
        audience=[call.order.organization_id, call.key_holder.organization_id],
        data={
            "call": str(call.pk),
            "order": str(call.order_id),
            "counted": len(opened.items),
            "left_out": opened.damaged_firms(),
        },
    )
    for bid in opened.items:  # one event each: a bidder learns that its own bid counted, nothing of others
        record(
            "market.bid.counted",
            objects={"call": call.pk, "bid": bid.pk},
            audience=[bid.organization_id],
            data={"call": str(call.pk), "digest": bid.digest},
        )
    for firm in {bid.organization_id for bid in opened.changed} | opened.missing:
        record(
            "market.bid.left_out",
            objects={"call": call.pk},
            audience=[firm],
            data={"call": str(call.pk), "reason": "changed"},
        )
