"""Who may see which know-how: the summary by its level, the content by licence, licences by both sides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.db.models import Q, QuerySet

from gonghe import clock, storage
from gonghe.apps.base import NotFoundError
from gonghe.apps.members.access import shown_to
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.technology.models import KnowHowFile, Licence, Technology, Usage


def visible_technologies(acting: Acting) -> QuerySet[Technology]:
    """One's own, those on offer to the acting firm, and those it has or had a licence of."""
    firm = acting.organization
    shown = shown_to(firm, "level")
    licensed = Q(licences__organization=firm) & ~Q(licences__state=Licence.State.REFUSED)
    return (
        Technology.objects.filter(Q(organization=firm) | (Q(active=True) & shown) | licensed)
        .select_related("organization")
        .order_by("-created_at")
        .distinct()
    )


def offered_by(firm: Organization, viewer: Organization | None) -> QuerySet[Technology]:
    """What a firm has on offer now and shows a viewer; None is somebody who is not signed in."""
    return Technology.objects.filter(shown_to(viewer, "level"), organization=firm, active=True)


def public_know_how() -> QuerySet[Technology]:
    """What is on offer now and shown to everyone, signed in or not."""
    return Technology.objects.filter(shown_to(None, "level"), active=True)


def get_technology(acting: Acting, technology_id: UUID) -> Technology:
    """A technology that the acting firm may see.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = visible_technologies(acting).filter(pk=technology_id).first()
    if found is None:
        raise NotFoundError
    return found


def own_technology(acting: Acting, technology_id: UUID) -> Technology:
    """A technology of the acting firm itself.

    Raises
    ------
    NotFoundError
        If it has no such technology.
    """
    found = Technology.objects.filter(organization=acting.organization, pk=technology_id).first()
    if found is None:
        raise NotFoundError
    return found


def sees_content(acting: Acting, technology: Technology) -> bool:
    """Whether the acting firm owns it or has a licence in force."""
    if technology.organization_id == acting.organization.pk:
        return True
    return usable_licences(acting).filter(technology=technology).exists()


def open_files(acting: Acting, technology: Technology) -> QuerySet[KnowHowFile]:
    """Files of a technology, for its owner and licensees with a licence in force; none for all others."""
    found = KnowHowFile.objects.filter(technology=technology)
    return found if sees_content(acting, technology) else found.none()


def get_file(acting: Acting, file_id: UUID) -> KnowHowFile:
    """A file that the acting firm owns or has a licence in force of.

    Raises
    ------
    NotFoundError
        If there is none that they may have.
    """
    found = KnowHowFile.objects.select_related("technology__organization").filter(pk=file_id).first()
    if found is None or not sees_content(acting, found.technology):
        raise NotFoundError
    return found


def own_file(acting: Acting, file_id: UUID) -> KnowHowFile:
    """A file of an offer of the acting firm itself.

    Raises
    ------
    NotFoundError
        If it has no such file.
    """
    own = KnowHowFile.objects.filter(technology__organization=acting.organization)
    found = own.select_related("technology").filter(pk=file_id).first()
    if found is None:
        raise NotFoundError
    return found


def stored_files() -> Iterator[tuple[KnowHowFile, Path]]:
    """Every stored file and where it must lie, for a check of the installation; nobody is shown them."""
    for file in KnowHowFile.objects.select_related("technology").order_by("pk").iterator():
        yield file, storage.path_of(str(file.technology.organization_id), file.sha256)


def visible_licences(acting: Acting) -> QuerySet[Licence]:
    """Licences that the acting firm asked for, and those asked of it."""
    firm = acting.organization
    return Licence.objects.filter(Q(organization=firm) | Q(technology__organization=firm)).select_related(
        "technology__organization", "organization"
    )


def get_licence(acting: Acting, licence_id: UUID) -> Licence:
    """A licence of either side.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = visible_licences(acting).filter(pk=licence_id).first()
    if found is None:
        raise NotFoundError
    return found


def usable_licences(acting: Acting) -> QuerySet[Licence]:
    """Licences of the acting firm that allow new use today."""
    today = clock.now().date()
    return visible_licences(acting).filter(
        Q(until=None) | Q(until__gte=today), organization=acting.organization, state=Licence.State.ACCEPTED
    )


def usable_templates(acting: Acting) -> QuerySet[Licence]:
    """Usable licences of routing templates."""
    return usable_licences(acting).filter(technology__kind=Technology.Kind.ROUTING)


def usage_of_line(acting: Acting, line_id: UUID) -> Usage | None:
    """The know-how that the acting firm applied to a line of its order."""
    return (
        Usage.objects.filter(line_id=line_id, current=True, licence__organization=acting.organization)
        .select_related("licence__technology__organization")
        .first()
    )
