"""API of market: calls, sealed bids, opening, results, contracts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from ninja import Field, Path, Router, Schema, Status

from gonghe.apps.audit.idempotency import once
from gonghe.apps.base import InvalidError
from gonghe.apps.market import access, pages, sealing, services
from gonghe.apps.market.models import Bid, BidItem, Call, Contract
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.market.suggest import Suggestion, quote, suggest
from gonghe.apps.market.views import file_answer
from gonghe.apps.members.access import visible_organizations
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.orders.access import get_order

router = Router()
SHORTEST_KEY = 20

SEALED: dict[str, Any] = {
    "parameters": [
        IDEMPOTENT["parameters"][0]
        | {
            "schema": {"type": "string", "minLength": SHORTEST_KEY, "maxLength": 100},
            "description": "Your own random name for this request, such as a UUID; sending it again gives "
            "the first answer again. Only a digest of it is kept.",
        }
    ]
}


class CallIn(Schema):
    """An order, or some of its lines, goes out to chosen firms."""

    order: UUID
    lines: list[UUID] = Field([], description="Lines that go out; none means all.")
    organizations: list[str] = Field(description="Slugs of the firms to invite.", min_length=1)
    closes_at: datetime = Field(description="With time zone; bids at or after it are refused.")
    bids_valid_until: datetime
    vat: str = Field("excluded", description="excluded or included")
    incoterm: str = Field("DAP", description="EXW, FCA or DAP (Incoterms 2020)")
    note: str = Field("", max_length=1000)
    buyer_public_key: str = Field("", description="X25519 key in hex, to open yourself.")


class MoreTimeIn(Schema):
    """A later closing time."""

    closes_at: datetime


class ItemIn(Schema):
    """An offer for one operation: with equipment whose calendar is released, or with a binding window."""

    operation: UUID
    price: Decimal = Field(description="For all pieces with set-up, in the order's currency.", gt=0)
    duration_s: int = Field(description="Working time in seconds.", gt=0)
    equipment: UUID | None = None
    earliest: datetime | None = None
    latest: datetime | None = None


class BidIn(Schema):
    """A bid; it replaces the one sent before."""

    items: list[ItemIn] = Field(min_length=1)


class OpeningIn(Schema):
    """The key holder's key file and its passphrase; used once and kept nowhere."""

    key_file: str = Field(description="The key file's text (PEM, PKCS 8, encrypted).", max_length=10_000)
    passphrase: str
    without_damaged: bool = Field(False, description="Leave out bids that were changed, instead of refusing.")


class KeyIn(Schema):
    """The public half of a key holder's key."""

    public_key: str = Field(description="X25519 key, 64 hex digits.")


@router.get("/market/calls", summary="Calls you were invited to, your own, and those your key opens")
def list_calls(request: HttpRequest, slug: Path[str]) -> dict[str, Any]:
    """Every call that the organisation has a seat at."""
    acting = acting_of(request, slug)
    return {
        "invited": [_call(row.call) | {"answer": row.answer} for row in pages.invited_rows(acting)],
        "own": [_call(one) | {"answers": _answers(one)} for one in access.own_calls(acting)],
        "to_open": [_call(one) | {"answers": _answers(one)} for one in access.calls_to_open(acting)],
    }


@router.post(
    "/market/calls", response={201: dict[str, Any]}, openapi_extra=IDEMPOTENT, summary="Call for bids"
)
def open_call(request: HttpRequest, slug: Path[str], body: CallIn) -> Any:
    """Freeze the parts and invite firms."""

    def action(acting: Acting) -> dict[str, Any]:
        order = get_order(acting, body.order)
        lines = list(order.lines.filter(pk__in=body.lines))
        firms = list(visible_organizations().filter(slug__in=body.organizations))
        if len(lines) != len(set(body.lines)) or len(firms) != len(set(body.organizations)):
            raise InvalidError(_("A line or a firm is not known here."), fields=["lines", "organizations"])
        call = services.open_call(
            acting,
            order,
            lines=lines,
            organizations=firms,
            **body.model_dump(exclude={"order", "lines", "organizations"}),
        )
        return _call(call)

    return write(request, slug, action, status=201)


