"""Turns an order, its offers and the firms' hours into one planning problem; nothing else does.

Times are integer seconds from the epoch, money integer minor units. The whole order is one job of the engine:
it is late when its last part is late, and its lateness is paid once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity.models import SLOT_SECONDS, Equipment
from gonghe.apps.members.models import Site
from gonghe.apps.orders.lots import MOST_LOTS
from gonghe.apps.orders.models import Order, OrderLine
from gonghe.apps.plans.geography import matrices, road_km, road_seconds
from gonghe.apps.plans.offers import Offer
from gonghe.apps.plans.routing import Step, due_moment
from gonghe.engines.model.planning import Fixed, Interval, Job, Lots, Machine, Mode, Operation, Problem

GRID = SLOT_SECONDS
MINOR = 100  # amounts are stored with two decimals in every currency
HORIZON = timedelta(days=90)
AFTER_DUE = timedelta(days=30)  # a far due date needs a calendar that reaches beyond it
CLOSED_FOR_GOOD = 20 * 365 * 86400  # nothing is planned behind the horizon


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem and what its names stand for."""

    problem: Problem
    epoch: datetime
    end: datetime
    offers: Mapping[tuple[str, str, str | None], Offer] = field(repr=False)
    currency: str

    def offer(self, operation: str, machine: str, bid: str | None) -> Offer:
        """The offer that an assignment uses."""
        return self.offers[operation, machine, bid]

    def moment(self, seconds: int) -> datetime:
        """A time of the problem as a date."""
        return self.epoch + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A step that has started or is finished."""

    name: str
    machine: str
    bid: str
    start: datetime
    end: datetime


def epoch_of(moment: datetime) -> datetime:
    """A moment rounded up to the quarter."""
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / GRID) * GRID, UTC)


def usable(offers: Iterable[Offer], order: Order, epoch: datetime, since: datetime) -> list[Offer]:
    """Offers whose work fits into what is still open of their windows and hours.

    A window that closes before the material is there, or work that may not be interrupted and is longer than
    every shift of its machine, is no way to do it.
    """
    shifts: dict[UUID, int] = {}
    kept = []
    for offer in offers:
        step = offer.step
        first = max(since, epoch + timedelta(seconds=_earliest(offer, step, order, epoch)))
        if offer.latest is not None and epoch_of(offer.latest) - first < timedelta(seconds=offer.seconds):
            continue
        if offer.equipment is not None and not step.operation.resumable:
            longest = shifts.setdefault(offer.equipment.pk, _longest(offer.equipment, since))
            if offer.seconds > longest:
                continue
        kept.append(offer)
    return kept


def build(
    order: Order,
    steps: Sequence[Step],
    offers: Sequence[Offer],
    *,
    epoch: datetime,
    since: datetime | None = None,
    frozen: Sequence[Frozen] = (),
    due: datetime | None = None,
    material_there: bool = False,
    dividing: OrderLine | None = None,
) -> Draft:
    """The planning problem of an order.

    Parameters
    ----------
    offers
        At least one per step.
    epoch
        Zero of the problem's time; material leads count from here.
    since
        Nothing new starts before; the epoch without it.
    frozen
        Started and finished work, exactly as it was.
    due
        Another due date than the order's.
    material_there
        As if no material had to be waited for.
    dividing
        A line, whole among the steps, whose lots the planner decides.

    Raises
    ------
    gonghe.engines.model.planning.ProblemError
        If a step has no offer; check before, so that it can be named.
    """
    since = max(epoch, since or epoch)
    end = max(since + HORIZON, due_moment(order) + AFTER_DUE)
    own = {step.operation.pk for step in steps}
    sites = _sites(order, offers)
    seconds, cost = matrices(list(sites.values()), order.currency, GRID)
    wanted = due if due is not None else due_moment(order)
    job = Job(
        id=str(order.pk),
        operations=tuple(
            _operation(step, offers, order, epoch, material_there, dividing) for step in _ordered(steps)
        ),
        release=0 if material_there else _release(steps),
        due=int((wanted - epoch).total_seconds()),
        lateness_cost_per_hour=int(order.lateness_per_hour * MINOR),
        destination=str(order.destination.pk),
        lots=_lots(dividing, steps, offers) if dividing else None,
    )
    problem = Problem(
        sites=tuple(sites),
        machines=_machines(offers, own, epoch, end, order.currency),
        jobs=(job,),
        transport_seconds=seconds,
        transport_cost=cost,
        fixed=tuple(_fixed(row, job.id, epoch) for row in frozen),
        horizon_start=_at(since, epoch),
        grid=GRID,
        minor_per_unit=MINOR,
    )
    by_key: dict[tuple[str, str, str | None], Offer] = {
        (one.name, one.machine, one.key): one for one in offers
    }
    return Draft(problem, epoch, end, by_key, order.currency)


def _ordered(steps: Sequence[Step]) -> list[Step]:
    """Steps with what they wait for before them."""
    left = {step.name: step for step in steps}
    done: list[Step] = []
    while left:
        ready = [step for step in left.values() if not any(one in left for one in step.after)]
        for step in ready or left.values():  # a circle is left for the engine to name
            done.append(step)
        left = {key: step for key, step in left.items() if step not in ready} if ready else {}
    return done


def _operation(
    step: Step,
    offers: Iterable[Offer],
    order: Order,
    epoch: datetime,
    material_there: bool,
    dividing: OrderLine | None,
) -> Operation:
    mine = [one for one in offers if one.name == step.name]
    whole = dividing is not None and step.operation.line_id != dividing.pk
    setup = step.operation.setup_s if dividing and not whole else 0
    return Operation(
        id=step.name,
        modes=tuple(_mode(one, step, order, epoch, material_there, setup) for one in mine),
        after=step.after,
        resumable=step.operation.resumable,
        whole=whole,
    )


def _lots(line: OrderLine, steps: Sequence[Step], offers: Sequence[Offer]) -> Lots:
    """How a line may be divided; what price lists ask for a set-up, every lot costs anew."""
    own = [step.name for step in steps if step.operation.line_id == line.pk]
    least = sum(min(one.per_setup for one in offers if one.name == name) for name in own)
    return Lots(
        quantity=line.pieces,
        minimum=line.pieces_for(line.smallest_lot or line.quantity),
        most=MOST_LOTS,
        overhead_cost=int(least * MINOR),
    )


def _mode(offer: Offer, step: Step, order: Order, epoch: datetime, material_there: bool, setup: int) -> Mode:
    setup = min(setup, offer.seconds)
    return Mode(
        machine=offer.machine,
        duration=offer.seconds - setup,
        setup=setup,
        cost=int(offer.price * MINOR),
        bid=offer.key,
        earliest=_earliest(offer, step, order, epoch, material_there) or None,
        latest=_at(epoch_of(offer.latest), epoch) if offer.latest else None,
    )


def _earliest(offer: Offer, step: Step, order: Order, epoch: datetime, material_there: bool = False) -> int:
    """When an offer's work may begin: its window is open and the material is there.

    Windows are widened to whole quarters: the parts are there a little earlier and leave a little later than
    bound.
    """
    opens = max(0, _at(offer.earliest, epoch) // GRID * GRID) if offer.earliest else 0
    waits_for_material = (step.lead or step.fetched) and not material_there
    return max(opens, _material(offer, step, order)) if waits_for_material else opens


def _material(offer: Offer, step: Step, order: Order) -> int:
    """Seconds until the material is at the machine; the buyer sends it from the destination."""
    ready = int(step.lead.total_seconds())
    if step.fetched and offer.site.pk != order.destination.pk:
        ready += road_seconds(road_km(order.destination, offer.site), GRID)
    return -(-ready // GRID) * GRID


def _release(steps: Sequence[Step]) -> int:
    """Seconds from the epoch before which no material is there at all; later lines wait in their modes."""
    return int(min((step.lead for step in steps if not step.after), default=timedelta()).total_seconds())


def _sites(order: Order, offers: Iterable[Offer]) -> dict[str, Site]:
    found = {str(order.destination.pk): order.destination}
    return found | {str(one.site.pk): one.site for one in offers}


def overtime_rate(offer: Offer, currency: str) -> Decimal | None:
    """What a firm asks on top for an hour outside its calendar; None when it offers no overtime."""
    rate = getattr(offer.equipment, "rate", None)
    if rate is None or offer.apart or rate.currency != currency:
        return None
    found: Decimal | None = rate.overtime_per_hour
    return found


def _machines(
    offers: Iterable[Offer], own: set[UUID], epoch: datetime, end: datetime, currency: str
) -> tuple[Machine, ...]:
    """Equipment with its closed and taken hours; a binding window becomes a machine that is always open."""
    by_name = {one.machine: one for one in offers}
    equipment = [one.equipment for one in by_name.values() if one.equipment is not None and not one.apart]
    taken = capacity.booked([one.pk for one in equipment], epoch, end)
    machines = []
    for name, offer in by_name.items():
        breaks: tuple[Interval, ...] = ()
        reserved: tuple[Interval, ...] = ()
        if offer.equipment is not None and not offer.apart:
            breaks = closed_hours(offer.equipment, epoch, end)
            reserved = tuple(
                (_at(one.start, epoch), _at(one.end, epoch))
                for one in taken.get(offer.equipment.pk, [])
                if one.operation_id not in own
            )
        machines.append(
            Machine(
                id=name,
                site=str(offer.site.pk),
                breaks=breaks,
                organization=str(offer.organization.pk),
                reserved=reserved,
                overtime_cost_per_hour=int((overtime_rate(offer, currency) or 0) * MINOR),
            )
        )
    return tuple(machines)


def closed_hours(equipment: Equipment, epoch: datetime, end: datetime) -> tuple[Interval, ...]:
    """Everything outside the open windows, in seconds from the epoch."""
    closed, at = [], 0
    for start, stop in capacity.open_windows(equipment, epoch, end):
        if _at(start, epoch) > at:
            closed.append((at, _at(start, epoch)))
        at = _at(stop, epoch)
    return (*closed, (at, at + CLOSED_FOR_GOOD))


def _longest(equipment: Equipment, since: datetime) -> int:
    """Seconds of the longest span in which the equipment works without a break."""
    windows = capacity.open_windows(equipment, since, since + HORIZON)
    return max((int((end - start).total_seconds()) for start, end in windows), default=0)


def _fixed(row: Frozen, job: str, epoch: datetime) -> Fixed:
    return Fixed(job, row.name, row.machine, _at(row.start, epoch), _at(row.end, epoch), row.bid)


def _at(moment: datetime, epoch: datetime) -> int:
    return int((moment - epoch).total_seconds())
