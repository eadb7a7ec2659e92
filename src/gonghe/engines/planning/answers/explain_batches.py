"""What batches have to do with a wait: an operation starts when all of its batch are there."""

from __future__ import annotations

from gonghe.engines.model.planning import Assignment, Problem, Schedule

Key = tuple[str, str]


class Mates:
    """The batches of one schedule."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        ovens = {machine.id for machine in problem.machines if machine.batch is not None}
        self.batches: dict[tuple[str, int, int], list[Key]] = {}
        for row in schedule:
            if row.machine in ovens:
                self.batches.setdefault((row.machine, row.start, row.end), []).append(row.key)

    def of(self, row: Assignment) -> list[Key]:
        """The other operations in the batch of an assignment, as (job, operation)."""
        keys = self.batches.get((row.machine, row.start, row.end), [])
        return [key for key in keys if key != row.key]
