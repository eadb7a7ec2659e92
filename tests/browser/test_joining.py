"""A workshop brings in the machine list that it has, by clicking, and sees what is still missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.browser.person import Cluster

pytestmark = pytest.mark.browser
LIST = (
    "资产编号,设备名称,加工类型,行程(mm),小时费率,购置日期\n"
    "CNC-01,立式加工中心,三轴铣削,1000×500×500,¥180/小时,2019-03\n"
    "L-07,光纤激光切割机,激光切割,3000*1500,220元,2021-07\n"
)


def test_a_machine_list_becomes_machines(cluster: Cluster, tmp_path: Path) -> None:
    """The columns are understood, the one button imports, and the page of what is missing leads on."""
    path = tmp_path / "台账.csv"
    path.write_bytes(LIST.encode("gb18030"))
    owner = cluster.sign_in("ruian-owner")
    owner.station("Capacity").press("Or import many from a spreadsheet.")
    owner.press("Import a machine list (CSV)").shoot("40-list-upload", chinese=True)
    owner.page.set_input_files("drop-zone input[type=file]", str(path))
    owner.reads("立式加工中心", "What the list does not say", "2 rows")
    assert owner.answer() == "We know what 5 of 6 columns mean."
    owner.shoot("41-list-columns", chinese=True)
    owner.press("Import 2 machine rows").reads("Imported:", "CNC-01", "L-07")
    owner.press("What is still missing before you are matched and paid")
    assert owner.answer() == "2 things are missing before you can be matched, offered work and paid."
    owner.reads("The joint plan can offer you work", "Your registration code")
    owner.shoot("42-progress", chinese=True)
    assert owner.leave() == []
