"""The checker's judgement of people and tools: who may fill a need, and how many are taken at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gonghe.engines.model.planning import Assignment, Mode, Operation, Problem


class ResourceChecker:
    """Rules about resources, without code of the solver."""

    def __init__(self, problem: Problem) -> None:
        self.resources = {resource.id: resource for resource in problem.resources}

    def used(self, row: Assignment, operation: Operation, mode: Mode) -> dict[str, int]:
        """Units that an assignment takes: what it says, or what its mode needs by name."""
        if row.resources:
            return dict(row.resources)
        needs = {**operation.needs, **mode.needs}
        return {name: units for name, units in needs.items() if units and name in self.resources}

    def breaks(self, used: Mapping[str, int]) -> Iterable[tuple[int, int]]:
        """Hours in which one of them is away."""
        return [pair for name in used if name in self.resources for pair in self.resources[name].breaks]

    def filled(self, used: Mapping[str, int], operation: Operation, mode: Mode) -> bool:
        """Whether exactly these units fill the needs of a mode."""
        needs = {**operation.needs, **mode.needs}
        units = [name for name, count in sorted(needs.items(), key=self._by_skill) for _ in range(count)]
        if len(units) != sum(used.values()) or any(name not in self.resources for name in used):
            return False
        return self._fill(units, dict(used))

    def _by_skill(self, need: tuple[str, int]) -> tuple[bool, str]:
        return need[0] not in self.resources, need[0]

    def _fill(self, units: list[str], left: dict[str, int]) -> bool:
        if not units:
            return True
        for name in [name for name, count in left.items() if count]:
            if units[0] == name or units[0] in self.resources[name].skills:
                if self._fill(units[1:], {**left, name: left[name] - 1}):
                    return True
                if units[0] == name:
                    return False
        return False

    def overloads(
        self, rows: Iterable[tuple[Assignment, Mapping[str, int]]]
    ) -> Iterator[tuple[Assignment, str]]:
        """Assignments that begin while too many units are taken, and the resource."""
        events: dict[str, list[tuple[int, int, int, Assignment]]] = {}
        for row, used in rows:
            if row.start < row.end:
                for name, units in used.items():
                    events.setdefault(name, []).append((row.start, 1, units, row))
                    events[name].append((row.end, 0, -units, row))
        for name, changes in events.items():
            taken = 0
            for _, begins, units, row in sorted(changes, key=lambda change: change[:2]):
                taken += units
                if begins and name in self.resources and taken > self.resources[name].capacity:
                    yield row, name
