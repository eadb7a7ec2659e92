"""What would help a job: each remedy really re-solved from the plan in force, and priced."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from gonghe.engines.model.planning import Job, PlanningError, Problem, Schedule
from gonghe.engines.planning.answers.remedy_ideas import HOURS, KINDS, Idea, Kind, ideas
from gonghe.engines.planning.answers.replan import (
    CHEAP_SECONDS,
    Comparison,
    Proposal,
    default_iterations,
    improve,
    move_price,
    without_conflicts,
)
from gonghe.engines.planning.checker.check import check
from gonghe.engines.planning.costs import evaluate
from gonghe.engines.planning.lots import as_planned

URGENT = 10  # how much more an hour of the job counts than the dearest of the others
MOST_RATE, MOST_WEIGHT = 10**9, 10**6


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change and what it does.

    Parameters
    ----------
    idea
        What would be changed and by whom.
    proposal
        The problem with the change, its plan, the moves and the firms touched; `cost_delta` holds production,
        set-ups, transport and lateness penalties, but not what a firm asks for the change itself.
    change_cost
        What the firm asks for the change, minor units: hours that the plan works in overtime, at the rate of
        the machine. Whatever has no rate counts nothing.
    arrival, earlier
        When the job arrives, and by how many seconds that is earlier than in force.
    lateness
        Seconds late that are left (by the new date for "later_due").
    others_lateness
        Change of the lateness of all other jobs, seconds.
    """

    idea: Idea
    proposal: Proposal
    change_cost: int
    arrival: int
    earlier: int
    lateness: int
    others_lateness: int

    @property
    def kind(self) -> str:
        return self.idea.kind

    @property
    def cost(self) -> int:
        """All that it costs or saves against the plan in force, minor units."""
        return self.proposal.cost_delta + self.change_cost

    def to_json(self) -> dict[str, Any]:
        """Plain data; money in units of the currency, fields that a kind does not have left out."""
        proposal = self.proposal
        asked = self.change_cost / proposal.problem.minor_per_unit
        return {
            **self.idea.to_json(),
            "arrival": self.arrival,
            "earlier": self.earlier,
            "lateness": self.lateness,
            "others_lateness": self.others_lateness,
            "cost_delta": proposal.cost_delta / proposal.problem.minor_per_unit,
            **({"change_cost": asked} if asked else {}),
            "moves": len(proposal.moved),
            "touched": list(proposal.touched),
            "verified": proposal.verified,
            "schedule": proposal.schedule.to_json(proposal.problem),
        }


def remedies(
    problem: Problem,
    schedule: Schedule,
    job: str,
    *,
    hours: int = HOURS,
    kinds: Collection[Kind] = KINDS,
    iterations: int | None = None,
    seed: int = 0,
) -> tuple[Remedy, ...]:
    """What would bring a job earlier, what helps most and costs least first.

    Every idea is re-solved from the plan in force with the job before all others and moves priced. An idea
    that brings nothing beyond giving the job priority, or whose plan does not need it, is left out. Lines
    stay in the lots they have.

    Parameters
    ----------
    hours
        How long a closed machine is opened.
    kinds
        Which kinds of ideas are tried, beside giving the job priority.
    iterations
        Of each search; by default as many as a re-plan takes.

    Raises
    ------
    KeyError
        When the problem has no such job or the schedule leaves out one of its operations.
    """
    iterations = default_iterations(problem) if iterations is None else iterations
    return tuple(_Doctor(problem, schedule, job, iterations, seed).remedies(hours, kinds))


