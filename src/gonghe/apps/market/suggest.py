"""What a bid could say: own equipment that can do the work, its time, and the price by one's own rates."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from gonghe.apps.capacity.matching import candidates
from gonghe.apps.capacity.models import Equipment, Rate
from gonghe.apps.market.access import get_called_order
from gonghe.apps.market.models import Call
from gonghe.apps.market.offers import CENT
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.estimates import quote_line
from gonghe.apps.orders.models import Operation, OrderLine
from gonghe.apps.orders.times import times_by
from gonghe.apps.technology.figures import FirmFigures, figures_for

HOUR_S = Decimal(3600)


@dataclass(frozen=True, slots=True)
class Option:
    """Own equipment that can do an operation, and what it costs by its rate (None: no rate yet)."""

    equipment: Equipment
    cost: Decimal | None
    open_to_planner: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One operation of a call: working time by one's own tables (s), own equipment for it, cheapest first."""

    operation: Operation
    duration_s: int
    options: tuple[Option, ...]

    @property
    def best(self) -> Option | None:
        """The option to begin with."""
        return self.options[0] if self.options else None

    @property
    def differs(self) -> bool:
        """Whether one's own time is another than the buyer's estimate."""
        return self.duration_s != self.operation.work_s


@dataclass(frozen=True, slots=True)
class Quote:
    """What a called part costs by one's own tables, with price breaks and assumptions; None without steps."""

    line: OrderLine
    estimate: dict[str, Any] | None


def suggest(acting: Acting, call: Call) -> list[Suggestion]:
    """What the acting firm could offer for each called operation, by its own tables, machines and rates.

    Raises
    ------
    NotFoundError
        If it was not invited.
    """
    called = get_called_order(acting, call.pk)
    figures = figures_for(acting.organization.pk)
    times: dict[UUID, tuple[int, int]] = {}
    for line in called.lines:
        times |= times_by(line, figures.tables)
    return [_suggestion(acting, one, times[one.pk], figures) for one in called.operations]


def quote(acting: Acting, call: Call) -> list[Quote]:
    """What each called part costs the acting firm, by its own tables and what its finished jobs taught.

    Raises
    ------
    NotFoundError
        If it was not invited.
    """
    called = get_called_order(acting, call.pk)
    return [Quote(line, quote_line(line, acting.organization.pk)) for line in called.lines]


def total(suggestions: list[Suggestion]) -> Decimal:
    """Cost of all operations that the firm can do."""
    return sum((one.best.cost or Decimal(0) for one in suggestions if one.best), Decimal(0))


def _suggestion(
    acting: Acting, operation: Operation, times: tuple[int, int], figures: FirmFigures
) -> Suggestion:
    own: dict[UUID, Equipment] = {}
    for found in candidates(acting.organization, operation.requirement, only=acting.organization):
        if found.verdict == "can" and found.equipment:
            own[found.equipment.pk] = found.equipment
    rates = {one.equipment_id: one for one in Rate.objects.filter(equipment__in=own)}
    usual = figures.own.get(f"process.{operation.requirement['process']}.rate")
    setup_s, run_s = times
    work_s = setup_s + run_s * operation.line.pieces
    options = [_option(machine, rates.get(key), work_s, usual) for key, machine in own.items()]
    options.sort(
        key=lambda one: (not one.open_to_planner, one.cost is None, one.cost or 0, one.equipment.code)
    )
    return Suggestion(operation, work_s, tuple(options))


def _option(machine: Equipment, rate: Rate | None, work_s: int, usual: Decimal | None) -> Option:
    """By the machine's rate, else by the firm's own rate of the process; None when it states neither."""
    cost = None
    if rate is not None:
        cost = (rate.per_setup + rate.per_hour * work_s / HOUR_S).quantize(CENT)
    elif usual is not None:
        cost = (usual * work_s / HOUR_S).quantize(CENT)
    return Option(machine, cost, machine.released and machine.calendar_id is not None)
