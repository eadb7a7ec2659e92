"""How dates and reasons are said, to the one who asks."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import pgettext


def day_text(day: date) -> str:
    """Write "14 March"."""
    return date_format(day, pgettext("day and month, as a date format", "j F"))


def moment_text(moment: datetime, zone: str) -> str:
    """Write "Tuesday 10 March, 13:00" on the wall clock of a zone."""
    return date_format(
        moment.astimezone(ZoneInfo(zone)), pgettext("weekday, day, month and time, as a date format", "l j F, H:i")
    )


def stamp_text(moment: datetime, zone: str) -> str:
    """Write "9 March 2026, 10:20" on the wall clock of a zone."""
    return date_format(
        moment.astimezone(ZoneInfo(zone)), pgettext("day, month, year and time, as a date format", "j F Y, H:i")
    )
