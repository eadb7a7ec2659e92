"""Errors of the planning model and the collector of faults, shared by all its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Interval = tuple[int, int]

MAX_SECONDS = 10**11  # about 3,000 years: keeps every sum of the search inside 64 bits
MAX_MONEY = 10**13
LONGEST = 60  # characters of a wrong value that a message shows


class PlanningError(Exception):
    """Anything the planner refuses or cannot do.

    PlanningError
    +-- ProblemError     the problem itself is wrong (all faults at once)
    +-- ScheduleError    a schedule file does not belong to its problem
    +-- NoFeasiblePlan   every hard window and reservation together leave no room
    """


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault of a problem: `code` for programs, `where` the object, `message` for people."""

    code: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class ProblemError(PlanningError):
    """The problem is wrong. `issues` holds every fault that was found."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(str(issue) for issue in self.issues))


class ScheduleError(PlanningError):
    """A schedule names jobs, operations or machines that its problem does not have."""


def shown(value: Any) -> str:
    """A wrong value as it stands in a message: not longer than a line."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


class Faults:
    """Collects the faults of one object and raises them together."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.issues: list[Issue] = []

    def add(self, code: str, message: str, where: str | None = None) -> None:
        self.issues.append(Issue(code, where or self.where, message))

    def whole(self, name: str, value: Any, low: int = 0, high: int = MAX_SECONDS) -> bool:
        """Require a whole number inside [low, high]."""
        if isinstance(value, bool) or not isinstance(value, int):
            self.add("not_whole", f"{name} must be a whole number, got {shown(value)}")
        elif value < low:
            self.add("too_small", f"{name} must be at least {low}, got {shown(value)}")
        elif value > high:
            self.add("too_large", f"{name} must be at most {high}, got {shown(value)}")
        else:
            return True
        return False

    def flag(self, name: str, value: Any) -> None:
        if not isinstance(value, bool):
            self.add("not_bool", f"{name} must be true or false, got {value!r}")

    def text(self, name: str, value: Any) -> bool:
        if isinstance(value, str) and value:
            return True
        self.add("empty", f"{name} must be a non-empty text, got {shown(value)}")
        return False

    def intervals(self, name: str, values: Iterable[Any]) -> None:
        for number, value in enumerate(values):
            label = f"{name}[{number}]"
            if not isinstance(value, tuple) or len(value) != 2:
                self.add("interval", f"{label} must be a pair of start and end, got {value!r}")
                continue
            start = self.whole(f"{label} start", value[0], -MAX_SECONDS)
            end = self.whole(f"{label} end", value[1], -MAX_SECONDS)
            if start and end and value[1] <= value[0]:
                self.add("interval", f"{label} must end after it starts, got {value[0]} to {value[1]}")

    def units(self, needs: Mapping[str, int]) -> None:
        for name, count in needs.items():
            self.text("need", name)
            self.whole(f"need of {name!r}", count, 0, 10_000)

    def raise_any(self) -> None:
        if self.issues:
            raise ProblemError(self.issues)
