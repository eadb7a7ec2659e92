"""State own figures of the tables, take them back, and bring many at once as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import InvalidError
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.technology import figures, words_figures
from gonghe.apps.technology.models import Figure
from gonghe.engines.parts.figures import UnknownFigureError, limits_of
from gonghe.standards.table import TableError, read

COLUMNS = ("code", "name", "shipped", "own", "unit", "lowest", "highest")
FINEST = Decimal("0.0001")

Stated = Mapping[str, Decimal | None]


def state(acting: Acting, values: Stated) -> list[str]:
    """Make figures the firm's own; None brings the shipped one back. Returns the codes that changed.

    Only the firm hears of it: one event for each figure.

    Raises
    ------
    InvalidError
        If a figure is unknown or outside its limits; `details["items"]` holds all errors by code.
    """
    acting.require("technology")
    check(values)
    before = figures.own_figures(acting.organization.pk)
    if all(before.get(code) == value for code, value in values.items()):
        return []
    with recording(acting.principal) as record:
        Organization.objects.select_for_update(no_key=True).get(pk=acting.organization.pk)
        before = figures.own_figures(acting.organization.pk)
        changed = [code for code in sorted(values) if before.get(code) != values[code]]
        for code in changed:
            _put(record, acting.organization, code, before.get(code), values[code])
    return changed


def take_back(acting: Acting, codes: Iterable[str] | None = None) -> list[str]:
    """Bring the shipped figures back: of these codes, or of all."""
    own = figures.own_figures(acting.organization.pk)
    wanted = own if codes is None else set(codes) & set(own)
    return state(acting, dict.fromkeys(wanted))


def check(values: Stated) -> None:
    """Make sure that figures exist and are plausible.

    Raises
    ------
    InvalidError
        `details["items"]` holds every error as code and message.
    """
    wrong = [
        {"code": code, "message": said} for code, value in values.items() if (said := _mistake(code, value))
    ]
    if wrong:
        raise InvalidError(
            _("Nothing was changed: correct the marked figures. %s") % wrong[0]["message"],
            code="figures",
            items=wrong,
        )


def as_csv(acting: Acting, codes: Iterable[str]) -> str:
    """Figures with the shipped and the own value, unit and limits; `code` and `own` are read back."""
    own = figures.own_figures(acting.organization.pk)
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(COLUMNS)
    for code in codes:
        shipped = figures.shipped([code])
        low, high = limits_of(shipped, code)
        out.writerow(
            [
                code,
                words_figures.figure_text(code),
                words_figures.plain(figures.shipped_value(code)),
                words_figures.plain(own[code]) if code in own else "",
                words_figures.unit_text(code),
                words_figures.plain(low),
                words_figures.plain(high),
            ]
        )
    return text.getvalue()


def from_csv(content: bytes) -> dict[str, Decimal | None]:
    """Figures of a file with the columns `code` and `own`; an empty cell brings the shipped figure back.

    Raises
    ------
    InvalidError
        If this is no such table; `details["items"]` names every wrong cell with its row.
    """
    try:
        table = read(content)
    except TableError as error:
        raise InvalidError(
            _("This file is no table that can be read. Save it as CSV and send it again."), code="no_table"
        ) from error
    header = [name.strip().lower() for name in table.header]
    if not {"code", "own"} <= set(header):
        raise InvalidError(
            _("The columns “code” and “own” are needed. Download the table first and change “own”."),
            code="columns",
        )
    at, own = header.index("code"), header.index("own")
    values: dict[str, Decimal | None] = {}
    wrong: list[dict[str, Any]] = []
    for row in table.rows:
        code, text = row.cells[at].strip(), row.cells[own].strip()
        try:
            value = Decimal(text) if text else None
        except InvalidOperation:
            value, said = None, _("“%s” is no number; write it like 12.5.") % text
        else:
            said = _("this code stands there twice") if code in values else _mistake(code, value)
        values[code] = value
        if said:
            wrong.append({"row": row.number, "code": code, "message": said})
    if wrong:
        first = wrong[0]
        raise InvalidError(
            _("Nothing was changed. Row %(row)d, %(code)s: %(message)s")
            % {"row": first["row"], "code": first["code"], "message": first["message"]},
            code="figures",
            items=wrong,
        )
    return values


def _mistake(code: str, value: Decimal | None) -> str:
    """What is wrong with a figure; empty when nothing is."""
    try:
        low, high = limits_of(figures.shipped([code]), code)
    except UnknownFigureError:
        return _("There is no figure “%s”.") % code
    if value is None:
        return ""
    if not value.is_finite() or not low <= value <= high:
        return _("%(low)s to %(high)s %(unit)s is plausible; leave it empty for the shipped figure.") % {
            "low": words_figures.plain(low),
            "high": words_figures.plain(high),
            "unit": words_figures.unit_text(code),
        }
    if value != value.quantize(FINEST):
        return _("Give it with at most four decimals.")
    return ""


def _put(
    record: Recorder, firm: Organization, code: str, before: Decimal | None, value: Decimal | None
) -> None:
    row, _new = Figure.objects.update_or_create(
        organization=firm, code=code, defaults={"value": value, "changed_at": clock.now()}
    )
    record(
        "technology.figure.changed",
        objects={"figure": row.pk},
        data={
            "code": code,
            "before": "" if before is None else words_figures.plain(before),
            "after": "" if value is None else words_figures.plain(value),
        },
    )
