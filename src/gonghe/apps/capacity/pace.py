"""How often somebody who is not signed in may ask."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import ServiceError

LIMIT = 60  # public pages and answers a minute to one address, in each web process


class TooOftenError(ServiceError):
    """An address asks too often (HTTP 429)."""

    status = 429


def count(request: HttpRequest) -> None:
    """Count a visit of somebody who is not signed in.

    Raises
    ------
    TooOftenError
        If the address has had the pages of this minute.
    """
    key = f"public:{_address(request)}:{int(clock.now().timestamp()) // 60}"
    cache.add(key, 0, timeout=120)
    try:
        asked = cache.incr(key)
    except ValueError:  # pushed out of a full cache in between
        return
    if asked > LIMIT:
        raise TooOftenError(
            _("These pages were asked for too often. Try again in a minute."), code="too_often"
        )


def _address(request: HttpRequest) -> str:
    """The address, or its network where one household has very many (IPv6)."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
