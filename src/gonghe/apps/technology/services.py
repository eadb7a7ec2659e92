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
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology import words
from gonghe.apps.technology.access import get_capability
from gonghe.apps.technology.models import Capability
from gonghe.engines.model.matching import MatchingError, constraints_from_json


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
