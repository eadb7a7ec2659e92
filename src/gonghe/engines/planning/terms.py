"""People and tools for the compiled core: their tables, and calendars of machines together with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from gonghe.engines.model.planning import Interval, Job, Problem
from gonghe.engines.model.planning_limits import firm_sets
from gonghe.engines.model.planning_needs import Units, ways
from gonghe.engines.model.planning_rules import merged
from gonghe.engines.planning.kernel.arrays import BREAKS, TERMS, Table
from gonghe.engines.planning.tables import offsets, table


class Needy(Protocol):
    """A row that takes units."""

    @property
    def units(self) -> Units:
        """(resource id, units), sorted."""


class Terms:
    """The resources of a problem as numbered pools, and the kinds of modes that need more than a lane."""

    def __init__(self, problem: Problem) -> None:
        self.resources = problem.resources
        self.index = {resource.id: number for number, resource in enumerate(problem.resources)}
        self.calendars = Calendars(problem)
        self.known: dict[tuple[tuple[str, int], ...], list[Units]] = {(): [()]}
        self.kinds: dict[tuple[int, Units, int, int], int] = {}
        self.room = 0
        self.caps = problem.share_caps
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

    def kind(self, machine: int, units: Units, money: int, seconds: int) -> int:
        """Row (from 1 on) of modes on a machine that take these units and count so much in share caps."""
        return self.kinds.setdefault((machine, units, money, seconds), len(self.kinds) + 1)

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
        columns = self._kinds() | self._pools(rows) | self._limits()
        return table(TERMS, max(len(column) for column in columns.values()) + 1, columns)

    def _kinds(self) -> dict[str, Sequence[int]]:
        breaks = [(0, 0), *(self.calendars.of(kind[0], kind[1]) for kind in self.kinds)]
        needs = [(), *(kind[1] for kind in self.kinds)]
        pairs = [pair for units in needs for pair in units]
        spans = [int(bound) for bound in offsets(len(units) for units in needs)]
        return {
            "break0": [first for first, _ in breaks],
            "break1": [last for _, last in breaks],
            "money": [0, *(kind[2] for kind in self.kinds)],
            "seconds": [0, *(kind[3] for kind in self.kinds)],
            "need0": spans[:-1],
            "need1": spans[1:],
            "pool": [self.index[name] for name, _ in pairs],
            "units": [count for _, count in pairs],
        }

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
        self.known: dict[tuple[int, tuple[str, ...]], tuple[int, int]] = {}
        for index in range(len(problem.machines)):
            self.of(index, ())

    def of(self, machine: int, units: Units) -> tuple[int, int]:
        """First and last + 1 break of a machine whose work also needs these units."""
        names = tuple(name for name, _ in units if self.breaks[name])
        key = (machine, names)
        if key not in self.known:
            closed = [self.machines[machine].breaks, *(self.breaks[name] for name in names)]
            self.known[key] = self._add(merged(pair for breaks in closed for pair in breaks))
        return self.known[key]

    def _add(self, breaks: Iterable[Interval]) -> tuple[int, int]:
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
