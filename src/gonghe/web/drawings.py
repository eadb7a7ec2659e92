"""Small pictures drawn by the server as inline SVG: ranges, promise charts, day bars.

Each has an `aria-label` that says the same in words. Colours come from the classes of base.css.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Dicts = Sequence[Mapping[str, Any]]

RANGE_WIDTH, RANGE_HEIGHT, RANGE_PAD = 544, 84, 60
CHART_BAR, CHART_STEP, CHART_LEFT, CHART_TOP, CHART_BASE = 36, 52, 22, 90, 212
DAY_WIDTH, DAY_HEIGHT = 468, 26


def dimension(marks: Dicts, low: float, high: float, label: str) -> SafeString:
    """A dimension line from `low` to `high` with `marks` (dicts at, label, kind) on one scale.

    Marks of kind "limit" are brass; "strong" ones are the main figure. Positions are in the marks' own unit.
    """
    places = [float(mark["at"]) for mark in marks] + [float(low), float(high)]
    least, most = min(places), max(places)
    width = (most - least) or 1.0

    def x(value: float) -> float:
        return round(RANGE_PAD + (float(value) - least) / width * (RANGE_WIDTH - 2 * RANGE_PAD), 1)

    a, b = x(low), x(high)
    lines = format_html(
        '<path class="thin" d="M{} 60H{}"/><path class="dim" d="M{a} 32V60M{b} 32V60M{a} 40H{b}"/>'
        '<path class="arrow" d="M{a} 40l9-3v6zM{b} 40l-9-3v6z"/>',
        RANGE_PAD,
        RANGE_WIDTH - RANGE_PAD,
        a=a,
        b=b,
    )
    texts = format_html_join("", "{}", ((_mark(mark, x(mark["at"])),) for mark in marks))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        RANGE_WIDTH,
        RANGE_HEIGHT,
        label,
        lines,
        texts,
    )


def _mark(mark: Mapping[str, Any], x: float) -> SafeString:
    if mark.get("kind") == "limit":
        return format_html(
            '<path class="limitline" d="M{x} 22V64"/>'
            '<text class="limittext" x="{x}" y="78" text-anchor="middle">{}</text>',
            mark["label"],
            x=x,
        )
    css = "dimtext" if mark.get("kind") != "strong" else "strong"
    return format_html('<text class="{}" x="{}" y="24" text-anchor="middle">{}</text>', css, x, mark["label"])


def histogram(bins: Dicts, marks: Dicts, label: str) -> SafeString:
    """Promise chart: `bins` (dicts value, label, note, closed) as columns with `marks` above.

    A mark is a dict at (index of its bin), label, kind: "half" and "sure" carry the dimension line
    between them, "limit" is a line after its bin.
    """
    width = CHART_LEFT * 2 + CHART_STEP * len(bins)
    most = max((float(one["value"]) for one in bins), default=0.0) or 1.0
    strong = {mark["at"] for mark in marks if mark["kind"] != "limit"}
    half = {mark["at"] for mark in marks if mark["kind"] == "half"}
    columns = (
        (_column(one, index, most, strong=index in strong, filled=index in half),)
        for index, one in enumerate(bins)
    )
    return format_html(
        '<svg viewBox="0 0 {} 256" role="img" aria-label="{}">{}<path class="thin" d="M12 {}H{}"/>{}</svg>',
        width,
        label,
        format_html_join("", "{}", columns),
        CHART_BASE,
        width - 12,
        _chart_marks(marks, width),
    )


def _column(one: Mapping[str, Any], index: int, most: float, *, strong: bool, filled: bool) -> SafeString:
    x = CHART_LEFT + CHART_STEP * index
    middle = x + CHART_BAR / 2
    css = SafeString(' class="strong"' if strong else "")
    texts = format_html(
        '<text x="{m}" y="231" text-anchor="middle"{css}>{}</text>'
        '<text x="{m}" y="250" text-anchor="middle">{}</text>',
        one["label"],
        one.get("note", ""),
        m=middle,
        css=css,
    )
    if one.get("closed"):
        return format_html('<path class="break" d="M{} 66h52V212h-52z"/>{}', x - 8, texts)
    height = round(float(one["value"]) / most * (CHART_BASE - CHART_TOP), 1)
    return format_html(
        '<rect class="bar{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<text x="{}" y="{}" text-anchor="middle"{}>{}</text>{}',
        " sure" if filled else "",
        x,
        CHART_BASE - height,
        CHART_BAR,
        height,
        middle,
        CHART_BASE - height - 6,
        css,
        one["value"],
        texts,
    )


def _chart_marks(marks: Dicts, width: float) -> SafeString:
    def x(mark: Mapping[str, Any]) -> float:
        return CHART_LEFT + CHART_STEP * float(mark["at"]) + CHART_BAR / 2

    by_kind = {mark["kind"]: mark for mark in marks}
    parts = []
    if "half" in by_kind and "sure" in by_kind:
        a, b = x(by_kind["half"]), x(by_kind["sure"])
        parts.append(
            format_html(
                '<path class="dim" d="M{a} 48V64M{b} 48V64M{a} 56H{b}"/>'
                '<path class="arrow" d="M{a} 56l9-3v6zM{b} 56l-9-3v6z"/>',
                a=a,
                b=b,
            )
        )
    for kind, y in (("half", 40), ("sure", 20)):
        if kind in by_kind:
            parts.append(_chart_text("dimtext", x(by_kind[kind]), y, width, by_kind[kind]["label"]))
    if "limit" in by_kind:
        line = x(by_kind["limit"]) + CHART_STEP / 2
        parts.append(format_html('<path class="limitline" d="M{} 72V{}"/>', line, CHART_BASE))
        parts.append(_chart_text("limittext", line, 84, width, by_kind["limit"]["label"]))
    return format_html_join("", "{}", ((part,) for part in parts))


def _chart_text(css: str, x: float, y: float, width: float, label: str) -> SafeString:
    """Text that stays inside the picture: anchored away from the nearer edge."""
    anchor, shift = ("start", 6) if x < width / 3 else ("end", -6) if x > width / 2 else ("middle", 0)
    return format_html(
        '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>', css, x + shift, y, anchor, label
    )


def daybar(
    bars: Dicts,
    start: dt.datetime,
    end: dt.datetime,
    now: dt.datetime | None = None,
    breaks: Sequence[tuple[dt.datetime, dt.datetime]] = (),
) -> SafeString:
    """One machine's day for a table cell; hidden from readers, since the row says the same in words.

    A bar is a dict start, end, kind: a class of base.css ("" planned, "sure" done, "moved", "stop", "held",
    "other").
    """
    length = (end - start).total_seconds()

    def x(moment: dt.datetime) -> float:
        share = (moment - start).total_seconds() / length
        return round(min(max(share, 0.0), 1.0) * DAY_WIDTH, 1)

    shut = ((f"M{x(a)} 0H{x(b)}V26H{x(a)}z",) for a, b in breaks)
    ends = ((bar.get("kind", ""), x(bar["start"]), x(bar["end"])) for bar in bars)
    drawn = ((kind, a + 0.5, round(max(b - a - 1, 1.0), 1)) for kind, a, b in ends)
    return format_html(
        '<svg viewBox="0 0 {} {}" width="{}" aria-hidden="true">{}{}{}</svg>',
        DAY_WIDTH,
        DAY_HEIGHT,
        DAY_WIDTH,
        format_html_join("", '<path class="break" d="{}"/>', shut),
        format_html_join("", '<rect class="bar {}" x="{}" y="5.5" width="{}" height="15"/>', drawn),
        format_html('<path class="nowline" d="M{} 0V26"/>', x(now)) if now else "",
    )
