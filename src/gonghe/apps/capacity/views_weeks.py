"""26 weeks of a firm's hours as a page and as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gonghe.apps.base import NotFoundError
from gonghe.apps.capacity import weeks as facts
from gonghe.apps.capacity.pictures import FreeWeek
from gonghe.apps.capacity.weeks import Week
from gonghe.apps.members.acting import ActingRequest, member_page

COLUMNS = ("most", "open", "own", "reserved", "offered", "free")


@dataclass(frozen=True, slots=True)
class Cell:
    """A week of the heat map."""

    week: Week
    scale: int  # machines behind it, so that a firm's row is coloured like a machine's

    @property
    def hours(self) -> int:
        """Whole hours that nobody holds."""
        return (self.week.free + self.week.offered) // 3600

    @property
    def shade(self) -> str:
        """How strongly it is coloured."""
        unheld = self.week.free + self.week.offered
        return FreeWeek(unheld // self.scale, self.week.open // self.scale).shade


@member_page
def weeks(request: ActingRequest) -> HttpResponse:
    """How many hours are open, held, on offer and free, week by week."""
    found = facts.compute(request.acting)
    chosen = _chosen(request.GET.get("machine", ""), found)
    rows = found.firm if chosen is None else next(of for one, of in found.machines if one.pk == chosen)
    context = {
        "rows": rows,
        "machine": next((one for one, _of in found.machines if one.pk == chosen), None),
        "machines": [{"machine": one, "cells": [Cell(week, 1) for week in of]} for one, of in found.machines],
        "firm": [Cell(week, len(found.machines)) for week in found.firm],
        "total": {name: sum(getattr(week, name) for week in rows) for name in COLUMNS},
        "last_day": rows[-1].start + timedelta(days=6) if rows else None,
        "station": "capacity",
        "titleblock": [
            (_("Hours from"), _("calendars, downtime, busy times, reservations and offers")),
            (_("Computed"), found.computed_at),
            (_("Seen by"), _("people of %s") % request.acting.organization.local_name),
        ],
    }
    return render(request, "capacity/weeks.html", context)


@member_page
def weeks_csv(request: ActingRequest) -> HttpResponse:
    """The same as CSV, hours with two decimals: a line for each machine and week."""
    found = facts.compute(request.acting)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["machine", "week", *(f"{name}_h" for name in COLUMNS)])
    for machine, of in found.machines:
        for week in of:
            figures = [f"{getattr(week, name) / 3600:.2f}" for name in COLUMNS]
            writer.writerow([_plain(machine.code), week.start.isoformat(), *figures])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{request.acting.organization.slug}-weeks.csv"'
    return answer


def _chosen(text: str, found: facts.Weeks) -> UUID | None:
    """The machine of the address; None for the whole firm."""
    if not text:
        return None
    keys = {str(one.pk): one.pk for one, _of in found.machines}
    if text not in keys:
        raise NotFoundError
    return keys[text]


def _plain(code: str) -> str:
    """A code that no spreadsheet takes for a formula."""
    return f"'{code}" if code[:1] in {"=", "+", "-", "@", "\t", "\r"} else code
