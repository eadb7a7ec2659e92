"""What the overtime of a scenario costs: hours outside the calendar, at the prices that firms publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gonghe.apps.plans.offers import Offer
from gonghe.apps.plans.problem import MINOR, Draft, overtime_rate
from gonghe.engines.model.planning import Interval, Problem, Schedule


@dataclass(frozen=True, slots=True)
class Overtime:
    """`cost` in minor units at published prices; `unsaid` are firms whose overtime has no published price."""

    cost: int
    unsaid: tuple[UUID, ...]


def overtime_of(draft: Draft, under: Problem, schedule: Schedule) -> Overtime:
    """The overtime that a schedule works.

    Parameters
    ----------
    draft
        As things are: its breaks are the closed hours.
    under
        The same problem with hours opened, for which the schedule was made.
    """
    opened = _opened(draft.problem, under)
    cost, unsaid = 0, set()
    for row in schedule:
        seconds = sum(max(0, min(row.end, end) - max(row.start, start)) for start, end in opened[row.machine])
        if not seconds:
            continue
        offer = draft.offer(row.operation, row.machine, row.bid)
        rate = _published(offer, draft.currency)
        if rate is None:
            unsaid.add(offer.organization.pk)
        else:
            cost += -(-seconds * rate // 3600)
    return Overtime(cost, tuple(sorted(unsaid)))


def _published(offer: Offer, currency: str) -> int | None:
    """Minor units an hour, where every member may know them."""
    rate = overtime_rate(offer, currency)
    assert offer.equipment is not None
    return None if rate is None or not offer.equipment.rate.published else int(rate * MINOR)


def _opened(before: Problem, after: Problem) -> dict[str, Sequence[Interval]]:
    """Closed hours that are open after all, by machine; a break only ever begins later."""
    now = {machine.id: machine.breaks for machine in after.machines}
    return {
        machine.id: [
            (old[0], new[0])
            for old, new in zip(machine.breaks, now[machine.id], strict=True)
            if old[0] < new[0]
        ]
        for machine in before.machines
    }
