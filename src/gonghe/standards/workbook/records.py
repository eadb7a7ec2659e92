"""Rows while they are being read: values by column key, with their place, before they become typed rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter

from gonghe.standards.workbook.cells import WrongCell
from gonghe.standards.workbook.errors import CellError

MAX_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Field:
    """Where a column stands in the file (0-based) and what its header is there."""

    index: int
    name: str


@dataclass(slots=True)
class Record:
    """One row: its number and what could be read of it; a wrong cell leaves its key out."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Table:
    """One sheet: `complete` is False if rows may be missing, so that references to it cannot be judged."""

    title: str
    complete: bool = True
    headers: dict[str, Field] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)

    def all(self, key: str) -> set[Any]:
        """Return every value of a column that could be read."""
        return {record.values[key] for record in self.records if key in record.values}


@dataclass(slots=True)
class Report:
    """Collects the errors of all sheets."""

    errors: list[CellError] = field(default_factory=list)

    def cell(self, table: Table, row: int, place: Field, value: object, wrong: WrongCell) -> None:
        """Report one cell."""
        shown = "" if value is None else str(value)[:MAX_SHOWN]
        letter = get_column_letter(place.index + 1)
        self.errors.append(
            CellError(table.title, row, letter, place.name, shown, wrong.code, wrong.expected, wrong.params)
        )

    def record(self, table: Table, record: Record, key: str, wrong: WrongCell, shown: str = "") -> None:
        """Report a value that was read, but does not fit the rest; the whole row if its column is absent."""
        if key in table.headers:
            self.cell(table, record.number, table.headers[key], shown or record.values.get(key), wrong)
        else:
            self.sheet(table.title, record.number, wrong)

    def sheet(self, title: str, row: int, wrong: WrongCell) -> None:
        """Report a row or sheet as a whole (row 0)."""
        self.errors.append(CellError(title, row, "", "", "", wrong.code, wrong.expected, wrong.params))
