"""Re-planning against solving anew: CPU seconds, moves and objective after every kind of disturbance.

    python benchmarks/replanning.py --jobs 100 --machines 50 --sites 10 --iterations 200000 --seeds 3

A plan is solved and then, in the middle of its life, disturbed. `replan` goes on from the plan; beside it the
problem as it then stands is solved from scratch with the iterations that the plan had. Counted as moves are
operations of the old plan that are on another machine or at another time, by the same rule for both. The
goal is a proposal with at most a tenth of the moves of solving anew and an objective within 5% of its.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median

from gonghe.engines.model.planning import Problem, Schedule
from gonghe.engines.planning import (
    CalendarChanged,
    Cancelled,
    Disturbance,
    Late,
    MachineDown,
    Rush,
    Scrap,
    replan,
    solve,
)
from gonghe.engines.planning.answers.disturbances import disturb
from gonghe.engines.planning.generate import Network, generate

HOUR = 3600
MOST_MOVES, MOST_LOSS = 0.10, 1.05


@dataclass(frozen=True)
class Row:
    """One disturbance of one plan: CPU seconds, and moves and objective of both ways."""

    seconds: float
    moves: int
    objective: int
    anew_moves: int
    anew_objective: int
    reached: bool


def disturbances(problem: Problem, schedule: Schedule, now: int, seed: int) -> Iterator[Disturbance]:
    """One of every kind that hits work of the plan."""
    rng = random.Random(seed)  # noqa: S311 - trial data, no secret
    coming = sorted((row for row in schedule if row.start >= now), key=lambda row: (row.start, row.key))
    soon = coming[: max(5, len(coming) // 4)]
    yield MachineDown(rng.choice(soon).machine, now, now + 8 * HOUR)
    row = rng.choice(soon)
    yield Late(row.job, row.operation, row.start + 6 * HOUR)
    running = [row for row in schedule if row.start < now < row.end]
    done = rng.choice(running or soon)
    yield Scrap(done.job, done.operation)
    copied, shut = rng.choice(soon).job, rng.choice(soon).machine
    job = next(job for job in problem.jobs if job.id == copied)
    yield Rush(replace(job, id="rush", release=now, due=now + 24 * HOUR))
    yield Cancelled(job.id)
    other = next(machine for machine in problem.machines if machine.id == shut)
    closed = tuple((now + day * 24 * HOUR + 10 * HOUR, now + day * 24 * HOUR + 14 * HOUR) for day in range(5))
    yield CalendarChanged(other.id, (*other.breaks, *closed))


def measure(problem: Problem, schedule: Schedule, now: int, event: Disturbance, iterations: int) -> Row:
    """Re-plan, then solve anew."""
    began = time.process_time()
    proposals = replan(problem, schedule, now, event)
    seconds = time.process_time() - began
    after, _ = disturb(problem, schedule, now, event)
    anew = solve(after, iterations=iterations)
    before, fixed = schedule.by_operation(), {row.key for row in after.fixed}

    def moves(found: Schedule) -> int:
        places = [(row, before.get(row.key)) for row in found if row.key not in fixed]
        return sum(
            old is not None and (old.machine, old.start) != (row.machine, row.start) for row, old in places
        )

    most = max(1, int(MOST_MOVES * moves(anew.schedule)))
    few = [proposal for proposal in proposals if moves(proposal.schedule) <= most]
    best = min(few or proposals, key=lambda proposal: proposal.objective)
    reached = bool(few) and best.objective <= MOST_LOSS * anew.objective
    return Row(seconds, moves(best.schedule), best.objective, moves(anew.schedule), anew.objective, reached)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--machines", type=int, default=50)
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--objective", default="cost", choices=["cost", "tardiness", "makespan", "flow"])
    parser.add_argument("--iterations", type=int, default=200_000, help="of the plan and of solving anew")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    rows: dict[str, list[Row]] = defaultdict(list)
    operations = 0
    for seed in range(args.seeds):
        problem = generate(
            Network(args.jobs, args.machines, args.sites, seed=seed, breaks=True, objective=args.objective)
        )
        operations = sum(len(job.operations) for job in problem.jobs)
        plan = solve(problem, iterations=args.iterations)
        now = int(median(row.start for row in plan.schedule)) // 2
        if not seed:  # the first call loads the compiled core
            replan(problem, plan.schedule, now, Cancelled(problem.jobs[0].id))
        for event in disturbances(problem, plan.schedule, now, seed):
            found = measure(problem, plan.schedule, now, event, args.iterations)
            rows[type(event).__name__].append(found)
    show(args.objective, operations, args.seeds, rows)


def show(objective: str, operations: int, seeds: int, rows: dict[str, list[Row]]) -> None:
    """The table, medians over the seeds."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}; {operations} operations, {objective}, {seeds} seeds\n")
    print("| disturbance | CPU s | moves | moves anew | objective | objective anew | ratio | goal reached |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, found in rows.items():
        ratio = median(row.objective / max(1, row.anew_objective) for row in found)
        print(
            f"| {name} | {median(row.seconds for row in found):.2f}"
            f" | {median(row.moves for row in found):g} |"
            f" {median(row.anew_moves for row in found):g} | {median(row.objective for row in found):,.0f} |"
            f" {median(row.anew_objective for row in found):,.0f} | {ratio:.3f} |"
            f" {sum(row.reached for row in found)} of {len(found)} |"
        )
    everything = [row for found in rows.values() for row in found]
    print(f"\nslowest {max(row.seconds for row in everything):.2f} CPU s")


if __name__ == "__main__":
    main()
