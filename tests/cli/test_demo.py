"""`gonghe demo --once --json`: the loop once, as a stranger would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GONGHE = Path(sys.executable).with_name("gonghe")
KEYS = {
    "order", "parts", "candidates", "bids", "award", "plan", "sites_used", "promise", "disturbance",
    "replanned", "delivered", "verified", "seconds",
}  # fmt: skip
# Exact volumes of the example parts, mm3.
VOLUMES = {
    "bearing-bracket.step": 121_784.588,
    "stepped-shaft.step": 153_264.692,
    "u-channel.step": 27_513.451,
}


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    done = subprocess.run(
        [GONGHE, "demo", "--once", "--json"], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.xdist_group("demo")
def test_the_report_tells_every_station(report: dict[str, Any]) -> None:
    assert set(report) >= KEYS
    assert report["verified"] is True
    assert report["order"]["lines"] == 4
    assert report["order"]["indicative"]["p50"] <= report["order"]["indicative"]["p90"]
    assert {part["file"]: round(part["volume_mm3"], 3) for part in report["parts"]} == pytest.approx(
        VOLUMES, abs=0.001
    )
    assert {part["process_family"] for part in report["parts"]} == {"prismatic", "turned", "sheet"}


@pytest.mark.xdist_group("demo")
def test_several_workshops_make_it_and_the_sums_add_up(report: dict[str, Any]) -> None:
    planned = {row["operation"] for row in report["plan"]}
    awarded = [operation for firm in report["award"] for operation in firm["operations"]]
    assert report["sites_used"] >= 3
    assert sorted(awarded) == sorted(planned)
    assert len(planned) == 16
    assert report["promise"]["p50"] <= report["promise"]["p90"]
    assert report["cost"]["bound"] <= report["cost"]["total"]


@pytest.mark.xdist_group("demo")
def test_a_breakdown_moves_only_what_must_move(report: dict[str, Any]) -> None:
    ways = report["disturbance"]["proposals"]
    assert {way["label"] for way in ways} >= {"wait", "least_moves"}
    assert all(way["moved"] >= 1 for way in ways)
    replanned = report["replanned"]
    assert replanned["in_force"] is True
    assert replanned["kept_operations"] + len(replanned["moved_operations"]) == 16
    assert replanned["kept_operations"] > len(replanned["moved_operations"])


@pytest.mark.xdist_group("demo")
def test_everything_is_delivered_and_paid(report: dict[str, Any]) -> None:
    delivered = report["delivered"]
    assert (delivered["state"], delivered["accepted"]) == ("settled", 40)
    assert len(delivered["settlement"]) >= 3
    assert all(float(firm["amount"]) > 0 for firm in delivered["settlement"])
