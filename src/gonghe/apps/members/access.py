"""Who may see which organisations, sites and facts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from gonghe.apps.base import NotFoundError
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure, Membership, Organization, Partnership, Site

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


def people(acting: Acting) -> QuerySet[Membership]:
    """People of the acting organisation with their roles."""
    return (
        Membership.objects.filter(organization=acting.organization)
        .select_related("user")
        .order_by("user__name", "role")
    )


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
