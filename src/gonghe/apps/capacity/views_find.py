"""Search of capabilities as a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.capacity import finding
from gonghe.apps.members.acting import ActingRequest, member_page

SHOWN = 50  # rows of a table; a narrower sentence shows the rest
EXAMPLES = (
    "laser cutting, 3 mm aluminium, 1,500 x 3,000, within 30 km, ISO 9001",
    "五轴 钛合金 400×300×200 IT6",
    "cylindrical grinding, Ø80, 60 HRC, Ra 0.4",
)


@member_page
def find(request: ActingRequest) -> HttpResponse:
    """Who can do what a sentence asks for."""
    sentence = request.GET.get("q", "").strip()[: finding.LONGEST]
    found = finding.find(request.acting, sentence)
    here = reverse("capacity:find", args=[request.acting.organization.slug])
    context: dict[str, Any] = {
        "sentence": sentence,
        "found": found,
        "can": found.can[:SHOWN],
        "nearly": found.nearly[:SHOWN],
        "firms": found.firms,
        "chips": [
            {"text": finding.piece_text(one), "url": _address(here, found.query.without(one))}
            for one in found.query.pieces
        ],
        "examples": [{"text": text, "url": _address(here, text)} for text in EXAMPLES],
        "station": "knowhow",
        "titleblock": [
            (_("Computed from"), _("capabilities that members show you, your own included")),
            (_("Distance"), _("as the crow flies from your first site")),
            (_("Computed"), clock.now()),
            (_("Seen by"), _("you; the firms do not learn of your search")),
        ],
    }
    return render(request, "capacity/find.html", context)


def _address(here: str, sentence: str) -> str:
    query = QueryDict(mutable=True)
    query["q"] = sentence
    return f"{here}?{query.urlencode()}"
