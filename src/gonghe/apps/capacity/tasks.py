"""What workers do for capacity without being asked."""

from __future__ import annotations

from gonghe.apps.capacity import offering
from gonghe.apps.jobs.services import regular


@regular
def expire_holds() -> int:
    """Holds that nobody confirmed in time give their hours back."""
    return offering.expire_due()
