"""Typed rows of a production log and what was wrong with it.

::

    EventLogError
    └── EventLogUnreadable   no usable CSV at all: one cause; single bad rows are `LineError` in `Log.errors`
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["setup", "run", "breakdown"]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One report of a worker: what was done on which order, where and when.

    Parameters
    ----------
    line : int
        Line of the file on which it ends.
    order, activity, resource, part, worker : str
        Blank where the log says nothing (order and resource never are).
    kind : str
        ``setup`` (S), ``run`` (D) or ``breakdown`` (B).
    start, end : datetime
        Aware, in UTC; the end is never before the start.
    quantity : int
        Pieces of the whole order.
    completed, rejected, for_review : int
        Pieces of this report: good, scrapped, and held for the material review board.
    rework : bool
    """

    line: int
    order: str
    activity: str
    resource: str
    kind: Kind
    start: datetime
    end: datetime
    quantity: int
    part: str = ""
    worker: str = ""
    completed: int = 0
    rejected: int = 0
    for_review: int = 0
    rework: bool = False


@dataclass(frozen=True, slots=True)
class LineError:
    """A row that was left out: line, column header, value (cut to 100 characters), code and what is right."""

    line: int
    column: str
    value: str
    code: str
    expected: str

    @property
    def message(self) -> str:
        """The whole error as one plain English sentence."""
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return (
            f"{place}: found '{self.value}'; {self.expected}" if self.value else f"{place}: {self.expected}"
        )


@dataclass(frozen=True, slots=True)
class Log:
    """A whole log.

    Parameters
    ----------
    rows : tuple of LogRow
        In the order of the file.
    zone : str
        IANA time zone of the workshop, in which the file's time stamps were read.
    duplicates : int
        Surplus rows equal to an earlier one in every column; dropped.
    zero_spans : int
        Rows that start and end in the same moment; kept.
    unclocked : int
        Rows whose own span column says 0:00 although the time stamps lie apart; kept, the time stamps count.
    errors : tuple of LineError
        Rows that were left out, with why.
    """

    rows: tuple[LogRow, ...]
    zone: str
    duplicates: int = 0
    zero_spans: int = 0
    unclocked: int = 0
    errors: tuple[LineError, ...] = ()


class EventLogError(Exception):
    """Root of the errors of this format."""


class EventLogUnreadable(EventLogError):
    """The file as a whole cannot be used.

    Attributes
    ----------
    code : str
        ``too_big``, ``encoding``, ``empty``, ``not_csv`` or ``columns_missing``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
