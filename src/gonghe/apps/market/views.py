"""Pages of market."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from gonghe import clock, storage
from gonghe.apps.base import ConflictError, InvalidError, ServiceError
from gonghe.apps.market import access, pages, services
from gonghe.apps.market.forms import BidForm, ExtendForm, KeyHolderForm, NewCallForm, OpenForm
from gonghe.apps.market.models import Call
from gonghe.apps.market.suggest import quote, suggest, total
from gonghe.apps.members.access import visible_organizations
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.orders.access import get_order
from gonghe.apps.orders.sections import estimate_facts


def page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A member page that shows and reads times in the acting organisation's zone."""

    @member_page
    @wraps(view)
    def zoned(request: ActingRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(pages.zone_of(request.acting)):
            return view(request, *args, **kwargs)

    return zoned


@page
def index(request: ActingRequest) -> HttpResponse:
    """What can I bid on, what did I call, what waits to be opened, who offers hours?"""
    acting = request.acting
    invited = pages.invited_rows(acting)
    own = list(access.own_calls(acting))
    held = list(access.calls_to_open(acting)) if acting.is_office else []
    waiting = [row for row in invited if row.urgent]
    context = {
        "invited": invited,
        "waiting": len(waiting),
        "first": min((row.call.closes_at for row in waiting), default=None),
        "own": [(call, access.answers(call)) for call in own],
        "running": sum(call.state in access.RUNNING for call in own),
        "held": [(call, access.answers(call).bids, access.may_open_now(call)) for call in held],
        "ready": sum(access.may_open_now(call) for call in held),
        "offers": access.open_offers_shown(acting),
        "contracts": list(access.contracts(acting)),
        "key_holder": access.active_key_holder() if acting.is_office else None,
        "now": clock.now(),
        "titleblock": [
            (_("Firm"), acting.organization.local_name),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("your people alone; open offers by all members")),
        ],
    }
    return render(request, "market/index.html", context)


