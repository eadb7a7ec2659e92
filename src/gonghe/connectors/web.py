"""The one way to fetch something by HTTP: every feed and every machine's address goes through here.

An address comes from a member, and the server behind it may be hostile. So: http and https only; the name
is resolved once, every address it has is checked, and the connection goes to a checked address with the name
in Host and SNI; redirects stay on the same host and are checked again; one deadline for all of it; a limit on
the bytes; no proxies, no cookies, no credentials, nothing compressed.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from gonghe.connectors.addresses import Network, Resolver, check, resolve
from gonghe.connectors.errors import (
    AddressError,
    AnswerError,
    FetchError,
    RedirectError,
    TooBigError,
    TooSlowError,
    UnreachableError,
)
from gonghe.connectors.sockets import CheckedConnection, Deadline

MAX_ADDRESS = 2_000
PIECE = 65_536
HEADERS = {
    "User-Agent": "gonghe",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent: the bytes, their type as it calls it, and the address they came from."""

    body: bytes
    content_type: str
    address: str


@dataclass(frozen=True, slots=True)
class Client:
    """Fetches within limits.

    Parameters
    ----------
    allowed
        Networks that may be reached although they are not public.
    seconds
        For everything: name, connection, redirects, body.
    max_bytes
        Of the body.
    max_redirects
        On the same host.
    resolver, context
        How names become addresses, and which certificates are trusted.
    """

    allowed: Sequence[Network] = ()
    seconds: float = 20
    max_bytes: int = 2_000_000
    max_redirects: int = 3
    resolver: Resolver = resolve
    context: ssl.SSLContext | None = None

    def get(self, address: str) -> Answer:
        """Fetch what is at an address.

        Raises
        ------
        FetchError
            Of the kind that says why it was not fetched.
        """
        deadline = Deadline(self.seconds)
        here = parse(address)
        try:
            for _turn in range(self.max_redirects + 1):
                answer = self._once(here, deadline)
                if isinstance(answer, Answer):
                    return answer
                here = _next(here, answer)
        except FetchError:
            raise
        except TimeoutError:
            raise TooSlowError(
                f"{here.hostname} did not answer within {self.seconds:g} seconds. Try again later."
            ) from None
        except ssl.SSLError as error:
            raise UnreachableError(
                f"{here.hostname} has no valid certificate ({error.reason or error}). Check the address."
            ) from error
        except (OSError, HTTPException) as error:
            raise UnreachableError(
                f"{here.hostname} cannot be reached: {str(error)[:120]}. Check the address or try later."
            ) from error
        raise RedirectError(f"{here.hostname} redirects again and again. Give the address it ends at.")

    def _once(self, here: SplitResult, deadline: Deadline) -> Answer | str:
        """The answer, or where the server sends us."""
        host = here.hostname or ""
        addresses = check(host, self.resolver(host, deadline.left()), self.allowed)
        secure = (self.context or ssl.create_default_context()) if here.scheme == "https" else None
        connection = CheckedConnection(host, _port(here), addresses, deadline, secure)
        try:
            connection.request("GET", _target(here), headers=HEADERS)
            response = connection.getresponse()
            if response.status in {301, 302, 303, 307, 308}:
                return response.headers.get("Location", "")
            _check_answer(host, response)
            return Answer(self._body(host, response), response.headers.get_content_type(), here.geturl())
        finally:
            connection.end()

    def _body(self, host: str, response: HTTPResponse) -> bytes:
        body = bytearray()
        if (response.length or 0) > self.max_bytes:
            raise self._too_big(host)
        while piece := response.read(PIECE):
            body += piece
            if len(body) > self.max_bytes:
                raise self._too_big(host)
        if response.length:
            raise UnreachableError(f"{host} broke off in the middle of its answer. Try again later.")
        return bytes(body)

    def _too_big(self, host: str) -> TooBigError:
        return TooBigError(
            f"{host} sends more than {self.max_bytes:,} bytes. Give an address with less behind it."
        )


def parse(address: str) -> SplitResult:
    """An http or https address in its parts.

    Raises
    ------
    AddressError
        If it is none, is too long, or carries a name and password.
    """
    text = address.strip()
    try:
        parts = urlsplit(text)
        host = (
            (parts.hostname or "")
            .encode("idna" if not (parts.hostname or "").isascii() else "ascii")
            .decode()
        )
        port = parts.port
    except (ValueError, UnicodeError):
        raise AddressError("This is no web address. Copy it from your calendar once more.") from None
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise AddressError("Give an address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise AddressError("Give an address without a name and password in it.")
    if len(text) > MAX_ADDRESS or any(sign <= " " or sign == "\x7f" for sign in text + host):
        raise AddressError("The address is too long or has spaces in it. Copy it once more.")
    shown = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=shown if port is None else f"{shown}:{port}", fragment="")


def _next(here: SplitResult, location: str) -> SplitResult:
    """Where a redirect leads, if it stays on the host and does not give up TLS."""
    try:
        there = parse(urljoin(here.geturl(), location))
    except (AddressError, ValueError):
        raise RedirectError(f"{here.hostname} redirects to no web address. Check the address.") from None
    same = there.hostname == here.hostname and (
        (there.scheme, _port(there)) == (here.scheme, _port(here))
        or (here.scheme, _port(here), there.scheme, _port(there)) == ("http", 80, "https", 443)
    )
    if not same or not location:
        raise RedirectError(
            f"{here.hostname} redirects to {there.hostname}, another server. "
            "If you trust it, give the address there."
        )
    return there


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    return f"{path}?{query}" if query else path


def _check_answer(host: str, response: HTTPResponse) -> None:
    if response.status != 200:
        raise AnswerError(
            f"{host} answers with {response.status}. Check that the address is still shared, and try again."
        )
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise AnswerError(f"{host} sends compressed data although it was asked not to. Give another address.")
