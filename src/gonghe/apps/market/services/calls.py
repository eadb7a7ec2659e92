"""Invite firms to bid, give them more time, or call it off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.market.models import Call, CallInvitation, KeyHolder
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order, OrderLine
from gonghe.apps.principal import Principal

KEY_HEX = 64


def register_key_holder(who: Acting | Principal, organization: Organization, public_key: str) -> KeyHolder:
    """Make a neutral body the key holder of calls to come; earlier calls keep theirs.

    Raises
    ------
    InvalidError
        If the body takes part in the market itself, or the key is not 32 bytes in hex.
    """
    if isinstance(who, Acting):
        who.require("keyholder")
        if who.organization != organization:
            raise NotFoundError
        who = who.principal
    if organization.kind != Organization.Kind.OFFICE:
        raise InvalidError(
            _("A key holder must not bid itself. Choose the cluster office."), fields=["organization"]
        )
    if len(public_key) != KEY_HEX or not _is_hex(public_key):
        raise InvalidError(
            _("Paste the public key as `gonghe keyholder new` printed it: 64 letters and digits."),
            fields=["public_key"],
        )
    with recording(who) as record:
        KeyHolder.objects.filter(active=True).update(active=False)
        holder = KeyHolder.objects.create(organization=organization, public_key=public_key.lower())
        record(
            "market.key_holder.registered",
            objects={"key_holder": holder.pk, "organization": organization.pk},
            audience=[organization.pk],
            data={"public_key": holder.public_key},
        )
    return holder


def open_call(
    acting: Acting,
    order: Order,
    *,
    lines: Iterable[OrderLine] = (),
    organizations: Iterable[Organization],
    closes_at: datetime,
    bids_valid_until: datetime,
    vat: str = Call.Vat.EXCLUDED,
    incoterm: str = Call.Incoterm.DAP,
    note: str = "",
    buyer_public_key: str = "",
) -> Call:
    """Freeze the parts and invite firms to bid on an order or some of its lines.

    Parameters
    ----------
    lines
        The lines called; none means all.
    buyer_public_key
        X25519 key in hex of a buyer who wants to open together with the key holder; empty: the platform does.

    Raises
    ------
    InvalidError
        If the terms cannot work; `details["fields"]` names them.
    ConflictError
        If there is no key holder, or the order is out for bids or awarded already.
    """
    acting.require("market")
    if order.organization_id != acting.organization.pk:
        raise NotFoundError
    _refuse_after_award(order)
    firms = list({one.pk: one for one in organizations}.values())
    called = _called_lines(order, lines)
    _refuse_problems(_firm_problems(acting, firms))
    _refuse_problems(_term_problems(closes_at, bids_valid_until, vat, incoterm))
    if buyer_public_key and (len(buyer_public_key) != KEY_HEX or not _is_hex(buyer_public_key)):
        _refuse_problems({"buyer_public_key": _("The opening key must be 64 letters and digits.")})
    holder = _key_holder()
    try:
        with recording(acting.principal) as record:
            call = Call.objects.create(
                order=order,
                key_holder=holder,
                closes_at=closes_at,
                bids_valid_until=bids_valid_until,
                vat=vat,
                incoterm=incoterm,
                note=note,
                buyer_public_key=buyer_public_key.lower(),
            )
            call.lines.set(called)
            CallInvitation.objects.bulk_create(
                [CallInvitation(call=call, organization=firm) for firm in firms]
            )
            orders.set_state(acting.principal, order, Order.State.CALLED)  # freezes the revisions
            record(
                "market.call.opened",
                objects={"call": call.pk, "order": order.pk},
                audience=[acting.organization.pk, holder.organization_id],
                data={"call": str(call.pk), "closes_at": closes_at.isoformat()},
            )
            for firm in firms:  # one event each: nobody learns who else was asked
                record(
                    "market.call.invited",
                    objects={"call": call.pk},
                    audience=[firm.pk],
                    data={"call": str(call.pk)},
                )
    except IntegrityError as error:
        raise ConflictError(
            _("This order is out for bids already. Wait for that call or cancel it first."),
            code="already_called",
        ) from error
    return call


def extend_call(acting: Acting, call: Call, closes_at: datetime) -> Call:
    """Give the firms more time; never less.

    Raises
    ------
    ConflictError
        If bids have closed.
    InvalidError
        If the new time is not later.
    """
    acting.require("market")
    with recording(acting.principal) as record:
        held = lock_own(acting, call)
        require_open(held)
        if closes_at <= held.closes_at or closes_at >= held.bids_valid_until:
            raise InvalidError(
                _("Choose a time after the present closing and before the end of the bids' validity."),
                fields=["closes_at"],
            )
        held.closes_at = closes_at
        held.save(update_fields=["closes_at"])
        record(
            "market.call.extended",
            objects={"call": held.pk},
            audience=[acting.organization.pk, held.key_holder.organization_id, *invited_ids(held)],
            data={"call": str(held.pk), "closes_at": closes_at.isoformat()},
        )
    return held


def cancel_call(acting: Acting, call: Call) -> Call:
    """Call it off: sealed bids are erased unread and the order is a draft again.

    Raises
    ------
    ConflictError
        If the call was awarded or cancelled already.
    """
    acting.require("market")
    with recording(acting.principal) as record:
        held = lock_own(acting, call)
        if held.state not in {Call.State.OPEN, Call.State.OPENED}:
            raise ConflictError(
                _("This call is over: it was awarded or cancelled already."), code="call_over"
            )
        _cancel(record, held)
        orders.set_state(acting.principal, held.order, Order.State.DRAFT)
    return held


def cancel_calls_of_order(principal: Principal, order_id: UUID) -> None:
    """Call off what runs for an order that was cancelled itself; nothing running changes nothing."""
    running = Call.objects.filter(order=order_id, state__in=[Call.State.OPEN, Call.State.OPENED]).first()
    if running is not None:
        with recording(principal) as record:
            _cancel(record, lock(running))


def _cancel(record: Recorder, held: Call) -> None:
    held.state = Call.State.CANCELLED
    held.save(update_fields=["state"])
    held.bids.filter(items=None).update(sealed={})
    record(
        "market.call.cancelled",
        objects={"call": held.pk, "order": held.order_id},
        audience=[held.order.organization_id, held.key_holder.organization_id, *invited_ids(held)],
        data={"call": str(held.pk)},
    )


def lock(call: Call) -> Call:
    """The call's row, held until the transaction ends."""
    return (
        Call.objects.select_for_update(no_key=True, of=("self",))
        .select_related("order", "key_holder")
        .get(pk=call.pk)
    )


