"""Why a job is done when it is: the chain of what it waited for, from its release to its arrival."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gonghe.engines.model.planning import Assignment, Interval, Job, Operation, Problem, Schedule
from gonghe.engines.planning.answers.explain_batches import Mates
from gonghe.engines.planning.answers.explain_needs import Needs
from gonghe.engines.planning.costs import Travel, mode_of
from gonghe.engines.planning.lots import plainly


@dataclass(frozen=True, slots=True)
class Reason:
    """A stretch of the chain and its cause.

    Codes
    -----
    release (material not there before), waits_for_pickup (transport leaves later), transport, rest (least
    time after an operation), processing, closed (calendar, while waiting or inside the work),
    waits_for_machine (others are on it),
    waits_for_resource (others have the people or tools), reserved, setup (by family), waits_for_batch
    (others of its batch are not there yet), window (its offer begins later), no_room (a free stretch too
    short for the work), held_for (a later operation must follow within a time and cannot come sooner), held
    (nothing is in the way: the plan starts it later), late (after the due date).
    `params` always holds start, end and seconds. An operation of a lot is named like `cut/2`.
    """

    code: str
    params: dict[str, Any]

    def __str__(self) -> str:
        what = ", ".join(
            f"{name} {value}" for name, value in self.params.items() if name not in ("start", "end")
        )
        return f"{self.code}: {what}"


def explain(problem: Problem, schedule: Schedule, job: str) -> tuple[Reason, ...]:
    """The chain of reasons for a job's date, in time order; it covers the whole time from release to arrival.

    Raises
    ------
    KeyError
        When the problem has no such job or the schedule leaves out one of its operations.
    """
    return tuple(Explainer(*plainly(problem, schedule)).chain(job))


class Explainer:
    """Answers for one schedule."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.problem = problem
        self.jobs = {job.id: job for job in problem.jobs}
        self.machines = {machine.id: machine for machine in problem.machines}
        self.placed = schedule.by_operation()
        self.travel = Travel(problem)
        self.needs = Needs(problem, schedule)
        self.mates = Mates(problem, schedule)
        self.on_machine: dict[str, list[Assignment]] = {}
        for row in sorted(schedule, key=lambda row: row.start):
            self.on_machine.setdefault(row.machine, []).append(row)

    def chain(self, name: str) -> list[Reason]:
        job = self.jobs[name]
        operations = {operation.id: operation for operation in job.operations}
        before = job.predecessors()
        there = {
            o: self.travel.arrives(self._site(name, o), job.destination, self.placed[name, o].end)
            for o in job.last_operations()
        }
        last = max(there, key=lambda o: (there[o], o))
        arrival = there[last]
        reasons: list[Reason] = []
        if job.due is not None and arrival > job.due:
            reasons.append(_reason("late", job.due, arrival, due=job.due))
        end = self.placed[name, last].end
        reasons += reversed(self._transport(end, self._site(name, last), job.destination))
        current: str | None = last
        while current is not None:
            row = self.placed[name, current]
            reasons += reversed(list(self._work(row, operations[current])))
            current, ready, legs = self._cause(job, row, before[current])
            reasons += reversed(list(self._wait(row, job, operations[row.operation], ready)))
            reasons += reversed(legs)
        if job.release > self.problem.horizon_start:
            reasons.append(_reason("release", self.problem.horizon_start, job.release))
        return reasons[::-1]

    def waits(self, name: str, operation: str) -> list[Reason]:
        """What one operation waits for once its parts are there, in time order."""
        job = self.jobs[name]
        row = self.placed[name, operation]
        found = next(one for one in job.operations if one.id == operation)
        _before, ready, _legs = self._cause(job, row, job.predecessors()[operation])
        return list(self._wait(row, job, found, ready))

    def _site(self, job: str, operation: str) -> str:
        return self.machines[self.placed[job, operation].machine].site

    def _transport(self, ready: int, origin: str | None, target: str | None) -> list[Reason]:
        """The wait for the pick-up and the way."""
        leaves, arrives = (f(origin, target, ready) for f in (self.travel.leaves, self.travel.arrives))
        wait = _reason("waits_for_pickup", ready, leaves, site=origin)
        way = _reason("transport", leaves, arrives, origin=origin, target=target)
        return [reason for reason in (wait, way) if reason.params["seconds"]]

    def _cause(
        self, job: Job, row: Assignment, before: tuple[str, ...]
    ) -> tuple[str | None, int, list[Reason]]:
        """The predecessor that arrives last (None: the release), the earliest start, rest and way to it."""
        here = self.machines[row.machine].site
        if not before:
            begin = max(job.release, self.problem.horizon_start)
            legs = self._transport(begin, job.source, here)
            return None, self.travel.arrives(job.source, here, begin), legs
        rested = {o: self.placed[job.id, o].end + self._rest(job, o, row.operation) for o in before}
        ready, name = max((self.travel.arrives(self._site(job.id, o), here, rested[o]), o) for o in before)
        legs, end = [], self.placed[job.id, name].end
        if rested[name] > end:
            legs.append(_reason("rest", end, rested[name], operation=name, machine=row.machine))
        legs += self._transport(rested[name], self._site(job.id, name), here)
        return name, ready, legs

    def _rest(self, job: Job, before: str, operation: str) -> int:
        lags = next(o.lags for o in job.operations if o.id == operation)
        return lags[before].minimum if before in lags else 0

    def _work(self, row: Assignment, operation: Operation) -> Iterator[Reason]:
        """The work itself, cut by the breaks inside it."""
        at = row.start
        breaks = self.needs.pauses(row) if operation.resumable else ()
        for start, end in sorted(breaks):
            if start >= at and end <= row.end:
                if start > at:
                    yield _reason("processing", at, start, operation=row.operation, machine=row.machine)
                yield _reason("closed", start, end, machine=row.machine)
                at = end
        if row.end > at:
            yield _reason("processing", at, row.end, operation=row.operation, machine=row.machine)

    def _wait(self, row: Assignment, job: Job, operation: Operation, ready: int) -> Iterator[Reason]:
        """The stretch between being ready and starting, by what filled the machine."""
        if row.start <= ready:
            return
        machine = self.machines[row.machine]
        others = [o for o in self.on_machine[row.machine] if o.key != row.key and o.end > ready]
        busy = [(o.start, o.end) for o in others if o.start < row.start]
        edges = {ready, row.start}
        breaks, short = self.needs.breaks(row), self.needs.short(row, ready)
        for start, end, _ in short:
            edges |= {edge for edge in (start, end) if ready < edge < row.start}
        for start, end in (*busy, *breaks, *machine.reserved):
            edges |= {edge for edge in (start, end) if ready < edge < row.start}
        points = sorted(edges)
        pieces: list[tuple[str, int, int]] = []
        for start, end in pairwise(points):
            code = self._piece(start, end, row, busy, breaks, machine.reserved)
            if code == "free":
                code = next((f"needs {name}" for a, b, name in short if a <= start and end <= b), code)
            if pieces and pieces[-1][0] == code:
                pieces[-1] = (code, pieces[-1][1], end)
            else:
                pieces.append((code, start, end))
        mates = self.mates.of(row)
        for code, start, end in pieces:
            if code == "free" and any(self._there(*key) > start for key in mates):
                yield _reason("waits_for_batch", start, end, machine=row.machine, batch=mates)
                continue
            if code.startswith("needs "):
                name = code.removeprefix("needs ")
                yield _reason("waits_for_resource", start, end, machine=row.machine, resource=name)
                continue
            yield self._named(code, start, end, row, job, operation, others)

    def _piece(
        self,
        start: int,
        end: int,
        row: Assignment,
        busy: list[Interval],
        breaks: tuple[Interval, ...],
        reserved: tuple[Interval, ...],
    ) -> str:
        capacity = self.machines[row.machine].capacity
        if _covered(start, end, reserved):
            return "reserved"
        if _covered(start, end, busy) >= capacity:
            return "waits_for_machine"
        return "closed" if _covered(start, end, breaks) else "free"

    def _named(
        self,
        code: str,
        start: int,
        end: int,
        row: Assignment,
        job: Job,
        operation: Operation,
        others: list[Assignment],
    ) -> Reason:
        if code == "waits_for_machine":
            behind = [(o.job, o.operation) for o in others if o.start < end and o.end > start]
            return _reason(code, start, end, machine=row.machine, behind=behind)
        if code != "free":
            return _reason(code, start, end, machine=row.machine)
        mode = mode_of(job, row)
        if mode.earliest is not None and start < mode.earliest:
            return _reason("window", start, end, machine=row.machine, earliest=mode.earliest)
        if end < row.start:
            return _reason("no_room", start, end, machine=row.machine, work=mode.work)
        family = self._family_before(row)
        table = self.machines[row.machine].setups
        if family is not None and table.get(family, {}).get(operation.family, 0):
            return _reason("setup", start, end, machine=row.machine, before=family, after=operation.family)
        return self._held(row, start, end, job)

    def _there(self, name: str, operation: str) -> int:
        """When an operation could have started, going by what comes before it."""
        job = self.jobs[name]
        return self._cause(job, self.placed[name, operation], job.predecessors()[operation])[1]

    def _held(self, row: Assignment, start: int, end: int, job: Job) -> Reason:
        for after in job.operations:
            lag = after.lags.get(row.operation)
            if lag is not None and lag.maximum is not None:
                return _reason(
                    "held_for", start, end, machine=row.machine, operation=after.id, within=lag.maximum
                )
        return _reason("held", start, end, machine=row.machine)

    def _family_before(self, row: Assignment) -> str | None:
        earlier = [o for o in self.on_machine[row.machine] if o.end <= row.start and o.key != row.key]
        if not earlier:
            return self.machines[row.machine].state or None
        last = earlier[-1]
        return next(o.family for o in self.jobs[last.job].operations if o.id == last.operation)


def _covered(start: int, end: int, intervals: list[Interval] | tuple[Interval, ...]) -> int:
    return sum(1 for begin, until in intervals if begin <= start and end <= until)


def _reason(code: str, start: int, end: int, **params: Any) -> Reason:
    return Reason(code, {"start": start, "end": end, "seconds": end - start, **params})