@router.get("/market/calls/{uuid:call_id}", summary="One call, as its viewer may see it")
def get_call(request: HttpRequest, slug: Path[str], call_id: UUID) -> dict[str, Any]:
    """Terms and called lines; for the buyer the number of answers."""
    acting = acting_of(request, slug)
    call, seat = access.get_call(acting, call_id)
    body = _call(call) | {"seat": seat}
    if seat != "holder":
        body |= _called(acting, call)
    if seat != "bidder":
        body |= {"answers": _answers(call)}
    if seat == "buyer":
        body |= {"invited": [firm.slug for firm in access.invited_firms(acting, call_id)]}
    return body


@router.get("/market/calls/{uuid:call_id}/documents/{uuid:document_id}", summary="A drawing of a called line")
def get_document(request: HttpRequest, slug: Path[str], call_id: UUID, document_id: UUID) -> FileResponse:
    """The file itself."""
    return file_answer(access.get_document(acting_of(request, slug), call_id, document_id))


@router.get(
    "/market/calls/{uuid:call_id}/suggestion", summary="What you could offer, by your times and rates"
)
def get_suggestion(request: HttpRequest, slug: Path[str], call_id: UUID) -> list[dict[str, Any]]:
    """Only the firm itself sees it."""
    acting = acting_of(request, slug)
    call = access.get_invitation(acting, call_id).call
    return [_suggestion(one) for one in suggest(acting, call)]


@router.get("/market/calls/{uuid:call_id}/quote", summary="What the called parts cost by your own tables")
def get_quote(request: HttpRequest, slug: Path[str], call_id: UUID) -> list[dict[str, Any]]:
    """Only the firm itself sees it: by part, ranges in minor units and seconds, price breaks, assumptions."""
    acting = acting_of(request, slug)
    call = access.get_invitation(acting, call_id).call
    return [{"line": str(one.line.pk), "estimate": one.estimate} for one in quote(acting, call)]


@router.post("/market/calls/{uuid:call_id}/bid", response={201: dict[str, Any]}, openapi_extra=SEALED)
def submit_bid(request: HttpRequest, slug: Path[str], call_id: UUID, body: BidIn) -> Any:
    """Seal and store a bid; the answer is its receipt."""
    items = [
        BidItemIn(
            one.operation, one.price, one.duration_s, one.equipment, _aware(one.earliest), _aware(one.latest)
        )
        for one in body.items
    ]

    @sensitive_variables()
    def action(acting: Acting) -> dict[str, Any]:
        bid = services.submit_bid(acting, access.get_invitation(acting, call_id).call, items)
        return _bid(bid)

    return write_unseen(request, slug, action, status=201)


@router.get("/market/calls/{uuid:call_id}/bid", summary="Your own bid: receipt, and after opening its items")
def get_bid(request: HttpRequest, slug: Path[str], call_id: UUID) -> dict[str, Any]:
    """Receipt with the sealed bid, whether it counted, and its result."""
    acting = acting_of(request, slug)
    call = access.get_invitation(acting, call_id).call
    proof = access.receipt(acting, call)
    items = [_item(one) for one in access.own_items(acting, call)]
    return access.receipt_json(proof) | {"result": access.result(acting, call), "items": items}


@router.delete("/market/calls/{uuid:call_id}/bid", openapi_extra=IDEMPOTENT, summary="Withdraw your bid")
def withdraw_bid(request: HttpRequest, slug: Path[str], call_id: UUID) -> Any:
    """Erase it before bids close."""

    def action(acting: Acting) -> dict[str, Any]:
        services.withdraw_bid(acting, access.get_invitation(acting, call_id).call)
        return {"withdrawn": True}

    return write(request, slug, action)


@router.post("/market/calls/{uuid:call_id}/decline", openapi_extra=IDEMPOTENT, summary="Decline a call")
def decline(request: HttpRequest, slug: Path[str], call_id: UUID) -> Any:
    """Answer without a bid."""

    def action(acting: Acting) -> dict[str, Any]:
        services.decline(acting, access.get_invitation(acting, call_id).call)
        return {"declined": True}

    return write(request, slug, action)


