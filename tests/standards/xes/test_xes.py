"""XES logs: rows like those of a production log, bad events named, hostile files refused."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonghe.standards import eventlog, xes
from gonghe.standards.eventlog import EventLogUnreadable, LogRow

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">'


def event(name: str, at: str, transition: str = "", **more: str) -> str:
    """An event of the machine M1 on 2 March 2026, in Shanghai."""
    parts = [f'<string key="concept:name" value="{name}"/>', '<string key="org:resource" value="M1"/>']
    parts.append(f'<date key="time:timestamp" value="2026-03-02T{at}:00.000+08:00"/>')
    if transition:
        parts.append(f'<string key="lifecycle:transition" value="{transition}"/>')
    parts += [f'<string key="{key}" value="{value}"/>' for key, value in more.items()]
    return f"<event>{''.join(parts)}</event>"


def log(folder: Path, *traces: str, head: str = HEAD, tail: str = "</log>") -> Path:
    """A log of traces."""
    path = folder / "log.xes"
    path.write_text("\n".join((head, *(f"<trace>{one}</trace>" for one in traces), tail)))
    return path


NAMED = '<string key="concept:name" value="Order 7"/><int key="Work_Order_Qty" value="40"/>'


def at(hour: int) -> datetime:
    """An hour of that day in Shanghai."""
    return datetime(2026, 3, 2, hour - 8, tzinfo=UTC)


def test_start_and_complete_make_a_row(tmp_path: Path) -> None:
    """Pairs by activity and resource; a set-up by its report type; an event alone takes no time."""
    path = log(
        tmp_path,
        NAMED
        + event("Turning", "08:00", "start")
        + event("Turning", "08:30", "suspend")
        + event("Turning", "09:00", "complete", Report_Type="S")
        + event("Turning", "09:00", "start")
        + event("Turning", "12:00", "complete", **{"Qty Completed": "39", "Qty_Rejected": "1"})
        + event("Washing", "13:00"),
    )
    found = xes.read(path)
    assert found.errors == ()
    assert found.rows == (
        LogRow(3, "Order 7", "Turning", "M1", "setup", at(8), at(9), 40),
        LogRow(5, "Order 7", "Turning", "M1", "run", at(9), at(12), 40, completed=39, rejected=1),
        LogRow(6, "Order 7", "Washing", "M1", "run", at(13), at(13), 40),
    )
    assert found.zero_spans == 1


def test_the_same_log_as_csv_gives_the_same_rows(tmp_path: Path) -> None:
    """All but the number of the line."""
    csv = tmp_path / "log.csv"
    csv.write_text(
        "Case ID,Activity,Resource,Start Timestamp,Complete Timestamp,Work Order Qty,Report Type,"
        "Qty Completed\n"
        "Order 7,Turning,M1,2026/03/02 08:00,2026/03/02 09:00,40,D,12\n"
    )
    path = log(
        tmp_path,
        NAMED
        + event("Turning", "09:00", Start_Timestamp="2026/03/02 08:00", Report_Type="D", Qty_Completed="12"),
    )
    (one,), (other,) = (
        eventlog.read(csv, zone="Asia/Shanghai").rows,
        xes.read(path, zone="Asia/Shanghai").rows,
    )
    assert [getattr(one, name) for name in LogRow.__slots__ if name != "line"] == [
        getattr(other, name) for name in LogRow.__slots__ if name != "line"
    ]


def test_bad_events_are_left_out_and_named(tmp_path: Path) -> None:
    """No end, an end before its start, a time that is none, a count that is none, a trace without a name."""
    path = log(
        tmp_path,
        NAMED + event("A", "08:00", "start"),
        NAMED + event("B", "10:00", "start") + event("B", "09:00", "complete"),
        NAMED + event("C", "8 o'clock"),
        NAMED + event("D", "08:00", Qty_Completed="many"),
        event("E", "08:00"),
        NAMED + event("F", "08:00"),
    )
    found = xes.read(path)
    assert [one.activity for one in found.rows] == ["F"]
    assert sorted(one.code for one in found.errors) == [
        "count",
        "end_before_start",
        "moment",
        "no_end",
        "required",
    ]


BOMB = '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n<log>&b;'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<log>&a;'


@pytest.mark.parametrize(
    ("head", "tail", "code"),
    [
        (BOMB, "</log>", "not_xml"),
        (OUTSIDE, "</log>", "not_xml"),
        ('<!DOCTYPE log SYSTEM "http://127.0.0.1:9/x.dtd"><log>', "</log>", "not_xml"),
        ("<log>", "", "not_xml"),
        ("", "", "not_xml"),
        ("<html>", "</html>", "not_xes"),
        ('<?xml version="1.0" encoding="no-such"?><log>', "</log>", "not_xml"),
    ],
)
def test_files_that_are_no_log_are_refused(tmp_path: Path, head: str, tail: str, code: str) -> None:
    """Entities are never followed."""
    with pytest.raises(EventLogUnreadable) as refused:
        xes.read(log(tmp_path, head=head, tail=tail))
    assert refused.value.code == code


def test_a_long_log_is_not_held_in_memory(tmp_path: Path) -> None:
    """Of 20,000 events that say nothing of use hardly anything is kept at once."""
    path = log(tmp_path, *(NAMED + event("A", "08:00", "schedule") * 20 for _turn in range(1_000)))
    tracemalloc.start()
    assert xes.read(path).rows == ()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3_000_000 < path.stat().st_size
