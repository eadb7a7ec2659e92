"""The command that reads a calendar, from a file or an address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from tests.connectors.servers import body_of, serving
from typer.testing import CliRunner, Result

from gonghe.cli.calendar import calendar

FEED = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Asia/Shanghai:20260302T220000\r\n"
    b"DURATION:PT8H\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
NIGHTS = [
    ["2026-03-02T14:00:00+00:00", "2026-03-02T22:00:00+00:00"],
    ["2026-03-09T14:00:00+00:00", "2026-03-09T22:00:00+00:00"],
]


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(calendar)
    return CliRunner().invoke(app, [*arguments, "--start", "2026-03-01", "--zone", "Asia/Shanghai"])


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mill.ics"
    path.write_bytes(FEED)
    done = run(str(path), "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"busy": NIGHTS, "working": None})
    assert "2026-03-02 22:00" in run(str(path)).stdout


def test_an_address_is_read_when_the_setting_allows_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(body_of(FEED)) as server:
        address = f"http://127.0.0.1:{server.port}/mill.ics"
        refused = run(address, "--json")
        monkeypatch.setenv("GONGHE_ALLOWED_NETWORKS", "127.0.0.1/32")
        done = run(address, "--json")
        monkeypatch.setenv("GONGHE_ALLOWED_NETWORKS", "here")
        wrong = run(address, "--json")
    assert refused.exit_code == 2
    assert "GONGHE_ALLOWED_NETWORKS" in refused.stderr
    assert json.loads(done.stdout)["busy"] == NIGHTS
    assert wrong.exit_code == 2
    assert "192.168.7.0/24" in wrong.stderr
    assert len(server.asked) == 1


def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "mill.ics"
    path.write_bytes(b"hello")
    done = run(str(path))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no iCalendar file" in done.stderr
    assert run(str(tmp_path / "missing.ics")).exit_code == 2
