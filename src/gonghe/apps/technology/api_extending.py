"""API with which the cluster office adds processes and properties of its trades."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.technology import extending
from gonghe.apps.technology.models import OwnProcess, OwnProperty

router = Router()


class OwnPropertyIn(Schema):
    """A number by which processes are judged."""

    en: str = Field(min_length=1, max_length=60)
    zh: str = Field(min_length=1, max_length=60)
    unit: Literal["", "MMT", "KGM", "4H", "CEL", "B47", "H87"] = Field(
        "", description="UN/ECE Recommendation 20 code, or empty."
    )
    kind: Literal["max", "min", "grade", "range"] = Field(
        "max", description="max: a larger limit is better; min and grade: a smaller one; range: a wider one."
    )


class OwnPropertyOut(OwnPropertyIn):
    """A property that the cluster office added."""

    code: str = Field(description="Made of the English name.")


class OwnProcessIn(Schema):
    """A process below one of the taxonomy."""

    parent: str = Field(description="Code of the process above.", max_length=60)
    en: str = Field(min_length=1, max_length=60)
    zh: str = Field(min_length=1, max_length=60)
    synonyms: list[str] = Field([], description="Other names in any language.")
    properties: list[str] = Field([], description="Codes, besides those of the process above.")


class OwnProcessOut(OwnProcessIn):
    """A process that the cluster office added."""

    code: str = Field(description="Made of the English name when it was added; it stays.")


@router.get("processes/own", response=list[OwnProcessOut])
def own_processes(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Processes that the cluster office added."""
    acting_of(request, slug)
    return [_process(one) for one in extending.own_processes()]


@router.post("processes/own", response={201: OwnProcessOut}, openapi_extra=IDEMPOTENT)
def add_process(request: HttpRequest, slug: Path[str], body: OwnProcessIn) -> Any:
    """Add a process, as the cluster office; matching and search use it at once."""
    return write(
        request,
        slug,
        lambda acting: _process(extending.save_process(acting, **body.dict())),
        status=201,
    )


@router.put("processes/own/{process_code}", response=OwnProcessOut, openapi_extra=IDEMPOTENT)
def change_process(request: HttpRequest, slug: Path[str], process_code: str, body: OwnProcessIn) -> Any:
    """Change an own process, as the cluster office; its code stays."""
    return write(
        request,
        slug,
        lambda acting: _process(extending.save_process(acting, **body.dict(), code=process_code)),
    )


@router.get("properties/own", response=list[OwnPropertyOut])
def own_properties(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """Properties that the cluster office added."""
    acting_of(request, slug)
    return [_property(one) for one in extending.own_properties()]


@router.post("properties/own", response={201: OwnPropertyOut}, openapi_extra=IDEMPOTENT)
def add_own_property(request: HttpRequest, slug: Path[str], body: OwnPropertyIn) -> Any:
    """Add a property, as the cluster office."""
    return write(
        request,
        slug,
        lambda acting: _property(extending.add_property(acting, **body.dict())),
        status=201,
    )


def _process(one: OwnProcess) -> dict[str, Any]:
    names = {"en": one.en, "zh": one.zh, "synonyms": one.synonyms}
    return {"code": one.code, "parent": one.parent, "properties": one.properties, **names}


def _property(one: OwnProperty) -> dict[str, Any]:
    return {"code": one.code, "en": one.en, "zh": one.zh, "unit": one.unit, "kind": one.kind}
