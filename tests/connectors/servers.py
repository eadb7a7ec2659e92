"""Local servers, friendly and hostile, that speak raw bytes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Talk = Callable[[socket.socket, bytes], None]


@dataclass
class Server:
    """Where it listens and what it was asked: the head of every request."""

    port: int
    asked: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)


@contextmanager
def serving(
    talk: Talk, *, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Server]:
    """Answer each connection with `talk` until the block ends."""
    listener = socket.create_server((host, 0))
    server = Server(listener.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                raw, _peer = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(raw,), daemon=True).start()

    def answer(raw: socket.socket) -> None:
        with contextlib.suppress(OSError), raw:
            if context is not None:
                context.sni_callback = lambda _sock, name, _context: server.names.append(name)
                with context.wrap_socket(raw, server_side=True) as secure:
                    head = secure.recv(65536)
                    server.asked.append(head.decode())
                    talk(secure, head)
                return
            head = raw.recv(65536)
            server.asked.append(head.decode())
            talk(raw, head)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def saying(head: str, body: bytes = b"") -> Talk:
    """A server that sends this head (lines with commas between) and body."""
    lines = head.replace(" | ", "\r\n").encode()

    def talk(sock: socket.socket, _head: bytes) -> None:
        sock.sendall(b"HTTP/1.1 " + lines + b"\r\n\r\n" + body)

    return talk


def body_of(text: bytes, kind: str = "text/calendar") -> Talk:
    """A server that sends a text as it should."""
    return saying(f"200 OK | Content-Type: {kind} | Content-Length: {len(text)}", text)
