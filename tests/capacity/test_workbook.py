"""The member spreadsheet: all wrong cells at once, nothing half imported, twice is once, out is in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.factories import People

from gonghe.apps.audit.models import Event
from gonghe.apps.base import ForbiddenError, InvalidError
from gonghe.apps.capacity import access, services
from gonghe.apps.capacity.models import Calendar, Equipment
from gonghe.apps.capacity.workbook import Imported, export_workbook, import_workbook, write_template
from gonghe.apps.members.access import own_sites
from gonghe.apps.members.facts import own_certificates
from gonghe.apps.members.models import Site, Verification
from gonghe.apps.technology.models import Capability

ROWS: dict[str, list[dict[str, Any]]] = {
    "Sites": [
        {
            "code": "W1",
            "name": "Hall 1",
            "latitude": 28.0012,
            "longitude": 120.6574,
            "time zone": "Asia/Shanghai",
        }
    ],
    "Equipment": [
        {"code": "M1", "site": "W1", "name": "Mill", "calendar": "two"},
        {"code": "S", "site": "W1", "name": "Sewing place", "count": 3, "calendar": "two"},
    ],
    "Capabilities": [
        {
            "equipment": "M1",
            "process": "milling-3axis",
            "max X mm": 500,
            "best IT grade": 7,
            "materials": "steel, 铝",
        },
        {"equipment": "M1", "process": "drilling", "other limits": "depth_mm <= 80"},
        {"equipment": "S", "process": "sewing"},
    ],
    "Calendars": [
        {"code": "two", "weekday": "Mon-Fri", "from": "06:00", "to": "24:00"},
        {"code": "two", "holiday": "2026-10-01"},
    ],
    "Rates": [
        {"equipment": "M1", "per hour": 180, "per set-up": 120, "currency": "CNY", "published": "yes"},
        {"equipment": "S", "per hour": 45.5, "currency": "CNY"},
    ],
}
Filled = Callable[..., Path]


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    """Write the template and fill rows in below its notes."""

    def fill(rows: dict[str, list[dict[str, Any]]] = ROWS, name: str = "member.xlsx") -> Path:
        path = tmp_path / name
        write_template(path, "en")
        book = openpyxl.load_workbook(path)
        for title, lines in rows.items():
            sheet = book[title]
            column = {cell.value: cell.column for cell in sheet[1]}
            for number, line in enumerate(lines, start=4):
                for header, value in line.items():
                    sheet.cell(number, column[header]).value = value
        book.save(path)
        return path

    return fill


def changed(sheet: str, row: int, **values: Any) -> dict[str, list[dict[str, Any]]]:
    """The rows with one of them changed; a header's blanks are written as underscores."""
    lines = [dict(line) for line in ROWS[sheet]]
    lines[row] |= {header.replace("_", " "): value for header, value in values.items()}
    return ROWS | {sheet: lines}


def test_a_filled_template_becomes_sites_machines_capabilities_calendars_and_rates(
    people: People, filled: Filled
) -> None:
    """Three equal sewing places become three machines with one capability and a rate each."""
    done = import_workbook(people.owner, filled())
    assert done.added == {"sites": 1, "calendars": 1, "equipment": 4, "capabilities": 3, "rates": 4}
    assert done.changed == {}
    machines = {one.code: one for one in access.own_equipment(people.owner)}
    assert sorted(machines) == ["M1", "S-1", "S-2", "S-3"]
    mill = machines["M1"]
    limits = {one.process: one.constraints for one in mill.capabilities.all()}
    assert limits == {
        "milling-3axis": {
            "envelope_x_mm": {"max": 500},
            "material_group": {"set": ["aluminium", "steel"]},
            "tolerance_it": {"min": 7},
        },
        "drilling": {"depth_mm": {"max": 80}},
    }
    assert (mill.rate.per_hour, mill.rate.per_setup, mill.rate.published) == (
        Decimal(180),
        Decimal(120),
        True,
    )
    assert machines["S-2"].rate.per_hour == Decimal("45.5")
    assert mill.calendar is not None
    assert mill.calendar.weekly == [[day, "06:00", "00:00"] for day in range(5)]
    assert mill.calendar.holidays == ["2026-10-01"]


