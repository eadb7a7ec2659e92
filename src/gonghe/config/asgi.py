"""The ASGI application: Django, with background workers that live as long as the server."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gonghe.config.settings")
_django = get_asgi_application()

Message = MutableMapping[str, Any]


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Serve pages; start and stop the workers with the server."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await _django(dict(scope), receive, send)  # type: ignore[arg-type]  # the same by another name


async def _lifespan(
    receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    from gonghe.apps.jobs.worker import Workers
    from gonghe.config import environment

    workers = Workers(environment.number("GONGHE_WORKERS"))
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            workers.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            workers.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
