"""What firms show to everyone, for programs: no token is needed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.capacity import pace
from gonghe.apps.capacity.api_firm import FIRM_DAYS, FirmOut, firm_out
from gonghe.apps.capacity.firm_view import firm_view, public_firms
from gonghe.apps.members.access import get_organization

router = Router(auth=None)


class PublicFirmOut(Schema):
    """A firm that shows something to everyone."""

    slug: str
    name: str
    name_en: str
    about: str


@router.get("firms", response=list[PublicFirmOut])
def public_list(request: HttpRequest) -> list[Any]:
    """Firms that show something to everyone."""
    pace.count(request)
    return list(public_firms())


@router.get("firms/{firm}", response=FirmOut)
def public_firm(request: HttpRequest, firm: str) -> dict[str, Any]:
    """A firm as it shows itself to everyone; null is what it does not show."""
    pace.count(request)
    now = clock.now()
    view = firm_view(None, get_organization(firm), now, now + FIRM_DAYS)
    if view.is_blank:
        raise NotFoundError
    return firm_out(view)
