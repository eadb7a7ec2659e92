"""Hand out the files of orders."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse

from gonghe import storage
from gonghe.apps.base import NotFoundError
from gonghe.apps.orders.models import Document
from gonghe.apps.sending import send

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
    return send(
        request,
        path.open("rb"),
        size=path.stat().st_size,
        name=document.name,
        media_type=document.media_type,
        saved=document.kind not in SHOWN,
    )
