"""What can be wrong with a member spreadsheet.

::

    WorkbookError
    ├── WorkbookUnreadable   not a usable .xlsx file at all: one cause
    ├── WorkbookInvalid      cells are wrong: all of them at once
    └── WorkbookUnwritable   a row that the format cannot hold
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CellError:
    """One wrong cell, row or sheet.

    Parameters
    ----------
    sheet : str
        Title as in the file (English title if the sheet is missing).
    row : int
        1-based; 0 when the whole sheet is meant.
    column : str
        Letter, or ``""`` when no single cell is meant.
    name : str
        Header of the column as in the file, or ``""``.
    value : str
        What stands there, cut to 100 characters.
    message_code : str
        Stable key for translation; `params` fill it.
    expected : str
        Plain English: what would be right.
    """

    sheet: str
    row: int
    column: str
    name: str
    value: str
    message_code: str
    expected: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it is, such as ``Equipment, row 5, column B (site)``."""
        column = f"column {self.column} ({self.name})" if self.name else f"column {self.column}"
        parts = [self.sheet, f"row {self.row}" if self.row else "", column if self.column else ""]
        return ", ".join(part for part in parts if part)

    @property
    def message(self) -> str:
        """The whole error as one plain English sentence."""
        found = f" found '{self.value}';" if self.value else ""
        return f"{self.place}:{found} {self.expected}"


class WorkbookError(Exception):
    """Root of the errors of this format."""


class WorkbookUnreadable(WorkbookError):
    """The file as a whole cannot be used.

    Attributes
    ----------
    code : str
        ``not_xlsx``, ``too_big``, ``unpacks_too_big`` or ``damaged``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class WorkbookInvalid(WorkbookError):
    """Cells are wrong; nothing of the file may be used.

    Attributes
    ----------
    errors : tuple of CellError
        In the order of the sheets, rows and columns; at most `MAX_ERRORS`.
    more : int
        How many further errors were found but are not listed.
    """

    MAX_ERRORS = 1000

    def __init__(self, errors: Sequence[CellError]) -> None:
        self.errors = tuple(errors[: self.MAX_ERRORS])
        self.more = len(errors) - len(self.errors)
        count = "1 cell is" if len(errors) == 1 else f"{len(errors)} cells are"
        super().__init__(f"{count} wrong: " + "; ".join(error.message for error in self.errors[:5]))


class WorkbookUnwritable(WorkbookError):
    """A row cannot be written in this format; the message names it."""
