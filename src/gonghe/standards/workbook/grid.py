"""Opening an untrusted .xlsx file and walking over its cells, within fixed limits."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from gonghe.standards.workbook.errors import WorkbookUnreadable

MAX_FILE_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 60_000_000
MAX_ENTRIES = 1_000
MAX_ROWS = 20_000
MAX_COLUMNS = 100
LAST_SHEET_ROW = 1_048_576  # of the format itself: a row number beyond it is a forgery

COMMENT = "#"
"""A row whose first cell begins with this sign is a note or an example."""


class SheetTooBig(Exception):
    """Something stands beyond `MAX_ROWS` or `MAX_COLUMNS`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with content: its value and whether that is a formula or an error value of Excel's."""

    value: object
    is_formula: bool
    is_error: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row with content: 1-based number and cells by 0-based column."""

    number: int
    cells: dict[int, Cell]


def open_book(path: Path) -> Any:
    """Open a spreadsheet for reading.

    Raises
    ------
    WorkbookUnreadable
        If the file is too big, unpacks too big, is no .xlsx file, or is damaged.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise WorkbookUnreadable("too_big", f"The file is bigger than {MAX_FILE_BYTES // 1_000_000} MB.")
    content = path.read_bytes()
    _check_archive(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which do not matter here
            return openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=False, keep_links=False
            )
    except Exception as error:  # openpyxl documents no exceptions and raises whatever a forged file provokes
        raise _damaged() from error


def rows_of(sheet: Any) -> Iterator[Row]:
    """Walk over the rows with content, header and comments included.

    Raises
    ------
    SheetTooBig
        At the first row with content beyond the limits.
    WorkbookUnreadable
        If the sheet cannot be parsed.
    """
    sheet.reset_dimensions()  # they come from the file and may be forged
    rows = iter(sheet.iter_rows())
    number = 0
    while True:
        try:
            found = next(rows, None)
        except Exception as error:  # see open_book
            raise _damaged() from error
        if found is None:
            return
        number += 1
        cells = {index: _cell(cell) for index, cell in enumerate(found) if not _is_blank(cell.value)}
        if number > LAST_SHEET_ROW or (cells and (number > MAX_ROWS or max(cells) >= MAX_COLUMNS)):
            raise SheetTooBig
        if cells:
            yield Row(number, cells)


def _check_archive(content: bytes) -> None:
    """Refuse archive bombs: zipfile never unpacks more than the sizes that are summed here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise WorkbookUnreadable(
            "not_xlsx",
            "This is not an .xlsx spreadsheet. Save it in Excel or LibreOffice as .xlsx and try again.",
        ) from error
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise WorkbookUnreadable(
            "unpacks_too_big",
            f"The file unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB. "
            "Copy the rows into a new template.",
        )
    if "xl/workbook.xml" not in archive.namelist():
        raise WorkbookUnreadable(
            "not_xlsx", "This archive holds no .xlsx spreadsheet. Save it in Excel or LibreOffice as .xlsx."
        )


def _cell(cell: Any) -> Cell:
    is_text = isinstance(cell.value, str)
    return Cell(cell.value, cell.data_type == "f", is_text and cell.data_type == "e")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _damaged() -> WorkbookUnreadable:
    return WorkbookUnreadable(
        "damaged", "The spreadsheet is damaged. Open it in Excel or LibreOffice and save it anew."
    )
