"""Offer hours, hold them for a while, confirm, cancel under the terms, use; unconfirmed holds expire.

Locks are taken in one order: equipment by id, then the offer. Under them two guards decide: the unique
quarter hours of the ledger, and the conditional update of what an offer has left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError, cents, check
from gonghe.apps.capacity import access, hours, ledger
from gonghe.apps.capacity.models import SLOT_SECONDS, CapacityOffer, Equipment, Reservation
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure
from gonghe.apps.principal import SYSTEM

State = Reservation.State
HOLD = timedelta(minutes=30)
MAX_WEEKS = 26


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer promises and asks; hours are multiples of a quarter."""

    title: str
    start: datetime
    end: datetime
    min_hours: Decimal
    max_hours: Decimal
    per_hour: Decimal
    per_setup: Decimal = Decimal(0)
    currency: str = "CNY"
    process: str = ""
    with_operator: bool = True
    notice_hours: int = 24
    cancel_fee_percent: int = 0
    visibility: str = Disclosure.Level.NOBODY


def publish(
    acting: Acting, machines: Sequence[Equipment], terms: Terms, *, weeks: int = 1
) -> list[CapacityOffer]:
    """Offer hours of one machine or of any of these; the same again in each of the following weeks.

    Raises
    ------
    InvalidError
        If a machine is not one's own or has no calendar, or the terms contradict each other.
    """
    acting.require("capacity")
    _check_machines(acting, machines)
    if not 1 <= weeks <= MAX_WEEKS:
        raise InvalidError(_("Offer hours for 1 to 26 weeks at once."), fields=["weeks"])
    rows = [_row(acting, machines, terms, timedelta(weeks=number)) for number in range(weeks)]
    with recording(acting.principal) as record:
        for offer in rows:
            offer.save()
            offer.pool.set(machines)
            record(
                "capacity.offer.published", objects={"offer": offer.pk}, data={"quarters": offer.max_quarters}
            )
    return rows


def close(acting: Acting, offer: CapacityOffer) -> None:
    """Take an offer back: nobody holds new hours of it, what is reserved stays.

    Raises
    ------
    ConflictError
        If it is closed already.
    """
    acting.require("capacity")
    _check_own(acting, offer)
    with recording(acting.principal) as record:
        if not CapacityOffer.objects.filter(pk=offer.pk, closed_at=None).update(closed_at=clock.now()):
            raise ConflictError(_("This offer is closed already."), code="closed")
        record("capacity.offer.closed", objects={"offer": offer.pk})


def hold(acting: Acting, offer: CapacityOffer, start: datetime, length: Decimal) -> Reservation:
    """Hold hours of an offer for half an hour; the first machine of its pool that is free then is taken.

    Raises
    ------
    InvalidError
        If the length is not what the offer allows, or the hours do not lie in its window or on quarters.
    ConflictError
        code "closed", "notice", "offer_spent" or "hours_taken".
    """
    acting.require("orders")
    quarters = quarters_of(length, "hours")
    end = start + timedelta(seconds=quarters * SLOT_SECONDS)
    _check_wish(acting, offer, start, end, quarters)
    with transaction.atomic():
        locked = ledger.lock(offer.pool.values_list("pk", flat=True))
        overdue = _overdue().filter(equipment__in=list(locked))
        ledger.end_reservations(SYSTEM, overdue, State.EXPIRED)
        _take_from_offer(offer, quarters)
        wanted = ledger.Wanted(
            _free_machine(locked, start, end),
            [(start, end)],
            acting.organization,
            purpose=offer.title[:100],
            offer=offer,
            held_until=clock.now() + HOLD,
            price=price_of(offer, quarters),
        )
        return ledger.reserve_many(acting.principal, [wanted])[0]


