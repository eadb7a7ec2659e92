"""What operators report, and what follows from it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError, cents
from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import services as plans
from gonghe.apps.principal import Principal
from gonghe.apps.technology import usage
from gonghe.apps.workshop import handing
from gonghe.apps.workshop.flow import OPEN_STATES, Flow
from gonghe.apps.workshop.models import JobOrder, JobResponse

State, Kind = JobOrder.State, JobResponse.Kind


def start(acting: Acting, job: JobOrder) -> None:
    """Begin, or go on after a pause or a breakdown.

    Raises
    ------
    ConflictError
        If the pieces are not there yet, the machine is down, or the job is over.
    """
    _require_own(acting, job)
    first = job.state == State.WAITING
    if job.state == State.RUNNING or job.state not in OPEN_STATES:
        raise ConflictError(_("This job is %(state)s already.") % {"state": job.get_state_display()})
    if job.equipment and job.equipment.status == Equipment.Status.DOWN:
        raise ConflictError(
            _("%(machine)s is down. Report it as repaired first.") % {"machine": job.equipment.code},
            code="machine_down",
        )
    if first:
        _require_pieces(job)
    now = clock.now()
    with recording(acting.principal) as record:
        order = job.operation.line.order
        if order.state == Order.State.AWARDED:
            orders.set_state(acting.principal, order, Order.State.PRODUCING)
        _advance(job, State.RUNNING, running_since=now, started_at=job.started_at or now)
        _respond(job, Kind.START if first else Kind.RESUME, now)
        _record(record, "workshop.job.started" if first else "workshop.job.resumed", job)
        if first:
            plans.report_progress(acting.principal, job.operation_id, lot=job.lot, started_at=now)


def pause(acting: Acting, job: JobOrder, note: str = "") -> None:
    """Stop for a while."""
    _require_own(acting, job)
    _require_running(job)
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(job, State.PAUSED, running_since=None, worked_s=job.worked_until(now))
        _respond(job, Kind.PAUSE, now, note=note)
        _record(record, "workshop.job.paused", job)


def report(acting: Acting, job: JobOrder, *, good: int, scrap: int, note: str = "") -> None:
    """Report pieces while the job goes on.

    Raises
    ------
    InvalidError
        If there are not so many pieces at hand.
    """
    _require_own(acting, job)
    _require_running(job)
    if good + scrap < 1:
        raise InvalidError(_("Give the number of good pieces or of scrap."), fields=["good", "scrap"])
    _require_counts(_flow(job), job, good, scrap)
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(job, State.RUNNING, good=job.good + good, scrap=job.scrap + scrap)
        _count_use(job, _respond(job, Kind.REPORT, now, good=good, scrap=scrap, note=note))
        _record(record, "workshop.job.reported", job, good=good, scrap=scrap)


def finish(acting: Acting, job: JobOrder, *, good: int, scrap: int, note: str = "") -> None:
    """Report the last pieces and end the job; its real time becomes part of later estimates.

    Fewer good pieces than the order needs do not stop it: the buyer is told, and what is there goes on.

    Raises
    ------
    InvalidError
        If the counts do not fit the pieces at hand, or some are neither good nor scrap though all are needed.
    ConflictError
        If more pieces are still to come.
    """
    _require_own(acting, job)
    _require_running(job)
    flow = _flow(job)
    _require_counts(flow, job, good, scrap)
    _require_complete(flow, job, good, scrap)
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(
            job,
            State.FINISHED,
            good=job.good + good,
            scrap=job.scrap + scrap,
            running_since=None,
            worked_s=job.worked_until(now),
            finished_at=now,
        )
        _count_use(job, _respond(job, Kind.FINISH, now, good=good, scrap=scrap, note=note))
        _record(record, "workshop.job.finished", job, good=job.good, scrap=job.scrap)
        _learn(acting.principal, job)
        capacity.mark_used(acting.principal, operation_id=job.operation_id, lot=job.lot)
        plans.report_progress(acting.principal, job.operation_id, lot=job.lot, finished_at=now)
        flow = _flow(job)
        missing = flow.missing(flow.task_of(job))
        if missing:
            _record(record, "workshop.shortfall.noticed", job, missing=missing)
        handing.follow_up(acting.principal, record, job.operation.line.order)


def make_more(acting: Acting, job: JobOrder, *, pieces: int) -> None:
    """Make pieces again that became scrap, from new material: the workshop bears it.

    Raises
    ------
    ConflictError
        If the job works on pieces that come from an earlier operation.
    InvalidError
        If more are made than the order lacks.
    """
    _require_own(acting, job)
    flow = _flow(job)
    task = flow.task_of(job)
    if job.state not in OPEN_STATES or flow.before(task):
        raise ConflictError(_("Only a job that starts from material and is not over can make more pieces."))
    lacking = task.pieces - flow.good(task) - job.remaining
    if not 1 <= pieces <= lacking:
        raise InvalidError(
            ngettext(
                "%(lacking)d piece is lacking. Make no more than that.",
                "%(lacking)d pieces are lacking. Make no more than that.",
                max(0, lacking),
            )
            % {"lacking": max(0, lacking)},
            fields=["pieces"],
        )
    now = clock.now()
    with recording(acting.principal) as record:
        _advance(job, job.state, quantity=job.quantity + pieces)
        _respond(job, Kind.MORE, now, note=str(pieces))
        _record(record, "workshop.job.extended", job, pieces=pieces)


def call_for_help(acting: Acting, job: JobOrder, note: str = "") -> None:
    """Ask the planner of one's own firm to come; nobody else hears of it."""
    _require_own(acting, job)
    if job.state not in OPEN_STATES:
        raise ConflictError(_("This job is %(state)s already.") % {"state": job.get_state_display()})
    with recording(acting.principal) as record:
        _respond(job, Kind.HELP, clock.now(), note=note)
        record("workshop.help.called", objects={"job_order": job.pk}, data={"number": job.operation.number})


