"""What one firm shows of itself to whoever looks: a member, a partner, the office, somebody not signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gonghe.apps.capacity import access, hours
from gonghe.apps.capacity.models import CapacityOffer, Equipment
from gonghe.apps.members.access import groups_shown, sees, visible_organizations
from gonghe.apps.members.facts import Fact, facts_shown
from gonghe.apps.members.models import Disclosure, Organization
from gonghe.apps.technology import access as technology
from gonghe.apps.technology.access_sharing import offered_by as know_how_of
from gonghe.apps.technology.access_sharing import public_know_how
from gonghe.apps.technology.models import Capability, Technology

Group = Disclosure.Group


@dataclass(frozen=True, slots=True)
class FirmView:
    """What a firm shows a viewer: None where it shows nothing of the kind.

    Parameters
    ----------
    groups
        Groups of facts that the viewer sees.
    identity
        Facts of who it is, each with what is verified of it.
    equipment, capabilities
        Empty when it does not show what it can do.
    rates
        Machines whose rate it published; members see them.
    hours, know_how
        Capacity and know-how on offer, each as far as its own level shows it.
    prices
        All machines with a rate, when it shows its prices.
    free
        Machine and its free time between two moments, when it shows its free hours.
    history
        Machines with what their log tells, when it shows its history.
    """

    organization: Organization
    groups: frozenset[str]
    identity: list[Fact] | None
    equipment: list[Equipment]
    capabilities: list[Capability]
    rates: list[Equipment]
    hours: list[CapacityOffer]
    know_how: list[Technology]
    prices: list[Equipment] | None
    free: list[tuple[Equipment, timedelta]] | None
    history: list[Equipment] | None

    @property
    def is_blank(self) -> bool:
        """Whether the viewer sees nothing beyond the name."""
        return not (self.groups or self.rates or self.hours or self.know_how)


def firm_view(viewer: Organization | None, firm: Organization, start: datetime, end: datetime) -> FirmView:
    """A firm as the viewer may see it, its free hours between two moments; None is somebody not signed in."""
    shows = groups_shown(viewer, firm)
    machines = list(access.machines_in_use(firm))
    priced = [one for one in machines if hasattr(one, "rate")]
    can = Group.CAPABILITIES in shows
    return FirmView(
        organization=firm,
        groups=frozenset(shows),
        identity=facts_shown(viewer, firm),
        equipment=machines if can else [],
        capabilities=_capabilities(firm) if can else [],
        rates=[one for one in priced if one.rate.published and viewer is not None],
        hours=list(access.offered_by(firm, viewer)),
        know_how=list(know_how_of(firm, viewer)),
        prices=priced if Group.PRICES in shows else None,
        free=[(one, hours.length(access.free_windows(one, start, end))) for one in machines]
        if Group.FREE_HOURS in shows
        else None,
        history=[one for one in machines if one.history] if Group.HISTORY in shows else None,
    )


def public_firms() -> list[Organization]:
    """Firms of which somebody who is not signed in sees more than the name."""
    shown: set[UUID] = set().union(*(sees(None, group) for group in Group.values))
    shown |= set(access.public_offers().values_list("organization_id", flat=True))
    shown |= set(public_know_how().values_list("organization_id", flat=True))
    return list(visible_organizations().filter(kind=Organization.Kind.FIRM, pk__in=shown))


def _capabilities(firm: Organization) -> list[Capability]:
    active = technology.active_capabilities([firm.pk])
    return technology.in_force(active.prefetch_related("equipment"))
