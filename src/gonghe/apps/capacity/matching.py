"""Which equipment of which members can do an operation, as far as they show it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from gonghe.apps.base import InvalidError
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.access import sees
from gonghe.apps.members.models import Disclosure, Organization, Site
from gonghe.apps.technology import access as technology
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.words import matching_fault
from gonghe.engines.matching import match, nearest
from gonghe.engines.model.matching import Capability, Match, MatchingError, Miss, Requirement


@dataclass(frozen=True, slots=True)
class Candidate:
    """Equipment (None: the firm names none for this capability) and how it stands to a requirement."""

    organization: Organization
    equipment: Equipment | None
    site: Site | None
    verdict: str
    misses: tuple[Miss, ...]
    assumed: tuple[str, ...]
    distance: float


def candidates(
    viewer: Organization, requirement: Mapping[str, Any], *, only: Organization | None = None
) -> list[Candidate]:
    """Who can, who nearly can and who cannot though of the right process; those that can come first.

    Only members that show the viewer what they can do, and the viewer itself; with `only`, that one of them.

    Raises
    ------
    InvalidError
        If the requirement names an unknown process or property, or has a value of the wrong sort.
    """
    seen = sees(viewer, Disclosure.Group.CAPABILITIES)
    if only is not None:
        seen &= {only.pk}
    rows = list(
        technology.active_capabilities(seen)
        .filter(_of_the_process(requirement))
        .prefetch_related("equipment__site", "organization__sites")
    )
    judged = judge(requirement, [technology.to_engine(row) for row in technology.in_force(rows)])
    located = sees(viewer, Disclosure.Group.IDENTITY)
    best: dict[tuple[Any, Any], Candidate] = {}
    of_row = {str(row.pk): row for row in rows}
    for found in nearest(judged):
        if math.isinf(found.distance):
            continue
        row = of_row[found.capability_id]
        linked = list(row.equipment.all())
        machines = [one for one in linked if one.status != Equipment.Status.RETIRED]
        for machine in machines if linked else [None]:
            key = (row.organization_id, machine.pk if machine else None)
            near = _candidate(row.organization, machine, found)
            best.setdefault(key, near if row.organization_id in located else replace(near, site=None))
    order = {"can": 0, "nearly": 1, "cannot": 2}
    return sorted(
        best.values(), key=lambda one: (order[one.verdict], len(one.misses), one.distance, *_name(one))
    )


def judge(requirement: Mapping[str, Any], capabilities: list[Capability]) -> list[Match]:
    """Compare a stored requirement with capabilities.

    Raises
    ------
    InvalidError
        If the requirement makes no sense.
    """
    taxonomy = taxonomies.current()
    try:
        wanted = Requirement.from_json(requirement)
        taxonomy.check(wanted)
        return match(wanted, capabilities, taxonomy)
    except MatchingError as error:
        raise InvalidError(
            _("This requirement cannot be compared: %s.") % matching_fault(error),
            code="requirement",
            fields=["requirement"],
        ) from error


def _of_the_process(requirement: Mapping[str, Any]) -> Q:
    """Capabilities that could fit by their process; the engine judges the rest."""
    try:
        fitting = taxonomies.current().satisfying(str(requirement.get("process", "")))
    except MatchingError:
        return Q()  # the engine says what is wrong with it
    return Q(process__in=fitting) | Q(covers_children=True)


def _candidate(organization: Organization, machine: Equipment | None, found: Match) -> Candidate:
    sites = sorted(organization.sites.all(), key=lambda one: one.code)
    site = machine.site if machine else next(iter(sites), None)
    return Candidate(organization, machine, site, found.verdict, found.misses, found.assumed, found.distance)


def _name(one: Candidate) -> tuple[str, str]:
    return one.organization.name, one.equipment.code if one.equipment else ""
