"""Keeps a checked schedule as a plan: its assignments, its promise with the reasons, and who has to agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max

from gonghe.apps.orders.models import Order
from gonghe.apps.plans.chain import arrival, critical
from gonghe.apps.plans.models import Assignment, Plan, Promise
from gonghe.apps.plans.problem import MINOR, Draft
from gonghe.engines.model import planning as engine
from gonghe.engines.planning import CostBreakdown, JobPromise, Reason


@dataclass(frozen=True, slots=True)
class Solved:
    """A draft with its checked schedule and what follows from it."""

    draft: Draft
    schedule: engine.Schedule
    cost: CostBreakdown
    bound: int
    promise: JobPromise
    reasons: tuple[Reason, ...]

    @property
    def job(self) -> engine.Job:
        """The order as the engine's one job."""
        return self.draft.problem.jobs[0]


def store(order: Order, kind: str, solved: Solved, **facts: Any) -> Plan:
    """Write a proposed plan; call it inside the transaction that records it.

    Parameters
    ----------
    facts
        Other fields of the plan: call, based_on, disturbance, change, label, advice.
    """
    draft = solved.draft
    plan = Plan.objects.create(
        order=order,
        kind=kind,
        version=_next_version(order),
        epoch=draft.epoch,
        problem=draft.problem.to_json(),
        schedule=solved.schedule.to_json(draft.problem),
        cost=solved.cost.to_json(),
        bound=solved.bound,
        arrives_at=draft.moment(arrival(draft.problem, solved.schedule)),
        verified=True,
        **facts,
    )
    base = facts.get("based_on")
    before = {row.name: row for row in base.assignments.all()} if base else {}
    chain = critical(draft.problem, solved.schedule)
    rows = [_row(plan, draft, one, before) for one in solved.schedule]
    for row in rows:
        row.critical = row.name in chain
    Assignment.objects.bulk_create(rows)
    Promise.objects.create(
        plan=plan,
        p50=draft.moment(solved.promise.p50),
        p90=draft.moment(solved.promise.p90),
        histogram=by_day_of(order, solved),
        on_time=round(100 * solved.promise.on_time),
        reasons=[{"code": reason.code} | reason.params for reason in solved.reasons],
    )
    return plan


def by_day_of(order: Order, solved: Solved) -> list[list[Any]]:
    """Simulated runs by the day of arrival at the destination: [[ISO date, runs], ...] in order of days."""
    zone = ZoneInfo(order.destination.time_zone)
    days: Counter[str] = Counter()
    for _start, end, runs in solved.promise.histogram:
        days[solved.draft.moment(end).astimezone(zone).date().isoformat()] += runs
    return [[day, days[day]] for day in sorted(days)]


def pieces(machine: engine.Machine, start: int, end: int) -> list[tuple[int, int]]:
    """Working time of an assignment: from start to end without the closed hours of its machine."""
    found, at = [], start
    for begin, until in sorted(machine.breaks):
        if until <= at or begin >= end:
            continue
        if begin > at:
            found.append((at, begin))
        at = until
    if at < end:
        found.append((at, end))
    return found


def changed(row: Assignment, new: Assignment) -> bool:
    """Whether a step is done by another firm, on another machine or at another time."""
    return _place(row) != _place(new)


def _place(row: Assignment) -> tuple[UUID, UUID | None, datetime, datetime]:
    return row.organization_id, row.equipment_id, row.start, row.end


def moved_by(solved: Solved, before: Mapping[str, Assignment]) -> set[str]:
    """Steps that a schedule puts elsewhere or at another time than they were."""
    fixed = {row.operation for row in solved.draft.problem.fixed}
    found = set()
    for one in solved.schedule:
        offer = solved.draft.offer(one.operation, one.machine, one.bid)
        old = before.get(one.operation)  # other lots than before are another plan
        equipment = offer.equipment.pk if offer.equipment else None
        start, end = solved.draft.moment(one.start), solved.draft.moment(one.end)
        place = (offer.organization.pk, equipment, start, end)
        if one.operation not in fixed and (old is None or place != _place(old)):
            found.add(one.operation)
    return found


def minor_amount(minor: int) -> Decimal:
    """Minor units as an amount with two decimals."""
    return (Decimal(minor) / MINOR).quantize(Decimal("0.01"))


def price_of(plan: Plan) -> Decimal:
    """What the buyer pays by a plan: work, set-ups and transport."""
    cost = plan.cost
    return minor_amount(cost["production"] + cost.get("setup", 0) + cost["transport"])


def transport_price(plan: Plan) -> Decimal:
    """The part of the price that is for transport."""
    return minor_amount(plan.cost["transport"])


def firms_of(rows: Iterable[Assignment]) -> list[UUID]:
    """Firms that have work in a plan."""
    return sorted({row.organization_id for row in rows})


def _next_version(order: Order) -> int:
    last = Plan.objects.filter(order=order).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


def _row(plan: Plan, draft: Draft, one: engine.Assignment, before: Mapping[str, Assignment]) -> Assignment:
    offer = draft.offer(one.operation, one.machine, one.bid)
    machine = next(machine for machine in draft.problem.machines if machine.id == one.machine)
    old = before.get(one.operation)
    if old is not None and one.operation in {row.operation for row in draft.problem.fixed}:
        return _as_before(plan, old)
    row = Assignment(
        plan=plan,
        operation_id=offer.operation_id,
        lot=offer.step.lot,
        lots=offer.step.lots,
        quantity=offer.step.pieces,
        organization=offer.organization,
        equipment=offer.equipment,
        start=draft.moment(one.start),
        end=draft.moment(one.end),
        price=offer.price,
        source=offer.source,
        pieces=_iso(draft, pieces(machine, one.start, one.end)),
    )
    if old is not None:
        row.moved = changed(old, row)
        if not row.moved:
            row.pieces = old.pieces  # a break that came later does not change hours already held
        if old.organization_id == row.organization_id and old.equipment_id == row.equipment_id:
            row.actual_start = old.actual_start
    return row


def _as_before(plan: Plan, old: Assignment) -> Assignment:
    """Finished or running work: exactly as the plan before had it."""
    same = {
        name: getattr(old, name)
        for name in (
            "operation_id",
            "lot",
            "lots",
            "quantity",
            "organization_id",
            "equipment_id",
            "start",
            "end",
            "price",
            "source",
            "pieces",
            "actual_start",
            "actual_end",
        )
    }
    return Assignment(plan=plan, **same)


def _iso(draft: Draft, spans: Sequence[tuple[int, int]]) -> list[list[str]]:
    return [[_text(draft.moment(start)), _text(draft.moment(end))] for start, end in spans]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
