"""What a member shows of itself to the one who looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.capacity import access
from gonghe.apps.capacity.access import FirmView
from gonghe.apps.members.access import get_organization
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.technology import words
from gonghe.apps.technology.models import Capability

DAYS = 14


@member_page
def firm(request: ActingRequest, firm: str) -> HttpResponse:
    """A member as this viewer may see it; what is hidden leaves no trace on the page."""
    viewer = request.acting.organization
    now = clock.now()
    view = access.firm_view(viewer, get_organization(firm), now, now + timedelta(days=DAYS))
    context = {
        "view": view,
        "station": "members",
        "own": view.organization.pk == viewer.pk,
        "may_verify": request.acting.is_office
        and request.acting.may("members")
        and view.organization.verified_at is None,
        "capabilities": [
            said | {"machines": _machines(view, said["capabilities"])}
            for said in words.statements(view.capabilities)
        ],
        "days": DAYS,
        "titleblock": [
            (_("Firm"), view.organization.local_name),
            (_("Verified"), view.organization.verified_at or _("not yet by the cluster office")),
            *(
                [(_("Verified by"), view.organization.verified_by.local_name)]
                if view.organization.verified_by
                else []
            ),
            (_("Computed"), now),
            (_("Seen by"), _("you, as the firm chose")),
        ],
    }
    return render(request, "capacity/firm.html", context)


def _machines(view: FirmView, capabilities: Iterable[Capability]) -> str:
    linked = {equipment.pk for one in capabilities for equipment in one.equipment.all()}
    return ", ".join(one.code for one in view.equipment if one.pk in linked)
