"""Every way to get an operation done: opened bids, published price lists, and standing contracts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_UP, Decimal
from uuid import UUID

from gonghe import clock
from gonghe.apps.base import CENT, cents
from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity.matching import Candidate, candidates
from gonghe.apps.capacity.models import SLOT_SECONDS, Equipment
from gonghe.apps.market import access as market
from gonghe.apps.market.models import BidItem, Call
from gonghe.apps.members.models import Organization, Site
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.plans.routing import Step


@dataclass(frozen=True, slots=True)
class Offer:
    """One firm's way to do one step, for a price that covers all its pieces with set-up.

    Without equipment it is a binding window: the firm keeps its calendar elsewhere and promises to do the
    work between `earliest` and `latest`.
    """

    key: str
    step: Step
    organization: Organization
    site: Site
    equipment: Equipment | None
    seconds: int
    price: Decimal
    source: str
    earliest: datetime | None = None
    latest: datetime | None = None
    apart: bool = False
    per_setup: Decimal = Decimal(0)  # part of the price that every lot costs anew

    @property
    def name(self) -> str:
        """Name of its step."""
        return self.step.name

    @property
    def operation_id(self) -> UUID:
        """The operation, whichever lot of it."""
        return self.step.operation.pk

    @property
    def machine(self) -> str:
        """Name of its machine in the problem; finished work (`apart`) takes no hours of a real one."""
        return self.key if self.equipment is None or self.apart else str(self.equipment.pk)


class Fleet:
    """Equipment that firms opened to the planner, and which of it can do what for a buyer."""

    def __init__(self, viewer: Organization) -> None:
        self.viewer = viewer
        self.equipment: dict[UUID, Equipment] = {one.pk: one for one in capacity.planner_equipment()}
        self._found: dict[tuple[UUID, UUID], list[Candidate]] = {}

    def candidates(self, step: Step, firm: Organization | None = None) -> list[Candidate]:
        """Everyone of the right process as the buyer sees them, or one firm as it sees itself; can first."""
        key = ((firm or self.viewer).pk, step.operation.pk)
        if key not in self._found:
            self._found[key] = candidates(firm or self.viewer, step.operation.requirement, only=firm)
        return self._found[key]

    def able(self, step: Step) -> list[Equipment]:
        """Equipment that can do a step and that the planner may use."""
        return self._usable(self.candidates(step))

    def own_able(self, step: Step, firm: Organization) -> list[Equipment]:
        """The same among the machines of one firm, which knows all that it can do."""
        return self._usable(self.candidates(step, firm))

    def _usable(self, found: Iterable[Candidate]) -> list[Equipment]:
        able = [one.equipment.pk for one in found if one.verdict == "can" and one.equipment is not None]
        return [self.equipment[key] for key in able if key in self.equipment]


def open_offers(order: Order, steps: Iterable[Step], fleet: Fleet) -> list[Offer]:
    """Published rates in the order's currency of equipment that can do the steps."""
    found = []
    for step in steps:
        for equipment in fleet.able(step):
            rate = getattr(equipment, "rate", None)
            if rate is not None and rate.published and rate.currency == order.currency:
                seconds = whole_slots(step.seconds)
                price = rate.per_setup + rate.per_hour * Decimal(seconds) / 3600
                offer = _offer(
                    "offer", step, equipment, seconds=seconds, price=price, source=Assignment.Source.OFFER
                )
                found.append(replace(offer, per_setup=rate.per_setup))
    return found


def bid_offers(call: Call, steps: Iterable[Step], fleet: Fleet) -> list[Offer]:
    """What the opened bids of a call offer, as long as they are valid."""
    if call.bids_valid_until < clock.now():
        return []
    items: dict[UUID, list[BidItem]] = {}
    for item in market.bid_items(call):
        items.setdefault(item.operation_id, []).append(item)
    found = [_from_bid(item, step, fleet) for step in steps for item in items.get(step.operation.pk, ())]
    return [one for one in found if one is not None]


