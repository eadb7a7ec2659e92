"""Contrast of every pair of tokens that meets on a page, in both themes (WCAG 2.2, AA)."""

from __future__ import annotations

import re

import pytest
from tests.web.harness import STATIC

CSS = (STATIC / "css" / "tokens.css").read_text()
TOKENS = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)}
STATES = ["producing", "setup", "idle", "down", "blocked"]
TEXT = ["ink", "ink-2", "blue", "blue-deep", "brass", "unknown", *STATES]
WASHES = ["blue-wash", "down-wash", "setup-wash", "blocked-wash", "idle-wash", "producing-wash"]

PAIRS = [(fg, bg, 4.5) for fg in TEXT for bg in ("paper", "sheet", "wash")]
PAIRS += [(fg, f"{state}-wash", 4.5) for state in STATES for fg in ("ink", "ink-2", state)]
PAIRS += [(fg, f"{hue}-wash", 4.5) for hue in ("blue", "brass") for fg in ("ink", "ink-2", hue)]
PAIRS += [("on-blue", bg, 4.5) for bg in ("blue", "blue-deep", "blue*82+paper")]
PAIRS += [("ink", f"blue*{share}+paper", 4.5) for share in (3, 14, 30)]
PAIRS += [("paper", "ink", 4.5), ("ink", "rule", 4.5), ("ink-2", "rule", 4.5)]
PAIRS += [("rule-2", bg, 3.0) for bg in ("paper", "sheet", "wash", "blue-wash")]
PAIRS += [("blue", bg, 3.0) for bg in WASHES]
PAIRS += [(state, "paper", 3.0) for state in STATES]


def channels(colour: str) -> list[float]:
    """Red, green, blue as 0 to 1."""
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def colour(name: str, theme: int) -> list[float]:
    """A token, or `blue*30+paper` for a mix as in color-mix(in srgb, ...)."""
    if "*" not in name:
        return channels(TOKENS[name][theme])
    top, rest = name.split("*")
    share, base = rest.split("+")
    part = int(share) / 100
    mixed = zip(colour(top, theme), colour(base, theme), strict=True)
    return [part * a + (1 - part) * b for a, b in mixed]


def luminance(rgb: list[float]) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: list[float], second: list[float]) -> float:
    """Contrast ratio, 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast(channels("#000000"), channels("#ffffff")) == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_can_be_read(theme: int) -> None:
    measured = {(fg, bg): contrast(colour(fg, theme), colour(bg, theme)) for fg, bg, _least in PAIRS}
    weak = {(fg, bg): measured[fg, bg] for fg, bg, least in PAIRS if measured[fg, bg] < least}
    assert len(PAIRS) == 78
    assert weak == {}


def test_every_token_that_the_styles_use_exists() -> None:
    defined = set(re.findall(r"--([\w-]+):", CSS))
    for path in (STATIC / "css").glob("*.css"):
        text = path.read_text()
        local = set(re.findall(r"--([\w-]+):", text))
        used = set(re.findall(r"var\(--([\w-]+)", text))
        assert used - defined - local == set(), path.name
