"""After a disturbance: find what must move, and propose at most three ways to move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import Run, enqueue
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access, helping
from gonghe.apps.plans.chain import arrival
from gonghe.apps.plans.hindrance import no_room
from gonghe.apps.plans.models import Assignment, Consent, Plan
from gonghe.apps.plans.offers import Fleet, bid_offers, contract_offers, open_offers, without_bound
from gonghe.apps.plans.problem import Draft, build, epoch_of, usable
from gonghe.apps.plans.routing import in_lots, sizes_of, steps_of
from gonghe.apps.plans.situation import Situation, key_of
from gonghe.apps.plans.solving import bound_of, finish, require_offers
from gonghe.apps.plans.storing import Solved, moved_by, store
from gonghe.apps.plans.telling import Teller, stopper
from gonghe.apps.principal import Principal
from gonghe.engines.model import planning as engine
from gonghe.engines.planning import CalendarChanged, replan
from gonghe.engines.planning.answers.replan import default_iterations

KIND = "plans.replan"
MOST = 3
SEARCHES = 2  # that the engine makes: fewest moves, least late


def propose_replan(principal: Principal, order: Order, disturbance: dict[str, Any]) -> Job:
    """Have ways out of a disturbance worked out for an order; the job's result names the proposed plans.

    Parameters
    ----------
    disturbance
        `{"kind": "down", "equipment": id, "start": ISO time, "until": ISO time or None}` or `{"kind":
        "late"}`.

    Raises
    ------
    ConflictError
        If no plan of the order is in force.
    """
    plan = Plan.objects.filter(order=order, state=Plan.State.IN_FORCE).first()
    if plan is None:
        raise ConflictError(_("This order has no plan in force. Award it first."), code="no_plan")
    return enqueue_replan(principal, plan, disturbance)


def plans_hit(equipment_id: UUID, start: datetime, until: datetime | None) -> list[Plan]:
    """Plans in force with unfinished work on equipment while it stands still."""
    rows = access.in_force_on([equipment_id]).filter(end__gt=start)
    if until is not None:
        rows = rows.filter(start__lt=until)
    return list({row.plan_id: row.plan for row in rows}.values())


def enqueue_replan(principal: Principal, plan: Plan, disturbance: dict[str, Any]) -> Job:
    """Queue the re-planning of one plan."""
    return enqueue(
        principal,
        KIND,
        {"plan": str(plan.pk), "disturbance": disturbance},
        organization_id=plan.order.organization_id,
        subject_id=plan.pk,
    )


def running(organization_id: UUID, plan: Plan) -> Job | None:
    """The search for ways to change a plan that an organisation may watch and stop, while there is one."""
    going = [Job.State.QUEUED, Job.State.RUNNING]
    found = Job.objects.filter(
        kind=KIND, subject_id=plan.pk, organization_id=organization_id, state__in=going
    )
    return found.first()


def draft_of(plan: Plan, *, due: datetime | None = None) -> tuple[Draft, engine.Schedule]:
    """The problem of a plan in force as things are now, and the plan itself in its words.

    Lots keep their pieces. Finished work, and work that runs on a machine that stands, stay where they are.
    Everything else may move: to other hours, to another machine of the same firm for the same price, or to a
    firm whose bid is still valid or whose price list is open.

    Raises
    ------
    ConflictError
        If the machine of an operation is gone for good and nobody else offers it.
    """
    order = plan.order
    rows = {row.name: row for row in _rows(plan)}
    steps = [step for step in in_lots(steps_of(order), sizes_of(rows.values())) if step.name in rows]
    since = epoch_of(clock.now())
    situation = Situation(rows, steps, since)
    fleet = Fleet(order.organization)
    bound = contract_offers(plan, steps, fleet)
    rest = bid_offers(plan.call, steps, fleet) if plan.call else []
    others = without_bound([*rest, *open_offers(order, steps, fleet)], bound)
    found = [one for one in (*bound, *others) if one.name not in situation.settled]
    offers = [*situation.kept(bound), *usable(found, order, plan.epoch, since)]
    require_offers(steps, offers, fleet)
    draft = build(order, steps, offers, epoch=plan.epoch, since=since, frozen=situation.frozen(), due=due)
    return draft, _as_planned(draft, rows, situation, order)


def _rows(plan: Plan) -> list[Assignment]:
    return list(
        plan.assignments.select_related(
            "organization",
            "operation__line",
            "equipment__site",
            "equipment__calendar",
            "equipment__organization",
        )
    )


def _as_planned(
    draft: Draft, rows: Mapping[str, Assignment], situation: Situation, order: Order
) -> engine.Schedule:
    """The plan in force as a schedule of the new problem; nothing but fixed work lies before now."""
    fixed = {row.operation: row for row in draft.problem.fixed}
    found: list[engine.Assignment] = list(fixed.values())
    for key, row in rows.items():
        if key in fixed:
            continue
        begins = situation.resumes(row) if key in situation.interrupted else row.start
        start = max(situation.since, epoch_of(begins))
        end = start + (row.end - row.start)
        machine = str(row.equipment_id) if row.equipment_id else f"window:{key}"
        first, last = (int((one - draft.epoch).total_seconds()) for one in (start, end))
        found.append(engine.Assignment(str(order.pk), key, machine, first, last, key_of(row)))
    return engine.Schedule(tuple(found))


def solve_replan(
    principal: Principal, plan: Plan, disturbance: dict[str, Any], run: Run | None = None
) -> list[Plan]:
    """Work out, check, price and store the proposals and ask for consents: the work of the job.

    None is made when the plan holds as it is.

    Raises
    ------
    ConflictError
        If nothing fits within the horizon; the buyer is told.
    """
    if plan.state != Plan.State.IN_FORCE:
        return []
    try:
        found = _proposals(plan, disturbance, run)
    except (ConflictError, engine.PlanningError) as error:
        with recording(principal) as record:
            record(
                "plans.replan.impossible",
                objects={"plan": plan.pk, "order": plan.order_id},
                audience=[plan.order.organization_id],
            )
        raise error if isinstance(error, ConflictError) else no_room() from error
    helps = [helping.overtime(plan.order, one) for _label, one in found]
    with recording(principal) as record:
        retire_proposals(plan)
        plans = [
            store_proposal(record, plan, one, disturbance, label, advice)
            for (label, one), advice in zip(found, helps, strict=True)
        ]
        record(
            "plans.replan.proposed",
            objects={"plan": plan.pk, "order": plan.order_id},
            audience=[plan.order.organization_id],
            data={"proposals": len(plans)},
        )
    return plans


def retire_proposals(plan: Plan) -> int:
    """Open proposals to change a plan make room for new ones; returns how many."""
    return Plan.objects.filter(based_on=plan, state=Plan.State.PROPOSED).update(
        state=Plan.State.SUPERSEDED, replaced_at=clock.now()
    )


def _proposals(plan: Plan, disturbance: dict[str, Any], run: Run | None) -> list[tuple[str, Solved]]:
    draft, baseline = draft_of(plan)
    if run is not None:
        run.progress(10, _("Looking for what must move."))
    now = draft.problem.horizon_start
    # What changed is in the problem already (hours, progress), so the engine is told of it as a calendar.
    names = [machine.id for machine in draft.problem.machines]
    stopped = disturbance.get("equipment")
    name = stopped if stopped in names else names[0]
    breaks = next(machine.breaks for machine in draft.problem.machines if machine.id == name)
    searches = SEARCHES * default_iterations(draft.problem)
    found = replan(
        draft.problem,
        baseline,
        now,
        CalendarChanged(name, breaks),
        on_progress=Teller(run, draft.currency, searches).tell if run else None,
        should_stop=stopper(run) if run else None,
    )
    solved = []
    for number, proposal in enumerate(found[:MOST]):
        if run is not None:
            run.progress(86 + 4 * number, _("Simulating the promise of proposal %d.") % (number + 1))
        if max(draft.moment(row.end) for row in proposal.schedule) > draft.end:
            continue
        outcome = finish(
            replace(draft, problem=proposal.problem), proposal.schedule, bound_of(proposal.problem)
        )
        solved.append((proposal.label, outcome))
    if found and not solved:
        raise no_room()
    rows = {row.name: row for row in plan.assignments.all()}
    return [(label, one) for label, one in solved if moved_by(one, rows)]


def store_proposal(
    record: Recorder,
    plan: Plan,
    solved: Solved,
    disturbance: dict[str, Any],
    label: str,
    advice: Sequence[dict[str, Any]] = (),
) -> Plan:
    """Store a way to change a plan in force, priced against it, and ask everyone it touches."""
    before, after = plan.cost, solved.cost
    arrives = solved.draft.moment(arrival(solved.draft.problem, solved.schedule))
    change = {
        "cost": after.production + after.transport - before["production"] - before["transport"],
        "lateness_s": int((arrives - plan.arrives_at).total_seconds()),
    }
    proposed = store(
        plan.order,
        Plan.Kind.REPLAN,
        solved,
        call=plan.call,
        based_on=plan,
        disturbance=disturbance,
        change=change,
        label=label,
        advice=list(advice),
    )
    firms = _touched(plan, proposed)
    Consent.objects.bulk_create([Consent(plan=proposed, organization_id=firm) for firm in firms])
    record(
        "plans.plan.proposed",
        objects={"plan": proposed.pk, "order": plan.order_id},
        audience=firms,
        data={"kind": proposed.kind, "version": proposed.version},
    )
    return proposed


def _touched(plan: Plan, proposed: Plan) -> list[UUID]:
    """Who has to agree: the buyer, and the firms whose work moves, from where and to where."""
    before = {row.name: row.organization_id for row in plan.assignments.all()}
    moved = [row for row in proposed.assignments.all() if row.moved]
    firms = {row.organization_id for row in moved} | {before[row.name] for row in moved}
    return sorted({plan.order.organization_id, *firms})
