"""The commands `template`, `import`, `import-log` and `sign-in-link` on a real installation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
import typer
from django.test import Client
from tests.factories import People, verify
from typer.testing import CliRunner

from gonghe.apps.capacity.models import Equipment, Reservation
from gonghe.apps.members.facts import is_verified
from gonghe.cli import people as people_commands
from gonghe.cli import workbook as commands

CELLS = {
    "Sites": ("W1", "Hall", "", 28, 120.6, "Asia/Shanghai"),
    "Equipment": ("M1", "W1", "Mill", 1, "day", "yes"),
    "Capabilities": ("M1", "milling-3axis"),
    "Calendars": ("day", "Mon-Fri", "08:00", "17:00"),
    "Rates": ("M1", 180, 120, "CNY", "yes"),
}


@pytest.fixture
def gonghe() -> CliRunner:
    """Runs commands."""
    return CliRunner()


def app(function: object, name: str) -> typer.Typer:
    """One command as it is reached by its name, beside another, so that the name is asked for."""
    root = typer.Typer()
    root.command(name)(function)  # type: ignore[type-var]
    root.command("other")(lambda: None)
    return root


def filled(path: Path) -> Path:
    """A template with one row on each sheet."""
    book = openpyxl.load_workbook(path)
    for title, values in CELLS.items():
        for column, value in enumerate(values, start=1):
            book[title].cell(4, column).value = value or None
    book.save(path)
    return path


def test_template_then_import_then_import_again(gonghe: CliRunner, people: People, tmp_path: Path) -> None:
    """The second import says that nothing was changed."""
    path = tmp_path / "member.xlsx"
    assert gonghe.invoke(app(commands.template, "template"), ["template", str(path)]).exit_code == 0
    arguments = ["import", str(filled(path)), "--organization", "hengda"]
    first = gonghe.invoke(app(commands.import_, "import"), arguments)
    assert first.exit_code == 0
    assert "added: 1 equipment" in first.output
    again = gonghe.invoke(app(commands.import_, "import"), arguments)
    assert again.output == "Everything in the file is here already; nothing was changed.\n"
    assert Equipment.objects.get().organization == people.owner.organization


def test_exported_imported_elsewhere_and_exported_again_is_the_same_file(
    gonghe: CliRunner, people: People, tmp_path: Path
) -> None:
    """Byte for byte; that the office verified the firm does not travel with the file."""
    path, first, second = (tmp_path / f"{name}.xlsx" for name in ("member", "first", "second"))
    gonghe.invoke(app(commands.template, "template"), ["template", str(path)])
    import_, export = app(commands.import_, "import"), app(commands.export, "export")
    gonghe.invoke(import_, ["import", str(filled(path)), "--organization", "hengda"])
    verify(people.office, people.owner.organization)
    assert gonghe.invoke(export, ["export", str(first), "--organization", "hengda"]).exit_code == 0
    assert gonghe.invoke(import_, ["import", str(first), "--organization", "ruian"]).exit_code == 0
    assert gonghe.invoke(export, ["export", str(second), "--organization", "ruian"]).exit_code == 0
    assert second.read_bytes() == first.read_bytes()
    assert not is_verified(people.rival.organization)
    unknown = gonghe.invoke(export, ["export", str(second), "--organization", "nobody"])
    assert (unknown.exit_code, "no organisation “nobody”" in unknown.output) == (1, True)


def test_wrong_cells_end_the_command_with_all_of_them(
    gonghe: CliRunner, people: People, tmp_path: Path
) -> None:
    """As JSON for programs; nothing is imported."""
    path = tmp_path / "member.xlsx"
    gonghe.invoke(app(commands.template, "template"), ["template", str(path), "--language", "zh"])
    book = openpyxl.load_workbook(path)
    book["场地"].cell(4, 1).value = "W1"
    book["场地"].cell(4, 4).value = 128
    book.save(path)
    arguments = ["import", str(path), "--organization", "hengda", "--json"]
    refused = gonghe.invoke(app(commands.import_, "import"), arguments)
    assert refused.exit_code == 1
    error = json.loads(refused.output)["error"]
    assert [cell["column"] for cell in error["cells"]] == ["B", "D", "E", "F"]
    assert Equipment.objects.count() == 0


def test_an_unknown_organisation_is_named(gonghe: CliRunner, people: People, tmp_path: Path) -> None:
    """The message says where the short name stands."""
    path = tmp_path / "member.xlsx"
    path.write_bytes(b"")
    arguments = ["import", str(path), "--organization", "nowhere"]
    refused = gonghe.invoke(app(commands.import_, "import"), arguments)
    assert refused.exit_code == 1
    assert "There is no organisation “nowhere” here." in refused.output


def test_import_log(gonghe: CliRunner, people: People, tmp_path: Path) -> None:
    """A machine, its hours and the orders of the week."""
    path = tmp_path / "log.csv"
    path.write_text(
        "Case ID,Activity,Resource,Start Timestamp,Complete Timestamp,Span,Work Order Qty,Part Desc.,"
        "Worker ID,Report Type,Qty Completed,Qty Rejected,Qty for MRB,Rework\n"
        "Case 1,Turning,Lathe 1,2026/03/02 08:00:00.000,2026/03/02 09:00:00.000,001:00,1,Pin,W1,D,1,0,0,\n"
    )
    arguments = ["import-log", str(path), "--organization", "hengda", "--week", "2026-03-02"]
    done = gonghe.invoke(app(commands.import_log, "import-log"), arguments)
    assert done.exit_code == 0
    assert "orders in the log: 1, reservations made: 1" in done.output
    assert Reservation.objects.get().equipment.code == "Lathe 1"


def test_sign_in_link_lets_its_person_in(gonghe: CliRunner, people: People) -> None:
    """Somebody unknown is told how people come in."""
    command = app(people_commands.sign_in_link, "sign-in-link")
    said = gonghe.invoke(command, ["sign-in-link", people.owner.user.email])
    (path,) = re.findall(r"http://[^/]+(/sign-in/\S+)", said.output)
    browser = Client()
    assert browser.post(path).status_code == 302
    unknown = gonghe.invoke(command, ["sign-in-link", "nobody@example.org"])
    assert (unknown.exit_code, "Invite them" in unknown.output) == (1, True)
