"""The page of a firm for whoever looks at it: one way of putting a view into words for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from gonghe.apps.capacity.firm_view import FirmView, firm_view
from gonghe.apps.capacity.models import SLOT_SECONDS, CapacityOffer
from gonghe.apps.members.models import Disclosure, Organization
from gonghe.apps.technology import words
from gonghe.apps.technology.models import Capability

DAYS = 14


def firm_shown(viewer: Organization | None, firm: Organization, now: datetime) -> dict[str, Any]:
    """What the templates of a firm's page need; None is a viewer who is not signed in."""
    view = firm_view(viewer, firm, now, now + timedelta(days=DAYS))
    return {
        "view": view,
        "firm": view.organization,
        "capabilities": [
            said | {"machines": _machines(view, said["capabilities"])}
            for said in words.statements(view.capabilities)
        ],
        "hours": [_offer(one) for one in view.hours],
        "days": DAYS,
        "shown_groups": len(view.groups),
        "all_groups": len(Disclosure.Group.values),
        "hidden_groups": [label for group, label in Disclosure.Group.choices if group not in view.groups],
    }


def _offer(one: CapacityOffer) -> dict[str, Any]:
    return {"offer": one, "left_s": (one.max_quarters - one.taken) * SLOT_SECONDS}


def _machines(view: FirmView, capabilities: Iterable[Capability]) -> str:
    linked = {equipment.pk for one in capabilities for equipment in one.equipment.all()}
    return ", ".join(one.code for one in view.equipment if one.pk in linked)
