"""Who may see which organisations, sites and facts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import InvalidError, NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import (
    ApiToken,
    Disclosure,
    Invitation,
    Membership,
    Organization,
    Partnership,
    Role,
    Site,
    User,
)

Level = Disclosure.Level


def visible_organizations() -> QuerySet[Organization]:
    """Every member's name is known to every member."""
    return Organization.objects.order_by("name")


def unverified_firms() -> QuerySet[Organization]:
    """Firms that the office has not seen yet."""
    return visible_organizations().filter(verified_at=None, kind=Organization.Kind.FIRM)


def get_organization(slug: str) -> Organization:
    """A member by its slug.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise NotFoundError
    return organization


def organization_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of members by id."""
    return dict(Organization.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def own_sites(acting: Acting) -> QuerySet[Site]:
    """Sites of the acting organisation."""
    return Site.objects.filter(organization=acting.organization).order_by("code")


def get_site(acting: Acting, site_id: UUID) -> Site:
    """A site of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    site = own_sites(acting).filter(pk=site_id).first()
    if site is None:
        raise NotFoundError
    return site


def visible_sites(viewer: Organization) -> QuerySet[Site]:
    """Sites of the members that show this viewer what they can do, and its own."""
    return (
        Site.objects.filter(organization__in=sees(viewer, Disclosure.Group.CAPABILITIES))
        .select_related("organization")
        .order_by("organization__name", "code")
    )


def known_places() -> QuerySet[Site]:
    """Sites of all members, each firm's by code; for callers that know whom the viewer sees."""
    return Site.objects.order_by("organization_id", "code")


def people(acting: Acting) -> QuerySet[Membership]:
    """People of the acting organisation with their roles."""
    return (
        Membership.objects.filter(organization=acting.organization)
        .select_related("user")
        .order_by("user__name", "role")
    )


def get_membership(acting: Acting, membership_id: UUID) -> Membership:
    """A role of a person in the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    membership = people(acting).filter(pk=membership_id).first()
    if membership is None:
        raise NotFoundError
    return membership


def open_invitations(acting: Acting) -> QuerySet[Invitation]:
    """Invitations of the acting organisation that can still be accepted."""
    return Invitation.objects.filter(
        organization=acting.organization, accepted_at=None, expires_at__gt=clock.now()
    ).order_by("email")


def own_tokens(acting: Acting) -> QuerySet[ApiToken]:
    """The person's own tokens for the acting organisation that still open something."""
    return ApiToken.objects.filter(
        organization=acting.organization, user=acting.user, revoked_at=None, expires_at__gt=clock.now()
    ).order_by("created_at")


def partners(acting: Acting) -> QuerySet[Partnership]:
    """Whom the acting organisation names as partners."""
    return (
        Partnership.objects.filter(organization=acting.organization)
        .select_related("partner")
        .order_by("partner__name")
    )


def disclosures(acting: Acting) -> dict[str, str]:
    """Group of facts -> who sees it, as the acting organisation chose or as it holds without a choice."""
    chosen = dict(Disclosure.objects.filter(organization=acting.organization).values_list("group", "level"))
    return {group: chosen.get(group, level) for group, level in Disclosure.DEFAULTS.items()}


def find_person(email: str) -> User | None:
    """The person with this address; only the operator of the installation may ask."""
    return User.objects.filter(email=email.lower(), is_active=True).first()


def installation_acting(slug: str) -> Acting:
    """The operator of the installation, acting for an organisation by a command.

    Raises
    ------
    InvalidError
        If there is no such organisation.
    """
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise InvalidError(
            _("There is no organisation “%s” here. Take the short name from its address, /o/<short name>/.")
            % slug
        )
    operator = User(email="", name="installation", digest="system")
    return Acting(operator, organization, frozenset({Role.OWNER}), via="system")


def person_by_email(email: str) -> User:
    """A person by e-mail address.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise NotFoundError
    return user


def named_as_partner_by(organization: Organization) -> QuerySet[Partnership, UUID]:
    """Ids of the organisations that name this one as their partner."""
    return Partnership.objects.filter(partner=organization).values_list("organization_id", flat=True)


def sees(viewer: Organization | None, group: str) -> set[UUID]:
    """Ids of the organisations whose facts of a group this viewer sees (its own always)."""
    chosen = dict(Disclosure.objects.filter(group=group).values_list("organization_id", "level"))
    partner_of: set[UUID] = set()
    if viewer is not None:
        partner_of = set(Partnership.objects.filter(partner=viewer).values_list("organization_id", flat=True))
    seen = set()
    for key in Organization.objects.values_list("pk", flat=True):
        level = chosen.get(key, Disclosure.DEFAULTS[group])
        open_to_viewer = level == Level.EVERYONE or (
            viewer is not None
            and (
                key == viewer.pk or level == Level.MEMBERS or (level == Level.PARTNERS and key in partner_of)
            )
        )
        if open_to_viewer:
            seen.add(key)
    return seen


def hide_capabilities_from(viewer: Organization) -> set[UUID]:
    """Ids of the organisations that do not show this viewer what they can do: all that `sees` leaves out.

    Firms show it to members unless they chose otherwise, so only such choices are read.
    """
    chosen = Disclosure.objects.filter(group=Disclosure.Group.CAPABILITIES).exclude(organization=viewer)
    closed = dict(
        chosen.exclude(level__in=[Level.MEMBERS, Level.EVERYONE]).values_list("organization_id", "level")
    )
    if Level.PARTNERS not in closed.values():
        return set(closed)
    partner_of = set(named_as_partner_by(viewer))
    return {key for key, level in closed.items() if level != Level.PARTNERS or key not in partner_of}
