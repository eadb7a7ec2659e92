"""The log of a real workshop: 166 work orders, January to March 2012 (4TU.ResearchData, D. Levy)."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from gonghe.engines.matching import Taxonomy
from gonghe.engines.signals import Workshop, derive
from gonghe.standards.eventlog import Log, read

REAL = os.environ.get("GONGHE_REAL_DATA")

pytestmark = pytest.mark.skipif(
    REAL is None, reason="GONGHE_REAL_DATA is unset: set it to the folder with the real data to run this test"
)


def log_file() -> Path:
    return Path(REAL or "") / "workshop-log" / "production-log.csv"


@pytest.fixture(scope="module")
def log() -> Log:
    return read(log_file())


@pytest.fixture(scope="module")
def workshop(log: Log) -> Workshop:
    return derive(log)


def test_rows(log: Log) -> None:
    assert (len(log.rows), log.duplicates, log.zero_spans, log.unclocked, log.errors) == (
        3123,
        14,
        7,
        436,
        (),
    )
    assert Counter(row.kind for row in log.rows) == {"run": 2553, "setup": 525, "breakdown": 45}


def test_lead_times_are_those_published_with_the_data(workshop: Workshop) -> None:
    leads = [order.lead_s / 3600 for order in workshop.orders]
    assert len(leads) == 166
    assert round(statistics.mean(leads), 1) == 455.7
    assert round(statistics.median(leads), 1) == 298.6


def test_equipment(workshop: Workshop) -> None:
    assert len(workshop.equipment) == 31
    parallel = {one.name: one.parallel for one in workshop.equipment if one.parallel > 1}
    assert parallel == {"Machine 1 - Lapping": 2, "Packing": 7, "Quality Check 1": 4}
    taxonomy = Taxonomy.load()
    assert [one.name for one in workshop.equipment if taxonomy.guess(one.name) is None] == []


def test_times(workshop: Workshop) -> None:
    operations = [step for order in workshop.orders for step in order.operations]
    assert len(operations) == 1783
    assert round(sum(step.setup_s for step in operations) / 3600) == 1791
    assert round(sum(step.run_s for step in operations) / 3600) == 7228
    assert len(workshop.breakdowns) == 45


def test_a_week_on_the_machines(workshop: Workshop) -> None:
    week = workshop.orders_of_week(date(2012, 2, 8), grid=900)
    assert len(week) == 186
    assert len({busy.order for busy in week}) == 30
    assert all(busy.start % 900 == busy.end % 900 == 0 and busy.start < busy.end for busy in week)
    parallel = {one.name: one.parallel for one in workshop.equipment}
    assert sum(busy.lane >= parallel[busy.equipment] for busy in week) == 4


def test_a_moved_time_stamp_changes_the_derived_calendar(workshop: Workshop, tmp_path: Path) -> None:
    text = log_file().read_text("utf-8-sig")
    row = "Machine 16 - Milling,2012/"
    line = next(line for line in text.splitlines() if row in line)
    start, end = line.split(",")[3:5]
    moved = line.replace(start, f"2012/02/05 03:00{start[16:]}").replace(end, f"2012/02/05 04:30{end[16:]}")
    path = tmp_path / "log.csv"
    path.write_text(text.replace(line, moved), "utf-8")
    after = {one.name: one for one in derive(read(path)).equipment}
    before = {one.name: one for one in workshop.equipment}
    sunday_night = {6 * 24 + 3, 6 * 24 + 4}
    assert sunday_night.isdisjoint(before["Machine 16 - Milling"].week)
    assert sunday_night <= set(after["Machine 16 - Milling"].week)
    assert {name for name in before if before[name].week != after[name].week} == {"Machine 16 - Milling"}
