"""How figures, dates and spans are written on screens, in each language.

Dates follow one rule: day and month ("14 March", "3 月 14 日"), the year only when it is not the present one.
Money shows no decimals when it is whole. A function reads nothing but its arguments and the active language.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from gonghe import clock
from gonghe.joining import is_chinese

MINUS = "−"
DAYS_FROM_HOURS = 72
SYMBOLS = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "JP¥", "INR": "₹"}


@dataclass(frozen=True, slots=True)
class Wording:
    """Patterns of one language; `units` turns UN/ECE Rec 20 codes into what people read."""

    day: str
    day_year: str
    weekday: str
    daytime: str
    weektime: str
    span: str
    between: str
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    days_hours: str
    hours_minutes: str
    days: tuple[str, str]
    hours: str
    minutes: str
    seconds: str
    units: dict[str, tuple[str, str]]


_SAME_UNITS = {
    "MMT": ("mm", "mm"),
    "MTR": ("m", "m"),
    "KMT": ("km", "km"),
    "4H": ("µm", "µm"),
    "MMK": ("mm²", "mm²"),
    "CMK": ("cm²", "cm²"),
    "MTK": ("m²", "m²"),
    "MMQ": ("mm³", "mm³"),
    "CMQ": ("cm³", "cm³"),
    "MTQ": ("m³", "m³"),
    "KGM": ("kg", "kg"),
    "GRM": ("g", "g"),
    "TNE": ("t", "t"),
    "CEL": ("°C", "°C"),
    "P1": ("%", "%"),
    "KWT": ("kW", "kW"),
    "DD": ("°", "°"),
}
EN = Wording(
    day="{d} {month}",
    day_year="{d} {month} {y}",
    weekday="{weekday} {day}",
    daytime="{day}, {time}",
    weektime="{weekday} {d}, {time}",
    span="{day}, {start}–{end}",
    between="{start} to {end}",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    days_hours="{days} {h} h",
    hours_minutes="{h} h {m} min",
    days=("{n} day", "{n} days"),
    hours="{n} h",
    minutes="{n} min",
    seconds="{n} s",
    units={
        **_SAME_UNITS,
        "C62": ("piece", "pieces"),
        "H87": ("piece", "pieces"),
        "HUR": ("h", "h"),
        "MIN": ("min", "min"),
        "SEC": ("s", "s"),
        "DAY": ("day", "days"),
    },
)
ZH = Wording(
    day="{m} 月 {d} 日",
    day_year="{y} 年 {m} 月 {d} 日",
    weekday="{day} {weekday}",
    daytime="{day} {time}",
    weektime="{weekday} {m}/{d} {time}",
    span="{day} {start}–{end}",
    between="{start} 至 {end}",
    months=tuple(str(number) for number in range(1, 13)),
    weekdays=("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    days_hours="{days} {h} 小时",
    hours_minutes="{h} 小时 {m} 分",
    days=("{n} 天", "{n} 天"),
    hours="{n} 小时",
    minutes="{n} 分钟",
    seconds="{n} 秒",
    units={
        **_SAME_UNITS,
        "C62": ("件", "件"),
        "H87": ("件", "件"),
        "HUR": ("小时", "小时"),
        "MIN": ("分钟", "分钟"),
        "SEC": ("秒", "秒"),
        "DAY": ("天", "天"),
    },
)

Number = int | float | Decimal
Zone = object
"""IANA name, tzinfo, object with `time_zone` (a site, an organisation), or None for the current zone."""


def wording() -> Wording:
    """Patterns of the active language; English where there are none."""
    return ZH if is_chinese() else EN


def zone_of(zone: Zone) -> dt.tzinfo:
    """Time zone that `zone` names.

    Raises
    ------
    zoneinfo.ZoneInfoNotFoundError
        If the name is unknown.
    """
    named = getattr(zone, "time_zone", zone)
    if isinstance(named, dt.tzinfo):
        return named
    return ZoneInfo(str(named)) if named else timezone.get_current_timezone()


def local(moment: dt.date, zone: Zone = None) -> dt.date:
    """`moment` on the wall clock of `zone`; a plain date stays as it is.

    Raises
    ------
    ValueError
        If a datetime has no time zone: a page must not guess one.
    """
    if not isinstance(moment, dt.datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone, so no page can show it; store aware UTC times.")
    return moment.astimezone(zone_of(zone))


def plain_number(value: Number, places: int | None = None) -> str:
    """Digits with thousands in commas, without end zeros; rounded to `places` decimals when given."""
    exact = Decimal(str(value))
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(exact):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{MINUS}{text}" if exact < 0 and text != "0" else text


def money(amount: Number, currency: str = "CNY") -> str:
    """Write "¥18,400" or "¥306.67": no decimals when whole, else two; a code where there is no symbol."""
    exact = Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = MINUS if exact < 0 else ""
    digits = f"{abs(exact):,.0f}" if exact == exact.to_integral_value() else f"{abs(exact):,.2f}"
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{digits}"


def money_change(amount: Number, currency: str = "CNY") -> str:
    """Like :func:`money`, with a plus in front of what is added."""
    return f"+{money(amount, currency)}" if Decimal(str(amount)) > 0 else money(amount, currency)


def between(start: str, end: str) -> str:
    """Write "A to B" in the active language."""
    return wording().between.format(start=start, end=end)


def whole_seconds(length: dt.timedelta | Number) -> int:
    """Length in whole seconds."""
    return round(length.total_seconds() if isinstance(length, dt.timedelta) else float(length))


def hours(length: dt.timedelta | Number) -> str:
    """Length (s or timedelta) in hours with at most one decimal: "6.5 h"."""
    return wording().hours.format(n=plain_number(Decimal(whole_seconds(length)) / 3600, 1))


def duration(length: dt.timedelta | Number) -> str:
    """Length (s or timedelta) as people say it: "40 s", "22 min", "12 h 40 min", from 72 h "3 days 4 h"."""
    seconds = whole_seconds(length)
    words = wording()
    sign = MINUS if seconds < 0 else ""
    seconds = abs(seconds)
    if 0 < seconds < 60:
        return sign + words.seconds.format(n=seconds)
    total_minutes = (seconds + 30) // 60
    h, m = divmod(total_minutes, 60)
    if h >= DAYS_FROM_HOURS:
        count, rest = divmod((total_minutes + 30) // 60, 24)
        in_days = words.days[count != 1].format(n=count)
        return sign + (words.days_hours.format(days=in_days, h=rest) if rest else in_days)
    if h and m:
        return sign + words.hours_minutes.format(h=h, m=m)
    return sign + (words.hours.format(n=h) if h else words.minutes.format(n=m))


def day(moment: dt.date, zone: Zone = None, *, year: bool | None = None) -> str:
    """Write "14 March"; `year` None shows the year when it is not the present one."""
    words = wording()
    date = local(moment, zone)
    shown = date.year != local(clock.now(), zone).year if year is None else year
    pattern = words.day_year if shown else words.day
    return pattern.format(d=date.day, m=date.month, month=words.months[date.month - 1], y=date.year)


def weekday(moment: dt.date, zone: Zone = None) -> str:
    """Write "Sat 14 March"."""
    words = wording()
    return words.weekday.format(weekday=words.weekdays[local(moment, zone).weekday()], day=day(moment, zone))


def clock_time(moment: dt.datetime, zone: Zone = None) -> str:
    """Write "18:20"."""
    return f"{local(moment, zone):%H:%M}"


def daytime(moment: dt.datetime, zone: Zone = None, *, year: bool | None = None) -> str:
    """Write "11 March, 16:00"."""
    return wording().daytime.format(day=day(moment, zone, year=year), time=clock_time(moment, zone))


def weektime(moment: dt.datetime, zone: Zone = None) -> str:
    """Write "Tue 10, 08:00": for tables within a month."""
    words = wording()
    date = local(moment, zone)
    return words.weektime.format(
        weekday=words.weekdays[date.weekday()], d=date.day, m=date.month, time=clock_time(moment, zone)
    )


def span(start: dt.datetime, end: dt.datetime, zone: Zone = None) -> str:
    """Write "Fri 6 March, 08:00–11:00", or both ends in full when it runs past the day."""
    words = wording()
    if local(start, zone).timetuple()[:3] == local(end, zone).timetuple()[:3]:
        return words.span.format(
            day=weekday(start, zone), start=clock_time(start, zone), end=clock_time(end, zone)
        )
    ends = (words.daytime.format(day=weekday(t, zone), time=clock_time(t, zone)) for t in (start, end))
    return between(*ends)


def quantity(value: Number, unit: str) -> str:
    """Write "12.5 mm", "1 piece", "60 件": `unit` is a UN/ECE Rec 20 code, or shown as it is."""
    one, many = wording().units.get(unit, (unit, unit))
    return f"{plain_number(value)} {one if Decimal(str(value)) == 1 else many}".rstrip()
