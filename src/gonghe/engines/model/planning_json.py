"""The `gonghe-problem/1` JSON format: plain data in and out, all faults at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from gonghe.engines.model.planning import (
    Assignment,
    Batch,
    Faults,
    Fixed,
    Job,
    Lag,
    Lots,
    Machine,
    Mode,
    Objective,
    Operation,
    Problem,
    ProblemError,
    Resource,
    Schedule,
    ScheduleError,
    ShareCap,
)
from gonghe.engines.model.planning_base import shown
from gonghe.engines.model.planning_distance import NAME as BY_DISTANCE
from gonghe.engines.model.planning_distance import matrices_by_distance, read_sites
from gonghe.engines.model.planning_json_out import FORMAT

T = TypeVar("T")


def _keys(names: str) -> frozenset[str]:
    return frozenset(names.split())


_MACHINE_KEYS = _keys(
    "id site breaks organization capacity reserved setups setup_costs state unattended batch"
    " overtime_cost_per_hour"
)
_MODE_KEYS = _keys("machine duration cost setup bid earliest latest needs unattended")
_RESOURCE_KEYS = _keys("id capacity breaks skills")
_OPERATION_KEYS = _keys("id modes after resumable family lags needs whole unattended size")
_LAG_KEYS = _keys("min max")
_JOB_KEYS = _keys(
    "id operations release due weight lateness_cost_per_hour destination source promised excluded most_firms"
    " lots"
)
_LOTS_KEYS = _keys("quantity min most overhead_seconds overhead_cost settled")
_CAP_KEYS = _keys("organization permille measure jobs")
_ROW_KEYS = _keys("job operation machine start end bid resources lot quantity")
_PROBLEM_KEYS = _keys(
    "format sites machines jobs transport_seconds transport_cost fixed objective horizon_start grid"
    " reference move_cost transfer_cost minor_per_unit resources share_caps pickups"
    " transport_by_distance"
)


class Reader:
    """Reads JSON values and keeps every fault instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults = Faults("problem")
        self.minor = 100

    def keys(self, data: Any, known: frozenset[str], where: str) -> Mapping[str, Any]:
        if not isinstance(data, Mapping):
            self.faults.add("not_object", f"must be an object, got {type(data).__name__}", where)
            return {}
        for name in data:
            if name not in known:
                self.faults.add("unknown_property", f"unknown property {name!r}", where)
        return data

    def rows(self, data: Mapping[str, Any], name: str, where: str) -> list[Any]:
        value = data.get(name, [])
        if isinstance(value, list):
            return value
        self.faults.add("not_list", f"{name} must be a list, got {type(value).__name__}", where)
        return []

    def whole(self, value: Any, name: str, where: str) -> Any:
        """Whole numbers may be written as 3600 or 3600.0; anything else is a fault."""
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.faults.add("not_whole", f"{name} must be a whole number, got {shown(value)}", where)
        return 0

    def money(self, value: Any, name: str, where: str) -> int:
        """Money is written in units of the currency (30.0) and kept in minor units (3000)."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            self.faults.add("not_money", f"{name} must be an amount of money, got {shown(value)}", where)
            return 0
        if value < 0:
            self.faults.add("too_small", f"{name} must not be negative, got {value!r}", where)
            return 0
        return int(value * self.minor + 0.5)

    def build(self, make: Callable[..., T], where: str, **fields: Any) -> T | None:
        try:
            return make(**fields)
        except ProblemError as error:
            for issue in error.issues:
                inside = issue.where not in where and where != "problem"
                place = f"{where} {issue.where}" if inside else issue.where if where == "problem" else where
                self.faults.add(issue.code, issue.message, place)
            return None

    def numbers(self, data: Mapping[str, Any], names: str, where: str) -> dict[str, Any]:
        found = {name: data[name] for name in names.split() if data.get(name) is not None}
        return {name: self.whole(value, name, where) for name, value in found.items()}

    def intervals(self, data: Mapping[str, Any], name: str, where: str) -> tuple[Any, ...]:
        found = []
        for value in self.rows(data, name, where):
            if not isinstance(value, list) or len(value) != 2:
                self.faults.add("interval", f"{name} must hold [start, end] pairs, got {shown(value)}", where)
                continue
            found.append(tuple(self.whole(item, name, where) for item in value))
        return tuple(found)

    def windows(self, data: Mapping[str, Any], name: str) -> dict[str, tuple[Any, ...]]:
        value = data.get(name, {})
        if not isinstance(value, Mapping):
            self.faults.add("not_object", f"{name} must map a site to a list of [start, end] pairs")
            return {}
        return {site: self.intervals(value, site, f"{name} at {site!r}") for site in value}

    def texts(self, data: Mapping[str, Any], names: str, where: str = "problem") -> dict[str, Any]:
        """Values that are given; those that are neither text nor true or false are faults."""
        found = {}
        for name in names.split():
            value = data.get(name)
            if isinstance(value, str | bool):
                found[name] = value
            elif value is not None:
                self.faults.add("not_text", f"{name} must be a text, got {shown(value)}", where)
        return found

    def names(self, data: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.rows(data, name, where)
        for value in values:
            if not isinstance(value, str):
                self.faults.add("not_text", f"{name} must hold texts only, got {shown(value)}", where)
        return tuple(value for value in values if isinstance(value, str))

    def machine(self, data: Any, number: int) -> Machine | None:
        where = f"machines[{number}]"
        data = self.keys(data, _MACHINE_KEYS, where)
        where = f"machine {shown(data.get('id'))}"
        fields = self.numbers(data, "capacity", where) | self.texts(data, "organization state", where)
        if data.get("batch") is not None:
            row = self.keys(data["batch"], _LAG_KEYS, f"{where} batch")
            sizes = self.numbers(row, "min max", where)
            if "max" not in sizes:
                self.faults.add("missing", "max is missing in batch", where)
            else:
                fields["batch"] = self.build(
                    Batch, f"{where} batch", maximum=sizes["max"], minimum=sizes.get("min", 1)
                )
        if data.get("overtime_cost_per_hour") is not None:
            amount = data["overtime_cost_per_hour"]
            fields["overtime_cost_per_hour"] = self.money(amount, "overtime_cost_per_hour", where)
        if "setups" in data:
            fields["setups"] = self.setups(data["setups"], "setups", self.whole, where)
        if "setup_costs" in data:
            fields["setup_costs"] = self.setups(data["setup_costs"], "setup_costs", self.money, where)
        return self.build(
            Machine,
            where,
            id=data.get("id"),
            site=data.get("site"),
            breaks=self.intervals(data, "breaks", where),
            reserved=self.intervals(data, "reserved", where),
            unattended=self.intervals(data, "unattended", where),
            **fields,
        )

    def setups(
        self, data: Any, name: str, read: Callable[[Any, str, str], int], where: str
    ) -> dict[str, dict[str, int]]:
        if not isinstance(data, Mapping) or not all(isinstance(row, Mapping) for row in data.values()):
            self.faults.add("not_object", f"{name} must map a family to families and numbers", where)
            return {}
        return {
            before: {after: read(value, name, where) for after, value in row.items()}
            for before, row in data.items()
        }

    def mode(self, data: Any, where: str) -> Mode | None:
        data = self.keys(data, _MODE_KEYS, where)
        fields = self.numbers(data, "duration setup earliest latest", where)
        fields |= self.texts(data, "bid unattended", where)
        if "duration" not in fields:
            self.faults.add("missing", "duration is missing", where)
            fields["duration"] = 0
        if data.get("cost") is not None:
            fields["cost"] = self.money(data["cost"], "cost", where)
        if data.get("needs") is not None:
            fields["needs"] = self.units(data["needs"], "needs", where)
        return self.build(Mode, where, machine=data.get("machine"), **fields)

    def units(self, data: Any, name: str, where: str) -> dict[str, int]:
        if not isinstance(data, Mapping):
            self.faults.add("not_object", f"{name} must map names to numbers of units", where)
            return {}
        return {key: self.whole(value, name, where) for key, value in data.items()}

    def resource(self, data: Any, number: int) -> Resource | None:
        where = f"resources[{number}]"
        data = self.keys(data, _RESOURCE_KEYS, where)
        where = f"resource {data.get('id')!r}"
        breaks, skills = self.intervals(data, "breaks", where), self.names(data, "skills", where)
        fields = self.numbers(data, "capacity", where)
        return self.build(Resource, where, id=data.get("id"), breaks=breaks, skills=skills, **fields)

    def operation(self, data: Any, number: int, job: str) -> Operation | None:
        data = self.keys(data, _OPERATION_KEYS, f"{job} operations[{number}]")
        where = f"{job} operation {data.get('id')!r}"
        modes = [self.mode(mode, where) for mode in self.rows(data, "modes", where)]
        good = tuple(mode for mode in modes if mode is not None)
        if modes and not good:
            return None
        fields = self.texts(data, "resumable family whole unattended", where)
        fields |= self.numbers(data, "size", where)
        if data.get("after") is not None:
            fields["after"] = self.names(data, "after", where)
        if data.get("lags") is not None:
            fields["lags"] = self.lags(data["lags"], where)
        if data.get("needs") is not None:
            fields["needs"] = self.units(data["needs"], "needs", where)
        return self.build(Operation, where, id=data.get("id"), modes=good, **fields)

    def lags(self, data: Any, where: str) -> dict[str, Lag]:
        if not isinstance(data, Mapping):
            self.faults.add("not_object", 'lags must map a predecessor to {"min", "max"}', where)
            return {}
        found = {}
        for name, value in data.items():
            row = self.keys(value, _LAG_KEYS, f"{where} lag after {name!r}")
            times = self.numbers(row, "min max", where)
            lag = self.build(Lag, where, minimum=times.get("min", 0), maximum=times.get("max"))
            if lag is not None:
                found[name] = lag
        return found

    def job(self, data: Any, number: int) -> Job | None:
        data = self.keys(data, _JOB_KEYS, f"jobs[{number}]")
        where = f"job {shown(data.get('id'))}"
        rows = self.rows(data, "operations", where)
        operations = [self.operation(row, index, where) for index, row in enumerate(rows)]
        fields = self.numbers(data, "release due weight promised most_firms", where)
        fields |= self.texts(data, "destination source", where)
        if data.get("lateness_cost_per_hour") is not None:
            amount = data["lateness_cost_per_hour"]
            fields["lateness_cost_per_hour"] = self.money(amount, "lateness_cost_per_hour", where)
        if data.get("excluded") is not None:
            fields["excluded"] = self.names(data, "excluded", where)
        if data.get("lots") is not None:
            fields["lots"] = self.lots(data["lots"], f"{where} lots")
        if any(operation is None for operation in operations):
            return None
        return self.build(Job, where, id=data.get("id"), operations=tuple(operations), **fields)

    def lots(self, data: Any, where: str) -> Lots | None:
        data = self.keys(data, _LOTS_KEYS, where)
        fields = self.numbers(data, "quantity min most overhead_seconds", where)
        if "quantity" not in fields:
            self.faults.add("missing", "quantity is missing", where)
            return None
        if "min" in fields:
            fields["minimum"] = fields.pop("min")
        if data.get("overhead_cost") is not None:
            fields["overhead_cost"] = self.money(data["overhead_cost"], "overhead_cost", where)
        settled = [self.whole(size, "settled", where) for size in self.rows(data, "settled", where)]
        return self.build(Lots, where, settled=tuple(settled), **fields)

    def cap(self, data: Any, number: int) -> ShareCap | None:
        where = f"share_caps[{number}]"
        data = self.keys(data, _CAP_KEYS, where)
        fields = self.texts(data, "organization measure", where) | self.numbers(data, "permille", where)
        if missing := sorted({"organization", "permille"} - set(fields)):
            self.faults.add("missing", f"{', '.join(missing)} missing", where)
            return None
        return self.build(ShareCap, where, jobs=self.names(data, "jobs", where), **fields)

    def row(self, data: Any, where: str, make: Callable[..., T]) -> T | None:
        data = self.keys(data, _ROW_KEYS, where)
        names = self.texts(data, "job operation machine bid", where)
        times = self.numbers(data, "start end lot quantity", where)
        missing = sorted({"job", "operation", "machine", "start", "end"} - set(names) - set(times))
        if missing:
            self.faults.add("missing", f"{', '.join(missing)} missing", where)
            return None
        used = self.units(data.get("resources", {}), "resources", where)
        return make(**names, **times, resources=tuple(sorted(used.items())))

    def matrix(self, data: Mapping[str, Any], name: str, money: bool) -> tuple[Any, ...]:
        rows = []
        for row in self.rows(data, name, "problem"):
            if not isinstance(row, list):
                self.faults.add("matrix", f"{name} must be a list of lists of numbers")
                return ()
            read = self.money if money else self.whole
            rows.append(tuple(read(value, name, "problem") for value in row))
        return tuple(rows)


def problem_from_json(data: Any) -> Problem:
    """Read a problem.

    Raises
    ------
    ProblemError
        With every fault that was found.
    """
    reader = Reader()
    data = reader.keys(data, _PROBLEM_KEYS, "problem")
    if data.get("format") != FORMAT:
        reader.faults.add("format", f"format must be {FORMAT!r}, got {data.get('format')!r}")
    fields = reader.numbers(data, "horizon_start grid minor_per_unit", "problem")
    reader.minor = fields.get("minor_per_unit", 100)
    objective = data.get("objective", "cost")
    for name in ("move_cost", "transfer_cost"):
        if data.get(name) is not None:
            read = reader.money if objective == "cost" else reader.whole
            fields[name] = read(data[name], name, "problem")
    machines = [reader.machine(row, i) for i, row in enumerate(reader.rows(data, "machines", "problem"))]
    jobs = [reader.job(row, i) for i, row in enumerate(reader.rows(data, "jobs", "problem"))]
    fixed = [reader.row(r, f"fixed[{i}]", Fixed) for i, r in enumerate(reader.rows(data, "fixed", "problem"))]
    reference = [
        reader.row(r, f"reference[{i}]", Assignment)
        for i, r in enumerate(reader.rows(data, "reference", "problem"))
    ]
    resources = [reader.resource(r, i) for i, r in enumerate(reader.rows(data, "resources", "problem"))]
    caps = [reader.cap(row, i) for i, row in enumerate(reader.rows(data, "share_caps", "problem"))]
    sites = read_sites(reader, data)
    if data.get(BY_DISTANCE) is not None:
        seconds, cost = matrices_by_distance(reader, data, sites, fields.get("grid", 1))
    else:
        seconds = reader.matrix(data, "transport_seconds", money=False)
        cost = reader.matrix(data, "transport_cost", money=True)
    problem = reader.build(
        Problem,
        "problem",
        sites=sites.names,
        machines=tuple(machine for machine in machines if machine is not None),
        jobs=tuple(job for job in jobs if job is not None),
        transport_seconds=seconds,
        transport_cost=cost,
        fixed=tuple(row for row in fixed if row is not None),
        reference=tuple(row for row in reference if row is not None),
        resources=tuple(resource for resource in resources if resource is not None),
        share_caps=tuple(cap for cap in caps if cap is not None),
        pickups=reader.windows(data, "pickups"),
        objective=cast(Objective, objective),
        **fields,
    )
    reader.faults.raise_any()
    return cast(Problem, problem)


def schedule_from_json(problem: Problem, data: Any) -> Schedule:
    """Read `{"assignments": [...]}`; indexes must exist in the problem."""
    if not isinstance(data, Mapping) or not isinstance(data.get("assignments"), list):
        raise ScheduleError('a schedule is an object with a list "assignments"')
    return Schedule(tuple(_assignment(problem, row, i) for i, row in enumerate(data["assignments"])))


def _assignment(problem: Problem, row: Any, number: int) -> Assignment:
    try:
        numbers = [row[name] for name in ("job", "operation", "machine", "start", "end")]
    except (TypeError, KeyError) as error:
        raise ScheduleError(f"assignments[{number}] needs job, operation, machine, start, end") from error
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in numbers):
        raise ScheduleError(f"assignments[{number}] must hold whole numbers, got {numbers}")
    job_index, operation_index, machine_index, start, end = numbers
    if not 0 <= job_index < len(problem.jobs):
        raise ScheduleError(f"assignments[{number}]: the problem has no job number {job_index}")
    job = problem.jobs[job_index]
    if not 0 <= operation_index < len(job.operations):
        raise ScheduleError(
            f"assignments[{number}]: job {job.id!r} has no operation number {operation_index}"
        )
    if not 0 <= machine_index < len(problem.machines):
        raise ScheduleError(f"assignments[{number}]: the problem has no machine number {machine_index}")
    machine = problem.machines[machine_index].id
    used = row.get("resources", {})
    if not isinstance(used, Mapping) or not all(isinstance(units, int) for units in used.values()):
        raise ScheduleError(f"assignments[{number}]: resources must map names to numbers of units")
    lot, quantity = row.get("lot", 0), row.get("quantity", 0)
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in (lot, quantity)):
        raise ScheduleError(f"assignments[{number}]: lot and quantity must be whole numbers")
    extra = (row.get("bid"), tuple(sorted(used.items())), lot, quantity)
    return Assignment(job.id, job.operations[operation_index].id, machine, start, end, *extra)
