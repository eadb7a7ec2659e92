"""What must hold between the rows of a member spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from gonghe.standards.workbook.cells import WrongCell
from gonghe.standards.workbook.records import Record, Report, Table
from gonghe.standards.workbook.rows import Bounds

MINUTES_A_DAY = 24 * 60
MINUTES_A_WEEK = 7 * MINUTES_A_DAY


def check(tables: Mapping[str, Table], report: Report) -> None:
    """Report doubles, references to rows that do not exist, and rows that contradict themselves or others."""
    sites, equipment, capabilities, calendars, rates = (
        tables[key] for key in ("sites", "equipment", "capabilities", "calendars", "rates")
    )
    for table, key in ((sites, "code"), (equipment, "code"), (rates, "equipment")):
        _unique(table, key, report)
    for table, key, target, target_key in (
        (equipment, "site", sites, "code"),
        (equipment, "calendar", calendars, "calendar"),
        (capabilities, "equipment", equipment, "code"),
        (rates, "equipment", equipment, "code"),
    ):
        _refers(table, key, target, target_key, report)
    _unique(tables["certificates"], "number", report, within="kind")
    _planned(equipment, report)
    _capabilities(capabilities, report)
    _calendars(calendars, report)


def constraints_of(values: Mapping[str, Any]) -> dict[str, Bounds]:
    """Join the limit columns (keys ``property.bound``) and the free limits of a capability row.

    Raises
    ------
    WrongCell
        If a limit is given twice, a lower limit is above the upper one, or numbers and words are mixed.
    """
    joined: dict[str, dict[str, float | tuple[str, ...]]] = {
        code: dict(bounds) for code, bounds in (values.get("other") or {}).items()
    }
    for key, limit in values.items():
        code, dot, bound = key.partition(".")
        if dot and limit is not None and limit != ():
            if bound in joined.setdefault(code, {}):
                raise WrongCell("limit_twice", f"give each limit of {code} once", name=code)
            joined[code][bound] = limit
    for code, bounds in joined.items():
        low, high = bounds.get("min"), bounds.get("max")
        if "set" in bounds and len(bounds) > 1:
            raise WrongCell("limit_mixed", f"give {code} either numbers or words", name=code)
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            raise WrongCell(
                "limit_order", f"give {code} a lower limit that is not above the upper one", name=code
            )
    return {code: joined[code] for code in sorted(joined)}


def _unique(table: Table, key: str, report: Report, within: str | None = None) -> None:
    """Report values of a column that stand there twice; with `within`, twice for one value of that column."""
    first: dict[object, int] = {}
    for record in table.records:
        if key not in record.values:
            continue
        code = (record.values.get(within), record.values[key]) if within else record.values[key]
        if code in first:
            expected = f"use each only once: it stands in row {first[code]} already"
            report.record(table, record, key, WrongCell("double", expected, row=str(first[code])))
        first.setdefault(code, record.number)


def _refers(table: Table, key: str, target: Table, target_key: str, report: Report) -> None:
    if not target.complete:
        return  # what is missing there is reported there
    known = target.all(target_key)
    for record in table.records:
        if record.values.get(key) and record.values[key] not in known:
            expected = f"use a code from the sheet {target.title}, or add it there"
            report.record(table, record, key, WrongCell("unknown_reference", expected, sheet=target.title))


def _planned(table: Table, report: Report) -> None:
    """Only what is not in the joint plan may be without a calendar."""
    for record in table.records:
        if record.values.get("calendar") == "" and record.values.get("released") is not False:
            report.record(table, record, "calendar", WrongCell("required", "fill in this cell"))


def _capabilities(table: Table, report: Report) -> None:
    seen: dict[str, int] = {}
    for record in table.records:
        try:
            limits = constraints_of(record.values)
        except WrongCell as wrong:
            key = next((key for key in record.values if key.startswith(f"{wrong.params['name']}.")), "other")
            report.record(table, record, key, wrong)
            continue
        values = record.values
        row = repr((values.get("equipment"), values.get("process"), values.get("covers_children"), limits))
        if row in seen:
            expected = f"delete this row: it says the same as row {seen[row]}"
            report.record(table, record, "equipment", WrongCell("double", expected, row=str(seen[row])))
        seen.setdefault(row, record.number)


def _calendars(table: Table, report: Report) -> None:
    days_off: dict[tuple[Any, Any], int] = {}
    shifts: dict[str, list[tuple[int, int, int]]] = {}
    for record in table.records:
        values = record.values
        if not values.keys() >= {"calendar", "weekday", "start", "end", "holiday"}:
            continue  # a wrong cell is reported already
        if not _one_sort(table, record, report):
            continue
        if values["holiday"] is not None:
            key = (values["calendar"], values["holiday"])
            if key in days_off:
                expected = f"give each day off once: it stands in row {days_off[key]} already"
                report.record(table, record, "holiday", WrongCell("double", expected, row=str(days_off[key])))
            days_off.setdefault(key, record.number)
        else:
            _no_overlap(table, record, shifts.setdefault(values["calendar"], []), report)


def _one_sort(table: Table, record: Record, report: Report) -> bool:
    """A row is a whole shift or a day off."""
    shift = {key: record.values[key] is not None for key in ("weekday", "start", "end")}
    if record.values["holiday"] is not None:
        if any(shift.values()):
            wrong = WrongCell("shift_or_holiday", "put the shift and the day off into rows of their own")
            report.record(table, record, "holiday", wrong)
        return not any(shift.values())
    if not any(shift.values()):
        wrong = WrongCell("shift_or_holiday", "fill in weekday, from and to, or a day off")
        report.record(table, record, "weekday", wrong)
    else:
        for key in (key for key, given in shift.items() if not given):
            report.record(table, record, key, WrongCell("required", "fill in this cell: a shift needs it"))
    return all(shift.values())


def _no_overlap(table: Table, record: Record, taken: list[tuple[int, int, int]], report: Report) -> None:
    for weekday in record.values["weekday"]:
        for start, end in _minutes(weekday, record.values["start"], record.values["end"]):
            clash = next((row for low, high, row in taken if start < high and low < end), None)
            if clash is not None:
                expected = f"shorten this shift or the one in row {clash}: they overlap"
                report.record(table, record, "start", WrongCell("overlap", expected, row=str(clash)))
                return
            taken.append((start, end, record.number))


def _minutes(weekday: int, start: time, end: time) -> list[tuple[int, int]]:
    """Return a shift as minutes of the week, in two pieces where it runs over Sunday midnight."""
    low = weekday * MINUTES_A_DAY + start.hour * 60 + start.minute
    high = weekday * MINUTES_A_DAY + end.hour * 60 + end.minute
    if high <= low:
        high += MINUTES_A_DAY
    if high <= MINUTES_A_WEEK:
        return [(low, high)]
    return [(low, MINUTES_A_WEEK), (0, high - MINUTES_A_WEEK)]
