"""Typed rows to a member spreadsheet, and the template that firms fill in."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from gonghe.standards.workbook import cells, layout, parts
from gonghe.standards.workbook.errors import WorkbookUnwritable
from gonghe.standards.workbook.grid import COMMENT, MAX_ROWS
from gonghe.standards.workbook.rows import CapabilityRow, Vocabulary, Workbook

LIST_ROWS = 2_000
"""How many rows of the template carry drop-down lists."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time stamp of everything inside the file, so that equal rows give equal bytes."""

_HEADER_FILL = PatternFill("solid", fgColor="DDE6E4")
_NOTE_FONT = Font(italic=True, color="6B7280")
PROCESSES = ("Processes", "工艺")


def write_template(path: Path, language: parts.Language = "en", vocabulary: Vocabulary | None = None) -> None:
    """Write an empty spreadsheet with headers, a row of notes, a row of examples and drop-down lists.

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    language : str
        ``en`` or ``zh``: headers, notes and lists. Both can be read.
    vocabulary : Vocabulary, optional
        Processes to choose from; listed on a sheet of their own.
    """
    _save(path, Workbook(), language, vocabulary or Vocabulary(), examples=True)


def write(
    path: Path, workbook: Workbook, language: parts.Language = "en", vocabulary: Vocabulary | None = None
) -> None:
    """Write rows so that reading them gives equal rows, and writing those gives equal bytes.

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    workbook : Workbook
    language : str
    vocabulary : Vocabulary, optional
        With it, a Chinese file names processes and materials in Chinese.

    Raises
    ------
    WorkbookUnwritable
        If a code or limit is of a form that the sheet cannot hold, or there are too many rows.
    """
    _save(path, workbook, language, vocabulary or Vocabulary(), examples=False)


def _save(
    path: Path, rows: Workbook, language: parts.Language, vocabulary: Vocabulary, *, examples: bool
) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    index = 0 if language == "en" else 1
    sheets = layout.sheets(vocabulary)
    words = _Words(index, vocabulary)
    first = 4 if examples else 3
    for layout_sheet in sheets:
        sheet = book.create_sheet(layout_sheet.title[index])
        _headers(sheet, layout_sheet, index, examples=examples)
        records = _records(layout_sheet, rows, words)
        if len(records) + 3 > MAX_ROWS:
            raise WorkbookUnwritable(f"{sheet.title}: more than {MAX_ROWS - 3} rows")
        for number, record in enumerate(records, start=first):
            _fill(sheet, number, [record.get(column.key) for column in layout_sheet.columns])
        _lists(sheet, layout_sheet, _list_sources(sheets, index, first, vocabulary), first)
    if vocabulary.processes:
        _process_sheet(book.create_sheet(PROCESSES[index]), vocabulary)
    _write_bytes(path, _stable_bytes(book))


def _headers(sheet: Any, layout_sheet: parts.Sheet, index: int, *, examples: bool) -> None:
    columns = layout_sheet.columns
    _fill(sheet, 1, [column.title[index] for column in columns])
    _fill(sheet, 2, _comment([column.note[index] for column in columns], ""))
    if examples:
        _fill(
            sheet, 3, _comment([column.example[index] for column in columns], ("example: ", "示例：")[index])
        )
    for number, column in enumerate(columns, start=1):
        sheet.cell(1, number).font = Font(bold=True, underline="single" if column.required else None)
        sheet.cell(1, number).fill = _HEADER_FILL
        for row in (2, 3) if examples else (2,):
            sheet.cell(row, number).font = _NOTE_FONT
        sheet.cell(2, number).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(number)].width = 22 if column.limit is None else 16
    sheet.freeze_panes = "A2"


def _comment(texts: Sequence[str], label: str) -> list[str]:
    return [f"{COMMENT} {label}{texts[0]}", *texts[1:]]