def test_importing_twice_changes_nothing_and_records_nothing(people: People, filled: Filled) -> None:
    """The second time no row and no event is new."""
    path = filled()
    import_workbook(people.owner, path)
    counts = [model.objects.count() for model in (Site, Equipment, Capability, Calendar, Event)]
    assert import_workbook(people.owner, path) == Imported({}, {})
    assert [model.objects.count() for model in (Site, Equipment, Capability, Calendar, Event)] == counts


def test_certificates_come_with_the_last_day_on_which_they_count(people: People, filled: Filled) -> None:
    """A file from before this sheet still reads; a later day is a change."""
    paper = {"certificate": "iso 9001", "number": "7", "expires on": "2027-03-31"}
    done = import_workbook(people.owner, filled(ROWS | {"Certificates": [paper]}))
    assert done.added["certificates"] == 1
    rows = ROWS | {"Certificates": [paper | {"expires on": "2028-03-31"}]}
    assert import_workbook(people.owner, filled(rows)).changed == {"certificates": 1}
    (one,) = own_certificates(people.owner)
    assert (one.kind, one.number, one.expires_on.isoformat()) == ("ISO 9001", "7", "2028-03-31")
    path = filled()
    book = openpyxl.load_workbook(path)
    del book["Certificates"]
    book.save(path)
    assert import_workbook(people.owner, path).nothing


def test_a_changed_cell_changes_that_thing_only(people: People, filled: Filled) -> None:
    """A larger table and a higher price are one change each."""
    import_workbook(people.owner, filled())
    rows = changed("Capabilities", 0, max_X_mm=600) | {"Rates": changed("Rates", 0, per_hour=190)["Rates"]}
    done = import_workbook(people.owner, filled(rows))
    assert (done.added, done.changed) == ({}, {"capabilities": 1, "rates": 1})
    assert Capability.objects.get(process="milling-3axis").constraints["envelope_x_mm"] == {"max": 600}


def test_wrong_cells_come_back_all_at_once_and_nothing_is_imported(people: People, filled: Filled) -> None:
    """Five mistakes on four sheets are five messages with sheet, row, column and what would be right."""
    rows = {
        "Sites": [
            {"code": "W1", "name": "Hall", "latitude": 128, "longitude": 120.6, "time zone": "Asia/Wenzhou"}
        ],
        "Equipment": [{"code": "M1", "site": "W9", "name": "Mill", "calendar": "two"}],
        "Capabilities": [{"equipment": "M1", "process": "milling-3axis", "other limits": "surface <= 3"}],
        "Calendars": [{"code": "two", "weekday": "Mon", "from": "6 o'clock", "to": "14:00"}],
        "Rates": [],
    }
    events = Event.objects.count()
    with pytest.raises(InvalidError) as refused:
        import_workbook(people.owner, filled(rows))
    cells = refused.value.details["cells"]
    assert [(cell["sheet"], cell["row"], cell["column"]) for cell in cells] == [
        ("Sites", "4", "D"),
        ("Sites", "4", "F"),
        ("Equipment", "4", "B"),
        ("Capabilities", "4", "U"),
        ("Calendars", "4", "C"),
    ]
    assert cells[0]["hint"] == "Write a number from -90 to 90."
    assert cells[2]["message"] == "“W9” does not fit."
    assert cells[2]["where"] == "Equipment, row 4, column B (site)"
    assert refused.value.message.startswith("5 cells are not right. Nothing was imported")
    assert (Equipment.objects.count(), own_sites(people.owner).count()) == (0, 1)
    assert Event.objects.count() == events


