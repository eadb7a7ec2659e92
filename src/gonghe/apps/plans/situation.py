"""Where the work of a plan in force stands: done, running, interrupted, or still free to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gonghe.apps.capacity import access as capacity
from gonghe.apps.plans.models import Assignment
from gonghe.apps.plans.offers import Offer
from gonghe.apps.plans.problem import GRID, Frozen, epoch_of
from gonghe.apps.plans.routing import Step


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the work of a plan stands now; its steps go by their names."""

    rows: Mapping[str, Assignment]
    steps: Sequence[Step]
    since: datetime

    @property
    def done(self) -> set[str]:
        """Finished operations, and what must have come before started ones though nobody reported it."""
        found = {key for key, row in self.rows.items() if row.actual_end is not None}
        begun = found | {key for key, row in self.rows.items() if row.actual_start is not None}
        after = {step.name: step.after for step in self.steps}
        waiting = [before for key in begun for before in after[key]]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting.extend(after[key])
        return found

    @property
    def running(self) -> set[str]:
        """Started operations whose machine works, or whose window is open."""
        begun = {
            key
            for key, row in self.rows.items()
            if row.actual_start is not None or (row.equipment is None and row.start <= self.since)
        }
        return {key for key in begun - self.done if not self.stopped(self.rows[key])}

    @property
    def interrupted(self) -> set[str]:
        """Started operations whose machine stands still, with a known end: they go on when it runs again."""
        begun = {key for key, row in self.rows.items() if row.actual_start is not None} - self.done
        return {key for key in begun if self.stopped(row := self.rows[key]) and _up_at(row) is not None}

    @property
    def settled(self) -> set[str]:
        """Operations that nobody else can take over any more."""
        return self.done | self.running | self.interrupted

    def resumes(self, row: Assignment) -> datetime:
        """When an interrupted operation can go on."""
        return _up_at(row) or row.start

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
            own = next(one for one in bound if one.name == key and _same_machine(one, row))
            if key in done:
                kept.append(replace(own, key=f"done:{key}", apart=True, earliest=None, latest=None))
            elif key in interrupted:
                kept.append(replace(own, seconds=self.left_of(row), earliest=_up_at(row)))
            else:
                kept.append(replace(own, earliest=None, latest=None))
        return kept

    def left_of(self, row: Assignment) -> int:
        """Seconds that an interrupted operation still needs: all of it less what was worked so far."""
        assert row.equipment is not None
        assert row.actual_start is not None
        planned = sum(_seconds(piece) for piece in row.pieces)
        stop = min((start for start, _end in capacity.downtime(row.equipment)), default=self.since)
        begun = max(row.actual_start, row.start)  # after an earlier stop the pieces count from going on again
        worked = sum(
            int((end - start).total_seconds())
            for start, end in capacity.open_windows(row.equipment, begun, min(stop, self.since))
        )
        return max(GRID, -(-(planned - worked) // GRID) * GRID)

    def frozen(self) -> list[Frozen]:
        """Finished and running work as the engine's fixed assignments."""
        found = []
        for key in self.done:
            row = self.rows[key]
            start = floor(row.actual_start or row.start)
            end = max(start, floor(row.actual_end or row.end))
            found.append(Frozen(key, f"done:{key}", f"done:{key}", start, min(end, self.since)))
        for key in self.running:
            row = self.rows[key]
            machine = str(row.equipment_id) if row.equipment_id else f"window:{key}"
            end = max(epoch_of(row.end), self.since + timedelta(seconds=GRID))
            found.append(Frozen(key, machine, key_of(row), floor(row.actual_start or row.start), end))
        return found


def is_done(machine: str) -> bool:
    """Whether a machine of the problem stands for finished work."""
    return machine.startswith("done:")


def key_of(row: Assignment) -> str:
    """Key of the contract offer of an assignment, as `contract_offers` makes it."""
    if row.equipment_id is None:
        return f"window:{row.name}"
    return f"contract:{row.name}:{row.equipment_id}"


def floor(moment: datetime) -> datetime:
    up = epoch_of(moment)
    return up if up == moment else up - timedelta(seconds=GRID)


def _same_machine(offer: Offer, row: Assignment) -> bool:
    return offer.key == key_of(row)


def _up_at(row: Assignment) -> datetime | None:
    assert row.equipment is not None
    return row.equipment.down_until


def _seconds(piece: Sequence[str]) -> int:
    start, end = (datetime.fromisoformat(one) for one in piece)
    return int((end - start).total_seconds())
