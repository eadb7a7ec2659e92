"""The catalogue as each web process keeps it: read whole once, afterwards only the firms that changed."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from django.db.models import CharField, F, QuerySet, TextField
from django.db.models.functions import Cast
from pydantic_core import from_json

from gonghe.apps.audit.access import Mark, mark_of, since
from gonghe.apps.capacity.catalogue import Catalogue, Firm, Lines, Spot
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.access import known_places, visible_organizations
from gonghe.apps.members.facts import lapsed_certificates, today
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology.access import everything_active, without_lapsed

CHANGES = (
    "capacity.equipment.retired",
    "capacity.equipment.saved",
    "capacity.workbook.imported",
    "members.certificate.removed",
    "members.certificate.saved",
    "members.organization.saved",
    "members.site.saved",
    "technology.capability.removed",
    "technology.capability.saved",
)
LEAST_ANEW = 20  # so many firms are always read by themselves
MOST_ANEW = 0.2  # share of the firms from which on reading everything is quicker
Of: TypeAlias = "frozenset[UUID] | None"


class Kept(NamedTuple):
    """A catalogue, the day on which it was read whole, and the events that it knows."""

    day: date
    mark: Mark
    catalogue: Catalogue


_lock = threading.Lock()
_kept: dict[str, Kept] = {}


def current() -> Catalogue:
    """The catalogue as the database is now.

    Every write that matters records an event of the firm in its own transaction. Two short queries, asked
    before any row is read, tell each process which firms wrote since it last looked. At midnight certificates
    may expire, so every day begins with a reading of everything.
    """
    kept = _kept.get("now")
    if kept is None or kept.day != today() or since(CHANGES, kept.mark)[0] != kept.mark:
        with _lock:
            kept = _kept["now"] = _renewed(_kept.get("now"))
    return kept.catalogue.judged_by(taxonomies.current())


def _renewed(kept: Kept | None) -> Kept:
    taxonomies.renew()  # what a firm wrote may name a process that was added just before
    day = today()
    if kept is None or kept.day != day:
        return Kept(day, mark_of(CHANGES), read(Catalogue.empty(), None))
    mark, firms = since(CHANGES, kept.mark)
    if firms is None or None in firms or len(firms) > max(LEAST_ANEW, MOST_ANEW * len(kept.catalogue.firms)):
        return Kept(day, mark, read(Catalogue.empty(), None))
    changed = frozenset(one for one in firms if one)
    return Kept(day, mark, read(kept.catalogue, changed) if changed else kept.catalogue)


def read(before: Catalogue, of: Of) -> Catalogue:
    """A catalogue with these firms as the database has them; None: with all."""
    with _not_collecting():
        return before.with_firms(
            Lines(
                firms=[Firm(*one) for one in _firms(of).values_list("pk", "slug", "name", "name_en")],
                sites=_sites(of),
                capabilities=_capabilities(of),
                machines=_machines(of),
                links=_links(of),
            )
        )


@contextmanager
def _not_collecting() -> Iterator[None]:
    """No garbage is looked for while a million small things are made, which would treble the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _firms(of: Of) -> QuerySet[Any]:
    every = visible_organizations()
    return every if of is None else every.filter(pk__in=of)


def _sites(of: Of) -> list[tuple[UUID, Spot]]:
    every = known_places() if of is None else known_places().filter(organization__in=of)
    columns = every.values_list("organization_id", _text("pk"), "name", "latitude", "longitude")
    return [(firm, Spot(*spot)) for firm, *spot in columns]


def _capabilities(of: Of) -> list[tuple[str, str, str, bool, Any]]:
    """Limits come as text and are parsed at one go, which is far quicker."""
    every = everything_active() if of is None else everything_active().filter(organization__in=of)
    limits = Cast("constraints", TextField())
    columns = (_text("pk"), _text("organization_id"), "process", "covers_children", limits)
    rows = list(every.order_by().values_list(*columns))
    parsed = from_json(f"[{','.join(row[-1] for row in rows)}]")
    lapsed = lapsed_certificates()
    gone = {row[1]: lapsed.get(UUID(row[1]), set()) for row in rows} if lapsed else {}
    return [
        (*row[:4], without_lapsed(stated, gone[row[1]]) if gone.get(row[1]) else stated)
        for row, stated in zip(rows, parsed, strict=True)
    ]


def _machines(of: Of) -> list[Any]:
    every = Equipment.objects.exclude(status=Equipment.Status.RETIRED)
    chosen = every if of is None else every.filter(organization__in=of)
    return list(chosen.order_by().values_list(_text("pk"), "code", "name", _text("site_id")))


def _links(of: Of) -> list[Any]:
    every = Equipment.capabilities.through.objects.all()
    chosen = every if of is None else every.filter(equipment__organization__in=of)
    return list(chosen.order_by().values_list(_text("capability_id"), _text("equipment_id")))


def _text(name: str) -> Cast:
    """An id as the database writes it, which spares making 100,000 UUIDs."""
    return Cast(F(name), CharField())
