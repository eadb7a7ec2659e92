"""Words are joined as the reader's language writes them."""

from __future__ import annotations

import pytest
from django.template import engines
from django.utils import translation

from gonghe import joining


def test_marks_follow_the_language() -> None:
    page = engines["django"].from_string(
        '{% load gonghe_ui %}{{ a }}{% mark ", " %}{{ b }}{% mark ": " %}{{ all|joined:"; " }}'
    )
    facts = {"a": "M1", "b": "锯切", "all": ["甲", "乙"]}
    assert page.render(facts) == "M1, 锯切: 甲; 乙"
    with translation.override("zh-hans"):
        assert page.render(facts) == "M1，锯切：甲；乙"


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        ("恒达精密 接收了 <a>60 件</a>。 还剩 1 件", "恒达精密接收了 <a>60 件</a>。还剩 1 件"),
        ('预计 <a href="#promise">3 月 14 日</a> 到货', '预计 <a href="#promise">3 月 14 日</a>到货'),
        ("8 台中 3 台加工中； <a>已完成</a>", "8 台中 3 台加工中；<a>已完成</a>"),
        ("3 月 11 日 16:00 截标", "3 月 11 日 16:00 截标"),
    ],
)
def test_chinese_sentences_have_no_blanks_but_around_figures(written: str, tidied: str) -> None:
    assert joining.tidy(written) == written
    with translation.override("zh-hans"):
        assert joining.tidy(written) == tidied
