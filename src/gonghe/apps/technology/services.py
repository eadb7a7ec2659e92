"""Say what an organisation can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from gonghe.apps.audit.services import recording
from gonghe.apps.base import Change, InvalidError, put
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.principal import Principal
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology import words
from gonghe.apps.technology.access import get_capability
from gonghe.apps.technology.models import Capability, TimeFactor
from gonghe.engines.model.matching import MatchingError, constraints_from_json

KEPT_RATIOS = 50  # the newest jobs say how a firm works now


def learn(
    principal: Principal, *, organization: Organization, process: str, estimated_s: int, actual_s: int
) -> TimeFactor | None:
    """Compare a finished job's real seconds with its estimate, for the firm's later estimates of the process.

    Only the firm itself hears of it. None when there was no estimate to compare with.
    """
    if not process or estimated_s <= 0:
        return None
    with recording(principal) as record:
        key = TimeFactor.objects.get_or_create(organization=organization, process=process)[0].pk
        factor = TimeFactor.objects.select_for_update().get(pk=key)
        factor.estimated_s += estimated_s
        factor.actual_s += actual_s
        factor.jobs += 1
        factor.ratios = [*factor.ratios, round(actual_s / estimated_s, 4)][-KEPT_RATIOS:]
        factor.save()
        record(
            "technology.factor.learned",
            objects={"time_factor": factor.pk},
            audience=[organization.pk],
            data={"process": process, "estimated_s": estimated_s, "actual_s": actual_s},
        )
    return factor


def save_capability(
    acting: Acting,
    *,
    process: str,
    constraints: Mapping[str, Any],
    covers_children: bool = False,
    active: bool = True,
    capability_id: UUID | None = None,
) -> Capability:
    """Add a capability, or change the one of this id.

    Raises
    ------
    InvalidError
        If process or property are unknown, or a limit is of the wrong sort.
    NotFoundError
        If there is no such capability that they may change.
    """
    values = {
        "process": process,
        "constraints": checked(process, constraints),
        "covers_children": covers_children,
        "active": active,
    }
    if capability_id is not None:
        get_capability(acting, capability_id)
    return put_capability(acting, capability_id, values)[0]


def put_capability(
    acting: Acting, capability_id: UUID | None, values: Mapping[str, Any]
) -> tuple[Capability, Change]:
    """Store checked values; what is there already is not recorded again."""
    acting.require("technology")
    with transaction.atomic():
        if capability_id is None:
            capability, change = (
                Capability.objects.create(organization=acting.organization, **values),
                "added",
            )
        else:
            key = {"organization": acting.organization, "pk": capability_id}
            capability, change = put(Capability, key, values)
        if change:
            with recording(acting.principal) as record:
                record(
                    "technology.capability.saved",
                    objects={"capability": capability.pk},
                    data={"process": capability.process},
                )
    return capability, change  # type: ignore[return-value]


def remove_capability(acting: Acting, capability: Capability) -> None:
    """Offer a process no longer."""
    acting.require("technology")
    with recording(acting.principal) as record:
        record(
            "technology.capability.removed",
            objects={"capability": capability.pk},
            data={"process": capability.process},
        )
        capability.delete()


def checked(process: str, constraints: Mapping[str, Any]) -> dict[str, Any]:
    """Limits in the form in which they are stored.

    Raises
    ------
    InvalidError
        If process or property are unknown, or a limit is of the wrong sort.
    """
    taxonomy = taxonomies.current()
    try:
        taxonomy.process(process)
        limits = constraints_from_json(constraints)
        for code, limit in limits.items():
            if (limit.set is not None) != (taxonomy.property(code).kind == "set"):
                raise InvalidError(_limit_sort(code), code="limit", fields=[code])
    except MatchingError as error:
        raise InvalidError(
            _("This capability does not hold: %s.") % words.matching_fault(error), code="limit"
        ) from error
    return {code: limit.to_json() for code, limit in limits.items()}


def _limit_sort(code: str) -> str:
    name = words.property_name(code)
    if taxonomies.current().property(code).kind == "set":
        return _("%s is limited by a list of words, not by a number.") % name
    return _("%s is limited by numbers, not by words.") % name
