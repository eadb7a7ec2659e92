"""What the base layout needs on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from gonghe.apps.audit.access import feed_end
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import User

STATIONS = (
    ("today", "web:today"),
    ("orders", "web:orders"),
    ("market", "market:index"),
    ("plan", "plans:index"),
    ("workshop", "workshop:index"),
    ("capacity", "capacity:index"),
    ("knowhow", "technology:index"),
    ("members", "organization:index"),
)


def layout(request: HttpRequest) -> dict[str, Any]:
    """Acting organisation, stations of the rail, and the firms a person may switch to."""
    acting: Acting | None = getattr(request, "acting", None)
    user = getattr(request, "user", None)
    context: dict[str, Any] = {
        "acting": acting,
        "sign_out_url": reverse("members:sign_out"),
        "acting_choices": _choices(user, acting) if isinstance(user, User) else [],
    }
    if acting is None:
        return context
    slug = acting.organization.slug
    stations = _stations(acting, request.path)
    return context | {
        "stations": stations,
        "station": next((one["key"] for one in reversed(stations) if one["current"]), ""),
        "search_url": reverse("web:search", args=[slug]),
        "account_url": reverse("organization:account", args=[slug]),
        "feed_url": reverse("web:feed", args=[slug]),
        "feed_position": feed_end(acting.organization.pk),
    }


def _stations(acting: Acting, path: str) -> list[dict[str, Any]]:
    labels = {
        "today": _("Today"),
        "orders": _("Orders"),
        "market": _("Market"),
        "plan": _("Plan"),
        "workshop": _("Workshop"),
        "capacity": _("Capacity"),
        "knowhow": _("Know-how"),
        "members": _("Members"),
    }
    stations = []
    for key, route in STATIONS:
        url = reverse(route, args=[acting.organization.slug])
        current = path == url if key == "today" else path.startswith(url)
        stations.append({"key": key, "label": labels[key], "url": url, "icon": key, "current": current})
    return stations


def _choices(user: User, acting: Acting | None) -> list[dict[str, Any]]:
    memberships = user.memberships.select_related("organization").order_by("organization__name")
    firms = {one.organization.slug: one.organization.local_name for one in memberships}
    return [
        {
            "name": name,
            "url": reverse("web:today", args=[slug]),
            "current": acting is not None and slug == acting.organization.slug,
        }
        for slug, name in firms.items()
    ]
