"""API of capacity offers and of the hours reserved from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import AwareDatetime, Field

from gonghe.apps.capacity import access, offering
from gonghe.apps.capacity.models import CapacityOffer, Reservation
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.members.models import Disclosure

router = Router()
MOST = Decimal("9999999999.99")


class OfferIn(Schema):
    """Hours to offer: of one machine, or of any of these."""

    title: str = Field(max_length=120, min_length=1)
    equipment: list[UUID] = Field(min_length=1, max_length=100)
    start: AwareDatetime
    end: AwareDatetime
    min_hours: Decimal = Field(gt=0, le=8784)
    max_hours: Decimal = Field(gt=0, le=8784)
    per_hour: Decimal = Field(ge=0, le=MOST, decimal_places=2)
    per_setup: Decimal = Field(Decimal(0), ge=0, le=MOST, decimal_places=2)
    currency: str = Field("CNY", pattern="^[A-Z]{3}$")
    process: str = Field("", max_length=60)
    with_operator: bool = True
    notice_hours: int = Field(24, ge=0, le=2000)
    cancel_fee_percent: int = Field(0, ge=0, le=100, description="Of the price, for cancelling after notice.")
    visibility: Disclosure.Level = Disclosure.Level.NOBODY
    weeks: int = Field(1, ge=1, le=offering.MAX_WEEKS, description="The same again in each following week.")


class OfferOut(Schema):
    """Hours on offer; which machines stand behind it only its firm sees."""

    id: UUID
    organization: str
    title: str
    process: str
    start: datetime
    end: datetime
    min_hours: str
    max_hours: str
    left_hours: str = Field(description="What of the offer nobody has taken.")
    per_hour: str
    per_setup: str
    currency: str
    with_operator: bool
    notice_hours: int
    cancel_fee_percent: int
    closed: bool
    visibility: str | None = Field(description="Only for its own firm.")
    equipment: list[UUID] | None = Field(description="Only for its own firm.")


class HoldIn(Schema):
    """Which hours of an offer to hold."""

    start: AwareDatetime
    hours: Decimal = Field(gt=0, le=8784)


class HeldOut(Schema):
    """Hours reserved from an offer."""

    id: UUID
    offer: UUID
    start: datetime
    end: datetime
    state: str = Field(description="held, confirmed, at_risk, used, expired or cancelled")
    held_until: datetime | None
    price: str
    fee: str | None = Field(description="What cancelling cost.")


@router.get("offers", response=list[OfferOut])
def offers(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Your own offers, and those of others that you may see."""
    acting = acting_of(request, slug)
    return [offer_out(acting, one) for one in access.visible_offers(acting)]


@router.get("offers/{offer_id}", response=OfferOut)
def offer(request: HttpRequest, slug: Path[str], offer_id: UUID) -> dict[str, Any]:
    """An offer that you made or may see."""
    acting = acting_of(request, slug)
    return offer_out(acting, access.get_offer(acting, offer_id))


@router.post("offers", response={201: list[OfferOut]}, openapi_extra=IDEMPOTENT)
def publish_offer(request: HttpRequest, slug: Path[str], body: OfferIn) -> Any:
    """Offer hours of your machines, for one week or the same again in several."""

    def save(acting: Acting) -> list[dict[str, Any]]:
        machines = [access.get_equipment(acting, one) for one in body.equipment]
        terms = offering.Terms(**body.dict(exclude={"equipment", "weeks"}))
        return [offer_out(acting, one) for one in offering.publish(acting, machines, terms, weeks=body.weeks)]

    return write(request, slug, save, status=201)


@router.delete("offers/{offer_id}", response=OfferOut, openapi_extra=IDEMPOTENT)
def close_offer(request: HttpRequest, slug: Path[str], offer_id: UUID) -> Any:
    """Take an offer back; what is reserved stays."""

    def save(acting: Acting) -> dict[str, Any]:
        offering.close(acting, access.get_offer(acting, offer_id))
        return offer_out(acting, access.get_offer(acting, offer_id))

    return write(request, slug, save)


@router.post("offers/{offer_id}/hold", response={201: HeldOut}, openapi_extra=IDEMPOTENT)
def hold_hours(request: HttpRequest, slug: Path[str], offer_id: UUID, body: HoldIn) -> Any:
    """Hold hours of an offer for half an hour; all of them or none."""

    def save(acting: Acting) -> dict[str, Any]:
        return held_out(offering.hold(acting, access.get_offer(acting, offer_id), body.start, body.hours))

    return write(request, slug, save, status=201)


@router.post("reservations/{reservation_id}/confirm", response=HeldOut, openapi_extra=IDEMPOTENT)
def confirm_hours(request: HttpRequest, slug: Path[str], reservation_id: UUID) -> Any:
    """Confirm hours that you hold."""
    return _change(request, slug, reservation_id, offering.confirm)


@router.post("reservations/{reservation_id}/cancel", response=HeldOut, openapi_extra=IDEMPOTENT)
def cancel_hours(request: HttpRequest, slug: Path[str], reservation_id: UUID) -> Any:
    """Give up hours of an offer; the answer names the fee of its terms."""
    return _change(request, slug, reservation_id, offering.cancel)


@router.post("reservations/{reservation_id}/use", response=HeldOut, openapi_extra=IDEMPOTENT)
def use_hours(request: HttpRequest, slug: Path[str], reservation_id: UUID) -> Any:
    """Say that reserved hours of your machine were used; the rest of them becomes free."""
    return _change(request, slug, reservation_id, offering.use)


def offer_out(acting: Acting, one: CapacityOffer) -> dict[str, Any]:
    """An offer as JSON, as this viewer may see it."""
    own = one.organization_id == acting.organization.pk
    plain = ("title", "process", "currency", "with_operator", "notice_hours", "cancel_fee_percent")
    return {name: getattr(one, name) for name in plain} | {
        "id": str(one.pk),
        "organization": one.organization.slug,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "min_hours": _hours(one.min_quarters),
        "max_hours": _hours(one.max_quarters),
        "left_hours": _hours(one.max_quarters - one.taken),
        "per_hour": f"{one.per_hour:.2f}",
        "per_setup": f"{one.per_setup:.2f}",
        "closed": one.closed_at is not None,
        "visibility": str(one.visibility) if own else None,
        "equipment": [str(key) for key in access.pool_of(one)] if own else None,
    }


def held_out(one: Reservation) -> dict[str, Any]:
    """Hours of an offer as JSON; the machine is not named."""
    return {
        "id": str(one.pk),
        "offer": str(one.offer_id),
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "state": str(one.state),
        "held_until": one.held_until.isoformat() if one.held_until else None,
        "price": f"{one.price:.2f}",
        "fee": None if one.fee is None else f"{one.fee:.2f}",
    }


def _change(
    request: HttpRequest, slug: str, reservation_id: UUID, step: Callable[[Acting, Reservation], object]
) -> Any:
    def save(acting: Acting) -> dict[str, Any]:
        step(acting, access.get_reservation(acting, reservation_id))
        return held_out(access.get_reservation(acting, reservation_id))

    return write(request, slug, save)


def _hours(quarters: int) -> str:
    return f"{Decimal(quarters) / 4:.2f}"
