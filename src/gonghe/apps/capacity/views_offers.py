"""Pages of hours on offer: publish, find, hold, confirm, cancel, mark as used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gonghe import clock
from gonghe.apps.base import ServiceError
from gonghe.apps.capacity import access, offering, starts
from gonghe.apps.capacity.forms import refuse
from gonghe.apps.capacity.forms_offer import LengthForm, OfferForm, WishForm, next_week
from gonghe.apps.capacity.models import SLOT_SECONDS, CapacityOffer, Reservation
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.technology import access as technology
from gonghe.apps.technology import words

State = Reservation.State
TAKEN = (*Reservation.LIVE, State.USED)


@member_page
def offers(request: ActingRequest) -> HttpResponse:
    """Hours that others offer, hours of others that one holds, and one's own offers."""
    acting = request.acting
    found = list(access.visible_offers(acting))
    others = [_line(one) for one in found if one.organization_id != acting.organization.pk]
    mine = [one for one in found if one.organization_id == acting.organization.pk]
    live = [one for one in mine if one.closed_at is None and one.end > clock.now()]
    held = list(
        access.offered_hours(acting).filter(
            holder=acting.organization, state__in=Reservation.LIVE, end__gt=clock.now()
        )
    )
    context = {
        "others": others,
        "left_s": sum(one["left_s"] for one in others),
        "firms": len({one["offer"].organization_id for one in others}),
        "mine": [_line(one) for one in live],
        "closed": [_line(one) for one in mine if one not in live],
        "held": [_hours(one, acting) for one in held],
        "waiting": next((one for one in held if one.state == State.HELD), None),
        "may_offer": acting.may("capacity") and access.own_equipment(acting).exists(),
        "titleblock": [
            (_("Offers"), _("your own, and those that others show you")),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("people of %s") % acting.organization.local_name),
        ],
    }
    return render(request, "capacity/offers.html", context)


@member_page
def add_offer(request: ActingRequest) -> HttpResponse:
    """Publish hours of one machine, or of any of several."""
    acting = request.acting
    machines = access.own_equipment(acting).exclude(calendar=None)
    zone = _own_zone(acting)
    with timezone.override(zone):
        form = OfferForm(
            request.POST or None,
            machines=machines,
            processes=technology.own_capabilities(acting).values_list("process", flat=True),
            initial={"currency": acting.organization.currency} | next_week(clock.now(), zone),
        )
        made = _published(acting, form) if request.method == "POST" and form.is_valid() else []
        if made:
            messages.success(request, _("Published. Others see what is left, not which machines."))
            return redirect("capacity:offer", acting.organization.slug, made[0].pk)
        context = {
            "form": form,
            "has_machines": machines.exists(),
            "zone": zone.key,
            "units": {"min_hours": "h", "max_hours": "h", "notice_hours": "h", "cancel_fee_percent": "%"},
        }
        return render(request, "capacity/offer_form.html", context, status=422 if form.errors else 200)


@member_page
def offer(request: ActingRequest, offer_id: UUID) -> HttpResponse:
    """One offer: its terms; for its firm who holds what, for others when hours could begin."""
    acting = request.acting
    found = access.get_offer(acting, offer_id)
    own = found.organization_id == acting.organization.pk
    zone = _zone(found)
    taken = list(access.offered_hours(acting).filter(offer=found, state__in=TAKEN))
    context = _line(found) | {
        "own": own,
        "zone": zone.key,
        "process": words.process_name(found.process) if found.process else "",
        "machines": access.machines_of(found) if own else [],
        "taken": [_hours(one, acting) for one in taken],
        "may_close": own and acting.may("capacity") and found.closed_at is None,
        "may_hold": not own and acting.may("orders"),
        "titleblock": [
            (_("Offer of"), found.organization.local_name),
            (_("Time zone"), zone.key),
            (_("Computed"), clock.now()),
            (_("Seen by"), found.get_visibility_display() if own else _("firms that it was shown to")),
        ],
    }
    if not own:
        context |= _picking(request, found, zone)
    return render(request, "capacity/offer.html", context)


@require_POST
@member_page
def close_offer(request: ActingRequest, offer_id: UUID) -> HttpResponse:
    """Take an offer back."""
    found = access.get_offer(request.acting, offer_id)
    try:
        offering.close(request.acting, found)
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The offer is closed; what is reserved stays."))
    return redirect("capacity:offers", request.acting.organization.slug)


@require_POST
@member_page
def hold(request: ActingRequest, offer_id: UUID) -> HttpResponse:
    """Hold the hours that were picked."""
    slug = request.acting.organization.slug
    found = access.get_offer(request.acting, offer_id)
    form = WishForm(request.POST)
    try:
        if form.is_valid():
            held = offering.hold(request.acting, found, **_wish(form))
            return redirect("capacity:held", slug, held.pk)
        messages.error(request, _("Pick one of the starts."))
    except ServiceError as error:
        messages.error(request, error.message)
    return redirect("capacity:offer", slug, found.pk)


