"""Hand out files so that a browser never runs what is in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

CHUNK = 2**16


def send(
    request: HttpRequest, file: BinaryIO, *, size: int, name: str, media_type: str, saved: bool = True
) -> StreamingHttpResponse:
    """Stream an open file, which is closed with the answer.

    Parameters
    ----------
    size
        Bytes of the file.
    saved
        Whether the browser saves it; else it may show it.
    """
    chunks = _read_async(file) if isinstance(request, ASGIRequest) else _read(file)
    response = StreamingHttpResponse(chunks, content_type=media_type)
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]  # as FileResponse does
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = content_disposition_header(saved, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _read_async(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := await sync_to_async(file.read)(CHUNK):
            yield chunk
