"""What waits for a person: the answer to "what needs me now?", most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.capacity import access as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.market import access as market
from gonghe.apps.market.models import Call
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.facts import last_moment, running_out, today, unverified_firms
from gonghe.apps.orders import access as orders
from gonghe.apps.orders.models import Order
from gonghe.apps.plans import access as plans
from gonghe.apps.workshop import access as workshop
from gonghe.apps.workshop.models import Handover, JobOrder
from gonghe.joining import joined


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits: what, why, the button, where, and until when."""

    title: str
    note: str
    action: str
    url: str
    due: datetime | None = None
    urgent: bool = False


def needs(acting: Acting) -> list[Need]:
    """Everything that waits for the acting person's roles, stops and deadlines first."""
    found: list[Need] = []
    if acting.may("plans"):
        found += [*_consents(acting), *_awards(acting)]
    if acting.may("workshop"):
        found += [*_stopped(acting), *_receipts(acting), *_sendings(acting)]
    if acting.may("technology"):
        found += _certificates(acting)
    if acting.may("market"):
        found += _calls(acting)
    if acting.may("orders"):
        found += [*_drafts(acting), *_deliveries(acting)]
    if acting.may("keyholder"):
        found += _openings(acting)
    if acting.is_office and acting.may("members"):
        found += _unverified(acting)
    late = datetime.max.replace(tzinfo=clock.now().tzinfo)
    return sorted(found, key=lambda need: (not need.urgent, need.due or late, need.title))


def _url(acting: Acting, name: str, *keys: UUID | str) -> str:
    return reverse(name, args=[acting.organization.slug, *keys])


def _consents(acting: Acting) -> Iterator[Need]:
    """Re-plans that ask for this firm's agreement: one need an order, whatever the number of ways out."""
    seen: set[UUID] = set()
    for plan in plans.waiting_for(acting):
        if plan.order_id in seen:
            continue
        seen.add(plan.order_id)
        yield Need(
            _("A re-plan of %(order)s asks for your answer") % {"order": plan.order.code},
            plan.order.title,
            _("Look at the re-plan"),
            _url(acting, "plans:plan", plan.pk),
            urgent=True,
        )


def _awards(acting: Acting) -> Iterator[Need]:
    for call in market.own_calls(acting).filter(state=Call.State.OPENED):
        plan = plans.newest_proposal(acting, call.order)
        url = _url(acting, "plans:plan", plan.pk) if plan else _url(acting, "market:call", call.pk)
        yield Need(
            _("Bids for %(order)s are open") % {"order": call.order.code},
            call.order.title,
            _("Accept the plan") if plan else _("Compare the bids"),
            url,
            due=call.bids_valid_until,
        )


def _stopped(acting: Acting) -> Iterator[Need]:
    for machine in capacity.own_equipment(acting).filter(status=Equipment.Status.DOWN):
        yield Need(
            _("%(machine)s is down") % {"machine": machine.code},
            machine.name,
            _("See what it stops"),
            _url(acting, "capacity:equipment", machine.pk),
            due=machine.down_until,
            urgent=True,
        )


def _receipts(acting: Acting) -> Iterator[Need]:
    coming = workshop.visible_handovers(acting).filter(
        receiver=acting.organization, state=Handover.State.SENT
    )
    for one in coming:
        yield Need(
            _("%(pieces)d pieces from %(firm)s are on the way")
            % {"pieces": one.quantity, "firm": one.sender.local_name},
            joined(", ", (one.order.code, one.line.revision.part.name)),
            _("Confirm receipt"),
            _url(acting, "workshop:handover", one.pk),
        )


def _sendings(acting: Acting) -> Iterator[Need]:
    for parcel in workshop.work_to_send(acting):
        yield Need(
            _("%(pieces)d finished pieces wait to go to %(firm)s")
            % {"pieces": parcel.pieces, "firm": parcel.receiver.local_name},
            joined(", ", (parcel.operation.line.order.code, parcel.operation.label)),
            _("Hand them over"),
            _url(acting, "workshop:send", parcel.operation.pk),
        )


def _calls(acting: Acting) -> Iterator[Need]:
    now = clock.now()
    open_ones = market.invitations(acting).filter(
        call__state=Call.State.OPEN, call__closes_at__gt=now, declined_at=None
    )
    for one in open_ones:
        if market.own_bid(acting, one.call) is None:
            yield Need(
                _("%(firm)s asks for your price") % {"firm": one.call.order.organization.local_name},
                one.call.order.title,
                _("Look and bid"),
                _url(acting, "market:call", one.call_id),
                due=one.call.closes_at,
            )


def _drafts(acting: Acting) -> Iterator[Need]:
    for order in orders.visible_orders(acting).filter(state=Order.State.DRAFT):
        yield Need(
            _("%(order)s is a draft") % {"order": order.code},
            order.title,
            _("Call for bids"),
            _url(acting, "web:order", order.pk),
        )


def _deliveries(acting: Acting) -> Iterator[Need]:
    for order in orders.visible_orders(acting).filter(state=Order.State.DELIVERED):
        yield Need(
            _("%(order)s is delivered and waits to be settled") % {"order": order.code},
            order.title,
            _("Look at the amounts"),
            _url(acting, "workshop:settlement", order.pk),
        )


def _openings(acting: Acting) -> Iterator[Need]:
    for call in market.calls_to_open(acting):
        if market.may_open_now(call):
            yield Need(
                _("Bids for %(order)s wait to be opened") % {"order": call.order.code},
                _("closed; your key and the platform's open them together"),
                _("Open the bids"),
                _url(acting, "market:open", call.pk),
                due=call.closes_at,
                urgent=True,
            )


def _certificates(acting: Acting) -> Iterator[Need]:
    """Certificates that have expired or soon will: work that asks for them goes elsewhere."""
    for one in running_out(acting):
        expired = one.expires_on < today()
        yield Need(
            _("%(certificate)s has expired") % {"certificate": one}
            if expired
            else _("%(certificate)s expires soon") % {"certificate": one},
            _("work that asks for it no longer finds you")
            if expired
            else _("then work that asks for it no longer finds you"),
            _("Give the new date"),
            _url(acting, "organization:edit_certificate", one.pk),
            due=last_moment(one.expires_on),
            urgent=expired,
        )


def _unverified(acting: Acting) -> Iterator[Need]:
    for firm in unverified_firms()[:5]:
        yield Need(
            _("%(firm)s is not verified yet") % {"firm": firm.local_name},
            _("members trust a firm more that the office has seen"),
            _("Verify"),
            _url(acting, "capacity:firm", firm.slug),
        )


def running_jobs(acting: Acting) -> list[JobOrder]:
    """Jobs of the acting firm that run or come next."""
    live = (JobOrder.State.RUNNING, JobOrder.State.PAUSED, JobOrder.State.BLOCKED, JobOrder.State.WAITING)
    return list(workshop.visible_job_orders(acting).filter(state__in=live)[:8])
