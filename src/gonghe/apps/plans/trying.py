"""A bar dragged in the picture: what it would mean, checked and priced, and stored only when asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import ConflictError
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.acting import Acting
from gonghe.apps.plans import access
from gonghe.apps.plans.asking import count
from gonghe.apps.plans.chain import arrival, engine_of
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.picture import operation_name
from gonghe.apps.plans.problem import epoch_of
from gonghe.apps.plans.replanning import draft_of
from gonghe.apps.plans.situation import is_done
from gonghe.apps.plans.storing import minor_amount
from gonghe.apps.plans.viewing import Eyes, eyes_of
from gonghe.apps.plans.words import told
from gonghe.engines.model.planning import Mode, PlanningError, Problem, Schedule
from gonghe.engines.planning import Result, evaluate, solve
from gonghe.engines.planning.answers.explain import Explainer

ITERATIONS = 400
FARTHEST = timedelta(days=500)  # behind every horizon: machines are closed for good there


@dataclass(frozen=True, slots=True)
class Trial:
    """What a move would mean; `start` is later than asked where machine or parts are not there yet.

    `cost` is the change of price and transport for the buyer, None for others; `lateness_s` how much later
    the last part would arrive; `why` tells what is in the way of the time that was asked for; `touched` names
    the firms whose work would move, as far as the viewer may know them.
    """

    operation: str
    asked: datetime
    start: datetime
    end: datetime
    arrives: datetime
    cost: Decimal | None
    lateness_s: int
    why: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()

    @property
    def as_asked(self) -> bool:
        """Whether it can start exactly then."""
        return self.start == self.asked

    @property
    def earlier_s(self) -> int:
        """How much earlier the last part would arrive."""
        return -self.lateness_s


def try_move(acting: Acting, plan: Plan, *, bar: UUID, row: str, start: datetime, lot: int = 1) -> Trial:
    """Plan the order again with one operation (one lot of it) on this machine, not before this time.

    Raises
    ------
    ForbiddenError
        If the role may not plan.
    ConflictError
        If the operation has begun or may not be moved by this firm, the machine has no offer for it, nothing
        fits, or too many questions were asked within the hour.
    """
    found = movable(acting, plan, bar, lot, row)
    count(acting, plan.order)
    problem, baseline = _present(plan)
    result = bound_search(problem, found, row, plan.epoch, start)
    return _trial(acting, plan, found, asked=_asked(start), baseline=baseline, problem=problem, result=result)


def movable(acting: Acting, plan: Plan, bar: UUID, lot: int, row: str) -> Assignment:
    """The operation behind a bar, if the acting firm may move it onto this machine.

    Raises
    ------
    ForbiddenError
        If the role may not plan.
    ConflictError
        If the operation has begun or may not be moved by this firm.
    """
    acting.require("plans")
    found = access.visible_assignments(acting, plan).filter(operation=bar, lot=lot).first()
    if found is None or found.actual_start is not None:
        raise ConflictError(
            _("This operation cannot be moved: it has begun, or is not yours."), code="not_movable"
        )
    here = str(found.equipment_id) if found.equipment_id else f"firm:{found.organization_id}"
    if not access.is_buyer(acting, plan) and row != here:
        raise ConflictError(_("Move your work within your own machine."), code="not_movable")
    return found


def bound_search(problem: Problem, found: Assignment, row: str, epoch: datetime, start: datetime) -> Result:
    """Plan a problem again with one operation on this machine, not before this time.

    Raises
    ------
    ConflictError
        If the machine has no offer for the operation, or nothing fits.
    """
    machine = f"window:{found.name}" if row == f"firm:{found.organization_id}" else row
    changed = _moved(problem, found, machine, int((_asked(start) - epoch).total_seconds()))
    try:
        return solve(changed, iterations=ITERATIONS)
    except PlanningError as error:
        raise no_room() from error


def _asked(start: datetime) -> datetime:
    return max(epoch_of(start), epoch_of(clock.now()))


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
        if operation.id == found.name:
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
        raise no_room() from error


def _later(mode: Mode, start: int) -> Mode:
    try:
        return replace(mode, earliest=max(start, mode.earliest or 0))
    except PlanningError as error:
        raise no_room() from error


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
    placed = next(one for one in result.schedule if one.operation == found.name)
    arrives = arrival(problem, result.schedule)
    if arrives > FARTHEST.total_seconds():
        raise no_room()
    change = result.cost.price - evaluate(problem, baseline).cost.price
    return Trial(
        operation=operation_name(found),
        asked=asked,
        start=plan.epoch + timedelta(seconds=placed.start),
        end=plan.epoch + timedelta(seconds=placed.end),
        arrives=plan.epoch + timedelta(seconds=arrives),
        cost=minor_amount(change) if access.is_buyer(acting, plan) else None,
        lateness_s=arrives - arrival(problem, baseline),
        why=tuple(_why(eyes_of(acting), plan, found, asked, problem, result)),
        touched=tuple(_touched(acting, plan, baseline, result)),
    )


def _why(
    eyes: Eyes, plan: Plan, found: Assignment, asked: datetime, problem: Problem, result: Result
) -> list[str]:
    """What is in the way between the time that was asked for and the start; the wish itself is no reason."""
    placed = next(one for one in result.schedule if one.operation == found.name)
    since = int((asked - plan.epoch).total_seconds())
    waits = Explainer(problem, result.schedule).waits(placed.job, placed.operation)
    reasons = [{"code": one.code} | one.params for one in waits if one.params["end"] > since]
    there = _equipment(placed.machine)
    if there is not None:
        lot = {name: getattr(found, name) for name in ("operation", "lot", "lots", "quantity")}
        found = Assignment(plan=plan, organization=there.organization, equipment=there, **lot)
    zone = there.site.time_zone if there else settings.TIME_ZONE
    return told(eyes, plan, [found], zone, reasons)


def _equipment(machine: str) -> Equipment | None:
    """The equipment behind a name of the problem; None for a binding window and for finished work."""
    if machine.startswith("window:") or is_done(machine):
        return None
    return Equipment.objects.select_related("organization", "site").filter(pk=machine).first()


def _touched(acting: Acting, plan: Plan, baseline: Schedule, result: Result) -> list[str]:
    """Firms other than one's own whose work would move; a workshop reads only that there are some."""
    before = {row.operation: (row.machine, row.start, row.end) for row in baseline}
    moved = [row for row in result.schedule if before[row.operation] != (row.machine, row.start, row.end)]
    now = {row.name: row.organization for row in plan.assignments.select_related("organization")}
    firms = {now[row.operation] for row in moved}
    firms |= {there.organization for row in moved if (there := _equipment(row.machine)) is not None}
    names = sorted(firm.local_name for firm in firms if firm.pk != acting.organization.pk)
    if names and not access.is_buyer(acting, plan):
        return [_("another firm")]
    return names


def no_room() -> ConflictError:
    return ConflictError(
        _("It does not fit there: the hours are taken or closed, or what follows would find no room."),
        code="no_room",
    )
