"""What the API of capacity takes and gives."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

from gonghe.apps.capacity.finding import Answer, Found, piece_text
from gonghe.apps.capacity.matching import Candidate
from gonghe.apps.capacity.models import Calendar, Equipment, Rate, Reservation
from gonghe.apps.technology import words
from gonghe.engines.model.matching import Match


class DoneOut(Schema):
    """It is done."""

    done: bool


class RateIn(Schema):
    """What an hour and a set-up cost."""

    per_hour: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    per_setup: Decimal = Field(Decimal(0), ge=0, max_digits=12, decimal_places=2)
    overtime_per_hour: Decimal | None = Field(
        None,
        ge=0,
        max_digits=12,
        decimal_places=2,
        description="On top for an hour outside the calendar; None: no overtime.",
    )
    currency: str = Field("CNY", pattern="^[A-Z]{3}$", description="ISO 4217")
    published: bool = Field(False, description="Every member may see it: an open offer.")


class RateOut(Schema):
    """What an hour and a set-up cost; amounts are decimal strings."""

    per_hour: str
    per_setup: str
    overtime_per_hour: str | None
    currency: str
    published: bool


class EquipmentIn(Schema):
    """A machine, line, bench or crew."""

    code: str = Field(max_length=70, min_length=1)
    name: str = Field(max_length=100, min_length=1)
    site: UUID
    calendar: UUID | None = None
    capabilities: list[UUID] | None = Field(None, description="None leaves them as they are.")
    released: bool = Field(True, description="The joint planner may plan with it; needs a calendar.")
    operator_needed: bool = True


class EquipmentOut(Schema):
    """A machine, line, bench or crew."""

    id: UUID
    code: str
    name: str
    site: UUID
    calendar: UUID | None
    capabilities: list[UUID]
    status: str = Field(description="up, down or retired")
    down_from: datetime | None
    down_until: datetime | None
    released: bool
    operator_needed: bool
    rate: RateOut | None
    history: dict[str, Any] | None = Field(description="What its log tells: medians in seconds.")


class CalendarIn(Schema):
    """When equipment can work, in wall-clock time."""

    code: str = Field(max_length=64, min_length=1)
    name: str = Field("", max_length=100)
    weekly: list[tuple[int, str, str]] = Field(
        description="Weekday (0 is Monday), start and end; an end at or before the start is on the next day."
    )
    holidays: list[str] = Field([], description="Dates on which no shift begins.")
    time_zone: str = Field("", max_length=40, description="IANA name; empty is that of the site.")
    region: str = Field(
        "", max_length=10, description="Whose public holidays hold too: CN, DE-BY (ISO 3166); empty is none."
    )


class CalendarOut(CalendarIn):
    """When equipment can work."""

    id: UUID


class DownIn(Schema):
    """How long equipment stands still."""

    start: AwareDatetime | None = Field(None, description="None: from now on.")
    until: AwareDatetime | None = Field(None, description="None: nobody knows.")


class SpanOut(Schema):
    """A span of time."""

    start: datetime
    end: datetime


class HoursOut(Schema):
    """When equipment works, and when nobody holds it."""

    open: list[SpanOut]
    free: list[SpanOut]


class KeepIn(Schema):
    """Hours of one's own equipment, on whole quarter hours."""

    equipment: UUID
    start: AwareDatetime
    end: AwareDatetime
    purpose: str = Field("", max_length=100)


class ReservationOut(Schema):
    """Hours that are taken."""

    id: UUID
    equipment: UUID
    organization: str = Field(description="Slug of the firm whose equipment it is.")
    holder: str = Field(description="Slug of the firm that holds the hours.")
    start: datetime
    end: datetime
    state: str = Field(description="held, confirmed, at_risk, used or released")
    operation: UUID | None
    purpose: str


class RequirementIn(Schema):
    """What an operation asks for."""

    process: str = Field(max_length=60)
    properties: dict[str, float | str | list[str]] = {}


class MissOut(Schema):
    """A property that fails, and by how much."""

    property: str
    wanted: float | str | list[str]
    offered: float | str | list[str] | None
    gap: float | None
    unit: str
    text: str = Field(description="The same in words, in the language of the request.")


class CandidateOut(Schema):
    """Who can do it, or why not."""

    organization: str
    name: str
    equipment: UUID | None
    equipment_code: str
    site: UUID | None
    verdict: str = Field(description="can, nearly or cannot")
    misses: list[MissOut]
    assumed: list[str] = Field(description="Properties of which the firm says nothing.")


