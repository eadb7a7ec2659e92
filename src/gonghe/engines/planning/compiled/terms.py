"""People and tools for the compiled core: their tables, and calendars of machines together with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from gonghe.engines.model.planning import Interval, Job, Problem
from gonghe.engines.model.planning_hours import closed_hours, merged
from gonghe.engines.model.planning_limits import firm_sets
from gonghe.engines.model.planning_needs import Units, ways
from gonghe.engines.planning.compiled.tables import offsets, table
from gonghe.engines.planning.kernel.arrays import BREAKS, TERMS, Table


class Needy(Protocol):
    """A row that takes units."""

    @property
    def units(self) -> Units:
        """(resource id, units), sorted."""


class Kind(NamedTuple):
    """What modes have in common that need more than a lane.

    They take units on a machine and count money and seconds in share caps; `load` are the seconds at the
    beginning of unattended work in which somebody must be there (-1: it is not unattended); `size` is what
    they fill of a batch (0: the machine has none).
    """

    machine: int
    units: Units
    money: int = 0
    seconds: int = 0
    load: int = -1
    size: int = 0


class Terms:
    """The resources of a problem as numbered pools, and the kinds of modes that need more than a lane."""

    def __init__(self, problem: Problem) -> None:
        self.resources = problem.resources
        self.index = {resource.id: number for number, resource in enumerate(problem.resources)}
        self.calendars = Calendars(problem)
        self.known: dict[tuple[tuple[str, int], ...], list[Units]] = {(): [()]}
        self.kinds: dict[Kind, int] = {}
        self.room = 0
        self.caps = problem.share_caps
        self.sites, self.pickups = problem.sites, problem.pickups
        self.firms = {
            name: number for number, name in enumerate({m.organization: 0 for m in problem.machines})
        }
        self.sets: list[frozenset[str]] = []

    def ways(self, needs: Mapping[str, int]) -> list[Units]:
        """Ways to fill the needs of a mode, `[()]` when it has none."""
        key = tuple(sorted(needs.items()))
        if key not in self.known:
            self.known[key] = ways(self.resources, needs)
        return self.known[key]

    def number(self, kind: Kind) -> int:
        """Row (from 1 on) of the modes of a kind."""
        return self.kinds.setdefault(kind, len(self.kinds) + 1)

    def add_sets(self, problem: Problem, job: Job) -> tuple[int, int]:
        """First and last + 1 set of firms that may do a job together; (0, 0) without a limit."""
        if job.most_firms is None:
            return 0, 0
        first = len(self.sets)
        # without any known set a closed one keeps the limit: the job then has no place
        self.sets += firm_sets(problem, job)[0] or [frozenset()]
        return first, len(self.sets)

    def counted(self, job: Job) -> int:
        """Bits of the share caps that a job counts in."""
        return sum(1 << n for n, cap in enumerate(self.caps) if not cap.jobs or job.id in cap.jobs)

    def table(self, rows: Sequence[Sequence[Needy]]) -> Table:
        """Kinds, needs, pools and their users side by side; `rows` are the modes of every operation."""
        columns = self._kinds() | self._pools(rows) | self._limits() | self._pickups()
        return table(TERMS, max(len(column) for column in columns.values()) + 1, columns)

    def _kinds(self) -> dict[str, Sequence[int]]:
        of = self.calendars.of
        breaks = [(0, 0), *(of(kind.machine, kind.units, kind.load >= 0) for kind in self.kinds)]
        watch = [(0, 0), *(of(k.machine, k.units) if k.load >= 0 else (0, 0) for k in self.kinds)]
        needs = [(), *(kind.units for kind in self.kinds)]
        batches = [self.calendars.machines[kind.machine].batch for kind in self.kinds]
        pairs = [pair for units in needs for pair in units]
        spans = [int(bound) for bound in offsets(len(units) for units in needs)]
        return {
            "break0": [first for first, _ in breaks],
            "break1": [last for _, last in breaks],
            "watch0": [first for first, _ in watch],
            "watch1": [last for _, last in watch],
            "load": [0, *(kind.load for kind in self.kinds)],
            "bulk": [0, *(kind.size for kind in self.kinds)],
            "most": [0, *(batch.maximum if batch else 0 for batch in batches)],
            "least": [0, *(batch.minimum if batch else 0 for batch in batches)],
            "money": [0, *(kind.money for kind in self.kinds)],
            "seconds": [0, *(kind.seconds for kind in self.kinds)],
            "need0": spans[:-1],
            "need1": spans[1:],
            "pool": [self.index[name] for name, _ in pairs],
            "units": [count for _, count in pairs],
        }

    def _pickups(self) -> dict[str, Sequence[int]]:
        bounds = [self.calendars.add(merged(self.pickups.get(site, ()))) for site in self.sites]
        return {"leave0": [first for first, _ in bounds], "leave1": [last for _, last in bounds]}

    def _limits(self) -> dict[str, Sequence[int]]:
        members = [sorted(self.firms[name] for name in group) for group in self.sets]
        bounds = [int(bound) for bound in offsets(len(group) for group in members)]
        return {
            "member0": bounds[:-1],
            "member1": bounds[1:],
            "member": [firm for group in members for firm in group],
            "capped": [self.firms.get(cap.organization, -1) for cap in self.caps],
            "permille": [cap.permille for cap in self.caps],
            "by": [int(cap.measure == "money") for cap in self.caps],
        }

    def _pools(self, rows: Sequence[Sequence[Needy]]) -> dict[str, Sequence[int]]:
        users: list[dict[int, None]] = [{} for _ in self.resources]
        for op, group in enumerate(rows if self.resources else ()):
            for name in {name for row in group for name, _ in row.units}:
                users[self.index[name]][op] = None
        bounds = [int(bound) for bound in offsets(len(found) for found in users)]
        # an operation adds two entries at most; one holds their number, one is room to shift
        rooms = [int(room) for room in offsets(2 * len(found) + 2 for found in users)]
        units = [int(unit) for unit in offsets(resource.capacity for resource in self.resources)]
        self.room = rooms[-1]
        return {
            "first": [room + 1 for room in rooms[:-1]],
            "size": [resource.capacity for resource in self.resources],
            "unit": units[:-1],
            "user0": bounds[:-1],
            "user1": bounds[1:],
            "user": [op for found in users for op in found],
        }


class Calendars:
    """Breaks of machines, and of machines together with the people their work needs."""

    def __init__(self, problem: Problem) -> None:
        self.machines = problem.machines
        self.breaks = {resource.id: resource.breaks for resource in problem.resources}
        self.rows: list[Interval] = []
        self.opened: list[int] = []
        self.known: dict[tuple[int, tuple[str, ...], bool], tuple[int, int]] = {}
        for index in range(len(problem.machines)):
            self.of(index, ())

    def of(self, machine: int, units: Units, unattended: bool = False) -> tuple[int, int]:
        """First and last + 1 break of a machine whose work also needs these units."""
        names = tuple(name for name, _ in units if self.breaks[name])
        key = (machine, names, unattended)
        if key not in self.known:
            away = [pair for name in names for pair in self.breaks[name]]
            self.known[key] = self.add(merged((*closed_hours(self.machines[machine], unattended), *away)))
        return self.known[key]

    def add(self, breaks: Iterable[Interval]) -> tuple[int, int]:
        """First and last + 1 row of disjoint intervals."""
        first, closed = len(self.rows), 0
        for start, end in breaks:
            self.rows.append((start, end))
            self.opened.append(start - closed)
            closed += end - start
        return first, len(self.rows)

    def table(self) -> Table:
        """Start, end and open time before every break."""
        pairs = np.array(self.rows, np.int64).reshape(-1, 2)
        fields = {"start": pairs[:, 0], "end": pairs[:, 1], "open": self.opened}
        return table(BREAKS, len(self.rows), fields)
