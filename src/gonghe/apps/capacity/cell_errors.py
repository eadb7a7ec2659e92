"""Wrong cells of a member spreadsheet in the reader's language: where, what is there, what would be right."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gonghe.standards.workbook import CellError, EquipmentRow, Workbook, WorkbookUnreadable

HINTS = {
    "required": gettext_lazy("Fill in this cell."),
    "text": gettext_lazy("Write text."),
    "too_long": gettext_lazy("Use at most %(limit)s characters."),
    "code": gettext_lazy("Use a short code of at most %(limit)s characters."),
    "number": gettext_lazy("Write a plain number such as 1500 or 0.8, without unit or thousands separator."),
    "whole_number": gettext_lazy("Write a whole number."),
    "range": gettext_lazy("Write a number from %(low)s to %(high)s."),
    "two_decimals": gettext_lazy("Write an amount with at most two decimals."),
    "currency": gettext_lazy("Write a currency of three letters, such as CNY or EUR."),
    "yes_no": gettext_lazy("Write yes or no."),
    "zone": gettext_lazy("Write a time zone such as Asia/Shanghai or Europe/Berlin."),
    "clock": gettext_lazy("Write a time of day such as 08:00."),
    "date": gettext_lazy("Write a date such as 2026-10-01."),
    "weekday": gettext_lazy("Write a weekday such as Mon or 周一, or a span such as Mon-Fri."),
    "unknown_process": gettext_lazy("Use a process of the sheet Processes. Similar: %(alike)s."),
    "unknown_material": gettext_lazy("Use a known material. Similar: %(alike)s."),
    "unknown_property": gettext_lazy("%(name)s is no known property. Similar: %(alike)s."),
    "unknown_reference": gettext_lazy("Use a code of the sheet %(sheet)s, or add it there."),
    "limits": gettext_lazy("Write limits such as: width_mm <= 1600; surface = matt | gloss."),
    "limit_twice": gettext_lazy("Give each limit of %(name)s once."),
    "limit_mixed": gettext_lazy("Limit %(name)s either by numbers or by words."),
    "limit_order": gettext_lazy("Give %(name)s a lower limit that is not above the upper one."),
    "limit_sort": gettext_lazy("Limit %(name)s by %(sign)s."),
    "double": gettext_lazy("Use each only once: it stands in row %(row)s already."),
    "overlap": gettext_lazy("Shorten this shift or the one in row %(row)s: they overlap."),
    "shift_or_holiday": gettext_lazy("Fill in weekday, from and to, or a day off alone in a row of its own."),
    "formula": gettext_lazy("Write the value itself: formulas are not read."),
    "error_value": gettext_lazy("Write a value: the cell shows an error of the spreadsheet program."),
    "column_unknown": gettext_lazy("Use a header of the template, or delete the column."),
    "column_twice": gettext_lazy("Keep this column once."),
    "column_missing": gettext_lazy("Add the column %(name)s."),
    "one_number": gettext_lazy("Write one number, such as 1500, 1.5 m or 180 an hour."),
    "size": gettext_lazy("Write the sides with an x between them, such as 1000 x 500 x 500."),
    "unknown_site": gettext_lazy("Write the code or name of one of your sites: %(alike)s."),
    "no_header": gettext_lazy("Give the column a header of the template, or clear the cell."),
    "header_missing": gettext_lazy("Begin with the header row of the template."),
    "sheet_missing": gettext_lazy("Add this sheet from the template."),
    "sheet_too_big": gettext_lazy("Clear what stands far below or far right of your rows."),
}
UNREADABLE = {
    "not_xlsx": gettext_lazy("This is not an .xlsx spreadsheet. Save it as .xlsx and try again."),
    "too_big": gettext_lazy("The file is too big. Copy the rows into a new template."),
    "unpacks_too_big": gettext_lazy("The file unpacks to too much. Copy the rows into a new template."),
    "damaged": gettext_lazy(
        "The spreadsheet is damaged. Open it in your spreadsheet program and save it anew."
    ),
}


def shown(error: CellError) -> dict[str, str]:
    """One wrong cell: `where` (sheet, row, column), `message` (what is there), `hint` (what is right)."""
    hint = HINTS.get(error.message_code)
    filled = {name: value or "–" for name, value in error.params.items()}
    return {
        "sheet": error.sheet,
        "row": str(error.row or ""),
        "column": error.column,
        "where": _place(error),
        "message": _("“%s” does not fit.") % error.value if error.value else _("Something is missing."),
        "hint": str(hint) % filled if hint else error.expected,
    }


def unreadable(error: WorkbookUnreadable) -> str:
    """Why a file as a whole cannot be used, and what to do."""
    return str(UNREADABLE.get(error.code, error))


def codes_of(row: EquipmentRow) -> list[str]:
    """Codes of the equal machines that one row stands for."""
    if row.count == 1:
        return [row.code]
    return [f"{row.code}-{number}" for number in range(1, row.count + 1)]


def beyond_sheets(book: Workbook) -> list[dict[str, str]]:
    """What is wrong though every cell reads well: numbered machines that take the code of another row."""
    codes = Counter(code for row in book.equipment for code in codes_of(row))
    return [
        {
            "sheet": _("Equipment"),
            "row": "",
            "column": "",
            "where": _("Equipment, code %s") % code,
            "message": _(
                "A row with a count gives its machines numbers, and so another machine has this code too."
            ),
            "hint": _("Choose another code for one of the two rows."),
        }
        for code, times in codes.items()
        if times > 1
    ]


def _place(error: CellError) -> str:
    parts = [error.sheet] if error.sheet else []
    if error.row:
        parts.append(_("row %d") % error.row)
    if error.column:
        parts.append(
            _("column %(letter)s (%(name)s)") % {"letter": error.column, "name": error.name}
            if error.name
            else _("column %s") % error.column
        )
    return ", ".join(parts)
