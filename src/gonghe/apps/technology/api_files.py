"""API of the files of an offer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, File, Path, Router, Schema
from ninja.files import UploadedFile

from gonghe.apps.members.acting import Acting
from gonghe.apps.members.http import IDEMPOTENT, acting_of, write
from gonghe.apps.technology import access_sharing as access
from gonghe.apps.technology import files
from gonghe.apps.technology.models import KnowHowFile
from gonghe.apps.technology.views_files import handed_out

router = Router()


class FileOut(Schema):
    """A file of an offer."""

    id: UUID
    name: str
    size: int = Field(description="Bytes, before a licensee is named in it.")
    mark: str = Field(description="How a licensee's copy names it: pdf, text, step or none.")


@router.get("technologies/{technology_id}/files", response=list[FileOut])
def list_files(request: HttpRequest, slug: Path[str], technology_id: UUID) -> Any:
    """Files of an offer of yours, or of one that you have a licence in force of; else none."""
    acting = acting_of(request, slug)
    technology = access.get_technology(acting, technology_id)
    return list(access.open_files(acting, technology))


@router.post("technologies/{technology_id}/files", response={201: FileOut}, openapi_extra=IDEMPOTENT)
def add_file(request: HttpRequest, slug: Path[str], technology_id: UUID, file: File[UploadedFile]) -> Any:
    """Add a file (multipart) to your offer."""
    acting = acting_of(request, slug)
    technology = access.own_technology(acting, technology_id)
    intake = files.take_in(acting, file.name or "", file.chunks())

    def add(acting: Acting) -> dict[str, Any]:
        return _out(files.add(acting, technology, intake))

    return write(request, slug, add, status=201, body=f"{intake.sha256} {intake.name}".encode())


@router.delete("technologies/files/{file_id}", response=FileOut, openapi_extra=IDEMPOTENT)
def remove_file(request: HttpRequest, slug: Path[str], file_id: UUID) -> Any:
    """Take a file out of your offer; copies taken before stay with those who took them."""

    def remove(acting: Acting) -> dict[str, Any]:
        file = access.own_file(acting, file_id)
        gone = _out(file)
        files.remove(acting, file)
        return gone

    return write(request, slug, remove)


@router.get("technologies/files/{file_id}", response={200: None})
def get_file(request: HttpRequest, slug: Path[str], file_id: UUID) -> StreamingHttpResponse:
    """Download a file; a licensee's copy names the licensee. Recorded for owner and licensee."""
    return handed_out(request, acting_of(request, slug), file_id)


def _out(file: KnowHowFile) -> dict[str, Any]:
    return {"id": str(file.pk), "name": file.name, "size": file.size, "mark": file.mark}
