"""After a disturbance: find what must move, and propose at most three ways to move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.base import ConflictError
from gonghe.apps.capacity import access as capacity
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import enqueue
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.offers import Fleet, Offer, bid_offers, contract_offers, open_offers, without_bound
from gonghe.apps.plans.problem import GRID, Draft, Frozen, build, epoch_of, usable
from gonghe.apps.plans.routing import Step, steps_of
from gonghe.apps.plans.solving import require_offers
from gonghe.apps.principal import Principal
from gonghe.engines.model import planning as engine

KIND = "plans.replan"


def propose_replan(principal: Principal, order: Order, disturbance: dict[str, Any]) -> Job:
    """Have ways out of a disturbance worked out for an order; the job's result names the proposed plans.

    Parameters
    ----------
    disturbance
        `{"kind": "down", "equipment": id, "start": ISO time, "until": ISO time or None}` or `{"kind": "late"}`.

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


def draft_of(plan: Plan, *, due: datetime | None = None) -> tuple[Draft, engine.Schedule]:
    """The problem of a plan in force as things are now, and the plan itself in its words.

    Finished work, and work that runs on a machine that stands, stay where they are. Everything else may move: to
    other hours, to another machine of the same firm for the same price, or to a firm whose bid is still valid or
    whose price list is open.

    Raises
    ------
    ConflictError
        If the machine of an operation is gone for good and nobody else offers it.
    """
    order = plan.order
    rows = {row.operation_id: row for row in _rows(plan)}
    steps = [step for step in steps_of(order) if step.operation.pk in rows]
    since = epoch_of(clock.now())
    situation = _Situation(rows, steps, since)
    fleet = Fleet(order.organization)
    bound = contract_offers(plan, steps, fleet)
    rest = bid_offers(plan.call, steps, fleet) if plan.call else []
    others = without_bound([*rest, *open_offers(order, steps, fleet)], bound)
    found = [one for one in (*bound, *others) if one.operation_id not in situation.settled]
    offers = [*situation.kept(bound), *usable(found, steps, order, plan.epoch, since)]
    require_offers(steps, offers, fleet)
    draft = build(order, steps, offers, epoch=plan.epoch, since=since, frozen=situation.frozen(), due=due)
    return draft, _as_planned(draft, rows, situation, order)


@dataclass(frozen=True, slots=True)
class _Situation:
    """Where the work of a plan stands now."""

    rows: Mapping[UUID, Assignment]
    steps: Sequence[Step]
    since: datetime

    @property
    def done(self) -> set[UUID]:
        """Finished operations, and what must have come before started ones though nobody reported it."""
        found = {key for key, row in self.rows.items() if row.actual_end is not None}
        begun = found | {key for key, row in self.rows.items() if row.actual_start is not None}
        after = {step.operation.pk: step.after for step in self.steps}
        waiting = [before for key in begun for before in after[key]]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting.extend(after[key])
        return found

    @property
    def running(self) -> set[UUID]:
        """Started operations whose machine works, or whose window is open."""
        begun = {
            key
            for key, row in self.rows.items()
            if row.actual_start is not None or (row.equipment is None and row.start <= self.since)
        }
        return {key for key in begun - self.done if not self.stopped(self.rows[key])}

    @property
    def interrupted(self) -> set[UUID]:
        """Started operations whose machine stands still, with a known end: they go on when it runs again."""
        begun = {key for key, row in self.rows.items() if row.actual_start is not None} - self.done
        return {key for key in begun if self.stopped(row := self.rows[key]) and _up_at(row) is not None}

    @property
    def settled(self) -> set[UUID]:
        """Operations that nobody else can take over any more."""
        return self.done | self.running | self.interrupted

    def stopped(self, row: Assignment) -> bool:
        """Whether the machine of an assignment stands still before its work is over."""
        machine = row.equipment
        return machine is not None and any(
            start < max(row.end, self.since) and self.since < end for start, end in capacity.downtime(machine)
        )

    def kept(self, bound: Sequence[Offer]) -> list[Offer]:
        """One offer for each settled operation: its own, as it is."""
        done, interrupted, kept = self.done, self.interrupted, []
        for key in self.settled:
            row = self.rows[key]
            own = next(one for one in bound if one.operation_id == key and _same_machine(one, row))
            if key in done:
                kept.append(replace(own, key=f"done:{key}", apart=True, earliest=None, latest=None))
            elif key in interrupted:
                kept.append(replace(own, seconds=self.left_of(row), earliest=_up_at(row)))
            else:
                kept.append(replace(own, earliest=None, latest=None))
        return kept

    def left_of(self, row: Assignment) -> int:
        """Seconds of work that an interrupted operation still needs: all of it less what was worked so far."""
        assert row.equipment is not None
        assert row.actual_start is not None
        planned = sum(_seconds(piece) for piece in row.pieces)
        stop = min((start for start, _end in capacity.downtime(row.equipment)), default=self.since)
        worked = sum(
            int((end - start).total_seconds())
            for start, end in capacity.open_windows(row.equipment, row.actual_start, min(stop, self.since))
        )
        return max(GRID, -(-(planned - worked) // GRID) * GRID)

    def frozen(self) -> list[Frozen]:
        """Finished and running work as the engine's fixed assignments."""
        found = []
        for key in self.done:
            row = self.rows[key]
            start = _floor(row.actual_start or row.start)
            end = max(start, _floor(row.actual_end or row.end))
            found.append(Frozen(key, f"done:{key}", f"done:{key}", start, min(end, self.since)))
        for key in self.running:
            row = self.rows[key]
            machine = str(row.equipment_id) if row.equipment_id else f"window:{key}"
            end = max(epoch_of(row.end), self.since + timedelta(seconds=GRID))
            found.append(Frozen(key, machine, _key_of(row), _floor(row.actual_start or row.start), end))
        return found


def _rows(plan: Plan) -> list[Assignment]:
    return list(
        plan.assignments.select_related(
            "organization", "operation__line", "equipment__site", "equipment__calendar", "equipment__organization"
        )
    )


def _as_planned(
    draft: Draft, rows: Mapping[UUID, Assignment], situation: _Situation, order: Order
) -> engine.Schedule:
    """The plan in force as a schedule of the new problem; fixed work as it is fixed."""
    fixed = {row.operation: row for row in draft.problem.fixed}
    found: list[engine.Assignment] = list(fixed.values())
    for key, row in rows.items():
        if str(key) not in fixed:
            start, end = (int((one - draft.epoch).total_seconds()) for one in (row.start, row.end))
            machine = str(row.equipment_id) if row.equipment_id else f"window:{key}"
            found.append(engine.Assignment(str(order.pk), str(key), machine, start, end, _key_of(row)))
    return engine.Schedule(tuple(found))


def _key_of(row: Assignment) -> str:
    """Key of the contract offer of an assignment, as `contract_offers` makes it."""
    if row.equipment_id is None:
        return f"window:{row.operation_id}"
    return f"contract:{row.operation_id}:{row.equipment_id}"


def _same_machine(offer: Offer, row: Assignment) -> bool:
    return offer.key == _key_of(row)


def _up_at(row: Assignment) -> datetime | None:
    assert row.equipment is not None
    return row.equipment.down_until


def _floor(moment: datetime) -> datetime:
    up = epoch_of(moment)
    return up if up == moment else up - timedelta(seconds=GRID)


def _seconds(piece: Sequence[str]) -> int:
    start, end = (datetime.fromisoformat(one) for one in piece)
    return int((end - start).total_seconds())
