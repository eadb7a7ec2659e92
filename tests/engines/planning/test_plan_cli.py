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
    answer = json.loads(run("explain", network, out, "j0", "--remedies", "--json"))
    assert answer["reasons"] == reasons
    assert all(remedy["verified"] for remedy in answer["remedies"])
    assert " help" in run("explain", network, out, "j0", "--remedies").splitlines()[len(reasons)]
    event = tmp_path / "event.json"
    event.write_text(
        json.dumps({"kind": "machine_down", "now": 3600, "machine": "m1", "start": 3600, "end": 90000})
    )
    proposals = json.loads(run("replan", network, out, event, "--json"))["proposals"]
    assert all(proposal["verified"] for proposal in proposals)
    moves = [move for proposal in proposals for move in proposal["moved"]]
    assert all((move["machine"], move["start"]) != tuple(move["before"].values()) for move in moves)
    tight = json.loads(network.read_text())
    for operation in tight["jobs"][0]["operations"]:
        for mode in operation["modes"]:
            mode["latest"] = 10**7
    network.write_text(json.dumps(tight))
    event.write_text(json.dumps({"kind": "scrap", "now": 10**7, "job": "j0", "operation": "o0"}))
    assert "operation 'o0': is longer than every open window" in run("replan", network, out, event, code=2)


def test_choices_of_cost_against_date(network: Path, tmp_path: Path) -> None:
    found = json.loads(run("solve", network, "--choices", "--iterations", "800", "--json"))["choices"]
    assert [choice["label"] for choice in found] == ["cheapest", "balanced", "earliest"]
    assert found[0]["price"] < found[2]["price"]
    out = tmp_path / "earliest.json"
    out.write_text(json.dumps(found[2]["schedule"]))
    assert run("check", network, out).strip() == "valid"
    assert run("solve", network, "--choices", "--iterations", "800").startswith("cheapest  price")
    assert "--choices goes with neither" in run("solve", network, "--choices", "--out", out, code=2)


def test_a_refusal_says_what_is_in_the_way(tmp_path: Path) -> None:
    modes = [[{"machine": name, "duration": 4, "latest": latest}] for name, latest in (("a", 8), ("b", 12))]
    problem = {
        "format": "gonghe-problem/1",
        "sites": ["A"],
        "machines": [
            {"id": "a", "site": "A", "organization": "anna"},
            {"id": "b", "site": "A", "organization": "bert", "reserved": [[6, 11]]},
        ],
        "jobs": [{"id": "j", "operations": [{"id": f"o{i}", "modes": mode} for i, mode in enumerate(modes)]}],
    }
    path = tmp_path / "tight.json"
    path.write_text(json.dumps(problem))
    text = run("solve", path, code=2)
    assert "no room inside bid windows" in text
    assert "- machine b of bert is reserved from 6 to 11" in text
    found = json.loads(run("solve", path, "--json", code=2).splitlines()[0])
    assert found == {
        "jobs": ["j"],
        "minimal": True,
        "in_the_way": [
            {"kind": "reservation", "organization": "bert", "machine": "b", "start": 6, "end": 11}
        ],
    }


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


MODE = {"machine": "m", "duration": 1}


@pytest.mark.parametrize(
    ("jobs", "messages"),
    [
        (
            [{"id": "a", "modes": [MODE], "after": ["b"]}, {"id": "b", "modes": [MODE]}],
            ["job 'j': operations wait for each other"],
        ),
        (
            [{"id": "a", "modes": []}, {"id": "b", "modes": [{"machine": "m", "duration": -4}]}],
            ["operation 'a': no machine can do it", "duration must be at least 0, got -4"],
        ),
        ([{"id": "a", "modes": [{**MODE, "bid": ["x"]}]}], ["bid must be a text, got ['x']"]),
        ([{"id": "a", "modes": [MODE], "after": [["x"]]}], ["after must hold texts only"]),
        (
            [{"id": "a", "modes": [{"machine": "m", "duration": 1e300}]}],
            ["must be at most 100000000000, got 1000"],
        ),
        (
            [{"id": ["a"], "modes": [MODE]}, None, 3],
            ["id must be a non-empty text", "must be an object, got int"],
        ),
    ],
)
def test_every_fault_of_a_problem_is_told(jobs: object, messages: list[str], tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    shop = {"sites": ["A"], "machines": [{"id": "m", "site": "A"}]}
    job = {"id": "j", "operations": jobs}
    path.write_text(json.dumps({"format": "gonghe-problem/1", **shop, "jobs": [job]}))
    text = run("solve", path, code=2)
    for message in messages:
        assert message in text
    assert all(len(line) < 250 for line in text.splitlines())


def test_hostile_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    for text, message in (
        ("[" * 200_000, "nested too deeply"),
        ('{"jobs":' * 100_000, "nested too deeply"),
        ('{"horizon_start": ' + "9" * 100_000 + "}", "is not JSON"),
        ('{"jobs": [], "jobs": [1]}', "property 'jobs' stands twice"),
        ('{"format": "gonghe-problem/1", "sites": [["A"]]}', "sites must hold texts only"),
        ('{"format": "gonghe-problem/1", "fixed": [{"job": ["j"]}]}', "job must be a text"),
        ("\0" * 9, "is not a text file"),
    ):
        path.write_text(text)
        assert message in run("solve", path, code=2)
    path.write_text("\ufeff" + json.dumps({"format": "gonghe-problem/1"}), encoding="utf-8")
    assert "objective    0" in run("solve", path, "--iterations", "1")
    (tmp_path / "many.fjs").write_text("1 99999999999\n1 1 0 5\n")
    assert "1 to 100,000 machines" in run("solve", tmp_path / "many.fjs", code=2)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ([], "kind must be one of"),
        ({"kind": "late", "now": True, "job": 5}, "operation must be str"),
        ({"kind": "calendar", "now": 0, "machine": "m1", "breaks": [["a", 2], 7]}, "breaks must hold"),
        ({"kind": "machine_down", "now": 0, "machine": "zz", "start": 0, "end": 9}, "no machine 'zz'"),
        ({"kind": "rush", "now": 0, "job": {"id": "r", "operations": [5]}}, "must be an object"),
    ],
)
def test_bad_disturbances_are_refused(event: object, message: str, network: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "schedule.json", tmp_path / "event.json"
    run("solve", network, "--iterations", "20", "--out", out)
    file.write_text(json.dumps(event))
    assert message in run("replan", network, out, file, code=2)


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
