"""Reads schedules: when the parts arrive, and the chain of operations that decides it."""

from __future__ import annotations

from gonghe.apps.plans.models import Plan
from gonghe.engines.model.planning import Assignment, Problem, Schedule


def engine_of(plan: Plan) -> tuple[Problem, Schedule]:
    """Problem and schedule of a stored plan as the engine's own types."""
    problem = Problem.from_json(plan.problem)
    return problem, Schedule.from_json(problem, plan.schedule)


def arrivals(problem: Problem, schedule: Schedule) -> dict[Assignment, int]:
    """When the parts of each last operation reach the destination, in seconds from the epoch."""
    job = problem.jobs[0]
    site = {machine.id: machine.site for machine in problem.machines}
    last = job.last_operations()
    return {
        row: row.end + problem.travel(site[row.machine], job.destination)[0]
        for row in schedule
        if row.operation in last
    }


def arrival(problem: Problem, schedule: Schedule) -> int:
    """When the last part reaches the destination, in seconds from the epoch."""
    return max(arrivals(problem, schedule).values())


def critical(problem: Problem, schedule: Schedule) -> set[str]:
    """The chain that decides the date: from the last to arrive back along what each waited for."""
    placed = {row.operation: row for row in schedule}
    site = {machine.id: machine.site for machine in problem.machines}
    before = problem.jobs[0].predecessors()
    ends = arrivals(problem, schedule)
    row: Assignment | None = max(ends, key=lambda one: ends[one])
    found: set[str] = set()
    while row is not None:
        found.add(row.operation)
        here = site[row.machine]
        there = {
            name: placed[name].end + problem.travel(site[placed[name].machine], here)[0]
            for name in before[row.operation]
        }
        row = placed[max(there, key=lambda name: there[name])] if there else None
    return found
