"""What operators report, and what follows from it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import services as plans
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.principal import SYSTEM, Principal
from gonghe.apps.technology import services as technology
from gonghe.apps.workshop.flow import Flow
from gonghe.apps.workshop.models import ActualTime, JobOrder, JobResponse

State, Kind = JobOrder.State, JobResponse.Kind
OPEN_STATES = (State.WAITING, State.RUNNING, State.PAUSED, State.BLOCKED)


def dispatch(principal: Principal, plan: Plan) -> None:
    """Bring the job orders into line with a plan in force; doing it twice changes nothing."""
    with recording(principal) as record:
        flow = Flow(plan.order)
        changed = 0
        for assignment in plan.assignments.select_related("operation__line", "organization", "equipment"):
            changed += _dispatch_one(flow, assignment)
        firms = set(plan.assignments.values_list("organization_id", flat=True))
        record(
            "workshop.jobs.dispatched",
            objects={"order": plan.order_id, "plan": plan.pk},
            audience=[*firms, plan.order.organization_id],
            data={"changed": changed},
        )


def _dispatch_one(flow: Flow, assignment: Assignment) -> int:
    """One operation: keep what is done, move what is not, give what is left of a stopped job to the next."""
    job = flow.job(assignment.operation)
    if job is not None and job.state == State.FINISHED:
        return 0
    quantity = assignment.operation.line.pieces
    if job is not None:
        same = (job.organization_id, job.equipment_id) == (
            assignment.organization_id,
            assignment.equipment_id,
        )
        if same:
            return (
                JobOrder.objects.filter(pk=job.pk)
                .exclude(planned_start=assignment.start, planned_end=assignment.end)
                .update(planned_start=assignment.start, planned_end=assignment.end)
            )
        quantity = job.remaining
        JobOrder.objects.filter(pk=job.pk).update(state=State.CANCELLED, running_since=None)
    JobOrder.objects.create(
        operation=assignment.operation,
        organization=assignment.organization,
        equipment=assignment.equipment,
        planned_start=assignment.start,
        planned_end=assignment.end,
        quantity=quantity,
    )
    return 1


def start(acting: Acting, job: JobOrder) -> None:
    """Begin, or go on after a pause or a breakdown.

    Raises
    ------
    ConflictError
        If the pieces are not there yet, the machine is down, or the job is over.
    """
    acting.require("workshop")
    first = job.state == State.WAITING
    if job.state == State.RUNNING or job.state not in OPEN_STATES:
        raise ConflictError(_("This job is %(state)s already.") % {"state": job.get_state_display()})
    if job.equipment and job.equipment.status == Equipment.Status.DOWN:
        raise ConflictError(
            _("%(machine)s is down. Report it as repaired first.") % {"machine": job.equipment.code}
        )
    if first:
        _check_pieces_there(job)
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(job, State.RUNNING, running_since=now, started_at=job.started_at or now)
        _respond(job, Kind.START if first else Kind.RESUME, now)
        _record(record, "workshop.job.started" if first else "workshop.job.resumed", job)
        order = job.operation.line.order
        if order.state == Order.State.AWARDED:
            orders.set_state(acting.principal, order, Order.State.PRODUCING)
        if first:
            plans.report_progress(acting.principal, job.operation_id, started_at=now)


def _check_pieces_there(job: JobOrder) -> None:
    flow = Flow(job.operation.line.order)
    missing = flow.waits_for(next(one for one in flow.operations if one.pk == job.operation_id))
    if missing is None:
        return
    if flow.must_travel(missing) and flow.handovers[missing.pk]:
        raise ConflictError(
            _("The pieces of “%(name)s” are on their way. Confirm their receipt first.")
            % {"name": missing.name}
        )
    raise ConflictError(
        _("“%(name)s” comes first and is not done yet. Start when its pieces are here.")
        % {"name": missing.name}
    )


def pause(acting: Acting, job: JobOrder, note: str = "") -> None:
    """Stop for a while."""
    acting.require("workshop")
    _require_running(job)
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(job, State.PAUSED, running_since=None, worked_s=_worked(job, now))
        _respond(job, Kind.PAUSE, now, note=note)
        _record(record, "workshop.job.paused", job)


def report(acting: Acting, job: JobOrder, *, good: int, scrap: int, note: str = "") -> None:
    """Report pieces while the job goes on."""
    acting.require("workshop")
    _require_running(job)
    _check_counts(job, good, scrap, least=1)
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(job, State.RUNNING, good=job.good + good, scrap=job.scrap + scrap)
        _respond(job, Kind.REPORT, now, good=good, scrap=scrap, note=note)
        _record(record, "workshop.job.reported", job, good=good, scrap=scrap)


def finish(acting: Acting, job: JobOrder, *, good: int, scrap: int, note: str = "") -> None:
    """Report the last pieces and end the job; its real time becomes part of later estimates.

    Raises
    ------
    InvalidError
        If the counts do not fit the pieces at hand, or no good piece came out.
    """
    acting.require("workshop")
    _require_running(job)
    _check_counts(job, good, scrap, least=0)
    if job.good + good == 0:
        raise InvalidError(
            _("No good piece is reported. Report a breakdown, or pause and call the planner."),
            fields=["good"],
        )
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(
            job,
            State.FINISHED,
            good=job.good + good,
            scrap=job.scrap + scrap,
            running_since=None,
            worked_s=_worked(job, now),
            finished_at=now,
        )
        _respond(job, Kind.FINISH, now, good=good, scrap=scrap, note=note)
        _learn(acting.principal, job)
        capacity.mark_used(acting.principal, operation_id=job.operation_id)
        plans.report_progress(acting.principal, job.operation_id, finished_at=now)
        needed = job.operation.line.quantity
        missing = max(0, needed - Flow(job.operation.line.order).good(job.operation))
        _record(record, "workshop.job.finished", job, good=job.good, scrap=job.scrap, missing=missing)


def breakdown(acting: Acting, job: JobOrder, *, until: datetime, note: str = "") -> None:
    """The machine stopped: the job is blocked, the machine's later hours are at risk, planners are told.

    Raises
    ------
    InvalidError
        If the job has no machine here or the expected end is not in the future.
    """
    acting.require("workshop")
    if job.equipment is None:
        raise InvalidError(_("This job runs on no machine of the installation. Tell the buyer instead."))
    now = clock.now()
    if until <= now:
        raise InvalidError(
            _("Give a time in the future at which the machine will run again."), fields=["until"]
        )
    with recording(acting.principal) as record:
        if job.state == State.RUNNING:
            _advance(job, State.BLOCKED, running_since=None, worked_s=_worked(job, now))
        _respond(job, Kind.BREAKDOWN, now, note=note)
        _record(record, "workshop.job.blocked", job, until=until.isoformat())
        capacity.mark_down(acting.principal, job.equipment, now, until)


def repaired(acting: Acting, equipment: Equipment) -> None:
    """The machine runs again."""
    acting.require("workshop")
    capacity.mark_up(acting.principal, equipment)


def _advance(job: JobOrder, state: str, **values: object) -> None:
    """One conditional update: a job that moved on meanwhile is left as it is."""
    moved = JobOrder.objects.filter(pk=job.pk, state=job.state, good=job.good, scrap=job.scrap).update(
        state=state, **values
    )
    if not moved:
        raise ConflictError(_("Someone else reported on this job just now. Look again."), code="job_moved_on")
    job.refresh_from_db()


def _respond(
    job: JobOrder, kind: str, at: datetime, *, good: int = 0, scrap: int = 0, note: str = ""
) -> None:
    JobResponse.objects.create(job_order=job, kind=kind, at=at, good=good, scrap=scrap, note=note[:300])


def _record(record: Recorder, type_: str, job: JobOrder, **data: object) -> None:
    order = job.operation.line.order
    record(
        type_,
        objects={"job_order": job.pk, "operation": job.operation_id, "order": order.pk},
        audience=[order.organization_id, job.organization_id],
        data={"number": job.operation.number, **data},
    )


def _require_running(job: JobOrder) -> None:
    if job.state != State.RUNNING:
        raise ConflictError(_("This job does not run now. Start it first."))


def _check_counts(job: JobOrder, good: int, scrap: int, *, least: int) -> None:
    """Counts must fit what is at hand: pieces are neither invented nor lost."""
    if good < 0 or scrap < 0 or good + scrap < least:
        raise InvalidError(_("Give the number of good pieces and of scrap."), fields=["good", "scrap"])
    flow = Flow(job.operation.line.order)
    there = flow.ready_pieces(next(one for one in flow.operations if one.pk == job.operation_id))
    limit = job.remaining if there is None else min(job.remaining, max(0, there - job.good - job.scrap))
    if good + scrap > limit:
        raise InvalidError(
            _("Only %(limit)d pieces are left to report. Give %(limit)d or fewer.") % {"limit": limit},
            fields=["good", "scrap"],
        )


def _worked(job: JobOrder, now: datetime) -> int:
    since = job.running_since or now
    return job.worked_s + int((now - since).total_seconds())


def _learn(principal: Principal, job: JobOrder) -> None:
    process = str(job.operation.requirement.get("process", ""))
    estimated = job.operation.setup_s + job.operation.run_s * job.quantity
    ActualTime.objects.create(
        job_order=job,
        organization=job.organization,
        process=process,
        estimated_s=estimated,
        actual_s=job.worked_s,
    )
    technology.learn(
        principal,
        organization=job.organization,
        process=process,
        estimated_s=estimated,
        actual_s=job.worked_s,
    )


def dispatch_plan(plan_id: UUID) -> None:
    """Bring job orders into line with a plan, by its id."""
    with transaction.atomic():
        plan = Plan.objects.select_related("order").get(pk=plan_id)
        if plan.state == Plan.State.IN_FORCE:
            dispatch(SYSTEM, plan)
