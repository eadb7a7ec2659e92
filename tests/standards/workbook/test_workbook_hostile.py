"""Files made to hurt, and files that are something else, end in one clear error."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from gonghe.standards.workbook import WorkbookInvalid, WorkbookUnreadable, read, write_template
from gonghe.standards.workbook.grid import MAX_FILE_BYTES, MAX_UNPACKED_BYTES

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "firm.xlsx"
    write_template(path)
    return path


def changed(path: Path, entry: str, change: Callable[[str], str]) -> Path:
    """Replace one file inside the archive."""
    raw = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name).decode()
            target.writestr(name, change(text) if name == entry else text)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(WorkbookUnreadable) as raised:
        read(path)
    return raised.value.code


@pytest.mark.parametrize(
    "content",
    [b"", b"code;name\nW1;Main\n", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)],
    ids=["empty", "csv", "broken zip", "old xls"],
)
def test_not_a_spreadsheet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "firm.xlsx"
    path.write_bytes(content)
    assert refusal(path) == "not_xlsx"


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "firm.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(path) == "not_xlsx"


def test_archive_bomb(template: Path) -> None:
    with zipfile.ZipFile(template, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", bytes(MAX_UNPACKED_BYTES))
    assert template.stat().st_size < 200_000
    assert refusal(template) == "unpacks_too_big"


def test_archive_that_lies_about_its_sizes(template: Path) -> None:
    """A size forged in the directory cuts the unpacking short: the file is damaged, nothing grows."""
    changed(template, SHEET, lambda text: text.replace("</sheetData>", " " * 5_000_000 + "</sheetData>"))
    raw = bytearray(template.read_bytes())
    with zipfile.ZipFile(template) as archive:
        real = archive.getinfo(SHEET).file_size
    raw = bytearray(bytes(raw).replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    template.write_bytes(raw)
    assert refusal(template) == "damaged"


def test_many_entries(template: Path) -> None:
    with zipfile.ZipFile(template, "a") as archive:
        for number in range(1_001):
            archive.writestr(f"x{number}", "")
    assert refusal(template) == "unpacks_too_big"


def test_big_file(template: Path) -> None:
    with template.open("ab") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    assert refusal(template) == "too_big"


def test_entity_bomb(template: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    changed(template, SHEET, lambda text: bomb + text.replace("code", "&b;", 1))
    assert refusal(template) == "damaged"


def test_outside_entity(template: Path) -> None:
    trap = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    changed(template, SHEET, lambda text: trap + text)
    assert refusal(template) == "damaged"


def test_cut_sheet(template: Path) -> None:
    changed(template, SHEET, lambda text: text[: len(text) // 2])
    assert refusal(template) == "damaged"


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ("20001", "A20001"),
        ("1048576", "A1048576"),
        ("4000000000", "A4000000000"),
        ("4", "CW4"),
        ("4", "XFD4"),
    ],
)
def test_cells_far_out(template: Path, row: str, cell: str) -> None:
    far = f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>W1</t></is></c></row></sheetData>'
    changed(template, SHEET, lambda text: text.replace("</sheetData>", far))
    with pytest.raises(WorkbookInvalid) as raised:
        read(template)
    assert [(error.sheet, error.message_code) for error in raised.value.errors] == [
        ("Sites", "sheet_too_big")
    ]


def test_forged_dimension_hides_nothing(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    book["Sites"].append(["W1", "Main", None, 31.5, 120.25, "Asia/Shanghai"])
    book.save(template)
    changed(
        template, SHEET, lambda text: re.sub(r'<dimension ref="[^"]*" ?/>', '<dimension ref="A1:A1"/>', text)
    )
    assert [site.code for site in read(template).sites] == ["W1"]


def test_empty_far_dimension_does_no_harm(template: Path) -> None:
    changed(
        template,
        SHEET,
        lambda text: re.sub(r'<dimension ref="[^"]*" ?/>', '<dimension ref="A1:XFD1048576"/>', text),
    )
    assert read(template).sites == ()