@page
def new_call(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Send an order out to firms of the buyer's choice."""
    acting = request.acting
    acting.require("market")
    order = get_order(acting, order_id)
    lines, zone = pages.order_lines(order), ZoneInfo(order.destination.time_zone)
    matched = pages.matched_firms(acting, lines)
    form = NewCallForm(
        request.POST or None,
        lines=lines,
        firms=[(str(row.organization.pk), row.label) for row in matched],
        zone=zone,
        initial=pages.first_terms(matched, zone),
    )
    with timezone.override(zone):
        if request.method == "POST" and form.is_valid():
            call = _opened_call(request, order, lines, form)
            if call is not None:
                return redirect("market:call", acting.organization.slug, call.pk)
        context = {
            "order": order,
            "form": form,
            "matched": matched,
            "capable": sum(row.can > 0 for row in matched),
            "titleblock": [
                (_("Order"), order.code),
                (_("From"), _("the limits that firms show you")),
                (_("Computed"), clock.now()),
                (_("Seen by"), _("you alone, until you call")),
            ],
            "unmatched": not lines or not any(line.operations.all() for line in lines),
        }
        return render(request, "market/new_call.html", context)


def _opened_call(request: ActingRequest, order: Any, lines: list[Any], form: NewCallForm) -> Call | None:
    chosen = form.cleaned_data
    try:
        return services.open_call(
            request.acting,
            order,
            lines=[line for line in lines if str(line.pk) in chosen["lines"]],
            organizations=visible_organizations().filter(pk__in=chosen["organizations"]),
            closes_at=chosen["closes_at"],
            bids_valid_until=chosen["valid_until"],
            vat=chosen["vat"],
            incoterm=chosen["incoterm"],
            note=chosen["note"],
        )
    except ServiceError as error:
        problems = error.details.get("problems", {})
        for field, message in problems.items():
            known = {"bids_valid_until": "valid_until"}.get(field, field)
            form.add_error(known if known in form.fields else None, message)
        if not problems:
            form.add_error(None, error.message)
        return None


@page
def call(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """A call, as the one who looks may see it: buyer, invited firm or key holder."""
    found, seat = access.get_call(request.acting, call_id)
    if seat == "holder":
        return redirect("market:open", request.acting.organization.slug, found.pk)
    if seat == "buyer":
        return _buyer_page(request, found)
    invitation = access.get_invitation(request.acting, call_id)
    unanswered = access.own_bid(request.acting, found) is None and invitation.declined_at is None
    if unanswered and _takes_bids(found) and request.acting.may("market"):
        return redirect("market:bid", request.acting.organization.slug, found.pk)
    return _bidder_page(request, found)


def _takes_bids(found: Call) -> bool:
    return found.state == Call.State.OPEN and clock.now() < found.closes_at


def _buyer_page(request: ActingRequest, found: Call, extend: ExtendForm | None = None) -> HttpResponse:
    acting = request.acting
    opened = found.state in {Call.State.OPENED, Call.State.AWARDED}
    compared, cheapest = pages.comparison(acting, found) if opened else ([], None)
    context = {
        "call": found,
        "called": access.get_called_order(acting, found.pk),
        "answers": access.answers(found),
        "firms": access.invited_firms(acting, found.pk),
        "opened": opened,
        "takes_bids": _takes_bids(found),
        "compared": compared,
        "cheapest": cheapest,
        "uncovered": sum(not row.offers for row in compared),
        "left_out": access.left_out(acting, found.pk) if opened else [],
        "contracts": [one for one in access.contracts(acting) if one.call_id == found.pk],
        "steps": pages.steps(found),
        "extend": extend or ExtendForm(initial={"closes_at": timezone.localtime(found.closes_at)}),
        "may_change": acting.may("market"),
        "titleblock": pages.titleblock(
            found, _("you; invited firms see the called lines only, and never another's bid")
        ),
    }
    return render(request, "market/call_buyer.html", context, status=422 if extend else 200)


def _bidder_page(request: ActingRequest, found: Call) -> HttpResponse:
    acting = request.acting
    items = access.own_items(acting, found)
    context = {
        "call": found,
        "called": access.get_called_order(acting, found.pk),
        "bid": access.own_bid(acting, found),
        "invitation": access.get_invitation(acting, found.pk),
        "result": access.result(acting, found),
        "takes_bids": _takes_bids(found),
        "items": items,
        "sum": sum(item.price for item in items),
        "contract": next((one for one in access.contracts(acting) if one.call_id == found.pk), None),
        "steps": pages.steps(found),
        "may_bid": acting.may("market"),
        "titleblock": pages.titleblock(found, _("you alone; nobody sees another's bid")),
    }
    return render(request, "market/call_bidder.html", context)


@sensitive_post_parameters()
@sensitive_variables()
@cache_control(no_store=True)
@page
def bid(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """Make, seal and send a bid."""
    acting = request.acting
    acting.require("market")
    found = access.get_invitation(acting, call_id).call
    suggestions = suggest(acting, found)
    form = BidForm(suggestions, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.submit_bid(acting, found, form.offers())
        except InvalidError as error:
            form.refuse(error)
        except ConflictError as error:
            form.errors.append(error.message)
        else:
            return redirect("market:receipt", acting.organization.slug, found.pk)
    if request.method != "POST" and not _takes_bids(found):
        return _bidder_page(request, found)
    able = [one for one in suggestions if one.best]
    context = {
        "call": found,
        "called": access.get_called_order(acting, found.pk),
        "form": form,
        "suggestions": suggestions,
        "quotes": [
            facts for one in quote(acting, found) if (facts := estimate_facts(one.line, one.estimate))
        ],
        "able": len(able),
        "cost": total(suggestions),
        "replaces": access.own_bid(acting, found),
        "steps": pages.steps(found),
        "titleblock": pages.titleblock(found, _("you alone, until opening")),
    }
    return render(request, "market/bid.html", context, status=422 if request.method == "POST" else 200)


@page
def receipt(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """Proof that a bid was received in time, and after opening that it counted unchanged."""
    found = access.get_invitation(request.acting, call_id).call
    context = {
        "call": found,
        "receipt": access.receipt(request.acting, found),
        "takes_bids": _takes_bids(found),
        "may_bid": request.acting.may("market"),
        "titleblock": pages.titleblock(found, _("you alone")),
    }
    return render(request, "market/receipt.html", context)


@page
def receipt_file(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """The receipt with the sealed bid itself: anyone can recompute the digest (SHA-256 of RFC 8785 JSON)."""
    found = access.get_invitation(request.acting, call_id).call
    proof = access.receipt(request.acting, found)
    answer = JsonResponse(access.receipt_json(proof), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="receipt-{found.order.code}.json"'
    return answer


@require_POST
@page
def withdraw(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """Take the bid back."""
    services.withdraw_bid(request.acting, access.get_invitation(request.acting, call_id).call)
    messages.success(request, _("Your bid is withdrawn and erased. You can bid again until bids close."))
    return redirect("market:index", request.acting.organization.slug)


@require_POST
@page
def decline(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """Say that one will not bid."""
    services.decline(request.acting, access.get_invitation(request.acting, call_id).call)
    messages.success(request, _("You declined. You can still bid until bids close."))
    return redirect("market:index", request.acting.organization.slug)


@require_POST
@page
def extend(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """Give the firms more time."""
    found = access.get_own_call(request.acting, call_id)
    form = ExtendForm(request.POST)
    if form.is_valid():
        try:
            services.extend_call(request.acting, found, form.cleaned_data["closes_at"])
        except (InvalidError, ConflictError) as error:
            form.add_error("closes_at", error.message)
        else:
            return redirect("market:call", request.acting.organization.slug, found.pk)
    return _buyer_page(request, found, form)


@require_POST
@page
def cancel(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """Call it off."""
    found = access.get_own_call(request.acting, call_id)
    services.cancel_call(request.acting, found)
    messages.success(request, _("The call is cancelled; sealed bids were erased unread."))
    return redirect("market:index", request.acting.organization.slug)


@sensitive_post_parameters()
@sensitive_variables()
@cache_control(no_store=True)
@page
def open_(request: ActingRequest, call_id: UUID) -> HttpResponse:
    """The key holder opens the bids."""
    acting = request.acting
    found = access.get_held_call(acting, call_id)
    form = OpenForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            services.open_bids(
                chosen["private_key"], acting, found, without_damaged=chosen["without_damaged"]
            )
        except ConflictError as error:
            form.add_error("key_file" if error.code == "wrong_key" else None, error.message)
        else:
            return redirect("market:open", acting.organization.slug, found.pk)
    context = {
        "call": found,
        "answers": access.answers(found),
        "ready": access.may_open_now(found),
        "form": form,
        "damaged": bool(form.non_field_errors()),
        "steps": pages.steps(found),
        "titleblock": pages.titleblock(found, _("you and the buyer; the bids are shown to the buyer only")),
    }
    return render(request, "market/open.html", context, status=422 if form.errors else 200)


@page
def key_holder(request: ActingRequest) -> HttpResponse:
    """Register the public half of a new key."""
    acting = request.acting
    acting.require("keyholder")
    form = KeyHolderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.register_key_holder(acting, acting.organization, form.cleaned_data["public_key"].strip())
        except InvalidError as error:
            form.add_error("public_key", error.message)
        else:
            messages.success(request, _("Bids of new calls are sealed with this key. Keep its file safe."))
            return redirect("market:index", acting.organization.slug)
    context = {"form": form, "key_holder": access.active_key_holder()}
    return render(request, "market/key_holder.html", context, status=422 if form.errors else 200)


@page
def document(request: ActingRequest, call_id: UUID, document_id: UUID) -> FileResponse:
    """A drawing of a called line."""
    return file_answer(access.get_document(request.acting, call_id, document_id))


def file_answer(found: Any) -> FileResponse:
    """A stored document as a download."""
    path = storage.path_of(str(found.organization_id), found.sha256)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=found.name)
    answer["Content-Type"] = found.media_type
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
