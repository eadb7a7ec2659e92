"""What people and tools have to do with a wait: their breaks, and when others have too many of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gonghe.engines.model.planning import Assignment, Interval, Problem, Schedule
from gonghe.engines.model.planning_hours import closed_hours, merged, runs_unattended


class Needs:
    """People and tools of one schedule."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.resources = {resource.id: resource for resource in problem.resources}
        self.machines = {machine.id: machine for machine in problem.machines}
        steps = {(job.id, step.id): step for job in problem.jobs for step in job.operations}
        self.steps = steps
        self.used: dict[tuple[str, str], dict[str, int]] = {}
        self.takers: dict[str, list[tuple[int, int, int]]] = {}
        for row in schedule if self.resources else ():
            modes = [mode for mode in steps[row.key].modes if mode.machine == row.machine]
            used = dict(row.resources) or (steps[row.key].needs_in(modes[0]) if modes else {})
            self.used[row.key] = {name: units for name, units in used.items() if name in self.resources}
            for name, units in self.used[row.key].items():
                self.takers.setdefault(name, []).append((row.start, row.end, units))

    def breaks(self, row: Assignment) -> tuple[Interval, ...]:
        """Hours in which the machine is closed or somebody whom the work needs is away."""
        return self._closed(row, unattended=False)

    def pauses(self, row: Assignment) -> tuple[Interval, ...]:
        """Hours in which the work stands still once it has begun."""
        return self._closed(row, runs_unattended(self.steps[row.key], row))

    def _closed(self, row: Assignment, unattended: bool) -> tuple[Interval, ...]:
        closed = closed_hours(self.machines[row.machine], unattended)
        away = [pair for name in self.used.get(row.key, ()) for pair in self.resources[name].breaks]
        return tuple(merged((*closed, *away)))

    def short(self, row: Assignment, ready: int) -> list[tuple[int, int, str]]:
        """Stretches between `ready` and the start in which others leave too few units."""
        return [
            (start, end, name)
            for name, units in self.used.get(row.key, {}).items()
            for start, end in self._short(name, units, ready, row.start)
        ]

    def _short(self, name: str, units: int, ready: int, until: int) -> Iterator[Interval]:
        others = [taker for taker in self.takers[name] if taker[0] < until and taker[1] > ready]
        edges = sorted({ready, until, *(e for a, b, _ in others for e in (a, b) if ready < e < until)})
        for start, end in pairwise(edges):
            taken = sum(count for a, b, count in others if a <= start and end <= b)
            if taken + units > self.resources[name].capacity:
                yield start, end
