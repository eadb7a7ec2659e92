"""From opened bids to a promise: propose a plan, and put the one that the buyer accepts in force at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, NotFoundError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import Run, enqueue
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Call
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import helping
from gonghe.apps.plans.chain import arrival
from gonghe.apps.plans.dividing import divided
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.offers import Fleet, Offer, bid_offers, open_offers, pieces_of
from gonghe.apps.plans.problem import Draft, build, epoch_of, usable
from gonghe.apps.plans.routing import Sizes, Step, due_moment, steps_of
from gonghe.apps.plans.solving import finish, require_offers, search
from gonghe.apps.plans.storing import Solved, firms_of, store
from gonghe.apps.principal import Principal

State = Plan.State
TAKEN = frozenset({"hours_taken", "hours_closed", "hours_passed"})


def propose_award(acting: Acting, call: Call) -> Job:
    """Have the joint plan of a call worked out; the job's result names the plan.

    Raises
    ------
    ForbiddenError
        If the role may not plan.
    NotFoundError
        If the call is not the acting organisation's.
    ConflictError
        If the bids are not opened yet, or were awarded already.
    """
    acting.require("plans")
    if call.order.organization_id != acting.organization.pk:
        raise NotFoundError
    if call.state == Call.State.AWARDED:
        raise ConflictError(_("This call is awarded. Open its plan to see the result."), code="awarded")
    if call.state != Call.State.OPENED:
        raise ConflictError(
            _("The bids are still sealed. They are planned once the key holder and you have opened them."),
            code="not_opened",
        )
    return _enqueue(acting.principal, call)


def solve_award(principal: Principal, call: Call, run: Run | None = None) -> Plan:
    """Build, search, check, promise, explain and store: the work of the job.

    Raises
    ------
    ConflictError
        If nobody can do an operation (the nearest is named), or there is no room at all.
    """
    order = call.order
    draft, fleet_steps = draft_of(call)
    _tell(run, 15, _("Looking for the best plan."))
    result = search(draft, run)
    _tell(run, 85, _("Checking the plan and simulating the promise."))
    solved = finish(draft, result.schedule, result.lower_bound)
    _tell(run, 95, _("Asking what would bring the date nearer."))
    advice = [*advise(order, fleet_steps, draft, solved), *helping.overtime(order, solved)]
    with recording(principal) as record:
        _retire(order, call)
        plan = store(order, Plan.Kind.AWARD, solved, call=call, advice=advice)
        record(
            "plans.plan.proposed",
            objects={"plan": plan.pk, "order": order.pk, "call": call.pk},
            audience=[order.organization_id],
            data={"kind": plan.kind, "version": plan.version},
        )
    return plan


def replace_proposal(principal: Principal, plan: Plan, solved: Solved) -> Plan:
    """Put a plan that was changed by hand in the place of a proposed award.

    Raises
    ------
    ConflictError
        If the award was decided or planned again meanwhile (code "plan_not_open").
    """
    order, call = plan.order, plan.call
    with recording(principal) as record:
        _require_open(Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk))
        assert call is not None
        _retire(order, call)
        made = store(order, Plan.Kind.AWARD, solved, call=call)
        record(
            "plans.plan.proposed",
            objects={"plan": made.pk, "order": order.pk, "call": call.pk},
            audience=[order.organization_id],
            data={"kind": made.kind, "version": made.version},
        )
    return made


def draft_of(call: Call, sizes: Sizes | None = None) -> tuple[Draft, list[Step]]:
    """The planning problem of a call: its opened bids and all open offers.

    Parameters
    ----------
    sizes
        Lots to keep; decided here without.
    """
    order = call.order
    fleet = Fleet(order.organization)
    epoch = epoch_of(clock.now())

    def offers_of(steps: Sequence[Step]) -> list[Offer]:
        offers = usable(call_offers(call, steps, fleet), order, epoch, epoch)
        require_offers(steps, offers, fleet)
        return offers

    return divided(order, steps_of(order, call.lines.all()), offers_of, epoch=epoch, sizes=sizes)


def call_offers(call: Call, steps: Sequence[Step], fleet: Fleet) -> list[Offer]:
    """Opened bids for steps of a call, and the open offers beside them."""
    return [*bid_offers(call, steps, fleet), *open_offers(call.order, steps, fleet)]


def advise(order: Order, steps: list[Step], draft: Draft, solved: Solved) -> list[dict[str, Any]]:
    """What would bring a late promise nearer: planned again without waiting for material."""
    if draft.moment(solved.promise.p90) <= due_moment(order) or not any(step.lead for step in steps):
        return []
    offers = list(draft.offers.values())
    at_once = build(order, steps, offers, epoch=draft.epoch, material_there=True)
    try:
        result = search(at_once)
    except ConflictError:
        return []
    job = at_once.problem.jobs[0].id
    earlier = arrival(draft.problem, solved.schedule) - result.completion[job]
    if earlier <= 0:
        return []
    return [{"code": "material_at_once", "earlier_s": earlier, "cost": result.cost.total - solved.cost.total}]


def accept_award(acting: Acting, plan: Plan) -> Plan:
    """Award the call as planned: contracts, reservations and the promise, all or nothing.

    Raises
    ------
    ConflictError
        If the plan is no longer open, or its bids have run out. If hours of it were taken or have passed
        meanwhile, nothing is awarded and a new plan is worked out (code "hours_taken").
    """
    acting.require("plans")
    acting.require("market")
    if plan.order.organization_id != acting.organization.pk:
        raise NotFoundError
    _require_open(plan)
    rows = list(plan.assignments.select_related("operation", "organization", "equipment"))
    try:
        _require_future(rows)
        _put_in_force(acting.principal, plan, rows)
    except ConflictError as error:
        if error.code not in TAKEN:
            raise
        propose_again(acting, plan)
        raise ConflictError(
            _(
                "Some of these hours were taken meanwhile, so nothing was awarded. "
                "A new plan is being worked out."
            ),
            code="hours_taken",
        ) from error
    plan.refresh_from_db()
    return plan


def propose_again(acting: Acting, plan: Plan) -> None:
    """Retire a plan whose hours are gone and work out a new one; doing it twice changes nothing.

    A caller whose own transaction fell with the refusal calls it again outside.
    """
    if plan.call is None or not Plan.objects.filter(pk=plan.pk, state=State.PROPOSED).exists():
        return
    with recording(acting.principal) as record:
        Plan.objects.filter(pk=plan.pk, state=State.PROPOSED).update(
            state=State.SUPERSEDED, replaced_at=clock.now()
        )
        record("plans.plan.outdated", objects={"plan": plan.pk, "order": plan.order_id})
        _enqueue(acting.principal, plan.call)


def wanted_hours(order: Order, rows: list[Assignment]) -> list[capacity.Wanted]:
    """Hours that assignments need on equipment; binding windows hold their own."""
    return [
        capacity.Wanted(
            equipment=row.equipment,
            pieces=pieces_of(row),
            holder=order.organization,
            operation_id=row.operation_id,
            lot=row.lot,
            purpose=order.code,
        )
        for row in rows
        if row.equipment is not None
    ]


def in_force_event(record: Recorder, plan: Plan, firms: list[UUID]) -> None:
    """Tell buyer and firms that a plan holds from now on."""
    record(
        "plans.plan.in_force",
        objects={"plan": plan.pk, "order": plan.order_id},
        audience=[plan.order.organization_id, *firms],
        data={"kind": plan.kind, "version": plan.version, "plan": str(plan.pk), "order": str(plan.order_id)},
    )


def _put_in_force(principal: Principal, plan: Plan, rows: list[Assignment]) -> None:
    with recording(principal) as record:
        changed = Plan.objects.filter(pk=plan.pk, state=State.PROPOSED).update(
            state=State.IN_FORCE, in_force_at=clock.now()
        )
        if not changed:
            raise _not_open()
        assert plan.call is not None
        market.award(principal, plan.call, [_awarded(row) for row in rows], plan.pk)
        wanted = wanted_hours(plan.order, rows)
        if wanted:
            capacity.reserve_many(principal, wanted)
        Plan.objects.filter(order=plan.order, state=State.PROPOSED).update(
            state=State.SUPERSEDED, replaced_at=clock.now()
        )
        in_force_event(record, plan, firms_of(rows))


def _awarded(row: Assignment) -> market.Awarded:
    return market.Awarded(
        row.operation, row.organization, row.price, lot=row.lot, lots=row.lots, quantity=row.quantity
    )


def _require_open(plan: Plan) -> None:
    if plan.state != State.PROPOSED or plan.kind != Plan.Kind.AWARD or plan.call is None:
        raise _not_open()
    if plan.call.bids_valid_until < clock.now():
        raise ConflictError(
            _("The bids were valid until %(day)s. Call for bids again.")
            % {"day": _valid_until(plan.call, plan.order)},
            code="bids_expired",
        )


def _valid_until(call: Call, order: Order) -> str:
    """Day on which the bids run out, at the destination."""
    return call.bids_valid_until.astimezone(ZoneInfo(order.destination.time_zone)).date().isoformat()


def _not_open() -> ConflictError:
    return ConflictError(
        _("This plan can no longer be accepted. Look at the newest plan of the order."), code="plan_not_open"
    )


def _require_future(rows: list[Assignment]) -> None:
    if any(row.start < clock.now() - timedelta(seconds=1) for row in rows):
        raise ConflictError(_("The first hours of this plan have passed."), code="hours_passed")


def _retire(order: Order, call: Call) -> None:
    """An older proposal for the same call makes room for the new one."""
    Plan.objects.filter(order=order, call=call, state=State.PROPOSED).update(
        state=State.SUPERSEDED, replaced_at=clock.now()
    )


def _enqueue(principal: Principal, call: Call) -> Job:
    return enqueue(
        principal,
        "plans.award",
        {"call": str(call.pk)},
        organization_id=call.order.organization_id,
        subject_id=call.pk,
    )


def _tell(run: Run | None, percent: int, message: str) -> None:
    if run is not None:
        run.progress(percent, message)
