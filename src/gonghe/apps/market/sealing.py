"""How a bid is sealed: it opens with the key holder's key *and* one of the buyer's or the platform's.

A random content key is split in two halves by exclusive or: either half alone is noise. The first half is
sealed to the key holder (HPKE, RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), the second one separately to the
platform and, when it has a key, to the buyer. The bid itself is padded to a size that only the call decides
and encrypted with AES-256-GCM; call, bidder and time of receipt are bound to it, so that a bid cannot be
moved to another bidder, call or time unseen.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gonghe.apps.audit.keys import write_once
from gonghe.apps.audit.services import canonical
from gonghe.config import environment

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
LENGTH_BYTES = 4
SMALLEST = 4096
BYTES_AN_ITEM = 384
KEY_FILE_LIMIT = 10_000
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealError(Exception):
    """A seal cannot be made or opened.

    SealError
    ├── KeyFileError    the file holds no key, or the passphrase is wrong
    └── TamperedError   the sealed bid is not what was sealed, or these are not its keys
    """


class KeyFileError(SealError):
    """The file holds no X25519 key, or the passphrase is wrong."""


class TamperedError(SealError):
    """The sealed bid is not what was sealed for this call, bidder and time, or these are not its keys."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a sealed bid belongs to: ids as text and the time of receipt (ISO 8601, UTC)."""

    call: str
    bidder: str
    submitted_at: str

    def as_json(self) -> dict[str, str]:
        """The binding as it stands in the sealed bid."""
        return {"call": self.call, "bidder": self.bidder, "submitted_at": self.submitted_at}


@dataclass(frozen=True, slots=True)
class Recipients:
    """Public keys (32 raw bytes each) of those who can open together; the buyer's is optional."""

    holder: bytes
    platform: bytes
    buyer: bytes | None = None

    def seconds(self) -> dict[str, bytes]:
        """Who may hold the second half."""
        return {"platform": self.platform} | ({"buyer": self.buyer} if self.buyer else {})


def padded_size(operations: int) -> int:
    """Bytes that every bid on a call of so many operations is padded to, whatever it offers."""
    wanted = LENGTH_BYTES + BYTES_AN_ITEM * operations
    size = SMALLEST
    while size < wanted:
        size *= 2
    return size


def seal(plain: bytes, *, binding: Binding, recipients: Recipients, size: int) -> dict[str, Any]:
    """Seal a bid.

    Parameters
    ----------
    size
        Length in bytes after padding, from :func:`padded_size`.

    Raises
    ------
    SealError
        If the bid is longer than the padding allows.
    """
    if LENGTH_BYTES + len(plain) > size:
        raise SealError("The bid is longer than its call allows.")
    padded = len(plain).to_bytes(LENGTH_BYTES, "big") + plain.ljust(size - LENGTH_BYTES, b"\0")
    content_key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
    first = secrets.token_bytes(KEY_BYTES)
    second = _exclusive_or(content_key, first)
    nonce = secrets.token_bytes(NONCE_BYTES)
    halves = {"holder": _to(recipients.holder, first, "holder", binding)} | {
        role: _to(key, second, role, binding) for role, key in recipients.seconds().items()
    }
    return {
        "version": VERSION,
        "bound": binding.as_json(),
        "keys": {"holder": key_id(recipients.holder)}
        | {role: key_id(key) for role, key in recipients.seconds().items()},
        "halves": halves,
        "nonce": _text(nonce),
        "payload": _text(AESGCM(content_key).encrypt(nonce, padded, canonical(binding.as_json()))),
    }


def unseal(sealed: dict[str, Any], *, binding: Binding, holder: bytes, role: str, second: bytes) -> bytes:
    """Open a sealed bid with two private keys.

    Parameters
    ----------
    binding
        What the bid should belong to, from the row it was read from.
    holder, second
        Private keys (32 raw bytes) of the key holder, and of the one who is `role` ("platform" or "buyer").

    Raises
    ------
    TamperedError
        If anything was changed since it was sealed, or a key is not one of its keys.
    """
    try:
        if sealed["bound"] != binding.as_json() or sealed["version"] != VERSION:
            raise TamperedError("The sealed bid belongs to another call, bidder or time.")
        first_half = _from(holder, sealed["halves"]["holder"], "holder", binding)
        second_half = _from(second, sealed["halves"][role], role, binding)
        padded = AESGCM(_exclusive_or(first_half, second_half)).decrypt(
            b64decode(sealed["nonce"]), b64decode(sealed["payload"]), canonical(binding.as_json())
        )
    except (InvalidTag, KeyError, TypeError, ValueError) as error:
        raise TamperedError("The sealed bid was changed, or these are not its keys.") from error
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    return padded[LENGTH_BYTES : LENGTH_BYTES + length]


def digest_of(sealed: dict[str, Any]) -> str:
    """SHA-256 (hex) of the sealed bid's canonical JSON (RFC 8785): the bidder's receipt."""
    return hashlib.sha256(canonical(sealed)).hexdigest()


def key_id(public: bytes) -> str:
    """Short name of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_of(private: bytes) -> bytes:
    """Public key (raw) of a private one (raw)."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def platform_key() -> bytes:
    """The platform's private opening key: a file beside the database, made on first use."""
    path = environment.home() / "keys" / "bids-x25519.key"
    if not path.exists():
        write_once(path, X25519PrivateKey.generate().private_bytes_raw())
    return path.read_bytes()


def new_key_file(passphrase: str) -> tuple[bytes, str]:
    """A fresh key: its file (PEM, PKCS 8, encrypted) and its public key in hex."""
    key = X25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return pem, key.public_key().public_bytes_raw().hex()


def read_key_file(pem: bytes, passphrase: str) -> bytes:
    """Private key (raw) in a key file.

    Raises
    ------
    KeyFileError
        If the passphrase is wrong or the file holds no such key.
    """
    try:
        key = load_pem_private_key(pem[:KEY_FILE_LIMIT], passphrase.encode())
    except (ValueError, TypeError) as error:
        raise KeyFileError("The passphrase is wrong, or this is no key file.") from error
    if not isinstance(key, X25519PrivateKey):
        raise KeyFileError("This is a key of another kind.")
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def _to(public: bytes, half: bytes, role: str, binding: Binding) -> str:
    return _text(_SUITE.encrypt(half, X25519PublicKey.from_public_bytes(public), info=_info(role, binding)))


def _from(private: bytes, sealed: str, role: str, binding: Binding) -> bytes:
    key = X25519PrivateKey.from_private_bytes(private)
    half = _SUITE.decrypt(b64decode(sealed), key, info=_info(role, binding))
    if len(half) != KEY_BYTES:
        raise TamperedError("A half of the content key has the wrong length.")
    return half


def _info(role: str, binding: Binding) -> bytes:
    """Ties a half to its role and its bid, so that halves of two bids cannot be exchanged."""
    return b"gonghe bid 1 " + role.encode() + b" " + canonical(binding.as_json())


def _exclusive_or(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
