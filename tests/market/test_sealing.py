"""A sealed bid opens with two keys of three, and with nothing less."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gonghe.apps.market import sealing
from gonghe.apps.market.sealing import Binding, KeyFileError, Recipients, SealError, TamperedError

HOLDER, PLATFORM, BUYER, STRANGER = (X25519PrivateKey.generate().private_bytes_raw() for _one in range(4))
TO = Recipients(*(sealing.public_of(key) for key in (HOLDER, PLATFORM, BUYER)))
BINDING = Binding("call-1", "firm-1", "2026-03-09T02:20:07.000000+00:00")
PLAIN = b'[{"price":"18765.43"}]'


def seal(plain: bytes = PLAIN) -> dict:
    return sealing.seal(plain, binding=BINDING, recipients=TO, size=4096)


def unseal(sealed: dict, holder: bytes, role: str, second: bytes, binding: Binding = BINDING) -> bytes:
    return sealing.unseal(sealed, binding=binding, holder=holder, role=role, second=second)


@pytest.mark.parametrize(
    ("role", "second"), [("platform", PLATFORM), ("buyer", BUYER)], ids=["platform", "buyer"]
)
def test_holder_and_one_other_open_it(role: str, second: bytes) -> None:
    assert unseal(seal(), HOLDER, role, second) == PLAIN


@pytest.mark.parametrize(
    ("holder", "role", "second"),
    [
        (HOLDER, "platform", HOLDER),
        (HOLDER, "buyer", HOLDER),
        (HOLDER, "holder", HOLDER),
        (PLATFORM, "platform", PLATFORM),
        (BUYER, "buyer", BUYER),
        (PLATFORM, "buyer", BUYER),
        (BUYER, "platform", PLATFORM),
        (HOLDER, "platform", STRANGER),
        (STRANGER, "platform", PLATFORM),
    ],
    ids=range(9),
)
def test_nothing_less_opens_it(holder: bytes, role: str, second: bytes) -> None:
    with pytest.raises(TamperedError):
        unseal(seal(), holder, role, second)


@pytest.mark.parametrize("path", [("payload",), ("nonce",), ("halves", "holder"), ("halves", "platform")])
def test_a_changed_letter_is_noticed(path: tuple[str, ...]) -> None:
    sealed = seal()
    place = sealed
    for key in path[:-1]:
        place = place[key]
    text = place[path[-1]]
    place[path[-1]] = ("A" if text[8] != "A" else "B").join((text[:8], text[9:]))
    with pytest.raises(TamperedError):
        unseal(sealed, HOLDER, "platform", PLATFORM)


@pytest.mark.parametrize("field", ["call", "bidder", "submitted_at"])
def test_it_cannot_be_moved_to_another_call_bidder_or_time(field: str) -> None:
    other = replace(BINDING, **{field: "another"})
    with pytest.raises(TamperedError):
        unseal(seal(), HOLDER, "platform", PLATFORM, other)
    with pytest.raises(TamperedError):
        unseal(seal() | {"bound": other.as_json()}, HOLDER, "platform", PLATFORM, other)


def test_halves_of_two_bids_cannot_be_exchanged() -> None:
    one, other = seal(), seal()
    one["halves"]["holder"] = other["halves"]["holder"]
    with pytest.raises(TamperedError):
        unseal(one, HOLDER, "platform", PLATFORM)


def test_length_tells_nothing_and_equal_bids_differ() -> None:
    short, long, again = seal(b"x"), seal(b"x" * 4000), seal(b"x")
    assert len(json.dumps(short)) == len(json.dumps(long))
    assert sealing.digest_of(short) != sealing.digest_of(again)
    with pytest.raises(SealError, match="longer than its call allows"):
        seal(b"x" * 4093)


@pytest.mark.parametrize(("operations", "size"), [(1, 4096), (10, 4096), (11, 8192), (100, 65536)])
def test_padding_depends_on_the_call_alone(operations: int, size: int) -> None:
    assert sealing.padded_size(operations) == size


@given(st.binary(max_size=4092))
def test_what_goes_in_comes_out(plain: bytes) -> None:
    assert unseal(seal(plain), HOLDER, "buyer", BUYER) == plain


def test_a_key_file_opens_with_its_passphrase_only() -> None:
    pem, public = sealing.new_key_file("brass gauge block")
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert sealing.public_of(sealing.read_key_file(pem, "brass gauge block")).hex() == public
    for bad in (pem, b"not a key"):
        with pytest.raises(KeyFileError):
            sealing.read_key_file(bad, "wrong")
