"""What of the record an organisation may see."""

from __future__ import annotations

from collections.abc import Iterable
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


def state_of(types: Iterable[str]) -> tuple[str, frozenset[UUID]]:
    """A value that changes with every committed event of these types, for whoever keeps what they change.

    The hash of the last one in the chain, and those that wait for their place. Positions are given in the
    order of the chain after commit, so equal values mean the same events, whatever order they committed in.
    """
    events = Event.objects.filter(type__in=list(types))
    waiting = frozenset(events.filter(position=None).values_list("uid", flat=True))
    last = events.filter(position__isnull=False).order_by("-position").values_list("hash", flat=True)
    return last.first() or "", waiting
