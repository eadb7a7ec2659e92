"""Public holidays by region, and the weekend days that are worked to make up for them.

The days stand in `public_holidays.json`, written by `scripts/holidays.py` from the data of python-holidays
(MIT licence). China announces its make-up days each November for the next year; until then they are unknown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

SHOWN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PublicDays:
    """ISO dates on which a region rests, and those of weekends on which it works instead."""

    off: frozenset[str] = frozenset()
    made_up: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Coming:
    """The public days of the next year, for a page.

    Parameters
    ----------
    off
        Day and name.
    made_up
        Weekend days that are worked.
    made_up_until
        Last year whose make-up days are announced; None where there are none ever.
    known_until
        Last year whose holidays are in the data.
    """

    off: list[tuple[date, str]]
    made_up: list[date]
    made_up_until: int | None
    known_until: int


def checked(code: str) -> str | None:
    """A region as it is stored; None if its holidays are not known."""
    plain = code.strip().upper().replace("_", "-")
    return plain if not plain or plain in _data()["regions"] else None


@cache
def days(region: str) -> PublicDays:
    """When a region rests and when it works instead; nothing for a region that is not known."""
    found = _data()["regions"].get(region)
    if found is None:
        return PublicDays()
    return PublicDays(frozenset(day for day, _name in found["off"]), frozenset(found["made_up"]))


def coming(region: str, today: date) -> Coming | None:
    """What a region rests and makes up for within a year; None for no region."""
    found = _data()["regions"].get(region)
    if found is None:
        return None
    column = 0 if (get_language() or "en").startswith(found["language"]) else 1
    names = _data()["names"]
    until = today + SHOWN
    off = [(date.fromisoformat(day), names[name][column]) for day, name in found["off"]]
    made_up = [date.fromisoformat(day) for day in found["made_up"]]
    return Coming(
        off=[(day, name) for day, name in off if today <= day < until],
        made_up=[day for day in made_up if today <= day < until],
        made_up_until=max(day.year for day in made_up) if made_up else None,
        known_until=_data()["years"][1],
    )


@cache
def _data() -> dict[str, Any]:
    text = Path(__file__).with_name("public_holidays.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
