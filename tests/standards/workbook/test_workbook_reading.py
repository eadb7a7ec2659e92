"""Wrong cells come back all at once, each with its place and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gonghe.standards.workbook import (
    CalendarRow,
    CapabilityRow,
    CellError,
    EquipmentRow,
    RateRow,
    SiteRow,
    Vocabulary,
    Workbook,
    WorkbookInvalid,
    read,
    write_template,
)

Sheets = dict[str, list[list[Any]]]

VOCABULARY = Vocabulary(
    processes=(("milling", "milling", "铣削"), ("turning", "turning", "车削")),
    materials=(("steel", "steel", "钢"), ("aluminium", "aluminium", "铝")),
    properties=frozenset({"depth_mm", "mass_kg", "surface"}),
    worded=frozenset({"surface"}),
)


def good() -> Sheets:
    """Sheets that read without an error."""
    return {
        "Sites": [
            ["code", "name", "address", "latitude", "longitude", "time zone"],
            ["W1", "Main", None, 31.5, 120.25, "Asia/Shanghai"],
        ],
        "Equipment": [
            ["code", "site", "name", "count", "calendar", "operator needed"],
            [7, "W1", "Mill", None, "day", None],
        ],
        "Capabilities": [
            ["equipment", "process", "max X mm", "min batch", "max batch", "materials", "other limits"],
            ["7", "铣削", "500", 1.0, 20, "steel; 铝", "depth_mm <= 20.5"],
        ],
        "Calendars": [
            ["code", "weekday", "from", "to", "holiday"],
            ["day", "Mon-Fri", time(8), "17:30", None],
            ["day", "周六", datetime(2000, 1, 1, 8), timedelta(hours=24), None],  # noqa: DTZ001 - cells have no zone
            ["day", None, None, None, datetime(2026, 10, 1)],  # noqa: DTZ001
            ["day", None, None, None, "2026/10/02"],
        ],
        "Rates": [
            ["equipment", "per hour", "per set-up", "currency", "published"],
            ["7", 180.5, None, "cny", True],
        ],
    }


def saved(path: Path, sheets: Mapping[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def errors_of(tmp_path: Path) -> Callable[[Sheets], tuple[CellError, ...]]:
    def errors(sheets: Sheets) -> tuple[CellError, ...]:
        with pytest.raises(WorkbookInvalid) as raised:
            read(saved(tmp_path / "firm.xlsx", sheets), VOCABULARY)
        return raised.value.errors

    return errors


def test_good_rows_are_typed(tmp_path: Path) -> None:
    week = tuple(CalendarRow("day", weekday, time(8), time(17, 30)) for weekday in range(5))
    assert read(saved(tmp_path / "firm.xlsx", good()), VOCABULARY) == Workbook(
        sites=(SiteRow("W1", "Main", "", 31.5, 120.25, "Asia/Shanghai"),),
        equipment=(EquipmentRow("7", "W1", "Mill", 1, "day", True),),
        capabilities=(
            CapabilityRow(
                "7",
                "milling",
                False,
                {
                    "batch_pieces": {"min": 1, "max": 20},
                    "depth_mm": {"max": 20.5},
                    "envelope_x_mm": {"max": 500},
                    "material_group": {"set": ("aluminium", "steel")},
                },
            ),
        ),
        calendars=(
            *week,
            CalendarRow("day", 5, time(8), time(0)),
            CalendarRow("day", holiday=date(2026, 10, 1)),
            CalendarRow("day", holiday=date(2026, 10, 2)),
        ),
        rates=(RateRow("7", Decimal("180.50"), Decimal("0.00"), "CNY", True),),
    )


def test_chinese_titles_and_any_order_of_columns(tmp_path: Path) -> None:
    sheets = good()
    sheets["场地"] = [
        ["时区", "经度", "纬度", "名称", "编号"],
        ["Asia/Shanghai", 120.25, 31.5, "一号车间", "W1"],
        ["# note"],
    ]
    del sheets["Sites"]
    found = read(saved(tmp_path / "firm.xlsx", sheets), VOCABULARY)
    assert found.sites == (SiteRow("W1", "一号车间", "", 31.5, 120.25, "Asia/Shanghai"),)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_template_reads_as_empty_and_explains_every_column(tmp_path: Path, language: Any) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, language, VOCABULARY)
    assert read(path, VOCABULARY) == Workbook()
    book = openpyxl.load_workbook(path)
    assert (
        book.sheetnames
        == {
            "en": ["Sites", "Equipment", "Capabilities", "Calendars", "Rates", "Certificates", "Processes"],
            "zh": ["场地", "设备", "能力", "日历", "价格", "认证", "工艺"],
        }[language]
    )
    for sheet in book.worksheets[:6]:
        header, notes, example = sheet.iter_rows(max_row=3, values_only=True)
        assert all(header)
        assert all(notes)
        assert str(notes[0]).startswith("# ")
        assert str(example[0]).startswith({"en": "# example: ", "zh": "# 示例："}[language])
    lists = {rule.formula1 for rule in book.worksheets[1].data_validations.dataValidation}
    assert (
        lists
        == {
            "en": {"'Sites'!$A$4:$A$2000", "'Calendars'!$A$4:$A$2000", '"yes,no"'},
            "zh": {"'场地'!$A$4:$A$2000", "'日历'!$A$4:$A$2000", '"是,否"'},
        }[language]
    )


def test_example_rows_of_the_template_are_right(tmp_path: Path) -> None:
    """Somebody who takes the # away from the examples gets rows that read."""
    for language in ("en", "zh"):
        path = tmp_path / f"{language}.xlsx"
        write_template(path, language)  # type: ignore[arg-type]
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            sheet["A3"].value = sheet["A3"].value.removeprefix("# example: ").removeprefix("# 示例：")
        book.save(path)
        found = read(path)
        assert [len(rows) for rows in (found.sites, found.equipment, found.capabilities, found.rates)] == [
            1,
            1,
            1,
            1,
        ]
        assert [row.weekday for row in found.calendars] == [0, 1, 2, 3, 4]
        assert found.capabilities[0].constraints["tolerance_it"] == {"min": 7}


