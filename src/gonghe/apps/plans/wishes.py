"""What a scenario changes about an order's problem: a day, a machine, longer shifts, what counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe.apps.base import ConflictError
from gonghe.apps.plans.words import day_text
from gonghe.engines.model.planning import Job, Machine, PlanningError, Problem
from gonghe.joining import joined

HOUR = 3600
NIGHT = 4 * HOUR  # breaks that are longer end a shift; shorter ones are meals and stay
USUAL, EARLIEST, CHEAPEST = "usual", "earliest", "cheapest"
DATE_WEIGHT = 100  # in an "earliest" scenario an hour of the order costs this many times its usual price


@dataclass(frozen=True, slots=True)
class Wish:
    """What is different: the due day, a machine that is not there, hours of overtime a day, what counts."""

    due: date | None = None
    without: str = ""
    without_name: str = ""
    overtime_h: int = 0
    weight: str = USUAL

    @property
    def changes_nothing(self) -> bool:
        """Whether it is the plan as it is."""
        return self.due is None and not self.without and not self.overtime_h and self.weight == USUAL

    @property
    def can_be_adopted(self) -> bool:
        """Overtime is for the firms to grant: a plan cannot take hours that nobody opened."""
        return not self.overtime_h

    def to_json(self) -> dict[str, Any]:
        """As the job keeps it."""
        return {
            "due": self.due.isoformat() if self.due else None,
            "without": self.without,
            "without_name": self.without_name,
            "overtime_h": self.overtime_h,
            "weight": self.weight,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Wish:
        """What `to_json` wrote."""
        return cls(**{**data, "due": date.fromisoformat(data["due"]) if data["due"] else None})

    @property
    def words(self) -> str:
        """The scenario in a line, in the language of the reader."""
        parts = []
        if self.due is not None:
            parts.append(_("needed by %s") % day_text(self.due))
        if self.without:
            parts.append(_("without %s") % self.without_name)
        if self.overtime_h:
            hours = ngettext("%d hour of overtime a day", "%d hours of overtime a day", self.overtime_h)
            parts.append(hours % self.overtime_h)
        if self.weight != USUAL:
            parts.append(_("as early as possible") if self.weight == EARLIEST else _("as cheap as possible"))
        return joined(", ", parts) or _("as it is")


def changed(problem: Problem, wish: Wish) -> Problem:
    """The problem under a wish; its due day is already in it.

    Raises
    ------
    ConflictError
        If nobody else can do an operation of the machine that is left out (code "nobody").
    """
    job = _weighted(problem.jobs[0], wish)
    job = _left_out(problem, job, wish) if wish.without else job
    machines = tuple(_longer(one, wish.overtime_h * HOUR) for one in problem.machines)
    try:
        return replace(problem, jobs=(job,), machines=machines)
    except PlanningError as error:
        raise ConflictError(_("This scenario cannot be planned: %s") % error, code="nobody") from error


def _weighted(job: Job, wish: Wish) -> Job:
    if wish.weight == CHEAPEST:
        return replace(job, lateness_cost_per_hour=0)
    if wish.weight == EARLIEST:
        usual = max(job.lateness_cost_per_hour, 100)
        return replace(job, due=max(job.release, 0), lateness_cost_per_hour=usual * DATE_WEIGHT)
    return job


def _left_out(problem: Problem, job: Job, wish: Wish) -> Job:
    """Work that has begun stays where it is; everything else goes to other machines."""
    fixed = {row.operation for row in problem.fixed}
    operations = []
    for operation in job.operations:
        modes = tuple(mode for mode in operation.modes if mode.machine != wish.without)
        if operation.id in fixed or len(modes) == len(operation.modes):
            operations.append(operation)
        elif modes:
            operations.append(replace(operation, modes=modes))
        else:
            raise ConflictError(
                _("Without %s nobody offers one of the operations.") % wish.without_name, code="nobody"
            )
    return replace(job, operations=tuple(operations))


def _longer(machine: Machine, seconds: int) -> Machine:
    """Every shift goes on for so long after its end, at most half the way to the next."""
    if not seconds:
        return machine
    breaks = tuple(
        (start + min(seconds, (end - start) // 2), end) if end - start > NIGHT else (start, end)
        for start, end in machine.breaks
    )
    return replace(machine, breaks=breaks)
