"""API of shared know-how: offers, licences, what is due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.technology import access_sharing as access
from gonghe.apps.technology import sharing, usage
from gonghe.apps.technology.models import Licence, Technology
from gonghe.apps.technology.sharing import TechnologyIn

router = Router()


class Terms(Schema):
    """For what, for how much, until when, for how many pieces."""

    purpose: str = Field("", max_length=300, description="What it may be used for.")
    price_kind: str = Field("free", description="free, fixed, per_piece or royalty")
    price: Decimal = Field(Decimal(0), ge=0, description="Money, or per cent for a royalty.")
    currency: str = Field("CNY", max_length=3)
    until: date | None = Field(None, description="Last day.")
    pieces_max: int | None = Field(None, ge=1)
    exclusive: bool = Field(False, description="One licensee at a time.")


class Summary(Terms):
    """What all see who see the offer."""

    kind: str = Field(
        description="routing_template, setup_sheet, program, fixture, test_facility, expert_hours, training"
        " or licence"
    )
    title: str = Field(max_length=120)
    summary: str = Field(max_length=1000, description="Read by whom `level` names.")
    process: str = Field("", max_length=60)
    level: str = Field("members", description="nobody, partners, members or everyone")
    active: bool = True


class TechnologyBody(Summary):
    """Know-how as its owner offers it."""

    content: str = Field("", max_length=20_000, description="Read by licensees only.")
    template: dict[str, Any] | None = Field(
        None,
        description='For a routing template: {"parameters": [{code, name, unit, low, high, usual}], "steps": '
        "[{number, process, name, setup, run, properties, after}]}; setup and run are seconds, sums of "
        "products of numbers and parameters.",
    )


class TechnologyOut(Summary):
    """Know-how as far as your firm sees it."""

    id: UUID
    organization: str = Field(description="Slug of its owner.")
    content: str | None = Field(description="None without a licence in force.")
    template: dict[str, Any] | None = Field(description="None without a licence in force.")


class LicenceOut(Terms):
    """A licence; its terms are set when it is granted."""

    id: UUID
    technology: UUID
    licensee: str = Field(description="Slug of the firm.")
    state: str = Field(description="asked, granted, accepted, refused, revoked, returned or expired")
    message: str
    answer: str
    pieces: int = Field(description="Good pieces made so far.")


class DueOut(Schema):
    """What a licence owes for a month."""

    licence: UUID
    period: str = Field(description="YYYY-MM")
    pieces: int
    value: Decimal = Field(description="What the work was paid.")
    amount: Decimal
    currency: str


class WordsIn(Schema):
    """Words that the other firm reads."""

    text: str = Field("", max_length=500)


@router.get("technologies", response=list[TechnologyOut])
def list_technologies(request: HttpRequest, slug: Path[str]) -> Any:
    """Know-how of your firm and what others offer you."""
    acting = acting_of(request, slug)
    return [_technology(acting, one) for one in access.visible_technologies(acting)]


@router.get("technologies/{technology_id}", response=TechnologyOut)
def get_technology(request: HttpRequest, slug: Path[str], technology_id: UUID) -> Any:
    """One piece of know-how; the content only with a licence in force."""
    acting = acting_of(request, slug)
    return _technology(acting, access.get_technology(acting, technology_id))


@router.post("technologies", response={201: TechnologyOut}, openapi_extra=IDEMPOTENT)
def offer_technology(request: HttpRequest, slug: Path[str], body: TechnologyBody) -> Any:
    """Offer know-how."""

    def offer(acting: Acting) -> Any:
        return _technology(acting, sharing.save_technology(acting, TechnologyIn(**body.dict())))

    return write(request, slug, offer, status=201)


@router.put("technologies/{technology_id}", response=TechnologyOut, openapi_extra=IDEMPOTENT)
def change_technology(
    request: HttpRequest, slug: Path[str], technology_id: UUID, body: TechnologyBody
) -> Any:
    """Change an offer; licences granted before keep their terms."""

    def change(acting: Acting) -> Any:
        row = access.own_technology(acting, technology_id)
        return _technology(acting, sharing.save_technology(acting, TechnologyIn(**body.dict()), row))

    return write(request, slug, change)


@router.post("technologies/{technology_id}/ask", response={201: LicenceOut}, openapi_extra=IDEMPOTENT)
def ask_licence(request: HttpRequest, slug: Path[str], technology_id: UUID, body: WordsIn) -> Any:
    """Ask for a licence."""

    def ask(acting: Acting) -> Any:
        return _licence(sharing.ask(acting, access.get_technology(acting, technology_id), body.text))

    return write(request, slug, ask, status=201)


@router.get("licences", response=list[LicenceOut])
def list_licences(request: HttpRequest, slug: Path[str]) -> Any:
    """Licences that your firm asked for, and those asked of it."""
    return [_licence(one) for one in access.visible_licences(acting_of(request, slug))]


@router.get("licences/{licence_id}", response=LicenceOut)
def get_licence(request: HttpRequest, slug: Path[str], licence_id: UUID) -> Any:
    """One licence."""
    return _licence(access.get_licence(acting_of(request, slug), licence_id))


@router.post("licences/{licence_id}/grant", response=LicenceOut, openapi_extra=IDEMPOTENT)
def grant_licence(request: HttpRequest, slug: Path[str], licence_id: UUID) -> Any:
    """Grant it under the terms of the offer."""
    return write(request, slug, lambda who: _licence(sharing.grant(who, access.get_licence(who, licence_id))))


@router.post("licences/{licence_id}/refuse", response=LicenceOut, openapi_extra=IDEMPOTENT)
def refuse_licence(request: HttpRequest, slug: Path[str], licence_id: UUID, body: WordsIn) -> Any:
    """Refuse it, with words."""

    def refuse(acting: Acting) -> Any:
        return _licence(sharing.refuse(acting, access.get_licence(acting, licence_id), body.text))

    return write(request, slug, refuse)


@router.post("licences/{licence_id}/accept", response=LicenceOut, openapi_extra=IDEMPOTENT)
def accept_licence(request: HttpRequest, slug: Path[str], licence_id: UUID) -> Any:
    """Accept its terms."""
    return write(
        request, slug, lambda who: _licence(sharing.accept(who, access.get_licence(who, licence_id)))
    )


@router.post("licences/{licence_id}/end", response=LicenceOut, openapi_extra=IDEMPOTENT)
def end_licence(request: HttpRequest, slug: Path[str], licence_id: UUID, body: WordsIn) -> Any:
    """Revoke it as its owner, or give it back; past use stays recorded."""

    def end(acting: Acting) -> Any:
        return _licence(sharing.end(acting, access.get_licence(acting, licence_id), body.text))

    return write(request, slug, end)


@router.get("dues", response=list[DueOut])
def list_dues(request: HttpRequest, slug: Path[str]) -> Any:
    """What was made under licences and is due, by month, on both sides."""
    return [
        {
            "licence": one.licence.pk,
            "period": one.period,
            "pieces": one.pieces,
            "value": one.value,
            "amount": one.amount,
            "currency": one.licence.currency,
        }
        for one in usage.dues(acting_of(request, slug))
    ]


def _terms(one: Technology | Licence) -> dict[str, Any]:
    terms = {name: getattr(one, name) for name in sharing.TERMS}
    return terms | {"price": str(one.price), "until": one.until.isoformat() if one.until else None}


def _technology(acting: Acting, one: Technology) -> dict[str, Any]:
    open_ = access.sees_content(acting, one)
    plain = {name: getattr(one, name) for name in ("kind", "title", "summary", "process", "level", "active")}
    return {
        "id": str(one.pk),
        "organization": one.organization.slug,
        **plain,
        **_terms(one),
        "content": one.content if open_ else None,
        "template": one.template if open_ else None,
    }


def _licence(one: Licence) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "technology": str(one.technology_id),
        "licensee": one.organization.slug,
        "state": one.state,
        "message": one.message,
        "answer": one.answer,
        "pieces": usage.pieces_made([one]).get(one.pk, 0),
        **_terms(one),
    }
