"""The one ledger of hours: reserve, release, and what happens to reservations when a machine stands still.

Every change of hours locks the rows of its equipment first, in the order of their ids, so that a breakdown
and a reservation cannot pass each other. That no quarter hour is sold twice is a constraint of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import Recorder, recording
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.capacity import access, hours
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.models import CapacityOffer, Equipment, LedgerSlot, Reservation
from gonghe.apps.members.models import Organization
from gonghe.apps.principal import Principal

State = Reservation.State


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hours that somebody wants of a piece of equipment; `pieces` lie on whole quarter hours."""

    equipment: Equipment
    pieces: Sequence[Span]
    holder: Organization
    operation_id: UUID | None = None
    lot: int = 1
    purpose: str = field(default="")
    offer: CapacityOffer | None = None
    held_until: datetime | None = None
    price: Decimal | None = None


def reserve(
    principal: Principal,
    *,
    equipment: Equipment,
    pieces: Sequence[Span],
    holder: Organization,
    operation_id: UUID | None = None,
    purpose: str = "",
) -> Reservation:
    """Take all these hours of one piece of equipment, or none of them; see :func:`reserve_many`."""
    return reserve_many(principal, [Wanted(equipment, pieces, holder, operation_id, purpose=purpose)])[0]


def reserve_many(principal: Principal, wanted: Sequence[Wanted]) -> list[Reservation]:
    """Take all the wanted hours, or none of them; answers in the order of `wanted`.

    Raises
    ------
    InvalidError
        If there is nothing to take, a piece has no length or does not lie on quarter hours, or the equipment
        has no calendar.
    ConflictError
        code "hours_taken" if somebody else has one of the hours, "hours_closed" if the equipment does not
        work then.
    """
    for one in wanted:
        _check_pieces(one)
    try:
        with recording(principal) as record:
            locked = lock(one.equipment.pk for one in wanted)
            return [_take(record, one, locked[one.equipment.pk]) for one in wanted]
    except IntegrityError as error:
        raise ConflictError(
            _("Some of these hours were taken meanwhile. Plan again: the free hours have changed."),
            code="hours_taken",
        ) from error


def release(principal: Principal, *, operation_id: UUID, lot: int = 1) -> int:
    """Give back the hours still held for an operation (one lot of it); returns how many reservations."""
    found = Reservation.objects.filter(operation_id=operation_id, lot=lot)
    return end_reservations(principal, found, State.RELEASED)


def release_reservation(principal: Principal, reservation: Reservation) -> None:
    """Give back the hours of one reservation."""
    end_reservations(principal, Reservation.objects.filter(pk=reservation.pk), State.RELEASED)


def mark_used(principal: Principal, *, operation_id: UUID, lot: int = 1) -> int:
    """An operation (one lot of it) is finished: its hours left become free; returns how many reservations."""
    found = Reservation.objects.filter(operation_id=operation_id, lot=lot)
    return end_reservations(principal, found, State.USED, since=clock.now())


def end_reservations(
    principal: Principal, found: QuerySet[Reservation], state: str, *, since: datetime | None = None
) -> int:
    """End the live ones of these and give back their hours, only those after `since` if it is given."""
    live = found.filter(state__in=Reservation.LIVE)
    with transaction.atomic():
        lock(live.values_list("equipment_id", flat=True))
        ended = list(live.select_related("equipment"))
        if not ended:
            return 0
        with recording(principal) as record:
            for one in ended:
                back = one.slots.all() if since is None else one.slots.filter(slot__gt=hours.slot_of(since))
                quarters = back.delete()[0]
                if one.offer_id is not None:
                    CapacityOffer.objects.filter(pk=one.offer_id).update(taken=F("taken") - quarters)
                _set_state(record, one, state)
    return len(ended)


def mark_down(
    principal: Principal, equipment: Equipment, start: datetime, until: datetime | None
) -> list[Reservation]:
    """Equipment stands still from `start`; `until` None: nobody knows how long.

    Returns the reservations that are at risk by it; their holders see the event.

    Raises
    ------
    InvalidError
        If it would be up again before it goes down.
    """
    if until is not None and until <= start:
        raise InvalidError(
            _("The machine would run again before it stops. Give a later end."), fields=["until"]
        )
    with recording(principal) as record:
        machine = lock([equipment.pk])[equipment.pk]
        machine.status, machine.down_from, machine.down_until = Equipment.Status.DOWN, start, until
        machine.save(update_fields=["status", "down_from", "down_until"])
        hit = _overlapping(machine, start, until)
        record(
            "capacity.equipment.down",
            objects={"equipment": machine.pk},
            audience=[machine.organization_id, *(one.holder_id for one in hit)],
            data={
                "equipment": str(machine.pk),
                "start": _iso(start),
                "until": _iso(until) if until else None,
            },
        )
        for one in hit:
            _set_state(record, one, State.AT_RISK)
    _copy_state(machine, equipment)
    return hit


