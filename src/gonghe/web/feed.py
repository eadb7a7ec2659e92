"""The live feed: an organisation's events by position, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from gonghe.apps.audit import access as audit
from gonghe.apps.audit.models import Event
from gonghe.apps.base import NotFoundError
from gonghe.apps.members.acting import find_acting
from gonghe.apps.members.models import User

PAUSE_SECONDS = 1.0
BEATS_TO_LIVE = 600  # the browser reconnects; a stream that lives for ever would outlive a lost membership


class Streams:
    """The streams that this process has open, so that a server that stops can end them."""

    def __init__(self) -> None:
        self._open: set[asyncio.Event] = set()
        self._ended = False

    def end(self) -> None:
        """End all streams, and those that are just beginning; called in the loop of the server."""
        self._ended = True
        for ends in self._open:
            ends.set()

    @contextmanager
    def one(self) -> Iterator[asyncio.Event]:
        """Event that is set when the stream that opens it has to end."""
        ends = asyncio.Event()
        if self._ended:
            ends.set()
        self._open.add(ends)
        try:
            yield ends
        finally:
            self._open.discard(ends)


streams = Streams()


async def stream(request: HttpRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """Follow the feed from `Last-Event-ID` (or `?after=`), else from now."""
    user = await request.auser()
    if not isinstance(user, User):
        raise NotFoundError
    acting = await sync_to_async(find_acting)(user, slug)
    key = acting.organization.pk
    asked = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    after = int(asked) if asked.isdigit() else await sync_to_async(audit.feed_end)(key)
    response = StreamingHttpResponse(_events(key, after), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(organization_id: UUID, after: int) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    with streams.one() as ends:
        for _beat in range(BEATS_TO_LIVE):
            events = await sync_to_async(lambda at: list(audit.feed(organization_id, at)[:100]))(after)
            for event in events:
                after = event.position or after
                yield _message(event)
            if not events:
                yield b": beat\n\n"
                await _pause(ends)
            if ends.is_set():
                return


async def _pause(ends: asyncio.Event) -> None:
    """Wait for the next look, or until the stream has to end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE_SECONDS):
            await ends.wait()


def _message(event: Event) -> bytes:
    body = json.dumps({"type": event.type, "position": event.position, "objects": event.objects_touched})
    return f"id: {event.position}\ndata: {body}\n\n".encode()
