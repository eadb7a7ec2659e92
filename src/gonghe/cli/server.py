"""The HTTP server of `gonghe serve`: it stops at once and quietly, also with live pages open."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from types import FrameType

import uvicorn

from gonghe.web.feed import streams

LAST_ANSWERS_SECONDS = 5


class Server(uvicorn.Server):
    """Ends the live streams before it waits for the last answers; a stream would never end by itself."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, end the streams, give open requests some seconds."""
        streams.end()
        await super().shutdown(sockets)


def run(host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C, both of which are an orderly end (exit code 0)."""
    signal.signal(signal.SIGTERM, _leave)
    config = uvicorn.Config(
        "gonghe.config.asgi:application",
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
    )
    with suppress(KeyboardInterrupt):
        Server(config).run()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """What uvicorn raises again after its orderly shutdown."""
    raise SystemExit(0)
