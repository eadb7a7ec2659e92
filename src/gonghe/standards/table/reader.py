"""Read a table from bytes: find out encoding, separator and header row, refuse what is no table."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

MAX_BYTES = 2_000_000
MAX_ROWS = 2_000
MAX_COLUMNS = 80
MAX_CELL = 500
HEADER_AMONG = 10  # rows of titles that may stand above the header
SEPARATORS = (",", ";", "\t", "|", "，")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class TableError(ValueError):
    """The bytes are no table that can be used; `code` names why: see the messages in :func:`read`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its number in the file (1 is the first) and a text for each column of the header."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read.

    Parameters
    ----------
    header : tuple of str
        Names of the columns as they stand in the file; a column without a name has "".
    rows : tuple of TableRow
        Rows with anything in them, in order; short rows are filled up with "".
    encoding, separator : str
        How the file was written.
    """

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    encoding: str
    separator: str


def read(content: bytes) -> Table:
    """Read a table; the header is the fullest of the first ten rows.

    Parameters
    ----------
    content : bytes
        A text file in UTF-8, UTF-16 with its mark, or GB18030 (so GBK and GB 2312 too).

    Raises
    ------
    TableError
        code "too_big", "encoding", "empty", "no_rows", "one_column", "too_many_rows", "too_many_columns",
        "long_cell" or "quotes".
    """
    if len(content) > MAX_BYTES:
        raise TableError("too_big", f"the file has more than {MAX_BYTES:,} bytes")
    text, encoding = _decoded(content)
    if not text.strip():
        raise TableError("empty", "the file is empty")
    separator = _separator(text)
    grid = _grid(text, separator)
    start = _header_row(grid)
    header = [cell.strip() for cell in grid[start]]
    while header and not header[-1]:
        header.pop()
    _check_columns(len(header))
    rows = tuple(
        TableRow(number, _filled(cells, len(header)))
        for number, cells in enumerate(grid[start + 1 :], start=start + 2)
        if any(cell.strip() for cell in cells)
    )
    _check_rows(rows)
    return Table(tuple(header), rows, encoding, separator)


def _decoded(content: bytes) -> tuple[str, str]:
    named = next((encoding for mark, encoding in MARKS if content.startswith(mark)), None)
    for encoding in (named,) if named else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise TableError("encoding", "the file is no text in UTF-8, UTF-16 or GB18030")


def _separator(text: str) -> str:
    """The sign that cuts the first lines into the most columns, the same number in most lines."""
    lines = [line for line in text.splitlines() if line.strip()][:20]

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        usual = max(counts, key=counts.count) or max(counts)
        return (sum(count == usual for count in counts) if usual else 0, usual)

    return max(SEPARATORS, key=evenness)


def _grid(text: str, separator: str) -> list[list[str]]:
    try:
        grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise TableError(
            "quotes", f"a quotation mark is not closed or stands inside a cell: {error}"
        ) from error
    if not grid:
        raise TableError("empty", "the file is empty")
    return grid


def _header_row(grid: list[list[str]]) -> int:
    filled = [sum(bool(cell.strip()) for cell in row) for row in grid[:HEADER_AMONG]]
    return filled.index(max(filled))


def _filled(cells: list[str], width: int) -> tuple[str, ...]:
    kept = [" ".join(cell.split()) for cell in cells[:width]]
    if any(len(cell) > MAX_CELL for cell in kept):
        raise TableError("long_cell", f"a cell has more than {MAX_CELL} characters")
    return tuple(kept + [""] * (width - len(kept)))


def _check_columns(count: int) -> None:
    if count < 2:
        raise TableError("one_column", "there is only one column: the separator is not known")
    if count > MAX_COLUMNS:
        raise TableError("too_many_columns", f"there are more than {MAX_COLUMNS} columns")


def _check_rows(rows: tuple[TableRow, ...]) -> None:
    if not rows:
        raise TableError("no_rows", "there is a header and no row below it")
    if len(rows) > MAX_ROWS:
        raise TableError("too_many_rows", f"there are more than {MAX_ROWS:,} rows")
