"""Find an order, a part, a firm or a machine by its name or number, among what one may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe.apps.capacity import access as capacity
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting, ActingRequest, member_page
from gonghe.apps.orders import access as orders

MOST = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found."""

    kind: str
    name: str
    note: str
    url: str


@member_page
def search(request: ActingRequest) -> HttpResponse:
    """What fits the words."""
    words = request.GET.get("q", "").strip()[:100]
    found = find(request.acting, words) if words else []
    return render(request, "web/search.html", {"words": words, "found": found})


def find(acting: Acting, words: str) -> list[Found]:
    """Orders, machines and firms whose name or number holds the words."""
    slug = acting.organization.slug
    fitting_orders = orders.visible_orders(acting).filter(
        Q(code__icontains=words)
        | Q(title__icontains=words)
        | Q(lines__revision__part__number__icontains=words)
        | Q(lines__revision__part__name__icontains=words)
    )
    machines = capacity.own_equipment(acting).filter(Q(code__icontains=words) | Q(name__icontains=words))
    firms = members.visible_organizations().filter(Q(name__icontains=words) | Q(name_en__icontains=words))
    return [
        *(
            Found(_("Order"), one.code, one.title, reverse("web:order", args=[slug, one.pk]))
            for one in fitting_orders.distinct()[:MOST]
        ),
        *(
            Found(_("Machine"), one.code, one.name, reverse("capacity:equipment", args=[slug, one.pk]))
            for one in machines[:MOST]
        ),
        *(
            Found(_("Firm"), one.local_name, one.other_name, reverse("capacity:firm", args=[slug, one.slug]))
            for one in firms[:MOST]
        ),
    ]
