"""Every step of an order against every capability that the buyer may see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from gonghe.apps.capacity.matching import Candidate, candidates
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders import access
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.words import miss_text, process_name
from gonghe.joining import joined

NEAREST = 3


@dataclass(frozen=True, slots=True)
class Option:
    """A firm that can or nearly can do a step: with which equipment, and what fails."""

    organization: Organization
    equipment: tuple[str, ...]
    misses: tuple[str, ...] = ()

    @property
    def machines(self) -> str:
        """Its equipment in words."""
        return joined(", ", self.equipment)


Judged = tuple[tuple[Option, ...], tuple[Option, ...], str]


@dataclass(frozen=True, slots=True)
class StepMatch:
    """Who can do a step, who nearly can, and what to do when nobody can."""

    operation: Operation
    can: tuple[Option, ...]
    nearly: tuple[Option, ...]
    advice: str = ""


@dataclass
class OrderMatch:
    """All steps of an order and the firms that can do at least one."""

    steps: list[StepMatch] = field(default_factory=list)

    @property
    def unmatched(self) -> list[StepMatch]:
        """Steps that nobody can do."""
        return [step for step in self.steps if not step.can]

    @property
    def organizations(self) -> list[Organization]:
        """Firms that can do at least one step, by name."""
        firms = {one.organization.pk: one.organization for step in self.steps for one in step.can}
        return sorted(firms.values(), key=lambda one: one.local_name)


def match_order(acting: Acting, order: Order) -> OrderMatch:
    """Judge every step of an order; steps that ask for the same are judged once."""
    known: dict[str, Judged] = {}
    found = OrderMatch()
    for operation in access.operations_of(order):
        key = json.dumps(operation.requirement, sort_keys=True)
        if key not in known:
            known[key] = judge(acting, operation.requirement)
        found.steps.append(StepMatch(operation, *known[key]))
    return found


def judge(acting: Acting, requirement: Mapping[str, Any]) -> Judged:
    """Who can do what is asked for, who nearly can, and what to do when nobody can."""
    found = candidates(acting.organization, requirement)
    can = _options([one for one in found if one.verdict == "can"])
    able = {one.organization.pk for one in can}
    nearly = _options([one for one in found if one.verdict == "nearly" and one.organization.pk not in able])
    return can, nearly, "" if can else _advice(acting, requirement, found)


def _options(found: list[Candidate]) -> tuple[Option, ...]:
    """One option a firm, with all its equipment that stands the same; the first has the fewest misses."""
    firms: dict[object, list[Candidate]] = {}
    for one in found:
        firms.setdefault(one.organization.pk, []).append(one)
    return tuple(
        Option(
            same[0].organization,
            tuple(
                one.equipment.code for one in same if one.equipment and len(one.misses) == len(same[0].misses)
            ),
            tuple(miss_text(miss) for miss in same[0].misses),
        )
        for same in firms.values()
    )


def _advice(acting: Acting, requirement: Mapping[str, Any], found: list[Candidate]) -> str:
    """What to do when nobody can: the nearest alternative."""
    process = requirement["process"]
    if found:
        nearest = found[0]
        return _("Nobody can. Nearest is %(firm)s: %(misses)s. See whether the drawing allows that.") % {
            "firm": nearest.organization.local_name,
            "misses": joined("; ", (miss_text(miss) for miss in nearest.misses)),
        }
    for wider in taxonomies.current().ancestors(process)[1:]:
        kin = [
            one
            for one in candidates(acting.organization, {"process": wider, "properties": {}})
            if one.verdict == "can"
        ]
        if kin:
            return _(
                "No member shows %(process)s. Nearest is %(wider)s at %(firm)s: choose that process if the "
                "part allows it, or ask the cluster office to bring in a firm."
            ) % {
                "process": process_name(process),
                "wider": process_name(wider),
                "firm": kin[0].organization.local_name,
            }
    return _(
        "No member shows %(process)s or anything near it. Ask the cluster office to bring in a firm, or "
        "choose another process."
    ) % {"process": process_name(process)}
