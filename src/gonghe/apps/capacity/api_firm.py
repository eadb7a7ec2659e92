"""A firm as JSON, as far as it shows itself to the one who asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from gonghe.apps.capacity.api_schemas import FreeOut, PriceOut, rate_out
from gonghe.apps.capacity.firm_view import FirmView
from gonghe.apps.capacity.models import SLOT_SECONDS, CapacityOffer, Equipment
from gonghe.apps.members.api_identity import FactOut, fact_out
from gonghe.apps.members.facts import is_verified

FIRM_DAYS = timedelta(days=14)


class OfferedHoursOut(Schema):
    """Hours on offer: how many are left of it, and from when to when."""

    id: UUID
    title: str
    process: str
    start: datetime
    end: datetime
    left_s: int
    per_hour: Decimal
    per_setup: Decimal
    currency: str


class KnowHowOut(Schema):
    """Know-how on offer."""

    id: UUID
    kind: str
    title: str
    summary: str
    price_kind: str
    price: Decimal
    currency: str


class FirmOut(Schema):
    """A member as far as it shows itself."""

    slug: str
    name: str
    about: str
    verified: bool = Field(description="The cluster office has verified its name and registration numbers.")
    identity: list[FactOut] | None = Field(description="Who it is; null where it does not show that.")
    equipment: list[str]
    capabilities: list[dict[str, Any]]
    offers: list[PriceOut] = Field(description="Machines whose rate it published to members.")
    hours: list[OfferedHoursOut]
    know_how: list[KnowHowOut]
    prices: list[PriceOut] | None
    free: list[FreeOut] | None
    history: list[dict[str, Any]] | None


def firm_out(view: FirmView) -> dict[str, Any]:
    """A firm as JSON."""
    return {
        "slug": view.organization.slug,
        "name": view.organization.name,
        "about": view.organization.about,
        "verified": is_verified(view.organization),
        "identity": None if view.identity is None else [fact_out(one) for one in view.identity],
        "equipment": [one.code for one in view.equipment],
        "capabilities": [
            {"process": one.process, "constraints": one.constraints} for one in view.capabilities
        ],
        "offers": [_price(one) for one in view.rates],
        "hours": [_hours(one) for one in view.hours],
        "know_how": list(view.know_how),
        "prices": None if view.prices is None else [_price(one) for one in view.prices],
        "free": None
        if view.free is None
        else [{"equipment": one.code, "free_s": int(free.total_seconds())} for one, free in view.free],
        "history": None
        if view.history is None
        else [{"equipment": one.code, **(one.history or {})} for one in view.history],
    }


def _hours(one: CapacityOffer) -> dict[str, Any]:
    terms = ("title", "process", "start", "end", "per_hour", "per_setup", "currency")
    left = (one.max_quarters - one.taken) * SLOT_SECONDS
    return {"id": one.pk, "left_s": left} | {name: getattr(one, name) for name in terms}


def _price(one: Equipment) -> dict[str, Any]:
    return {"equipment": one.code, "name": one.name, "rate": rate_out(one.rate)}
