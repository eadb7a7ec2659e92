"""Hand out stored files so that a browser never runs what is in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from gonghe import storage
from gonghe.apps.base import NotFoundError
from gonghe.apps.orders.models import Document

CHUNK = 2**16
SHOWN = {Document.Kind.MESH, Document.Kind.THUMBNAIL}  # made here, so shown in pages; all else is saved


def serve(request: HttpRequest, document: Document) -> StreamingHttpResponse:
    """The bytes of a file that the caller has checked may be seen.

    Raises
    ------
    NotFoundError
        If the file is not on disk.
    """
    path = storage.path_of(str(document.organization_id), document.sha256)
    if not path.is_file():
        raise NotFoundError
    chunks = _read_async(path) if isinstance(request, ASGIRequest) else _read(path)
    response = StreamingHttpResponse(chunks, content_type=document.media_type)
    response["Content-Length"] = str(path.stat().st_size)
    attachment = document.kind not in SHOWN
    response["Content-Disposition"] = content_disposition_header(attachment, document.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _read_async(path: Path) -> AsyncIterator[bytes]:
    chunks = _read(path)

    def following() -> bytes:
        return next(chunks, b"")

    while chunk := await sync_to_async(following)():
        yield chunk