def test_all_errors_at_once_in_reading_order(errors_of: Callable[[Sheets], tuple[CellError, ...]]) -> None:
    sheets = good()
    sheets["Sites"][1][3] = 131.5
    sheets["Sites"][1][5] = "Peking"
    sheets["Equipment"][1][1] = "W9"
    sheets["Equipment"].append(["7", "W1", None, 0.5, "night", "maybe"])
    sheets["Capabilities"][1][1] = "milking"
    sheets["Capabilities"][1][2] = "500 mm"
    sheets["Rates"][1][1] = "=90*2"
    sheets["Rates"][1][0] = "8"
    found = errors_of(sheets)
    assert [
        (error.sheet, error.row, error.column, error.name, error.value, error.message_code) for error in found
    ] == [
        ("Sites", 2, "D", "latitude", "131.5", "range"),
        ("Sites", 2, "F", "time zone", "Peking", "zone"),
        ("Equipment", 2, "B", "site", "W9", "unknown_reference"),
        ("Equipment", 3, "A", "code", "7", "double"),
        ("Equipment", 3, "C", "name", "", "required"),
        ("Equipment", 3, "D", "count", "0.5", "whole_number"),
        ("Equipment", 3, "E", "calendar", "night", "unknown_reference"),
        ("Equipment", 3, "F", "operator needed", "maybe", "yes_no"),
        ("Capabilities", 2, "B", "process", "milking", "unknown_process"),
        ("Capabilities", 2, "C", "max X mm", "500 mm", "number"),
        ("Rates", 2, "A", "equipment", "8", "unknown_reference"),
        ("Rates", 2, "B", "per hour", "=90*2", "formula"),
    ]
    assert (
        found[2].message
        == "Equipment, row 2, column B (site): found 'W9'; use a code from the sheet Sites, or add it there"
    )
    assert found[2].params == {"sheet": "Sites"}
    assert found[8].params == {"alike": "milling"}


