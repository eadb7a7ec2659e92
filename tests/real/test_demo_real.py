"""The same loop on real STEP files and a real workshop's event log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GONGHE = Path(sys.executable).with_name("gonghe")
FOLDER = os.environ.get("GONGHE_REAL_DATA")
# Volumes of closed solids, mm3; figures of the files themselves.
VOLUMES = {
    "nist_ctc_01_asme1_ap242-e1.stp": 14_644_823,
    "nist_ctc_03_asme1_ap242-e2.stp": 332_123,
    "nist_ftc_06_asme1_ap242-e2.stp": 3_323_557,
    "nist_ftc_11_asme1_ap242-e2.stp": 5_135,
}


@pytest.mark.skipif(not FOLDER, reason="GONGHE_REAL_DATA names no folder of real files")
@pytest.mark.xdist_group("demo")
def test_the_loop_on_real_input() -> None:
    command = [str(GONGHE), "demo", "--once", "--json", "--real", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert report["verified"] is True
    assert report["delivered"]["state"] == "settled"
    assert (report["workshop"]["equipment"], report["workshop"]["orders_in_log"]) == (41, 166)
    assert report["workshop"]["reservations"] > 100
    read = {part["file"]: part["volume_mm3"] for part in report["parts"] if part["volume_mm3"]}
    assert {name: read[name] for name in VOLUMES} == pytest.approx(VOLUMES, abs=1)
    left_out = {one["file"]: one["why"] for one in report["left_out"]}
    assert "damaged" in left_out["hostile_nist_ctc_01__16_-11.stp"]
    assert "76287 x 69344" in left_out["aagnet_partB.step"]
    assert any(firm["organization"] == "log-workshop" for firm in report["award"])
