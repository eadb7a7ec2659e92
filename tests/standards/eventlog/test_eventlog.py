"""Production log to rows: duplicates, zero spans and bad rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonghe.standards.eventlog import EventLogUnreadable, LogRow, read
from gonghe.standards.eventlog import reader as reader_module

HEADER = (
    "Case ID,Activity,Resource,Start Timestamp,Complete Timestamp,Span,Work Order  Qty,Part Desc.,Worker ID,"
    "Report Type,Qty Completed,Qty Rejected,Qty for MRB,Rework"
)
FIRST = (
    "Case 1,Turning - 4,M4,2012/01/29 23:24:00.000,2012/01/30 05:43:00.000,006:19,10,Cable Head,ID1,S,1,0,0,"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


def saved(path: Path, *lines: str) -> Path:
    path.write_text("\ufeff" + "\n".join((HEADER, *lines)) + "\n", "utf-8")
    return path


def test_a_row_is_typed(path: Path) -> None:
    log = read(saved(path, FIRST))
    assert log.rows == (
        LogRow(
            line=2,
            order="Case 1",
            activity="Turning - 4",
            resource="M4",
            kind="setup",
            start=datetime(2012, 1, 29, 23, 24, tzinfo=UTC),
            end=datetime(2012, 1, 30, 5, 43, tzinfo=UTC),
            quantity=10,
            part="Cable Head",
            worker="ID1",
            completed=1,
        ),
    )
    assert (log.zone, log.duplicates, log.zero_spans, log.unclocked, log.errors) == ("UTC", 0, 0, 0, ())


def test_time_stamps_are_those_of_the_workshop(path: Path) -> None:
    row = read(saved(path, FIRST), "Asia/Shanghai").rows[0]
    assert row.start == datetime(2012, 1, 29, 15, 24, tzinfo=UTC)
    zoned = FIRST.replace("2012/01/29 23:24:00.000", "2012-01-29T23:24:00+09:00")
    assert read(saved(path, zoned), "Asia/Shanghai").rows[0].start == datetime(
        2012, 1, 29, 14, 24, tzinfo=UTC
    )


def test_duplicates_go_and_zero_spans_stay(path: Path) -> None:
    standing = FIRST.replace("2012/01/30 05:43", "2012/01/29 23:24")
    unclocked = FIRST.replace("006:19", "000:00")
    other_worker = FIRST.replace("ID1", "ID2")
    log = read(saved(path, FIRST, standing, FIRST, unclocked, "", FIRST, other_worker, standing))
    assert [row.line for row in log.rows] == [2, 3, 5, 8]
    assert (log.duplicates, log.zero_spans, log.unclocked) == (3, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "column", "value", "code"),
    [
        ("Case 1,", " ,", "Case ID", "", "required"),
        (",M4,", ",,", "Resource", "", "required"),
        ("2012/01/29 23:24:00.000", "", "Start Timestamp", "", "required"),
        ("2012/01/29 23:24:00.000", "29.1.2012", "Start Timestamp", "29.1.2012", "moment"),
        ("2012/01/30 05:43:00.000", "2012/02/30 05:43", "Complete Timestamp", "2012/02/30 05:43", "moment"),
        (
            "2012/01/29 23:24:00.000",
            "0001-01-01T00:00+10:00",
            "Start Timestamp",
            "0001-01-01T00:00+10:00",
            "moment",
        ),
        ("2012/01/30", "2012/01/28", "Complete Timestamp", "2012/01/28 05:43:00.000", "end_before_start"),
        (",S,", ",X,", "Report Type", "X", "kind"),
        (",10,", ",0,", "Work Order Qty", "0", "count"),
        (",10,", ",ten,", "Work Order Qty", "ten", "count"),
        (",10,", ",1e99,", "Work Order Qty", "1e99", "count"),
        (",S,1,0,", ",S,1,-1,", "Qty Rejected", "-1", "count"),
        (",S,", ",S,S,", "", "15 instead of 14", "fields"),
        (",S,1,0,0,", ",S", "", "10 instead of 14", "fields"),
    ],
)
def test_bad_rows_are_left_out_and_named(
    path: Path, old: str, new: str, column: str, value: str, code: str
) -> None:
    log = read(saved(path, FIRST, FIRST.replace(old, new, 1)))
    assert [row.line for row in log.rows] == [2]
    assert [(error.line, error.column, error.value, error.code) for error in log.errors] == [
        (3, column, value, code)
    ]


def test_message_of_a_bad_row(path: Path) -> None:
    log = read(saved(path, FIRST.replace(",S,", ",X,"), FIRST.replace(",M4,", ",,")))
    assert [error.message for error in log.errors] == [
        "line 2, Report Type: found 'X'; use S (set-up), D (run) or B (breakdown)",
        "line 3, Resource: it must not be blank",
    ]


def test_other_columns_orders_and_separators(path: Path) -> None:
    path.write_text(
        "resource;Report Type;CASE ID;Work Order Qty;Complete Timestamp;Start Timestamp;Fields\n"
        "M1;d;7;5.0;2012-01-01 02:00;2012-01-01 01:00;x\n"
    )
    row = read(path).rows[0]
    assert (row.resource, row.kind, row.order, row.quantity, row.activity, row.completed) == (
        "M1",
        "run",
        "7",
        5,
        "",
        0,
    )
    assert (row.end - row.start).total_seconds() == 3600


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "empty", "first line must name the columns"),
        (b"\n\n", "empty", "first line must name the columns"),
        (
            b"Case ID,Resource\n",
            "columns_missing",
            "Start Timestamp, Complete Timestamp, Work Order Qty, Report Type",
        ),
        ("Case ID,\u4e2d".encode("gb18030"), "encoding", "UTF-8"),
        (HEADER.encode() + b'\n"Case 1' + b"x" * 200_000, "not_csv", "no CSV file"),
    ],
    ids=["empty", "blank", "columns", "encoding", "endless quote"],
)
def test_files_that_are_no_log(path: Path, content: bytes, code: str, says: str) -> None:
    path.write_bytes(content)
    with pytest.raises(EventLogUnreadable, match=says) as raised:
        read(path)
    assert raised.value.code == code


def test_too_big(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(reader_module.MAX_FILE_BYTES + 1)
    with pytest.raises(EventLogUnreadable, match="bigger than 200 MB"):
        read(path)
