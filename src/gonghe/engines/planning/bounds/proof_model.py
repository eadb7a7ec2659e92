"""The exact model of a problem for CP-SAT: one method per family of rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ortools.sat.python import cp_model

from gonghe.engines.model.planning import Assignment, Job, Mode, Operation, Problem, Schedule
from gonghe.engines.model.planning_hours import merged
from gonghe.engines.model.planning_limits import allowed_modes
from gonghe.engines.model.planning_needs import Units, ways
from gonghe.engines.planning.bounds.proof_times import Clock, Segment
from gonghe.engines.planning.costs import SECONDS_PER_HOUR, Travel, mode_of

Key = tuple[str, str]
Times = tuple[tuple[int, int], ...]
Place = tuple[Segment, Any, Any]  # with literals: the operation starts in it, ends in it


class TooLarge(Exception):
    """The exact model would need too many variables."""


@dataclass(slots=True)
class Option:
    """A way to do an operation: a mode with the people and tools it takes."""

    mode: Mode
    units: Units
    taken: Any  # literal
    span: Any = None  # interval


@dataclass(slots=True)
class Step:
    """An operation in the model; fixed work has numbers instead of variables."""

    job: Job
    operation: Operation
    start: Any
    end: Any
    options: list[Option] = field(default_factory=list)
    fixed: Assignment | None = None

    @property
    def key(self) -> Key:
        return (self.job.id, self.operation.id)


class Exact:
    """Variables and constraints of a problem."""

    MOST_LITERALS = 15_000

    def __init__(self, problem: Problem) -> None:
        self.problem, self.clock = problem, Clock(problem)
        ends = [row.end for row in problem.fixed]
        self.first = self.clock.down(min([problem.horizon_start, *ends]))
        self.model = cp_model.CpModel()
        self.machines = {machine.id: machine for machine in problem.machines}
        self.travel = Travel(problem)
        self.away = {resource.id: resource.breaks for resource in problem.resources}
        self.literals = 0
        self.places: dict[tuple[Key, Times], list[Place]] = {}
        self.present: dict[tuple[Key, str], Any] = {}
        self.steps: dict[Key, Step] = {}
        self.money: list[Any] = []
        self.moves: list[Any] = []
        fixed = {row.key: row for row in problem.fixed}
        for job in problem.jobs:
            for operation in job.operations:
                self.steps[job.id, operation.id] = self._step(job, operation, fixed)
        for step in self.steps.values():
            self._release(step)
        for machine in problem.machines:
            self._machine(machine.id)
            if machine.setups or (machine.setup_costs and problem.objective == "cost"):
                self._setups(machine.id)
        self._resources()
        self._limits()
        self._caps()
        self._disturbance()
        self.done = {job.id: self._done(job) for job in problem.jobs}
        self.objective = self._objective()

    def _literal(self) -> Any:
        self.literals += 1
        if self.literals > self.MOST_LITERALS:
            raise TooLarge
        return self.model.new_bool_var("")

    def _step(self, job: Job, operation: Operation, fixed: dict[Key, Any]) -> Step:
        row = fixed.get((job.id, operation.id))
        if row is not None:
            return Step(job, operation, self.clock.down(row.start), self.clock.up(row.end), fixed=row)
        begin = self.clock.up(max(self.problem.horizon_start, job.release))
        start = self.model.new_int_var(begin, self.clock.latest, "")
        step = Step(job, operation, start, self.model.new_int_var(begin, self.clock.latest, ""))
        for mode in allowed_modes(self.problem, job, operation):
            for units in ways(self.problem.resources, operation.needs_in(mode)):
                step.options.append(Option(mode, units, self._literal()))
        self.model.add_exactly_one(option.taken for option in step.options)
        self.model.add(step.start <= step.end)
        for option in step.options:
            self._option(step, option)
        return step

    def _option(self, step: Step, option: Option) -> None:
        """Where the work of an option may lie: window, calendar, reservations."""
        model, mode, work = self.model, option.mode, self.clock.down(option.mode.work)
        machine = self.machines[mode.machine]
        closed = self._closed(mode.machine, option.units)
        begin, end = self.clock.up(max(self.problem.horizon_start, step.job.release)), self.clock.latest
        if mode.earliest is not None:
            model.add(step.start >= self.clock.up(mode.earliest)).only_enforce_if(option.taken)
        if mode.latest is not None:
            model.add(step.end <= self.clock.down(mode.latest)).only_enforce_if(option.taken)
        if step.operation.resumable and closed:
            size = model.new_int_var(0, end - begin, "")
            option.span = model.new_optional_interval_var(step.start, size, step.end, option.taken, "")
            self._pausing(step, option, closed, work)
            if machine.reserved:
                busy = self.clock.segments(machine.reserved, begin, end)
                gaps = [self._literal() for _ in busy]
                model.add(sum(gaps) == 1).only_enforce_if(option.taken)
                for gap, chosen in zip(busy, gaps, strict=True):
                    model.add(step.start >= gap.start).only_enforce_if(chosen)
                    model.add(step.end <= gap.end).only_enforce_if(chosen)
            return
        option.span = model.new_optional_fixed_size_interval_var(step.start, work, option.taken, "")
        model.add(step.end == step.start + work).only_enforce_if(option.taken)
        # work without length lies in no break anyway
        busy = self.clock.segments((*(closed if work else ()), *machine.reserved), begin, end)
        fitting = [[gap.start, gap.end - work] for gap in busy if gap.end - gap.start >= work]
        domain = cp_model.Domain.from_intervals(fitting)
        model.add_linear_expression_in_domain(step.start, domain).only_enforce_if(option.taken)

    def _closed(self, machine: str, units: Units) -> Times:
        away = (pair for name, _ in units for pair in self.away[name])
        return tuple(sorted({*self.machines[machine].breaks, *away}))

    def _pausing(self, step: Step, option: Option, closed: Times, work: int) -> None:
        """Open time between start and end is the work; start and end lie in open hours."""
        places = self._places(step, closed)
        off = sum(place.off * (last - first) for place, first, last in places)
        taken = option.taken
        self.model.add(step.end - step.start - off == work).only_enforce_if(taken)
        self.model.add(sum(first for _, first, _ in places) == 1).only_enforce_if(taken)
        self.model.add(sum(last for _, _, last in places) == 1).only_enforce_if(taken)

    def _places(self, step: Step, closed: Times) -> list[Place]:
        """Open segments with literals that say in which one an operation starts and ends, one at most."""
        known = self.places.get((step.key, closed))
        if known is not None:
            return known
        begin = self.clock.up(max(self.problem.horizon_start, step.job.release))
        # work without length ends where it starts, any other after the segment's start
        least = min(1, *(self.clock.down(option.mode.work) for option in step.options), 1)
        found = []
        for place in self.clock.segments(closed, begin, self.clock.latest):
            first, last = self._literal(), self._literal()
            self.model.add(step.start >= place.start).only_enforce_if(first)
            self.model.add(step.start <= place.end - 1).only_enforce_if(first)
            self.model.add(step.end >= place.start + least).only_enforce_if(last)
            self.model.add(step.end <= place.end).only_enforce_if(last)
            found.append((place, first, last))
        self.model.add_at_most_one(first for _, first, _ in found)
        self.model.add_at_most_one(last for _, _, last in found)
        self.places[step.key, closed] = found
        return found

    def at(self, step: Step, machine: str) -> Any:
        """Literal (or 0, 1): the operation is on a machine."""
        if step.fixed is not None:
            return int(step.fixed.machine == machine)
        if (step.key, machine) not in self.present:
            here = [option.taken for option in step.options if option.mode.machine == machine]
            self.present[step.key, machine] = self._any(here)
        return self.present[step.key, machine]

    def _any(self, literals: Sequence[Any]) -> Any:
        """Literal that says whether one of some (of which one at most is true) is true."""
        if len(literals) < 2:
            return literals[0] if literals else 0
        found = self._literal()
        self.model.add(sum(literals) == found)
        return found

    def _sites(self, step: Step) -> dict[str, Any]:
        if step.fixed is not None:
            return {self.machines[step.fixed.machine].site: 1}
        groups: dict[str, list[Any]] = defaultdict(list)
        for option in step.options:
            groups[self.machines[option.mode.machine].site].append(option.taken)
        if len(groups) == 1:
            return dict.fromkeys(groups, 1)
        key = (step.key, "sites")
        if key not in self.present:
            self.present[key] = {site: self._any(literals) for site, literals in groups.items()}
        found: dict[str, Any] = self.present[key]
        return found

    def _release(self, step: Step) -> None:
        """Material, predecessors, ways and lags; fares on the way."""
        job, operation = step.job, step.operation
        names = dict.fromkeys(job.predecessors()[operation.id])
        release = max(self.problem.horizon_start, job.release)
        for site, here in self._sites(step).items():
            if not names and job.source is not None:
                seconds, fare = self.travel.between(job.source, site)
                if step.fixed is None:
                    self._when([here], step.start, self.clock.up(release + seconds))
                self.money.append(fare * here)
        for name in names:
            before = self.steps[job.id, name]
            lag = operation.lags.get(name)
            rest = lag.minimum if lag else 0
            for origin, there in self._sites(before).items():
                for site, here in self._sites(step).items():
                    seconds, fare = self.travel.between(origin, site)
                    if step.fixed is None:
                        self._when([there, here], step.start - before.end, self.clock.up(seconds + rest))
                    self._fare(there, here, fare)
            if step.fixed is None and lag is not None and lag.maximum is not None:
                self.model.add(step.start - before.end <= self.clock.down(lag.maximum))

    def _when(self, literals: Sequence[Any], value: Any, least: int) -> None:
        rule = self.model.add(value >= least)
        enforced = [literal for literal in literals if not isinstance(literal, int)]
        if enforced:
            rule.only_enforce_if(enforced)

    def _fare(self, there: Any, here: Any, fare: int) -> None:
        if not fare or self.problem.objective != "cost":
            return
        if isinstance(there, int) or isinstance(here, int):
            self.money.append(fare * (here if isinstance(there, int) else there))
            return
        both = self._literal()
        self.model.add(both >= there + here - 1)
        self.money.append(fare * both)

    def _machine(self, name: str) -> None:
        spans = [o.span for step in self.steps.values() for o in step.options if o.mode.machine == name]
        for step in self.steps.values():
            if step.fixed is not None and step.fixed.machine == name:
                spans.append(self.model.new_fixed_size_interval_var(step.start, step.end - step.start, ""))
        if not spans:
            return
        if self.machines[name].capacity == 1:
            self.model.add_no_overlap(spans)
        else:
            self.model.add_cumulative(spans, [1] * len(spans), self.machines[name].capacity)

    def _resources(self) -> None:
        for resource in self.problem.resources:
            rows = [
                (option.span, dict(option.units)[resource.id])
                for step in self.steps.values()
                for option in step.options
                if resource.id in dict(option.units)
            ]
            if rows:
                self.model.add_cumulative(*zip(*rows, strict=True), resource.capacity)

    def _setups(self, name: str) -> None:
        """The sequence on a machine as a circuit through a node of its own; arcs carry time and money."""
        machine = self.machines[name]
        steps = [step for step in self.steps.values() if self._may(step, name)]
        arcs: list[tuple[int, int, Any]] = [(0, 0, self._literal())]
        for number, step in enumerate(steps, 1):
            first = self._literal()
            arcs += [(0, number, first), (number, 0, self._literal())]
            here = self.at(step, name)
            if step.fixed is None:
                arcs.append((number, number, here.negated()))
            self._follow(machine.state or None, None, step, name, first)
            for other, after in enumerate(steps, 1):
                if other != number:
                    arc = self._literal()
                    arcs.append((number, other, arc))
                    self._follow(step.operation.family, step, after, name, arc)
        self.model.add_circuit(arcs)

    def _may(self, step: Step, name: str) -> bool:
        if step.fixed is not None:
            return step.fixed.machine == name
        return any(option.mode.machine == name for option in step.options)

    def _follow(self, family: str | None, before: Step | None, step: Step, name: str, arc: Any) -> None:
        machine, after = self.machines[name], step.operation.family
        need = 0 if family is None else self.clock.up(machine.setups.get(family, {}).get(after, 0))
        fee = 0 if family is None else machine.setup_costs.get(family, {}).get(after, 0)
        if fee:
            self.money.append(fee * arc)
        if before is not None and not (before.fixed and step.fixed):
            self.model.add(step.start >= before.end).only_enforce_if(arc)
        if need and step.fixed is None:
            since = self._opened(before, name, arc, 1) if before else self._hours(name, self._begin())
            self.model.add(self._opened(step, name, arc, 0) - since >= need).only_enforce_if(arc)

    def _begin(self) -> int:
        return self.clock.up(self.problem.horizon_start)

    def _hours(self, name: str, time: int) -> int:
        """Open time of a machine before a time, as `_opened` counts it."""
        closed = self.machines[name].breaks
        return time - sum(
            max(0, min(time, self.clock.down(end)) - self.clock.up(start))
            for start, end in merged(closed)
            if self.clock.up(start) < time
        )

    def _opened(self, step: Step, name: str, arc: Any, side: int) -> Any:
        """Open time of a machine before the start (side 0) or end (1) of an operation."""
        time = step.end if side else step.start
        closed = self._closed(name, ())
        if not closed:
            return time
        if step.fixed is not None:
            return self._hours(name, time)
        places = self._places(step, closed)
        inside = [(place, last if side else first) for place, first, last in places]
        self.model.add(sum(chosen for _, chosen in inside) == 1).only_enforce_if(arc)
        begin = self.clock.up(max(self.problem.horizon_start, step.job.release))
        before = begin - self._hours(name, begin)
        return time - before - sum(place.off * chosen for place, chosen in inside)

    def _limits(self) -> None:
        firm = {name: machine.organization for name, machine in self.machines.items()}
        for job in self.problem.jobs:
            if job.most_firms is None:
                continue
            used: dict[str, Any] = {}
            for operation in job.operations:
                step = self.steps[job.id, operation.id]
                for name in {firm[machine] for machine in self.machines if self._may(step, machine)}:
                    used.setdefault(name, self._literal())
                    for option in step.options:
                        if firm[option.mode.machine] == name:
                            self.model.add_implication(option.taken, used[name])
                    if step.fixed is not None:
                        self.model.add(used[name] == 1)
            self.model.add(sum(used.values()) <= job.most_firms)

    def _caps(self) -> None:
        firm = {name: machine.organization for name, machine in self.machines.items()}
        for cap in self.problem.share_caps:
            total: Any = 0
            for step in self.steps.values():
                if cap.jobs and step.job.id not in cap.jobs:
                    continue
                if step.fixed is not None:
                    total += self._share(firm, cap, step.fixed.machine, self._counted(cap, step))
                for option in step.options:
                    amount = cap.amount(option.mode)
                    total += self._share(firm, cap, option.mode.machine, amount) * option.taken
            self.model.add(total <= 0)

    @staticmethod
    def _share(firm: dict[str, str], cap: Any, machine: str, amount: int) -> int:
        return amount * ((1000 if firm[machine] == cap.organization else 0) - int(cap.permille))

    @staticmethod
    def _counted(cap: Any, step: Step) -> int:
        row = step.fixed
        assert row is not None
        return int(row.end - row.start if cap.measure == "work" else mode_of(step.job, row).cost)

    def _disturbance(self) -> None:
        for planned in self.problem.reference:
            step = self.steps.get(planned.key)
            if step is None or step.fixed is not None:
                continue
            same = self._any(
                [
                    option.taken
                    for option in step.options
                    if option.mode.machine == planned.machine and planned.bid in (None, option.mode.bid)
                ]
            )
            self.moves.append(self.problem.transfer_cost - self.problem.transfer_cost * same)
            self.moves.append(self.problem.move_cost)
            if isinstance(same, int) or planned.start % self.clock.unit:
                continue
            kept = self._literal()
            self.model.add_implication(kept, same)
            self.model.add(step.start == planned.start // self.clock.unit).only_enforce_if(kept)
            self.moves.append(-self.problem.move_cost * kept)

    def _done(self, job: Job) -> Any:
        """Arrival of a job in units."""
        lasts = job.last_operations()
        done = self.model.new_int_var(self.first, self.clock.latest, "")
        for name in lasts:
            step = self.steps[job.id, name]
            for site, here in self._sites(step).items():
                seconds, fare = self.travel.between(site, job.destination)
                self._when([here], done - step.end, self.clock.up(seconds))
                self.money.append(fare * here)
        return done

    def _late(self, job: Job) -> Any:
        """Seconds late."""
        assert job.due is not None
        late = self.model.new_int_var(0, self._latest_for(job), "")
        self.model.add(late >= self.done[job.id] * self.clock.unit - job.due)
        return late

    def _objective(self) -> Any:
        """In units of the objective, like `costs.evaluate`."""
        problem, unit = self.problem, self.clock.unit
        if problem.objective == "makespan":
            last = self.model.new_int_var(self.first, self.clock.latest, "")
            for done in self.done.values():
                self.model.add(last >= done)
            return last * unit + sum(self.moves)
        if problem.objective == "flow":
            return sum(self.done[job.id] * unit - job.release for job in problem.jobs) + sum(self.moves)
        due = [job for job in problem.jobs if job.due is not None]
        if problem.objective == "tardiness":
            return sum(job.weight * self._late(job) for job in due if job.weight) + sum(self.moves)
        lateness = sum(self._penalty(job) for job in due if job.lateness_cost_per_hour)
        return self._production() + lateness + sum(self.money) + sum(self.moves)

    def _latest_for(self, job: Job) -> int:
        """Most seconds that a job can be late."""
        assert job.due is not None
        return max(0, self.clock.latest * self.clock.unit - job.due)

    def _penalty(self, job: Job) -> Any:
        """Minor units for lateness, a part of one counting as a whole one."""
        rate = job.lateness_cost_per_hour
        paid = self.model.new_int_var(0, -(-self._latest_for(job) * rate // SECONDS_PER_HOUR), "")
        self.model.add(paid * SECONDS_PER_HOUR >= rate * self._late(job))
        return paid

    def _production(self) -> Any:
        total: Any = 0
        for step in self.steps.values():
            if step.fixed is not None:
                total += mode_of(step.job, step.fixed).cost
            total += sum(option.mode.cost * option.taken for option in step.options)
        return total

    def limit(self, objective: int) -> None:
        """Look only for schedules that are no worse."""
        self.model.add(self.objective <= objective)

    def hint(self, schedule: Schedule) -> None:
        """Begin with a known schedule."""
        for row in schedule:
            step = self.steps[row.key]
            if step.fixed is not None:
                continue
            self.model.add_hint(step.start, self.clock.down(row.start))
            self.model.add_hint(step.end, self.clock.down(row.end))
            fitting = [
                option
                for option in step.options
                if (option.mode.machine, option.mode.bid) == (row.machine, row.bid)
                and row.resources in ((), option.units)
            ]
            for option in step.options:
                self.model.add_hint(option.taken, int(bool(fitting) and option is fitting[0]))

    def schedule(self, value: Callable[[Any], int]) -> Schedule:
        """The schedule of a solution."""
        rows = []
        for step in self.steps.values():
            if step.fixed is not None:
                row = step.fixed
                rows.append(Assignment(*row.key, row.machine, row.start, row.end, row.bid, row.resources))
                continue
            option = next(option for option in step.options if value(option.taken))
            start, end = (value(time) * self.clock.unit for time in (step.start, step.end))
            mode = option.mode
            rows.append(Assignment(*step.key, mode.machine, start, end, mode.bid, option.units))
        return Schedule(tuple(rows))
