"""Search of capabilities as a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.capacity import finding
from gonghe.apps.capacity.finding import Answer
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.joining import joined

SHOWN = 50  # rows of a table; a narrower sentence shows the rest
ANY_FIRM = "any-firm"
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
        "can": _lines(request, list(found.can[:SHOWN])),
        "nearly": _lines(request, list(found.nearly[:SHOWN])),
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


def _lines(request: ActingRequest, answers: list[Answer]) -> list[dict[str, Any]]:
    """Rows of a table. One address is made for all of them: making a hundred takes longer than the search."""
    pattern = reverse("capacity:firm", args=[request.acting.organization.slug, ANY_FIRM])
    return [
        {
            "url": pattern.replace(ANY_FIRM, one.firm.slug),
            "firm": one.firm.local_name,
            "code": one.machine.code if one.machine else "",
            "machine": one.machine.name if one.machine else "",
            "fails": joined("; ", one.fails),
            "km": "" if one.km is None else f"{one.km:,.1f} km",
        }
        for one in answers
    ]


def _address(here: str, sentence: str) -> str:
    query = QueryDict(mutable=True)
    query["q"] = sentence
    return f"{here}?{query.urlencode()}"
