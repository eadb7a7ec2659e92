"""API of what all apps share: background work and the feed of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.audit import access as audit
from gonghe.apps.jobs import access as jobs
from gonghe.apps.members.http import acting_of

router = Router()
MOST = 200


class JobOut(Schema):
    """How far background work is."""

    id: UUID
    kind: str
    state: str = Field(description="queued, running, done, failed or cancelled.")
    progress: int = Field(description="0 to 100.")
    message: str
    result: dict[str, Any] | None


class EventOut(Schema):
    """What happened to which objects; `position` is where to go on reading."""

    position: int
    type: str
    occurred_at: datetime
    objects_touched: list[dict[str, str]]
    data: dict[str, Any]
    hash: str


@router.get("/jobs/{job_id}", response=JobOut)
def get_job(request: HttpRequest, slug: Path[str], job_id: UUID) -> Any:
    """How far background work of your organisation is."""
    return jobs.get_job(acting_of(request, slug).organization.pk, job_id)


@router.get("/events", response=list[EventOut])
def list_events(request: HttpRequest, slug: Path[str], after: int = 0) -> Any:
    """Events that your organisation sees, in order, after a position; at most 200 at once."""
    return list(audit.feed(acting_of(request, slug).organization.pk, after)[:MOST])
