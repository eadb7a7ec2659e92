"""When hours of an offer could begin, so that a buyer picks instead of guessing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gonghe import clock
from gonghe.apps.capacity import access
from gonghe.apps.capacity.hours import Span
from gonghe.apps.capacity.models import SLOT_SECONDS, CapacityOffer

LOOK_AHEAD = timedelta(days=56)
DAYS_SHOWN = 7
LEAST_STEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Free spans by day in the zone of the offer, and the first day that is not among them, if any."""

    days: list[tuple[date, list[Span]]]
    later: date | None


def propose(offer: CapacityOffer, quarters: int, zone: ZoneInfo, *, since: date | None = None) -> Proposal:
    """Spans of this length that some machine of the offer has free, after its notice.

    Of a free stretch the spans follow each other; their starts are at least an hour apart. Seven days that
    have any, out of eight weeks from `since` or the first moment that the notice allows.
    """
    begin = max(offer.start, clock.now() + timedelta(hours=offer.notice_hours))
    if since is not None:
        begin = max(begin, datetime.combine(since, time(), zone))
    end = min(offer.end, begin + LOOK_AHEAD)
    by_day: dict[date, list[Span]] = defaultdict(list)
    for span in sorted(_spans(offer, timedelta(seconds=quarters * SLOT_SECONDS), begin, end)):
        by_day[span[0].astimezone(zone).date()].append(span)
    days = list(by_day.items())
    return Proposal(days[:DAYS_SHOWN], days[DAYS_SHOWN][0] if len(days) > DAYS_SHOWN else None)


def _spans(offer: CapacityOffer, length: timedelta, begin: datetime, end: datetime) -> set[Span]:
    found: set[Span] = set()
    step = max(length, LEAST_STEP)
    for machine in access.machines_of(offer):
        for first, last in access.free_windows(machine, begin, end):
            count = (last - first - length) // step + 1
            found |= {(first + step * number, first + step * number + length) for number in range(count)}
    return found
