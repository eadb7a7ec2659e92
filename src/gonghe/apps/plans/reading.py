"""Everything that a plan's page and its API answer show to one viewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.lots import lot_text
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access, helping
from gonghe.apps.plans.chart import Chart, chart
from gonghe.apps.plans.helping import Help, helps
from gonghe.apps.plans.models import Assignment, Consent, Plan, Promise
from gonghe.apps.plans.picture import Picture, operation_place, picture
from gonghe.apps.plans.routing import due_moment
from gonghe.apps.plans.storing import minor_amount, price_of, transport_price
from gonghe.apps.plans.viewing import Eyes, eyes_of
from gonghe.apps.plans.words import reasons_for

State = Plan.State


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when an operation is, was or will be, as the viewer may know it."""

    organization: Organization
    equipment: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """An operation that a re-plan moves; `cost` is what changes for the viewer, None when nothing does."""

    place: str
    name: str
    lot_text: str
    was: Place | None
    becomes: Place | None
    cost: Decimal | None

    @property
    def operation(self) -> str:
        """Place and name in one."""
        return f"{self.place} {self.name}"


@dataclass(frozen=True, slots=True)
class Voice:
    """Who has to agree; a firm reads only its own name."""

    organization: Organization | None
    own: bool
    state: str
    answered_at: datetime | None

    @property
    def name(self) -> str:
        """What a page calls it."""
        return self.organization.local_name if self.organization else _("another party")


@dataclass(frozen=True, slots=True)
class Item:
    """An operation of the plan with its price, where the viewer may see it."""

    operation_id: UUID
    place: str
    name: str
    lot: int
    lots: int
    quantity: int
    organization: Organization
    equipment: str
    start: datetime
    end: datetime
    price: Decimal | None
    source: str
    done: bool
    started: bool

    @property
    def operation(self) -> str:
        """Place and name in one."""
        return f"{self.place} {self.name}"

    @property
    def lot_text(self) -> str:
        """Which lot it is, and of how many pieces; empty where the line stays together."""
        return lot_text(self.lot, self.lots, self.quantity)


@dataclass(frozen=True, slots=True)
class Money:
    """What the plan costs: all of it for the buyer, a firm's own part for the firm."""

    production: Decimal
    transport: Decimal | None
    total: Decimal
    change: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stop a re-plan answers: the machine, as far as the viewer may know it, and until when."""

    machine: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan for one viewer."""

    plan: Plan
    buyer: bool
    zone: str
    picture: Picture
    items: list[Item]
    moves: list[Move]
    voices: list[Voice]
    own_consent: Consent | None
    money: Money
    reasons: list[str]
    promise: Promise
    chart: Chart
    late: bool
    gap: float
    firms: int
    stop: Stop | None
    helps: list[Help]

    @property
    def first(self) -> datetime:
        """When the work that the viewer sees begins."""
        return min((item.start for item in self.items), default=self.plan.epoch)

    @property
    def last(self) -> datetime:
        """When the work that the viewer sees ends."""
        return max((item.end for item in self.items), default=self.plan.arrives_at)

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.plan.state == State.PROPOSED

    @property
    def can_accept(self) -> bool:
        """Whether the viewer can put it in force alone."""
        return self.is_open and self.buyer and self.plan.kind == Plan.Kind.AWARD

    @property
    def can_answer(self) -> bool:
        """Whether the viewer's consent is asked and not given yet."""
        asked = self.own_consent is not None and self.own_consent.state == Consent.State.ASKED
        return self.is_open and asked

    @property
    def movable(self) -> bool:
        """Whether bars may be dragged to see what that would mean."""
        return self.plan.state == State.IN_FORCE or self.can_accept

    @property
    def agreed(self) -> int:
        """How many have agreed."""
        return sum(voice.state == Consent.State.AGREED for voice in self.voices)

    @property
    def lateness_s(self) -> int:
        """How much later than the plan it is based on, in seconds; negative is earlier."""
        return int((self.plan.change or {}).get("lateness_s", 0))

    @property
    def earlier_s(self) -> int:
        """How much earlier than the plan it is based on, in seconds."""
        return -self.lateness_s


