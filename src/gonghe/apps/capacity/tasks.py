"""What workers do for capacity without being asked."""

from __future__ import annotations

from typing import Any

from gonghe.apps.capacity import busy, offering
from gonghe.apps.jobs.services import Run, regular, runner


@regular
def expire_holds() -> int:
    """Holds that nobody confirmed in time give their hours back."""
    return offering.expire_due()


@regular
def read_due_feeds() -> int:
    """Calendars kept elsewhere are read every hour."""
    return busy.enqueue_due()


@runner(busy.KIND)
def read_feed(run: Run) -> dict[str, Any]:
    """Read one calendar kept elsewhere."""
    return busy.fetch(run)
