"""Which addresses may be reached: those of the public internet, and networks that the installation allows."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from gonghe.connectors.errors import PrivateError, TooSlowError, UnreachableError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, float], Sequence[Address]]
NAT64 = IPv6Network("64:ff9b::/96")


def resolve(host: str, seconds: float) -> Sequence[Address]:
    """Addresses of a host name, as the machine's resolver gives them.

    Raises
    ------
    UnreachableError, TooSlowError
        If the name is not known, or nobody says so in time.
    """
    answers: queue.Queue[list[str] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put([str(one[4][0]) for one in found])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    # the system's resolver knows no time limit, so a thread waits for it
    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise TooSlowError(f"The name {host} was not resolved in time. Try again later.") from None
    if isinstance(answer, OSError):
        raise UnreachableError(f"There is no server named {host}. Check the spelling of the address.")
    return [ip_address(text) for text in dict.fromkeys(answer)]


def check(host: str, addresses: Iterable[Address], allowed: Sequence[Network]) -> list[Address]:
    """The addresses of a host, when all of them may be reached.

    Raises
    ------
    PrivateError
        If one is not public and in none of the networks that the installation allows.
    UnreachableError
        If there is none.
    """
    found = list(addresses)
    if not found:
        raise UnreachableError(f"There is no server named {host}. Check the spelling of the address.")
    for one in found:
        if not (is_public(one) or any(_inside(one, network) for network in allowed)):
            raise PrivateError(
                f"{host} lies in a private network ({one}), which is not fetched from. Give a public "
                "address, or ask whoever runs this installation to allow the network by the setting "
                "GONGHE_ALLOWED_NETWORKS."
            )
    return found


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and so does one that is wrapped in it."""
    if isinstance(address, IPv6Address):
        wrapped = _wrapped(address)
        if wrapped is not None:
            return is_public(wrapped)
        if address.is_site_local or address.scope_id:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _inside(address: Address, network: Network) -> bool:
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    return plain.version == network.version and plain in network
