"""What a firm says of itself, fact by fact, and which of it the cluster office has verified."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, Expression, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.members.access import groups_shown, visible_organizations
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Certificate, Disclosure, Organization, Site, Verification
from gonghe.apps.members.sizes import SizeClass, industry, size_class
from gonghe.joining import joined

WARNING = timedelta(days=60)
NUMBERS = ("registration_code", "vat_number", "eori_number")
FIGURES = ("staff", "turnover", "assets")


@dataclass(frozen=True, slots=True)
class Verified:
    """Who verified a fact, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a firm.

    Parameters
    ----------
    key
        "name", "registration_code", "site:<id>", "certificate:<id>" ...
    label, shown
        What it is and what it says, for people.
    value
        The same in one exact form: what is verified is this; empty for what is computed from other facts.
    verified
        None as long as the cluster office has not verified this very value.
    amount
        Money, in the currency of the firm.
    expires_on, running_out
        The last day of a certificate, and whether it lies behind or near.
    private
        Shown to the firm itself and the cluster office alone.
    """

    key: str
    label: str
    shown: str
    value: str
    verified: Verified | None = None
    amount: Decimal | None = None
    expires_on: date | None = None
    running_out: bool = False
    private: bool = False

    @property
    def expired(self) -> bool:
        """Whether it is a certificate whose last day has passed."""
        return self.expires_on is not None and self.expires_on < today()


def today() -> date:
    """The day by which certificates count, where the installation stands."""
    return timezone.localtime(clock.now(), timezone.get_default_timezone()).date()


def last_moment(day: date) -> datetime:
    """The last minute of a day, where the installation stands."""
    return datetime.combine(day, time(23, 59), timezone.get_default_timezone())


def facts_shown(viewer: Organization | None, firm: Organization) -> list[Fact] | None:
    """Facts of a firm that a viewer sees; None where the firm does not show who it is.

    Staff, turnover and assets stay with the firm and the cluster office: others see the size class.
    """
    if Disclosure.Group.IDENTITY not in groups_shown(viewer, firm):
        return None
    inside = viewer is not None and (viewer.pk == firm.pk or viewer.kind == Organization.Kind.OFFICE)
    return [fact for fact in facts_of(firm) if inside or not fact.private]


def facts_of(firm: Organization) -> list[Fact]:
    """Everything that a firm states of itself, in the order of its profile; for callers that may see all."""
    of_firm = Verification.objects.filter(organization=firm).select_related("by")
    there = {one.fact: one for one in of_firm}
    facts = [_with_verification(fact, there) for fact in _stated(firm)]
    return [_with_size_verified(fact, facts) if fact.key == "size" else fact for fact in facts]


def size_of(firm: Organization) -> SizeClass | None:
    """The size class of a firm today, computed from its industry and figures."""
    return size_class(firm.industry, {name: getattr(firm, name) for name in FIGURES}, firm.currency, today())


def size_name(name: str) -> str:
    """What a size class is called."""
    return {"large": _("large"), "medium": _("medium-sized"), "small": _("small"), "micro": _("micro")}[name]


def name_value(firm: Organization) -> str:
    """The name in the form in which it is verified: both names, since pages show either."""
    return f"{firm.name}\n{firm.name_en}"


def forget_changed(firm: Organization) -> list[str]:
    """Drop verifications of what is no longer so; keys of these facts. Services call it after each change."""
    firm = Organization.objects.get(pk=firm.pk)
    values = {fact.key: fact.value for fact in _stated(firm)}
    lost = [
        one for one in Verification.objects.filter(organization=firm) if values.get(one.fact) != one.value
    ]
    Verification.objects.filter(pk__in=[one.pk for one in lost]).delete()
    return sorted(one.fact for one in lost)


def verified_firms() -> QuerySet[Organization]:
    """Members whose name, and every registration number that they state, the office has verified."""
    name = Concat(OuterRef("name"), Value("\n"), OuterRef("name_en"), output_field=TextField())
    found = visible_organizations().filter(_seen("name", name))
    for number in NUMBERS:
        found = found.filter(Q(**{number: ""}) | _seen(number, OuterRef(number)))
    return found


def is_verified(firm: Organization) -> bool:
    """Whether the office has verified a firm's name and registration numbers."""
    return verified_firms().filter(pk=firm.pk).exists()


def unverified_firms() -> QuerySet[Organization]:
    """Firms whose name or registration number the office has not verified."""
    return visible_organizations().filter(kind=Organization.Kind.FIRM).exclude(pk__in=verified_firms())


