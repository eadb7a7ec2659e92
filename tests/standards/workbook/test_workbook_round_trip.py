"""Export, import, export: the same rows and the same bytes."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonghe.engines.matching import Taxonomy
from gonghe.engines.model.matching import constraints_from_json
from gonghe.standards.workbook import (
    CalendarRow,
    CapabilityRow,
    CertificateRow,
    EquipmentRow,
    RateRow,
    SiteRow,
    Vocabulary,
    Workbook,
    WorkbookUnwritable,
    layout,
    read,
    write,
)

TAXONOMY = Taxonomy.load()
VOCABULARY = Vocabulary(
    processes=tuple((process.code, process.en, process.zh) for process in TAXONOMY.processes.values()),
    materials=tuple((word.code, word.en, word.zh) for word in TAXONOMY.words["material_group"]),
    properties=frozenset(TAXONOMY.properties),
    worded=frozenset(code for code, found in TAXONOMY.properties.items() if found.kind == "set"),
)

FIRM = Workbook(
    sites=(SiteRow("W1", "=Main", "8 Mill Lane", 31.57, 120.29, "Asia/Shanghai"),),
    equipment=(
        EquipmentRow("007", "W1", "立式加工中心", 2, "night", False),
        EquipmentRow("B1", "W1", "Bench", 1, "", True, False),
    ),
    capabilities=(
        CapabilityRow(
            "007",
            "milling-5axis",
            True,
            {
                "batch_pieces": {"min": 1, "max": 500},
                "certificate": {"set": ("EN 9100", "ISO 9001")},
                "depth_mm": {"max": 20.5},
                "envelope_x_mm": {"min": 5, "max": 500},
                "material_group": {"set": ("aluminium", "steel")},
                "surface": {"set": ("gloss", "matt, white")},
                "tolerance_it": {"min": 6.5},
            },
        ),
    ),
    calendars=(
        CalendarRow("night", 6, time(22), time(6), None, "Nights", "Asia/Tokyo", "CN"),
        CalendarRow("night", 0, time(12), time(0)),
        CalendarRow("night", holiday=date(2026, 10, 1)),
    ),
    certificates=(CertificateRow("EN 1090", "=7", "", date(2027, 3, 31)),),
    rates=(RateRow("007", Decimal("180.50"), Decimal("0.00"), "CNY", True),),
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_same_rows_and_same_bytes(tmp_path: Path, language: Any) -> None:
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    write(first, FIRM, language, VOCABULARY)
    found = read(first, VOCABULARY)
    assert found == FIRM
    write(second, found, language, VOCABULARY)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_time_of_saving_is_not_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "firm.xlsx"
    write(path, FIRM)
    properties = openpyxl.load_workbook(path).properties
    assert (properties.created.year, properties.modified.year) == (1980, 1980)


def test_chinese_file_names_things_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "firm.xlsx"
    write(path, FIRM, "zh", VOCABULARY)
    book = openpyxl.load_workbook(path)
    assert book["能力"]["B3"].value == "五轴铣削"
    assert book["能力"]["C3"].value == "是"
    assert book["日历"]["B3"].value == "周日"
    header = [cell.value for cell in book["能力"][1]]
    assert book["能力"].cell(3, header.index("材料") + 1).value == "铝, 钢"


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "firm.xlsx"
    write(path, FIRM)
    cell = openpyxl.load_workbook(path)["Sites"]["B3"]
    assert (cell.value, cell.data_type) == ("=Main", "s")


def test_every_column_limits_a_property_of_the_taxonomy() -> None:
    capabilities = layout.sheets(Vocabulary())[2]
    limits = [column.limit for column in capabilities.columns if column.limit]
    assert len(limits) == len(set(limits)) == 17
    for code, bound in limits:
        assert (TAXONOMY.property(code).kind == "set") == (bound == "set"), code


def test_rows_without_written_form_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "firm.xlsx"
    odd = CapabilityRow("007", "milling", False, {"surface": {"set": ("a;b",)}})
    with pytest.raises(
        WorkbookUnwritable, match=r"007, milling: the limit 'surface = a;b' has no written form"
    ):
        write(path, Workbook(capabilities=(odd,)))
    with pytest.raises(WorkbookUnwritable, match="Sites: a code must not be blank or begin with #: '#1'"):
        write(path, Workbook(sites=(SiteRow("#1", "Main", "", 0, 0, "UTC"),)))
    assert not path.exists()


codes = st.from_regex(r"[A-Za-z0-9甲乙][A-Za-z0-9 ._-]{0,8}[A-Za-z0-9]", fullmatch=True)
sizes = st.integers(0, 10**6) | st.floats(0, 10**6, allow_subnormal=False).map(lambda size: round(size, 4))
spans = st.tuples(sizes, sizes).map(sorted).map(lambda pair: {"min": pair[0], "max": pair[1]})
numeric = sorted(code for code, found in TAXONOMY.properties.items() if found.kind != "set")
limits = st.dictionaries(st.sampled_from(numeric), spans | sizes.map(lambda size: {"max": size}), max_size=5)
materials = st.sets(st.sampled_from([entry[0] for entry in VOCABULARY.materials]), min_size=1).map(
    lambda found: {"set": tuple(sorted(found))}
)


@given(
    code=codes,
    name=st.text(
        st.characters(min_codepoint=33, max_codepoint=0x9FFF, categories=("L", "N", "P")),
        min_size=1,
        max_size=20,
    ),
    limits=limits,
    material=materials,
    price=st.decimals(0, 10_000_000, places=2),
    language=st.sampled_from(["en", "zh"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_rows_survive(
    tmp_path_factory: pytest.TempPathFactory,
    code: str,
    name: str,
    limits: dict[str, Any],
    material: dict[str, Any],
    price: Decimal,
    language: Any,
) -> None:
    firm = Workbook(
        sites=(SiteRow(code, name, "", 47, 9.5, "Europe/Berlin"),),
        equipment=(EquipmentRow(code, code, name, 1, code, True),),
        capabilities=(CapabilityRow(code, "sewing", False, {**limits, "material_group": material}),),
        calendars=(CalendarRow(code, 0, time(0), time(0)),),
        rates=(RateRow(code, price, price, "EUR", False),),
    )
    path = tmp_path_factory.mktemp("round") / "firm.xlsx"
    write(path, firm, language, VOCABULARY)
    found = read(path, VOCABULARY)
    assert found == firm
    assert constraints_from_json(found.capabilities[0].constraints)["material_group"].set == set(
        material["set"]
    )
