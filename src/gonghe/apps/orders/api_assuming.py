"""API of what one estimate rests on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.orders import access, services
from gonghe.apps.orders.assumptions import Assumed, assumed
from gonghe.apps.technology.words_figures import plain

router = Router()


class AssumedOut(Schema):
    """One thing that an estimate rests on."""

    code: str
    name: str = Field(description="In the language of the request.")
    unit: str
    usual: str = Field(description="What holds without a value for this estimate.")
    here: str | None = Field(description="What is stated for this estimate; null for the usual value.")
    low: str = Field(description="The least that is plausible.")
    high: str = Field(description="The most that is plausible.")


class AssumptionsIn(Schema):
    """Values for one estimate."""

    values: dict[str, Decimal | None] = Field(
        description="Code -> value for this estimate; null takes it back."
    )


class EstimatedOut(Schema):
    """What an estimate rests on, and what it says."""

    assumptions: list[AssumedOut]
    estimate: dict[str, Any] | None = Field(
        description="Ranges in minor units and seconds, with price breaks and assumptions."
    )


@router.get("orders/lines/{line_id}/assumptions", response=EstimatedOut)
def get_assumptions(request: HttpRequest, slug: Path[str], line_id: UUID) -> dict[str, Any]:
    """What the estimate of a line rests on."""
    return _told(acting_of(request, slug), line_id)


@router.put("orders/lines/{line_id}/assumptions", response=EstimatedOut, openapi_extra=IDEMPOTENT)
def state_assumptions(request: HttpRequest, slug: Path[str], line_id: UUID, body: AssumptionsIn) -> Any:
    """State some of it for this estimate alone, of a draft; all values are taken, or none."""

    def state(acting: Acting) -> dict[str, Any]:
        services.state_assumptions(acting, access.get_line(acting, line_id), body.values)
        return _told(acting, line_id)

    return write(request, slug, state)


def _told(acting: Acting, line_id: UUID) -> dict[str, Any]:
    line = access.get_line(acting, line_id)
    return {"assumptions": [_out(one) for one in assumed(line)], "estimate": line.estimate}


def _out(one: Assumed) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.text,
        "unit": one.unit,
        "usual": plain(one.otherwise),
        "here": None if one.here is None else plain(one.here),
        "low": plain(one.low),
        "high": plain(one.high),
    }
