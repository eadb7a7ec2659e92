"""The order as a graph of steps: what waits for what, how many pieces, and when the material is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from gonghe.apps.orders.lots import lot_text, step_name
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.plans.models import Assignment

Sizes = Mapping[UUID, tuple[int, ...]]  # pieces of every lot, by line


@dataclass(frozen=True, slots=True)
class Step:
    """An operation, or one lot of it, with what the planner needs to know of its line.

    `after` holds names of steps. `lead` is the time until the line's material is there, zero for steps that
    follow another of the line; `fetched` tells that the buyer sends it from the order's destination.
    """

    operation: Operation
    pieces: int
    after: tuple[str, ...]
    lead: timedelta
    fetched: bool
    lot: int = 1
    lots: int = 1

    @property
    def name(self) -> str:
        """What the planning problem calls it."""
        return step_name(self.operation.pk, self.lot, self.lots)

    @property
    def seconds(self) -> int:
        """Set-up and run of all pieces, as the routing estimates it."""
        return self.operation.setup_s + self.operation.run_s * self.pieces

    @property
    def label(self) -> str:
        """How people name it: `1/20 Mill`."""
        name = f"{self.operation.line.number}/{self.operation.number} {self.operation.label}"
        lot = lot_text(self.lot, self.lots, self.pieces)
        return f"{name} ({lot})" if lot else name


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


def sizes_of(rows: Iterable[Assignment]) -> dict[UUID, tuple[int, ...]]:
    """Pieces of every lot of the lines that a plan divides; `rows` have their operations."""
    found: dict[UUID, dict[int, int]] = {}
    for row in rows:
        if row.lots > 1:
            found.setdefault(row.operation.line_id, {})[row.lot] = row.quantity
    return {line: tuple(lots[lot] for lot in sorted(lots)) for line, lots in found.items()}


def in_lots(steps: Sequence[Step], sizes: Sizes) -> list[Step]:
    """Steps of whole lines as steps of lots: a lot goes its own way, other lines wait for all of them."""
    line = {str(step.operation.pk): step.operation.line_id for step in steps}
    found = []
    for step in steps:
        own = sizes.get(step.operation.line_id, (step.pieces,))
        for lot, pieces in enumerate(own, 1):
            after = tuple(
                step_name(UUID(before), one, len(theirs))
                for before in step.after
                for theirs in [sizes.get(line[before], (0,))]
                for one in ([lot] if line[before] == step.operation.line_id else range(1, len(theirs) + 1))
            )
            found.append(replace(step, pieces=pieces, after=after, lot=lot, lots=len(own)))
    return found


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
        after=tuple(sorted(str(one) for one in waits)),
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