def contract_offers(plan: Plan, steps: Sequence[Step], fleet: Fleet) -> list[Offer]:
    """What binds the firms of a plan: the same work for the same price, also on another of their machines."""
    by_name = {step.name: step for step in steps}
    found: list[Offer] = []
    for row in plan.assignments.select_related("organization", "equipment__site", "equipment__organization"):
        step = by_name[row.name]
        seconds = sum(int((end - start).total_seconds()) for start, end in pieces_of(row))
        if row.equipment is None:
            found.append(_kept_window(row, step, seconds))
            continue
        theirs = fleet.own_able(step, row.organization)
        machines = {one.pk: one for one in (*theirs, row.equipment)}
        found.extend(
            _offer("contract", step, one, seconds=seconds, price=row.price, source=row.source)
            for one in machines.values()
        )
    return found


def without_bound(offers: Iterable[Offer], bound: Iterable[Offer]) -> list[Offer]:
    """Offers of firms that a contract does not already bind to the same step."""
    held = {(one.name, one.organization.pk) for one in bound}
    return [one for one in offers if (one.name, one.organization.pk) not in held]


def pieces_of(row: Assignment) -> list[tuple[datetime, datetime]]:
    """Hours an assignment works, without the breaks between."""
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in row.pieces]


def whole_slots(seconds: int) -> int:
    """Rounded up to the quarters in which hours are booked, at least one."""
    return max(1, -(-seconds // SLOT_SECONDS)) * SLOT_SECONDS


def _offer(
    kind: str, step: Step, equipment: Equipment, *, seconds: int, price: Decimal, source: str
) -> Offer:
    return Offer(
        key=f"{kind}:{step.name}:{equipment.pk}",
        step=step,
        organization=equipment.organization,
        site=equipment.site,
        equipment=equipment,
        seconds=seconds,
        price=cents(price),
        source=source,
    )


def _from_bid(item: BidItem, step: Step, fleet: Fleet) -> Offer | None:
    """A bid names a machine that its firm opened to the planner, or binds itself to a window."""
    firm, seconds = item.bid.organization, _share_of_time(step, item.duration_s)
    if item.equipment_id is None:
        return _window(item, step, firm, seconds)
    machine = fleet.equipment.get(item.equipment_id)
    if machine is None:
        return None  # the firm closed or retired it since
    return Offer(
        key=f"bid:{item.pk}",
        step=step,
        organization=firm,
        site=machine.site,
        equipment=machine,
        seconds=seconds,
        price=_share_of_price(step, item.price),
        source=Assignment.Source.BID,
        earliest=item.earliest,
        latest=item.latest,
    )


def _share_of_time(step: Step, seconds: int) -> int:
    """A lot takes the set-up in full and its share of the rest of what a bid asks for all pieces."""
    if step.lots == 1:
        return whole_slots(seconds)
    setup = min(step.operation.setup_s, seconds)
    run = math.ceil((seconds - setup) * step.pieces / step.operation.line.pieces)
    return whole_slots(setup + run)


def _share_of_price(step: Step, price: Decimal) -> Decimal:
    """The pieces of a lot at the bid's price for a piece, rounded up to a cent."""
    if step.lots == 1:
        return price
    return (price * step.pieces / step.operation.line.pieces).quantize(CENT, ROUND_UP)


def _window(item: BidItem, step: Step, firm: Organization, seconds: int) -> Offer:
    return Offer(
        key=f"window:{item.pk}",
        step=step,
        organization=firm,
        site=_home(firm),
        equipment=None,
        seconds=seconds,
        price=_share_of_price(step, item.price),
        source=Assignment.Source.BID,
        earliest=item.earliest,
        latest=item.latest,
    )


def _kept_window(row: Assignment, step: Step, seconds: int) -> Offer:
    """A window in force: the hours that were promised, and not others."""
    return Offer(
        key=f"window:{row.name}",
        step=step,
        organization=row.organization,
        site=_home(row.organization),
        equipment=None,
        seconds=seconds,
        price=row.price,
        source=row.source,
        earliest=row.start,
        latest=row.end,
    )


def _home(firm: Organization) -> Site:
    """Where work of a firm without planned equipment is brought: its first site."""
    return firm.sites.order_by("code")[:1].get()