def confirm(acting: Acting, reservation: Reservation) -> None:
    """Turn held hours into reserved ones.

    Raises
    ------
    ConflictError
        If they are no longer held: too late, at risk or given back.
    """
    acting.require("orders")
    _check_holder(acting, reservation)
    _of_offer(reservation)
    with recording(acting.principal) as record:
        ledger.lock([reservation.equipment_id])
        held = Reservation.objects.filter(
            pk=reservation.pk, state=State.HELD, held_until__gt=clock.now()
        ).update(state=State.CONFIRMED, held_until=None)
        if not held:
            raise ConflictError(
                _("These hours are no longer held for you. Look at the offer and hold hours again."),
                code="not_held",
            )
        record(
            "capacity.reservation.confirmed",
            objects={"reservation": reservation.pk, "equipment": reservation.equipment_id},
            audience=[reservation.equipment.organization_id, reservation.holder_id],
        )


def cancel(acting: Acting, reservation: Reservation) -> Reservation:
    """Give up hours of an offer; the holder owes the fee of its terms if it is late and nothing is at risk.

    The firm whose machine it is may end only what is at risk.

    Raises
    ------
    ConflictError
        If it cannot be cancelled any more, or not by this firm.
    """
    holder = reservation.holder_id == acting.organization.pk
    acting.require("orders" if holder else "capacity")
    with transaction.atomic():
        ledger.lock([reservation.equipment_id])
        now = _of_offer(reservation)
        if now.state not in Reservation.LIVE or (not holder and now.state != State.AT_RISK):
            raise ConflictError(
                _("These hours cannot be cancelled now. Talk to the other firm."), code="not_cancellable"
            )
        Reservation.objects.filter(pk=now.pk).update(fee=fee_of(now, clock.now()))
        ledger.end_reservations(acting.principal, Reservation.objects.filter(pk=now.pk), State.CANCELLED)
    return _of_offer(reservation)


def use(acting: Acting, reservation: Reservation) -> None:
    """The firm says that reserved hours were used; what is left of them becomes free.

    Raises
    ------
    ConflictError
        If they are not confirmed or have not begun.
    """
    acting.require("workshop")
    _check_own(acting, reservation.equipment)
    found = Reservation.objects.filter(
        pk=_of_offer(reservation).pk, state=State.CONFIRMED, start__lte=clock.now()
    )
    if not ledger.end_reservations(acting.principal, found, State.USED, since=clock.now()):
        raise ConflictError(
            _("Only confirmed hours that have begun can be reported as used."), code="not_usable"
        )


def expire_due() -> int:
    """Holds whose time is over give their hours back; returns how many."""
    return ledger.end_reservations(SYSTEM, _overdue(), State.EXPIRED) if _overdue().exists() else 0


def price_of(offer: CapacityOffer, quarters: int) -> Decimal:
    """What these quarter hours cost with one set-up."""
    return cents(offer.per_setup + offer.per_hour * quarters / 4)


def fee_of(reservation: Reservation, moment: datetime) -> Decimal:
    """What cancelling costs at a moment: nothing while held, at risk or before the notice of the offer."""
    offer = reservation.offer
    if offer is None or reservation.price is None or reservation.state != State.CONFIRMED:
        return Decimal(0)
    if reservation.start - moment >= timedelta(hours=offer.notice_hours):
        return Decimal(0)
    return cents(reservation.price * offer.cancel_fee_percent / 100)


def quarters_of(length: Decimal, name: str) -> int:
    """Hours as quarter hours.

    Raises
    ------
    InvalidError
        If it is not a positive multiple of a quarter, or over a year.
    """
    quarters = length * 4
    if not 1 <= quarters <= 366 * 96 or quarters != int(quarters):
        raise InvalidError(_("Give hours in quarters, such as 2.25."), fields=[name])
    return int(quarters)


