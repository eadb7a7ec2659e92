"""Search of capabilities as a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.capacity import finding
from gonghe.apps.capacity.finding import Answer
from gonghe.apps.capacity.forms_find import FindForm, filled
from gonghe.apps.members.access import own_sites
from gonghe.apps.members.acting import ActingRequest, member_page
from gonghe.apps.members.places import Place
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
    """Who can do what a sentence asks for; fields become a sentence."""
    here = reverse("capacity:find", args=[request.acting.organization.slug])
    form = None
    if "fields" in request.GET:
        form = FindForm(request.GET, process=request.GET.get("process", ""))
        if form.is_valid():
            return redirect(f"{_address(here, finding.sentence(form.pieces()))}&form=1")
    sentence = request.GET.get("q", "").strip()[: finding.LONGEST]
    found = finding.find(request.acting, sentence)
    can, nearly = list(found.can[:SHOWN]), list(found.nearly[:SHOWN])
    context: dict[str, Any] = {
        "sentence": sentence,
        "found": found,
        "can": _lines(request, can),
        "nearly": _lines(request, nearly),
        "firms": found.firms,
        "form": form or ("form" in request.GET and filled(found.query)),  # it takes longer than the search
        "form_url": f"{_address(here, sentence)}&form=1#fields",
        "longest": finding.LONGEST,
        **_places(request, can, nearly),
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
    return render(request, "capacity/find.html", context, status=422 if form else 200)


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


def _places(request: ActingRequest, can: list[Answer], nearly: list[Answer]) -> dict[str, Any]:
    """The sites of the answers that are shown, on a map and as a table."""
    kinds = {"can": _("can do it"), "nearly": _("nearly")}
    places: dict[str, dict[str, Any]] = {}
    origin = own_sites(request.acting).first()
    if origin and (can or nearly):
        places[origin.pk.hex] = _spot(origin.pk.hex, origin, origin.name, "own", _("your site"), "")
    pattern = reverse("capacity:firm", args=[request.acting.organization.slug, ANY_FIRM])
    for verdict, answers in (("can", can), ("nearly", nearly)):
        for one in answers:
            if one.site is not None:
                key = one.site.id.replace("-", "")
                kind = "partner" if verdict == "can" else "other"
                url = pattern.replace(ANY_FIRM, one.firm.slug)
                spot = _spot(key, one.site, one.firm.local_name, kind, kinds[verdict], url)
                places.setdefault(key, spot)
    return {
        "places": list(places.values()),
        "map": {"sites": list(places.values()), "legs": []},
        "map_label": _("Sites of the answers"),
    }


def _spot(key: str, place: Place, name: str, kind: str, note: str, url: str) -> dict[str, Any]:
    where = {"lat": float(place.latitude), "lon": float(place.longitude)}
    return {"id": key, "name": name, "kind": kind, "note": note, "url": url, **where}


def _address(here: str, sentence: str) -> str:
    query = QueryDict(mutable=True)
    query["q"] = sentence
    return f"{here}?{query.urlencode()}"