def breakdown(acting: Acting, job: JobOrder, *, until: datetime, note: str = "") -> None:
    """The machine stopped: the job is blocked, the machine's later hours are at risk, planners are told.

    Raises
    ------
    ConflictError
        If the job is over or runs on no machine of the installation.
    InvalidError
        If the expected end is not in the future.
    """
    _require_own(acting, job)
    if job.equipment is None or job.state not in OPEN_STATES:
        raise ConflictError(_("This job has no machine here that could stop. Call for help instead."))
    now = clock.now()
    if until <= now:
        raise InvalidError(
            _("Give a time in the future at which the machine will run again."), fields=["until"]
        )
    with recording(acting.principal) as record:
        if job.state in {State.RUNNING, State.PAUSED}:
            _advance(job, State.BLOCKED, running_since=None, worked_s=job.worked_until(now))
        _respond(job, Kind.BREAKDOWN, now, note=note)
        _record(record, "workshop.job.blocked", job, until=until.isoformat())
        capacity.mark_down(acting.principal, job.equipment, now, until)


def repaired(acting: Acting, equipment: Equipment) -> None:
    """The machine runs again; what it stopped waits to go on."""
    acting.require("workshop")
    if equipment.organization_id != acting.organization.pk:
        raise NotFoundError
    if equipment.status != Equipment.Status.DOWN:
        raise ConflictError(_("%(machine)s is not down.") % {"machine": equipment.code})
    now = clock.now()
    with recording(acting.principal) as record:
        blocked = JobOrder.objects.filter(equipment=equipment, state=State.BLOCKED)
        for job in blocked.select_related("operation__line__order"):
            _advance(job, State.PAUSED)
            _respond(job, Kind.REPAIRED, now)
            _record(record, "workshop.job.unblocked", job)
        capacity.mark_up(acting.principal, equipment)
        record("workshop.machine.repaired", objects={"equipment": equipment.pk})


