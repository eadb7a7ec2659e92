"""`gonghe plan` on files, as people and scripts use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gonghe.cli.plan import app
from gonghe.engines.model.planning import Problem, ProblemError
from gonghe.engines.planning.fjs import read_fjs

runner = CliRunner()

FJS = """2 2 1.5
2 1 1 2 2 1 3 2 3
1 2 1 4 2 9
"""


def run(*words: str | Path, code: int = 0) -> str:
    result = runner.invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "network.json"
    path.write_text(
        run("generate", "--jobs", "6", "--machines", "5", "--sites", "2", "--seed", "1", "--breaks")
    )
    return path


def test_solve_check_explain_and_replan(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "schedule.json"
    report = json.loads(run("solve", network, "--iterations", "600", "--json", "--out", out))
    assert report["verified"] is True
    assert report["lower_bound"] <= report["objective"]
    assert report["iterations"] == 600 or report["gap"] == 0
    assert report["trace"][-1][2] == report["objective"]
    assert run("check", network, out).strip() == "valid"
    reasons = json.loads(run("explain", network, out, "j0", "--json"))
    assert {"processing"} <= {reason["code"] for reason in reasons}
    event = tmp_path / "event.json"
    event.write_text(
        json.dumps({"kind": "machine_down", "now": 3600, "machine": "m1", "start": 3600, "end": 90000})
    )
    proposals = json.loads(run("replan", network, out, event, "--json"))["proposals"]
    assert all(proposal["verified"] for proposal in proposals)


def test_solve_stops_at_a_gap_and_says_what_is_optimal(network: Path, tmp_path: Path) -> None:
    words = ("--objective", "flow", "--iterations", "2000", "--gap", "0.9", "--json")
    report = json.loads(run("solve", network, *words))
    assert report["gap"] <= 0.9
    assert report["iterations"] == 0
    path = tmp_path / "tiny.fjs"
    path.write_text(FJS)
    assert "lower bound  6 (optimal)" in run("solve", path, "--iterations", "600")


def test_a_broken_schedule_is_told_and_exits_1(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "schedule.json"
    run("solve", network, "--iterations", "50", "--out", out)
    data = json.loads(out.read_text())
    data["assignments"][0]["end"] += 60
    out.write_text(json.dumps(data))
    assert "work: j0/o0 needs" in run("check", network, out, code=1)
    verdict = json.loads(run("check", network, out, "--json", code=1))
    assert verdict["valid"] is False
    assert verdict["violations"][0]["code"] == "work"


def test_same_seed_same_schedule_with_threads(network: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in paths:
        run("solve", network, "--iterations", "2000", "--threads", "2", "--seed", "4", "--out", path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_fjs_file(tmp_path: Path) -> None:
    """j0: 2 on m1, then 3; j1: 4 on m1 or 9 on m2. Best: 6 (m1: 2+4, m2: 2-5)."""
    path = tmp_path / "tiny.fjs"
    path.write_text(FJS)
    report = json.loads(run("solve", path, "--iterations", "600", "--json"))
    assert (report["objective"], report["lower_bound"]) == (6, 6)


def test_machine_base() -> None:
    assert [machine.id for machine in read_fjs(FJS).machines] == ["m1", "m2"]
    assert [machine.id for machine in read_fjs("1 2\n1 2 0 5 1 5\n").machines] == ["m0", "m1"]
    assert [m.id for m in read_fjs("1 2\n1 1 1 5\n", machine_base=1).machines] == ["m1", "m2"]
    with pytest.raises(ProblemError, match="machine 2 is not one of 0 to 1"):
        read_fjs(FJS, machine_base=0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: must hold the number of jobs"),
        ("a b\n", "must be whole numbers"),
        ("2 1\n1 1 0 5\n", "announces 2 jobs, the file has 1"),
        ("1 1\n2 1 0 5\n", "line 2: operation 2 has no complete list"),
        ("1 1\n1 1 0 x\n", "line 2: must hold whole numbers only"),
        ("1 1\n1 1 0 5 7\n", "1 numbers too many"),
    ],
)
def test_broken_fjs_files_name_the_line(text: str, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        read_fjs(text)


def test_bad_input_exits_2_with_named_faults(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    for text, message in (
        ("{", "is not JSON"),
        ('{"format": NaN}', "NaN is no number"),
        (
            '{"format": "gonghe-problem/1", "sites": ["A"], "machines": [{"id": "m", "site": "B"}]}',
            "unknown site",
        ),
    ):
        path.write_text(text)
        assert message in run("solve", path, code=2)
    assert "cannot read" in run("solve", tmp_path / "none.json", code=2)
    with path.open("wb") as file:
        file.truncate(10 * 10**9)
    assert "10.0 GB" in run("solve", path, code=2)


def test_generated_networks_have_what_was_asked_for() -> None:
    data = json.loads(
        run(
            "generate",
            "--jobs",
            "8",
            "--machines",
            "6",
            "--sites",
            "3",
            "--setups",
            "--assembly",
            "--seed",
            "2",
        )
    )
    problem = Problem.from_json(data)
    assert (len(problem.jobs), len(problem.machines), len(problem.sites)) == (8, 6, 3)
    assert all(machine.setups for machine in problem.machines)
    assert any(len(names) == 2 for job in problem.jobs for names in job.predecessors().values())
