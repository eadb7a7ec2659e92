"""How figures, dates and spans read on a page, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation
from tests.web import samples
from tests.web.harness import STATIC

from gonghe import clock
from gonghe.web import words

NINGBO = "Asia/Shanghai"


@pytest.fixture(autouse=True)
def _march_2026() -> Iterator[None]:
    with clock.telling(samples.NOW):
        yield


def show(source: str, language: str = "en", **context: Any) -> str:
    """Render a piece of a template."""
    with translation.override(language):
        return Template("{% load gonghe_ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("18400"), "CNY", "¥18,400"),
        (Decimal("18400.00"), "CNY", "¥18,400"),
        (Decimal("306.666"), "CNY", "¥306.67"),
        (Decimal("-220"), "CNY", "−¥220"),
        (0, "CNY", "¥0"),
        (Decimal("1234567.5"), "EUR", "€1,234,567.50"),
        (5, "VND", "VND 5"),
    ],
)
def test_money(amount: Any, currency: str, text: str) -> None:
    assert show("{{ a|money:c }}", a=amount, c=currency) == text


def test_money_that_changes_and_ranges() -> None:
    assert show('{{ a|money_change:"CNY" }}', a=Decimal(220)) == "+¥220"
    assert show('{{ a|money_change:"CNY" }}', a=Decimal(0)) == "¥0"
    assert show('{% money_range a b "CNY" %}', a=16100, b=19800) == "¥16,100 to ¥19,800"
    assert show('{% money_range a b "CNY" %}', "zh-hans", a=16100, b=19800) == "¥16,100 至 ¥19,800"
    assert show('{% money_range a a "CNY" %}', a=16100) == "¥16,100"


@pytest.mark.parametrize(
    ("length", "english", "chinese"),
    [
        (0, "0 min", "0 分钟"),
        (40, "40 s", "40 秒"),
        (22 * 60, "22 min", "22 分钟"),
        (59 * 60 + 40, "1 h", "1 小时"),
        (timedelta(hours=12, minutes=40), "12 h 40 min", "12 小时 40 分"),
        (24 * 3600, "24 h", "24 小时"),
        (72 * 3600, "3 days", "3 天"),
        (76 * 3600, "3 days 4 h", "3 天 4 小时"),
        (-90 * 60, "−1 h 30 min", "−1 小时 30 分"),
    ],
)
def test_duration(length: Any, english: str, chinese: str) -> None:
    assert show("{{ a|duration }}", a=length) == english
    assert show("{{ a|duration }}", "zh-hans", a=length) == chinese


def test_hours() -> None:
    assert show("{{ a|hours }}", a=23400) == "6.5 h"
    assert show("{{ a|hours }}", a=1404 * 3600) == "1,404 h"
    assert show("{{ a|hours }}", "zh-hans", a=timedelta(hours=24)) == "24 小时"


def test_days_show_the_year_only_when_it_is_another() -> None:
    assert show("{{ a|day }}", a=date(2026, 3, 14)) == "14 March"
    assert show("{{ a|day }}", a=date(2027, 1, 4)) == "4 January 2027"
    assert show("{{ a|day }}", "zh-hans", a=date(2026, 3, 14)) == "3 月 14 日"
    assert show("{{ a|day }}", "zh-hans", a=date(2027, 1, 4)) == "2027 年 1 月 4 日"
    assert show("{{ a|weekday }}", a=date(2026, 3, 14)) == "Sat 14 March"
    assert show("{{ a|weekday }}", "zh-hans", a=date(2026, 3, 14)) == "3 月 14 日 周六"


def test_a_moment_is_told_on_the_clock_of_the_zone() -> None:
    late = datetime(2026, 3, 11, 16, 30, tzinfo=UTC)  # already the 12th at Ningbo
    site = SimpleNamespace(time_zone=NINGBO)
    assert show("{{ t|day:z }}", t=late, z=NINGBO) == "12 March"
    assert show("{{ t|daytime:z }}", t=late, z=site) == "12 March, 00:30"
    assert show("{{ t|daytime:z }}", t=late, z=ZoneInfo("UTC")) == "11 March, 16:30"
    assert show("{{ t|daytime:z }}", "zh-hans", t=late, z=site) == "3 月 12 日 00:30"
    assert show("{{ t|clock:z }}", t=late, z=NINGBO) == "00:30"
    assert show("{{ t|weektime:z }}", t=late, z=NINGBO) == "Thu 12, 00:30"
    assert show("{{ t|stamp:z }}", t=late, z=NINGBO) == "12 March 2026, 00:30"
    assert show("{{ t|stamp:z }}", "zh-hans", t=late, z=NINGBO) == "2026 年 3 月 12 日 00:30"


def test_spans() -> None:
    start = samples.at(6, 8)
    within = show("{% span_of a b z %}", a=start, b=start + timedelta(hours=3), z=NINGBO)
    over = show("{% span_of a b z %}", a=start, b=samples.at(9, 18.5), z=NINGBO)
    assert within == "Fri 6 March, 08:00–11:00"
    assert over == "Fri 6 March, 08:00 to Mon 9 March, 18:30"
    assert show("{% span_of a b z %}", "zh-hans", a=start, b=start + timedelta(hours=3), z=NINGBO) == (
        "3 月 6 日 周五 08:00–11:00"
    )


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (12.5, "MMT", "12.5 mm", "12.5 mm"),
        (60, "C62", "60 pieces", "60 件"),
        (1, "C62", "1 piece", "1 件"),
        (Decimal("0.940"), "KGM", "0.94 kg", "0.94 kg"),
        (1400, "HUR", "1,400 h", "1,400 小时"),
        (48, "HRC", "48 HRC", "48 HRC"),
    ],
)
def test_quantities(value: Any, unit: str, english: str, chinese: str) -> None:
    assert show("{{ v|quantity:u }}", v=value, u=unit) == english
    assert show("{{ v|quantity:u }}", "zh-hans", v=value, u=unit) == chinese


def test_what_is_missing_leaves_nothing() -> None:
    filters = [
        "money",
        "money_change",
        "hours",
        "duration",
        "day",
        "weekday",
        "daytime",
        "stamp",
        "clock",
        "quantity",
    ]
    assert [show(f"{{{{ a|{name} }}}}", a=None) for name in filters] == [""] * len(filters)
    assert show("{% money_range a b %}", a=None, b=3) == ""


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        show("{{ t|daytime }}", t=datetime(2026, 3, 9, 10))  # noqa: DTZ001
    with pytest.raises(ZoneInfoNotFoundError):
        show('{{ t|daytime:"Asia/Nowhere" }}', t=samples.NOW)


def test_a_state_has_shape_word_and_colour() -> None:
    html = show('{% state "down" name boxed=True %}', name="M2 <down>")
    assert 'class="state down boxed"' in html
    assert 'href="#s-down"' in html
    assert "M2 &lt;down&gt;" in html
    assert ">set-up</span>" in show('{% state "setup" %}')
    with pytest.raises(KeyError):
        show('{% state "busy" %}')


def test_every_state_and_icon_is_in_the_sprite() -> None:
    sprite = (STATIC.parent / "templates/components/icons.svg").read_text()
    assert all(f'id="s-{kind}"' in sprite for kind in words.STATES)
    for name in ("today", "orders", "market", "plan", "workshop", "capacity", "knowhow", "members"):
        assert f'id="i-{name}"' in sprite


def test_wrapped_leaves_nothing_around_nothing() -> None:
    assert show('{% wrapped "p" "why" %} {% if a %}{{ a }}{% endif %} {% endwrapped %}') == ""
    assert show('{% wrapped "p" "why" %} {{ a }} {% endwrapped %}', a="x") == '<p class="why">x</p>'
    with pytest.raises(TemplateSyntaxError):
        show('{% wrapped "p" %}{% endwrapped %}')


def test_a_range_is_drawn_to_scale() -> None:
    marks = [{"at": 100, "label": "¥100"}, {"at": 150, "label": "<limit>", "kind": "limit"}]
    html = show('{% dimension m 100 200 "100 to 200" %}', m=marks)
    assert "M60.0 40H484.0" in html  # both ends, 60 px from the edges of 544
    assert 'x="272.0" y="78"' in html  # the limit, in the middle
    assert "&lt;limit&gt;" in html


def test_a_promise_chart_marks_half_and_nine_of_ten() -> None:
    bins = [{"label": str(day), "note": "", "value": value} for day, value in ((12, 10), (13, 20), (14, 5))]
    marks = [{"at": 1, "label": "half", "kind": "half"}, {"at": 2, "label": "nine of ten", "kind": "sure"}]
    html = show('{% histogram b m "runs" %}', b=bins, m=marks)
    assert html.count("<rect") == 3
    assert 'class="bar sure" x="74" y="90.0" width="36" height="122.0"' in html
    assert 'height="61.0"' in html
    assert "M92.0 48V64M144.0 48V64" in html


def test_a_day_bar_is_cut_at_the_ends_of_the_day() -> None:
    bars = [{"start": samples.at(9, 6), "end": samples.at(9, 14.5), "kind": "sure"}]
    html = show(
        "{% daybar b s e n k %}", b=bars, s=samples.at(9, 8), e=samples.at(9, 21), n=samples.at(9, 14.5), k=[]
    )
    assert 'class="bar sure" x="0.5" y="5.5" width="233.0"' in html
    assert "M234.0 0V26" in html


def test_the_legend_names_only_what_occurs() -> None:
    kinds = [css for css, _words in words.plan_kinds(samples.plan())]
    assert kinds == ["chain", "moved", "proposed", "", "made", "held", "stop", "other", "break"]
    taken = words.plan_kinds({"bars": [{"kind": "taken"}], "rows": []})
    assert taken == [("other", "taken; not shared with you")]


def test_the_scripts_get_exactly_the_words_they_use() -> None:
    import re

    used = set()
    for path in (STATIC / "js").rglob("*.js"):
        used |= set(re.findall(r'\bsay\("([^"]+)"', path.read_text()))
    kinds = set(words.PLAN_KINDS) - {"chain"}
    assert set(words.script_words()) == used | kinds
