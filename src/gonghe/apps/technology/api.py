"""API of technology: the processes there are, and who can do which within what limits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.technology import access, services, words
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.api_extending import router as extending_router
from gonghe.apps.technology.api_figures import router as figures_router
from gonghe.apps.technology.api_files import router as files_router
from gonghe.apps.technology.api_sharing import router as sharing_router
from gonghe.apps.technology.models import Capability

router = Router()
router.add_router("", sharing_router)
router.add_router("", files_router)
router.add_router("", figures_router)
router.add_router("", extending_router)


class PropertyOut(Schema):
    """A property by which a process is judged."""

    code: str
    name: str = Field(description="In the language of the request.")
    unit: str = Field(description="UN/ECE Recommendation 20 code, or empty.")
    kind: str = Field(description="max, min, range, set or grade")
    better: str = Field(description="Which limit is better: larger, smaller, wider or more (words).")


class ProcessOut(Schema):
    """A process of the shipped taxonomy."""

    code: str
    parent: str | None
    name: str = Field(description="In the language of the request.")
    standard: str
    properties: list[PropertyOut]


class CapabilityIn(Schema):
    """A process within limits."""

    process: str = Field(description="Code of a process.", max_length=60)
    constraints: dict[str, dict[str, float | list[str]]] = Field(
        {}, description='Property code to {"max": x}, {"min": x}, both, or {"set": [words]}.'
    )
    covers_children: bool = Field(False, description="It stands for every process below this one too.")
    active: bool = Field(True, description="On offer now.")


class CapabilityOut(Schema):
    """A process within limits, and whose it is."""

    id: UUID
    organization: str = Field(description="Slug of the firm.")
    process: str
    constraints: dict[str, Any]
    covers_children: bool
    active: bool
    text: str = Field(description="The limits in words, in the language of the request.")


class DoneOut(Schema):
    """It is done."""

    done: bool


@router.get("processes", response=list[ProcessOut])
def processes(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """The processes there are, and by which properties each is judged."""
    acting_of(request, slug)
    taxonomy = taxonomies.current()
    return [
        {
            "code": one.code,
            "parent": one.parent,
            "name": words.process_name(one.code),
            "standard": one.standard,
            "properties": [
                {
                    "code": judged.code,
                    "name": words.property_name(judged.code),
                    "unit": judged.unit,
                    "kind": judged.kind,
                    "better": judged.better,
                }
                for judged in taxonomy.judged_by(one.code)
            ],
        }
        for one in taxonomy.processes.values()
    ]


@router.get("capabilities", response=list[CapabilityOut])
def capabilities(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """What your own firm can do."""
    return [_capability(one) for one in access.own_capabilities(acting_of(request, slug))]


@router.get("capabilities/members", response=list[CapabilityOut])
def capabilities_of_members(request: HttpRequest, slug: Path[str]) -> list[dict[str, Any]]:
    """What the members can do, as far as they show it to you."""
    return [
        _capability(one) for one in access.in_force(access.visible_capabilities(acting_of(request, slug)))
    ]


@router.post("capabilities", response={201: CapabilityOut}, openapi_extra=IDEMPOTENT)
def add_capability(request: HttpRequest, slug: Path[str], body: CapabilityIn) -> Any:
    """Add a capability."""
    return write(
        request,
        slug,
        lambda acting: _capability(services.save_capability(acting, **body.dict())),
        status=201,
    )


@router.put("capabilities/{capability_id}", response=CapabilityOut, openapi_extra=IDEMPOTENT)
def change_capability(request: HttpRequest, slug: Path[str], capability_id: UUID, body: CapabilityIn) -> Any:
    """Change a capability."""
    return write(
        request,
        slug,
        lambda acting: _capability(
            services.save_capability(acting, **body.dict(), capability_id=capability_id)
        ),
    )


@router.delete("capabilities/{capability_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def remove_capability(request: HttpRequest, slug: Path[str], capability_id: UUID) -> Any:
    """Offer a process no longer."""

    def remove(acting: Acting) -> dict[str, bool]:
        services.remove_capability(acting, access.get_capability(acting, capability_id))
        return {"done": True}

    return write(request, slug, remove)


def _capability(one: Capability) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "organization": one.organization.slug,
        "process": one.process,
        "constraints": one.constraints,
        "covers_children": one.covers_children,
        "active": one.active,
        "text": words.limits_text(one.constraints),
    }