@member_page
def held(request: ActingRequest, reservation_id: UUID) -> HttpResponse:
    """Hours taken of an offer: what they cost, what cancelling costs, what comes next."""
    acting, now = request.acting, clock.now()
    found = access.get_offered_hours(acting, reservation_id)
    assert found.offer is not None
    holder = found.holder_id == acting.organization.pk
    context = _hours(found, acting) | {
        "offer": found.offer,
        "firm": found.offer.organization,
        "holder": holder,
        "fee_now": offering.fee_of(found, now),
        "free_until": found.start - timedelta(hours=found.offer.notice_hours),
        "may_cancel": _may_cancel(acting, found, holder=holder),
        "may_confirm": holder and acting.may("orders") and found.state == State.HELD and not _lapsed(found),
        "may_use": not holder
        and acting.may("workshop")
        and found.state == State.CONFIRMED
        and found.start <= now,
        "titleblock": [
            (_("Offer of"), found.offer.organization.local_name),
            (_("Time zone"), found.equipment.zone.key),
            (_("Computed"), now),
            (_("Seen by"), _("the firm of the offer and the holder")),
        ],
    }
    return render(request, "capacity/held.html", context)


@require_POST
@member_page
def confirm(request: ActingRequest, reservation_id: UUID) -> HttpResponse:
    """Turn held hours into reserved ones."""
    return _step(request, reservation_id, offering.confirm, _("Confirmed: the hours are yours."))


@require_POST
@member_page
def cancel(request: ActingRequest, reservation_id: UUID) -> HttpResponse:
    """Give hours up, for the fee that was shown."""
    return _step(request, reservation_id, offering.cancel, _("Cancelled; the hours are free again."))


@require_POST
@member_page
def use(request: ActingRequest, reservation_id: UUID) -> HttpResponse:
    """Say that reserved hours were used."""
    return _step(request, reservation_id, offering.use, _("Marked as used; what was left of them is free."))


def _step(
    request: ActingRequest, reservation_id: UUID, step: Callable[[Acting, Reservation], object], done: str
) -> HttpResponse:
    found = access.get_offered_hours(request.acting, reservation_id)
    try:
        step(request.acting, found)
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("capacity:held", request.acting.organization.slug, found.pk)


def _published(acting: Acting, form: OfferForm) -> list[CapacityOffer]:
    data = form.cleaned_data
    try:
        return offering.publish(acting, list(data["equipment"]), form.terms(), weeks=data["weeks"])
    except ServiceError as error:
        refuse(form, error)
        return []


def _wish(form: WishForm) -> dict[str, Any]:
    return {"start": form.cleaned_data["start"], "length": form.cleaned_data["hours"]}


def _picking(request: ActingRequest, found: CapacityOffer, zone: ZoneInfo) -> dict[str, Any]:
    """The length that is asked for, what it costs, and when it could begin."""
    least, left = found.min_quarters, found.max_quarters - found.taken
    if left < least or found.closed_at is not None:
        return {"spent": True}
    form = LengthForm(request.GET if "hours" in request.GET else {"hours": f"{least / 4:g}"})
    quarters = least
    if form.is_valid():
        try:
            quarters = offering.quarters_of(form.cleaned_data["hours"], "hours")
        except ServiceError as error:
            refuse(form, error)
        if not form.errors and not least <= quarters <= left:
            form.add_error(
                "hours", _("Ask for %(least)g to %(most)g h.") % {"least": least / 4, "most": left / 4}
            )
    if form.errors:
        return {"length": form, "wrong": True}
    proposal = starts.propose(found, quarters, zone, since=form.cleaned_data["since"])
    here = reverse("capacity:offer", args=[request.acting.organization.slug, found.pk])
    hours = f"{quarters / 4:g}"
    return {
        "length": form,
        "hours": hours,
        "length_s": quarters * SLOT_SECONDS,
        "price": offering.price_of(found, quarters),
        "days": proposal.days,
        "later": proposal.later and f"{here}?hours={hours}&since={proposal.later:%Y-%m-%d}#starts",
    }


def _line(one: CapacityOffer) -> dict[str, Any]:
    return {
        "offer": one,
        "left_s": (one.max_quarters - one.taken) * SLOT_SECONDS,
        "taken_s": one.taken * SLOT_SECONDS,
        "all_s": one.max_quarters * SLOT_SECONDS,
        "least_s": one.min_quarters * SLOT_SECONDS,
    }


def _hours(one: Reservation, acting: Acting) -> dict[str, Any]:
    return {
        "reservation": one,
        "length_s": (one.end - one.start).total_seconds(),
        "zone": one.equipment.zone.key,
        "state": _("expired") if _lapsed(one) else one.get_state_display(),
        "lapsed": _lapsed(one),
        "mine": one.holder_id == acting.organization.pk,
    }


def _lapsed(one: Reservation) -> bool:
    """Whether the hold is over although nobody took it back yet."""
    return one.held_until is not None and one.state in Reservation.LIVE and one.held_until <= clock.now()


def _may_cancel(acting: Acting, one: Reservation, *, holder: bool) -> bool:
    if one.state not in Reservation.LIVE or _lapsed(one):
        return False
    return acting.may("orders") if holder else acting.may("capacity") and one.state == State.AT_RISK


def _zone(found: CapacityOffer) -> ZoneInfo:
    return access.machines_of(found)[0].zone


def _own_zone(acting: Acting) -> ZoneInfo:
    site = members.own_sites(acting).first()
    return site.zone if site else ZoneInfo(timezone.get_current_timezone_name())
