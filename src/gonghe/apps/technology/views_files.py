"""Files of an offer on its page: added, removed, downloaded."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gonghe.apps.base import ServiceError
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.sending import send
from gonghe.apps.technology import access_sharing as access
from gonghe.apps.technology import files


@require_POST
@member_page
def add(request: ActingRequest, technology_id: UUID) -> HttpResponse:
    """Add a file to one's own offer."""
    technology = access.own_technology(request.acting, technology_id)
    sent = request.FILES.get("file")
    try:
        if sent is None:
            messages.error(request, _("Choose a file first."))
        else:
            intake = files.take_in(request.acting, sent.name or "", sent.chunks())
            files.add(request.acting, technology, intake)
            messages.success(request, _("Added. Firms with a licence in force can download it."))
    except ServiceError as error:
        messages.error(request, error.message)
    return redirect("technology:offer", request.acting.organization.slug, technology.pk)


@require_POST
@member_page
def remove(request: ActingRequest, file_id: UUID) -> HttpResponse:
    """Take a file out of one's own offer."""
    file = access.own_file(request.acting, file_id)
    files.remove(request.acting, file)
    messages.success(request, _("Removed. Copies taken before stay with those who took them."))
    return redirect("technology:offer", request.acting.organization.slug, file.technology_id)


@require_GET
@member_page
def download(request: ActingRequest, file_id: UUID) -> HttpResponseBase:
    """A file for its owner, or a copy that names the licensee."""
    file = access.get_file(request.acting, file_id)
    try:
        return handed_out(request, request.acting, file_id)
    except ServiceError as error:
        messages.error(request, error.message)
    return redirect("technology:offer", request.acting.organization.slug, file.technology_id)


def handed_out(request: HttpRequest, acting: Acting, file_id: UUID) -> StreamingHttpResponse:
    """The download itself: recorded, then streamed; no cache keeps it, for a licence can end."""
    file = access.get_file(acting, file_id)
    copy = files.take(acting, file)
    media_type = "application/octet-stream"
    response = send(request, copy.file, size=copy.size, name=file.name, media_type=media_type)
    response["Cache-Control"] = "private, no-store"
    return response
