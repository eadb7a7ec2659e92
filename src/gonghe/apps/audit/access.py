"""What of the record an organisation may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max, QuerySet

from gonghe.apps.audit.models import Event


def feed(organization_id: UUID, after: int = 0) -> QuerySet[Event]:
    """Chained events that the organisation may see, in order, after a position."""
    return Event.objects.filter(audience__organization_id=organization_id, position__gt=after).order_by(
        "position"
    )


def feed_end(organization_id: UUID) -> int:
    """Last position in an organisation's feed, 0 when it is empty."""
    return feed(organization_id).aggregate(end=Max("position"))["end"] or 0


@dataclass(frozen=True, slots=True)
class Mark:
    """How far events of some types were taken in: the last one in the chain, and those that wait for it."""

    position: int
    hash: str
    waiting: frozenset[UUID]


def mark_of(types: Iterable[str]) -> Mark:
    """The mark of one who is about to take in everything."""
    events = Event.objects.filter(type__in=list(types))
    chained = events.filter(position__isnull=False).order_by("-position").values_list("position", "hash")
    position, hash_ = chained.first() or (0, "")
    return Mark(position or 0, hash_, frozenset(events.filter(position=None).values_list("uid", flat=True)))


def since(types: Iterable[str], mark: Mark) -> tuple[Mark, frozenset[UUID | None] | None]:
    """The organisations that acted in committed events of these types after a mark, and the new mark.

    None instead of organisations when events of the mark are gone, as after a backup was put back: then
    nothing that was taken in is sure. Positions are given in the order of the chain after commit, and those
    that wait are asked for first, so that no event slips through between the two questions.
    """
    events = Event.objects.filter(type__in=list(types))
    waiting = dict(events.filter(position=None).values_list("uid", "organization_id"))
    rows = events.filter(position__gte=mark.position).order_by("position")
    later = [
        (position or 0, hash_, uid, organization)
        for position, hash_, uid, organization in rows.values_list(
            "position", "hash", "uid", "organization_id"
        )
    ]
    chained = {uid: organization for position, _hash, uid, organization in later if position > mark.position}
    anchored = not mark.position or (bool(later) and later[0][:2] == (mark.position, mark.hash))
    if not anchored or not mark.waiting <= waiting.keys() | chained.keys():
        return mark_of(types), None
    position, hash_ = later[-1][:2] if later else (mark.position, mark.hash)
    new = {**waiting, **chained}
    after = Mark(position, hash_, frozenset(waiting.keys() - chained.keys()))
    return after, frozenset(new[uid] for uid in new.keys() - mark.waiting)