def lock_own(acting: Acting, call: Call) -> Call:
    """The row of one's own call, held until the transaction ends."""
    if call.order.organization_id != acting.organization.pk:
        raise NotFoundError
    return lock(call)


def require_open(call: Call) -> None:
    """Refuse what is possible only before bids close.

    Raises
    ------
    ConflictError
        If the call is over or its closing time has come.
    """
    if call.state == Call.State.CANCELLED:
        raise ConflictError(
            _("The buyer has cancelled this call. Nothing more can be sent."), code="call_over"
        )
    if call.state != Call.State.OPEN or clock.now() >= call.closes_at:
        raise ConflictError(
            _("Bids closed on %s. Nothing was stored; ask the buyer for a new call.") % told(call.closes_at),
            code="bids_closed",
        )


def told(moment: datetime) -> str:
    """A time as people of the present zone write it."""
    return date_format(localtime(moment), "j F Y, H:i")


def invited_ids(call: Call) -> list[UUID]:
    """Organisations invited to a call."""
    return list(call.invitations.values_list("organization_id", flat=True))


def _refuse_after_award(order: Order) -> None:
    """One order has one award, one plan, one settlement: lines left out need an order of their own."""
    if order.state not in {Order.State.DRAFT, Order.State.CALLED}:
        raise ConflictError(
            _(
                "This order is awarded already. Put what is still to be made into an order of its own "
                "and call for bids on that."
            ),
            code="awarded",
        )


def _called_lines(order: Order, lines: Iterable[OrderLine]) -> list[OrderLine]:
    own = {line.pk: line for line in order.lines.prefetch_related("operations")}
    chosen = {line.pk for line in lines} or set(own)
    if not own or not chosen <= set(own):
        raise InvalidError(
            _("Choose lines of this order; an order without lines cannot go out."), fields=["lines"]
        )
    called = [own[key] for key in own if key in chosen]
    bare = [str(line.number) for line in called if not line.operations.all()]
    if bare:
        raise InvalidError(
            _("Line %s has no operations yet. Add its routing, then call for bids.") % ", ".join(bare),
            code="no_operations",
            fields=["lines"],
        )
    return called


def _firm_problems(acting: Acting, firms: list[Organization]) -> dict[str, str]:
    if not firms:
        return {"organizations": _("Choose at least one firm to invite.")}
    if any(one.pk == acting.organization.pk for one in firms):
        return {"organizations": _("Your own firm cannot bid on your own call. Take it off the list.")}
    if any(one.kind == Organization.Kind.OFFICE for one in firms):
        return {"organizations": _("A cluster office holds keys, so it cannot bid. Take it off the list.")}
    return {}


def _term_problems(closes_at: datetime, valid_until: datetime, vat: str, incoterm: str) -> dict[str, str]:
    problems = {}
    if closes_at <= clock.now():
        problems["closes_at"] = _("The closing time has passed. Choose a later one.")
    if valid_until <= closes_at:
        problems["bids_valid_until"] = _("Bids must stay valid beyond the closing time.")
    if vat not in Call.Vat.values:
        problems["vat"] = _("Say whether prices include VAT.")
    if incoterm not in Call.Incoterm.values:
        problems["incoterm"] = _("Choose a delivery term from the list.")
    return problems


def _refuse_problems(problems: dict[str, str]) -> None:
    if problems:
        raise InvalidError(" ".join(problems.values()), fields=sorted(problems), problems=problems)


def _key_holder() -> KeyHolder:
    holder = KeyHolder.objects.filter(active=True).order_by("-created_at").first()
    if holder is None:
        raise ConflictError(
            _(
                "No key holder is registered, so no bid could be sealed. "
                "Ask the cluster office to register its key."
            ),
            code="no_key_holder",
        )
    return holder


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdefABCDEF" for letter in text)
