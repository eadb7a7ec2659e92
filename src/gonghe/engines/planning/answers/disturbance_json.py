"""Disturbances as JSON, such as `{"kind": "late", "now": 60, "job": "a", "operation": "o", "until": 90}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gonghe.engines.model.planning import Issue, Job, Problem, ProblemError
from gonghe.engines.model.planning_json import Reader
from gonghe.engines.planning.answers.disturbances import (
    CalendarChanged,
    Cancelled,
    Disturbance,
    Late,
    MachineDown,
    Rush,
    Scrap,
)


def _calendar(machine: str, breaks: list[Any]) -> CalendarChanged:
    reader = Reader()
    closed = reader.intervals({"breaks": breaks}, "breaks", f"machine {machine!r}")
    reader.faults.raise_any()
    return CalendarChanged(machine, closed)


_KINDS: dict[str, tuple[Callable[..., Disturbance], dict[str, type]]] = {
    "machine_down": (MachineDown, {"machine": str, "start": int, "end": int}),
    "late": (Late, {"job": str, "operation": str, "until": int}),
    "scrap": (Scrap, {"job": str, "operation": str}),
    "cancelled": (Cancelled, {"job": str}),
    "rush": (Rush, {"job": dict}),
    "calendar": (_calendar, {"machine": str, "breaks": list}),
}


def read_disturbance(problem: Problem, data: Any) -> tuple[int, Disturbance]:
    """The moment `now` and the disturbance.

    Raises
    ------
    ProblemError
        Naming every missing or wrong property.
    """
    if not isinstance(data, Mapping) or data.get("kind") not in _KINDS:
        text = f"kind must be one of {', '.join(_KINDS)}"
        raise ProblemError([Issue("disturbance", "disturbance", text)])
    make, fields = _KINDS[data["kind"]]
    wanted = {"now": int, **fields}
    issues = [
        Issue("disturbance", "disturbance", f"{name} must be {kind.__name__}, got {data.get(name)!r}")
        for name, kind in wanted.items()
        if not isinstance(data.get(name), kind) or isinstance(data.get(name), bool)
    ]
    if issues:
        raise ProblemError(issues)
    values = {name: data[name] for name in fields}
    if make is Rush:
        values["job"] = _job(problem, data["job"])
    return data["now"], make(**values)


def _job(problem: Problem, data: Any) -> Job:
    reader = Reader()
    reader.minor = problem.minor_per_unit
    job = reader.job(data, 0)
    reader.faults.raise_any()
    if job is None:
        raise ProblemError([Issue("disturbance", "job", "is not a job")])
    return job