def plan_view(acting: Acting, plan: Plan) -> PlanView:
    """The plan as the acting organisation may see it."""
    buyer = access.is_buyer(acting, plan)
    eyes = eyes_of(acting)
    rows = list(access.visible_assignments(acting, plan))
    before = _before(plan)
    consents = list(plan.consents.select_related("organization").order_by("organization__name"))
    own = next((one for one in consents if one.organization_id == acting.organization.pk), None)
    promise = plan.promise
    order = plan.order
    return PlanView(
        plan=plan,
        buyer=buyer,
        zone=zone_for(acting, order),
        picture=picture(acting, plan, zone_for(acting, order)),
        items=[_item(eyes, row, buyer) for row in rows],
        moves=_moves(eyes, plan, before, buyer),
        voices=[_voice(acting, one, buyer) for one in consents],
        own_consent=own,
        money=_money(plan, rows, before, acting, buyer),
        reasons=reasons_for(eyes, plan, rows, zone_for(acting, order)),
        promise=promise,
        chart=chart(promise.histogram, promise.p50, promise.p90, order.due, order.destination.time_zone),
        late=is_late(order, promise),
        gap=gap_of(plan),
        firms=len({row.organization_id for row in rows}),
        stop=_stop(eyes, plan, buyer),
        helps=helps(acting, plan),
    )


def _stop(eyes: Eyes, plan: Plan, buyer: bool) -> Stop | None:
    disturbance = plan.disturbance or {}
    if disturbance.get("kind") != "down":
        return None
    machine = Equipment.objects.select_related("organization").filter(pk=disturbance["equipment"]).first()
    # A firm that is asked to take work over does not learn from whom.
    known = machine is not None and (buyer or eyes.owns(machine.organization_id))
    name = (
        f"{machine.organization.local_name} {machine.code}"
        if machine is not None and known
        else _("A machine")
    )
    until = disturbance.get("until")
    return Stop(name, datetime.fromisoformat(until) if until else None)


def is_late(order: Order, promise: Promise) -> bool:
    """Whether more than half of the runs arrive after the due day."""
    return due_passed(order, promise.p50)


def due_passed(order: Order, moment: datetime) -> bool:
    """Whether a moment lies after the due day at the destination."""
    return moment > due_moment(order)


def gap_of(plan: Plan) -> float:
    """How much of the plan's cost could be saved at most, in percent: its distance from the lower bound."""
    total = plan.cost["total"]
    return round(100 * (total - plan.bound) / total, 1) if total > 0 else 0.0


def zone_for(acting: Acting, order: Order | None = None) -> str:
    """Zone in which times are shown: the destination's for the buyer, else the firm's first site's."""
    if order is not None and order.organization_id == acting.organization.pk:
        return order.destination.time_zone
    site = members.own_sites(acting).first()
    return site.time_zone if site else settings.TIME_ZONE


def _before(plan: Plan) -> dict[str, Assignment]:
    if plan.based_on is None:
        return {}
    rows = plan.based_on.assignments.select_related("organization", "equipment", "operation__line")
    return {row.name: row for row in rows}


def _item(eyes: Eyes, row: Assignment, buyer: bool) -> Item:
    own = eyes.owns(row.organization_id)
    return Item(
        operation_id=row.operation_id,
        place=operation_place(row),
        name=row.operation.label,
        lot=row.lot,
        lots=row.lots,
        quantity=row.quantity,
        organization=row.organization,
        equipment=eyes.machine(row.equipment),
        start=row.actual_start or row.start,
        end=row.actual_end or row.end,
        price=row.price if buyer or own else None,
        source=row.get_source_display(),
        done=row.actual_end is not None,
        started=row.actual_start is not None,
    )


def _moves(eyes: Eyes, plan: Plan, before: dict[str, Assignment], buyer: bool) -> list[Move]:
    rows = plan.assignments.select_related("organization", "equipment", "operation__line")
    found = []
    for row in rows:
        old = before.get(row.name)
        if old is None or not row.moved:
            continue
        sees_old, sees_new = (buyer or eyes.owns(one.organization_id) for one in (old, row))
        if sees_old or sees_new:
            cost = (row.price if sees_new else Decimal(0)) - (old.price if sees_old else Decimal(0))
            found.append(
                Move(
                    place=operation_place(row),
                    name=row.operation.label,
                    lot_text=lot_text(row.lot, row.lots, row.quantity),
                    was=_place(eyes, old) if sees_old else None,
                    becomes=_place(eyes, row) if sees_new else None,
                    cost=cost or None,
                )
            )
    return found


