"""Files of an installation: by content, written so that a name exists only for whole bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.conf import settings


class TooLargeError(ValueError):
    """A file is larger than this installation takes; the message names the limit."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely on disk: SHA-256 (hex) and size in bytes."""

    sha256: str
    size: int


def store(owner: str, chunks: Iterable[bytes]) -> Stored:
    """Write a file for an owner: synced, renamed into place, its folder synced; the row may follow.

    Raises
    ------
    TooLargeError
        If it exceeds the upload limit; nothing stays behind then.
    """
    folder = Path(settings.FILES_ROOT) / owner
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as file:
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > settings.UPLOAD_LIMIT_BYTES:
                    limit = settings.UPLOAD_LIMIT_BYTES // 2**20
                    raise TooLargeError(f"The file is larger than {limit} MB.")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(folder / digest.hexdigest())
    _sync(folder)
    return Stored(digest.hexdigest(), size)


def plain_name(name: str, otherwise: str) -> str:
    """A sent file name without folders and signs that cannot be seen, its last 200 signs."""
    bare = PurePath(name.replace("\\", "/")).name
    return "".join(sign for sign in bare if sign.isprintable())[-200:] or otherwise


def path_of(owner: str, sha256: str) -> Path:
    """Where a stored file of an owner lies."""
    return Path(settings.FILES_ROOT) / owner / sha256


def _sync(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
