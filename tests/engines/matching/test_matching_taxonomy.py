"""The shipped taxonomy and what a broken one is refused for."""

from __future__ import annotations

from collections import Counter

import pytest

from gonghe.engines.matching import Process, Taxonomy
from gonghe.engines.model.matching import Constraint, InvalidMatchingData, Property, UnknownProcess

MASS = Property("mass_kg", "KGM", "max", "mass", "质量")

NEEDED = (
    "saw turning turn-mill milling milling-3axis milling-5axis drilling grinding "
    "grinding-cylindrical grinding-surface grinding-internal sheet-metal "
    "laser-cutting punching bending welding deburring heat-treatment hardening "
    "annealing coating anodising painting galvanising assembly mechanical-assembly "
    "electronics-assembly inspection cmm-inspection garment cutting-textile sewing "
    "finishing-textile additive powder-bed-fusion injection-moulding casting forging "
)


def test_every_code_that_the_product_speaks_of_is_there() -> None:
    assert set(NEEDED.split()) <= Taxonomy.load().processes.keys()


def test_shipped_names_are_complete_and_lead_to_one_process() -> None:
    taxonomy = Taxonomy.load()
    assert len(taxonomy.processes) == 294
    names = Counter(
        (name.casefold(), process.code) for process in taxonomy.processes.values() for name in process.names
    )
    owners = Counter(name for name, _ in names)
    assert [name for name, count in owners.items() if count > 1] == []
    for process in taxonomy.processes.values():
        assert process.standard.startswith(("DIN 8580", "ISO")), process.code
        assert any("\u4e00" <= sign <= "\u9fff" or sign.isdigit() for sign in process.zh), process.code
        assert taxonomy.judged_by(process.code), process.code


def test_every_leaf_knows_by_what_it_is_judged_and_which_way_is_better() -> None:
    taxonomy = Taxonomy.load()
    leaves = [code for code in taxonomy.processes if not taxonomy.children(code)]
    assert len(leaves) == 246
    for leaf in leaves:
        judged = {one.code for one in taxonomy.judged_by(leaf)}
        assert {"batch_pieces", "certificate"} <= judged, leaf
        assert taxonomy.defaults(leaf).keys() <= judged, leaf
    better = {code: taxonomy.property(code).better for code in ("tolerance_it", "wall_mm", "mass_kg")}
    assert better == {"tolerance_it": "smaller", "wall_mm": "smaller", "mass_kg": "larger"}
    assert taxonomy.property("thickness_mm").better == "wider"
    assert taxonomy.property("material_group").better == "more"


def test_additive_holds_the_seven_categories_of_iso_astm_52900() -> None:
    taxonomy = Taxonomy.load()
    marks = {one.standard.split()[-1] for one in taxonomy.children("additive")}
    assert {"PBF", "MEX", "VPP", "MJT", "BJT", "DED", "SHL"} <= marks
    assert taxonomy.guess("金属3D打印") == "pbf-lb-metal"


def test_units_are_codes_of_recommendation_20() -> None:
    units = {found.unit for found in Taxonomy.load().properties.values()}
    assert units == {"", "MMT", "4H", "KGM", "CEL", "B47", "H87"}


def test_tree() -> None:
    taxonomy = Taxonomy.load()
    assert taxonomy.ancestors("milling-5axis") == ("milling-5axis", "milling", "machining")
    assert "turning" in [process.code for process in taxonomy.children("machining")]
    assert {process.parent for process in taxonomy.children(None)} == {None}
    assert taxonomy.satisfying("milling-3axis") == {
        "milling-3axis",
        "milling-4axis",
        "milling-5axis",
        "milling-gantry",
        "turn-mill",
    }
    assert [found.code for found in taxonomy.judged_by("turning-swiss")] == [
        "tolerance_it",
        "roughness_ra_um",
        "material_group",
        "mass_kg",
        "batch_pieces",
        "certificate",
        "diameter_mm",
        "length_mm",
    ]


def test_defaults_of_a_child_go_over_those_of_its_parent() -> None:
    assert Taxonomy.load().defaults("turning-swiss") == {
        "tolerance_it": Constraint(min=6),
        "roughness_ra_um": Constraint(min=0.8),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Machine 2 - Round Grinding", "grinding-cylindrical"),
        ("Machine 4 - Turning & Milling", "turn-mill"),
        ("Turning - Machine 8", "turning"),
        ("Quality Check 1", "inspection"),
        ("Machine 7- Laser Marking", "marking"),
        ("Wire Cut - Machine 13", "edm-wire"),
        ("数控车床 CK6140", "turning"),
        ("五轴加工中心", "milling-5axis"),
        ("缝纫线 3", "sewing"),
        ("Windmill", None),
        ("", None),
    ],
)
def test_guess_from_the_name_of_a_machine(text: str, code: str | None) -> None:
    assert Taxonomy.load().guess(text) == code


def node(code: str, parent: str | None = None, **more: object) -> Process:
    return Process(code, parent, code, code, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("processes", "says"),
    [
        ([node("a"), node("a")], "process a occurs twice"),
        ([node("a", "b")], "process a refers to 'b'"),
        ([node("a", "b"), node("b", "c"), node("c", "a")], "its own ancestor: a < b < c < a"),
        ([node("a", also_does=("x",))], "process a refers to 'x'"),
        ([node("a", properties=("colour",))], "unknown property 'colour'"),
        ([node("a", defaults={"colour": Constraint(max=1)})], "unknown property 'colour'"),
    ],
)
def test_broken_taxonomies_are_refused(processes: list[Process], says: str) -> None:
    with pytest.raises(InvalidMatchingData, match=says):
        Taxonomy(processes, [MASS])


def test_names_in_both_languages_are_needed() -> None:
    with pytest.raises(InvalidMatchingData, match="both languages"):
        Process("a", None, "a", "")


def test_double_property_and_unknown_process() -> None:
    with pytest.raises(InvalidMatchingData, match="property mass_kg occurs twice"):
        Taxonomy([node("a")], [MASS, MASS])
    with pytest.raises(UnknownProcess, match=r"there is no process 'zzz'$"):
        Taxonomy.load().ancestors("zzz")


def test_extension_without_code() -> None:
    taxonomy = Taxonomy.from_json(
        {
            "properties": [{"code": "mass_kg", "unit": "KGM", "kind": "max", "en": "mass", "zh": "质量"}],
            "processes": [
                {"code": "art", "en": "art", "zh": "艺术"},
                {
                    "code": "carving",
                    "parent": "art",
                    "en": "carving",
                    "zh": "雕刻",
                    "defaults": {"mass_kg": {"max": 5}},
                },
            ],
        }
    )
    assert taxonomy.defaults("carving") == {"mass_kg": Constraint(max=5)}
    assert taxonomy.satisfying("art") == {"art", "carving"}
