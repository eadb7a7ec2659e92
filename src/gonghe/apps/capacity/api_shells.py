"""API of Asset Administration Shells."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Router, Schema

from gonghe.apps.capacity import shells
from gonghe.apps.capacity.views_shells import AASX, file_answer
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write

router = Router()
_CONTENT = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (AASX, "application/json")}
BODY: dict[str, Any] = {"requestBody": {"required": True, "content": _CONTENT}}
ANSWER: dict[str, Any] = {"responses": {200: {"description": "The shells.", "content": _CONTENT}}}


class ShellsOut(Schema):
    """What an import of shells did."""

    added: dict[str, int]
    changed: dict[str, int]
    left_out: list[str] = Field(description="What of them is not known here, one sentence each.")


@router.put("shells", response=ShellsOut, openapi_extra=IDEMPOTENT | BODY)
def import_shells(request: HttpRequest, slug: Path[str]) -> Any:
    """Import machines from Asset Administration Shells (AASX or JSON, the body): all of them or none."""

    def run(acting: Acting) -> dict[str, Any]:
        found = shells.import_shells(acting, request.body)
        return {
            "added": found.done.added,
            "changed": found.done.changed,
            "left_out": list(found.left_out),
        }

    return write(request, slug, run)


@router.get("shells", openapi_extra=ANSWER)
def export_shells(
    request: HttpRequest, slug: Path[str], form: Literal["aasx", "json"] = "aasx"
) -> HttpResponse:
    """Your machines as Asset Administration Shells, without prices."""
    acting = acting_of(request, slug)
    return file_answer(acting.organization.slug, shells.export_shells(acting, as_json=form == "json"), form)
