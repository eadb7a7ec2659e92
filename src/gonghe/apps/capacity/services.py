"""Change equipment, calendars and prices; the ledger of hours and the workbook are reached from here too."""

from __future__ import annotations

from gonghe.apps.capacity.ledger import (
    Wanted,
    mark_down,
    mark_up,
    mark_used,
    release,
    release_reservation,
    reserve,
    reserve_many,
)

__all__ = [
    "Wanted",
    "mark_down",
    "mark_up",
    "mark_used",
    "release",
    "release_reservation",
    "reserve",
    "reserve_many",
]
