"""`gonghe plan workshop-log` on a small log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gonghe.cli.plan import app

runner = CliRunner()

HEAD = (
    "Case ID,Activity,Resource,Start Timestamp,Complete Timestamp,Span,Work Order Qty,Part Desc.,Worker ID,"
    "Report Type,Qty Completed,Qty Rejected,Qty for MRB,Rework\n"
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two orders a day for twenty days, sawn in 3 h and milled in 4 h, which begin 2 h after the sawing."""
    rows = []
    for number in range(40):
        day, hour = divmod(12 * number, 24)
        for resource, start, end in (("Saw", 0, 3), ("Mill", 2, 6)):
            begin, until = (f"2012/01/{day + 1:02} {hour + at:02}:00:00.000" for at in (start, end))
            name = f"{resource} 1,{resource} 1"
            rows.append(f"Case {number},{name},{begin},{until},0,10,Ring,ID1,D,10,0,0,\n")
    path = tmp_path / "log.csv"
    path.write_text(HEAD + "".join(rows))
    return path


def run(*words: str | Path, code: int = 0) -> str:
    result = runner.invoke(app, ["workshop-log", *(str(word) for word in words)])
    assert result.exit_code == code, result.output
    return result.output


def test_hindsight_with_and_without_overlap(log: Path) -> None:
    """6 h as it was; 7 h when the mill waits for the whole lot."""
    beside = json.loads(run(log, "--calendar", "open", "--seconds", "1", "--json"))
    after = json.loads(run(log, "--calendar", "open", "--seconds", "1", "--in-sequence", "--json"))
    assert (beside["planned"]["mean_lead_h"], after["planned"]["mean_lead_h"]) == (6, 7)
    assert beside["real"]["mean_lead_h"] == 6
    assert "ratio    1.00" in run(log, "--calendar", "open", "--seconds", "1")


def test_pooling(log: Path) -> None:
    words = (log, "--pooling", "--calendar", "open", "--seconds", "1", "--splits", "2")
    report = json.loads(run(*words, "--json"))
    assert [row["ratio"] for row in report["splits"]] == [1, 1]  # nobody waits, so there is nothing to share
    assert report["verified"]
    assert "median    ratio 1.00" in run(*words)


def test_promises(log: Path) -> None:
    """Every duration is as estimated from the history, so every promise is kept."""
    report = json.loads(run(log, "--promises", "--json"))
    assert report["promises"] == 24  # mornings 14, 16 and 18 with the orders of 6, 4 and 2 days
    assert report["kept_p90"] == 1
    assert "P90 100 %" in run(log, "--promises")


def test_one_question_at_a_time(log: Path) -> None:
    assert "choose one of --pooling and --promises" in run(log, "--pooling", "--promises", code=2)


def test_pooling_takes_every_option(log: Path) -> None:
    """In sequence the mill waits for the saw: 7 h, as without pooling."""
    words = (log, "--pooling", "--calendar", "open", "--seconds", "1", "--splits", "1", "--json")
    report = json.loads(run(*words, "--in-sequence", "--own-machines", "--threads", "2"))
    assert (report["apart_h"], report["together_h"], report["verified"]) == (7, 7, True)
    assert any("to no twin" in line for line in report["assumptions"])
    assert any("without overlap" in line for line in report["assumptions"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--promises", "--calendar", "worked"), "--promises takes no --calendar but open"),
        (("--promises", "--rolling"), "--promises takes no --rolling: plans are made every second morning"),
        (("--promises", "--seconds", "20"), "--promises takes no --seconds: every plan has a fixed number"),
        (("--promises", "--threads", "2"), "--promises takes no --threads"),
        (("--promises", "--splits", "3"), "--splits goes with --pooling only"),
        (("--splits", "5"), "--splits goes with --pooling only"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(log: Path, words: tuple[str, ...], told: str) -> None:
    assert told in run(log, *words, code=2)


def test_promises_take_what_is_so_anyway(log: Path) -> None:
    words = ("--calendar", "open", "--own-machines", "--in-sequence", "--seed", "3", "--json")
    assert json.loads(run(log, "--promises", *words))["kept_p90"] == 1
