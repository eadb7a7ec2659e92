"""XES event log (IEEE 1849-2016) to rows of a production log, an event at a time.

A trace is an order, its events are reports. Used are ``concept:name``, ``concept:instance``,
``org:resource``, ``time:timestamp`` and ``lifecycle:transition``; attributes named like the columns of a
production log (``Work Order Qty``, ``Report Type``, ``Qty Completed`` ..., blanks or underscores) fill the
same fields.
"""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from gonghe.standards.eventlog.reader import KINDS, MAX_QUANTITY
from gonghe.standards.eventlog.rows import EventLogUnreadable, Kind, LineError, Log, LogRow

MAX_FILE_BYTES = 500_000_000
MAX_EVENTS = 2_000_000
MAX_TRACE_EVENTS = 100_000
MAX_TEXT = 200
VALUES = {"string", "date", "int", "float", "boolean", "id"}


class _BadEvent(Exception):
    def __init__(self, key: str, value: str, code: str, expected: str) -> None:
        super().__init__(expected)
        self.key, self.value, self.code, self.expected = key, value, code, expected


@dataclass(slots=True)
class _Trace:
    """The order that is being read: its own attributes and starts that wait for their end."""

    attributes: dict[str, str] = field(default_factory=dict)
    started: dict[tuple[str, str, str], list[tuple[datetime, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def read(path: Path, zone: str = "UTC") -> Log:
    """Read an event log.

    A ``start`` and the next ``complete`` of the same activity, resource and instance are one row; a
    ``complete`` alone starts where an attribute ``Start Timestamp`` says, else when it ends. Other
    transitions are passed over. Quantities that the log lacks are 1.

    Parameters
    ----------
    zone : str
        IANA time zone of time stamps that name none.

    Returns
    -------
    Log
        With bad events left out and listed in ``errors``; `line` is the number of the event.

    Raises
    ------
    EventLogUnreadable
        If the file is too big, no XML, no XES, or defines entities.
    zoneinfo.ZoneInfoNotFoundError
        If there is no such zone.
    OSError
        If there is no such file.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise EventLogUnreadable(
            "too_big", f"The log is bigger than {MAX_FILE_BYTES // 1_000_000} MB: split it by time."
        )
    local = zoneinfo.ZoneInfo(zone)
    rows: list[LogRow] = []
    errors: list[LineError] = []
    trace = _Trace()
    number = 0
    for event in _events(path):
        if isinstance(event, _Trace):
            _unended(trace, errors)
            trace = event
            continue
        number += 1
        if number > MAX_EVENTS:
            raise EventLogUnreadable(
                "too_big", f"The log has more than {MAX_EVENTS:,} events: split it by time."
            )
        try:
            row = _row(number, event, trace, local)
        except _BadEvent as bad:
            errors.append(LineError(number, bad.key, bad.value[:100], bad.code, bad.expected))
            continue
        if row is not None:
            rows.append(row)
    _unended(trace, errors)
    return Log(tuple(rows), zone, zero_spans=sum(one.end == one.start for one in rows), errors=tuple(errors))


def _events(path: Path) -> Iterator[dict[str, str] | _Trace]:
    """Each trace before its events, and the attributes of each event; what was read is forgotten."""
    open_tags: list[Any] = []
    trace, count = _Trace(), 0
    try:
        for what, element in iterparse(
            str(path), events=("start", "end"), forbid_dtd=True, forbid_entities=True, forbid_external=True
        ):
            tag = element.tag.rpartition("}")[2]
            if what == "start":
                if not open_tags and tag != "log":
                    raise EventLogUnreadable(
                        "not_xes", "The file is no XES log: it does not begin with <log>."
                    )
                open_tags.append(element)
                if tag == "trace":
                    trace, count = _Trace(), 0
                    yield trace
                continue
            open_tags.pop()
            parent = open_tags[-1].tag.rpartition("}")[2] if open_tags else ""
            if tag == "event" and parent == "trace":
                count += 1
                if count > MAX_TRACE_EVENTS:
                    raise EventLogUnreadable("too_big", "One trace holds too many events: split the log.")
                yield _attributes(element)
            elif tag in VALUES and parent == "trace":
                trace.attributes |= _attributes([element])
            if open_tags and not (tag in VALUES and parent == "event"):
                open_tags[-1].remove(element)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise EventLogUnreadable(
            "not_xml", f"The log is no XML that can be read: {str(error)[:120]}."
        ) from error


def _attributes(elements: Any) -> dict[str, str]:
    """Attributes by key, as text, keys folded."""
    return {
        _folded(one.get("key", "")): " ".join(one.get("value", "").split())[:MAX_TEXT]
        for one in elements
        if one.tag.rpartition("}")[2] in VALUES
    }


def _row(number: int, event: Mapping[str, str], trace: _Trace, zone: zoneinfo.ZoneInfo) -> LogRow | None:
    """A row, or None for an event that ends nothing."""
    transition = event.get("lifecycle:transition", "complete").casefold()
    if transition not in {"start", "complete"}:
        return None
    activity = event.get("concept:name", "") or event.get("activity", "")
    resource = event.get("org:resource", "") or event.get("resource", "") or activity
    if not resource:
        raise _BadEvent("org:resource", "", "required", "an event needs a resource or a name")
    moment = _moment("time:timestamp", event, zone)
    key = (activity, resource, event.get("concept:instance", ""))
    if transition == "start":
        trace.started[key].append((moment, number))
        return None
    start = moment
    if trace.started.get(key):
        start = trace.started[key].pop(0)[0]
    elif event.get("start timestamp"):
        start = _moment("start timestamp", event, zone)
    if moment < start:
        raise _BadEvent(
            "time:timestamp", moment.isoformat(), "end_before_start", "it must not end before it starts"
        )
    order = trace.attributes.get("concept:name", "")
    if not order:
        raise _BadEvent("concept:name", "", "required", "a trace needs a name: the number of its order")
    both = trace.attributes | dict(event)
    return LogRow(
        line=number,
        order=order,
        activity=activity,
        resource=resource,
        kind=_kind(event),
        start=start,
        end=moment,
        quantity=max(1, _count(both, "work order qty")),
        part=both.get("part desc.", ""),
        worker=event.get("worker id", ""),
        completed=_count(event, "qty completed"),
        rejected=_count(event, "qty rejected"),
        for_review=_count(event, "qty for mrb"),
        rework=event.get("rework", "").upper() in {"Y", "TRUE"},
    )


def _unended(trace: _Trace, errors: list[LineError]) -> None:
    for (activity, _resource, _instance), waiting in trace.started.items():
        for _start, number in waiting:
            errors.append(
                LineError(number, "lifecycle:transition", activity[:100], "no_end", "it never ends")
            )


def _kind(event: Mapping[str, str]) -> Kind:
    told = event.get("report type", "")
    if told and told.upper() not in KINDS:
        raise _BadEvent("Report Type", told, "kind", "use S (set-up), D (run) or B (breakdown)")
    return KINDS[told.upper()] if told else "run"


def _moment(key: str, event: Mapping[str, str], zone: zoneinfo.ZoneInfo) -> datetime:
    value = event.get(key, "")
    try:
        moment = datetime.fromisoformat(value.replace("/", "-"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _BadEvent(
            key, value, "moment", "write a time stamp such as 2026-03-02T08:00:00+08:00"
        ) from None


def _count(event: Mapping[str, str], key: str) -> int:
    value = event.get(key, "") or "0"
    try:
        count = int(float(value)) if len(value) < 20 else -1
    except (ValueError, OverflowError):
        count = -1
    if not 0 <= count <= MAX_QUANTITY:
        raise _BadEvent(key, value, "count", "write a whole number")
    return count


def _folded(key: str) -> str:
    return " ".join(key.replace("_", " ").split()).casefold()