def _fill(sheet: Any, row: int, values: Iterable[object]) -> None:
    for number, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        cell = sheet.cell(row, number)
        if isinstance(value, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            cell.data_type = "s"  # text that begins with = stays text
        else:
            cell.value = value


class _Words:
    """Values as they are shown in the chosen language."""

    def __init__(self, index: int, vocabulary: Vocabulary) -> None:
        self.yes_no = (("no", "yes"), ("否", "是"))[index]
        self.weekdays = (cells.WEEKDAYS_EN, cells.WEEKDAYS_ZH)[index]
        self.processes = _shown(index, vocabulary.processes)
        self.materials = _shown(index, vocabulary.materials)


def _shown(index: int, entries: Sequence[tuple[str, str, str]]) -> Mapping[str, str]:
    return {code: zh for code, _, zh in entries} if index else {}


def _records(sheet: parts.Sheet, rows: Workbook, words: _Words) -> list[dict[str, object]]:
    records = []
    for row in getattr(rows, sheet.key):
        if isinstance(row, CapabilityRow):
            record = _capability(row, sheet, words)
        else:
            record = {column.key: getattr(row, column.key) for column in sheet.columns}
        first = str(record[sheet.columns[0].key])
        if first.startswith(COMMENT) or not first.strip():
            raise WorkbookUnwritable(
                f"{sheet.title[0]}: a code must not be blank or begin with {COMMENT}: {first!r}"
            )
        records.append({key: _cell(key, value, words) for key, value in record.items()})
    return records


def _cell(key: str, value: object, words: _Words) -> object:
    if isinstance(value, bool):
        return words.yes_no[value]
    if key == "weekday" and isinstance(value, int):
        return words.weekdays[value]
    return value


def _capability(row: CapabilityRow, sheet: parts.Sheet, words: _Words) -> dict[str, object]:
    record: dict[str, object] = {
        "equipment": row.equipment,
        "process": words.processes.get(row.process, row.process),
        "covers_children": row.covers_children,
    }
    columns = {column.limit: column for column in sheet.columns if column.limit}
    others: list[str] = []
    for code, bounds in sorted(row.constraints.items()):
        for bound, limit in sorted(bounds.items()):
            column = columns.get((code, bound))
            shown = (
                ", ".join(words.materials.get(word, word) for word in limit)
                if isinstance(limit, tuple)
                else limit
            )
            if column is not None and _reads_back(column.parse, shown, limit):
                record[column.key] = shown
            else:
                others.append(_other(code, bound, limit, row))
    record["other"] = "; ".join(others)
    return record


def _other(code: str, bound: str, limit: float | tuple[str, ...], row: CapabilityRow) -> str:
    sign = {"max": "<=", "min": ">=", "set": "="}[bound]
    shown = f"{code} {sign} {' | '.join(limit) if isinstance(limit, tuple) else f'{limit:.12g}'}"
    if not _reads_back(cells.limits(frozenset()), shown, {code: {bound: limit}}):
        raise WorkbookUnwritable(f"{row.equipment}, {row.process}: the limit {shown!r} has no written form")
    return shown


def _reads_back(parse: cells.Parser, shown: object, value: object) -> bool:
    try:
        return parse(shown) == value
    except cells.WrongCell:
        return False


def _list_sources(
    sheets: Sequence[parts.Sheet], index: int, first: int, vocabulary: Vocabulary
) -> Mapping[str, str]:
    """Return the source of each drop-down list; `first` is the first row of data."""
    codes = {entry.key: f"'{entry.title[index]}'!$A${first}:$A${LIST_ROWS}" for entry in sheets}
    sources = {
        "yes_no": f'"{",".join((("yes", "no"), ("是", "否"))[index])}"',
        "weekday": f'"{",".join((cells.WEEKDAYS_EN, cells.WEEKDAYS_ZH)[index])}"',
        "site": codes["sites"],
        "equipment": codes["equipment"],
        "calendar": codes["calendars"],
    }
    if vocabulary.processes:
        letter = "AC"[index]
        last = len(vocabulary.processes) + 1
        sources["process"] = f"'{PROCESSES[index]}'!${letter}$2:${letter}${last}"
    return sources


def _lists(sheet: Any, layout_sheet: parts.Sheet, sources: Mapping[str, str], first: int) -> None:
    for number, column in enumerate(layout_sheet.columns, start=1):
        if column.choice in sources:
            # Only yes and no are strict: names, spans and codes yet to be added are right too.
            strict = column.choice == "yes_no"
            rule = DataValidation("list", sources[column.choice], allow_blank=True, showErrorMessage=strict)
            letter = get_column_letter(number)
            rule.add(f"{letter}{first}:{letter}{LIST_ROWS}")
            sheet.add_data_validation(rule)


def _process_sheet(sheet: Any, vocabulary: Vocabulary) -> None:
    for row, entry in enumerate([("code", "English", "中文"), *vocabulary.processes], start=1):
        _fill(sheet, row, entry)
    for number in (1, 2, 3):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = 30


def _stable_bytes(book: openpyxl.Workbook) -> bytes:
    """Save a book without the time of saving."""
    book.properties.creator = "Gonghe"
    book.properties.created = datetime(*EPOCH)  # noqa: DTZ001 - the format wants it without zone
    raw = io.BytesIO()
    book.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                saved = book.properties.modified.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = content.replace(saved, b"1980-01-01T00:00:00Z")
            target.writestr(zipfile.ZipInfo(entry.filename, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _write_bytes(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that a broken write leaves no half file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