class _Doctor:
    """Tries ideas on one plan."""

    def __init__(self, problem: Problem, schedule: Schedule, job: str, iterations: int, seed: int) -> None:
        planned = as_planned(problem, schedule)
        self.problem = replace(planned, reference=(), move_cost=0, transfer_cost=0)
        self.schedule, self.iterations, self.seed = schedule, iterations, seed
        self.job = {item.id: item for item in planned.jobs}[job]
        self.fixed = {row.key for row in problem.fixed}
        value = evaluate(self.problem, schedule)
        self.completion, self.arrival = value.completion, value.completion[job]
        work = sum(row.end - row.start for row in schedule)
        self.hourly = value.cost.price * 3600 // max(1, work)

    def remedies(self, hours: int, kinds: Collection[Kind]) -> Iterator[Remedy]:
        """All that help."""
        tried = (
            idea
            for idea in ideas(self.problem, self.schedule, self.job, hours)
            if idea.kind == "priority" or idea.kind in kinds
        )
        found = [self._try(idea) for idea in tried]
        good = [item for item in found if item is not None and (item.kind == "later_due" or item.earlier > 0)]
        plain = next((item for item in good if item.kind == "priority"), None)
        kept = [item for item in good if item is plain or plain is None or _better(item, plain)]
        yield from sorted(kept, key=_rank)

    def _try(self, idea: Idea) -> Remedy | None:
        """The remedy; None when no plan goes with it or the plan goes without it."""
        aim = idea.problem if idea.kind == "later_due" else self._urgent(idea.problem)
        rest = without_conflicts(aim, self.schedule)
        alone = Schedule(tuple(row for row in rest if row.job != self.job.id or row.key in self.fixed))
        price = move_price(aim, CHEAP_SECONDS)
        try:
            better = improve(aim, rest, (rest, alone), price, self.iterations, self.seed)
        except PlanningError:
            return None
        if idea.lifts and not check(self.problem, better):
            return None
        return self._measured(idea, better)

    def _urgent(self, problem: Problem) -> Problem:
        """The problem in which this job is in a hurry."""
        rates = max(self.hourly, 1, *(job.lateness_cost_per_hour for job in problem.jobs))
        weights = max(job.weight for job in problem.jobs)
        jobs = tuple(
            replace(
                job,
                due=self._aim(job),
                lateness_cost_per_hour=min(URGENT * rates, MOST_RATE),
                weight=min(URGENT * max(weights, 1), MOST_WEIGHT),
            )
            if job.id == self.job.id
            else job
            for job in problem.jobs
        )
        return replace(problem, jobs=jobs, objective="cost" if problem.objective == "cost" else "tardiness")

    def _aim(self, job: Job) -> int:
        """A late job should be on time; any other one as early as possible."""
        if job.due is not None and self.arrival > job.due:
            return job.due
        return max(job.release, self.problem.horizon_start)

    def _measured(self, idea: Idea, schedule: Schedule) -> Remedy:
        proposal = Comparison(self.problem, self.schedule, idea.problem).proposal(idea.kind, schedule)
        arrival = evaluate(idea.problem, schedule).completion[self.job.id]
        before = _late(self.job.due, self.arrival)
        after = _late(self.job.due if idea.due is None else idea.due, arrival)
        return Remedy(
            idea=idea,
            proposal=proposal,
            change_cost=_asked(idea, schedule) if idea.kind == "overtime" else 0,
            arrival=arrival,
            earlier=self.arrival - arrival,
            lateness=after,
            others_lateness=proposal.lateness_delta - (after - before),
        )


def _asked(idea: Idea, schedule: Schedule) -> int:
    """Price of the time in which anything runs on the opened machine, begun minor units in full."""
    assert idea.start is not None
    assert idea.end is not None
    rate = next(one.overtime_cost_per_hour for one in idea.problem.machines if one.id == idea.machine)
    worked, reached = 0, idea.start
    for row in sorted(schedule, key=lambda row: row.start):
        if row.machine == idea.machine and row.start < idea.end and row.end > reached:
            worked += min(row.end, idea.end) - max(row.start, reached)
            reached = min(row.end, idea.end)
    return -(-worked * rate // 3600)


def _late(due: int | None, arrival: int) -> int:
    return 0 if due is None else max(0, arrival - due)


def _rank(remedy: Remedy) -> tuple[int, int, int, int]:
    return remedy.lateness, remedy.cost, len(remedy.proposal.moved), remedy.arrival


def _better(item: Remedy, plain: Remedy) -> bool:
    """Whether it brings more than putting the job first."""
    if item.kind == "later_due" or item.arrival < plain.arrival:
        return True
    return item.lateness <= plain.lateness and item.cost < plain.cost
