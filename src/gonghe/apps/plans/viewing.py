"""What one organisation may see of the others in a plan."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.access import sees
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure, Organization


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a viewer may see of whom."""

    organization: Organization
    capabilities: set[UUID]
    free_hours: set[UUID]

    def machine(self, equipment: Equipment | None) -> str:
        """Name of a machine, if its firm shows what it has."""
        if equipment is None:
            return _("binding window")
        return str(equipment) if equipment.organization_id in self.capabilities else _("one of its machines")

    def owns(self, organization_id: UUID) -> bool:
        """Whether it is the viewer's own firm."""
        return organization_id == self.organization.pk


def eyes_of(acting: Acting) -> Eyes:
    """What the acting organisation sees of others."""
    firm = acting.organization
    return Eyes(firm, sees(firm, Disclosure.Group.CAPABILITIES), sees(firm, Disclosure.Group.FREE_HOURS))
