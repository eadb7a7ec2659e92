"""How words are joined in the reader's language: Chinese has full-width marks and no blanks between words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import get_language

CHINESE_MARKS = {", ": "，", "; ": "；", ": ": "：", ". ": "。"}
_AFTER_MARK = re.compile(r"(?<=[。，；：！？、])((?:</?\w[^>]*>)*)\s+")
_BETWEEN_WORDS = re.compile(r"(?<=[\u4e00-\u9fff])((?:</?\w[^>]*>)*) +((?:</?\w[^>]*>)*)(?=[\u4e00-\u9fff])")


def is_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "en").startswith("zh")


def mark(english: str) -> str:
    """The mark (one of `", "`, `"; "`, `": "`) as the reader's language writes it."""
    return CHINESE_MARKS[english] if is_chinese() else english


def joined(english: str, parts: Iterable[object]) -> str:
    """Parts joined by a mark."""
    return mark(english).join(map(str, parts))


def tidy(sentence: str) -> str:
    """A sentence, as text or HTML, without the blanks that English needs between its parts."""
    if not is_chinese():
        return sentence
    return _BETWEEN_WORDS.sub(r"\1\2", _AFTER_MARK.sub(r"\1", sentence))
