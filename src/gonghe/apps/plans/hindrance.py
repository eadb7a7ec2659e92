"""Why no plan is possible: what is in the way, in the words of the buyer whose order it is."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from gonghe.apps.base import ConflictError
from gonghe.apps.orders.models import Operation
from gonghe.apps.plans.offers import Offer
from gonghe.apps.plans.problem import Draft
from gonghe.apps.plans.words import moment_text
from gonghe.engines.planning import Obstacle, in_the_way
from gonghe.joining import tidy

TRIES = 40
SAID = 6  # obstacles that are named, about as many as a page shows at a glance


def no_room() -> ConflictError:
    """No plan at all within the horizon."""
    return ConflictError(
        _(
            "No plan is possible in the next three months: the firms that offered have no room. "
            "Call more firms, or let the work be interrupted overnight."
        ),
        code="no_room",
    )


def no_room_because(draft: Draft, jobs: tuple[str, ...]) -> ConflictError:
    """The same with what is in the way: times of bids, and machines that are not available, never to whom."""
    found = in_the_way(draft.problem, jobs, tries=TRIES).obstacles
    said = list(dict.fromkeys(text for one in found if (text := _text(draft, one))))
    if not said:
        return no_room()
    advice = _("Call more firms, or ask them for other times.")
    return ConflictError(tidy(" ".join([_("No plan is possible."), *said[:SAID], advice])), code="no_room")


def _text(draft: Draft, obstacle: Obstacle) -> str:
    offer = next((one for one in draft.offers.values() if one.machine == obstacle.machine), None)
    if offer is None or obstacle.end is None:
        return ""
    facts = {"firm": offer.organization.local_name, "end": _moment(draft, offer, obstacle.end)}
    if obstacle.kind != "window":
        return _("%(firm)s is not available until %(end)s.") % facts
    if obstacle.start is None:
        return ""
    name = Operation.objects.get(pk=offer.operation_id).label
    facts |= {"start": _moment(draft, offer, obstacle.start), "name": name}
    return _("%(firm)s offers %(name)s only from %(start)s to %(end)s.") % facts


def _moment(draft: Draft, offer: Offer, seconds: int) -> str:
    return moment_text(draft.epoch + timedelta(seconds=seconds), offer.site.time_zone)
