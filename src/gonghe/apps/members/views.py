"""Pages of members: who works together here, and one's own organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.members import access, services, views_identity
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.members.facts import facts_of, verified_firms
from gonghe.apps.members.form_pages import form_page, own_url
from gonghe.apps.members.forms import DisclosureForm, InviteForm, PartnerForm, SiteForm
from gonghe.apps.members.models import Disclosure, Membership, Organization, Site


@member_page
def index(request: ActingRequest) -> HttpResponse:
    """Who works together here, and where."""
    own = request.acting.organization
    sites = list(access.visible_sites(own))
    named = set(access.partners(request.acting).values_list("partner_id", flat=True))
    firms = list(access.visible_organizations())
    verified = set(verified_firms().values_list("pk", flat=True))
    shown = {site.organization_id for site in sites}
    context = {
        "firms": [_firm_row(firm, own, sites, named) | {"verified": firm.pk in verified} for firm in firms],
        "count": len(firms),
        "on_map": len(shown),
        "own_sites": sum(site.organization_id == own.pk for site in sites),
        "map": {"sites": [_place(site, own, named) for site in sites], "legs": []},
        "places": [_place(site, own, named) for site in sites],
        "titleblock": [
            (_("Firm"), own.name),
            (_("Places from"), _("members who show you who they are")),
            (_("Computed"), _stamp()),
            (_("Seen by"), _("people of %s") % own.name),
        ],
    }
    return render(request, "members/index.html", context)


@member_page
def own(request: ActingRequest) -> HttpResponse:
    """One's own organisation: sites, people, who sees what, partners."""
    return _own_page(request)


@member_page
def add_site(request: ActingRequest) -> HttpResponse:
    """Add a site."""
    return _site_page(request, None)


@member_page
def edit_site(request: ActingRequest, site_id: UUID) -> HttpResponse:
    """Change a site; its code stays, because equipment refers to it."""
    return _site_page(request, access.get_site(request.acting, site_id))


@member_page
def invite(request: ActingRequest) -> HttpResponse:
    """Invite a person; the page that answers shows the link once."""
    form = InviteForm(request.POST or None, organization=request.acting.organization)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, token = services.invite(request.acting, **form.cleaned_data)
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            link = request.build_absolute_uri(reverse("members:join", args=[token]))
            context = {"invitation": invitation, "link": link, "days": services.INVITATION_DAYS}
            return render(request, "members/invited.html", context)
    context = {
        "form": form,
        "title": _("Whom do you invite?"),
        "submit": _("Make the invitation"),
        "back": own_url(request, "people"),
    }
    return render(request, "members/form.html", context)


