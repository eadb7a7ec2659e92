"""Scenarios of an own order: each planned as a job, compared with the plan as it is, adopted by a button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import ConflictError, InvalidError, NotFoundError
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import Run, enqueue
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.lots import step_name
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access, changing, whatif
from gonghe.apps.plans.asking import count
from gonghe.apps.plans.chain import arrival, critical
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.overtime import overtime_of
from gonghe.apps.plans.problem import Draft
from gonghe.apps.plans.routing import day_end
from gonghe.apps.plans.solving import bound_of, finish, search
from gonghe.apps.plans.storing import minor_amount, price_of
from gonghe.apps.plans.viewing import eyes_of
from gonghe.apps.plans.wishes import Wish, changed
from gonghe.engines.model import planning as engine
from gonghe.joining import joined

KIND = "plans.scenario"
LABEL = "scenario"
ITERATIONS = 2500
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario and what it would mean; `job` is None for the plan as it is.

    `overtime` is the part of `price` for hours outside the calendars; what the firms `unsaid` ask for theirs
    comes on top.
    """

    job: UUID | None
    words: str
    state: str
    message: str
    p50: datetime | None
    p90: datetime | None
    price: Decimal | None
    change: Decimal | None
    later_s: int
    in_time: bool
    adoptable: bool
    overtime: Decimal
    unsaid: Sequence[Organization]
    rows: Sequence[dict[str, Any]]

    @property
    def key(self) -> str:
        """How the page names it."""
        return str(self.job or "plan")

    @property
    def earlier_s(self) -> int:
        """How much earlier the last part arrives than in the plan as it is."""
        return -self.later_s


def ask(acting: Acting, order: Order, wish: Wish) -> Job:
    """Have a scenario worked out; counted against the organisation's hour.

    Raises
    ------
    NotFoundError
        If it is not the acting organisation's order.
    ConflictError
        If it changes nothing, or too many questions were asked.
    """
    acting.require("plans")
    _require_own(acting, order)
    if wish.changes_nothing:
        raise ConflictError(_("Change at least one thing to make a scenario."), code="no_change")
    count(acting, order)
    payload = {"order": str(order.pk), "wish": wish.to_json(), "at": clock.now().isoformat()}
    return enqueue(acting.principal, KIND, payload, subject_id=order.pk)


def compute(order: Order, run: Run) -> dict[str, Any]:
    """Plan the order under the wish and compare it with the plan as it is; the work of the job."""
    wish = Wish.from_json(run.payload["wish"])
    draft = _draft(order, wish)
    under = replace(draft, problem=changed(draft.problem, wish))
    result = search(under, run, iterations=ITERATIONS)
    run.progress(88, _("Checking the plan and simulating the promise."))
    solved = finish(under, result.schedule, result.lower_bound)
    arrives = draft.moment(arrival(under.problem, solved.schedule))
    before = _as_it_is(order, draft)
    overtime = overtime_of(draft, under.problem, solved.schedule)
    price = minor_amount(solved.cost.price + overtime.cost)
    return {
        "scenarios": str(order.pk),
        "p50": draft.moment(solved.promise.p50).isoformat(),
        "p90": draft.moment(solved.promise.p90).isoformat(),
        "price": str(price),
        "change": str(price - before[0]),
        "overtime": str(minor_amount(overtime.cost)),
        "unsaid": [str(one) for one in overtime.unsaid],
        "later_s": int((arrives - before[1]).total_seconds()),
        "in_time": draft.moment(solved.promise.p50) <= day_end(wish.due or order.due, order),
        "rows": _rows(under, solved.schedule),
    }


def _as_it_is(order: Order, draft: Draft) -> tuple[Decimal, datetime]:
    """Price and arrival of the plan in force or proposed, else of the problem without the wish."""
    plan = current_plan(order)
    if plan is not None:
        return price_of(plan), plan.arrives_at
    usual = search(draft, iterations=ITERATIONS)
    return minor_amount(usual.cost.price), draft.moment(arrival(draft.problem, usual.schedule))


def _draft(order: Order, wish: Wish) -> Draft:
    return whatif.draft_for(order, day_end(wish.due, order) if wish.due else None)


def _rows(draft: Draft, schedule: engine.Schedule) -> list[dict[str, Any]]:
    """The schedule in dates and names of the product, so that it can be drawn and adopted later."""
    chain = critical(draft.problem, schedule)
    return [_row(draft, row) | {"critical": row.operation in chain} for row in schedule]


def _row(draft: Draft, row: engine.Assignment) -> dict[str, Any]:
    offer = draft.offer(row.operation, row.machine, row.bid)
    return {
        "operation": str(offer.operation_id),
        "lot": offer.step.lot,
        "lots": offer.step.lots,
        "quantity": offer.step.pieces,
        "machine": row.machine,
        "equipment": str(offer.equipment.pk) if offer.equipment else None,
        "bid": row.bid,
        "organization": str(offer.organization.pk),
        "start": draft.moment(row.start).isoformat(),
        "end": draft.moment(row.end).isoformat(),
    }


