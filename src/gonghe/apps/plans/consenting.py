"""Re-plans need everyone whom they touch: consents, and the change that follows when the last one agrees."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, NotFoundError
from gonghe.apps.capacity import services as capacity
from gonghe.apps.jobs.models import Job
from gonghe.apps.market import services as market
from gonghe.apps.members.acting import Acting
from gonghe.apps.plans.asking import count
from gonghe.apps.plans.awarding import TAKEN, in_force_event, wanted_hours
from gonghe.apps.plans.models import Assignment, Consent, Plan
from gonghe.apps.plans.replanning import enqueue_replan
from gonghe.apps.plans.storing import firms_of
from gonghe.apps.principal import Principal

State = Plan.State
REASON = "re-plan"
MADE = frozenset({"by_hand", "scenario"})  # labels of proposals that a person made, not the planner


def answer(acting: Acting, plan: Plan, agree: bool, reason: str = "", *, others: bool = False) -> Plan:
    """Agree to a re-plan for one's firm, or refuse it with a reason; the last agreement puts it in force.

    Putting one in force closes the other proposals. Refusing one leaves them open, unless `others` says that
    the firm refuses all that ask it about the same disturbance.

    Raises
    ------
    ForbiddenError
        If the role may not plan.
    NotFoundError
        If the firm's consent is not asked.
    ConflictError
        If the proposal is no longer open (code "plan_not_open"), or its hours went elsewhere meanwhile (code
        "hours_taken"): nothing changes then and new proposals are worked out.
    """
    acting.require("plans")
    if not plan.consents.filter(organization=acting.organization).exists():
        raise NotFoundError
    try:
        with recording(acting.principal) as record:
            _answer(record, acting, plan, agree, reason)
            if others and not agree:
                for other in _siblings(plan).filter(consents__organization=acting.organization):
                    _answer(record, acting, other, agree, reason)
            if agree and not plan.consents.exclude(state=Consent.State.AGREED).exists():
                _put_in_force(acting.principal, record, plan)
    except ConflictError as error:
        if error.code not in TAKEN:
            raise
        propose_again(acting.principal, plan)
        raise ConflictError(
            _(
                "Some of these hours were taken meanwhile, so nothing moved. "
                "New proposals are being worked out."
            ),
            code="hours_taken",
        ) from error
    plan.refresh_from_db()
    return plan


def propose_again(principal: Principal, plan: Plan) -> None:
    """Retire proposals whose hours are gone and work out new ones; doing it twice changes nothing.

    A caller whose own transaction fell with the refusal calls it again outside.
    """
    open_ones = _siblings(plan)
    if plan.based_on is None or not open_ones.exists():
        return
    with recording(principal) as record:
        open_ones.update(state=State.SUPERSEDED, replaced_at=clock.now())
        record("plans.plan.outdated", objects={"plan": plan.pk, "order": plan.order_id})
        enqueue_replan(principal, plan.based_on, plan.disturbance or {})


def ask_for_another(acting: Acting, plan: Plan) -> Job:
    """Have the ways out worked out anew, with what is true now.

    Raises
    ------
    NotFoundError
        If the firm's consent is not asked.
    ConflictError
        If the question is settled (the proposal is in force, or another one came), or too many questions were
        asked within the hour.
    """
    acting.require("plans")
    if not plan.consents.filter(organization=acting.organization).exists():
        raise NotFoundError
    if plan.based_on is None or not can_ask_again(plan):
        raise not_open()
    count(acting, plan.order)
    return enqueue_replan(acting.principal, plan.based_on, plan.disturbance or {})


def can_ask_again(plan: Plan) -> bool:
    """Whether the question of this proposal is open: it waits, or it was refused and nothing else waits.

    What somebody thought out has no other ways to look for.
    """
    if plan.label in MADE:
        return False
    if plan.based_on is None or plan.based_on.state != State.IN_FORCE:
        return False
    return plan.state == State.PROPOSED or (plan.state == State.REFUSED and not _siblings(plan).exists())


def withdraw_proposals(principal: Principal, equipment_id: UUID) -> int:
    """The machine runs again: proposals that were made for its stop are no longer needed."""
    found = Plan.objects.filter(
        state=State.PROPOSED, kind=Plan.Kind.REPLAN, disturbance__equipment=str(equipment_id)
    )
    plans = list(found.select_related("order"))
    for plan in plans:
        with recording(principal) as record:
            Plan.objects.filter(pk=plan.pk, state=State.PROPOSED).update(
                state=State.SUPERSEDED, replaced_at=clock.now()
            )
            record(
                "plans.plan.withdrawn",
                objects={"plan": plan.pk, "order": plan.order_id},
                audience=_asked(plan),
            )
    return len(plans)


def _answer(record: Recorder, acting: Acting, plan: Plan, agree: bool, reason: str) -> None:
    locked = Plan.objects.select_for_update(of=("self",)).filter(pk=plan.pk, state=State.PROPOSED).first()
    if locked is None:
        raise not_open()
    state = Consent.State.AGREED if agree else Consent.State.REFUSED
    Consent.objects.filter(plan=plan, organization=acting.organization).update(
        state=state, answered_at=clock.now()
    )
    if not agree:
        Plan.objects.filter(pk=plan.pk).update(
            state=State.REFUSED, refusal=reason[:300], replaced_at=clock.now()
        )
    record(
        "plans.consent.given" if agree else "plans.consent.refused",
        objects={"plan": plan.pk, "order": plan.order_id},
        audience=[plan.order.organization_id] if agree else _asked(plan),
    )


def _put_in_force(principal: Principal, record: Recorder, plan: Plan) -> None:
    """Old plan out, new plan in; hours and contract items follow what moved."""
    now = clock.now()
    assert plan.based_on is not None
    left = Plan.objects.filter(pk=plan.based_on.pk, state=State.IN_FORCE).update(
        state=State.SUPERSEDED, replaced_at=now
    )
    came = Plan.objects.filter(pk=plan.pk, state=State.PROPOSED).update(state=State.IN_FORCE, in_force_at=now)
    if not (left and came):
        raise not_open()
    before = {row.name: row for row in plan.based_on.assignments.select_related("organization")}
    rows = list(plan.assignments.select_related("operation", "organization", "equipment"))
    moved = [row for row in rows if row.moved]
    _require_unstarted(plan, moved, before)
    _keep_progress(rows, before)
    for row in moved:
        capacity.release(principal, operation_id=row.operation_id, lot=row.lot)
    wanted = wanted_hours(plan.order, moved)
    if wanted:
        capacity.reserve_many(principal, wanted)
    for row in moved:
        if row.organization_id != before[row.name].organization_id:
            market.move_contract_item(
                principal, row.operation, row.organization, row.price, REASON, lot=row.lot
            )
    _close_others(record, plan)
    in_force_event(record, plan, sorted({*firms_of(rows), *firms_of(before.values())}))


def _require_unstarted(plan: Plan, moved: list[Assignment], before: dict[str, Assignment]) -> None:
    """Work that began after the proposal was made cannot move with it; nor can hours that have passed."""
    for row in moved:
        old = before[row.name]
        begun = old.actual_start is not None and old.actual_start > plan.created_at
        if old.actual_end is not None or begun or row.start < clock.now():
            raise ConflictError(_("Work of this proposal has begun meanwhile."), code="hours_passed")


def _keep_progress(rows: list[Assignment], before: dict[str, Assignment]) -> None:
    """What was reported stays known, except of work that begins anew on another machine."""
    for row in rows:
        old = before[row.name]
        if not row.moved or row.equipment_id == old.equipment_id:
            row.actual_start, row.actual_end = old.actual_start, old.actual_end
    Assignment.objects.bulk_update(rows, ["actual_start", "actual_end"])


def _close_others(record: Recorder, plan: Plan) -> None:
    """The decision for one proposal closes the others; whoever was asked about them is told."""
    for other in _siblings(plan):
        Plan.objects.filter(pk=other.pk).update(state=State.SUPERSEDED, replaced_at=clock.now())
        record(
            "plans.plan.withdrawn", objects={"plan": other.pk, "order": plan.order_id}, audience=_asked(other)
        )


def _siblings(plan: Plan) -> QuerySet[Plan]:
    return Plan.objects.filter(
        order=plan.order, state=State.PROPOSED, kind=Plan.Kind.REPLAN, based_on=plan.based_on
    )


def _asked(plan: Plan) -> list[UUID]:
    return list(plan.consents.values_list("organization_id", flat=True))


def not_open() -> ConflictError:
    """The proposal was decided or replaced meanwhile."""
    return ConflictError(
        _("This proposal is no longer open. Look at the plan that holds now."), code="plan_not_open"
    )