def _advance(job: JobOrder, state: str, **values: object) -> None:
    """One conditional update: a job that moved on meanwhile is left as it is."""
    seen = {key: getattr(job, key) for key in ("state", "good", "scrap", "quantity")}
    if not JobOrder.objects.filter(pk=job.pk, **seen).update(state=state, **values):
        raise ConflictError(_("Someone else reported on this job just now. Look again."), code="job_moved_on")
    job.refresh_from_db(fields=["state", *values])


def _respond(
    job: JobOrder, kind: str, at: datetime, *, good: int = 0, scrap: int = 0, note: str = ""
) -> JobResponse:
    return JobResponse.objects.create(
        job_order=job, kind=kind, at=at, good=good, scrap=scrap, note=note[:300]
    )


def _record(record: Recorder, type_: str, job: JobOrder, **data: object) -> None:
    order = job.operation.line.order
    record(
        type_,
        objects={"job_order": job.pk, "operation": job.operation_id, "order": order.pk},
        audience=[order.organization_id, job.organization_id],
        data={"number": job.operation.number, **data},
    )


def _flow(job: JobOrder) -> Flow:
    return Flow(job.operation.line.order)


def _require_own(acting: Acting, job: JobOrder) -> None:
    acting.require("workshop")
    if job.organization_id != acting.organization.pk:
        raise NotFoundError


def _require_running(job: JobOrder) -> None:
    if job.state != State.RUNNING:
        raise ConflictError(_("This job does not run now. Start it first."))


def _require_pieces(job: JobOrder) -> None:
    flow = _flow(job)
    missing = flow.waits_for(flow.task_of(job))
    if missing is None:
        return
    before = flow.job(missing)
    if any(one.receiver_id == job.organization_id for one in flow.under_way(missing)):
        text = _("The pieces are on their way. Confirm their receipt first.")
    elif before and before.organization_id == job.organization_id and not flow.is_over(missing):
        text = _("“%(name)s” comes first and is not done yet.") % {"name": missing.operation.label}
    else:
        text = _("The pieces are not here yet. Start when they have arrived.")
    raise ConflictError(text, code="pieces_missing")


def _require_counts(flow: Flow, job: JobOrder, good: int, scrap: int) -> None:
    """Pieces are not invented: only what is at hand can be reported."""
    if good < 0 or scrap < 0:
        raise InvalidError(_("A number of pieces is 0 or more."), fields=["good", "scrap"])
    left = flow.at_hand(job)
    if good + scrap > left:
        raise InvalidError(
            ngettext(
                "Only %(left)d piece is left to report. Give %(left)d or fewer.",
                "Only %(left)d pieces are left to report. Give %(left)d or fewer.",
                left,
            )
            % {"left": left},
            fields=["good", "scrap"],
        )


def _require_complete(flow: Flow, job: JobOrder, good: int, scrap: int) -> None:
    """Pieces are not lost: while some are lacking, all at hand are counted and all to come have come."""
    task = flow.task_of(job)
    if flow.good(task) + good >= task.wanted:
        return
    left = flow.at_hand(job) - good - scrap
    if left:
        raise InvalidError(
            ngettext(
                "%(left)d piece is neither good nor scrap. Count it before you finish.",
                "%(left)d pieces are neither good nor scrap. Count them before you finish.",
                left,
            )
            % {"left": left},
            fields=["good", "scrap"],
        )
    if flow.to_come(job):
        raise ConflictError(
            _("More pieces are still to come. Pause until they are here."), code="more_to_come"
        )


def _count_use(job: JobOrder, response: JobResponse) -> None:
    """Good pieces made by licensed know-how count for its owner, with what this work on them is paid."""
    item = job.operation.contract_items.filter(lot=job.lot, ended_at=None).first()
    paid = item.price * response.good / item.quantity if item else Decimal(0)
    usage.count_pieces(
        operation_id=job.operation_id,
        key=response.pk,
        pieces=response.good,
        value=cents(paid),
        at=response.at,
    )


def _learn(principal: Principal, job: JobOrder) -> None:
    pieces, operation = job.good + job.scrap, job.operation
    orders.measure(
        principal, operation, job.organization_id, pieces=pieces, actual_s=job.worked_s, lot=job.lot
    )
