"""The workshop day by day: ranked anew each morning with what is known then, worked as it really went.

The rank of a waiting operation is its own work, what its job still needs after it, and the work that waits
for the machine it goes to next: short jobs leave early, and no work is pushed towards a full queue
(shortest remaining work with "work in next queue", R. Haupt, OR Spektrum 11, 1989).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from gonghe.engines.model.planning import Job, Problem
from gonghe.engines.planning.workshop.floor import Task
from gonghe.engines.planning.workshop.log import RealOrder, Step
from gonghe.engines.planning.workshop.past import Estimates, Twins


class Knowledge:
    """What is known of the work to come; this one knows everything: a limit for what planning can reach."""

    def renew(self) -> None:
        """A new day begins."""

    def released(self, job: Job) -> None:
        """A job is there."""

    def finished(self, job: Job, step: int) -> None:
        """An operation is done and its real duration known."""

    def seconds(self, job: Job, step: int) -> float:
        """Expected work."""
        return job.operations[step].modes[0].work

    def machines(self, job: Job, step: int) -> Collection[str]:
        """Machines that may do it."""
        return [mode.machine for mode in job.operations[step].modes]


class Morning(Knowledge):
    """What is known on the morning of a day: routings of released orders, durations of finished work.

    Parameters
    ----------
    orders
        By job id.
    own_machines
        Work stays on the resource of its routing.
    """

    def __init__(self, orders: Mapping[str, RealOrder], own_machines: bool) -> None:
        self.orders, self.own_machines = orders, own_machines
        self.estimates, self.twins = Estimates(), Twins()
        self.news: list[tuple[RealOrder, Step]] = []
        self.fresh: set[str] = set()
        self.allowed: dict[tuple[str, int], Collection[str]] = {}
        self.expected: dict[tuple[str, int], float] = {}

    def renew(self) -> None:
        """Take in what was released and finished since yesterday."""
        for order, step in self.news:
            self.estimates.learn(order, step)
        if not self.own_machines:
            for name in sorted(self.fresh):
                self.twins.add(self.orders[name])
        self.news, self.fresh = [], set()
        self.allowed, self.expected = {}, {}

    def released(self, job: Job) -> None:
        self.fresh.add(job.id)

    def finished(self, job: Job, step: int) -> None:
        order = self.orders[job.id]
        self.news.append((order, order.steps[step]))

    def seconds(self, job: Job, step: int) -> float:
        key = (job.id, step)
        if key not in self.expected:
            order = self.orders[job.id]
            self.expected[key] = self.estimates.seconds(order, order.steps[step])
        return self.expected[key]

    def machines(self, job: Job, step: int) -> Collection[str]:
        key = (job.id, step)
        if key not in self.allowed:
            names = self.twins.of(self.orders[job.id].steps[step])
            modes = job.operations[step].modes
            self.allowed[key] = [mode.machine for mode in modes if mode.machine in names]
        return self.allowed[key]


class Ranking:
    """A floor policy that ranks by the rule of this module."""

    def __init__(self, problem: Problem, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.capacity = {machine.id: machine.capacity for machine in problem.machines}
        self.queue: dict[str, float] = {}

    def morning(self) -> None:
        self.knowledge.renew()

    def released(self, job: Job) -> None:
        self.knowledge.released(job)

    def finished(self, task: Task) -> None:
        self.knowledge.finished(task.job, task.step)

    def look(self, waiting: Sequence[Task]) -> None:
        """Note the work that waits for each machine; work with a choice counts in parts."""
        self.queue = defaultdict(float)
        for task in waiting:
            names = self.knowledge.machines(task.job, task.step)
            part = self.knowledge.seconds(task.job, task.step) / len(names)
            for name in names:
                self.queue[name] += part / self.capacity[name]

    def rank(self, task: Task) -> float:
        steps = len(task.job.operations)
        left = sum(self.knowledge.seconds(task.job, step) for step in range(task.step, steps))
        if task.step + 1 == steps:
            return left
        following = self.knowledge.machines(task.job, task.step + 1)
        return left + min(self.queue.get(name, 0.0) for name in following)

    def machines(self, task: Task) -> Collection[str]:
        return self.knowledge.machines(task.job, task.step)
