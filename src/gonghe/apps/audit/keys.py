"""Signing keys of the installation, kept as files beside the database, never inside it."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gonghe.config import environment


def audit_key() -> Ed25519PrivateKey:
    """The Ed25519 key that signs heads of the event chain; made on first use."""
    path = environment.home() / "keys" / "audit-ed25519.key"
    if not path.exists():
        fresh = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        write_once(path, fresh)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def write_once(path: Path, secret: bytes) -> None:
    """Write a secret file that only its owner may read, unless it is there already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process was faster; its key counts
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
