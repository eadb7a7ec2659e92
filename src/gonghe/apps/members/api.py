"""API of members: organisations, sites, people, who sees what, tokens."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status

from gonghe.apps.members import access, api_identity, identity, services
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.facts import is_verified, verified_firms
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.members.models import ApiToken, Invitation, Membership, Organization, Site

router = Router()
router.add_router("", api_identity.router)
DONE: dict[str, bool] = {"done": True}


class DoneOut(Schema):
    """It is done."""

    done: bool


class SiteIn(Schema):
    """A place; a code that is there already is changed."""

    code: str = Field(max_length=64, min_length=1)
    name: str = Field(max_length=120, min_length=1)
    address: str = Field("", max_length=200)
    latitude: Decimal = Field(ge=-90, le=90, description="Degrees, WGS 84.")
    longitude: Decimal = Field(ge=-180, le=180, description="Degrees, WGS 84.")
    time_zone: str = Field("Asia/Shanghai", description="IANA name.", max_length=40)


class SiteOut(Schema):
    """A place."""

    id: UUID
    organization: str = Field(description="Slug of its organisation.")
    code: str
    name: str
    address: str
    latitude: float
    longitude: float
    time_zone: str


class OrganizationIn(Schema):
    """What every member reads of an organisation."""

    name: str = Field(max_length=120, min_length=1)
    name_en: str = Field("", max_length=120)
    about: str = Field("", max_length=500)
    registration_code: str = Field("", max_length=40)
    vat_number: str = Field("", max_length=20)
    eori_number: str = Field("", max_length=20)
    industry: str = Field("", max_length=5, description="GB/T 4754, such as C3484.")
    staff: int | None = Field(None, ge=0, le=2_000_000_000)
    turnover: Decimal | None = Field(None, ge=0, description="Last year, in the currency of the firm.")
    assets: Decimal | None = Field(None, ge=0)


class OrganizationOut(Schema):
    """A member as every member reads it; `sites` are those that it shows you."""

    slug: Path[str]
    name: str
    name_en: str
    kind: str = Field(description="firm or office")
    about: str
    verified: bool
    sites: list[SiteOut]


class PersonOut(Schema):
    """A role of a person; who has several stands there several times."""

    id: UUID
    name: str
    email: str
    role: str


class InvitationIn(Schema):
    """Whom to invite."""

    email: str = Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    role: str = Field(description="owner, planner, buyer, operator; office at the cluster office only")


class InvitationOut(Schema):
    """An invitation; `token` opens /join/<token>/ and is in the first answer only."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    token: str = ""


class LevelIn(Schema):
    """Who sees a group of facts."""

    level: str = Field(description="nobody, partners, members or everyone")


class TokenIn(Schema):
    """A token for a program."""

    name: str = Field(max_length=60, min_length=1)
    scopes: list[str] = Field(description="read, or write: with an area, such as write:capacity")
    days: int = Field(services.TOKEN_DAYS, ge=1, le=730)


class TokenOut(Schema):
    """A token; `token` itself is in the first answer only."""

    id: UUID
    name: str
    scopes: list[str]
    expires_at: datetime
    token: str = ""


