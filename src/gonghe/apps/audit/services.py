"""Record events inside the transaction of a change; chain, sign, deliver and verify them after commit."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from django.db import transaction

from gonghe.apps.audit import keys
from gonghe.apps.audit.models import Chain, Cursor, Event, EventAudience, SignedHead
from gonghe.apps.principal import Principal

log = logging.getLogger(__name__)
CHAIN_BATCH = 500
Handler = Callable[[Event], None]
_handlers: dict[str, tuple[frozenset[str], Handler]] = {}
_settling = threading.local()


class UnrecordedWriteError(RuntimeError):
    """A write service finished without recording what it did: a programming error."""


class Recorder:
    """Collects the events of one change and writes them with it."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.events: list[Event] = []

    def __call__(
        self,
        type_: str,
        *,
        objects: Mapping[str, Any],
        audience: Iterable[UUID | None] = (),
        data: Mapping[str, Any] | None = None,
    ) -> Event:
        """Record one event.

        Parameters
        ----------
        type_
            `app.thing.happened`.
        objects
            Kind of object -> its id.
        audience
            Organisations that see it in their feed; the acting one always does.
        data
            JSON without floats: money and measures as strings or integers.
        """
        touched = [{"type": kind, "id": str(key)} for kind, key in sorted(objects.items())]
        event = Event(
            type=type_,
            actor=self.principal.actor,
            organization_id=self.principal.organization_id,
            via=self.principal.via,
            objects_touched=touched,
            data=dict(data or {}),
        )
        canonical(content(event) | {"position": 0})  # refuse floats here, where the caller can be seen
        event.save()
        seen_by = {one for one in (*audience, self.principal.organization_id) if one}
        EventAudience.objects.bulk_create(
            [EventAudience(event=event, organization_id=one) for one in sorted(seen_by, key=str)]
        )
        self.events.append(event)
        return event


@contextmanager
def recording(principal: Principal) -> Iterator[Recorder]:
    """One transaction of a write service, which must record at least one event.

    Raises
    ------
    UnrecordedWriteError
        If the block ends without an event; nothing is written then.
    """
    with transaction.atomic():
        recorder = Recorder(principal)
        yield recorder
        if not recorder.events:
            raise UnrecordedWriteError("A write service must record what it did.")
        transaction.on_commit(settle)


def subscribe(name: str, *types: str) -> Callable[[Handler], Handler]:
    """Register a handler that sees every event of these types once, in order, in a transaction of its own."""

    def register(handler: Handler) -> Handler:
        _handlers[name] = (frozenset(types), handler)
        return handler

    return register


def settle() -> None:
    """Chain what was committed and hand it to the subscribers, until nothing is new.

    Runs after every commit, so it first asks the cheapest question: is there anything to chain?
    """
    if getattr(_settling, "busy", False):
        return  # the outer call goes on until nothing is new
    _settling.busy = True
    try:
        while Event.objects.filter(position=None).exists():
            deliver(chain())
    finally:
        _settling.busy = False


def catch_up() -> None:
    """Settle, and deliver what a process that died between chaining and delivering left behind."""
    settle()
    deliver(frozenset().union(*(types for types, _handler in _handlers.values())))
    settle()


def chain() -> frozenset[str]:
    """Give committed events their positions and hashes; returns the types of these events."""
    with transaction.atomic():
        end = Chain.objects.select_for_update().get_or_create(pk=1)[0]
        pending = list(Event.objects.filter(position=None).order_by("id")[:CHAIN_BATCH])
        for event in pending:
            event.position = end.position + 1
            event.previous_hash = end.hash
            event.hash = digest(event)
            end.position, end.hash = event.position, event.hash
        if pending:
            Event.objects.bulk_update(pending, ["position", "previous_hash", "hash"])
            end.save()
    return frozenset(event.type for event in pending)


def deliver(fresh: frozenset[str]) -> None:
    """Hand chained events to the subscribers of these types; a failing one waits, others go on."""
    for name, (types, handler) in _handlers.items():
        if not types & fresh:
            continue
        try:
            while _deliver_next(name, types, handler):
                pass
        except Exception:
            log.exception("subscriber %s stopped at an event; it is tried again later", name)


def _deliver_next(name: str, types: frozenset[str], handler: Handler) -> bool:
    """Hand over one event and move the cursor in the same transaction."""
    reached = Cursor.objects.filter(pk=name).values_list("position", flat=True).first() or 0
    if not Event.objects.filter(position__gt=reached, type__in=types).exists():
        return False
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update().get_or_create(pk=name)[0]
        event = (
            Event.objects.filter(position__gt=cursor.position, type__in=types).order_by("position").first()
        )
        if event is None or event.position is None:
            return False
        handler(event)
        cursor.position = event.position
        cursor.save()
    return True


def sign_head() -> SignedHead:
    """Sign the present end of the chain and keep a copy."""
    settle()
    end = Chain.objects.get(pk=1)
    signature = keys.audit_key().sign(canonical({"position": end.position, "hash": end.hash})).hex()
    return SignedHead.objects.create(position=end.position, hash=end.hash, signature=signature)


def verify_head(held: SignedHead) -> bool:
    """Whether this installation signed that head."""
    message = canonical({"position": held.position, "hash": held.hash})
    try:
        keys.audit_key().public_key().verify(bytes.fromhex(held.signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the chain holds; where not, the first bad position and why."""

    ok: bool
    events: int
    bad_position: int | None = None
    reason: str = ""


def verify(held: SignedHead | None = None) -> Verification:
    """Recompute the whole chain, against an earlier signed head if the caller holds one."""
    expected, count, previous = 1, 0, "0" * 64
    for event in Event.objects.exclude(position=None).order_by("position").iterator():
        if event.position != expected:
            return Verification(False, count, expected, "an event is missing")
        if event.previous_hash != previous or event.hash != digest(event):
            return Verification(False, count, expected, "the event was changed")
        if held and held.position == expected and held.hash != event.hash:
            return Verification(False, count, expected, "the chain differs from the signed head")
        previous, expected, count = event.hash, expected + 1, count + 1
    if held and held.position > count:
        return Verification(False, count, count + 1, "the chain was cut off before the signed head")
    end = Chain.objects.filter(pk=1).first()
    if end and (end.position, end.hash) != (count, previous):
        return Verification(False, count, count + 1, "the chain was cut off")
    return Verification(True, count)


def content(event: Event) -> dict[str, Any]:
    """What the hash covers."""
    return {
        "uid": str(event.uid),
        "type": event.type,
        "occurred_at": event.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor,
        "organization": str(event.organization_id or ""),
        "via": event.via,
        "objects": event.objects_touched,
        "data": event.data,
    }


def digest(event: Event) -> str:
    """SHA-256 of the event's canonical content, its position and the hash before it."""
    body = content(event) | {"position": event.position, "previous": event.previous_hash}
    return hashlib.sha256(canonical(body)).hexdigest()


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value.

    Raises
    ------
    TypeError
        If there is a float in it: floats print differently from place to place.
    """
    _refuse_floats(value)
    return rfc8785.dumps(value)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"No floats in recorded events: write {value!r} as a string or an integer.")
    for child in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    ):
        _refuse_floats(child)
