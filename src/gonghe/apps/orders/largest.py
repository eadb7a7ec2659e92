"""Parts larger than any machine that the viewer may see: only that it is so, never whose is the largest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.access import visible_capabilities
from gonghe.engines.model.matching import Constraint, Requirement, constraints_from_json
from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import too_large
from gonghe.engines.parts.limits import SIZES

BOX = SIZES[:3]


def with_size_warnings(acting: Acting, line: OrderLine, analysis: PartAnalysis) -> PartAnalysis:
    """The same analysis with a warning for each step that is too large for all whom the viewer sees."""
    asked = [Requirement.from_json(one.requirement) for one in line.operations.all()]
    found = too_large(asked, largest_on_offer(acting, {one.process for one in asked}))
    return replace(analysis, warnings=(*analysis.warnings, *found))


def largest_on_offer(acting: Acting, processes: Iterable[str]) -> dict[str, dict[str, float]]:
    """Largest of each size by process, over the capabilities that the acting organisation may see.

    A size that one of them leaves open is not limited, so it is left out; so is a process nobody shows.
    """
    taxonomy = taxonomies.current()
    fitting = {code: taxonomy.satisfying(code) for code in processes if code in taxonomy.processes}
    above = {code: frozenset(taxonomy.ancestors(code)) for code in fitting}
    wanted = frozenset().union(*fitting.values(), *above.values())
    rows = visible_capabilities(acting).filter(process__in=wanted)
    stated = list(rows.values_list("process", "covers_children", "constraints"))
    return {
        code: _largest(
            constraints_from_json(limits)
            for process, all_below, limits in stated
            if process in fitting[code] or (all_below and process in above[code])
        )
        for code in fitting
    }


def _largest(offers: Iterable[dict[str, Constraint]]) -> dict[str, float]:
    """Upper limits that all offers state, the highest of each; work spaces with their longest side first."""
    found: dict[str, float] | None = None
    for limits in offers:
        own = _sizes(limits)
        found = own if found is None else {code: max(found[code], own[code]) for code in found if code in own}
    return found or {}


def _sizes(limits: dict[str, Constraint]) -> dict[str, float]:
    sizes = {
        code: limit.max for code in SIZES if (limit := limits.get(code)) is not None and limit.max is not None
    }
    if all(code in sizes for code in BOX):
        sizes |= dict(zip(BOX, sorted((sizes[code] for code in BOX), reverse=True), strict=True))
        return sizes
    return {code: size for code, size in sizes.items() if code not in BOX}
