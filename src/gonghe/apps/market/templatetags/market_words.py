"""Words of the market's templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from gonghe.apps.technology.words import requirement_text

register = template.Library()


@register.filter
def requirement(wanted: Mapping[str, Any]) -> str:
    """What an operation asks for, in one line."""
    return requirement_text(wanted)


@register.filter
def grouped(digest: str) -> str:
    """Letters of a digest in groups of four, so that two people can compare them aloud."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
