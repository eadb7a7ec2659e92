"""The text of a file before it is parsed: size, nesting, and the zones that it describes itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from gonghe.standards.icalendar.errors import MalformedError, TooMuchError, ZoneError

MAX_BYTES = 2_000_000
MAX_COMPONENTS = 10_000
MAX_DEPTH = 6
NAMED_ZONE = re.compile(r"^([A-Z-]+(?:;[^:]*?)?);TZID=", re.IGNORECASE)
OFFSET = re.compile(r"^([+-])(\d\d)(\d\d)(?:\d\d)?$")


def without_zones(content: bytes) -> tuple[str, dict[str, tzinfo]]:
    """Text without its VTIMEZONE components, and the zones of those whose name is not known.

    Descriptions of zones repeat by rules of their own; they are never followed. A zone that is known by
    its name is taken from the time zone database, one with a single offset is that offset.

    Raises
    ------
    MalformedError, TooMuchError
        If the bytes are no iCalendar text, or too much of it.
    """
    if len(content) > MAX_BYTES:
        raise TooMuchError(f"The file has more than {MAX_BYTES // 1_000_000} MB. Export a shorter period.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedError("The file is no text in UTF-8. Export it again as iCalendar (.ics).") from None
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    kept: list[str] = []
    described: list[list[str]] = []
    inside = False
    for line in _nested(lines):
        mark = line.strip().upper()
        if mark == "BEGIN:VTIMEZONE":
            inside = True
            described.append([])
        if inside:
            described[-1].append(line.strip())
        else:
            # out of the parser's sight, which would guess at names and follow descriptions
            kept.append(NAMED_ZONE.sub(r"\1;X-TZID=", line))
        inside = inside and mark != "END:VTIMEZONE"
    return "\r\n".join(kept) + "\r\n", dict(_zone_of(block) for block in described)


def zone_named(name: str, described: dict[str, tzinfo]) -> tzinfo:
    """Zone of a TZID: of the time zone database, of Windows, or one that the file describes.

    Raises
    ------
    ZoneError
        If nobody knows it.
    """
    found = _known(name) or described.get(name)
    if found is None:
        raise ZoneError(
            f"The file uses the time zone {name[:60]!r}, which is not known. "
            "Export it with a named zone such as Asia/Shanghai.",
            name,
        )
    return found


def _nested(lines: list[str]) -> Iterator[str]:
    """The lines, while what begins in them stays within bounds."""
    depth = count = 0
    for line in lines:
        start = line[:6].upper()
        if start == "BEGIN:":
            depth, count = depth + 1, count + 1
        elif start[:4] == "END:":
            depth -= 1
        if depth > MAX_DEPTH or count > MAX_COMPONENTS:
            raise TooMuchError("The file holds too many entries. Export a shorter period and try again.")
        yield line


def _zone_of(block: list[str]) -> tuple[str, tzinfo]:
    values: dict[str, list[str]] = {}
    for line in block:
        key, _colon, value = line.partition(":")
        values.setdefault(key.split(";")[0].upper(), []).append(value.strip())
    name = values.get("TZID", [""])[0]
    located = _known(values.get("X-LIC-LOCATION", [""])[0])
    offsets = {_offset(text) for text in values.get("TZOFFSETTO", [])} - {None}
    if located is None and len(offsets) == 1:
        located = offsets.pop()
    return (name, located) if located is not None else ("", UTC)


def _offset(text: str) -> tzinfo | None:
    found = OFFSET.match(text)
    if found is None or int(found[2]) > 23:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-size if found[1] == "-" else size)


def _known(name: str) -> tzinfo | None:
    tail = "/".join(name.split("/")[-2:])  # "/mozilla.org/20070129_1/Europe/Berlin"
    for key in (name, WINDOWS_TO_OLSON.get(name, ""), tail):
        try:
            if key and "." not in key:
                return ZoneInfo(key)
        except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
            continue
        except KeyError:
            continue
    return None
