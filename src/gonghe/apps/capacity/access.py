"""Who may see which equipment, when it is open, and which of its hours are taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from gonghe import clock
from gonghe.apps.base import NotFoundError
from gonghe.apps.capacity import hours, regions
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.models import (
    BusyFeed,
    BusyTime,
    Calendar,
    CapacityOffer,
    Equipment,
    LedgerSlot,
    Reservation,
)
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization

FAR = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Booking:
    """An uninterrupted piece of a reservation."""

    start: datetime
    end: datetime
    operation_id: UUID | None
    holder_id: UUID
    reservation_id: UUID


def own_equipment(acting: Acting) -> QuerySet[Equipment]:
    """Equipment of the acting organisation that is not retired."""
    return machines_in_use(acting.organization)


def machines_in_use(firm: Organization) -> QuerySet[Equipment]:
    """Equipment of a firm that is not retired; for callers that know what the viewer sees of it."""
    return _complete().filter(organization=firm).exclude(status=Equipment.Status.RETIRED).order_by("code")


def get_equipment(acting: Acting, equipment_id: UUID) -> Equipment:
    """A piece of equipment of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = _complete().filter(organization=acting.organization, pk=equipment_id).first()
    if found is None:
        raise NotFoundError
    return found


def own_calendars(acting: Acting) -> QuerySet[Calendar]:
    """Calendars of the acting organisation."""
    return Calendar.objects.filter(organization=acting.organization).order_by("code")


def get_calendar(acting: Acting, calendar_id: UUID) -> Calendar:
    """A calendar of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = own_calendars(acting).filter(pk=calendar_id).first()
    if found is None:
        raise NotFoundError
    return found


def visible_reservations(acting: Acting) -> QuerySet[Reservation]:
    """Hours taken on own equipment, and hours that the acting organisation holds elsewhere."""
    of_own = Reservation.objects.filter(equipment__organization=acting.organization)
    held = Reservation.objects.filter(holder=acting.organization)
    return (
        (of_own | held)
        .select_related("equipment__site", "equipment__organization", "holder")
        .order_by("start")
    )


def get_reservation(acting: Acting, reservation_id: UUID) -> Reservation:
    """A reservation that the acting organisation gave or holds.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = visible_reservations(acting).filter(pk=reservation_id).first()
    if found is None:
        raise NotFoundError
    return found


def visible_offers(acting: Acting) -> QuerySet[CapacityOffer]:
    """Own offers, and open ones of others that show them to the acting organisation."""
    own = Q(organization=acting.organization)
    return _offers(own | (members.shown_to(acting.organization, "visibility") & _open()))


def offered_by(firm: Organization, viewer: Organization | None) -> QuerySet[CapacityOffer]:
    """Open offers of a firm that it shows a viewer; None is somebody who is not signed in."""
    return _offers(Q(organization=firm) & members.shown_to(viewer, "visibility") & _open())


def public_offers() -> QuerySet[CapacityOffer]:
    """Open offers that everyone sees, signed in or not."""
    return _offers(members.shown_to(None, "visibility") & _open())


def _open() -> Q:
    return Q(closed_at=None, end__gt=clock.now())


def _offers(wanted: Q) -> QuerySet[CapacityOffer]:
    found = CapacityOffer.objects.filter(wanted)
    return found.select_related("organization").order_by("start", "title")


def get_offer(acting: Acting, offer_id: UUID) -> CapacityOffer:
    """An offer that the acting organisation made or may see.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = visible_offers(acting).filter(pk=offer_id).first()
    if found is None:
        raise NotFoundError
    return found


def pool_of(offer: CapacityOffer) -> list[UUID]:
    """Ids of the machines behind an offer; for its own firm."""
    return list(offer.pool.order_by("code").values_list("pk", flat=True))


def machines_of(offer: CapacityOffer) -> list[Equipment]:
    """The machines behind an offer; only its own firm may be shown them."""
    return list(_complete().filter(offers=offer).order_by("code"))


def offered_hours(acting: Acting) -> QuerySet[Reservation]:
    """Hours of own offers that others took, and hours of offers that the acting organisation took."""
    return visible_reservations(acting).exclude(offer=None).select_related("offer__organization")


def get_offered_hours(acting: Acting, reservation_id: UUID) -> Reservation:
    """Hours taken of an offer, for the firm of the offer or the holder.

    Raises
    ------
    NotFoundError
        If there are none that they may see.
    """
    found = offered_hours(acting).filter(pk=reservation_id).first()
    if found is None:
        raise NotFoundError
    return found


def machine_reservations(machine: Equipment, *, since: datetime) -> list[Reservation]:
    """Live reservations of a machine that end after a moment; for the machine's own firm."""
    found = Reservation.objects.filter(equipment=machine, state__in=Reservation.LIVE, end__gt=since)
    return list(found.select_related("holder").order_by("start"))


