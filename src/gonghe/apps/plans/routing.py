"""The order as a graph of steps: what waits for what, how many pieces, and when the material is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from gonghe.apps.orders.models import Operation, Order, OrderLine


@dataclass(frozen=True, slots=True)
class Step:
    """An operation with what the planner needs to know of its line.

    `lead` is the time until the line's material is there, zero for steps that follow another of the line;
    `fetched` tells that the buyer sends it from the order's destination.
    """

    operation: Operation
    pieces: int
    after: tuple[UUID, ...]
    lead: timedelta
    fetched: bool

    @property
    def seconds(self) -> int:
        """Set-up and run of all pieces, as the routing estimates it."""
        return self.operation.setup_s + self.operation.run_s * self.pieces

    @property
    def label(self) -> str:
        """How people name it: `1/20 Mill`."""
        return f"{self.operation.line.number}/{self.operation.number} {self.operation.label}"


def steps_of(order: Order, lines: Iterable[OrderLine] | None = None) -> list[Step]:
    """Steps of the order, or of some of its lines, in the order of line and operation number.

    A line that other lines are built into waits at its first operations for their last ones.
    """
    wanted = {line.pk for line in lines} if lines is not None else None
    found = [
        line
        for line in order.lines.select_related("revision__part").prefetch_related(
            "operations__after", "operations__line"
        )
        if wanted is None or line.pk in wanted
    ]
    ends = _Ends(found)
    return [_step(operation, line, ends) for line in found for operation in line.operations.all()]


def due_moment(order: Order) -> datetime:
    """End of the due day at the destination."""
    return day_end(order.due, order)


def day_end(day: date, order: Order) -> datetime:
    """End of a day at the destination of an order."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(order.destination.time_zone))


def _step(operation: Operation, line: OrderLine, ends: _Ends) -> Step:
    before = [one for one in operation.after.all() if one.pk in ends.known]
    first = not any(one.line_id == line.pk for one in before)
    waits = {one.pk for one in before} | (set(ends.below(line)) if first else set())
    return Step(
        operation=operation,
        pieces=line.pieces,
        after=tuple(sorted(waits)),
        lead=timedelta(days=line.material_lead_days) if first else timedelta(),
        fetched=first and line.material_supplier == OrderLine.Supplier.BUYER,
    )


class _Ends:
    """Last operations of lines, looked up from the lines built into each."""

    def __init__(self, lines: list[OrderLine]) -> None:
        self.known = {operation.pk for line in lines for operation in line.operations.all()}
        self._children: dict[UUID | None, list[OrderLine]] = {}
        for line in lines:
            self._children.setdefault(line.parent_id, []).append(line)

    def below(self, line: OrderLine) -> tuple[UUID, ...]:
        """What must be finished before the first operation of a line can start."""
        return tuple(end for child in self._children.get(line.pk, ()) for end in self._of(child))

    def _of(self, line: OrderLine) -> tuple[UUID, ...]:
        operations = list(line.operations.all())
        if not operations:
            return self.below(line)
        followed = {before.pk for operation in operations for before in operation.after.all()}
        return tuple(operation.pk for operation in operations if operation.pk not in followed)