def _row(acting: Acting, machines: Sequence[Equipment], terms: Terms, later: timedelta) -> CapacityOffer:
    least, most = quarters_of(terms.min_hours, "min_hours"), quarters_of(terms.max_hours, "max_hours")
    zone = machines[0].zone
    offer = CapacityOffer(
        organization=acting.organization,
        # Weeks are counted on the wall clock, so that a clock change does not shift the window.
        start=terms.start.astimezone(zone) + later,
        end=terms.end.astimezone(zone) + later,
        min_quarters=least,
        max_quarters=most,
        **{
            name: getattr(terms, name)
            for name in (
                "title",
                "process",
                "per_hour",
                "per_setup",
                "currency",
                "with_operator",
                "notice_hours",
                "cancel_fee_percent",
                "visibility",
            )
        },
    )
    if offer.end <= offer.start or least > most:
        raise InvalidError(
            _("The window must end after it starts, and the most hours be no less than the fewest."),
            fields=["end"],
        )
    check(offer)
    return offer


def _check_machines(acting: Acting, machines: Sequence[Equipment]) -> None:
    if not machines:
        raise InvalidError(_("Choose at least one machine."), fields=["equipment"])
    for machine in machines:
        _check_own(acting, machine)
        if machine.calendar is None:
            raise InvalidError(
                _("%(code)s has no calendar, so nobody knows when it works. Choose one on its page.")
                % {"code": machine.code},
                code="no_calendar",
                fields=["equipment"],
            )


def _check_own(acting: Acting, thing: Equipment | CapacityOffer) -> None:
    if thing.organization_id != acting.organization.pk:
        raise InvalidError(_("Choose something that belongs to your own firm."))


def _check_holder(acting: Acting, reservation: Reservation) -> None:
    if reservation.holder_id != acting.organization.pk:
        raise ConflictError(_("Only the firm that holds the hours can do this."), code="not_holder")


def _check_wish(acting: Acting, offer: CapacityOffer, start: datetime, end: datetime, quarters: int) -> None:
    if offer.organization_id == acting.organization.pk:
        raise InvalidError(_("These are your own hours. Keep them on the page of the machine."))
    if not hours.is_aligned(start) or start < offer.start or end > offer.end:
        raise InvalidError(
            _("Choose a start on a quarter hour, so that the hours lie in the window of the offer."),
            fields=["start"],
        )
    if not offer.min_quarters <= quarters <= offer.max_quarters:
        raise InvalidError(
            _("This offer is for %(least)s to %(most)s hours. Choose a length between them.")
            % {"least": Decimal(offer.min_quarters) / 4, "most": Decimal(offer.max_quarters) / 4},
            fields=["hours"],
        )
    if start - clock.now() < timedelta(hours=offer.notice_hours):
        raise ConflictError(
            _("The firm needs %d hours of notice. Choose a later start.") % offer.notice_hours, code="notice"
        )


def _take_from_offer(offer: CapacityOffer, quarters: int) -> None:
    """The one conditional update that guards what an offer has left."""
    left = CapacityOffer.objects.filter(pk=offer.pk, closed_at=None, taken__lte=F("max_quarters") - quarters)
    if left.update(taken=F("taken") + quarters):
        return
    now = CapacityOffer.objects.get(pk=offer.pk)
    if now.closed_at is not None:
        raise ConflictError(_("This offer is closed. Look for another."), code="closed")
    raise ConflictError(
        _("Only %s hours of this offer are left. Take fewer.") % (Decimal(now.max_quarters - now.taken) / 4),
        code="offer_spent",
    )


def _free_machine(locked: dict[UUID, Equipment], start: datetime, end: datetime) -> Equipment:
    for machine in sorted(locked.values(), key=lambda one: one.code):
        if access.free_windows(machine, start, end) == [(start, end)]:
            return machine
    raise ConflictError(
        _("No machine is free for all of these hours. Choose another start."), code="hours_taken"
    )


def _of_offer(reservation: Reservation) -> Reservation:
    found = Reservation.objects.select_related("offer", "equipment").get(pk=reservation.pk)
    if found.offer_id is None:
        raise ConflictError(_("These hours follow a plan, not an offer."), code="no_offer")
    return found


def _overdue() -> QuerySet[Reservation]:
    return Reservation.objects.filter(state__in=Reservation.LIVE, held_until__lte=clock.now())
