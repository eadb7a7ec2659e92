"""A connection that keeps one deadline for everything: connecting, handshake, headers and body."""

from __future__ import annotations

import io
import socket
import ssl
import time
from http.client import HTTPConnection

from gonghe.connectors.addresses import Address


class Deadline:
    """A moment after which nothing more is waited for."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left.

        Raises
        ------
        TimeoutError
            If there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        return left


class TimedSocket:
    """What `http.client` needs of a socket; a server that sends a byte a second gains no time by it."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all, or fail when the time is over."""
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """A reader that looks at the deadline before each piece."""
        return io.BufferedReader(_Reader(self._sock, self._deadline))

    def close(self) -> None:
        """Leave the connection to whoever still reads the body; `CheckedConnection.end` ends it."""


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._sock.settimeout(self._deadline.left())
        return self._sock.recv_into(buffer)


class CheckedConnection(HTTPConnection):
    """HTTP to a host over a connection to one of its checked addresses: the name is not resolved again.

    Parameters
    ----------
    host
        Goes into the Host header and, over TLS, into SNI and the check of the certificate.
    context
        TLS of an https address; None speaks plain http.
    """

    def __init__(
        self,
        host: str,
        port: int,
        addresses: list[Address],
        deadline: Deadline,
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__(host, port)
        self.default_port = 443 if context else 80
        self._addresses = addresses
        self._deadline = deadline
        self._context = context
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the first address that answers."""
        self._raw = self._first()
        if self._context is not None:
            self._raw.settimeout(self._deadline.left())
            self._raw = self._context.wrap_socket(self._raw, server_hostname=self.host)
        self.sock = TimedSocket(self._raw, self._deadline)

    def end(self) -> None:
        """Close the connection, whatever state it is in."""
        if self._raw is not None:
            self._raw.close()

    def _first(self) -> socket.socket:
        failed: OSError | None = None
        for address in self._addresses:
            try:
                return socket.create_connection((str(address), self.port), timeout=self._deadline.left())
            except TimeoutError:
                raise
            except OSError as error:
                failed = error
        raise failed or OSError("no address")
