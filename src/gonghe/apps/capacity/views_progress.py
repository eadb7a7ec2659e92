"""The page that tells a new firm what is still missing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.capacity import progress as facts
from gonghe.apps.members.acting import ActingRequest, member_page


@member_page
def progress(request: ActingRequest) -> HttpResponse:
    """What is missing before the firm is matched, offered work, and paid; the first of it is the button."""
    found = facts.steps(request.acting)
    left = [one for one in found if not one.done]
    context = {
        "goals": [
            {
                "key": goal,
                "title": title,
                "steps": [one for one in found if one.goal == goal],
                "left": sum(one.goal == goal for one in left),
                "reached": not facts.missing(found, goal),
            }
            for goal, title in facts.goals().items()
        ],
        "first": left[0] if left else None,
        "left": len(left),
        "station": "capacity",
        "titleblock": [
            (_("Firm"), request.acting.organization.local_name),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("people of %s") % request.acting.organization.local_name),
        ],
    }
    return render(request, "capacity/progress.html", context)
