"""Ways to fill what work needs: which people and tools, and how many units of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from gonghe.engines.model.planning_terms import Resource

MOST_WAYS = 64  # per mode: each is an alternative of the search
Units = tuple[tuple[str, int], ...]  # (resource id, units), sorted


def ways(resources: Sequence[Resource], needs: Mapping[str, int]) -> list[Units]:
    """Every way to fill the needs, at most `MOST_WAYS` + 1 of them.

    A need names a resource or a skill; units of a skill may come from several resources that have it. Nobody
    counts twice within one way.
    """
    found = dict.fromkeys(tuple(sorted(used.items())) for used in _ways(resources, list(needs.items()), {}))
    return list(islice(found, MOST_WAYS + 1))


def _ways(
    resources: Sequence[Resource], needs: list[tuple[str, int]], used: dict[str, int]
) -> Iterator[dict[str, int]]:
    if not needs:
        yield used
        return
    (name, units), rest = needs[0], needs[1:]
    holders = [r for r in resources if name == r.id or name in r.skills]
    for taken in _shares(holders, units, used):
        yield from _ways(resources, rest, taken)


def _shares(holders: Sequence[Resource], units: int, used: dict[str, int]) -> Iterator[dict[str, int]]:
    if units == 0:
        yield used
        return
    if not holders:
        return
    first, rest = holders[0], holders[1:]
    free = first.capacity - used.get(first.id, 0)
    for taken in range(min(free, units), -1, -1):
        more = {**used, first.id: used.get(first.id, 0) + taken} if taken else used
        yield from _shares(rest, units - taken, more)
