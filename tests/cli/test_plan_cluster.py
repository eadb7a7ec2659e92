"""`gonghe plan solve --cluster` against a scheduler that is there, and one that is not."""

from __future__ import annotations

import json
from pathlib import Path

from distributed import LocalCluster
from typer.testing import CliRunner

from gonghe.cli.plan import app
from gonghe.engines.planning.generate import Network, generate


def solved(file: Path, address: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(
        app, ["solve", str(file), "--iterations", "600", "--json", "--cluster", address]
    )
    return done.exit_code, done.stdout, done.stderr


def test_solve_on_a_cluster(tmp_path: Path) -> None:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(generate(Network(jobs=4, machines=4, sites=2)).to_json()))
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=40) as local:
        code, out, _ = solved(file, local.scheduler_address)
    assert code == 0
    assert json.loads(out)["verified"] is True


def test_a_scheduler_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(generate(Network(jobs=2, machines=2, sites=1)).to_json()))
    code, _, err = solved(file, "tcp://127.0.0.1:1")
    assert code == 2
    assert "no plan from the cluster at tcp://127.0.0.1:1" in err
