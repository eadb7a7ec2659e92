"""What firms show to everyone: pages that nobody has to sign in for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.capacity import pace
from gonghe.apps.capacity.firm_view import public_firms
from gonghe.apps.capacity.showing import firm_shown
from gonghe.apps.members.access import get_organization

ROBOTS = "User-agent: *\nAllow: /firms/\nDisallow: /\n"


def firms(request: HttpRequest) -> HttpResponse:
    """Firms that show something to everyone."""
    pace.count(request)
    return _fresh(render(request, "capacity/public_firms.html", {"firms": public_firms()}))


def firm(request: HttpRequest, firm: str) -> HttpResponse:
    """A firm as everyone sees it; one that shows nothing to everyone is not there."""
    pace.count(request)
    now = clock.now()
    context = firm_shown(None, get_organization(firm), now)
    if context["view"].is_blank:
        raise NotFoundError
    context["titleblock"] = [(_("Computed"), now), (_("Seen by"), _("everyone, as the firm chose"))]
    return _fresh(render(request, "capacity/public_firm.html", context))


def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may list what firms show to everyone, and nothing else."""
    return HttpResponse(ROBOTS, content_type="text/plain")


def _fresh(response: HttpResponse) -> HttpResponse:
    """No copies: what a firm takes back is gone at once, here and in stored copies of search engines."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noarchive"
    return response
