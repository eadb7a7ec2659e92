"""What the pages of the market show, put together for the one who looks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gonghe import clock
from gonghe.apps.capacity.matching import Candidate, candidates
from gonghe.apps.market import access
from gonghe.apps.market.models import BidItem, Call, CallInvitation
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.technology.words import miss_text

DAYS_TO_BID = 4
DAYS_VALID = 14


@dataclass(frozen=True, slots=True)
class Invited:
    """A call as the invited firm finds it in its list."""

    call: Call
    answer: str  # "open", "sealed", "declined", "silent" (closed without an answer) or a result
    closed: bool

    @property
    def urgent(self) -> bool:
        """Whether the firm should answer."""
        return self.answer == "open"


@dataclass(frozen=True, slots=True)
class Matched:
    """A firm and what of the called operations it can do."""

    organization: Organization
    can: int
    nearly: int
    of: int
    miss: str

    @property
    def label(self) -> str:
        """What the buyer reads beside the check box."""
        said = ngettext(
            "%(firm)s: can do %(can)d of %(of)d operation",
            "%(firm)s: can do %(can)d of %(of)d operations",
            self.of,
        ) % {"firm": self.organization.local_name, "can": self.can, "of": self.of}
        return f"{said}. {_('Nearly:')} {self.miss}" if self.miss else said


@dataclass(frozen=True, slots=True)
class Compared:
    """An operation and the opened offers for it, cheapest first."""

    operation: Operation
    offers: list[BidItem]


def zone_of(acting: Acting) -> ZoneInfo:
    """Zone in which the acting organisation reads times: that of its first site."""
    site = members.own_sites(acting).first()
    return ZoneInfo(site.time_zone if site else settings.TIME_ZONE)


def invited_rows(acting: Acting) -> list[Invited]:
    """Calls for the acting firm: those that wait for it first."""
    rows = [_invited(acting, one) for one in access.invitations(acting)]
    return sorted(rows, key=lambda row: not row.urgent)


def _invited(acting: Acting, invitation: CallInvitation) -> Invited:
    call = invitation.call
    bid, closed = access.own_bid(acting, call), clock.now() >= call.closes_at
    if call.state != Call.State.OPEN:
        answer = access.result(acting, call)
    elif bid:
        answer = "sealed"
    elif invitation.declined_at:
        answer = "declined"
    else:
        answer = "silent" if closed else "open"
    return Invited(call, answer, closed)


def matched_firms(acting: Acting, lines: list[OrderLine]) -> list[Matched]:
    """Firms that the buyer may see and that can, or nearly can, do some of the lines' operations."""
    verdicts: dict[UUID, dict[UUID, Candidate]] = defaultdict(dict)
    firms: dict[UUID, Organization] = {}
    operations = [operation for line in lines for operation in line.operations.all()]
    for operation in operations:
        for found in candidates(acting.organization, operation.requirement):
            if found.verdict == "cannot" or found.organization.pk == acting.organization.pk:
                continue
            firms[found.organization.pk] = found.organization
            verdicts[found.organization.pk].setdefault(operation.pk, found)
    rows = [_matched(firms[key], list(found.values()), len(operations)) for key, found in verdicts.items()]
    return sorted(rows, key=lambda row: (-row.can, -row.nearly, row.organization.local_name))


def _matched(firm: Organization, found: list[Candidate], of: int) -> Matched:
    can = sum(one.verdict == "can" for one in found)
    miss = next((miss_text(one.misses[0]) for one in found if one.misses), "") if not can else ""
    return Matched(firm, can, len(found) - can, of, miss)


def first_terms(matched: list[Matched], zone: ZoneInfo) -> dict[str, Any]:
    """Terms to begin with: all firms that can, bids until 16:00 on the fourth day, valid two weeks longer."""
    day = clock.now().astimezone(zone).date() + timedelta(days=DAYS_TO_BID)
    return {
        "organizations": [str(row.organization.pk) for row in matched if row.can],
        "closes_at": datetime.combine(day, time(16), zone),
        "valid_until": day + timedelta(days=DAYS_VALID),
        "incoterm": Call.Incoterm.DAP,
    }


def comparison(acting: Acting, call: Call) -> tuple[list[Compared], Decimal]:
    """Opened offers by operation, and the sum of the cheapest ones."""
    offers: dict[UUID, list[BidItem]] = defaultdict(list)
    for item in access.opened_items(acting, call.pk):
        offers[item.operation_id].append(item)
    rows = [Compared(one, offers[one.pk]) for one in access.get_called_order(acting, call.pk).operations]
    return rows, sum((row.offers[0].price for row in rows if row.offers), Decimal(0))


def steps(call: Call) -> list[dict[str, Any]]:
    """How a call goes on, with the present step marked."""
    closed = clock.now() >= call.closes_at
    opened = call.state in {Call.State.OPENED, Call.State.AWARDED}
    awarded = call.state == Call.State.AWARDED
    holder = call.key_holder.organization.local_name
    return [
        {"label": _("Call published"), "at": call.created_at, "status": "done"},
        {
            "label": _("Bids, sealed"),
            "until": call.closes_at,
            "status": "done" if closed or opened else "now",
        },
        {
            "label": _("Opening"),
            "at": call.opened_at,
            "note": _("by two keys: %s and the platform or the buyer") % holder,
            "status": "done" if opened else "now" if closed else "",
        },
        {
            "label": _("Award"),
            "note": _("least cost with lateness and transport; the order is split over the firms"),
            "status": "done" if awarded else "now" if opened else "",
        },
    ]


def titleblock(call: Call, seen_by: str) -> list[tuple[str, Any]]:
    """Where a call's page comes from and who sees it."""
    return [
        (_("Call for"), call.order.code),
        (_("Buyer"), call.order.organization.local_name),
        (_("VAT"), call.get_vat_display()),
        (_("Delivery"), call.incoterm),
        (_("Key holder"), call.key_holder.organization.local_name),
        (_("Seen by"), seen_by),
    ]


def order_lines(order: Order) -> list[OrderLine]:
    """Lines of an order that can go out, with parts and routing."""
    return list(order.lines.select_related("revision__part").prefetch_related("operations"))
