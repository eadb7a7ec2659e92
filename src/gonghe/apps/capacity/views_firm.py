"""What a member shows of itself to the one who looks, and how others see one's own firm."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.capacity.showing import firm_shown
from gonghe.apps.members.access import get_organization, partners
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.members.facts import is_verified
from gonghe.apps.members.models import Organization


@member_page
def firm(request: ActingRequest, firm: str) -> HttpResponse:
    """A member as this viewer may see it; what is hidden leaves no trace on the page."""
    acting = request.acting
    organization = get_organization(firm)
    now = clock.now()
    may_verify = acting.is_office and acting.may("members")
    context = firm_shown(acting.organization, organization, now) | {
        "station": "members",
        "slug": acting.organization.slug,
        "own": organization.pk == acting.organization.pk,
        "verify": reverse("organization:verify", args=[acting.organization.slug, firm]) if may_verify else "",
        "titleblock": [
            (_("Firm"), organization.local_name),
            (
                _("Verified"),
                _("name and registration")
                if is_verified(organization)
                else _("not yet by the cluster office"),
            ),
            (_("Computed"), now),
            (_("Seen by"), _("you, as the firm chose")),
        ],
    }
    return render(request, "capacity/firm.html", context)


@member_page
def seen_as(request: ActingRequest, viewer: str) -> HttpResponse:
    """One's own firm as another sees it: shown by what the other's own page is shown by."""
    acting = request.acting
    now = clock.now()
    named = [one.partner for one in partners(acting)]
    context: dict[str, Any] = {"station": "members", "viewer": viewer, "viewers": viewers(), "named": named}
    if viewer != "partner" or named:
        looking = _viewer(request, viewer, named)
        context |= firm_shown(looking, acting.organization, now) | {"looking": looking}
    context["titleblock"] = [
        (_("Firm"), acting.organization.local_name),
        (_("Computed"), now),
        (_("Seen by"), _("people of %s") % acting.organization.local_name),
    ]
    return render(request, "capacity/seen_as.html", context)


def viewers() -> list[tuple[str, str]]:
    """Whose eyes one may look through, and what the page is called."""
    return [
        ("rival", _("As a rival sees it")),
        ("partner", _("As a partner sees it")),
        ("office", _("As the cluster office sees it")),
        ("public", _("As the public sees it")),
    ]


def _viewer(request: ActingRequest, viewer: str, named: list[Organization]) -> Organization | None:
    """A named partner, or somebody of whom nothing is stored: a member that nobody named, or nobody."""
    if viewer == "partner":
        asked = request.GET.get("firm", named[0].slug)
        found = next((one for one in named if one.slug == asked), None)
        if found is None:
            raise NotFoundError
        return found
    strangers = {
        "rival": Organization(kind=Organization.Kind.FIRM),
        "office": Organization(kind=Organization.Kind.OFFICE),
        "public": None,
    }
    if viewer not in strangers:
        raise NotFoundError
    return strangers[viewer]
