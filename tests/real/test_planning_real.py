"""The planner on real benchmark instances and on the log of a real workshop."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from gonghe.engines.planning import check, solve
from gonghe.engines.planning.fjs import read_fjs
from gonghe.engines.planning.workshop.pooling import pooling_report
from gonghe.engines.planning.workshop.promises import promises_report
from gonghe.engines.planning.workshop.report import workshop_report
from gonghe.standards.eventlog import read

DATA = os.environ.get("GONGHE_REAL_DATA", "")
pytestmark = pytest.mark.skipif(not DATA, reason="GONGHE_REAL_DATA names no folder with real data")

ROWS = list(csv.DictReader((Path(DATA) / "planning" / "bounds.csv").read_text().splitlines())) if DATA else []


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_instances(row: dict[str, str]) -> None:
    """Valid, between the true bounds, and near the best known after a small fixed effort."""
    problem = read_fjs((Path(DATA) / "planning" / f"{row['name']}.fjs").read_text())
    assert sum(len(job.operations) for job in problem.jobs) == int(row["ops"])
    result = solve(problem, iterations=6000)
    assert check(problem, result.schedule) == ()
    assert result.lower_bound <= int(row["best_known"])
    assert int(row["lower_bound"]) <= result.objective <= 1.2 * int(row["best_known"])


def test_workshop_log() -> None:
    """166 orders, real mean lead 455 h and median 299 h; plans in hindsight order as the calendars do."""
    rows = read(Path(DATA) / "workshop-log" / "production-log.csv").rows
    reports = {
        name: workshop_report(rows, name, seconds=None, iterations=8000)
        for name in ("worked", "pattern", "open")
    }
    for report in reports.values():
        assert report["orders"] == 166
        assert report["planned"]["mean_lead_h"] >= report["bound_h"]
        assert report["real"]["mean_lead_h"] == pytest.approx(455.7, abs=1)
        assert report["real"]["median_lead_h"] == pytest.approx(298.6, abs=0.1)
        assert report["verified"]
    leads = [reports[name]["planned"]["mean_lead_h"] for name in ("open", "pattern", "worked")]
    assert leads == sorted(leads)
    assert leads[1] < 0.35 * 455
    assert leads[2] < 0.64 * 455


def test_workshop_log_day_by_day() -> None:
    """Without foresight: 0.72 of the real lead with twins, 0.86 when work stays on its machine."""
    rows = read(Path(DATA) / "workshop-log" / "production-log.csv").rows
    twins = workshop_report(rows, "worked", rolling=True)
    own = workshop_report(rows, "worked", rolling=True, own_machines=True)
    assert twins["verified"]
    assert own["verified"]
    assert twins["ratio"] == pytest.approx(0.719, abs=0.005)
    assert own["ratio"] == pytest.approx(0.862, abs=0.005)


def test_promises_on_real_durations() -> None:
    """P90 promises of orders whose real durations nothing was fitted to are kept about nine times in ten."""
    rows = read(Path(DATA) / "workshop-log" / "production-log.csv").rows
    report = promises_report(rows)
    assert report["promises"] == 410
    assert 0.85 <= report["kept_p90"] <= 0.95
    assert 0.40 <= report["kept_p50"] <= 0.60
    assert report["width_h"] < 0.25 * report["mean_lead_h"]


def test_two_shops() -> None:
    """With hindsight the pooled shops have a shorter mean lead time than the same shops apart."""
    rows = read(Path(DATA) / "workshop-log" / "production-log.csv").rows
    report = pooling_report(rows, "worked", seconds=None, iterations=6000, splits=1)
    assert report["verified"]
    assert report["ratio"] < 0.97
