"""API of orders: apply licensed know-how to a line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, write
from gonghe.apps.orders import access, services
from gonghe.apps.technology.access_sharing import get_licence

router = Router()


class ValuesIn(Schema):
    """A value for each parameter of the template; usual values may be left out."""

    values: dict[str, Decimal]


class FiguresOut(Schema):
    """What a line's estimate says: ends and middle of the price in minor units, work in seconds."""

    low: int
    middle: int
    high: int
    time_s: int


class AppliedOut(Schema):
    """What the estimate said before and says now."""

    before: FiguresOut | None = Field(description="None when the line had no steps.")
    after: FiguresOut


@router.post("lines/{line_id}/licences/{licence_id}", response=AppliedOut, openapi_extra=IDEMPOTENT)
def apply_licence(
    request: HttpRequest, slug: Path[str], line_id: UUID, licence_id: UUID, body: ValuesIn
) -> Any:
    """Replace the steps of a line of a draft by those of a licensed routing template."""

    def apply(acting: Acting) -> Any:
        line, licence = access.get_line(acting, line_id), get_licence(acting, licence_id)
        return services.apply_licence(acting, line, licence, body.values).effect

    return write(request, slug, apply)