def _place(eyes: Eyes, row: Assignment) -> Place:
    return Place(row.organization, eyes.machine(row.equipment), row.start, row.end)


def _voice(acting: Acting, consent: Consent, buyer: bool) -> Voice:
    own = consent.organization_id == acting.organization.pk
    return Voice(consent.organization if own or buyer else None, own, consent.state, consent.answered_at)


def _money(
    plan: Plan, rows: list[Assignment], before: dict[str, Assignment], acting: Acting, buyer: bool
) -> Money:
    currency = plan.order.currency
    if buyer:
        change = minor_amount(plan.change["cost"]) if plan.change else None
        total, transport = price_of(plan), transport_price(plan)
        return Money(total - transport, transport, total, change, currency)
    own = sum((row.price for row in rows), Decimal(0))
    was = sum(
        (row.price for row in before.values() if row.organization_id == acting.organization.pk), Decimal(0)
    )
    return Money(own, None, own, own - was if before else None, currency)


def as_json(view: PlanView) -> dict[str, Any]:
    """The same for programs: money as decimal strings, times as ISO 8601 in UTC."""
    plan = view.plan
    return {
        "id": str(plan.pk),
        "order": plan.order.code,
        "order_id": str(plan.order_id) if view.buyer else None,
        "version": plan.version,
        "kind": plan.kind,
        "state": plan.state,
        "label": plan.label,
        "computed_at": plan.created_at.isoformat(),
        "based_on": str(plan.based_on_id) if plan.based_on_id else None,
        "operations": [_item_json(item) for item in view.items],
        "moves": [_move_json(move) for move in view.moves],
        "promise": promise_json(view.promise),
        "arrives_at": plan.arrives_at.isoformat(),
        "late": view.late,
        "lateness_change_s": view.lateness_s,
        "money": _money_json(view.money),
        "gap_percent": str(view.gap),
        "reasons": view.reasons,
        "helps": [helping.as_json(one) for one in view.helps],
        "consents": [_voice_json(voice) for voice in view.voices],
        "verified": plan.verified,
    }


def promise_json(promise: Promise) -> dict[str, Any]:
    """A promise for programs."""
    return {
        "p50": promise.p50.isoformat(),
        "p90": promise.p90.isoformat(),
        "histogram": [{"day": day, "runs": runs} for day, runs in promise.histogram],
    }


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "id": str(item.operation_id),
        "operation": item.operation,
        "lot": item.lot,
        "lots": item.lots,
        "pieces": item.quantity,
        "organization": item.organization.name,
        "equipment": item.equipment,
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
        "price": None if item.price is None else str(item.price),
        "source": item.source,
        "started": item.started,
        "done": item.done,
    }


def _move_json(move: Move) -> dict[str, Any]:
    def place(one: Place | None) -> dict[str, str] | None:
        if one is None:
            return None
        return {
            "organization": one.organization.name,
            "equipment": one.equipment,
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
        }

    return {
        "operation": f"{move.operation}, {move.lot_text}" if move.lot_text else move.operation,
        "was": place(move.was),
        "becomes": place(move.becomes),
        "cost": None if move.cost is None else str(move.cost),
    }


def _money_json(money: Money) -> dict[str, str | None]:
    amounts = {"production": money.production, "transport": money.transport, "total": money.total}
    told = {name: None if value is None else str(value) for name, value in amounts.items()}
    return told | {"change": None if money.change is None else str(money.change), "currency": money.currency}


def _voice_json(voice: Voice) -> dict[str, Any]:
    return {
        "organization": voice.organization.name if voice.organization else voice.name,
        "own": voice.own,
        "state": voice.state,
        "answered_at": voice.answered_at.isoformat() if voice.answered_at else None,
    }