@router.get("members", response=list[OrganizationOut])
def members(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """All members, and where they are as far as they show it."""
    acting = acting_of(request, slug)
    sites = list(access.visible_sites(acting.organization))
    verified = set(verified_firms().values_list("pk", flat=True))
    return [_organization(one, sites, verified) for one in access.visible_organizations()]


@router.put("organization", response=OrganizationOut, openapi_extra=IDEMPOTENT)
def save_organization(request: HttpRequest, slug: Path[str], body: OrganizationIn) -> Any:
    """Change what every member reads of your organisation."""

    def save(acting: Acting) -> dict[str, Any]:
        organization = identity.save_profile(acting, **body.dict())
        verified = {organization.pk} if is_verified(organization) else set()
        return _organization(organization, list(access.own_sites(acting)), verified)

    return write(request, slug, save)


@router.get("sites", response=list[SiteOut])
def sites(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Your own sites."""
    return [_site(one) for one in access.own_sites(acting_of(request, slug))]


@router.post("sites", response=SiteOut, openapi_extra=IDEMPOTENT)
def save_site(request: HttpRequest, slug: Path[str], body: SiteIn) -> Any:
    """Add a site, or change the one of this code."""
    return write(request, slug, lambda acting: _site(services.save_site(acting, **body.dict())))


@router.get("people", response=list[PersonOut])
def people(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """People of your organisation and their roles."""
    return [_person(one) for one in access.people(acting_of(request, slug))]


@router.delete("people/{role_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def take_role(request: HttpRequest, slug: Path[str], role_id: UUID) -> Any:
    """Take a role from a person."""

    def save(acting: Acting) -> dict[str, bool]:
        services.take_role(acting, access.get_membership(acting, role_id))
        return DONE

    return write(request, slug, save)


@router.get("invitations", response=list[InvitationOut])
def invitations(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Invitations that can still be accepted; for those who may invite."""
    acting = acting_of(request, slug)
    return [_invitation(one) for one in access.open_invitations(acting)] if acting.may("members") else []


@router.post("invitations", response={201: InvitationOut}, openapi_extra=IDEMPOTENT)
def invite(request: HttpRequest, slug: Path[str], body: InvitationIn) -> Any:
    """Invite a person."""
    shown_once: list[str] = []

    def save(acting: Acting) -> dict[str, Any]:
        invitation, token = services.invite(acting, email=body.email, role=body.role)
        shown_once.append(token)
        return _invitation(invitation)

    return _with_secret(write(request, slug, save, status=201), shown_once)


@router.delete("invitations/{invitation_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def cancel_invitation(request: HttpRequest, slug: Path[str], invitation_id: UUID) -> Any:
    """Take an invitation back."""

    def save(acting: Acting) -> dict[str, bool]:
        services.cancel_invitation(acting, invitation_id)
        return DONE

    return write(request, slug, save)


@router.get("disclosure", response=dict[str, str])
def disclosure(request: HttpRequest, slug: Path[str]) -> dict[str, str]:
    """Who sees each group of your facts."""
    return access.disclosures(acting_of(request, slug))


@router.put("disclosure/{group}", response=dict[str, str], openapi_extra=IDEMPOTENT)
def set_disclosure(request: HttpRequest, slug: Path[str], group: str, body: LevelIn) -> Any:
    """Choose who sees a group of your facts."""

    def save(acting: Acting) -> dict[str, str]:
        services.set_disclosure(acting, group=group, level=body.level)
        return access.disclosures(acting)

    return write(request, slug, save)


@router.get("partners", response=list[str])
def partners(request: HttpRequest, slug: Path[str]) -> list[str]:
    """Slugs of the firms that see what you show to partners."""
    return [one.partner.slug for one in access.partners(acting_of(request, slug))]


@router.put("partners/{firm}", response=list[str], openapi_extra=IDEMPOTENT)
def name_partner(request: HttpRequest, slug: Path[str], firm: str) -> Any:
    """Let a firm see what partners see."""

    def save(acting: Acting) -> list[str]:
        services.name_partner(acting, access.get_organization(firm))
        return [one.partner.slug for one in access.partners(acting)]

    return write(request, slug, save)


@router.delete("partners/{firm}", response=list[str], openapi_extra=IDEMPOTENT)
def drop_partner(request: HttpRequest, slug: Path[str], firm: str) -> Any:
    """Show a firm no longer what partners see."""

    def save(acting: Acting) -> list[str]:
        services.drop_partner(acting, access.get_organization(firm))
        return [one.partner.slug for one in access.partners(acting)]

    return write(request, slug, save)


@router.get("tokens", response=list[TokenOut])
def tokens(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Your own tokens for this organisation."""
    return [_token(one) for one in access.own_tokens(acting_of(request, slug))]


@router.post("tokens", response={201: TokenOut}, openapi_extra=IDEMPOTENT)
def issue_token(request: HttpRequest, slug: Path[str], body: TokenIn) -> Any:
    """Make a token; only for people who are signed in, a program cannot make one."""
    shown_once: list[str] = []

    def save(acting: Acting) -> dict[str, Any]:
        row, token = services.issue_token(acting, **body.dict())
        shown_once.append(token)
        return _token(row)

    return _with_secret(write(request, slug, save, status=201), shown_once)


@router.delete("tokens/{token_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def revoke_token(request: HttpRequest, slug: Path[str], token_id: UUID) -> Any:
    """End a token."""

    def save(acting: Acting) -> dict[str, bool]:
        services.revoke_token(acting, token_id)
        return DONE

    return write(request, slug, save)


def _with_secret(answer: Status[Any], shown_once: list[str]) -> Status[Any]:
    """Put a token into an answer after the record of the request has kept the answer without it."""
    return Status(answer.status_code, answer.value | {"token": "".join(shown_once)})


def _organization(one: Organization, sites: list[Site], verified: set[UUID]) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "name_en": one.name_en,
        "kind": one.kind,
        "about": one.about,
        "verified": one.pk in verified,
        "sites": [_site(site) for site in sites if site.organization_id == one.pk],
    }


def _site(one: Site) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "organization": one.organization.slug,
        "code": one.code,
        "name": one.name,
        "address": one.address,
        "latitude": float(one.latitude),
        "longitude": float(one.longitude),
        "time_zone": one.time_zone,
    }


def _person(one: Membership) -> dict[str, Any]:
    return {"id": str(one.pk), "name": one.user.name, "email": one.user.email, "role": one.role}


def _invitation(one: Invitation) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "email": one.email,
        "role": one.role,
        "expires_at": one.expires_at.isoformat(),
    }


def _token(one: ApiToken) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "name": one.name,
        "scopes": one.scopes,
        "expires_at": one.expires_at.isoformat(),
    }
