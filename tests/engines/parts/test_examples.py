"""Every example part against its closed form."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from examples.parts import MAKERS, write_all

from gonghe.engines.model.parts import PartAnalysis

NAMES = [maker.__name__.replace("_", "-") for maker in MAKERS]


@pytest.mark.parametrize("name", NAMES)
def test_size_is_exact(
    name: str, analyses: dict[str, PartAnalysis], records: dict[str, dict[str, Any]]
) -> None:
    found, known = analyses[name], records[name]
    assert found.volume_mm3 == pytest.approx(known["volume_mm3"], rel=1e-9)
    assert found.area_mm2 == pytest.approx(known["area_mm2"], rel=1e-9)
    assert found.box_mm == pytest.approx(known["box_mm"], abs=1e-6)
    assert (found.unit, found.valid, found.bodies) == ("mm", True, 1)


@pytest.mark.parametrize("name", NAMES)
def test_holes_are_exact(
    name: str, analyses: dict[str, PartAnalysis], records: dict[str, dict[str, Any]]
) -> None:
    found = Counter(
        (round(hole.diameter_mm, 6), round(hole.depth_mm, 6), hole.through) for hole in analyses[name].holes
    )
    known = {
        (hole["diameter_mm"], hole["depth_mm"], hole["through"]): hole["count"]
        for hole in records[name]["holes"]
    }
    assert found == known


@pytest.mark.parametrize("name", NAMES)
def test_family(name: str, analyses: dict[str, PartAnalysis], records: dict[str, dict[str, Any]]) -> None:
    found, known = analyses[name], records[name]
    assert found.family == known["family"]
    if known["family"] == "sheet":
        assert found.sheet is not None
        assert found.sheet.thickness_mm == pytest.approx(known["thickness_mm"], rel=1e-9)
        assert found.sheet.bends == known["bends"]


def test_counterbores_are_seen(analyses: dict[str, PartAnalysis]) -> None:
    assert [hole.counterbore_mm for hole in analyses["cover-plate"].holes] == pytest.approx([11.0] * 6)
    assert {hole.counterbore_mm for hole in analyses["manifold-block"].holes} == {None}


def test_flat_pattern_of_the_angle(analyses: dict[str, PartAnalysis]) -> None:
    sheet = analyses["l-bracket"].sheet
    assert sheet is not None
    (bend,) = sheet.bend_list
    assert (bend.angle_deg, bend.inner_radius_mm, bend.length_mm) == pytest.approx((90.0, 3.0, 50.0))
    # legs 60 and 40 less the corner of 5 each, neutral fibre at 0.44 of 2 mm inside r = 3
    neutral = 55 + 35 + 3.141592653589793 / 2 * (3 + 0.44 * 2)
    holes = 4 * 3.141592653589793 * 3.3**2
    assert sheet.flat_area_mm2 == pytest.approx(neutral * 50 - holes, rel=1e-9)


def test_turned_parts_name_their_bar(analyses: dict[str, PartAnalysis]) -> None:
    flange = analyses["flange"].turned
    assert flange is not None
    assert (flange.diameter_mm, flange.length_mm, flange.bore_mm) == pytest.approx((120.0, 40.0, 30.0))
    shaft = analyses["stepped-shaft"].turned
    assert shaft is not None
    assert (shaft.diameter_mm, shaft.length_mm, shaft.bore_mm) == pytest.approx((40.0, 170.0, 0.0))
    assert shaft.round_share == pytest.approx(1.0)


def test_analysis_survives_json(analyses: dict[str, PartAnalysis]) -> None:
    for analysis in analyses.values():
        assert PartAnalysis.from_json(analysis.to_json()) == analysis


def test_mass_follows_density(analyses: dict[str, PartAnalysis], records: dict[str, dict[str, Any]]) -> None:
    volume = records["spacer"]["volume_mm3"]
    assert analyses["spacer"].mass_kg("brass") == pytest.approx(volume * 8.5e-6)


def test_writing_twice_gives_the_same_bytes(example_folder: Path, tmp_path: Path) -> None:
    write_all(tmp_path)
    for file in sorted(example_folder.iterdir()):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name
