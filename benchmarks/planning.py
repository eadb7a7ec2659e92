"""Planner against PyJobShop on the same problems, time and threads, and against the best greedy order.

    python benchmarks/planning.py fjs --data FOLDER --seconds 60 --threads 2
    python benchmarks/planning.py networks [--case NAME ...] [--no-peer]
    python benchmarks/planning.py start-up

`FOLDER` holds `.fjs` files and `bounds.csv`. PyJobShop lives in an environment of its own (it pins other
versions of OR-Tools): name its interpreter in GONGHE_PYJOBSHOP_PYTHON. "Best greedy" is the best of the
fifteen constructive orders in `gonghe.engines.planning.search.orders`. Every program has its own process;
schedules of both are judged by the independent checker and valued by the same function. Budgets are
wall-clock seconds; PyJobShop's starts when its model is built.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PEER = Path(__file__).with_name("pyjobshop_peer.py")
Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A made-up network and what it is compared with."""

    name: str
    jobs: int
    machines: int
    sites: int
    goal: str
    objective: str = "tardiness"
    kind: Json = field(default_factory=dict)
    seconds: float = 60
    peers: tuple[str, ...] = ("plain", "tuned")

    @property
    def network(self) -> Json:
        size = {"jobs": self.jobs, "machines": self.machines, "sites": self.sites}
        return {**size, **self.kind, "objective": self.objective}


SMALL, MIDDLE, LARGE = (100, 50, 10), (1_000, 200, 20), (10_000, 1_000, 100)
CASES = (
    Case("tardiness-1k", *SMALL, "<= 1/4 of tuned, <= 1/10 of plain"),
    Case("makespan-1k", *SMALL, "gap to the bound <= 0.5%", "makespan"),
    Case("makespan-10k", *MIDDLE, "gap to the bound <= 8%", "makespan", peers=()),
    Case("breaks-1k", *SMALL, "<= 0.5 of best greedy", kind={"breaks": True}),
    Case("setups-1k", *SMALL, "<= 0.5 of best greedy", kind={"setups": True}),
    Case("assembly-1k", *SMALL, "<= 0.5 of best greedy", kind={"assembly": True}),
    Case("tardiness-10k", *MIDDLE, "<= 0.70 of best greedy, <= 1/1.5 of tuned, <= 400 MB", peers=("tuned",)),
    Case(
        "tardiness-100k",
        *LARGE,
        "first <= 2 s, <= 0.85 of best greedy, <= 1 GB",
        seconds=300,
        peers=(),
    ),
)


def heading() -> None:
    python = platform.python_version()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, Python {python}\n")


def run(words: Sequence[str]) -> Json:
    """The last line of a program's output, as JSON."""
    done = subprocess.run(  # noqa: S603 - the command is ours
        list(words), check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stderr[-2000:]}")
    found: Json = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def ours(case: Json, seconds: float, threads: int) -> None:
    """Runs in a process of its own: plan a network and print how it went."""
    from gonghe.engines.planning import solve
    from gonghe.engines.planning.generate import Network, generate

    problem = generate(Network(**case))
    solve(
        generate(Network(**{**case, "jobs": 2, "machines": 4, "sites": 2})), iterations=600
    )  # wake the core
    budget: Json = {"seconds": seconds, "threads": threads} if seconds > 0 else {"iterations": 0}
    result = solve(problem, **budget)
    report = {
        "operations": sum(len(job.operations) for job in problem.jobs),
        "objective": result.objective,
        "bound": result.lower_bound,
        "first": result.first_seconds,
        "valid": result.verified,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "schedule": result.schedule.to_json(problem) if seconds == 0 else None,
    }
    print(json.dumps(report))


def run_ours(case: Case, seconds: float, threads: int) -> Json:
    words = [sys.executable, __file__, "ours", "--network", json.dumps(case.network)]
    return run([*words, "--seconds", str(seconds), "--threads", str(threads)])


def run_peer(problem: Any, seconds: float, threads: int, start: Json | None = None) -> Json | None:
    """PyJobShop's schedule and objective (None where it found none), or None when it is not installed."""
    from gonghe.engines.model.planning import Schedule
    from gonghe.engines.planning import check, evaluate

    python = os.environ.get("GONGHE_PYJOBSHOP_PYTHON")
    if not python:
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "problem.json").write_text(json.dumps(problem.to_json()))
        words = [python, str(PEER), str(folder / "problem.json")]
        words += ["--seconds", str(seconds), "--threads", str(threads)]
        if start is not None:
            (folder / "start.json").write_text(json.dumps(start))
            words += ["--start", str(folder / "start.json")]
        found = run(words)
    if found["schedule"] is not None:
        schedule = Schedule.from_json(problem, found["schedule"])
        faults = check(problem, schedule)
        if faults:
            sys.exit(f"PyJobShop's schedule is not valid by our checker: {faults[0]}")
        found["objective"] = evaluate(problem, schedule).objective
    return found


