"""The member spreadsheet: sites, equipment, capabilities, calendars, rates, certificates; one .xlsx file."""

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
    CertificateRow,
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
    "CertificateRow",
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
