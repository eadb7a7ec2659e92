"""Requirement against capabilities: who can, who nearly can, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from gonghe.engines.matching.taxonomy import Taxonomy
from gonghe.engines.model.matching import (
    Capability,
    Constraint,
    InvalidMatchingData,
    Match,
    Miss,
    Property,
    Requirement,
    Value,
    Verdict,
)

MAX_NEAR_MISSES = 2
"""A capability that fails in more properties than these is not near: nothing is left to talk about."""

AXES = ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm")


def match(requirement: Requirement, capabilities: Iterable[Capability], taxonomy: Taxonomy) -> list[Match]:
    """Judge every capability, in the order given.

    ``can``: the process fits (the same node, one below it, a capability that covers everything below an
    ancestor, or a process that *also does* it) and every wanted property is within the limits. ``nearly``:
    the process fits and at most `MAX_NEAR_MISSES` properties fail. ``cannot``: all else; for another process
    the only miss is ``process``.

    Where a capability states no limit, the usual reach of its process counts (`Taxonomy.defaults`); without
    one there is no limit, except for properties that must be stated (certificates). A part may be turned: its
    box is compared with the work space largest side to largest side.

    Parameters
    ----------
    requirement : Requirement
    capabilities : iterable of Capability
        Judged in one pass, so time grows linearly with their number.
    taxonomy : Taxonomy

    Returns
    -------
    list of Match
        One per capability. `nearest` sorts them.

    Raises
    ------
    UnknownProcess, UnknownProperty
        If the requirement or a capability names what the taxonomy does not hold.
    InvalidMatchingData
        If a value is a number where words are due, or the reverse.
    """
    taxonomy.check(requirement)
    fitting = taxonomy.satisfying(requirement.process)
    above = frozenset(taxonomy.ancestors(requirement.process))
    usual = {process: taxonomy.defaults(process) for process in fitting | above}
    return [
        _judge(requirement, capability, usual[capability.process], taxonomy)
        if capability.process in fitting or (capability.covers_children and capability.process in above)
        else _other_process(requirement, capability, taxonomy)
        for capability in capabilities
    ]


def nearest(matches: Iterable[Match]) -> list[Match]:
    """Sort matches: those that can first, then by verdict, number of misses, distance and id."""
    order = {"can": 0, "nearly": 1, "cannot": 2}
    return sorted(
        matches,
        key=lambda found: (
            order[found.verdict],
            math.isinf(found.distance),
            len(found.misses),
            found.distance,
            found.capability_id,
        ),
    )


def _other_process(requirement: Requirement, capability: Capability, taxonomy: Taxonomy) -> Match:
    taxonomy.process(capability.process)
    miss = Miss("process", requirement.process, capability.process, None, "")
    return Match(capability.id, "cannot", (miss,), (), math.inf)


def _judge(
    requirement: Requirement, capability: Capability, usual: Mapping[str, Constraint], taxonomy: Taxonomy
) -> Match:
    stated = capability.constraints
    misses: list[Miss] = []
    assumed: list[str] = []
    for code, wanted in _turned(requirement.properties, stated).items():
        limit = stated.get(code)
        if limit is None:
            assumed.append(code)
            limit = usual.get(code)
        miss = _compare(taxonomy.property(code), wanted, limit, capability.id)
        if miss is not None:
            misses.append(miss)
    if not misses:
        return Match(capability.id, "can", (), tuple(assumed), 0.0)
    verdict: Verdict = "nearly" if len(misses) <= MAX_NEAR_MISSES else "cannot"
    return Match(capability.id, verdict, tuple(misses), tuple(assumed), sum(map(_relative, misses)))


def _turned(wanted: Mapping[str, Value], stated: Mapping[str, Constraint]) -> Mapping[str, Value]:
    """Lay the box of a part into the work space the best way: sorted sides against sorted sides."""
    axes = [axis for axis in AXES if axis in wanted]
    if len(axes) < 2:
        return wanted

    def room(axis: str) -> float:
        limit = stated.get(axis)
        return math.inf if limit is None or limit.max is None else limit.max

    sides = sorted((side for axis in axes if isinstance(side := wanted[axis], int | float)), reverse=True)
    laid = dict(zip(sorted(axes, key=lambda axis: (-room(axis), axis)), sides, strict=True))
    return {code: laid.get(code, value) for code, value in wanted.items()}


def _compare(judged: Property, wanted: Value, limit: Constraint | None, owner: str) -> Miss | None:
    if limit is not None and (limit.set is None) == (judged.kind == "set"):
        reason = (
            "capability %(what)s: %(property)s must be limited by a set of words"
            if judged.kind == "set"
            else "capability %(what)s: %(property)s must be limited by numbers"
        )
        raise InvalidMatchingData(reason, what=owner, property=judged.code)
    if isinstance(wanted, int | float):
        return None if limit is None else _compare_number(judged, wanted, limit)
    words = (wanted,) if isinstance(wanted, str) else wanted
    if limit is None or limit.set is None:
        return Miss(judged.code, words, None, None, "") if judged.must_state else None
    lacking = tuple(word for word in words if word not in limit.set)
    return Miss(judged.code, lacking, tuple(sorted(limit.set)), None, "") if lacking else None


def _compare_number(judged: Property, wanted: float, limit: Constraint) -> Miss | None:
    if limit.max is not None and wanted > limit.max:
        return Miss(judged.code, wanted, limit.max, wanted - limit.max, judged.unit)
    if limit.min is not None and wanted < limit.min:
        return Miss(judged.code, wanted, limit.min, limit.min - wanted, judged.unit)
    return None


def _relative(miss: Miss) -> float:
    if (
        miss.gap is None
        or not isinstance(miss.wanted, int | float)
        or not isinstance(miss.offered, int | float)
    ):
        return float(len(miss.wanted)) if isinstance(miss.wanted, tuple) else 1.0
    return miss.gap / max(abs(miss.wanted), abs(miss.offered))