@pytest.mark.parametrize(
    ("sheet", "column", "value", "code"),
    [
        ("Sites", 0, "x" * 65, "code"),
        ("Sites", 0, "W\n1", "code"),
        ("Sites", 1, "x" * 101, "too_long"),
        ("Sites", 2, "x" * 201, "too_long"),
        ("Equipment", 2, "x" * 101, "too_long"),
        ("Capabilities", 6, "x" * 501, "too_long"),
        ("Sites", 1, True, "text"),
        ("Sites", 4, None, "required"),
        ("Sites", 4, "east", "number"),
        ("Sites", 5, "../../etc/passwd", "zone"),
        ("Sites", 5, "#REF!", "error_value"),
        ("Equipment", 3, 1001, "range"),
        ("Equipment", 3, True, "number"),
        ("Capabilities", 2, -1, "range"),
        ("Capabilities", 2, "1,500", "number"),
        ("Capabilities", 3, 21, "limit_order"),
        ("Capabilities", 5, "steel, stel", "unknown_material"),
        ("Capabilities", 6, "depth <= 20", "unknown_property"),
        ("Capabilities", 6, "20 mm deep", "limits"),
        ("Capabilities", 6, "depth_mm <= 20; depth_mm <= 30", "limit_twice"),
        ("Capabilities", 6, "depth_mm = deep", "limit_sort"),
        ("Capabilities", 6, "surface <= 3", "limit_sort"),
        ("Capabilities", 6, "depth_mm <= deep", "number"),
        ("Capabilities", 6, "surface = |", "limits"),
        ("Calendars", 1, "Someday", "weekday"),
        ("Calendars", 1, "Mon-Wed-Fri", "weekday"),
        ("Calendars", 1, None, "required"),
        ("Calendars", 2, None, "required"),
        ("Calendars", 2, "8 am", "clock"),
        ("Calendars", 2, "24:30", "clock"),
        ("Calendars", 2, "08:75", "clock"),
        ("Calendars", 4, "2026-02-30", "date"),
        ("Calendars", 4, date(2026, 5, 1), "shift_or_holiday"),
        ("Rates", 1, -1, "range"),
        ("Rates", 1, 10.005, "two_decimals"),
        ("Rates", 3, "RMB yuan", "currency"),
    ],
)
def test_each_wrong_value(
    errors_of: Callable[[Sheets], tuple[CellError, ...]], sheet: str, column: int, value: object, code: str
) -> None:
    sheets = good()
    sheets[sheet][1][column] = value
    found = {(error.sheet, error.row, error.message_code) for error in errors_of(sheets)}
    references = {(title, 2, "unknown_reference") for title in ("Equipment", "Capabilities", "Rates")}
    assert found - references == {(sheet, 2, code)}


def test_rows_that_contradict_each_other(errors_of: Callable[[Sheets], tuple[CellError, ...]]) -> None:
    sheets = good()
    sheets["Capabilities"].append(sheets["Capabilities"][1])
    sheets["Calendars"] += [
        ["day", "Fri", "17:00", "20:00", None],
        ["day", "Sun", "22:00", "09:00", None],
        ["day", None, None, None, "2026-10-02"],
        ["day", None, None, None, None],
    ]
    sheets["Rates"].append(["7", 1, 1, "CNY", "no"])
    sheets["Certificates"] = [
        ["certificate", "number", "expires on"],
        ["ISO 9001", "1", "2027-03-31"],
        ["EN 1090", "1", "2027-03-31"],
        ["ISO 9001", "1", "2028-03-31"],
    ]
    found = errors_of(sheets)
    assert [(error.sheet, error.row, error.column, error.message_code, error.params) for error in found] == [
        ("Capabilities", 3, "A", "double", {"row": "2"}),
        ("Calendars", 6, "C", "overlap", {"row": "2"}),
        ("Calendars", 7, "C", "overlap", {"row": "2"}),
        ("Calendars", 8, "E", "double", {"row": "5"}),
        ("Calendars", 9, "B", "shift_or_holiday", {}),
        ("Rates", 3, "A", "double", {"row": "2"}),
        ("Certificates", 4, "B", "double", {"row": "2"}),
    ]


def test_missing_and_strange_sheets_and_columns(errors_of: Callable[[Sheets], tuple[CellError, ...]]) -> None:
    sheets = good()
    sheets["My notes"] = [["buy milk"]]
    del sheets["Sites"]
    sheets["Equipment"][0][2] = "nickname"
    sheets["Capabilities"][0][3] = None
    sheets["Calendars"] = []
    sheets["Rates"][0][2] = "per hour"
    found = errors_of(sheets)
    assert [(error.sheet, error.row, error.column, error.message_code) for error in found] == [
        ("Sites", 0, "", "sheet_missing"),
        ("Equipment", 1, "", "column_missing"),
        ("Equipment", 1, "C", "column_unknown"),
        ("Capabilities", 2, "D", "no_header"),
        ("Calendars", 1, "", "header_missing"),
        ("Rates", 1, "C", "column_twice"),
    ]
    assert found[0].message == "Sites: add the sheet Sites (场地) from the template"


def test_very_many_errors_are_counted(tmp_path: Path) -> None:
    sheets = good()
    sheets["Rates"] += [[f"x{row}", -1, None, "CNY", None] for row in range(600)]
    with pytest.raises(WorkbookInvalid, match=r"^1200 cells are wrong: Rates, row 3") as raised:
        read(saved(tmp_path / "firm.xlsx", sheets))
    assert len(raised.value.errors) == 1000
    assert raised.value.more == 200
