"""Who may see which capabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from gonghe.apps.base import NotFoundError
from gonghe.apps.members.access import sees
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.facts import fold, lapsed_certificates
from gonghe.apps.members.models import Disclosure
from gonghe.apps.technology.figures import codes_for
from gonghe.apps.technology.models import Capability, Figure
from gonghe.engines.model import matching as engine

CERTIFICATE = "certificate"  # the property by which a capability names certificates


def own_capabilities(acting: Acting) -> QuerySet[Capability]:
    """Capabilities of the acting organisation, also those that rest."""
    return Capability.objects.filter(organization=acting.organization).order_by("process", "created_at")


def get_capability(acting: Acting, capability_id: UUID) -> Capability:
    """A capability of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = own_capabilities(acting).filter(pk=capability_id).first()
    if found is None:
        raise NotFoundError
    return found


def visible_capabilities(acting: Acting) -> QuerySet[Capability]:
    """What members, as far as they show it, and the acting organisation itself can do."""
    return active_capabilities(sees(acting.organization, Disclosure.Group.CAPABILITIES))


def active_capabilities(organization_ids: Iterable[UUID]) -> QuerySet[Capability]:
    """Capabilities on offer of these organisations; for callers that know whom the viewer sees."""
    return (
        Capability.objects.filter(organization__in=list(organization_ids), active=True)
        .select_related("organization")
        .order_by("process", "organization__name", "created_at")
    )


def everything_active() -> QuerySet[Capability]:
    """Capabilities on offer of all organisations; for what is kept in memory and filtered at each reading."""
    return Capability.objects.filter(active=True)


def in_force(capabilities: Iterable[Capability]) -> list[Capability]:
    """The same rows, for reading only, without certificates that have expired in their firm's own list.

    A certificate that the firm does not list stands on its word.
    """
    rows = list(capabilities)
    naming = [row for row in rows if CERTIFICATE in row.constraints]
    lapsed = lapsed_certificates() if naming else {}
    for row in naming:
        row.constraints = without_lapsed(row.constraints, lapsed.get(row.organization_id, set()))
    return rows


def without_lapsed(limits: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    """Stored limits without certificates of these kinds (folded)."""
    left = [word for word in limits.get(CERTIFICATE, {}).get("set", []) if fold(word) not in gone]
    others = {code: limit for code, limit in limits.items() if code != CERTIFICATE}
    return others | ({CERTIFICATE: {"set": left}} if left else {})


def to_engine(capability: Capability) -> engine.Capability:
    """The same as the matching engine takes it."""
    return engine.Capability(
        id=str(capability.pk),
        process=capability.process,
        constraints=engine.constraints_from_json(capability.constraints),
        covers_children=capability.covers_children,
    )


def own_rows(acting: Acting) -> list[Figure]:
    """Figures that the acting organisation states itself, in the order of their codes."""
    return list(Figure.objects.filter(organization=acting.organization).exclude(value=None).order_by("code"))


def codes_of(acting: Acting) -> list[str]:
    """Codes of all figures that the acting organisation may state: also those of its further processes."""
    able = own_capabilities(acting).values_list("process", flat=True)
    return codes_for(acting.organization.pk, able)
