"""What the order page says of grooves, threads and reach, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation

from gonghe.apps.orders import words
from gonghe.engines.model.part_features import Groove, Reach, SetUp, Thread
from gonghe.engines.model.parts import Family, PartAnalysis, Turned, Warning_

AXIS = (0.0, 0.0, 1.0)
GROOVES = (
    Groove("outside", 12.0, 1.3, 0.95, 18.1, (3, 4, 5)),
    Groove("outside", 40.0, 1.3, 0.95, 18.1, (6, 7, 8)),
    Groove("inside", 5.0, 2.0, 1.0, 12.0, (9,)),
    Groove("face", 60.0, 4.0, 3.0, 30.0, (10,)),
)
SHAFT = PartAnalysis(
    "step", "mm", True, 1.0, 1.0, (20, 20, 60), 1, 20, (Family("turn-mill", 0.9, ()),),
    turned=Turned(AXIS, 20.0, 60.0, 0.0, 0.9, grooves=GROOVES),
    threads=(
        Thread("M6", 6.0, 1.0, True, "note", 10.0, (1,)),
        Thread("M8", 8.0, 1.25, True, "diameter", None, (2,)),
    ),
    reach=Reach((SetUp(AXIS, (0,)),), "3+2"),
    setups=3,
)  # fmt: skip


def told(language: str) -> list[tuple[str, str, int, str]]:
    with translation.override(language):
        return [(row["what"], row["size"], row["count"], row["faces"]) for row in words.features_of(SHAFT)]


def test_rows_of_grooves_and_threads() -> None:
    assert told("en") == [
        ("Groove outside", "Ø18.1, 1.3 mm wide, 0.95 mm deep", 2, "3 4 5 6 7 8"),
        ("Groove in the bore", "Ø12, 2 mm wide, 1 mm deep", 1, "9"),
        ("Groove in the face", "Ø30, 4 mm wide, 3 mm deep", 1, "10"),
        ("Thread", "M6", 1, "1"),
        ("Thread", "perhaps M8, guessed from the diameter", 1, "2"),
    ]


def test_the_same_in_chinese() -> None:
    rows = told("zh-hans")
    assert [row[0] for row in rows] == ["外圆槽", "内孔槽", "端面槽", "螺纹", "螺纹"]
    assert rows[0][1] == "Ø18.1，宽 1.3 mm，深 0.95 mm"
    assert rows[4][1] == "可能是 M8（按孔径推测）"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "3 clampings, tilted (3+2 axes)"), ("zh-hans", "3 次装夹，倾斜（3+2 轴）")],
)
def test_reach_in_a_line(language: str, expected: str) -> None:
    with translation.override(language):
        assert words.reach_text(SHAFT) == expected
        assert words.reach_text(replace(SHAFT, families=(Family("turned", 0.9, ()),))) == ""
        assert words.reach_text(replace(SHAFT, reach=None)) == ""


@pytest.mark.parametrize(
    "code", ["undercut", "tilted_reach", "short_flange", "cutout_near_bend", "fine_for_sheet", "too_large"]
)
def test_every_new_warning_has_words_of_both_languages(code: str) -> None:
    warned = replace(SHAFT, warnings=(Warning_(code, "in English only", ()),))
    said = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said.add(str(words.warnings_of(warned)[0]))
    assert len(said) == 2
    assert not any("in English only" in text for text in said)
