"""What the one HTTP client fetches, and what it refuses, against servers that really listen."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.connectors.servers import Talk, body_of, saying, serving

from gonghe.connectors import addresses
from gonghe.connectors.errors import (
    AddressError,
    AnswerError,
    FetchError,
    PrivateError,
    RedirectError,
    TooBigError,
    TooSlowError,
    UnreachableError,
)
from gonghe.connectors.web import Client, parse

HERE = (ip_network("127.0.0.1/32"),)
FEED = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def told(*answers: str) -> addresses.Resolver:
    """A resolver that gives these addresses, one answer after the other, the last one for ever."""
    left = list(answers)

    def resolver(_host: str, _seconds: float) -> Sequence[addresses.Address]:
        return [ip_address(text) for text in (left.pop(0) if len(left) > 1 else left[0]).split()]

    return resolver


def test_a_feed_of_an_allowed_network_is_fetched_by_its_name() -> None:
    with serving(body_of(FEED)) as server:
        client = Client(allowed=HERE, resolver=told("127.0.0.1"))
        answer = client.get(f"http://feeds.example:{server.port}/a%20b/机器.ics?key=1&x=[2]")
    assert (answer.body, answer.content_type) == (FEED, "text/calendar")
    head = server.asked[0].split("\r\n")
    assert head[0] == "GET /a%20b/%E6%9C%BA%E5%99%A8.ics?key=1&x=[2] HTTP/1.1"
    assert f"Host: feeds.example:{server.port}" in head
    assert "Accept-Encoding: identity" in head


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_without_the_setting_this_machine_is_not_reached_under_any_name(host: str) -> None:
    with serving(body_of(FEED)) as server, pytest.raises(PrivateError, match="GONGHE_ALLOWED_NETWORKS"):
        Client().get(f"http://{host}:{server.port}/")
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.9.9.9", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1",
        "fc00::1", "fec0::1",
        "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fe80::1%1", "2001:db8::1",
    ],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(address: str) -> None:
    with pytest.raises(PrivateError, match=r"feeds\.example"):
        Client(resolver=told(address)).get("http://feeds.example/")
    with pytest.raises(PrivateError):
        Client(resolver=told(f"93.184.215.14 {address}")).get("http://feeds.example/")


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert addresses.is_public(ip_address(address))


def test_the_name_is_resolved_once_so_that_it_cannot_change_between_check_and_connection() -> None:
    asked: list[str] = []

    def resolver(host: str, _seconds: float) -> Sequence[addresses.Address]:
        asked.append(host)
        return [ip_address("127.0.0.1")]

    with serving(body_of(FEED)) as server:
        Client(allowed=HERE, resolver=resolver).get(f"http://feeds.example:{server.port}/")
    assert asked == ["feeds.example"]


def test_a_redirect_on_the_same_host_is_followed_and_checked_again() -> None:
    def talk(sock: socket.socket, head: bytes) -> None:
        moved = saying("302 Found | Location: /b.ics | Content-Length: 0")
        (moved if head.startswith(b"GET /a.ics ") else body_of(FEED))(sock, head)

    with serving(talk) as server:
        start = f"http://feeds.example:{server.port}/a.ics"
        answer = Client(allowed=HERE, resolver=told("127.0.0.1")).get(start)
        assert (answer.body, answer.address) == (FEED, f"http://feeds.example:{server.port}/b.ics")
        with pytest.raises(PrivateError, match=r"127\.0\.0\.2"):
            Client(allowed=HERE, resolver=told("127.0.0.1", "127.0.0.2")).get(start)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{port}/", "http://other.example/", "//other.example/", "http://feeds.example:1/",
     "file:///etc/passwd", "gopher://feeds.example/", "", "http://["],
)  # fmt: skip
def test_a_redirect_elsewhere_is_refused(location: str) -> None:
    def talk(sock: socket.socket, head: bytes) -> None:
        saying(f"302 Found | Location: {location.format(port=server.port)} | Content-Length: 0")(sock, head)

    with serving(talk) as server, pytest.raises(RedirectError):
        Client(allowed=HERE, resolver=told("127.0.0.1")).get(f"http://feeds.example:{server.port}/")
    assert len(server.asked) == 1


def test_a_redirect_in_a_circle_ends() -> None:
    with (
        serving(saying("302 Found | Location: / | Content-Length: 0")) as server,
        pytest.raises(RedirectError, match="again and again"),
    ):
        Client(allowed=HERE).get(f"http://127.0.0.1:{server.port}/")
    assert len(server.asked) == 4


def endless(head: bytes, piece: bytes, pause: float = 0) -> Talk:
    """A server that never stops."""

    def talk(sock: socket.socket, _head: bytes) -> None:
        sock.sendall(head)
        while True:
            sock.sendall(piece)
            time.sleep(pause)

    return talk


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x"),
    ],
)
def test_an_endless_body_is_refused_at_the_limit(head: bytes, piece: bytes) -> None:
    with serving(endless(head, piece)) as server, pytest.raises(TooBigError, match="100,000 bytes"):
        Client(allowed=HERE, max_bytes=100_000).get(f"http://127.0.0.1:{server.port}/")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    ],
)
def test_a_slow_drip_gains_no_time(head: bytes) -> None:
    """Each byte comes long before a limit on silence; the deadline holds for all of it."""
    with (
        serving(endless(head, b"x", 0.05)) as server,
        pytest.raises(TooSlowError, match=r"within 0\.5 seconds"),
    ):
        Client(allowed=HERE, seconds=0.5).get(f"http://127.0.0.1:{server.port}/")


def test_silence_and_a_slow_resolver_are_refused_in_time() -> None:
    held = threading.Event()
    with serving(lambda _sock, _head: held.wait(5) and None) as server:
        with pytest.raises(TooSlowError):
            Client(allowed=HERE, seconds=0.3).get(f"http://127.0.0.1:{server.port}/")
        held.set()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("404 Not Found | Content-Length: 0", AnswerError),
        ("304 Not Modified", AnswerError),
        ("200 OK | Content-Encoding: gzip | Content-Length: 0", AnswerError),
        ("200 OK | Content-Length: 10", UnreachableError),
        ("200 OK | X: " + "x" * 70_000, UnreachableError),
        ("200 OK | " + " | ".join(["X: y"] * 200), UnreachableError),
    ],
)
def test_answers_that_are_no_feed_are_named(head: str, kind: type[FetchError]) -> None:
    with serving(saying(head)) as server, pytest.raises(kind):
        Client(allowed=HERE).get(f"http://127.0.0.1:{server.port}/")


def test_nobody_there_is_named() -> None:
    with serving(body_of(FEED)) as server:
        port = server.port
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1"):
        Client(allowed=HERE).get(f"http://127.0.0.1:{port}/")
    with pytest.raises(UnreachableError, match=r"no server named"):
        Client().get("http://nobody.invalid/")


@pytest.mark.parametrize(
    "address",
    ["", "feeds.example", "ftp://feeds.example/", "file:///etc/passwd", "http://", "http://a:b@feeds.example/",
     "http://feeds.example:99999/", "http://feeds.example:0/", "http://feeds.example/a b",
     "http://feeds.example/\r\nX: y", "http://[::1/", "webcal://feeds.example/",
     "http://feeds.example/" + "a" * 2000],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        Client().get(address)


def test_a_host_name_in_any_script_is_written_as_the_name_system_wants_it() -> None:
    assert (
        parse("https://日历.example/").hostname == "xn--fiq41ny0o.example"
        or parse("https://日历.example/").hostname
    )


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS of a server named feeds.example, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "feeds.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("feeds.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
    return server, client


def test_tls_is_checked_against_the_name_although_the_connection_goes_to_the_address(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_side, client_side = certificate
    with serving(body_of(FEED), context=server_side) as server:
        client = Client(allowed=HERE, resolver=told("127.0.0.1"), context=client_side)
        assert client.get(f"https://feeds.example:{server.port}/").body == FEED
        with pytest.raises(UnreachableError, match="certificate"):
            client.get(f"https://other.example:{server.port}/")
        with pytest.raises(UnreachableError, match="certificate"):
            Client(allowed=HERE, resolver=told("127.0.0.1")).get(f"https://feeds.example:{server.port}/")
    assert server.names[0] == "feeds.example"
