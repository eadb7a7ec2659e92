"""Pages of the tables that a firm's estimates rest on: its own figures beside the shipped ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gonghe import clock
from gonghe.apps.base import NotFoundError, ServiceError
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.technology import access, figures, stating, words_figures
from gonghe.apps.technology.forms_figures import FiguresForm, shipped_values
from gonghe.apps.technology.words_figures import GROUPS, Group, in_group, name_of, plain, unit_text

Facts = dict[str, Any]


@require_GET
@member_page
def index(request: ActingRequest) -> HttpResponse:
    """All own figures beside the shipped ones, and the groups in which they are stated."""
    codes = access.codes_of(request.acting)
    rows = access.own_rows(request.acting)
    own = {row.code for row in rows}
    context = {
        "own": [
            {
                "row": row,
                "group": _group_of(row.code),
                "text": words_figures.figure_text(row.code),
                "shipped": plain(figures.shipped_value(row.code)),
                "value": plain(row.value) if row.value is not None else "",
                "unit": unit_text(row.code),
            }
            for row in rows
        ],
        "count": len(codes),
        "groups": [
            {"group": group, "count": len(inside), "own": len(own & set(inside))}
            for group in GROUPS
            if (inside := in_group(codes, group))
        ],
        "may_write": request.acting.may("technology"),
        "titleblock": _titleblock(request.acting),
    }
    return render(request, "technology/figures.html", context)


@member_page
def group(request: ActingRequest, group: str) -> HttpResponse:
    """The figures of one group: shipped and own, in a form."""
    found = _group(group)
    codes = in_group(access.codes_of(request.acting), found)
    own = figures.own_figures(request.acting.organization.pk)
    data = request.POST if request.method == "POST" else None
    form = FiguresForm(data, codes, own, shipped_values(codes))
    if form.is_bound and form.is_valid():
        try:
            changed = stating.state(request.acting, form.cleaned_data)
        except ServiceError as error:
            form.refuse(error)
        else:
            messages.success(request, _said(len(changed)))
            return redirect("technology:figures", request.acting.organization.slug)
    context = {
        "form": form,
        "group": found,
        "sections": _sections(form),
        "own": sum(code in own for code in codes),
        "may_write": request.acting.may("technology"),
        "titleblock": _titleblock(request.acting),
    }
    return render(request, "technology/figures_group.html", context, status=422 if form.errors else 200)


@require_POST
@member_page
def take_back(request: ActingRequest) -> HttpResponse:
    """Back to the shipped figures: those of a group, one of them, or all."""
    named, code = request.POST.get("group", ""), request.POST.get("code", "")
    codes = [code] if code else None
    if named:
        codes = in_group(access.codes_of(request.acting), _group(named))
    changed = stating.take_back(request.acting, codes)
    messages.success(request, _said(len(changed)))
    return redirect("technology:figures", request.acting.organization.slug)


@require_GET
@member_page
def download(request: ActingRequest) -> HttpResponse:
    """All figures as CSV, to be changed and sent back."""
    return csv_answer(request.acting)


@require_POST
@member_page
def upload(request: ActingRequest) -> HttpResponse:
    """Take figures from a CSV file: all of them, or none."""
    sent = request.FILES.get("file")
    if sent is None:
        messages.error(request, _("Choose a file first."))
        return redirect("technology:figures", request.acting.organization.slug)
    try:
        changed = stating.state(request.acting, stating.from_csv(sent.read()))
    except ServiceError as error:
        wrong = error.details.get("items", [])
        told: list[Any] = [*_errors(wrong)] or [error.message]
        context = {"errors": told, "titleblock": _titleblock(request.acting)}
        return render(request, "technology/figures_refused.html", context, status=error.status)
    messages.success(request, _said(len(changed)))
    return redirect("technology:figures", request.acting.organization.slug)


def csv_answer(acting: Acting) -> HttpResponse:
    """The table as a file."""
    text = stating.as_csv(acting, access.codes_of(acting))
    # the mark in front: spreadsheets then read Chinese names as they are
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="figures.csv"'
    return response


def _sections(form: FiguresForm) -> list[Facts]:
    """Rows that say the same figure of several materials or processes, below its name."""
    sections: dict[str, list[Facts]] = {}
    for row in form.rows():
        title = str(words_figures.NAMES[row["name"]]) if row["subject"] else ""
        sections.setdefault(title, []).append(row)
    return [{"title": title, "rows": rows} for title, rows in sections.items()]


def _group(key: str) -> Group:
    found = next((one for one in GROUPS if one.key == key), None)
    if found is None:
        raise NotFoundError
    return found


def _group_of(code: str) -> Group:
    return next(one for one in GROUPS if name_of(code) in one.names)


def _errors(wrong: list[Facts]) -> list[Facts]:
    rows = [(_("Row %d") % one["row"]) if "row" in one else one["code"] for one in wrong]
    return [
        {"where": where, "message": f"{one['code']}: {one['message']}"}
        for where, one in zip(rows, wrong, strict=True)
    ]


def _said(changed: int) -> str:
    if not changed:
        return _("Nothing was different.")
    return ngettext(
        "%d figure changed. The estimates of your drafts are worked out again.",
        "%d figures changed. The estimates of your drafts are worked out again.",
        changed,
    ) % (changed,)


def _titleblock(acting: Acting) -> list[tuple[str, Any]]:
    firm = acting.organization.local_name
    return [
        (_("Firm"), firm),
        (_("Shipped figures"), _("starting values that come with Gonghe")),
        (_("Computed"), clock.now()),
        (_("Seen by"), _("people of %s") % firm),
    ]
