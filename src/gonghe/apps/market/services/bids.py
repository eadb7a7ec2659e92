"""Send, replace and take back sealed bids."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import NotFoundError
from gonghe.apps.market import offers, sealing
from gonghe.apps.market.models import Bid, Call, CallInvitation
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.market.services.calls import lock, require_open
from gonghe.apps.members.acting import Acting
from gonghe.apps.principal import SYSTEM


@sensitive_variables()
def submit_bid(acting: Acting, call: Call, items: Iterable[BidItemIn]) -> Bid:
    """Seal and store a firm's bid; it replaces the one that stood before. Its `digest` is the receipt.

    Raises
    ------
    NotFoundError
        If the firm was not invited.
    ConflictError
        If bids have closed.
    InvalidError
        If an item cannot be kept; `details["items"]` holds all errors.
    """
    acting.require("market")
    invitation = _invitation(acting, call)
    require_open(Call.objects.get(pk=call.pk))
    checked = offers.check(acting, call, items)
    plain, size = offers.encode(checked), sealing.padded_size(len(offers.called_operations(call)))
    with recording(acting.principal) as record:
        held = lock(call)
        require_open(held)
        now = clock.now()
        replaced = _take_back(acting, held, now)
        bid = Bid(call=held, organization=acting.organization, submitted_at=now)
        bid.sealed = sealing.seal(plain, binding=binding_of(bid), recipients=_recipients(held), size=size)
        bid.digest = sealing.digest_of(bid.sealed)
        data = {"call": str(held.pk), "digest": bid.digest}
        if replaced:
            data["replaces"] = replaced.digest
        bid.event_uid = record("market.bid.sealed", objects={"call": held.pk, "bid": bid.pk}, data=data).uid
        bid.save()
        CallInvitation.objects.filter(pk=invitation.pk).update(declined_at=None)
        _tell_buyer(held)
    return bid


def withdraw_bid(acting: Acting, call: Call) -> None:
    """Take the standing bid back before closing; its ciphertext is erased and never opened.

    Raises
    ------
    NotFoundError
        If the firm has no standing bid.
    ConflictError
        If bids have closed.
    """
    acting.require("market")
    _invitation(acting, call)
    with recording(acting.principal) as record:
        held = lock(call)
        require_open(held)
        bid = _take_back(acting, held, clock.now())
        if bid is None:
            raise NotFoundError
        _record_withdrawn(record, held, bid)
        _tell_buyer(held)


def decline(acting: Acting, call: Call) -> None:
    """Say that one will not bid; a standing bid is withdrawn. Until closing one may still change one's mind.

    Raises
    ------
    NotFoundError
        If the firm was not invited.
    ConflictError
        If bids have closed.
    """
    acting.require("market")
    invitation = _invitation(acting, call)
    with recording(acting.principal) as record:
        held = lock(call)
        require_open(held)
        bid = _take_back(acting, held, clock.now())
        if bid is not None:
            _record_withdrawn(record, held, bid)
        CallInvitation.objects.filter(pk=invitation.pk).update(declined_at=clock.now())
        record("market.call.declined", objects={"call": held.pk}, data={"call": str(held.pk)})
        _tell_buyer(held)


def binding_of(bid: Bid) -> sealing.Binding:
    """What a bid's seal is bound to, from its row."""
    moment = bid.submitted_at.astimezone(UTC).isoformat(timespec="microseconds")
    return sealing.Binding(str(bid.call_id), str(bid.organization_id), moment)


def _invitation(acting: Acting, call: Call) -> CallInvitation:
    found = CallInvitation.objects.filter(call=call, organization=acting.organization).first()
    if found is None:
        raise NotFoundError
    return found


def _take_back(acting: Acting, call: Call, now: datetime) -> Bid | None:
    standing = Bid.objects.filter(call=call, organization=acting.organization, withdrawn_at=None).first()
    if standing is not None:
        standing.withdrawn_at, standing.sealed = now, {}
        standing.save(update_fields=["withdrawn_at", "sealed"])
    return standing


def _recipients(call: Call) -> sealing.Recipients:
    buyer = call.buyer_public_key
    return sealing.Recipients(
        holder=bytes.fromhex(call.key_holder.public_key),
        platform=sealing.public_of(sealing.platform_key()),
        buyer=bytes.fromhex(buyer) if buyer else None,
    )


def _record_withdrawn(record: Any, call: Call, bid: Bid) -> None:
    record(
        "market.bid.withdrawn",
        objects={"call": call.pk, "bid": bid.pk},
        data={"call": str(call.pk), "digest": bid.digest},
    )


def _tell_buyer(call: Call) -> None:
    """The buyer's page counts anew; the event comes from the installation, so that it names no bidder."""
    Recorder(SYSTEM)("market.call.answered", objects={"call": call.pk}, audience=[call.order.organization_id])