def own_certificates(acting: Acting) -> QuerySet[Certificate]:
    """Certificates of the acting firm, the next to expire first."""
    return Certificate.objects.filter(organization=acting.organization).order_by("expires_on", "kind")


def get_certificate(acting: Acting, certificate_id: UUID) -> Certificate:
    """A certificate of the acting firm.

    Raises
    ------
    NotFoundError
        If it has no such certificate.
    """
    found = own_certificates(acting).filter(pk=certificate_id).first()
    if found is None:
        raise NotFoundError
    return found


def running_out(acting: Acting) -> list[Certificate]:
    """The last certificate of each kind, where it has expired or will within 60 days."""
    last: dict[str, Certificate] = {fold(one.kind): one for one in own_certificates(acting)}
    return [one for one in last.values() if one.expires_on < today() + WARNING]


def lapsed_certificates() -> dict[UUID, set[str]]:
    """By firm, the kinds (folded) of which every certificate that it lists has expired."""
    now = today()
    rows = Certificate.objects.values_list("organization_id", "kind", "expires_on")
    with_expired = Certificate.objects.filter(expires_on__lt=now).values("organization_id")
    last: dict[tuple[UUID, str], date] = {}
    for firm, kind, day in rows.filter(organization__in=with_expired):
        last[firm, fold(kind)] = max(day, last.get((firm, fold(kind)), day))
    lapsed: dict[UUID, set[str]] = defaultdict(set)
    for (firm, kind), day in last.items():
        if day < now:
            lapsed[firm].add(kind)
    return dict(lapsed)


def fold(kind: str) -> str:
    """A kind of certificate without case and blanks: "iso9001" is "ISO 9001"."""
    return "".join(kind.split()).casefold()


def _seen(fact: str, value: Expression | F) -> Exists:
    found = Verification.objects.filter(organization=OuterRef("pk"), fact=fact)
    return Exists(found.filter(value=value))


def _stated(firm: Organization) -> Iterator[Fact]:
    """The facts of a firm, not looking at what is verified."""
    yield Fact(
        "name", _("Name"), joined(", ", filter(None, (firm.local_name, firm.other_name))), name_value(firm)
    )
    for number in NUMBERS:
        if code := getattr(firm, number):
            yield Fact(number, _label(number), code, code)
    for site in firm.sites.order_by("code"):
        yield _address(site)
    if firm.industry:
        yield Fact(
            "industry", _("Industry"), f"{firm.industry} {industry(firm.industry).name}", firm.industry
        )
    size = size_of(firm)
    if size is not None:
        yield Fact("size", _("Size class"), joined(", ", (size_name(size.name), size.rule)), "")
    for figure in FIGURES:
        value = getattr(firm, figure)
        if value is not None:
            money = figure != "staff"
            text = f"{value:.2f}" if money else str(value)
            amount = value if money else None
            yield Fact(figure, _label(figure), "" if money else text, text, amount=amount, private=True)
    for one in firm.certificates.order_by("kind", "expires_on"):
        yield _certified(one)


def _address(site: Site) -> Fact:
    at = f"{site.latitude:.5f}, {site.longitude:.5f}"
    shown = joined(", ", filter(None, (site.name, site.address, at)))
    return Fact(f"site:{site.pk}", _("Address"), shown, "\n".join((site.name, site.address, at)))


def _certified(one: Certificate) -> Fact:
    said = (one.kind, one.number, one.issuer, one.expires_on.isoformat())
    return Fact(
        f"certificate:{one.pk}", _("Certificate"), joined(", ", filter(None, said[:3])), "\n".join(said),
        expires_on=one.expires_on, running_out=one.expires_on < today() + WARNING,
    )  # fmt: skip


def _label(field: str) -> str:
    return capfirst(str(Organization._meta.get_field(field).verbose_name))  # type: ignore[union-attr]


def _with_verification(fact: Fact, there: dict[str, Verification]) -> Fact:
    seen = there.get(fact.key)
    if seen is None or seen.value != fact.value:
        return fact
    return replace(fact, verified=Verified(seen.by.local_name, seen.created_at))


def _with_size_verified(size: Fact, facts: list[Fact]) -> Fact:
    """A computed class is verified when everything that it was computed from is."""
    stated = [one for one in facts if one.key in {"industry", *FIGURES}]
    seen = [one.verified for one in stated if one.verified is not None]
    return replace(size, verified=max(seen, key=lambda one: one.at)) if len(seen) == len(stated) else size
