"""Where compiled kernels are kept, so that the second start is quick wherever the first one ran."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder for compiled kernels. One that cannot be written to was filled by the set-up."""

    path: Path
    writable: bool


def folder(version: str) -> Folder | None:
    """The first usable folder, None when there is none: kernels are then compiled at every start.

    In this order: below `NUMBA_CACHE_DIR`, in the virtual environment, in the user's cache. Every state of
    the kernels (and version of Numba) has a folder of its own, because the cache itself only sees changes
    in the file of the function that Python calls, not in those compiled into it.
    """
    name = f"gonghe-{digest(version)}"
    for base in _bases():
        path = base / name
        if _is_writable(path):
            return Folder(path, True)
        if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
            return Folder(path, False)
    return None


def digest(version: str) -> str:
    """Short name of the state of all kernels."""
    found = hashlib.sha256(version.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


def _bases() -> Iterator[Path]:
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        yield Path(named)
    if sys.prefix != sys.base_prefix:
        yield Path(sys.prefix) / "numba-cache"
    kept = os.environ.get("XDG_CACHE_HOME")
    if kept:
        yield Path(kept) / "gonghe"
    else:
        home = os.path.expanduser("~")
        if home != "~":
            yield Path(home) / ".cache" / "gonghe"


def _is_writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(path, os.W_OK | os.X_OK)