def planner_equipment(organization_ids: Iterable[UUID] | None = None) -> QuerySet[Equipment]:
    """Equipment whose calendar its firm opened to the joint planner; only the planner may ask."""
    found = (
        _complete()
        .filter(released=True, calendar__isnull=False)
        .exclude(status=Equipment.Status.RETIRED)
        .order_by("organization__slug", "code")
    )
    return found if organization_ids is None else found.filter(organization__in=list(organization_ids))


def downtime(equipment: Equipment) -> list[Span]:
    """When the equipment stands still because it is down; without a known end it stands for good."""
    if equipment.down_from is None:
        return []
    return [(equipment.down_from, equipment.down_until or FAR)]


def open_windows(equipment: Equipment, start: datetime, end: datetime) -> list[Span]:
    """When the equipment can work between two moments.

    Its calendar less days off and public holidays, with the days that make up for them, less downtime, less
    what it is busy with elsewhere. Whole quarter hours, in order, without overlap; empty when it has no
    calendar or is retired.
    """
    spans = calendar_windows(equipment, start, end)
    return hours.inward(hours.subtract(spans, [*downtime(equipment), *busy(equipment, start, end)]))


def calendar_windows(equipment: Equipment, start: datetime, end: datetime) -> list[Span]:
    """When the calendar says that the equipment works: shifts less days off and public holidays."""
    calendar = equipment.calendar
    if calendar is None or equipment.status == Equipment.Status.RETIRED or end <= start:
        return []
    public = regions.days(calendar.region)
    off = [*calendar.holidays, *public.off]
    return hours.expand(calendar.weekly, off, equipment.zone, start, end, public.made_up)


def busy(equipment: Equipment, start: datetime, end: datetime) -> list[Span]:
    """When the equipment is busy elsewhere or in maintenance; what touches the time between two moments."""
    # All of them, not a query for these: machines come with their busy times already read.
    return [(one.start, one.end) for one in equipment.busy_times.all() if one.start < end and one.end > start]


def own_feeds(acting: Acting) -> QuerySet[BusyFeed]:
    """Calendars kept elsewhere of the acting organisation's equipment."""
    found = BusyFeed.objects.filter(equipment__organization=acting.organization)
    return found.select_related("equipment__site", "equipment__calendar").order_by("name", "created_at")


def get_feed(acting: Acting, feed_id: UUID) -> BusyFeed:
    """A calendar kept elsewhere of the acting organisation.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = own_feeds(acting).filter(pk=feed_id).first()
    if found is None:
        raise NotFoundError
    return found


def get_maintenance(acting: Acting, busy_id: UUID) -> BusyTime:
    """Maintenance that the acting organisation wrote down.

    Raises
    ------
    NotFoundError
        If there is none that they may see.
    """
    found = BusyTime.objects.filter(equipment__organization=acting.organization, feed=None, pk=busy_id)
    one = found.select_related("equipment").first()
    if one is None:
        raise NotFoundError
    return one


def booked(equipment_ids: Iterable[UUID], start: datetime, end: datetime) -> dict[UUID, list[Booking]]:
    """Taken hours by equipment: the pieces of each reservation between two moments, in order."""
    slots: dict[tuple[UUID, UUID, UUID | None, UUID], list[int]] = defaultdict(list)
    rows = LedgerSlot.objects.filter(
        equipment__in=list(equipment_ids), slot__gte=hours.slot_of(start), slot__lt=hours.slot_after(end)
    ).values_list(
        "equipment_id", "reservation_id", "reservation__operation_id", "reservation__holder_id", "slot"
    )
    for equipment_id, reservation_id, operation_id, holder_id, slot in rows:
        slots[equipment_id, reservation_id, operation_id, holder_id].append(slot)
    found: dict[UUID, list[Booking]] = defaultdict(list)
    for (equipment_id, reservation_id, operation_id, holder_id), taken in slots.items():
        for first, last in hours.spans_of(taken):
            found[equipment_id].append(Booking(first, last, operation_id, holder_id, reservation_id))
    return {key: sorted(pieces, key=lambda piece: piece.start) for key, pieces in found.items()}


def free_windows(equipment: Equipment, start: datetime, end: datetime) -> list[Span]:
    """When the equipment is open and nobody holds it."""
    taken = [(one.start, one.end) for one in booked([equipment.pk], start, end).get(equipment.pk, [])]
    return hours.subtract(open_windows(equipment, start, end), taken)


def _complete() -> QuerySet[Equipment]:
    return Equipment.objects.select_related("organization", "site", "calendar", "rate").prefetch_related(
        "capabilities", "busy_times"
    )
