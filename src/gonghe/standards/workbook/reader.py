"""Member spreadsheet to typed rows, with every wrong cell reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gonghe.standards.workbook import grid, layout, parts
from gonghe.standards.workbook.cells import WrongCell
from gonghe.standards.workbook.errors import WorkbookInvalid
from gonghe.standards.workbook.records import Field, Record, Report, Table
from gonghe.standards.workbook.references import check, constraints_of
from gonghe.standards.workbook.rows import (
    CalendarRow,
    CapabilityRow,
    CertificateRow,
    EquipmentRow,
    RateRow,
    SiteRow,
    Vocabulary,
    Workbook,
)

UNKNOWN = WrongCell("column_unknown", "use a header of the template, or delete the column")
TWICE = WrongCell("column_twice", "keep this column once")
NO_HEADER = WrongCell("no_header", "give the column a header of the template, or clear the cell")


def read(path: Path, vocabulary: Vocabulary | None = None) -> Workbook:
    """Read a member spreadsheet in either language.

    Sheets are found by title and columns by header, in any order. Rows that begin with ``#`` are ignored, and
    so are sheets of other titles. A row for ``Mon-Fri`` becomes five rows.

    Parameters
    ----------
    path : Path
    vocabulary : Vocabulary, optional
        Words that process and material cells may hold; without it any word is taken.

    Returns
    -------
    Workbook

    Raises
    ------
    WorkbookUnreadable
        If the file is not a usable .xlsx file.
    WorkbookInvalid
        With all wrong cells: values, missing columns, references to rows that do not exist, doubles.
    OSError
        If there is no such file.
    """
    sheets = layout.sheets(vocabulary or Vocabulary())
    report = Report()
    book = grid.open_book(path)
    found = {sheet.title.strip().casefold(): sheet for sheet in book.worksheets}
    tables = {sheet.key: _table(sheet, found, report) for sheet in sheets}
    check(tables, report)
    if report.errors:
        order = {tables[sheet.key].title: index for index, sheet in enumerate(sheets)}
        raise WorkbookInvalid(
            sorted(
                report.errors,
                key=lambda error: (order[error.sheet], error.row, len(error.column), error.column),
            )
        )
    return _workbook(tables)


def _table(sheet: parts.Sheet, found: dict[str, Any], report: Report) -> Table:
    source = next((found[title.casefold()] for title in sheet.title if title.casefold() in found), None)
    if source is None and sheet.optional:
        return Table(sheet.title[0])
    if source is None:
        expected = f"add the sheet {sheet.title[0]} ({sheet.title[1]}) from the template"
        report.sheet(sheet.title[0], 0, WrongCell("sheet_missing", expected))
        return Table(sheet.title[0], complete=False)
    table = Table(source.title)
    try:
        _fill(table, sheet, grid.rows_of(source), report)
    except grid.SheetTooBig:
        expected = f"keep to {grid.MAX_ROWS} rows and {grid.MAX_COLUMNS} columns and clear what stands beyond"
        report.sheet(table.title, 0, WrongCell("sheet_too_big", expected))
        table.complete = False
    return table


def _fill(table: Table, sheet: parts.Sheet, rows: Iterable[grid.Row], report: Report) -> None:
    rows = iter(rows)
    header = next(rows, None)
    if header is None:
        report.sheet(table.title, 1, WrongCell("header_missing", "begin with the header row of the template"))
        table.complete = False
        return
    columns = _columns(table, sheet, header, report)
    defaults = {column.key: column.default for column in sheet.columns if not column.required}
    for row in rows:
        first = row.cells.get(0)
        if first is None or not str(first.value).lstrip().startswith(grid.COMMENT):
            record = Record(row.number, dict(defaults))
            _read_cells(record, table, columns, row, report)
            table.records.append(record)


def _columns(
    table: Table, sheet: parts.Sheet, header: grid.Row, report: Report
) -> list[tuple[Field, parts.Column]]:
    """Return which column stands where; report headers that are unknown, double or missing."""
    known = {title.casefold(): column for column in sheet.columns for title in column.title}
    columns: list[tuple[Field, parts.Column]] = []
    for index, cell in header.cells.items():
        place = Field(index, " ".join(str(cell.value).split()))
        column = known.get(place.name.casefold())
        if column is None or column.key in table.headers:
            report.cell(table, header.number, place, place.name, TWICE if column else UNKNOWN)
            table.unknown.add(index)
        else:
            table.headers[column.key] = place
            columns.append((place, column))
    for column in sheet.columns:
        if column.required and column.key not in table.headers:
            table.complete = False
            expected = f"add the column {column.title[0]} ({column.title[1]})"
            missing = WrongCell("column_missing", expected, name=column.title[0])
            report.sheet(table.title, header.number, missing)
    return columns


def _read_cells(
    record: Record, table: Table, columns: list[tuple[Field, parts.Column]], row: grid.Row, report: Report
) -> None:
    for place, column in columns:
        cell = row.cells.get(place.index)
        try:
            record.values[column.key] = _value(column, cell)
        except WrongCell as wrong:
            record.values.pop(column.key, None)
            report.cell(table, row.number, place, cell and cell.value, wrong)
    headed = {place.index for place, _ in columns} | table.unknown
    for index in sorted(row.cells.keys() - headed):
        report.cell(table, row.number, Field(index, ""), row.cells[index].value, NO_HEADER)


def _value(column: parts.Column, cell: grid.Cell | None) -> object:
    if cell is None:
        if column.required:
            raise WrongCell("required", "fill in this cell")
        return column.default
    if cell.is_formula:
        raise WrongCell("formula", "write the value itself: formulas are not read")
    if cell.is_error:
        raise WrongCell("error_value", "write a value: the cell shows an error of the spreadsheet program")
    return column.parse(cell.value)


def _workbook(tables: dict[str, Table]) -> Workbook:
    values = {key: [record.values for record in table.records] for key, table in tables.items()}
    return Workbook(
        sites=tuple(SiteRow(**row) for row in values["sites"]),
        equipment=tuple(EquipmentRow(**row) for row in values["equipment"]),
        capabilities=tuple(
            CapabilityRow(row["equipment"], row["process"], row["covers_children"], constraints_of(row))
            for row in values["capabilities"]
        ),
        calendars=tuple(
            CalendarRow(**row | {"weekday": weekday})
            for row in values["calendars"]
            for weekday in row["weekday"] or (None,)
        ),
        rates=tuple(RateRow(**row) for row in values["rates"]),
        certificates=tuple(CertificateRow(**row) for row in values["certificates"]),
    )
