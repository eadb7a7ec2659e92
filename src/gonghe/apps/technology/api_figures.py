"""API of the tables that estimates rest on: read, state, take back, CSV in and out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Router, Schema

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.technology import access, stating
from gonghe.apps.technology.figures import shipped as shipped_tables
from gonghe.apps.technology.forms_figures import shipped_values
from gonghe.apps.technology.views_figures import csv_answer
from gonghe.apps.technology.words_figures import figure_text, plain, unit_text
from gonghe.engines.parts.figures import limits_of

router = Router()
CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class FigureOut(Schema):
    """A figure that estimates rest on."""

    code: str
    name: str = Field(description="In the language of the request.")
    unit: str
    shipped: str = Field(description="What holds without an own figure.")
    own: str | None = Field(description="Your own figure; null where the shipped one holds.")
    low: str = Field(description="The least that is plausible.")
    high: str = Field(description="The most that is plausible.")
    changed_at: datetime | None


class FiguresIn(Schema):
    """Figures to state."""

    values: dict[str, Decimal | None] = Field(
        description="Code -> your own figure; null brings the shipped one back."
    )


class ChangedOut(Schema):
    """What a write changed."""

    changed: list[str] = Field(description="Codes whose figure is another one now.")


@router.get("figures", response=list[FigureOut])
def figures(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Every figure your estimates rest on: the shipped one and your own."""
    acting = acting_of(request, slug)
    own = {row.code: row for row in access.own_rows(acting)}
    codes = access.codes_of(acting)
    return [_out(code, value, own.get(code)) for code, value in shipped_values(codes).items()]


@router.put("figures", response=ChangedOut, openapi_extra=IDEMPOTENT)
def state_figures(request: HttpRequest, slug: Path[str], body: FiguresIn) -> Any:
    """State figures of your own, or bring shipped ones back; all of them or none."""
    return write(request, slug, lambda acting: {"changed": stating.state(acting, body.values)})


@router.delete("figures", response=ChangedOut, openapi_extra=IDEMPOTENT)
def take_back_figures(request: HttpRequest, slug: Path[str]) -> Any:
    """Back to the shipped figures, all of them."""
    return write(request, slug, lambda acting: {"changed": stating.take_back(acting)})


@router.get("figures.csv", response={200: None})
def figures_csv(request: HttpRequest, slug: Path[str]) -> HttpResponse:
    """All figures as CSV."""
    return csv_answer(acting_of(request, slug))


@router.put("figures.csv", response=ChangedOut, openapi_extra=IDEMPOTENT | CSV_BODY)
def send_figures_csv(request: HttpRequest, slug: Path[str]) -> Any:
    """Take figures from a CSV body with the columns `code` and `own`; all of them or none."""
    content = request.body

    def take(acting: Acting) -> dict[str, Any]:
        return {"changed": stating.state(acting, stating.from_csv(content))}

    return write(request, slug, take)


def _out(code: str, shipped: Decimal, row: Any) -> dict[str, Any]:
    low, high = limits_of(shipped_tables([code]), code)
    return {
        "code": code,
        "name": figure_text(code),
        "unit": unit_text(code),
        "shipped": plain(shipped),
        "own": plain(row.value) if row else None,
        "low": plain(low),
        "high": plain(high),
        "changed_at": row.changed_at if row else None,
    }
