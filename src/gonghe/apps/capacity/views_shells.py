"""Asset Administration Shells as pages: upload, download."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import shells
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.standards.aas import MAX_BYTES

AASX = "application/asset-administration-shell-package"


@member_page
def upload(request: ActingRequest) -> HttpResponse:
    """Take shells; what of them is not known here is said, nothing is half imported."""
    acting = request.acting
    context: dict[str, Any] = {
        "may_write": acting.may("capacity"),
        "max_bytes": MAX_BYTES,
        "station": "capacity",
    }
    if request.method == "POST":
        uploaded = request.FILES.get("file")
        try:
            content = uploaded.read(MAX_BYTES + 1) if uploaded else b""
            found = shells.import_shells(acting, content)
        except ServiceError as error:
            return render(
                request, "capacity/shells.html", context | {"refusal": error.message}, status=error.status
            )
        count = sum((found.done.added | found.done.changed).values())
        if found.left_out:
            return render(
                request, "capacity/shells.html", context | {"left_out": found.left_out, "count": count}
            )
        if found.done.nothing:
            messages.success(request, _("Everything in the file is here already; nothing was changed."))
        else:
            text = ngettext(
                "Imported: %d thing is new or changed.", "Imported: %d things are new or changed.", count
            )
            messages.success(request, text % count)
        return redirect("capacity:index", acting.organization.slug)
    return render(request, "capacity/shells.html", context)


@member_page
def export(request: ActingRequest) -> HttpResponse:
    """One's own machines as an AASX package."""
    return file_answer(request.acting.organization.slug, shells.export_shells(request.acting), "aasx")


def file_answer(slug: str, content: bytes, form: str) -> HttpResponse:
    """A file of shells, "aasx" or "json", to keep."""
    answer = HttpResponse(content, content_type=AASX if form == "aasx" else "application/json")
    answer["Content-Disposition"] = f'attachment; filename="{slug}.{form}"'
    return answer