def fjs(folder: Path, seconds: float, threads: int) -> None:
    """Makespan of the classic instances: gap to the best known."""
    from gonghe.engines.planning import solve
    from gonghe.engines.planning.fjs import read_fjs

    heading()
    print(
        f"| instance | bound / best known | ours | gap | PyJobShop | gap | ({seconds:g} s, {threads} threads)"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    ours: list[float] = []
    theirs: list[float] = []
    for row in csv.DictReader((folder / "bounds.csv").read_text().splitlines()):
        known = int(row["best_known"])
        problem = read_fjs((folder / f"{row['name']}.fjs").read_text())
        result = solve(problem, seconds=seconds, threads=threads)
        if not result.verified:
            sys.exit(f"{row['name']}: the schedule is not valid")
        ours.append(result.objective / known - 1)
        other = run_peer(problem, seconds, threads)
        cells = ["-", "-"]
        if other is not None and other["objective"] is not None:
            theirs.append(other["objective"] / known - 1)
            cells = [str(other["objective"]), f"{theirs[-1]:.2%}"]
        elif other is not None:
            cells = ["none", "-"]
        bound = f"{row['lower_bound']} / {known}"
        print(
            f"| {row['name']} | {bound} | {result.objective} | {ours[-1]:.2%} | {cells[0]} | {cells[1]} |",
            flush=True,
        )
    for name, gaps in (("ours", ours), ("PyJobShop", theirs)):
        if gaps:
            print(
                f"\n{name}: mean gap {sum(gaps) / len(gaps):.2%}, worst {max(gaps):.2%}, {len(gaps)} solved"
            )


def networks(names: Sequence[str], threads: int, with_peer: bool) -> None:
    """Every case: best greedy order, ours, the bound, and PyJobShop as it comes and tuned."""
    heading()
    print(
        "| case | operations | seconds | first after | best greedy | ours | of greedy | gap to bound "
        "| memory | PyJobShop | ours / it | tuned | ours / it | goal |"
    )
    print("| --- " * 14 + "|")
    for case in CASES:
        if names and case.name not in names:
            continue
        greedy = run_ours(case, 0, 1)
        result = run_ours(case, case.seconds, threads)
        if not (result["valid"] and greedy["valid"]):
            sys.exit(f"{case.name}: a schedule is not valid")
        cells = _peers(case, greedy["schedule"], result["objective"], threads, with_peer)
        gap = (result["objective"] - result["bound"]) / max(result["bound"], 1)
        near = f"{gap:.2%}" if result["bound"] else f"bound {result['bound']:,}"
        print(
            f"| {case.name} | {result['operations']:,} | {case.seconds:g} | {result['first']:.2f} s "
            f"| {greedy['objective']:,} | {result['objective']:,} "
            f"| {result['objective'] / max(greedy['objective'], 1):.3f} | {near} "
            f"| {result['peak_mb']:.0f} MB | {' | '.join(cells)} | {case.goal} |",
            flush=True,
        )


def _peers(case: Case, start: Json, objective: int, threads: int, with_peer: bool) -> list[str]:
    from gonghe.engines.planning.generate import Network, generate

    cells: list[str] = []
    problem = generate(Network(**case.network)) if with_peer and case.peers else None
    for name in ("plain", "tuned"):
        if problem is None or name not in case.peers:
            cells += ["-", "-"]
            continue
        found = run_peer(problem, case.seconds, threads, start if name == "tuned" else None)
        if found is None or found["schedule"] is None:
            cells += ["-" if found is None else "none found", "-"]
        else:
            ratio = objective / max(found["objective"], 1)
            cells += [f"{found['objective']:,} ({found['peak_mb']:.0f} MB)", f"{ratio:.3f}"]
    return cells


def start_up() -> None:
    """Wall-clock of `gonghe plan solve` on a small file: the first and the following runs."""
    from gonghe.engines.planning.generate import Network, generate

    heading()
    gonghe = Path(sys.executable).with_name("gonghe")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.json"
        file.write_text(json.dumps(generate(Network(jobs=5, machines=6, sites=2)).to_json()))
        words = [str(gonghe), "plan", "solve", str(file), "--iterations", "500"]
        print("| run | seconds |\n| --- | --- |")
        for number in range(1, 4):
            begun = time.perf_counter()
            subprocess.run(words, check=True, capture_output=True)  # noqa: S603 - the command is ours
            print(f"| {number} | {time.perf_counter() - begun:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["fjs", "networks", "start-up", "ours"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--network", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--case", action="append", default=[], choices=[case.name for case in CASES])
    parser.add_argument("--no-peer", action="store_true")
    args = parser.parse_args()
    if args.what == "fjs":
        fjs(args.data, args.seconds, args.threads)
    elif args.what == "networks":
        networks(args.case, args.threads, not args.no_peer)
    elif args.what == "start-up":
        start_up()
    else:
        ours(args.network, args.seconds, args.threads)


if __name__ == "__main__":
    main()
