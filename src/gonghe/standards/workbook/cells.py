"""Cell values to Python values and back, one function per sort of cell.

A parser takes what openpyxl read (never None or blank) and returns the value or raises `WrongCell`.
"""

from __future__ import annotations

import difflib
import math
import re
import zoneinfo
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

Parser: TypeAlias = "Callable[[object], object]"

WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
YES = {"yes", "y", "true", "1", "是"}
NO = {"no", "n", "false", "0", "否"}
NOTHING = Decimal("0.00")
MAX_TEXT = 500
MAX_CODE = 64

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_LIST_BREAK = re.compile(r"[,;，；、\n]")
_LIMIT = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(<=|>=|=)\s*(.+?)\s*")


class WrongCell(Exception):
    """A value that its column does not take: code for translation, plain English, and parameters."""

    def __init__(self, code: str, expected: str, **params: str) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected
        self.params = params


def text(value: object) -> str:
    """Read any text; a whole number becomes its digits (codes are often typed as numbers)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise WrongCell("text", "write text")
    words = str(value).strip()
    if len(words) > MAX_TEXT:
        raise _too_long(MAX_TEXT)
    return words


def short_text(limit: int) -> Parser:
    """Return a parser of text of at most `limit` characters."""

    def parse(value: object) -> str:
        words = text(value)
        if len(words) > limit:
            raise _too_long(limit)
        return words

    return parse


def code(value: object) -> str:
    """Read a short code of one line."""
    words = text(value)
    if len(words) > MAX_CODE or not words.isprintable():
        raise WrongCell("code", f"use a short code of at most {MAX_CODE} characters", limit=str(MAX_CODE))
    return words


def number(low: float, high: float) -> Parser:
    """Return a parser of numbers from `low` to `high`; whole ones come back as int."""

    def parse(value: object) -> float:
        found = _as_float(value)
        if not low <= found <= high:
            raise _out_of_range(low, high)
        return int(found) if found.is_integer() else found

    return parse


def integer(low: int, high: int) -> Parser:
    """Return a parser of whole numbers from `low` to `high`."""

    def parse(value: object) -> int:
        found = _as_float(value)
        if not found.is_integer():
            raise WrongCell("whole_number", "write a whole number")
        if not low <= found <= high:
            raise _out_of_range(low, high)
        return int(found)

    return parse


def money(value: object) -> Decimal:
    """Read an amount from 0 to 10 million with at most two decimals."""
    amount = _as_decimal(value)
    if not 0 <= amount <= 10_000_000:
        raise _out_of_range(0, 10_000_000)
    if amount != round(amount, 2):
        raise WrongCell("two_decimals", "write an amount with at most two decimals")
    return amount.quantize(Decimal("0.01"))


def currency(value: object) -> str:
    """Read an ISO 4217 code."""
    found = text(value).upper()
    if not re.fullmatch("[A-Z]{3}", found):
        raise WrongCell("currency", "write a currency of three letters, such as CNY or EUR")
    return found


def yes_no(value: object) -> bool:
    """Read yes or no in either language, or an Excel TRUE or FALSE."""
    if isinstance(value, bool):
        return value
    found = str(value).strip().casefold()
    if found in YES or found in NO:
        return found in YES
    raise WrongCell("yes_no", "write yes or no")


def zone(value: object) -> str:
    """Read an IANA time zone."""
    found = text(value)
    try:
        zoneinfo.ZoneInfo(found)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongCell("zone", "write a time zone such as Asia/Shanghai or Europe/Berlin") from None
    return found


def clock(value: object) -> time:
    """Read a time of day to the minute; 24:00 is midnight."""
    if isinstance(value, timedelta):
        value = datetime(1900, 1, 1) + value  # noqa: DTZ001 - a wall-clock time, not an instant
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0, tzinfo=None)
    found = re.fullmatch(r"(\d{1,2})[:：](\d{2})(:00)?", str(value).strip())
    if not found or (int(found[1]), int(found[2])) > (24, 0) or int(found[2]) > 59:
        raise WrongCell("clock", "write a time of day such as 08:00")
    return time(int(found[1]) % 24, int(found[2]))


def day(value: object) -> date:
    """Read a date; text must be in the form 2026-10-01."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip().replace("/", "-"))
    except ValueError:
        raise WrongCell("date", "write a date such as 2026-10-01") from None


def weekdays(value: object) -> tuple[int, ...]:
    """Read one day, a list or a span: ``Mon``, ``周一``, ``Mon-Fri``, ``周一至周五``, ``Sat, Sun``."""
    found: list[int] = []
    for part in _LIST_BREAK.split(text(value)):
        ends = [_weekday(word) for word in re.split(r"\s*[-–~至到]\s*", part.strip())]
        if len(ends) > 2:
            raise _no_weekday()
        found += [(ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1)]
    return tuple(sorted(set(found)))


