"""A write request that is sent twice takes effect once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.models import IdempotencyRecord
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.principal import Principal

CLAIM = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body of a write, and whether it is told again from the record."""

    status: int
    body: Any
    replayed: bool = False


def once(
    principal: Principal, route: str, key: str, body: bytes, action: Callable[[], tuple[int, Any]]
) -> Answer:
    """Run `action` at most once for this key; a repetition gets the first answer.

    Raises
    ------
    InvalidError
        If the key was used with another body.
    ConflictError
        If the first request is still running.
    """
    who = {
        "actor": principal.actor,
        "organization": str(principal.organization_id or ""),
        "route": route,
        "key": key,
    }
    body_hash = hashlib.sha256(body).hexdigest()
    stored = _claim(who, body_hash)
    if stored is not None:
        return stored
    try:
        with transaction.atomic():
            status, answer = action()
            done = IdempotencyRecord.objects.filter(**who, status=None).update(status=status, answer=answer)
            if not done:
                raise ConflictError(_("This request ran twice at once. Send it again with the same key."))
    except Exception:
        IdempotencyRecord.objects.filter(**who, status=None).delete()
        raise
    return Answer(status, answer)


def _claim(who: dict[str, Any], body_hash: str) -> Answer | None:
    """Take the key, or return the answer that it already has."""
    now = clock.now()
    try:
        with transaction.atomic():
            IdempotencyRecord.objects.create(**who, body_hash=body_hash, claimed_until=now + CLAIM)
    except IntegrityError:
        record = IdempotencyRecord.objects.get(**who)
    else:
        return None
    if record.body_hash != body_hash:
        raise InvalidError(
            _("This Idempotency-Key was used for another request. Use a new key."), code="key_reused"
        )
    if record.status is not None:
        return Answer(record.status, record.answer, replayed=True)
    # A claim that outlived its time belongs to a process that died before it committed anything.
    retaken = IdempotencyRecord.objects.filter(
        pk=record.pk, status=None, claimed_until=record.claimed_until, claimed_until__lt=now
    ).update(claimed_until=now + CLAIM)
    if retaken:
        return None
    raise ConflictError(_("This request is still running. Wait a moment and ask again."), code="in_progress")
