"""The promise as a chart: on which day how many of the simulated runs arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gonghe.apps.plans.words import day_text
from gonghe.joining import joined

MOST_BINS = 12
LEAST_BINS = 8
NEAR = 5  # days between the runs and the due day that are still drawn
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns and marks for the histogram tag, and the sentence that says the same."""

    bins: list[dict[str, Any]]
    marks: list[dict[str, Any]]
    label: str


def chart(histogram: Sequence[Iterable[Any]], p50: datetime, p90: datetime, due: date, zone: str) -> Chart:
    """Percent of runs by day; a long spread is drawn in steps of several days.

    Parameters
    ----------
    histogram
        `[[ISO date, runs], ...]` at the destination.
    zone
        Zone of the destination, in which `p50` and `p90` are read.
    """
    runs = {date.fromisoformat(day): count for day, count in histogram}
    total = sum(runs.values())
    if not total:
        return Chart([], [], "")
    first, last = _frame(min(runs), max(runs), due)
    step = -(-((last - first).days + 1) // MOST_BINS)
    bins = [
        _bin(first + timedelta(days=at), step, runs, total) for at in range(0, (last - first).days + 1, step)
    ]
    half, sure = (moment.astimezone(ZoneInfo(zone)).date() for moment in (p50, p90))
    return Chart(
        bins=bins,
        marks=_marks(first, step, len(bins), half=half, sure=sure, due=due),
        label=_("Arrival day in %(runs)s simulated runs, in percent: %(days)s")
        % {"runs": total, "days": joined(", ", (f"{one['day']} {one['value']}" for one in bins))},
    )


def _frame(first: date, last: date, due: date) -> tuple[date, date]:
    """Days to draw: those of the runs, the due day if it is near, and some around to keep columns slim."""
    if first - timedelta(days=NEAR) <= due <= last + timedelta(days=NEAR):
        first, last = min(first, due), max(last, due)
    missing = LEAST_BINS - ((last - first).days + 1)
    if missing > 0:
        first -= timedelta(days=missing // 2)
        last += timedelta(days=missing - missing // 2)
    return first, last


def _bin(start: date, step: int, runs: dict[date, int], total: int) -> dict[str, Any]:
    days = [start + timedelta(days=at) for at in range(step)]
    count = sum(runs.get(day, 0) for day in days)
    note = date_format(start, "D").replace("星期", "周") if step == 1 else f"–{days[-1].day}"
    return {
        "value": round(100 * count / total),
        "label": str(start.day),
        "note": note,
        "day": day_text(start),
        "closed": not count and step == 1 and start.weekday() >= SATURDAY,
    }


def _marks(first: date, step: int, count: int, *, half: date, sure: date, due: date) -> list[dict[str, Any]]:
    def at(day: date) -> int:
        return min(count - 1, max(0, (day - first).days // step))

    marks = [
        {"at": at(half), "label": _("half by %s") % day_text(half), "kind": "half"},
        {"at": at(sure), "label": _("9 of 10 by %s") % day_text(sure), "kind": "sure"},
    ]
    inside = 0 <= (due - first).days < step * count
    return [*marks, {"at": at(due), "label": _("you need it"), "kind": "limit"}] if inside else marks