def one_of(known: Sequence[tuple[str, str, str]], what: str) -> Callable[[object], str]:
    """Return a parser of words given by code or by name in either language; anything if none are known."""
    codes = {name.casefold(): entry[0] for entry in known for name in reversed(entry)}

    def parse(value: object) -> str:
        word = code(value)
        if not codes:
            return word
        if word.casefold() in codes:
            return codes[word.casefold()]
        alike = difflib.get_close_matches(word.casefold(), codes, n=3, cutoff=0.5)
        hint = f", such as {', '.join(alike)}" if alike else ""
        raise WrongCell(f"unknown_{what}", f"use a known {what}{hint}", alike=", ".join(alike))

    return parse


def words(parse: Callable[[object], str]) -> Parser:
    """Return a parser of words separated by commas, each read by `parse`, sorted and without doubles."""

    def parse_all(value: object) -> tuple[str, ...]:
        parts = [part.strip() for part in _LIST_BREAK.split(text(value))]
        return tuple(sorted({parse(part) for part in parts if part}))

    return parse_all


def limits(known: frozenset[str], worded: frozenset[str] = frozenset()) -> Parser:
    """Return a parser of free limits, ``width_mm <= 1600; surface = matt | gloss``, into constraints.

    `worded` are those of the `known` properties that take words; without `known` any may take either.
    """

    def parse(value: object) -> dict[str, dict[str, float | tuple[str, ...]]]:
        constraints: dict[str, dict[str, float | tuple[str, ...]]] = {}
        for part in re.split(r"[;；\n]", text(value)):
            if part.strip():
                name, bound, limit = _one_limit(part, known, worded)
                if bound in constraints.setdefault(name, {}):
                    raise WrongCell("limit_twice", f"give each limit of {name} once", name=name)
                constraints[name][bound] = limit
        return constraints

    return parse


def _one_limit(
    part: str, known: frozenset[str], worded: frozenset[str]
) -> tuple[str, str, float | tuple[str, ...]]:
    found = _LIMIT.fullmatch(part)
    if not found:
        raise _no_limit()
    name, sign, limit = found.groups()
    _check_property(name, sign, known, worded)
    if sign == "=":
        allowed = tuple(sorted({word.strip() for word in limit.split("|")} - {""}))
        if not allowed:
            raise _no_limit()
        return name, "set", allowed
    bound = _as_float(limit)
    return name, "max" if sign == "<=" else "min", int(bound) if bound.is_integer() else bound


def _check_property(name: str, sign: str, known: frozenset[str], worded: frozenset[str]) -> None:
    if known and name not in known:
        alike = ", ".join(difflib.get_close_matches(name, known, n=3))
        raise WrongCell("unknown_property", f"use a known property; {name} is none", name=name, alike=alike)
    if known and (sign == "=") != (name in worded):
        sort = "= and words" if name in worded else "<= or >= and a number"
        raise WrongCell("limit_sort", f"limit {name} by {sort}", name=name, sign=sort)


def _no_limit() -> WrongCell:
    return WrongCell("limits", "write limits such as: width_mm <= 1600; surface = matt | gloss")


def _as_float(value: object) -> float:
    found = float(_as_decimal(value))
    if not math.isfinite(found):
        raise WrongCell("number", "write a number")
    return found


def _as_decimal(value: object) -> Decimal:
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise WrongCell(
            "number", "write a plain number such as 1500 or 0.8, without unit or thousands separator"
        )
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongCell("number", "write a number")
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise WrongCell("number", "write a number") from None
    if not found.is_finite():
        raise WrongCell("number", "write a number")
    return found


def _too_long(limit: int) -> WrongCell:
    return WrongCell("too_long", f"use at most {limit} characters", limit=str(limit))


def _out_of_range(low: float, high: float) -> WrongCell:
    return WrongCell("range", f"write a number from {low:g} to {high:g}", low=f"{low:g}", high=f"{high:g}")


def _weekday(word: str) -> int:
    folded = word.strip().casefold()
    for index, (english, chinese) in enumerate(zip(WEEKDAYS_LONG, WEEKDAYS_ZH, strict=True)):
        if folded in {english, english[:3], chinese, f"星期{chinese[-1]}", str(index + 1)}:
            return index
    if folded in {"星期天", "周天"}:
        return 6
    raise _no_weekday()


def _no_weekday() -> WrongCell:
    return WrongCell("weekday", "write a weekday such as Mon or 周一, or a span such as Mon-Fri")
