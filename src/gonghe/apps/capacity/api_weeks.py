"""API of a firm's hours week by week, in the form of week-based capacity groups."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.capacity import weeks as facts
from gonghe.apps.capacity.weeks import Week
from gonghe.apps.members.http import acting_of

router = Router()
HOUR = "unit:hourUnitOfTime"  # of the SAMM unit catalogue, UN/ECE code HUR


class WeekOut(Schema):
    """Hours of the week that begins on `pointInTime`; actual = own + reserved + offered + free."""

    pointInTime: date = Field(description="Its Monday.")  # noqa: N815
    actualCapacity: float = Field(description="Hours that can be worked.")  # noqa: N815
    maximumCapacity: float = Field(description="What the calendar gives without downtime.")  # noqa: N815
    agreedCapacity: float = Field(description="Held by others.")  # noqa: N815
    own: float
    offered: float
    free: float


class GroupOut(Schema):
    """A capacity group, named as in the Catena-X model; the supplier is the firm's short name."""

    capacityGroupId: UUID  # noqa: N815
    name: str
    supplier: str
    unitOfMeasure: str  # noqa: N815
    changedAt: datetime  # noqa: N815
    capacities: list[WeekOut]


@router.get("weeks", response=list[GroupOut])
def weeks(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Hours of the next 26 weeks: first your firm as a whole, then each machine."""
    acting = acting_of(request, slug)
    found = facts.compute(acting)
    firm = acting.organization
    groups = [(firm.pk, firm.local_name, found.firm), *((one.pk, one.code, of) for one, of in found.machines)]
    return [
        {
            "capacityGroupId": str(key),
            "name": name,
            "supplier": firm.slug,
            "unitOfMeasure": HOUR,
            "changedAt": found.computed_at.isoformat(),
            "capacities": [_week(week) for week in of],
        }
        for key, name, of in groups
    ]


def _week(week: Week) -> dict[str, Any]:
    return {
        "pointInTime": week.start.isoformat(),
        "actualCapacity": week.open / 3600,
        "maximumCapacity": week.most / 3600,
        "agreedCapacity": week.reserved / 3600,
        "own": week.own / 3600,
        "offered": week.offered / 3600,
        "free": week.free / 3600,
    }