@router.post(
    "/market/calls/{uuid:call_id}/extend", openapi_extra=IDEMPOTENT, summary="Give the firms more time"
)
def extend_call(request: HttpRequest, slug: Path[str], call_id: UUID, body: MoreTimeIn) -> Any:
    """Move the closing to a later time."""

    def action(acting: Acting) -> dict[str, Any]:
        closes_at = _aware(body.closes_at)
        assert closes_at is not None
        return _call(services.extend_call(acting, access.get_own_call(acting, call_id), closes_at))

    return write(request, slug, action)


@router.post("/market/calls/{uuid:call_id}/cancel", openapi_extra=IDEMPOTENT, summary="Cancel a call")
def cancel_call(request: HttpRequest, slug: Path[str], call_id: UUID) -> Any:
    """Erase the sealed bids; the order is a draft again."""
    return write(
        request,
        slug,
        lambda acting: _call(services.cancel_call(acting, access.get_own_call(acting, call_id))),
    )


@router.post("/market/calls/{uuid:call_id}/opening", openapi_extra=SEALED, summary="Open the bids")
def open_bids(request: HttpRequest, slug: Path[str], call_id: UUID, body: OpeningIn) -> Any:
    """For the key holder: all bids at once, after closing or when everyone has answered."""

    @sensitive_variables()
    def action(acting: Acting) -> dict[str, Any]:
        call = access.get_held_call(acting, call_id)
        try:
            key = sealing.read_key_file(body.key_file.encode(), body.passphrase)
        except sealing.KeyFileError as error:
            raise InvalidError(
                _("The passphrase is wrong, or this is not the key file. Try again."), fields=["passphrase"]
            ) from error
        opened = services.open_bids(key, acting, call, without_damaged=body.without_damaged)
        return {"call": str(call.pk), "counted": len(opened)}

    return write_unseen(request, slug, action)


@router.get(
    "/market/calls/{uuid:call_id}/result", summary="Opened bids for the buyer, your own result for a firm"
)
def get_result(request: HttpRequest, slug: Path[str], call_id: UUID) -> dict[str, Any]:
    """A firm learns its own result and nothing of others."""
    acting = acting_of(request, slug)
    call, seat = access.get_call(acting, call_id)
    if seat == "bidder":
        return {"result": access.result(acting, call)}
    own = access.get_own_call(acting, call_id)
    return {
        "state": own.state,
        "items": [
            _item(one) | {"organization": one.bid.organization.slug}
            for one in access.opened_items(acting, call_id)
        ],
        "left_out": [firm.slug for firm in access.left_out(acting, call_id)],
    }


