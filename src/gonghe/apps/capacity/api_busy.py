"""API of what keeps a machine busy: calendars kept elsewhere and maintenance."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema
from pydantic import AwareDatetime

from gonghe import clock
from gonghe.apps.capacity import access, busy, feed_problems
from gonghe.apps.capacity.api_schemas import DoneOut
from gonghe.apps.capacity.models import BusyFeed, BusyTime
from gonghe.apps.jobs.models import Job
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write

router = Router()
ICS_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/calendar": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class FeedIn(Schema):
    """A calendar kept elsewhere."""

    address: str = Field(max_length=2000, description="Of an iCalendar file: https://...")
    name: str = Field("", max_length=100, description="Empty: the host of the address.")


class ProblemOut(Schema):
    """Why a calendar cannot be read."""

    code: str
    message: str = Field(description="What to do.")
    detail: str
    since: datetime


class FeedOut(Schema):
    """A calendar kept elsewhere; what it said when it was last read holds."""

    id: UUID
    name: str
    address: str = Field(description="Empty when it came as a file.")
    read_at: datetime | None
    problem: ProblemOut | None
    job: UUID | None = Field(None, description="Reads it just now or waits to; see jobs/{job}.")


class MaintenanceIn(Schema):
    """Time in which a machine is maintained."""

    start: AwareDatetime
    end: AwareDatetime
    note: str = Field("", max_length=100)


class MaintenanceOut(Schema):
    """Time in which a machine is maintained."""

    id: UUID
    start: datetime
    end: datetime
    note: str


class BusySpanOut(Schema):
    """A span in which a machine is busy elsewhere; `feed` says so, null: maintenance."""

    start: datetime
    end: datetime
    feed: UUID | None


class BusyOut(Schema):
    """What keeps a machine busy from now on."""

    feeds: list[FeedOut]
    maintenance: list[MaintenanceOut]
    busy: list[BusySpanOut]


@router.get("equipment/{equipment_id}/busy", response=BusyOut)
def busy_of(request: HttpRequest, slug: Path[str], equipment_id: UUID) -> dict[str, Any]:
    """What keeps your equipment busy from now on: calendars kept elsewhere, maintenance, the times."""
    acting = acting_of(request, slug)
    machine = access.get_equipment(acting, equipment_id)
    coming = machine.busy_times.filter(end__gt=clock.now()).order_by("start")
    return {
        "feeds": [
            _feed(one, busy.work_on(one)) for one in access.own_feeds(acting).filter(equipment=machine)
        ],
        "maintenance": [_maintenance(one) for one in coming if one.feed_id is None],
        "busy": [{"start": one.start, "end": one.end, "feed": one.feed_id} for one in coming],
    }


@router.post("equipment/{equipment_id}/feeds", response={201: FeedOut}, openapi_extra=IDEMPOTENT)
def add_feed(request: HttpRequest, slug: Path[str], equipment_id: UUID, body: FeedIn) -> Any:
    """Have a calendar read every hour; its busy times are no longer free."""

    def add(acting: Acting) -> dict[str, Any]:
        machine = access.get_equipment(acting, equipment_id)
        return _feed(*busy.add_feed(acting, machine, name=body.name, address=body.address))

    return write(request, slug, add, status=201)


@router.post(
    "equipment/{equipment_id}/feeds/file", response={201: FeedOut}, openapi_extra=IDEMPOTENT | ICS_BODY
)
def add_feed_file(request: HttpRequest, slug: Path[str], equipment_id: UUID, name: str = "") -> Any:
    """Take busy times from an iCalendar file (the body), once."""

    def add(acting: Acting) -> dict[str, Any]:
        machine = access.get_equipment(acting, equipment_id)
        feed = busy.add_file(acting, machine, name=name, content=request.body)
        return _feed(access.get_feed(acting, feed.pk), None)

    return write(request, slug, add, status=201)


@router.post("feeds/{feed_id}/read", response=FeedOut, openapi_extra=IDEMPOTENT)
def read_feed(request: HttpRequest, slug: Path[str], feed_id: UUID) -> Any:
    """Read a calendar now instead of within the hour."""

    def read(acting: Acting) -> dict[str, Any]:
        feed = access.get_feed(acting, feed_id)
        return _feed(feed, busy.read_again(acting, feed))

    return write(request, slug, read)


@router.delete("feeds/{feed_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def remove_feed(request: HttpRequest, slug: Path[str], feed_id: UUID) -> Any:
    """Forget a calendar and the times that it said."""

    def remove(acting: Acting) -> dict[str, bool]:
        busy.remove_feed(acting, access.get_feed(acting, feed_id))
        return {"done": True}

    return write(request, slug, remove)


@router.post("equipment/{equipment_id}/maintenance", response={201: MaintenanceOut}, openapi_extra=IDEMPOTENT)
def add_maintenance(request: HttpRequest, slug: Path[str], equipment_id: UUID, body: MaintenanceIn) -> Any:
    """Keep equipment free of work for a while; reservations in that time become at risk."""

    def add(acting: Acting) -> dict[str, Any]:
        machine = access.get_equipment(acting, equipment_id)
        return _maintenance(busy.add_maintenance(acting, machine, **body.dict()))

    return write(request, slug, add, status=201)


@router.delete("maintenance/{busy_id}", response=DoneOut, openapi_extra=IDEMPOTENT)
def remove_maintenance(request: HttpRequest, slug: Path[str], busy_id: UUID) -> Any:
    """Maintenance does not take place."""

    def remove(acting: Acting) -> dict[str, bool]:
        busy.remove_maintenance(acting, access.get_maintenance(acting, busy_id))
        return {"done": True}

    return write(request, slug, remove)


def _feed(one: BusyFeed, job: Job | None) -> dict[str, Any]:
    problem = None
    if one.problem and one.failing_since:
        problem = {
            "code": one.problem,
            "message": feed_problems.told(one.problem, one.detail),
            "detail": one.detail,
            "since": one.failing_since.isoformat(),
        }
    return {
        "id": str(one.pk),
        "name": one.name,
        "address": one.address,
        "read_at": one.read_at.isoformat() if one.read_at else None,
        "problem": problem,
        "job": str(job.pk) if job else None,
    }


def _maintenance(one: BusyTime) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "note": one.note,
    }
