"""Buttons of pages that count once, however often one press is sent."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from gonghe.apps.audit.idempotency import once
from gonghe.apps.members.acting import ActingRequest


def fresh_key() -> str:
    """A key for the forms of one shown page."""
    return uuid.uuid4().hex


def pressed_once(request: ActingRequest, action: Callable[[], dict[str, Any] | object]) -> dict[str, Any]:
    """Do what a button asks for; the same press sent twice from one shown page counts once.

    Returns
    -------
    dict
        What the action returned the first time, if that was a JSON-ready dict, else an empty one.

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

    def stored() -> tuple[int, dict[str, Any]]:
        made = action()
        return 200, made if isinstance(made, dict) else {}

    answer = once(request.acting.principal, f"POST {request.path}"[:200], f"{key}-{asked}", body, stored)
    return dict(answer.body)
