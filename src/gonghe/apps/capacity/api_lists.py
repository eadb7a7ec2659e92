"""API of machine lists: send one, see what its columns probably mean, confirm and import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from gonghe.apps.capacity import access, machinelist, progress
from gonghe.apps.capacity.models import MachineList
from gonghe.apps.members.access import get_site
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write

router = Router(tags=["capacity"])
CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class MachineListOut(Schema):
    """A machine list; `columns` says for each name of `header` what it means, "" is left out."""

    id: UUID
    header: list[str]
    columns: list[str]
    rows: int = Field(description="Rows that wait to be imported.")
    imported: bool


class MachineListIn(Schema):
    """What the columns mean and what the list does not say."""

    columns: list[str] = Field(max_length=80, description='A meaning for each column; "" leaves it out.')
    site: UUID = Field(description="Of the machines whose row names none.")
    calendar: UUID | None = Field(None, description="By which all work; null makes one of `weekly`.")
    weekly: list[list[int | str]] = Field(
        default_factory=list, description='[weekday 0-6, "08:00", "17:00"]', max_length=100
    )


class ListImportedOut(Schema):
    """What the import did, and codes of machines whose process is not known yet."""

    added: dict[str, int]
    changed: dict[str, int]
    without_process: list[str]


class StepOut(Schema):
    """A thing that a firm needs before it is matched, offered work or paid."""

    key: str
    goal: str = Field(description="matched, offered or paid")
    done: bool
    title: str
    note: str
    url: str = Field(description="The page where it is done.")


@router.get("progress", response=list[StepOut])
def get_progress(request: HttpRequest, slug: Path[str]) -> list[progress.Step]:
    """What your firm has and lacks before it can be matched, offered work and paid."""
    return progress.steps(acting_of(request, slug))


@router.post("machine-lists", response={201: MachineListOut}, openapi_extra=IDEMPOTENT | CSV_BODY)
def send_machine_list(request: HttpRequest, slug: Path[str]) -> Any:
    """Send a machine list (CSV, the body); the answer proposes what its columns mean, nothing is added."""
    return write(
        request, slug, lambda acting: _out(machinelist.take_in(acting, "api", request.body)), status=201
    )


@router.get("machine-lists/{list_id}", response=MachineListOut)
def get_machine_list(request: HttpRequest, slug: Path[str], list_id: UUID) -> dict[str, Any]:
    """One machine list of your firm."""
    return _out(machinelist.get_list(acting_of(request, slug), list_id))


@router.put("machine-lists/{list_id}", response=ListImportedOut, openapi_extra=IDEMPOTENT)
def import_machine_list(request: HttpRequest, slug: Path[str], list_id: UUID, body: MachineListIn) -> Any:
    """Confirm what the columns mean and import the list: all of it or nothing."""

    def run(acting: Acting) -> dict[str, Any]:
        done = machinelist.import_list(
            acting,
            machinelist.get_list(acting, list_id),
            body.columns,
            site=get_site(acting, body.site),
            calendar=access.get_calendar(acting, body.calendar) if body.calendar else None,
            weekly=body.weekly,
            currency=acting.organization.currency,
        )
        return {
            "added": done.done.added,
            "changed": done.done.changed,
            "without_process": list(done.without_process),
        }

    return write(request, slug, run)


def _out(one: MachineList) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "header": one.header,
        "columns": one.columns,
        "rows": len(one.rows),
        "imported": one.imported_at is not None,
    }