def test_a_numbered_machine_must_not_take_the_code_of_another_row(people: People, filled: Filled) -> None:
    """S with a count of 3 is S-1 to S-3; another row S-2 is refused by name."""
    rows = changed("Equipment", 0, code="S-2") | {"Capabilities": [], "Rates": []}
    with pytest.raises(InvalidError) as refused:
        import_workbook(people.owner, filled(rows))
    assert refused.value.details["cells"][0]["where"] == "Equipment, code S-2"
    assert Equipment.objects.count() == 0


def test_a_file_that_is_no_spreadsheet_is_refused_with_what_to_do(people: People, tmp_path: Path) -> None:
    """A text file with the right ending."""
    path = tmp_path / "member.xlsx"
    path.write_text("not a spreadsheet")
    with pytest.raises(InvalidError, match=r"Save it as \.xlsx"):
        import_workbook(people.owner, path)


def test_what_is_exported_can_be_imported_and_changes_nothing(
    people: People, filled: Filled, tmp_path: Path
) -> None:
    """In either language."""
    import_workbook(people.owner, filled())
    for language in ("en", "zh-hans"):
        path = tmp_path / f"{language}.xlsx"
        export_workbook(people.owner, path, language)
        assert import_workbook(people.owner, path).nothing


def test_export_import_into_nothing_export_is_the_same(
    people: People, filled: Filled, tmp_path: Path
) -> None:
    """Another firm, which has nothing, imports it: all is there; what others verified did not come along."""
    import_workbook(people.owner, filled())
    calendar = Calendar.objects.get(code="two")
    services.save_calendar(
        people.owner, code="two", name="Two shifts", weekly=calendar.weekly, holidays=calendar.holidays,
        time_zone="Asia/Tokyo", region="CN",
    )  # fmt: skip
    site = own_sites(people.owner).first()
    assert site is not None
    services.save_equipment(
        people.owner, code="B1", name="Bench", site=site, calendar=None, released=False, operator_needed=False
    )
    mill = Equipment.objects.get(code="M1")
    services.save_equipment(
        people.owner, code="M1", name=mill.name, site=mill.site, calendar=mill.calendar, released=False
    )
    path, again = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    export_workbook(people.owner, path, "en")
    Site.objects.filter(organization=people.rival.organization).delete()
    import_workbook(people.rival, path)
    export_workbook(people.rival, again, "en")
    assert again.read_bytes() == path.read_bytes()
    mine = Equipment.objects.filter(organization=people.rival.organization)
    assert {one.code: one.released for one in mine} == {
        "B1": False, "M1": False, "S-1": True, "S-2": True, "S-3": True
    }  # fmt: skip
    two = Calendar.objects.get(organization=people.rival.organization, code="two")
    assert (two.name, two.time_zone, two.region) == ("Two shifts", "Asia/Tokyo", "CN")
    people.rival.organization.refresh_from_db()
    assert not Verification.objects.filter(organization=people.rival.organization).exists()


def test_what_the_planner_uses_needs_a_calendar(people: People, filled: Filled) -> None:
    """Blank is right only beside "no" under "in the joint plan"."""
    with pytest.raises(InvalidError) as refused:
        import_workbook(people.owner, filled(changed("Equipment", 0, calendar="")))
    assert refused.value.details["cells"][0]["hint"] == "Fill in this cell."


def test_each_firm_imports_into_its_own(people: People, filled: Filled) -> None:
    """The rival imports the same file: the codes do not meet, and neither sees the other's machines."""
    import_workbook(people.owner, filled())
    import_workbook(people.rival, filled())
    assert access.own_equipment(people.owner).count() == access.own_equipment(people.rival).count() == 4
    assert Equipment.objects.count() == 8


def test_who_may_not_change_equipment_may_not_import(people: People, filled: Filled) -> None:
    """An operator is refused and nothing is stored."""
    with pytest.raises(ForbiddenError):
        import_workbook(people.operator, filled())
    assert Equipment.objects.count() == 0
