"""The shop floor played through: machines in their open hours take the waiting work that ranks first.

Unlike a planned start, a rank keeps nothing waiting: a free machine takes the best work that is there.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gonghe.engines.model.planning import Assignment, Interval, Job, Machine, Mode, Problem, Schedule
from gonghe.engines.model.planning_hours import closed_hours, merged, worked_until

DAY = 86_400
OPENS, RELEASED, DONE, MORNING = range(4)


@dataclass(slots=True)
class Task:
    """The next operation of a job on the floor; `done` are the finished ones, `site` is where the job lies.

    `running` is its assignment once a machine has taken it.
    """

    job: Job
    step: int
    site: str | None
    running: Assignment | None = None

    @property
    def modes(self) -> tuple[Mode, ...]:
        return self.job.operations[self.step].modes


class Policy(Protocol):
    """How the floor decides."""

    def morning(self) -> None:
        """Called each midnight and at the first release."""

    def released(self, job: Job) -> None:
        """Called when a job is there; of other jobs nothing is known yet."""

    def finished(self, task: Task) -> None:
        """Called when an operation is done: only now is its real duration known."""

    def look(self, waiting: Sequence[Task]) -> None:
        """Called with all waiting work whenever machines are about to take some."""

    def rank(self, task: Task) -> float:
        """What waits with the least rank goes first."""

    def machines(self, task: Task) -> Collection[str]:
        """Machines that may take the task, among those of its modes."""


class Hours:
    """Open hours of a machine, for fast questions."""

    def __init__(self, machine: Machine) -> None:
        self.closed: list[Interval] = merged((*closed_hours(machine), *machine.reserved))
        self.starts = [start for start, _ in self.closed]

    def open_at(self, now: int) -> bool:
        index = bisect_right(self.starts, now) - 1
        return index < 0 or self.closed[index][1] <= now

    def opens(self, now: int) -> int:
        """The first open moment from now on."""
        index = bisect_right(self.starts, now) - 1
        return now if self.open_at(now) else self.closed[index][1]

    def finish(self, start: int, work: int) -> int:
        """When `work` seconds that begin at `start`, or as soon as it is open, are done."""
        first = max(0, bisect_right(self.starts, start) - 1)
        return worked_until(self.closed[first:], start, work)


class Floor:
    """Plays a problem whose jobs are chains of resumable work.

    Parameters
    ----------
    problem
        The shop as it really is: real durations, real hours. The policy sees of it only what it is told.
    """

    def __init__(self, problem: Problem, policy: Policy) -> None:
        self.problem, self.policy = problem, policy
        self.machines = {machine.id: machine for machine in problem.machines}
        self.hours = {machine.id: Hours(machine) for machine in problem.machines}
        self.free = {machine.id: machine.capacity for machine in problem.machines}
        self.tasks: dict[str, Task] = {}
        self.waiting: list[Task] = []
        self.played: list[Assignment] = []
        self.events: list[tuple[int, int, str]] = []

    def play(self) -> Schedule:
        """What happened, until every job is done."""
        left = len(self.problem.jobs)
        jobs = {job.id: job for job in self.problem.jobs}
        self.events = [(job.release, RELEASED, job.id) for job in self.problem.jobs]
        self.events += [(end, OPENS, name) for name, hours in self.hours.items() for _, end in hours.closed]
        self.events.append((min(job.release for job in self.problem.jobs), MORNING, ""))
        heapq.heapify(self.events)
        while left:
            now = self.events[0][0]
            for kind, name in self._due(now):
                if kind == MORNING:
                    self.policy.morning()
                    heapq.heappush(self.events, (now - now % DAY + DAY, MORNING, ""))
                elif kind == RELEASED:
                    self.policy.released(jobs[name])
                    self._arrive(Task(jobs[name], 0, jobs[name].source))
                elif kind == DONE:
                    left -= self._done(name)
            self._start(now)
        return Schedule(tuple(self.played))

    def _due(self, now: int) -> Iterator[tuple[int, str]]:
        while self.events and self.events[0][0] == now:
            _, kind, name = heapq.heappop(self.events)
            yield kind, name

    def _arrive(self, task: Task) -> None:
        self.tasks[task.job.id] = task
        self.waiting.append(task)

    def _done(self, name: str) -> int:
        """Move the job on; 1 when it is complete."""
        task = self.tasks.pop(name)
        row = task.running
        assert row is not None
        self.free[row.machine] += 1
        self.policy.finished(task)
        if task.step + 1 == len(task.job.operations):
            return 1
        self._arrive(Task(task.job, task.step + 1, self.machines[row.machine].site))
        return 0

    def _start(self, now: int) -> None:
        """Give the waiting work, best rank first, to machines that are open and have room."""
        ready = {name for name, room in self.free.items() if room and self.hours[name].open_at(now)}
        if not ready:
            return
        self.policy.look(self.waiting)
        still: list[Task] = []
        for task in sorted(self.waiting, key=lambda task: (self.policy.rank(task), task.job.id)):
            mode = self._choice(task, ready) if ready else None
            if mode is None:
                still.append(task)
                continue
            self._run(task, mode, now)
            if not self.free[mode.machine]:
                ready.discard(mode.machine)
        self.waiting = still

    def _choice(self, task: Task, ready: Collection[str]) -> Mode | None:
        """The first mode, nearest machine first, whose machine is ready and allowed."""
        allowed = self.policy.machines(task)
        found = [mode for mode in task.modes if mode.machine in ready and mode.machine in allowed]
        return min(found, key=lambda mode: self._way(task, mode), default=None)

    def _way(self, task: Task, mode: Mode) -> int:
        return self.problem.travel(task.site, self.machines[mode.machine].site)[0]

    def _run(self, task: Task, mode: Mode, now: int) -> None:
        """The machine is held from now on, also while the job is still on its way."""
        start = self.hours[mode.machine].opens(now + self._way(task, mode))
        end = self.hours[mode.machine].finish(start, mode.work)
        operation = task.job.operations[task.step].id
        task.running = Assignment(task.job.id, operation, mode.machine, start, end, mode.bid)
        self.played.append(task.running)
        self.free[mode.machine] -= 1
        heapq.heappush(self.events, (end, DONE, task.job.id))
