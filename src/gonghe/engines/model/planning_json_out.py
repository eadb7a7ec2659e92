"""The `gonghe-problem/1` JSON format, outward: problems and schedules as plain data."""

from __future__ import annotations

from typing import Any

from gonghe.engines.model.planning import (
    Assignment,
    Job,
    Lag,
    Lots,
    Machine,
    Mode,
    Operation,
    Problem,
    Resource,
    Schedule,
)

FORMAT = "gonghe-problem/1"


def _filled(**values: Any) -> dict[str, Any]:
    """Leave out what equals its default: None, empty, zero or false."""
    return {name: value for name, value in values.items() if value not in (None, (), [], {}, "", 0, False)}


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Plain data that `problem_from_json` reads back to an equal problem."""
    minor = problem.minor_per_unit
    price = minor if problem.objective == "cost" else 1

    def row(item: Assignment) -> dict[str, Any]:
        required = {"job": item.job, "operation": item.operation, "machine": item.machine}
        times = {"start": item.start, "end": item.end}
        part = _filled(lot=item.lot, quantity=item.quantity)
        return {**required, **times, **_filled(bid=item.bid, resources=dict(item.resources)), **part}

    return {
        "format": FORMAT,
        "objective": problem.objective,
        "sites": list(problem.sites),
        "machines": [_machine_to_json(machine, minor) for machine in problem.machines],
        "jobs": [_job_to_json(job, minor) for job in problem.jobs],
        **_filled(
            transport_seconds=[list(line) for line in problem.transport_seconds],
            transport_cost=[[value / minor for value in line] for line in problem.transport_cost],
            fixed=[row(item) for item in problem.fixed],
            reference=[row(item) for item in problem.reference],
            resources=[_resource_to_json(resource) for resource in problem.resources],
            share_caps=[
                {"organization": cap.organization, "permille": cap.permille, "measure": cap.measure}
                | _filled(jobs=list(cap.jobs))
                for cap in problem.share_caps
            ],
            pickups={site: [list(pair) for pair in windows] for site, windows in problem.pickups.items()},
            horizon_start=problem.horizon_start,
            grid=problem.grid if problem.grid != 1 else None,
            minor_per_unit=minor if minor != 100 else None,
            move_cost=problem.move_cost / price,
            transfer_cost=problem.transfer_cost / price,
        ),
    }


def _machine_to_json(machine: Machine, minor: int) -> dict[str, Any]:
    return {
        "id": machine.id,
        "site": machine.site,
        **_filled(
            breaks=[list(pair) for pair in machine.breaks],
            reserved=[list(pair) for pair in machine.reserved],
            organization=machine.organization,
            capacity=machine.capacity if machine.capacity != 1 else None,
            setups={before: dict(row) for before, row in machine.setups.items()},
            setup_costs={
                before: {after: amount / minor for after, amount in row.items()}
                for before, row in machine.setup_costs.items()
            },
            state=machine.state,
            unattended=[list(pair) for pair in machine.unattended],
            batch=machine.batch and {"max": machine.batch.maximum, "min": machine.batch.minimum},
            overtime_cost_per_hour=machine.overtime_cost_per_hour / minor,
        ),
    }


def _job_to_json(job: Job, minor: int) -> dict[str, Any]:
    return {
        "id": job.id,
        **_filled(
            release=job.release,
            lateness_cost_per_hour=job.lateness_cost_per_hour / minor,
            destination=job.destination,
            source=job.source,
            excluded=list(job.excluded),
            most_firms=job.most_firms,
            lots=_lots_to_json(job.lots, minor),
        ),
        **{name: value for name in ("due", "promised") if (value := getattr(job, name)) is not None},
        **({"weight": job.weight} if job.weight != 1 else {}),
        "operations": [_operation_to_json(operation, minor) for operation in job.operations],
    }


def _lots_to_json(lots: Lots | None, minor: int) -> dict[str, Any]:
    if lots is None:
        return {}
    return {
        "quantity": lots.quantity,
        "most": lots.most,
        **_filled(
            min=lots.minimum if lots.minimum != 1 else None,
            overhead_seconds=lots.overhead_seconds,
            overhead_cost=lots.overhead_cost / minor,
            settled=list(lots.settled),
        ),
    }


def _operation_to_json(operation: Operation, minor: int) -> dict[str, Any]:
    return {
        "id": operation.id,
        "modes": [_mode_to_json(mode, minor) for mode in operation.modes],
        **({} if operation.after is None else {"after": list(operation.after)}),
        **_filled(
            resumable=operation.resumable,
            whole=operation.whole,
            family=operation.family,
            needs=dict(operation.needs),
            unattended=operation.unattended,
            size=operation.size if operation.size != 1 else None,
            lags={name: _lag_to_json(lag) for name, lag in operation.lags.items()},
        ),
    }


def _resource_to_json(resource: Resource) -> dict[str, Any]:
    return {
        "id": resource.id,
        **_filled(
            capacity=resource.capacity if resource.capacity != 1 else None,
            breaks=[list(pair) for pair in resource.breaks],
            skills=list(resource.skills),
        ),
    }


def _lag_to_json(lag: Lag) -> dict[str, Any]:
    return {**_filled(min=lag.minimum), **({} if lag.maximum is None else {"max": lag.maximum})}


def _mode_to_json(mode: Mode, minor: int) -> dict[str, Any]:
    return {
        "machine": mode.machine,
        "duration": mode.duration,
        **_filled(cost=mode.cost / minor, setup=mode.setup, bid=mode.bid, needs=dict(mode.needs)),
        **_filled(unattended=mode.unattended),
        **{name: value for name in ("earliest", "latest") if (value := getattr(mode, name)) is not None},
    }


def schedule_to_json(problem: Problem, schedule: Schedule) -> dict[str, Any]:
    """Assignments as indexes in file order (`bid` only where an offer has a name)."""
    machines = {machine.id: index for index, machine in enumerate(problem.machines)}
    operations = {
        (job.id, operation.id): (number, index)
        for number, job in enumerate(problem.jobs)
        for index, operation in enumerate(job.operations)
    }
    rows = []
    for item in schedule:
        job, operation = operations[item.job, item.operation]
        times = {"machine": machines[item.machine], "start": item.start, "end": item.end}
        extra = _filled(bid=item.bid, resources=dict(item.resources), lot=item.lot, quantity=item.quantity)
        rows.append({"job": job, "operation": operation, **times, **extra})
    return {"assignments": rows}
