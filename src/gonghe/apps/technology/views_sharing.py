"""Pages of shared know-how: what is on offer, one offer, one licence, what is due."""

from __future__ import annotations

import csv
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import InvalidError, ServiceError
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.technology import access_sharing as access
from gonghe.apps.technology import sharing, usage, words
from gonghe.apps.technology.forms_sharing import OfferForm, WordsForm
from gonghe.apps.technology.models import Licence, Technology


@member_page
def offers(request: ActingRequest) -> HttpResponse:
    """Know-how of others, one's own, and licences of both sides."""
    firm = request.acting.organization
    found = list(access.visible_technologies(request.acting))
    licences = list(access.visible_licences(request.acting))
    context = {
        "own": [one for one in found if one.organization_id == firm.pk],
        "others": [one for one in found if one.organization_id != firm.pk and one.active],
        "waiting": [one for one in licences if one.state == "asked" and one.organization_id != firm.pk],
        "licences": licences,
        "dues": usage.dues(request.acting),
        "may_write": request.acting.may("technology"),
        "titleblock": _titleblock(request),
    }
    return render(request, "technology/offers.html", context)


@member_page
def offer(request: ActingRequest, technology_id: UUID) -> HttpResponse:
    """One offer: the summary and terms for all who see it, the content for licensees."""
    technology = access.get_technology(request.acting, technology_id)
    own = technology.organization_id == request.acting.organization.pk
    licences = list(access.visible_licences(request.acting).filter(technology=technology))
    context = {
        "technology": technology,
        "own": own,
        "process": words.process_name(technology.process) if technology.process else "",
        "open": access.sees_content(request.acting, technology),
        "files": access.open_files(request.acting, technology),
        "file_limit": settings.UPLOAD_LIMIT_BYTES,
        "licences": licences,
        "licence": next((one for one in licences if not own and one.state in Licence.OPEN), None),
        "may_write": request.acting.may("technology"),
        "form": WordsForm(),
        "titleblock": _titleblock(request),
    }
    return render(request, "technology/offer.html", context)


@member_page
def add_offer(request: ActingRequest) -> HttpResponse:
    """Offer know-how."""
    return _form_page(request, None)


@member_page
def edit_offer(request: ActingRequest, technology_id: UUID) -> HttpResponse:
    """Change an offer."""
    return _form_page(request, access.own_technology(request.acting, technology_id))


@require_POST
@member_page
def ask(request: ActingRequest, technology_id: UUID) -> HttpResponse:
    """Ask for a licence."""
    technology = access.get_technology(request.acting, technology_id)
    try:
        licence = sharing.ask(request.acting, technology, request.POST.get("text", ""))
    except ServiceError as error:
        messages.error(request, error.message)
        return redirect("technology:offer", request.acting.organization.slug, technology.pk)
    messages.success(request, _("Asked. The owner is told at once."))
    return redirect("technology:licence", request.acting.organization.slug, licence.pk)


@member_page
def licence(request: ActingRequest, licence_id: UUID) -> HttpResponse:
    """One licence: its terms, what comes next, what was made and is due."""
    found = access.get_licence(request.acting, licence_id)
    context = {
        "licence": found,
        "technology": found.technology,
        "own": found.technology.organization_id == request.acting.organization.pk,
        "pieces": usage.pieces_made([found]).get(found.pk, 0),
        "dues": usage.dues(request.acting, found),
        "may_write": request.acting.may("technology"),
        "form": WordsForm(),
        "titleblock": _titleblock(request),
    }
    return render(request, "technology/licence.html", context)


@require_POST
@member_page
def answer(request: ActingRequest, licence_id: UUID) -> HttpResponse:
    """Grant, refuse, accept or end a licence."""
    found = access.get_licence(request.acting, licence_id)
    text = request.POST.get("text", "")
    try:
        _act(request, found, request.POST.get("do", ""), text)
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Done; the other firm is told."))
    return redirect("technology:licence", request.acting.organization.slug, found.pk)


@member_page
def dues(request: ActingRequest) -> HttpResponse:
    """What was made and is due by licence and month, as CSV."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="licence-dues.csv"'
    response.write("\ufeff")  # spreadsheets then read Chinese names as they are
    out = csv.writer(response)
    out.writerow(
        [
            "period",
            "technology",
            "owner",
            "licensee",
            "price",
            "rate",
            "pieces",
            "value",
            "amount",
            "currency",
        ]
    )
    for one in usage.dues(request.acting):
        held, technology = one.licence, one.licence.technology
        firms = (technology.organization.local_name, held.organization.local_name)
        named = [_plain_cell(text) for text in (technology.title, *firms)]
        sums = [one.pieces, one.value, one.amount, held.currency]
        out.writerow([one.period, *named, held.price_kind, held.price, *sums])
    return response


def _plain_cell(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _act(request: ActingRequest, found: Licence, what: str, text: str) -> None:
    if what == "grant":
        sharing.grant(request.acting, found)
    elif what == "refuse":
        sharing.refuse(request.acting, found, text)
    elif what == "accept":
        sharing.accept(request.acting, found)
    elif what == "end":
        sharing.end(request.acting, found, text)
    else:
        raise InvalidError(_("Choose one of the buttons."))


def _form_page(request: ActingRequest, technology: Technology | None) -> HttpResponse:
    request.acting.require("technology")
    form = OfferForm(request.POST if request.method == "POST" else None, technology=technology)
    if form.is_bound and form.is_valid():
        try:
            wanted = form.wanted(request.acting.organization.currency)
            saved = sharing.save_technology(request.acting, wanted, technology)
        except ServiceError as error:
            field = next((name for name in error.details.get("fields", ()) if name in form.fields), None)
            form.add_error(field, error.message)
        else:
            return redirect("technology:offer", request.acting.organization.slug, saved.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "technology": technology}
    return render(request, "technology/offer_form.html", context, status=status)


def _titleblock(request: ActingRequest) -> list[tuple[str, Any]]:
    firm = request.acting.organization.local_name
    return [
        (_("Firm"), firm),
        (_("Computed"), clock.now()),
        (_("From"), _("offers, licences and reported pieces")),
        (_("Seen by"), _("people of %s") % firm),
    ]
