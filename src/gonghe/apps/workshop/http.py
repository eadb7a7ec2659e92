"""What the shop floor's pages have in common: the firm's own time, and keys that count once."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from gonghe.apps.audit.idempotency import once
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


def fresh_key() -> str:
    """A key for the forms of one shown page."""
    return uuid.uuid4().hex


def pressed_once(request: ActingRequest, action: Callable[[], object]) -> None:
    """Do what a key asks for; the same press sent twice from one shown page counts once.

    Raises
    ------
    ServiceError
        What the action raises, and ConflictError while the first press is still being stored.
    """
    key = request.POST.get("key", "")
    if not 8 <= len(key) <= 40:
        key = fresh_key()
    fields = sorted((name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken")
    body = json.dumps(fields).encode()
    asked = hashlib.sha256(body).hexdigest()[:32]

    def stored() -> tuple[int, dict[str, str]]:
        action()
        return 200, {}

    once(request.acting.principal, f"POST {request.path}"[:200], f"{key}-{asked}", body, stored)
