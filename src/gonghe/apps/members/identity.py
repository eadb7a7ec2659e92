"""A firm says who it is, and the cluster office verifies it fact by fact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import Change, ConflictError, InvalidError, NotFoundError, put
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.codes import checked_code, checked_eori, checked_vat
from gonghe.apps.members.facts import facts_of, fold, forget_changed
from gonghe.apps.members.models import Certificate, Organization, Verification
from gonghe.apps.members.sizes import checked_industry
from gonghe.engines.matching import Taxonomy


def save_profile(
    acting: Acting,
    *,
    name: str,
    name_en: str = "",
    about: str = "",
    registration_code: str = "",
    vat_number: str = "",
    eori_number: str = "",
    industry: str = "",
    staff: int | None = None,
    turnover: Decimal | None = None,
    assets: Decimal | None = None,
) -> Organization:
    """Say who one's own organisation is; what was verified and is no longer so has to be verified anew.

    Raises
    ------
    InvalidError
        If the name is missing, something is too long, or a code bears a wrong character.
    """
    acting.require("members")
    values: dict[str, Any] = {
        "name": name,
        "name_en": name_en,
        "about": about,
        "registration_code": checked_code(registration_code),
        "vat_number": checked_vat(vat_number),
        "eori_number": checked_eori(eori_number),
        "industry": checked_industry(industry),
        "staff": staff,
        "turnover": turnover,
        "assets": assets,
    }
    with transaction.atomic():
        organization, change = put(Organization, {"pk": acting.organization.pk}, values)
        if change:
            lost = forget_changed(organization)
            with recording(acting.principal) as record:
                record(
                    "members.organization.saved",
                    objects={"organization": organization.pk},
                    data={"unverified": lost},
                )
    return organization


def save_certificate(
    acting: Acting,
    *,
    kind: str,
    number: str,
    expires_on: date,
    issuer: str = "",
    certificate: Certificate | None = None,
) -> tuple[Certificate, Change]:
    """Add a certificate, or change the given one or the one with this kind and number.

    Raises
    ------
    InvalidError
        If kind or number is missing or too long.
    ConflictError
        If the firm lists another certificate with this kind and number.
    """
    acting.require("technology")
    kind, number = known_kind(kind), number.strip()
    own = Certificate.objects.filter(organization=acting.organization)
    same = own.filter(kind=kind, number=number).first()
    if certificate is not None and same is not None and same.pk != certificate.pk:
        raise ConflictError(_("You list %s already. Change that one.") % same, fields=["number"])
    found = certificate or same
    key = {"pk": found.pk} if found else {"organization": acting.organization, "kind": kind, "number": number}
    values = {"kind": kind, "number": number, "issuer": issuer.strip(), "expires_on": expires_on}
    with transaction.atomic():
        saved, change = put(Certificate, key, values)
        if change:
            lost = forget_changed(acting.organization)
            with recording(acting.principal) as record:
                record(
                    "members.certificate.saved",
                    objects={"certificate": saved.pk},
                    data={"expires_on": expires_on.isoformat(), "unverified": lost},
                )
    return saved, change


def remove_certificate(acting: Acting, certificate: Certificate) -> None:
    """Take a certificate out of the list; capabilities that name it then stand on the firm's word alone."""
    acting.require("technology")
    with recording(acting.principal) as record:
        gone, _rows = Certificate.objects.filter(pk=certificate.pk, organization=acting.organization).delete()
        if not gone:
            raise NotFoundError
        forget_changed(acting.organization)
        record("members.certificate.removed", objects={"certificate": certificate.pk})


def known_kind(written: str) -> str:
    """A kind of certificate as capabilities name it, where it is one of those; else as it was written."""
    known = {fold(word.code): word.code for word in Taxonomy.load().words["certificate"]}
    return known.get(fold(written), " ".join(written.split()))


def verify_fact(acting: Acting, organization: Organization, *, fact: str, value: str) -> None:
    """The cluster office says that it saw a fact of a firm to be right.

    Parameters
    ----------
    fact, value
        Key of the fact and the value that was looked at, as `facts_of` tells them.

    Raises
    ------
    NotFoundError
        If the firm states no such fact.
    ConflictError
        If the firm changed it after it was looked at.
    """
    acting.require("members")
    if not acting.is_office:
        raise InvalidError(_("Only the cluster office verifies firms."))
    with recording(acting.principal) as record:
        firm = Organization.objects.get(pk=organization.pk)
        stated = {one.key: one.value for one in facts_of(firm) if one.value}
        if fact not in stated:
            raise NotFoundError
        if stated[fact] != value:
            raise ConflictError(
                _("%s changed this after you looked at it. Look again.") % firm.local_name, code="changed"
            )
        Verification.objects.update_or_create(
            organization=firm,
            fact=fact,
            defaults={"value": value, "by": acting.organization, "created_at": clock.now()},
        )
        record(
            "members.fact.verified",
            objects={"organization": firm.pk},
            audience=[firm.pk],
            data={"fact": fact},
        )