@require_POST
@member_page
def cancel_invitation(request: ActingRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    services.cancel_invitation(request.acting, invitation_id)
    messages.success(request, _("The invitation no longer opens the door."))
    return redirect(own_url(request, "people"))


@require_POST
@member_page
def take_role(request: ActingRequest, membership_id: UUID) -> HttpResponse:
    """Take a role from a person."""
    membership = access.get_membership(request.acting, membership_id)
    try:
        services.take_role(request.acting, membership)
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%s no longer has this role.") % membership.user.name)
    return redirect(own_url(request, "people"))


@require_POST
@member_page
def disclose(request: ActingRequest) -> HttpResponse:
    """Choose who sees what."""
    form = DisclosureForm(request.POST, chosen=access.disclosures(request.acting))
    if not form.is_valid():
        return _own_page(request, disclosure=form)
    for group, level in form.cleaned_data.items():
        if access.disclosures(request.acting)[group] != level:
            services.set_disclosure(request.acting, group=group, level=level)
    messages.success(request, _("Saved; it holds from now on."))
    return redirect(own_url(request, "disclosure"))


@require_POST
@member_page
def name_partner(request: ActingRequest) -> HttpResponse:
    """Let a firm see what partners see."""
    form = PartnerForm(request.POST, others=_others(request))
    if not form.is_valid():
        return _own_page(request, partner=form)
    partner = form.cleaned_data["partner"]
    services.name_partner(request.acting, partner)
    messages.success(request, _("%s now sees what you show to partners.") % partner.local_name)
    return redirect(own_url(request, "partners"))


@require_POST
@member_page
def drop_partner(request: ActingRequest, partner: str) -> HttpResponse:
    """Show a firm no longer what partners see."""
    firm = access.get_organization(partner)
    services.drop_partner(request.acting, firm)
    messages.success(request, _("%s no longer sees what you show to partners.") % firm.local_name)
    return redirect(own_url(request, "partners"))


def _own_page(
    request: ActingRequest, disclosure: DisclosureForm | None = None, partner: PartnerForm | None = None
) -> HttpResponse:
    acting = request.acting
    chosen = access.disclosures(acting)
    people = _grouped(access.people(acting))
    sites = list(access.own_sites(acting))
    facts = facts_of(acting.organization)
    stated = [one for one in facts if one.value]
    seen = sum(one.verified is not None for one in stated)
    context = {
        "organization": acting.organization,
        "facts": [one for one in facts if one.expires_on is None],
        "certificates": views_identity.certificates(acting, facts),
        "may_certify": acting.may("technology"),
        "may_manage": acting.may("members"),
        "may_sites": acting.may("capacity"),
        "sites": sites,
        "people": people,
        "invitations": access.open_invitations(acting) if acting.may("members") else [],
        "disclosure": disclosure or DisclosureForm(chosen=chosen),
        "levels": [
            {"group": label, "level": Disclosure.Level(chosen[group]).label}
            for group, label in Disclosure.Group.choices
        ],
        "hidden": sum(level == Disclosure.Level.NOBODY for level in chosen.values()),
        "groups": len(chosen),
        "partners": access.partners(acting),
        "partner": partner or PartnerForm(others=_others(request)),
        "titleblock": [
            (_("Firm"), acting.organization.local_name),
            (_("Verified"), _("%(seen)d of %(all)d facts") % {"seen": seen, "all": len(stated)}),
            (_("Computed"), _stamp()),
            (_("Seen by"), _("people of %s") % acting.organization.local_name),
        ],
    }
    return render(request, "members/own.html", context, status=422 if disclosure or partner else 200)


def _site_page(request: ActingRequest, site: Site | None) -> HttpResponse:
    form = SiteForm(request.POST or None, instance=site)
    if site is not None:
        form.fields["code"].disabled = True

    def save() -> str:
        saved = services.save_site(request.acting, **form.cleaned_data)
        return _("%s is saved. Next: its equipment.") % saved.name

    title = _("Where is %s?") % site.name if site else _("Where do you work?")
    return form_page(request, form, save, title=title, submit=_("Save the site"), anchor="sites")


def _others(request: ActingRequest) -> Any:
    return access.visible_organizations().exclude(pk=request.acting.organization.pk)


def _grouped(memberships: Any) -> list[dict[str, Any]]:
    """Each person once, with all their roles."""
    people: dict[int, dict[str, Any]] = {}
    one: Membership
    for one in memberships:
        people.setdefault(one.user.pk, {"user": one.user, "roles": []})["roles"].append(one)
    return list(people.values())


def _firm_row(
    firm: Organization, own: Organization, sites: list[Site], partners: set[UUID]
) -> dict[str, Any]:
    return {
        "firm": firm,
        "own": firm.pk == own.pk,
        "partner": firm.pk in partners,
        "sites": [site for site in sites if site.organization_id == firm.pk],
    }


def _place(site: Site, own: Organization, partners: set[UUID]) -> dict[str, Any]:
    kind = (
        "own"
        if site.organization_id == own.pk
        else "partner"
        if site.organization_id in partners
        else "other"
    )
    return {
        "id": str(site.pk),
        "name": site.organization.local_name,
        "lat": float(site.latitude),
        "lon": float(site.longitude),
        "kind": kind,
        "note": site.name,
        "url": reverse("capacity:firm", args=[own.slug, site.organization.slug]),
    }


def _stamp() -> Any:
    return clock.now()
