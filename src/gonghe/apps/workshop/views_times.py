"""The page of what finished work taught: own factors on times, and how far ranges can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.members.acting import ActingRequest
from gonghe.apps.orders import learning
from gonghe.apps.orders.models import TimeRecord
from gonghe.apps.orders.words import FAMILIES
from gonghe.apps.technology.figures import figures_for
from gonghe.apps.technology.words import process_name
from gonghe.apps.workshop.http import page
from gonghe.engines.parts import Calibration, Factor, Tables, calibration

Facts = dict[str, Any]
HOUR_MIN = 60
SHOWN = 20


@page
def times(request: ActingRequest) -> HttpResponse:
    """Factors by process and family, calibration, and the last jobs behind them."""
    own = request.acting.organization
    records = learning.records_of(own.pk)
    context = {
        "told": _counted(records),
        "rows": _rows(records, figures_for(own.pk).tables),
        "last": [_job(one) for one in records[:SHOWN]],
        "titleblock": [
            (_("Firm"), own.local_name),
            (_("Computed from"), _("finished jobs, the newest %d at most") % learning.KEPT),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("people of %s") % own.local_name),
        ],
    }
    return render(request, "workshop/times.html", context)


def _rows(records: list[TimeRecord], tables: Tables) -> list[Facts]:
    """Every process with its families below it."""
    found = learning.taught_by(records, tables)
    rows = []
    for process, factor in found.processes.items():
        of_process = [one for one in records if one.process == process]
        rows.append(_row(process_name(process), "", factor, of_process))
        for (code, family), own in found.families.items():
            if code == process:
                name = str(FAMILIES[family])
                rows.append(_row("", name, own, [one for one in of_process if one.family == family]))
    return rows


def _row(process: str, family: str, factor: Factor, records: list[TimeRecord]) -> Facts:
    return {
        "process": process,
        "family": family,
        "jobs": factor.jobs,
        "percent": round(100 * (factor.factor - 1)),
        "minutes": round(HOUR_MIN * factor.factor),
        "spread": round(100 * factor.spread),
        "told": _counted(records),
    }


def _counted(records: Iterable[TimeRecord]) -> Calibration:
    return calibration((one.low_s, one.high_s, one.actual_s) for one in records)


def _job(record: TimeRecord) -> Facts:
    return {
        "record": record,
        "process": process_name(record.process),
        "family": str(FAMILIES[record.family]) if record.family else "",
        "inside": record.low_s <= record.actual_s <= record.high_s,
    }