def mark_up(principal: Principal, equipment: Equipment) -> list[Reservation]:
    """Equipment runs again; returns the reservations that are safe again."""
    with recording(principal) as record:
        machine = lock([equipment.pk])[equipment.pk]
        machine.status, machine.down_from, machine.down_until = Equipment.Status.UP, None, None
        machine.save(update_fields=["status", "down_from", "down_until"])
        __, safe = reassess(record, machine)
        record(
            "capacity.equipment.up",
            objects={"equipment": machine.pk},
            audience=[machine.organization_id, *(one.holder_id for one in safe)],
            data={"equipment": str(machine.pk)},
        )
    _copy_state(machine, equipment)
    return safe


def reassess(record: Recorder, machine: Equipment) -> tuple[list[Reservation], list[Reservation]]:
    """After a calendar or downtime changed: which coming reservations fell at risk, which are safe again.

    Call it inside the transaction of the change, with the equipment locked.
    """
    now = clock.now()
    live = list(Reservation.objects.filter(equipment=machine, state__in=Reservation.LIVE, end__gt=now))
    if not live:
        return [], []
    open_slots = hours.slots_in(access.open_windows(machine, now, max(one.end for one in live)))
    at_risk, safe = [], []
    for one in live:
        ahead = set(one.slots.filter(slot__gt=hours.slot_of(now)).values_list("slot", flat=True))
        fits = ahead <= open_slots
        if not fits and one.state != State.AT_RISK:
            at_risk.append(_set_state(record, one, State.AT_RISK))
        elif fits and one.state == State.AT_RISK:
            safe.append(_set_state(record, one, State.HELD if one.held_until else State.CONFIRMED))
    return at_risk, safe


def lock(equipment_ids: Iterable[UUID]) -> dict[UUID, Equipment]:
    """Equipment whose hours nobody else can change until the transaction ends; always in the order of ids."""
    keys = sorted(set(equipment_ids))
    held = Equipment.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {one.pk: one for one in held.select_related("site", "calendar")}


def _check_pieces(one: Wanted) -> None:
    if not one.pieces or any(end <= start for start, end in one.pieces):
        raise InvalidError(_("Give at least one span of hours that ends after it starts."), fields=["pieces"])
    if not all(hours.is_aligned(moment) for piece in one.pieces for moment in piece):
        raise InvalidError(
            _("Hours are booked in quarters: start and end at :00, :15, :30 or :45."), fields=["pieces"]
        )


def _take(record: Recorder, one: Wanted, machine: Equipment) -> Reservation:
    _check_open(one, machine)
    start, end = min(first for first, _last in one.pieces), max(last for _first, last in one.pieces)
    reservation = Reservation.objects.create(
        equipment=machine,
        holder=one.holder,
        start=start,
        end=end,
        operation_id=one.operation_id,
        lot=one.lot,
        purpose=one.purpose,
        state=State.HELD if one.held_until else State.CONFIRMED,
        offer=one.offer,
        held_until=one.held_until,
        price=one.price,
    )
    slots = sorted(hours.slots_in(one.pieces))
    LedgerSlot.objects.bulk_create(
        [LedgerSlot(equipment=machine, slot=slot, reservation=reservation) for slot in slots]
    )
    record(
        "capacity.reservation.made",
        objects=_objects(reservation),
        audience=[machine.organization_id, one.holder.pk],
        data={"start": _iso(start), "end": _iso(end), "quarters": len(slots)},
    )
    return reservation


def _check_open(one: Wanted, machine: Equipment) -> None:
    if machine.calendar is None:
        raise InvalidError(
            _("%(code)s has no calendar, so nobody knows when it works. Choose one on its page.")
            % {"code": machine.code},
            code="no_calendar",
            fields=["calendar"],
        )
    for start, end in one.pieces:
        if access.open_windows(machine, start, end) != [(start, end)]:
            raise ConflictError(
                _("%(code)s does not work at some of these hours. Choose hours inside its calendar.")
                % {"code": machine.code},
                code="hours_closed",
            )


def _overlapping(machine: Equipment, start: datetime, until: datetime | None) -> list[Reservation]:
    hit = LedgerSlot.objects.filter(equipment=machine, slot__gte=hours.slot_of(start))
    if until is not None:
        hit = hit.filter(slot__lt=hours.slot_after(until))
    return list(
        Reservation.objects.filter(pk__in=hit.values("reservation"), state__in=Reservation.LIVE).order_by(
            "start"
        )
    )


def _set_state(record: Recorder, one: Reservation, state: str) -> Reservation:
    one.state = state
    one.save(update_fields=["state"])
    record(
        f"capacity.reservation.{state}",
        objects=_objects(one),
        audience=[one.equipment.organization_id, one.holder_id],
    )
    return one


def _objects(one: Reservation) -> dict[str, UUID]:
    objects = {"reservation": one.pk, "equipment": one.equipment_id}
    return objects | ({"operation": one.operation_id} if one.operation_id else {})


def _copy_state(source: Equipment, target: Equipment) -> None:
    """The caller's own object shows what was stored."""
    target.status, target.down_from, target.down_until = source.status, source.down_from, source.down_until


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
