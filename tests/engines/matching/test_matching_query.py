"""Thirteen sentences, and what is to be understood of each: written by hand."""

from __future__ import annotations

import pytest

from gonghe.engines.matching import Taxonomy, understand

KEY = {
    "a laser that cuts 3 mm aluminium, 1,500 x 3,000, within 30 km, certified ISO 9001": {
        "process": "laser-cutting",
        "thickness_mm": 3,
        "material_group": "aluminium",
        "envelope_x_mm": 1500,
        "envelope_y_mm": 3000,
        "distance_km": 30,
        "certificate": "ISO 9001",
    },
    "能切3毫米铝板的激光切割，1500×3000，30公里以内，通过ISO9001认证": {
        "process": "laser-cutting",
        "thickness_mm": 3,
        "material_group": "aluminium",
        "envelope_x_mm": 1500,
        "envelope_y_mm": 3000,
        "distance_km": 30,
        "certificate": "ISO 9001",
    },
    "5-axis milling of titanium, 400 x 300 x 20 cm, IT6": {
        "process": "milling-5axis",
        "material_group": "titanium",
        "envelope_x_mm": 4000,
        "envelope_y_mm": 3000,
        "envelope_z_mm": 200,
        "tolerance_it": 6,
    },
    "五轴 钛合金 H7": {"process": "milling-5axis", "material_group": "titanium", "tolerance_it": 7},
    "cylindrical grinding, Ø80, 60 HRC, Ra 0.4 µm": {
        "process": "grinding-cylindrical",
        "diameter_mm": 80,
        "hardness_hrc": 60,
        "roughness_ra_um": 0.4,
    },
    "turning diameter 12 cm, 1.2 m long, 500 pcs": {
        "process": "turning",
        "diameter_mm": 120,
        "length_mm": 1200,
        "batch_pieces": 500,
    },
    "走心机 直径8毫米 2000件 黄铜": {
        "process": "turning-swiss",
        "diameter_mm": 8,
        "batch_pieces": 2000,
        "material_group": "brass",
    },
    "injection moulding 200 t plastic": {
        "process": "injection-moulding",
        "force_kn": 1961.33,
        "material_group": "plastic",
    },
    "press brake 3 m long stainless steel 6 mm thick": {
        "process": "bending",
        "length_mm": 3000,
        "thickness_mm": 6,
        "material_group": "stainless",
    },
    "forging 25 kg steel within 12.5 kilometres": {
        "process": "forging",
        "mass_kg": 25,
        "material_group": "steel",
        "distance_km": 12.5,
    },
    "三坐标 500x400x300mm ISO/IEC 17025": {
        "process": "cmm-inspection",
        "envelope_x_mm": 500,
        "envelope_y_mm": 400,
        "envelope_z_mm": 300,
        "certificate": "ISO 17025",
    },
    "metal 3D printing 250 x 250 x 300 mm": {
        "process": "pbf-lb-metal",
        "envelope_x_mm": 250,
        "envelope_y_mm": 250,
        "envelope_z_mm": 300,
    },
    "锁边 5000件 OEKO-TEX 100": {
        "process": "sewing-overlock",
        "batch_pieces": 5000,
        "certificate": "OEKO-TEX 100",
    },
}


@pytest.mark.parametrize("text", KEY)
def test_a_sentence_is_understood(text: str) -> None:
    found = understand(text, Taxonomy.load())
    assert {one.key: one.value for one in found.pieces} == KEY[text]
    assert found.rest == ()


def test_a_piece_can_be_taken_out_and_what_says_nothing_is_told() -> None:
    taxonomy = Taxonomy.load()
    found = understand("Laser cutting 3 mm zebra within 30 km", taxonomy)
    assert found.rest == ("zebra",)
    thickness = next(one for one in found.pieces if one.key == "thickness_mm")
    assert found.without(thickness) == "laser cutting zebra within 30 km"
    assert (found.within_km, found.process) == (30, "laser-cutting")
    assert understand("30 km", taxonomy).requirement() is None


def test_words_about_one_property_are_all_wanted() -> None:
    wanted = understand("welding ISO 9001 and ISO 3834", Taxonomy.load()).requirement()
    assert wanted is not None
    assert set(wanted.properties["certificate"]) == {"ISO 9001", "ISO 3834"}  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_property_is_understood_by_its_name(language: str) -> None:
    """Also those that no pattern knows, with their units; one length is told in metres."""
    taxonomy = Taxonomy.load()
    numbers = [one for one in taxonomy.properties.values() if one.kind != "set"]
    units = {"MMT": "mm", "KGM": "kg", "4H": "µm", "CEL": "°C", "B47": "kN"}
    for at, one in enumerate(numbers, 1):
        text = f"{getattr(one, language)}: {at * 1000:,} {units.get(one.unit, '')}; sewing"
        found = understand(text, taxonomy)
        assert {piece.key: piece.value for piece in found.pieces} == {
            one.code: at * 1000,
            "process": "sewing",
        }
        assert found.rest == ()
    assert understand("depth: 1.5 m", taxonomy).pieces[0].value == 1500


def test_a_name_with_a_foreign_unit_is_no_statement_of_the_property() -> None:
    """Two hundred tonnes of force are not 200 kN."""
    found = understand("注塑 压力 200吨", Taxonomy.load())
    assert {one.key: one.value for one in found.pieces} == {
        "process": "injection-moulding",
        "force_kn": 1961.33,
    }
