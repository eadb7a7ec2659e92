"""Words of the market's templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from gonghe.apps.orders.words import short_requirement
from gonghe.apps.technology.words import process_name, word_name
from gonghe.joining import joined

register = template.Library()


@register.filter
def requirement(wanted: Mapping[str, Any]) -> str:
    """What an operation asks for, in one line."""
    asked = short_requirement(wanted)
    process = process_name(str(wanted["process"]))
    return joined(", ", (process, asked)) if asked else process


@register.filter
def material(code: str) -> str:
    """A material group by its name."""
    return word_name("material_group", code)


@register.filter
def grouped(digest: str) -> str:
    """Letters of a digest in groups of four, so that two people can compare them aloud."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
