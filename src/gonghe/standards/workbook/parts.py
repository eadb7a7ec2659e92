"""What a sheet of the member spreadsheet consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from gonghe.standards.workbook import cells

Language = Literal["en", "zh"]
Choice = Literal["yes_no", "weekday", "site", "calendar", "equipment", "process", ""]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where its value goes, how it is read and how it is explained.

    Parameters
    ----------
    key : str
        Name within the row.
    title, note, example : tuple of str
        English and Chinese.
    parse : Parser
    required : bool
    default : object
        Value of a blank cell.
    choice : str
        Which drop-down list the template offers.
    limit : tuple of str, optional
        Property code and bound (``min``, ``max`` or ``set``) for a column of the capability sheet.
    """

    key: str
    title: tuple[str, str]
    note: tuple[str, str]
    example: tuple[str, str]
    parse: cells.Parser
    required: bool = False
    default: Any = None
    choice: Choice = ""
    limit: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title in both languages and its columns; `key` is the field of `Workbook`.

    A file may do without an `optional` one.
    """

    key: str
    title: tuple[str, str]
    columns: tuple[Column, ...]
    optional: bool = False