class PriceOut(Schema):
    """A price of a machine."""

    equipment: str
    name: str
    rate: RateOut


class FreeOut(Schema):
    """Free time of a machine in the next 14 days."""

    equipment: str
    free_s: int


class ImportedOut(Schema):
    """How many rows of each kind an import added and changed."""

    added: dict[str, int]
    changed: dict[str, int]


def equipment_out(one: Equipment) -> dict[str, Any]:
    """A machine as JSON."""
    rate = getattr(one, "rate", None)
    return {
        "id": str(one.pk),
        "code": one.code,
        "name": one.name,
        "site": str(one.site_id),
        "calendar": str(one.calendar_id) if one.calendar_id else None,
        "capabilities": [str(able.pk) for able in one.capabilities.all()],
        "status": one.status,
        "down_from": _iso(one.down_from),
        "down_until": _iso(one.down_until),
        "released": one.released,
        "operator_needed": one.operator_needed,
        "rate": rate_out(rate) if rate else None,
        "history": one.history,
    }


def rate_out(rate: Rate) -> dict[str, Any]:
    """A rate as JSON."""
    return {
        "per_hour": f"{rate.per_hour:.2f}",
        "per_setup": f"{rate.per_setup:.2f}",
        "overtime_per_hour": None if rate.overtime_per_hour is None else f"{rate.overtime_per_hour:.2f}",
        "currency": rate.currency,
        "published": rate.published,
    }


def calendar_out(one: Calendar) -> dict[str, Any]:
    """A calendar as JSON."""
    shown = {
        name: getattr(one, name) for name in ("code", "name", "weekly", "holidays", "time_zone", "region")
    }
    return {"id": str(one.pk), **shown}


def reservation_out(one: Reservation) -> dict[str, Any]:
    """A reservation as JSON."""
    return {
        "id": str(one.pk),
        "equipment": str(one.equipment_id),
        "organization": one.equipment.organization.slug,
        "holder": one.holder.slug,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "state": one.state,
        "operation": str(one.operation_id) if one.operation_id else None,
        "purpose": one.purpose,
    }


def candidate_out(one: Candidate) -> dict[str, Any]:
    """A candidate as JSON."""
    return {
        "organization": one.organization.slug,
        "name": one.organization.name,
        "equipment": str(one.equipment.pk) if one.equipment else None,
        "equipment_code": one.equipment.code if one.equipment else "",
        "site": str(one.site.pk) if one.site else None,
        **_match(one),
    }


def _match(found: Candidate | Match) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "misses": [miss.to_json() | {"text": words.miss_text(miss)} for miss in found.misses],
        "assumed": list(found.assumed),
    }


class FoundCandidateOut(CandidateOut):
    """Who can or nearly can, how far away, and everything that fails, distance too."""

    km: float | None = Field(description="As the crow flies from your first site.")
    fails: list[str]


class UnderstoodOut(Schema):
    """A piece of a sentence and what it was taken for."""

    key: str = Field(description="Code of a property, process or distance_km.")
    value: float | str
    text: str = Field(description="The same in words, in the language of the request.")


class FoundOut(Schema):
    """Answers to a sentence: who can, and who nearly can with what fails; the first `limit` of each."""

    understood: list[UnderstoodOut]
    not_understood: list[str]
    can_count: int = Field(description="How many can, listed or not.")
    nearly_count: int
    can: list[FoundCandidateOut]
    nearly: list[FoundCandidateOut]


def found_out(found: Found, limit: int) -> dict[str, Any]:
    """Answers to a sentence as JSON."""
    return {
        "understood": [
            {"key": one.key, "value": one.value, "text": piece_text(one)} for one in found.query.pieces
        ],
        "not_understood": list(found.query.rest),
        "can_count": len(found.can),
        "nearly_count": len(found.nearly),
        "can": [_answer(one) for one in found.can[:limit]],
        "nearly": [_answer(one) for one in found.nearly[:limit]],
    }


def _answer(one: Answer) -> dict[str, Any]:
    return {
        "organization": one.firm.slug,
        "name": one.firm.name,
        "equipment": str(UUID(one.machine.id)) if one.machine else None,
        "equipment_code": one.machine.code if one.machine else "",
        "site": str(UUID(one.site.id)) if one.site else None,
        **_match(one.match),
        "km": one.km and round(one.km, 1),
        "fails": list(one.fails),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
