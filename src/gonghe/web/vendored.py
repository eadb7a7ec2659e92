"""Check that the vendored files are exactly those listed: `python -m gonghe.web.vendored`.

`vendored.json` names for every file below `static/vendor/` its library, version, licence, the package it was
taken from, its SHA-256, and what was changed in it. To take a new version, unpack the package, copy the
file and put its hash into the list.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class VendoredFile:
    """One file that others wrote; `path` is relative to `static/vendor`."""

    path: str
    name: str
    version: str
    licence: str
    package: str
    sha256: str
    changed: str = ""


def listed(root: Path = WEB) -> tuple[VendoredFile, ...]:
    """Files of the list.

    Raises
    ------
    TypeError
        If an entry lacks a field or has an unknown one.
    """
    entries = json.loads((root / "vendored.json").read_text(encoding="utf-8"))["files"]
    return tuple(VendoredFile(**entry) for entry in entries)


def problems(root: Path = WEB) -> list[str]:
    """What is wrong, one line a file: changed, missing, or not listed."""
    folder = root / "static" / "vendor"
    wanted = {one.path: one for one in listed(root)}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    found = [
        f"{path}: not in vendored.json; add it or delete the file" for path in sorted(present - set(wanted))
    ]
    for path, one in sorted(wanted.items()):
        if path not in present:
            found.append(f"{path}: listed but missing; take it from {one.package} {one.version}")
        elif hashlib.sha256((folder / path).read_bytes()).hexdigest() != one.sha256:
            found.append(f"{path}: differs from its hash; take it again from {one.package} {one.version}")
    return found


def main() -> int:
    """Print the problems; 0 when there are none."""
    found = problems()
    for line in found:
        sys.stdout.write(f"{line}\n")
    if not found:
        sys.stdout.write(f"{len(listed())} vendored files are as listed\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
