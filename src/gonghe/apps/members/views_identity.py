"""Pages on who a firm is: its profile, its certificates, and what the cluster office verifies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe.apps.members import access, facts, identity
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.members.facts import Fact
from gonghe.apps.members.form_pages import form_page, own_url
from gonghe.apps.members.forms import CertificateForm, ProfileForm
from gonghe.apps.members.models import Certificate


@member_page
def profile(request: ActingRequest) -> HttpResponse:
    """Say who one's own organisation is."""
    firm = request.acting.organization
    form = ProfileForm(request.POST or None, instance=firm)

    def save() -> str:
        identity.save_profile(request.acting, **form.cleaned_data)
        return _("Saved.")

    units = {"turnover": firm.currency, "assets": firm.currency}
    return form_page(
        request, form, save, title=_("Who are you?"), submit=_("Save"), anchor="profile", units=units
    )


@member_page
def add_certificate(request: ActingRequest) -> HttpResponse:
    """Add a certificate."""
    return _certificate_page(request, None)


@member_page
def edit_certificate(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """Change a certificate, such as its last day after an audit."""
    return _certificate_page(request, facts.get_certificate(request.acting, certificate_id))


@require_POST
@member_page
def remove_certificate(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """Take a certificate out of the list."""
    found = facts.get_certificate(request.acting, certificate_id)
    identity.remove_certificate(request.acting, found)
    messages.success(request, _("%s is no longer in your list.") % found)
    return redirect(own_url(request, "certificates"))


@require_POST
@member_page
def verify(request: ActingRequest, firm: str) -> HttpResponse:
    """The cluster office vouches for a fact of a firm, as it stood on the page."""
    organization = access.get_organization(firm)
    fact = request.POST.get("fact", "")
    value = request.POST.get("value", "").replace("\r\n", "\n")  # browsers send line ends so
    identity.verify_fact(request.acting, organization, fact=fact, value=value)
    messages.success(request, _("Verified; %s is told.") % organization.local_name)
    return redirect("capacity:firm", request.acting.organization.slug, firm)


def certificates(acting: Acting, stated: list[Fact]) -> list[dict[str, Any]]:
    """The acting firm's certificates with what is known of each."""
    of_key = {fact.key: fact for fact in stated}
    own = facts.own_certificates(acting)
    return [{"certificate": one, "fact": of_key[f"certificate:{one.pk}"]} for one in own]


def _certificate_page(request: ActingRequest, certificate: Certificate | None) -> HttpResponse:
    form = CertificateForm(request.POST or None, instance=certificate)

    def save() -> str:
        saved, _change = identity.save_certificate(
            request.acting, certificate=certificate, **form.cleaned_data
        )
        return _("%s is saved. Capabilities that name it have it until it expires.") % saved

    title = (
        _("Until when does %s hold?") % certificate if certificate else _("Which certificate do you hold?")
    )
    return form_page(request, form, save, title=title, submit=_("Save"), anchor="certificates")
