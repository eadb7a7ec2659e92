"""A bar dragged in the picture: what it would mean, checked and priced, and not stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import ConflictError
from gonghe.apps.members.acting import Acting
from gonghe.apps.plans import access
from gonghe.apps.plans.asking import count
from gonghe.apps.plans.chain import arrival, engine_of
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.picture import operation_name
from gonghe.apps.plans.problem import epoch_of
from gonghe.apps.plans.replanning import draft_of
from gonghe.apps.plans.storing import minor_amount
from gonghe.engines.model.planning import Mode, PlanningError, Problem, Schedule
from gonghe.engines.planning import Result, evaluate, solve

ITERATIONS = 400
FARTHEST = timedelta(days=500)  # behind every horizon: machines are closed for good there


@dataclass(frozen=True, slots=True)
class Trial:
    """What a move would mean; `start` is later than asked where machine or parts are not there yet.

    `cost` is the change of price and transport for the buyer, None for others; `lateness_s` how much later
    the last part would arrive.
    """

    operation: str
    asked: datetime
    start: datetime
    end: datetime
    arrives: datetime
    cost: Decimal | None
    lateness_s: int

    @property
    def as_asked(self) -> bool:
        """Whether it can start exactly then."""
        return self.start == self.asked

    @property
    def earlier_s(self) -> int:
        """How much earlier the last part would arrive."""
        return -self.lateness_s


def try_move(acting: Acting, plan: Plan, *, bar: UUID, row: str, start: datetime) -> Trial:
    """Plan the order again with one operation on this machine, not before this time.

    Raises
    ------
    ForbiddenError
        If the role may not plan.
    ConflictError
        If the operation has begun or may not be moved by this firm, the machine has no offer for it, nothing
        fits, or too many questions were asked within the hour.
    """
    acting.require("plans")
    found = access.visible_assignments(acting, plan).filter(operation=bar).first()
    if found is None or found.actual_start is not None:
        raise ConflictError(
            _("This operation cannot be moved: it has begun, or is not yours."), code="not_movable"
        )
    if not access.is_buyer(acting, plan) and row != str(found.equipment_id):
        raise ConflictError(_("Move your work within your own machine."), code="not_movable")
    count(acting, plan.order)
    problem, baseline = _present(plan)
    asked = max(epoch_of(start), epoch_of(clock.now()))
    changed = _moved(problem, found, row, int((asked - plan.epoch).total_seconds()))
    try:
        result = solve(changed, iterations=ITERATIONS)
    except PlanningError as error:
        raise _no_room() from error
    return _trial(acting, plan, found, asked=asked, baseline=baseline, problem=problem, result=result)


def _present(plan: Plan) -> tuple[Problem, Schedule]:
    if plan.state == Plan.State.IN_FORCE:
        draft, baseline = draft_of(plan)
        return draft.problem, baseline
    return engine_of(plan)


def _moved(problem: Problem, found: Assignment, row: str, start: int) -> Problem:
    """The same problem with one operation bound to a machine and an earliest start."""
    job = problem.jobs[0]
    operations = []
    for operation in job.operations:
        if operation.id == str(found.operation_id):
            modes = tuple(_later(mode, start) for mode in operation.modes if mode.machine == row)
            if not modes:
                raise ConflictError(
                    _("This machine has no offer for %s.") % operation_name(found), code="no_offer"
                )
            operation = replace(operation, modes=modes)  # noqa: PLW2901 - the changed one replaces it
        operations.append(operation)
    try:
        return replace(problem, jobs=(replace(job, operations=tuple(operations)),))
    except PlanningError as error:
        raise _no_room() from error


def _later(mode: Mode, start: int) -> Mode:
    try:
        return replace(mode, earliest=max(start, mode.earliest or 0))
    except PlanningError as error:
        raise _no_room() from error


def _trial(
    acting: Acting,
    plan: Plan,
    found: Assignment,
    *,
    asked: datetime,
    baseline: Schedule,
    problem: Problem,
    result: Result,
) -> Trial:
    placed = next(one for one in result.schedule if one.operation == str(found.operation_id))
    arrives = arrival(problem, result.schedule)
    if arrives > FARTHEST.total_seconds():
        raise _no_room()
    change = result.cost.price - evaluate(problem, baseline).cost.price
    return Trial(
        operation=operation_name(found),
        asked=asked,
        start=plan.epoch + timedelta(seconds=placed.start),
        end=plan.epoch + timedelta(seconds=placed.end),
        arrives=plan.epoch + timedelta(seconds=arrives),
        cost=minor_amount(change) if access.is_buyer(acting, plan) else None,
        lateness_s=arrives - arrival(problem, baseline),
    )


def _no_room() -> ConflictError:
    return ConflictError(
        _("It does not fit there: the hours are taken or closed, or what follows would find no room."),
        code="no_room",
    )
