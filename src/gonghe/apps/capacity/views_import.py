"""The spreadsheet as pages: template, upload, download of what is here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import workbook
from gonghe.apps.capacity.forms import UploadForm
from gonghe.apps.members.acting import ActingRequest, member_page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CONTENT = {XLSX: {"schema": {"type": "string", "format": "binary"}}}
XLSX_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": _CONTENT}}
XLSX_ANSWER: dict[str, Any] = {"responses": {200: {"description": "The spreadsheet.", "content": _CONTENT}}}


@member_page
def upload(request: ActingRequest) -> HttpResponse:
    """Take a filled-in spreadsheet; wrong cells come back all at once."""
    context: dict[str, Any] = {"may_write": request.acting.may("capacity")}
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            context["errors"] = form.errors.get("file", [])
            return render(request, "capacity/upload.html", context, status=422)
        try:
            done = _import(request, form.cleaned_data["file"])
        except ServiceError as error:
            context |= {"refusal": error.message, "errors": error.details.get("cells") or [error.message]}
            return render(request, "capacity/upload.html", context, status=error.status)
        messages.success(request, _said(done))
        return redirect("capacity:index", request.acting.organization.slug)
    return render(request, "capacity/upload.html", context)


@member_page
def template(request: ActingRequest, language: str) -> HttpResponse:
    """The empty spreadsheet."""
    return file_answer(
        lambda path: workbook.write_template(path, language), f"gonghe-template-{language}.xlsx"
    )


@member_page
def export(request: ActingRequest) -> HttpResponse:
    """What one's own firm has here, as the same spreadsheet."""
    name = f"{request.acting.organization.slug}.xlsx"
    return file_answer(
        lambda path: workbook.export_workbook(request.acting, path, get_language() or "en"), name
    )


def _import(request: ActingRequest, uploaded: UploadedFile[Any]) -> workbook.Imported:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        for chunk in uploaded.chunks():
            file.write(chunk)
        file.flush()
        return workbook.import_workbook(request.acting, Path(file.name))


def file_answer(write: Callable[[Path], None], name: str) -> HttpResponse:
    """A spreadsheet to download, written by `write`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xlsx"
        write(path)
        content = path.read_bytes()
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _said(done: workbook.Imported) -> str:
    if done.nothing:
        return _("Everything in the file is here already; nothing was changed.")
    added, changed = sum(done.added.values()), sum(done.changed.values())
    return _("Imported: %(added)d added, %(changed)d changed.") % {"added": added, "changed": changed}
