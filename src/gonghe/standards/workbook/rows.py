"""Typed rows of the member spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import TypeAlias

Bounds: TypeAlias = "Mapping[str, float | tuple[str, ...]]"
"""``{"min": 1, "max": 5}`` or ``{"set": ("steel",)}``."""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A place; coordinates in degrees (WGS 84); `time_zone` is an IANA name."""

    code: str
    name: str
    address: str
    latitude: float
    longitude: float
    time_zone: str


@dataclass(frozen=True, slots=True)
class EquipmentRow:
    """A machine, bench or crew, of which there are `count` equal ones, at a site, working by a calendar.

    An empty calendar leaves that of a machine as it is; so does None whether the joint planner may use it.
    """

    code: str
    site: str
    name: str
    count: int
    calendar: str
    operator_needed: bool
    released: bool | None = None


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """A process that equipment can do, within constraints by property code."""

    equipment: str
    process: str
    covers_children: bool
    constraints: Mapping[str, Bounds]


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """Either a shift on a weekday or a day off, in wall-clock time of its zone, else of the site.

    Parameters
    ----------
    calendar : str
        Code that equipment refers to.
    weekday : int or None
        0 is Monday, 6 is Sunday.
    start, end : time or None
        An end at or before the start lies on the next day: 22:00 to 06:00 is a night, 00:00 to 00:00 a full
        day.
    holiday : date or None
        A day on which no shift begins.
    name, time_zone, region : str or None
        Of the calendar, in any of its rows; None says nothing of it.
    """

    calendar: str
    weekday: int | None = None
    start: time | None = None
    end: time | None = None
    holiday: date | None = None
    name: str | None = None
    time_zone: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class RateRow:
    """Prices of equipment; `published` rates are an open offer that members see.

    `overtime_per_hour` comes on top for an hour outside the calendar; None: there is no overtime.
    """

    equipment: str
    per_hour: Decimal
    per_setup: Decimal
    currency: str
    published: bool
    overtime_per_hour: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate of the firm; it counts up to and with the day on which it expires."""

    kind: str
    number: str
    issuer: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Workbook:
    """Everything that a member spreadsheet says, in the order of its rows."""

    sites: tuple[SiteRow, ...] = ()
    equipment: tuple[EquipmentRow, ...] = ()
    capabilities: tuple[CapabilityRow, ...] = ()
    calendars: tuple[CalendarRow, ...] = ()
    rates: tuple[RateRow, ...] = ()
    certificates: tuple[CertificateRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known words, as (code, English, Chinese): cells may hold any of the three, rows hold the code.

    Where a list is empty, any word is taken as it stands. `worded` are those of the `properties` that are
    limited by words, not by numbers.
    """

    processes: tuple[tuple[str, str, str], ...] = ()
    materials: tuple[tuple[str, str, str], ...] = ()
    properties: frozenset[str] = field(default_factory=frozenset)
    worded: frozenset[str] = field(default_factory=frozenset)