@router.get("/market/contracts", summary="Contracts that you work for or pay for")
def list_contracts(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Newest first."""
    return [_contract(one) for one in access.contracts(acting_of(request, slug))]


@router.get("/market/open-offers", summary="Published price lists")
def list_open_offers(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Equipment on offer at a stated rate, without a call."""
    acting = acting_of(request, slug)
    return [
        {
            "organization": one.organization.slug,
            "equipment": str(one.pk),
            "name": one.name,
            "site": site,
            "per_hour": str(one.rate.per_hour),
            "per_setup": str(one.rate.per_setup),
            "currency": one.rate.currency,
        }
        for one, site in access.open_offers_shown(acting)
    ]


@router.get("/market/key-holder", summary="Whose key seals new calls")
def get_key_holder(request: HttpRequest, slug: Path[str]) -> dict[str, Any] | None:
    """None before the first key is registered."""
    acting_of(request, slug)
    holder = access.active_key_holder()
    if holder is None:
        return None
    return {"organization": holder.organization.slug, "public_key": holder.public_key}


@router.post("/market/key-holder", response={201: dict[str, Any]}, openapi_extra=IDEMPOTENT)
def register_key_holder(request: HttpRequest, slug: Path[str], body: KeyIn) -> Any:
    """Seal new calls with this key of the acting office."""

    def action(acting: Acting) -> dict[str, Any]:
        holder = services.register_key_holder(acting, acting.organization, body.public_key)
        return {"organization": acting.organization.slug, "public_key": holder.public_key}

    return write(request, slug, action, status=201)


def write_unseen(
    request: HttpRequest, slug: str, action: Callable[[Acting], Any], *, status: int = 200
) -> Any:
    """Like `write`, for bodies that nobody may guess from what is kept.

    The plain hash of a body would tell a reader of the database whether a guessed price is right. So the body
    is hashed with the client's random key, and of that key only a digest is kept.

    Raises
    ------
    InvalidError
        If the header is missing or short.
    """
    acting = acting_of(request, slug)
    key = request.headers.get("Idempotency-Key", "").encode()
    if not SHORTEST_KEY <= len(key) <= 100:
        raise InvalidError(
            _("Send a random Idempotency-Key header of 20 to 100 characters, such as a UUID."),
            code="key_missing",
        )
    kept = hashlib.sha256(b"gonghe idempotency " + key).hexdigest()
    body = hmac.digest(key, request.body, "sha256")
    route = f"{request.method} {request.path}"[:200]
    answer = once(acting.principal, route, kept, body, lambda: (status, action(acting)))
    return Status(answer.status, answer.body)


def _aware(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise InvalidError(_("Give times with a time zone, for example 2026-03-11T16:00:00+08:00."))
    return moment


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": str(call.pk),
        "order": call.order.code,
        "title": call.order.title,
        "buyer": call.order.organization.slug,
        "state": call.state,
        "closes_at": _iso(call.closes_at),
        "bids_valid_until": _iso(call.bids_valid_until),
        "opened_at": _iso(call.opened_at),
        "vat": call.vat,
        "incoterm": call.incoterm,
        "currency": call.order.currency,
        "key_holder": call.key_holder.organization.slug,
        "note": call.note,
    }


def _called(acting: Acting, call: Call) -> dict[str, Any]:
    called = access.get_called_order(acting, call.pk)
    return {
        "due": _iso(called.due),
        "destination": called.destination,
        "lines": [
            {
                "id": str(line.pk),
                "number": line.number,
                "part": line.revision.part.number,
                "name": line.revision.part.name,
                "revision": line.revision.label,
                "material": line.revision.material,
                "quantity": line.quantity,
                "pieces": line.pieces,
                "smallest_lot": line.smallest_lot,
                "drawing": line.revision.drawing_id and str(line.revision.drawing_id),
                "operations": [
                    {
                        "id": str(one.pk),
                        "number": one.number,
                        "name": one.name,
                        "requirement": one.requirement,
                        "setup_s": one.setup_s,
                        "run_s": one.run_s,
                        "after": [str(before.pk) for before in one.after.all()],
                    }
                    for one in called.operations
                    if one.line_id == line.pk
                ],
            }
            for line in called.lines
        ],
    }


def _answers(call: Call) -> dict[str, int]:
    found = access.answers(call)
    return {"invited": found.invited, "bids": found.bids, "declined": found.declined, "silent": found.silent}


def _bid(bid: Bid) -> dict[str, Any]:
    return {"id": str(bid.pk), "digest": bid.digest, "received_at": _iso(bid.submitted_at)}


def _item(item: BidItem) -> dict[str, Any]:
    return {
        "operation": str(item.operation_id),
        "price": str(item.price),
        "duration_s": item.duration_s,
        "equipment": item.equipment_id and str(item.equipment_id),
        "earliest": _iso(item.earliest),
        "latest": _iso(item.latest),
    }


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "operation": str(one.operation.pk),
        "duration_s": one.duration_s,
        "options": [
            {
                "equipment": str(option.equipment.pk),
                "cost": option.cost and str(option.cost),
                "open_to_planner": option.open_to_planner,
            }
            for option in one.options
        ],
    }


def _contract(contract: Contract) -> dict[str, Any]:
    return {
        "id": str(contract.pk),
        "order": contract.order.code,
        "buyer": contract.order.organization.slug,
        "organization": contract.organization.slug,
        "currency": contract.currency,
        "state": contract.state,
        "items": [
            {
                "operation": str(one.operation_id),
                "lot": one.lot,
                "lots": one.lots,
                "pieces": one.quantity,
                "price": str(one.price),
                "ended_at": _iso(one.ended_at),
            }
            for one in contract.items.all()
        ],
        "milestones": [
            {
                "name": one.name,
                "due": _iso(one.due),
                "amount": str(one.amount),
                "reached_at": _iso(one.reached_at),
            }
            for one in contract.milestones.all()
        ],
    }


def _iso(moment: date | datetime | None) -> str | None:
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC)
    return moment.isoformat() if moment else None
