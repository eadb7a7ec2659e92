"""Production log (CSV) to typed rows."""

from __future__ import annotations

import csv
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from gonghe.standards.eventlog.rows import EventLogUnreadable, Kind, LineError, Log, LogRow

MAX_FILE_BYTES = 200_000_000
MAX_SHOWN = 100
MAX_QUANTITY = 10**9

REQUIRED = (
    "Case ID",
    "Resource",
    "Start Timestamp",
    "Complete Timestamp",
    "Work Order Qty",
    "Report Type",
)
KINDS: Mapping[str, Kind] = {"S": "setup", "D": "run", "B": "breakdown"}

_COUNT = re.compile(r"\d+(\.0+)?")
_NO_TIME = re.compile(r"0+:00(:00)?")


class _BadRow(Exception):
    def __init__(self, column: str, value: str, code: str, expected: str) -> None:
        super().__init__(expected)
        self.column, self.value, self.code, self.expected = column, value, code, expected


class _Line(dict[str, str]):
    """One row by folded header; cells are stripped, a header that the file lacks reads as blank."""

    uneven = ""

    def __missing__(self, column: str) -> str:
        return ""


def read(path: Path, zone: str = "UTC") -> Log:
    """Read a production log.

    Columns in any order: ``Case ID``, ``Resource``, ``Start Timestamp``, ``Complete Timestamp``,
    ``Work Order Qty`` and ``Report Type`` (S set-up, D run, B breakdown); if present also ``Activity``,
    ``Part Desc.``, ``Worker ID``, ``Qty Completed``, ``Qty Rejected``, ``Qty for MRB``, ``Rework`` and
    ``Span``. Others are ignored.

    Parameters
    ----------
    path : Path
        UTF-8, separated by commas or semicolons.
    zone : str
        IANA time zone of the time stamps that name none.

    Returns
    -------
    Log
        With bad rows left out and listed in ``errors``.

    Raises
    ------
    EventLogUnreadable
        If the file is too big, not UTF-8, empty, no CSV, or lacks a required column.
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
    seen: set[tuple[str, ...]] = set()
    duplicates = unclocked = 0
    for number, fields, line in _lines(path):
        if fields in seen:
            duplicates += 1
            continue
        seen.add(fields)
        try:
            row = _row(number, line, local)
        except _BadRow as bad:
            errors.append(LineError(number, bad.column, bad.value[:MAX_SHOWN], bad.code, bad.expected))
            continue
        rows.append(row)
        unclocked += row.end > row.start and _NO_TIME.fullmatch(line["span"]) is not None
    zero_spans = sum(row.end == row.start for row in rows)
    return Log(tuple(rows), zone, duplicates, zero_spans, unclocked, tuple(errors))


def _lines(path: Path) -> Iterator[tuple[int, tuple[str, ...], _Line]]:
    """Yield line number, raw fields and fields by header of every row that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = csv.reader(
                file, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True
            )
            header = _header(next(rows, []))
            for fields in rows:
                if any(field.strip() for field in fields):
                    cells = [field.strip() for field in fields]
                    line = _Line(zip(header, cells, strict=False))
                    if len(cells) != len(header):
                        line.uneven = f"{len(cells)} instead of {len(header)}"
                    yield rows.line_num, tuple(cells), line
    except UnicodeDecodeError as error:
        raise EventLogUnreadable("encoding", "The log is not in UTF-8: export it as 'CSV UTF-8'.") from error
    except csv.Error as error:
        raise EventLogUnreadable("not_csv", f"The log is no CSV file ({error}).") from error


def _header(fields: list[str]) -> list[str]:
    header = [_folded(field) for field in fields]
    if not any(header):
        raise EventLogUnreadable("empty", "The log is empty: its first line must name the columns.")
    missing = [column for column in REQUIRED if _folded(column) not in header]
    if missing:
        raise EventLogUnreadable("columns_missing", f"The log lacks the columns {', '.join(missing)}.")
    return header


def _row(number: int, line: _Line, zone: zoneinfo.ZoneInfo) -> LogRow:
    if line.uneven:
        raise _BadRow("", line.uneven, "fields", "a row must have as many fields as the header")
    start = _moment(line, "Start Timestamp", zone)
    end = _moment(line, "Complete Timestamp", zone)
    if end < start:
        raise _BadRow(
            "Complete Timestamp",
            line["complete timestamp"],
            "end_before_start",
            "it must not end before it starts",
        )
    kind = KINDS.get(line["report type"].upper())
    if kind is None:
        raise _BadRow("Report Type", line["report type"], "kind", "use S (set-up), D (run) or B (breakdown)")
    return LogRow(
        line=number,
        order=_filled(line, "Case ID"),
        activity=line["activity"],
        resource=_filled(line, "Resource"),
        kind=kind,
        start=start,
        end=end,
        quantity=_count(line, "Work Order Qty", low=1),
        part=line["part desc."],
        worker=line["worker id"],
        completed=_count(line, "Qty Completed"),
        rejected=_count(line, "Qty Rejected"),
        for_review=_count(line, "Qty for MRB"),
        rework=line["rework"].upper() == "Y",
    )


def _filled(line: _Line, column: str) -> str:
    value = line[_folded(column)]
    if not value:
        raise _BadRow(column, "", "required", "it must not be blank")
    return " ".join(value.split())


def _moment(line: _Line, column: str, zone: zoneinfo.ZoneInfo) -> datetime:
    value = _filled(line, column)
    try:
        moment = datetime.fromisoformat(value.replace("/", "-"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _BadRow(column, value, "moment", "write a time stamp such as 2012/01/29 23:24:00") from None


def _count(line: _Line, column: str, low: int = 0) -> int:
    value = line[_folded(column)]
    if not value and low == 0:
        return 0
    count = int(value.partition(".")[0]) if _COUNT.fullmatch(value) and len(value) < 20 else -1
    if not low <= count <= MAX_QUANTITY:
        raise _BadRow(column, value, "count", f"write a whole number from {low}")
    return count


def _folded(column: str) -> str:
    return " ".join(column.split()).casefold()
