"""Who may see which organisations, sites and facts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
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
    """Sites of the members that show this viewer their identity, and its own."""
    return (
        Site.objects.filter(organization__in=sees(viewer, Disclosure.Group.IDENTITY))
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
    return Partnership.objects.filter(partner=organization.pk).values_list("organization_id", flat=True)


def sees(viewer: Organization | None, group: str) -> set[UUID]:
    """Ids of the organisations whose facts of a group this viewer sees; None is somebody not signed in."""
    chosen = dict(Disclosure.objects.filter(group=group).values_list("organization_id", "level"))
    naming = set(named_as_partner_by(viewer)) if viewer is not None else set()
    return {
        key
        for key in Organization.objects.values_list("pk", flat=True)
        if _opens(chosen.get(key, Disclosure.DEFAULTS[group]), group, viewer, key, key in naming)
    }


def groups_shown(viewer: Organization | None, firm: Organization) -> set[str]:
    """Groups of a firm's facts that a viewer sees; the same rule as :func:`sees`, for one firm."""
    chosen = dict(Disclosure.objects.filter(organization=firm).values_list("group", "level"))
    named = viewer is not None and named_as_partner_by(viewer).filter(organization=firm).exists()
    return {
        group
        for group, level in Disclosure.DEFAULTS.items()
        if _opens(chosen.get(group, level), group, viewer, firm.pk, named)
    }


def _opens(level: str, group: str, viewer: Organization | None, owner: UUID, named: bool) -> bool:
    """Whether a level lets a viewer see; the cluster office verifies identities, so it sees them always."""
    if level == Level.EVERYONE:
        return True
    if viewer is None:
        return False
    if viewer.pk == owner or level == Level.MEMBERS or (level == Level.PARTNERS and named):
        return True
    return group == Disclosure.Group.IDENTITY and viewer.kind == Organization.Kind.OFFICE


def shown_to(viewer: Organization | None, level: str) -> Q:
    """What a viewer sees of things that belong to an `organization` and carry their own level.

    Parameters
    ----------
    viewer
        None is somebody who is not signed in.
    level
        Name of the field that holds the level.
    """
    everyone = Q(**{level: Level.EVERYONE})
    if viewer is None:
        return everyone
    partner = Q(**{level: Level.PARTNERS}, organization__in=named_as_partner_by(viewer))
    return everyone | Q(**{level: Level.MEMBERS}) | partner | Q(organization=viewer.pk)


def hidden_from(viewer: Organization, group: str) -> set[UUID]:
    """Ids of the organisations that do not show a member a group of facts: all that :func:`sees` leaves out.

    For groups that firms show to members unless they chose otherwise: only such choices are read.
    """
    assert Disclosure.DEFAULTS[group] == Level.MEMBERS
    chosen = Disclosure.objects.filter(group=group).exclude(level__in=[Level.MEMBERS, Level.EVERYONE])
    closed = dict(chosen.values_list("organization_id", "level"))
    naming = set(named_as_partner_by(viewer)) if Level.PARTNERS in closed.values() else set()
    return {key for key, level in closed.items() if not _opens(level, group, viewer, key, key in naming)}
