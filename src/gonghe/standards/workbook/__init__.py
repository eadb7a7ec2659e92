"""The member spreadsheet: sites, equipment, capabilities, calendars and rates in one .xlsx file."""

from gonghe.standards.workbook.cells import WrongCell
from gonghe.standards.workbook.errors import (
    CellError,
    WorkbookError,
    WorkbookInvalid,
    WorkbookUnreadable,
    WorkbookUnwritable,
)
from gonghe.standards.workbook.reader import read
from gonghe.standards.workbook.rows import (
    CalendarRow,
    CapabilityRow,
    EquipmentRow,
    RateRow,
    SiteRow,
    Vocabulary,
    Workbook,
)
from gonghe.standards.workbook.writer import write, write_template

__all__ = [
    "CalendarRow",
    "CapabilityRow",
    "CellError",
    "EquipmentRow",
    "RateRow",
    "SiteRow",
    "Vocabulary",
    "Workbook",
    "WorkbookError",
    "WorkbookInvalid",
    "WorkbookUnreadable",
    "WorkbookUnwritable",
    "WrongCell",
    "read",
    "write",
    "write_template",
]
