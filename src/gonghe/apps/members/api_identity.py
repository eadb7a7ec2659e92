"""API of who a firm is: its facts, its certificates, and what the cluster office verifies."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.members import access, facts, identity
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.facts import Fact
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.members.models import Certificate

router = Router()


class FactOut(Schema):
    """A fact of a firm."""

    fact: str = Field(description="Key: name, registration_code, site:<id>, certificate:<id> ...")
    label: str
    shown: str
    value: str = Field(description="Exactly what is verified; empty for what is computed.")
    amount: Decimal | None
    expires_on: date | None
    expired: bool
    verified_by: str | None = Field(description="Who verified this very value.")
    verified_at: datetime | None


class FactIn(Schema):
    """What the cluster office looked at."""

    fact: str = Field(max_length=60)
    value: str = Field(max_length=2000, description="As the firm's page or `identity` told it.")


class CertificateIn(Schema):
    """A certificate; one of the same kind and number is changed."""

    kind: str = Field(max_length=60, min_length=1, description="Such as ISO 9001.")
    number: str = Field(max_length=60, min_length=1)
    issuer: str = Field("", max_length=120)
    expires_on: date = Field(description="The last day on which it counts.")


class CertificateOut(CertificateIn):
    """A certificate in the list of your firm."""

    id: UUID
    expired: bool


class VerifiedOut(Schema):
    """It is done."""

    done: bool


@router.get("identity", response=list[FactOut])
def get_identity(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Facts of your firm, with what is verified of them."""
    return [fact_out(one) for one in facts.facts_of(acting_of(request, slug).organization)]


@router.post("members/{firm}/verification", response=VerifiedOut, openapi_extra=IDEMPOTENT)
def verify(request: HttpRequest, slug: Path[str], firm: str, body: FactIn) -> Any:
    """The cluster office vouches for a fact of a firm."""

    def save(acting: Acting) -> dict[str, bool]:
        identity.verify_fact(acting, access.get_organization(firm), fact=body.fact, value=body.value)
        return {"done": True}

    return write(request, slug, save)


@router.get("certificates", response=list[CertificateOut])
def certificates(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Certificates of your firm, the next to expire first."""
    return [_certificate(one) for one in facts.own_certificates(acting_of(request, slug))]


@router.post("certificates", response=CertificateOut, openapi_extra=IDEMPOTENT)
def save_certificate(request: HttpRequest, slug: Path[str], body: CertificateIn) -> Any:
    """Add a certificate, or change the one of this kind and number."""
    return write(
        request, slug, lambda acting: _certificate(identity.save_certificate(acting, **body.dict())[0])
    )


@router.delete("certificates/{certificate_id}", response=VerifiedOut, openapi_extra=IDEMPOTENT)
def remove_certificate(request: HttpRequest, slug: Path[str], certificate_id: UUID) -> Any:
    """Take a certificate out of the list."""

    def save(acting: Acting) -> dict[str, bool]:
        identity.remove_certificate(acting, facts.get_certificate(acting, certificate_id))
        return {"done": True}

    return write(request, slug, save)


def fact_out(one: Fact) -> dict[str, Any]:
    """A fact as JSON."""
    return {
        "fact": one.key,
        "label": one.label,
        "shown": one.shown,
        "value": one.value,
        "amount": one.amount,
        "expires_on": one.expires_on,
        "expired": one.expired,
        "verified_by": one.verified and one.verified.by,
        "verified_at": one.verified and one.verified.at,
    }


def _certificate(one: Certificate) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "kind": one.kind,
        "number": one.number,
        "issuer": one.issuer,
        "expires_on": one.expires_on.isoformat(),
        "expired": one.expires_on < facts.today(),
    }
