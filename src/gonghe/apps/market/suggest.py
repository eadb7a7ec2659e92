"""What a bid could say: own equipment that can do the work, its time, and the price by one's own rates."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from gonghe.apps.capacity.matching import candidates
from gonghe.apps.capacity.models import Equipment, Rate
from gonghe.apps.market.access import get_called_order
from gonghe.apps.market.models import Call
from gonghe.apps.market.offers import CENT
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Operation

HOUR_S = Decimal(3600)


@dataclass(frozen=True, slots=True)
class Option:
    """Own equipment that can do an operation, and what it costs by its rate (None: no rate yet)."""

    equipment: Equipment
    cost: Decimal | None
    open_to_planner: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One operation of a call: working time in seconds, own equipment that can do it, cheapest first."""

    operation: Operation
    duration_s: int
    options: tuple[Option, ...]

    @property
    def best(self) -> Option | None:
        """The option to begin with."""
        return self.options[0] if self.options else None


def suggest(acting: Acting, call: Call) -> list[Suggestion]:
    """What the acting firm could offer for each called operation, by its own machines and rates.

    Raises
    ------
    NotFoundError
        If it was not invited.
    """
    called = get_called_order(acting, call.pk)
    return [_suggestion(acting, operation) for operation in called.operations]


def total(suggestions: list[Suggestion]) -> Decimal:
    """Cost of all operations that the firm can do."""
    return sum((one.best.cost or Decimal(0) for one in suggestions if one.best), Decimal(0))


def _suggestion(acting: Acting, operation: Operation) -> Suggestion:
    own: dict[UUID, Equipment] = {}
    for found in candidates(acting.organization, operation.requirement, only=acting.organization):
        if found.verdict == "can" and found.equipment:
            own[found.equipment.pk] = found.equipment
    rates = {one.equipment_id: one for one in Rate.objects.filter(equipment__in=own)}
    options = [_option(machine, rates.get(key), operation.work_s) for key, machine in own.items()]
    options.sort(
        key=lambda one: (not one.open_to_planner, one.cost is None, one.cost or 0, one.equipment.code)
    )
    return Suggestion(operation, operation.work_s, tuple(options))


def _option(machine: Equipment, rate: Rate | None, work_s: int) -> Option:
    cost = None
    if rate is not None:
        cost = (rate.per_setup + rate.per_hour * work_s / HOUR_S).quantize(CENT)
    return Option(machine, cost, machine.released and machine.calendar_id is not None)