def current_plan(order: Order) -> Plan | None:
    """The plan in force, else the newest proposed award."""
    found = Plan.objects.filter(order=order).order_by("-created_at")
    proposed = found.filter(state=Plan.State.PROPOSED, kind=Plan.Kind.AWARD)
    return found.filter(state=Plan.State.IN_FORCE).first() or proposed.first()


def scenarios(acting: Acting, order: Order) -> list[Scenario]:
    """The newest scenarios of an order of the acting organisation, also those that are still worked out."""
    _require_own(acting, order)
    rows = Job.objects.filter(kind=KIND, subject_id=order.pk, organization_id=acting.organization.pk)
    plan = current_plan(order)
    return [_scenario(row, plan) for row in rows.order_by("-created_at")[:SHOWN]]


def scenario(acting: Acting, order: Order, job_id: UUID) -> Scenario:
    """One scenario of an order of the acting organisation; `NotFoundError` when it is none."""
    return _scenario(_job(acting, order, job_id), current_plan(order))


def _job(acting: Acting, order: Order, job_id: UUID) -> Job:
    _require_own(acting, order)
    own = Job.objects.filter(kind=KIND, subject_id=order.pk, organization_id=acting.organization.pk)
    row = own.filter(pk=job_id).first()
    if row is None:
        raise NotFoundError
    return row


def machines(acting: Acting, order: Order) -> list[tuple[str, str]]:
    """Machines of the plan as it is: ids, and the names under which the buyer knows them."""
    plan = current_plan(order)
    if plan is None:
        return []
    eyes = eyes_of(acting)
    rows = access.visible_assignments(acting, plan).filter(equipment__isnull=False, actual_end=None)
    named = {
        str(row.equipment_id): joined(", ", (row.organization.local_name, eyes.machine(row.equipment)))
        for row in rows
    }
    return sorted(named.items(), key=lambda one: one[1])


def _scenario(row: Job, plan: Plan | None) -> Scenario:
    wish = Wish.from_json(row.payload["wish"])
    result: dict[str, Any] = row.result or {}

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(result[name]) if name in result else None

    def money(name: str) -> Decimal | None:
        return Decimal(result[name]) if name in result else None

    return Scenario(
        job=row.pk,
        words=wish.words,
        state=row.state,
        message=row.message,
        p50=moment("p50"),
        p90=moment("p90"),
        price=money("price"),
        change=money("change"),
        later_s=int(result.get("later_s", 0)),
        in_time=bool(result.get("in_time")),
        adoptable=bool(result) and wish.can_be_adopted and plan is not None,
        overtime=money("overtime") or Decimal(0),
        unsaid=list(Organization.objects.filter(pk__in=result.get("unsaid", []))),
        rows=result.get("rows", []),
    )


def adopt(acting: Acting, order: Order, job_id: UUID) -> Plan:
    """Make a scenario a proposal, exactly as it was shown; whoever it touches has to agree.

    Raises
    ------
    NotFoundError
        If it is not a scenario of an own order.
    ConflictError
        If it cannot be adopted, or no longer fits what is true now (code "outdated").
    """
    acting.require("plans")
    row = _job(acting, order, job_id)
    plan = current_plan(order)
    wish = Wish.from_json(row.payload["wish"])
    if row.state != Job.State.DONE or plan is None or not wish.can_be_adopted:
        raise ConflictError(_("This scenario cannot be adopted; it only shows what it would mean."))
    draft = _draft(order, Wish())
    try:
        solved = finish(draft, _schedule(draft, (row.result or {})["rows"]), bound_of(draft.problem))
    except (InvalidError, KeyError) as error:
        raise ConflictError(
            _("Things have changed since this scenario was worked out. Work it out again."), code="outdated"
        ) from error
    return changing.propose(acting, plan, solved, LABEL)


def _schedule(draft: Draft, rows: Sequence[dict[str, Any]]) -> engine.Schedule:
    """Rows of a scenario as a schedule of the problem of now; KeyError when an offer is gone."""
    job = draft.problem.jobs[0].id
    found = []
    for row in rows:
        name = step_name(UUID(row["operation"]), row.get("lot", 1), row.get("lots", 1))
        draft.offer(name, row["machine"], row["bid"])
        start, end = (
            int((datetime.fromisoformat(row[name]) - draft.epoch) / timedelta(seconds=1))
            for name in ("start", "end")
        )
        found.append(engine.Assignment(job, name, row["machine"], start, end, row["bid"]))
    return engine.Schedule(tuple(found))


def _require_own(acting: Acting, order: Order) -> None:
    if order.organization_id != acting.organization.pk:
        raise NotFoundError


def plan_row(acting: Acting, order: Order) -> Scenario | None:
    """The plan as it is, as the first row of the comparison."""
    plan = current_plan(order)
    if plan is None:
        return None
    plan = access.get_plan(acting, plan.pk)
    return Scenario(
        job=None,
        words=_("as it is"),
        state=Job.State.DONE,
        message="",
        p50=plan.promise.p50,
        p90=plan.promise.p90,
        price=price_of(plan),
        change=Decimal(0),
        later_s=0,
        in_time=plan.promise.p50 <= day_end(order.due, order),
        adoptable=False,
        overtime=Decimal(0),
        unsaid=[],
        rows=[],
    )
