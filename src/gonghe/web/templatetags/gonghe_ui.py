"""Template tags of every page: figures, dates, states, icons, and the small pictures drawn by the server.

The zone argument of the date filters is an IANA name, a tzinfo, an object with `time_zone` (a site, an
organisation) or nothing for the current zone. Missing values give an empty string: a page never shows "None".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString

from gonghe import joining
from gonghe.clock import now
from gonghe.web import drawings, formats, words

register = template.Library()

Dicts = Sequence[Mapping[str, Any]]


def _is_missing(value: Any) -> bool:
    return value is None or value == ""


@register.filter
def money(amount: Any, currency: str = "CNY") -> str:
    """¥18,400."""
    return "" if _is_missing(amount) else formats.money(amount, currency)


@register.filter
def money_change(amount: Any, currency: str = "CNY") -> str:
    """+¥220."""
    return "" if _is_missing(amount) else formats.money_change(amount, currency)


@register.simple_tag
def money_range(low: Any, high: Any, currency: str = "CNY") -> str:
    """¥16,100 to ¥19,800; one figure when both ends are the same."""
    if _is_missing(low) or _is_missing(high):
        return ""
    ends = formats.money(low, currency), formats.money(high, currency)
    return ends[0] if ends[0] == ends[1] else formats.between(*ends)


@register.filter
def hours(length: Any) -> str:
    """6.5 h, of seconds or a timedelta."""
    return "" if _is_missing(length) else formats.hours(length)


@register.filter
def duration(length: Any) -> str:
    """12 h 40 min, of seconds or a timedelta."""
    return "" if _is_missing(length) else formats.duration(length)


@register.filter
def day(moment: dt.date | None, zone: Any = None) -> str:
    """14 March."""
    return "" if not moment else formats.day(moment, zone)


@register.filter
def weekday(moment: dt.date | None, zone: Any = None) -> str:
    """Sat 14 March."""
    return "" if not moment else formats.weekday(moment, zone)


@register.filter
def daytime(moment: dt.datetime | None, zone: Any = None) -> str:
    """11 March, 16:00."""
    return "" if not moment else formats.daytime(moment, zone)


@register.filter
def weektime(moment: dt.datetime | None, zone: Any = None) -> str:
    """Tue 10, 08:00."""
    return "" if not moment else formats.weektime(moment, zone)


@register.filter
def soon(moment: dt.datetime | None, zone: Any = None) -> str:
    """18:20 when that is today, else Tue 10, 08:00."""
    if not moment:
        return ""
    today = f"{formats.local(moment, zone):%x}" == f"{formats.local(now(), zone):%x}"
    return formats.clock_time(moment, zone) if today else formats.weektime(moment, zone)


@register.filter
def stamp(moment: dt.datetime | None, zone: Any = None) -> str:
    """9 March 2026, 10:20."""
    return "" if not moment else formats.daytime(moment, zone, year=True)


@register.filter
def clock(moment: dt.datetime | None, zone: Any = None) -> str:
    """18:20."""
    return "" if not moment else formats.clock_time(moment, zone)


@register.simple_tag
def span_of(start: dt.datetime, end: dt.datetime, zone: Any = None) -> str:
    """Fri 6 March, 08:00–11:00."""
    return formats.span(start, end, zone)


@register.simple_tag
def mark(english: str) -> SafeString:
    """ ", ", "; ", ". " or ": " as the reader's language writes it."""
    return SafeString(joining.mark(english))


@register.filter
def joined(parts: Sequence[Any], english: str) -> str:
    """Parts joined by such a mark."""
    return joining.joined(english, parts)


@register.filter
def quantity(value: Any, unit: str = "C62") -> str:
    """12.5 mm, 60 pieces."""
    return "" if _is_missing(value) else formats.quantity(value, unit)


@register.filter
def plan_kinds(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(CSS class, words) for the legend of a plan."""
    return words.plan_kinds(plan)


@register.filter
def nth(items: Sequence[Any], index: int) -> Any:
    """Item at `index`, or an empty dict beyond the end."""
    return items[index] if index < len(items) else {}


@register.filter
def get(items: Mapping[str, Any] | str | None, key: str) -> Any:
    """Value of `key`, or an empty string."""
    return items.get(key, "") if isinstance(items, Mapping) else ""


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Icon of the sprite; hidden from readers unless it has a label."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="#i-{}"/></svg>', label, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.inclusion_tag("components/state.html")
def state(kind: str, label: str = "", *, boxed: bool = False) -> dict[str, Any]:
    """State chip: shape, word, colour.

    Raises
    ------
    KeyError
        If `kind` is none of :data:`gonghe.web.words.STATES`.
    """
    word = words.STATES[kind]
    return {"kind": kind, "label": label or word, "boxed": boxed}


@register.simple_tag
def dimension(marks: Dicts, low: Any, high: Any, label: str) -> SafeString:
    """Range as a dimension line; see :func:`gonghe.web.drawings.dimension`."""
    return format_html('<figure class="chart">{}</figure>', drawings.dimension(marks, low, high, label))


@register.simple_tag
def histogram(bins: Dicts, marks: Dicts, label: str) -> SafeString:
    """Promise chart; see :func:`gonghe.web.drawings.histogram`."""
    return format_html('<figure class="chart">{}</figure>', drawings.histogram(bins, marks, label))


@register.simple_tag
def daybar(
    bars: Dicts,
    start: dt.datetime,
    end: dt.datetime,
    now: dt.datetime | None = None,
    breaks: Sequence[tuple[dt.datetime, dt.datetime]] = (),
) -> SafeString:
    """One machine's day in a table cell; see :func:`gonghe.web.drawings.daybar`."""
    return drawings.daybar(bars, start, end, now, breaks)


@register.simple_tag
def ui_words() -> SafeString:
    """Words of the scripts in the active language, as data."""
    return json_script(words.script_words(), "ui-words")


class _WrappedNode(template.Node):
    """Puts an element around its content, or leaves nothing when there is none."""

    def __init__(self, element: str, css: str, nodelist: NodeList) -> None:
        self.element, self.css, self.nodelist = element, css, nodelist

    def render(self, context: Context) -> SafeString:
        inside = joining.tidy(self.nodelist.render(context).strip())
        if not inside:
            return SafeString("")
        return SafeString(f'<{self.element} class="{self.css}">{inside}</{self.element}>')


@register.tag
def wrapped(parser: Parser, token: Token) -> _WrappedNode:
    """`{% wrapped "div" "crumb" %}...{% endwrapped %}`: the element only when there is something in it.

    Raises
    ------
    django.template.TemplateSyntaxError
        If there are not exactly two quoted arguments.
    """
    try:
        _name, element, css = token.split_contents()
    except ValueError as error:
        raise template.TemplateSyntaxError("wrapped takes an element and a class") from error
    nodelist = parser.parse(("endwrapped",))
    parser.delete_first_token()
    return _WrappedNode(element.strip("\"'"), css.strip("\"'"), nodelist)
