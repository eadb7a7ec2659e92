"""What of the record an organisation may see."""

from __future__ import annotations

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
