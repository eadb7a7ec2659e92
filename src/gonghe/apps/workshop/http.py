"""What the shop floor's pages have in common: the firm's own time."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from gonghe.apps.market.pages import zone_of
from gonghe.apps.members.acting import ActingRequest, member_page


def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A member page that shows and reads times in the acting organisation's zone."""

    @member_page
    @wraps(view)
    def zoned(request: ActingRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(zone_of(request.acting)):
            return view(request, *args, **kwargs)

    return zoned
