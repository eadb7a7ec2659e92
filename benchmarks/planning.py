"""Planner against PyJobShop on the same instances, time and threads, and against the best greedy order.

    python benchmarks/planning.py fjs --data FOLDER --seconds 60 --threads 2
    python benchmarks/planning.py network --jobs 100 --machines 50 --sites 10 --seconds 60

`FOLDER` holds `.fjs` files and `bounds.csv`. PyJobShop lives in an environment of its own (it pins other
versions of OR-Tools): name its interpreter in GONGHE_PYJOBSHOP_PYTHON; without it only our column is
filled. "Best greedy" is the best of the fifteen constructive orders in `gonghe.engines.planning.orders`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def peer(file: Path, seconds: float, threads: int) -> None:
    """Runs inside PyJobShop's environment: print its makespan for a problem in JSON, or null."""
    from pyjobshop import Model  # type: ignore[import-not-found]

    data = json.loads(file.read_text())
    model = Model()
    machines = {machine["id"]: model.add_machine() for machine in data["machines"]}
    for job in data["jobs"]:
        before: Any = None
        handle = model.add_job()
        for operation in job["operations"]:
            task = model.add_task(job=handle)
            for mode in operation["modes"]:
                model.add_mode(task, machines[mode["machine"]], mode["duration"])
            if before is not None:
                model.add_end_before_start(before, task)
            before = task
    model.set_objective(weight_makespan=1)
    result = model.solve(time_limit=seconds, display=False, num_workers=threads)
    print(json.dumps(result.objective if result.best is not None and result.objective < 1e15 else None))


def run_peer(problem: Any, seconds: float, threads: int) -> int | None:
    """PyJobShop's makespan, None without it or without a schedule."""
    python = os.environ.get("GONGHE_PYJOBSHOP_PYTHON")
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problem.json"
        file.write_text(json.dumps(problem.to_json()))
        words = [python, __file__, "peer", "--file", str(file), "--seconds", str(seconds)]
        done = subprocess.run(  # noqa: S603 - the command is ours
            [*words, "--threads", str(threads)], capture_output=True, text=True, check=True
        )
    value = json.loads(done.stdout.strip().splitlines()[-1])
    return None if value is None else int(value)


def heading() -> None:
    python = platform.python_version()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, Python {python}\n")


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
        if other is not None:
            theirs.append(other / known - 1)
            cells = [str(other), f"{theirs[-1]:.2%}"]
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


def network(args: argparse.Namespace) -> None:
    """A made-up network: best greedy order, after the budget, and the bound."""
    from gonghe.engines.planning import solve
    from gonghe.engines.planning.generate import Network, generate

    heading()
    problem = generate(
        Network(
            jobs=args.jobs,
            machines=args.machines,
            sites=args.sites,
            seed=args.seed,
            breaks=args.breaks,
            setups=args.setups,
            assembly=args.assembly,
            objective=args.objective,
        )
    )
    operations = sum(len(job.operations) for job in problem.jobs)
    greedy = solve(problem, iterations=0)
    result = solve(problem, seconds=args.seconds, threads=args.threads)
    ratio = result.objective / max(greedy.objective, 1)
    print("| operations | objective | first after | best greedy | ours | ratio | bound | valid |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    print(
        f"| {operations:,} | {args.objective} | {result.first_seconds:.2f} s | {greedy.objective:,} "
        f"| {result.objective:,} | {ratio:.3f} | {result.lower_bound:,} | {result.verified} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["fjs", "network", "peer"])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--machines", type=int, default=50)
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--objective", default="tardiness")
    for flag in ("breaks", "setups", "assembly"):
        parser.add_argument(f"--{flag}", action="store_true")
    args = parser.parse_args()
    actions: dict[str, Callable[[], None]] = {
        "fjs": lambda: fjs(args.data, args.seconds, args.threads),
        "network": lambda: network(args),
        "peer": lambda: peer(args.file, args.seconds, args.threads),
    }
    actions[args.what]()


if __name__ == "__main__":
    main()
