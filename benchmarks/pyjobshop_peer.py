"""PyJobShop on a `gonghe-problem/1` file, run by `planning.py` inside PyJobShop's own environment.

    python benchmarks/pyjobshop_peer.py PROBLEM.json --seconds 60 --threads 2 [--start SCHEDULE.json]

Transport is a task of its own between two operations, with a mode for every pair of sites, tied to the modes
of both. With `--start` the solver is tuned as well as we know: it begins with that schedule, and presolve
does no probing. Prints one line of JSON: the schedule by indexes (or null), the objective,
and memory.
"""

from __future__ import annotations

import argparse
import json
import resource
from functools import reduce
from math import gcd
from pathlib import Path
from typing import Any

from pyjobshop import Model, Solution  # type: ignore[import-not-found]
from pyjobshop.Solution import ScheduledTask  # type: ignore[import-not-found]


class Peer:
    """A problem of machines, calendars, set-ups, transport and assembly, written as PyJobShop wants it."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data, self.model = data, Model()
        self.unit = _unit(data)
        self.site = {machine["id"]: data["sites"].index(machine["site"]) for machine in data["machines"]}
        self.machines = {
            machine["id"]: self.model.add_machine(
                breaks=[(a // self.unit, b // self.unit) for a, b in machine.get("breaks", ())]
            )
            for machine in data["machines"]
        }
        self.order = {machine["id"]: number for number, machine in enumerate(data["machines"])}
        self.tasks: dict[tuple[int, int], Any] = {}
        self.modes: dict[tuple[int, int], list[Any]] = {}
        self.ways: list[tuple[tuple[int, int], tuple[int, int], Any]] = []
        for number, job in enumerate(data["jobs"]):
            self._job(number, job)
        self._setups()
        goal = data["objective"]
        self.model.set_objective(
            weight_makespan=int(goal == "makespan"), weight_total_tardiness=int(goal == "tardiness")
        )

    def _job(self, number: int, job: dict[str, Any]) -> None:
        due = job.get("due")
        handle = self.model.add_job(
            weight=job.get("weight", 1),
            release_date=job.get("release", 0) // self.unit,
            due_date=None if due is None else due // self.unit,
        )
        names = [operation["id"] for operation in job["operations"]]
        for index, operation in enumerate(job["operations"]):
            key = (number, index)
            task = self.model.add_task(
                job=handle,
                earliest_start=job.get("release", 0) // self.unit,
                allow_breaks=operation.get("resumable", False),
            )
            self.tasks[key] = task
            self.modes[key] = [
                self.model.add_mode(task, self.machines[mode["machine"]], mode["duration"] // self.unit)
                for mode in operation["modes"]
            ]
            before = operation.get("after", names[index - 1 : index] if index else [])
            for name in before:
                self._arc((number, names.index(name)), key)

    def _sites(self, key: tuple[int, int]) -> list[int]:
        modes = self.data["jobs"][key[0]]["operations"][key[1]]["modes"]
        return [self.site[mode["machine"]] for mode in modes]

    def _arc(self, first: tuple[int, int], second: tuple[int, int]) -> None:
        times = self.data.get("transport_seconds")
        if not times:
            self.model.add_end_before_start(self.tasks[first], self.tasks[second])
            return
        way = self.model.add_task()
        pairs = {(a, b): None for a in self._sites(first) for b in self._sites(second)}
        legs = {pair: self.model.add_mode(way, [], times[pair[0]][pair[1]] // self.unit) for pair in pairs}
        for place, modes in ((0, self.modes[first]), (1, self.modes[second])):
            sites = self._sites(first if place == 0 else second)
            for mode, site in zip(modes, sites, strict=True):
                self.model.add_mode_dependency(
                    mode, [leg for pair, leg in legs.items() if pair[place] == site]
                )
        self.model.add_end_before_start(self.tasks[first], way)
        self.model.add_end_before_start(way, self.tasks[second])
        self.ways.append((first, second, (way, legs)))

    def _setups(self) -> None:
        users: dict[str, list[tuple[int, int]]] = {}
        for number, job in enumerate(self.data["jobs"]):
            for index, operation in enumerate(job["operations"]):
                for mode in operation["modes"]:
                    users.setdefault(mode["machine"], []).append((number, index))
        for machine in self.data["machines"]:
            table = machine.get("setups", {})
            for a in users.get(machine["id"], ()) if table else ():
                row = table.get(self._family(a), {})
                for b in users[machine["id"]]:
                    seconds = row.get(self._family(b), 0)
                    if a != b and seconds:
                        handle = self.machines[machine["id"]]
                        self.model.add_setup_time(handle, self.tasks[a], self.tasks[b], seconds // self.unit)

    def _family(self, key: tuple[int, int]) -> str:
        return str(self.data["jobs"][key[0]]["operations"][key[1]].get("family", ""))

    def start(self, schedule: dict[str, Any]) -> Solution:
        """A schedule of ours as PyJobShop's first solution."""
        rows = {(row["job"], row["operation"]): row for row in schedule["assignments"]}
        task_of = {id(task): number for number, task in enumerate(self.model.tasks)}
        mode_of = {id(mode): number for number, mode in enumerate(self.model.modes)}
        found: list[ScheduledTask] = [None] * len(self.model.tasks)
        chosen: dict[tuple[int, int], int] = {}
        for key, row in rows.items():
            machine = self.data["machines"][row["machine"]]["id"]
            modes = self.data["jobs"][key[0]]["operations"][key[1]]["modes"]
            chosen[key] = [mode["machine"] for mode in modes].index(machine)
            mode = self.modes[key][chosen[key]]
            start, end = row["start"] // self.unit, row["end"] // self.unit
            rest = end - start - mode.duration
            number = task_of[id(self.tasks[key])]
            found[number] = ScheduledTask(mode_of[id(mode)], mode.resources, start, end, 0, rest)
        for first, second, (way, legs) in self.ways:
            leg = legs[self._sites(first)[chosen[first]], self._sites(second)[chosen[second]]]
            begin = rows[first]["end"] // self.unit
            number = task_of[id(way)]
            found[number] = ScheduledTask(mode_of[id(leg)], [], begin, begin + leg.duration)
        return Solution(self.model.data(), found)

    def schedule(self, solution: Solution) -> dict[str, Any]:
        task_of = {id(task): number for number, task in enumerate(self.model.tasks)}
        machine_of = {number: machine["id"] for number, machine in enumerate(self.data["machines"])}
        rows = []
        for (job, index), task in self.tasks.items():
            done = solution.tasks[task_of[id(task)]]
            rows.append(
                {
                    "job": job,
                    "operation": index,
                    "machine": self.order[machine_of[done.resources[0]]],
                    "start": done.start * self.unit,
                    "end": done.end * self.unit,
                }
            )
        return {"assignments": rows}


def _unit(data: dict[str, Any]) -> int:
    """Greatest common divisor of all times: the coarser the unit, the easier it is for PyJobShop."""
    times = [mode["duration"] for job in data["jobs"] for o in job["operations"] for mode in o["modes"]]
    times += [job.get(name, 0) for job in data["jobs"] for name in ("release", "due")]
    times += [edge for machine in data["machines"] for span in machine.get("breaks", ()) for edge in span]
    times += [way for row in data.get("transport_seconds", ()) for way in row]
    for machine in data["machines"]:
        times += [seconds for row in machine.get("setups", {}).values() for seconds in row.values()]
    return reduce(gcd, times, 0) or 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path)
    args = parser.parse_args()
    peer = Peer(json.loads(args.problem.read_text()))
    tuned: dict[str, Any] = {}
    if args.start:
        tuned = {
            "initial_solution": peer.start(json.loads(args.start.read_text())),
            "cp_model_probing_level": 0,
        }
    result = peer.model.solve(time_limit=args.seconds, display=False, num_workers=args.threads, **tuned)
    found = bool(result.best.tasks)
    print(
        json.dumps(
            {
                "schedule": peer.schedule(result.best) if found else None,
                "objective": int(result.objective) * peer.unit if found else None,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
