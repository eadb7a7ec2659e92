"""What all members can do, kept in columns by each web process and read anew after a change.

Holds every firm's capabilities; who may see which is asked at each search (`finding`), never kept here.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from gonghe.apps.audit.access import state_of
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.members.access import known_places, organization_names
from gonghe.apps.members.facts import today
from gonghe.apps.members.models import Site
from gonghe.apps.members.places import Place, great_circle_km
from gonghe.apps.technology.access import everything_active, in_force, to_engine
from gonghe.engines.matching import Columns, Taxonomy

Rows = NDArray[np.int64]
KEPT_ORIGINS = 64  # searchers whose distances to all sites stay at hand
CHANGES = (
    "capacity.equipment.saved",
    "capacity.equipment.retired",
    "members.certificate.removed",
    "members.certificate.saved",
    "members.organization.saved",
    "members.site.saved",
    "technology.capability.removed",
    "technology.capability.saved",
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entry i: capability `row[i]` on machine `machine[i]` (-1: none named) at site `site[i]` (-1: none).

    Parameters
    ----------
    columns : Columns
        A row for each capability.
    capabilities, organizations, machines, sites
        Ids by row, firm, machine and site number.
    row, organization, machine, site, key, name : array of int, shape (entries,)
        Rows are in the order of capability ids; `key` is the same for the same machine of a firm; `name`
        orders by firm and code.
    """

    columns: Columns
    capabilities: list[UUID]
    organizations: list[UUID]
    machines: list[UUID]
    sites: list[Site]
    row: Rows
    organization: Rows
    machine: Rows
    site: Rows
    key: Rows
    name: Rows
    _distances: dict[tuple[Any, Any], NDArray[np.float64]] = field(default_factory=dict)

    def distances(self, origin: Place) -> NDArray[np.float64]:
        """Kilometres from a place to every site; the last one stands for "no site" and is not a number."""
        at = (origin.latitude, origin.longitude)
        if at not in self._distances:
            if len(self._distances) >= KEPT_ORIGINS:
                self._distances.clear()
            km = [great_circle_km(origin, site) for site in self.sites]
            self._distances[at] = np.array([*km, np.nan])
        return self._distances[at]

    def place(self, entry: int) -> tuple[UUID | None, Site | None]:
        """Id of the machine of an entry, and where it stands."""
        machine, site = self.machine[entry], self.site[entry]
        return (
            None if machine < 0 else self.machines[machine],
            None if site < 0 else self.sites[site],
        )

    def shown_by(self, organizations: set[UUID]) -> NDArray[np.bool_]:
        """Which entries belong to these firms."""
        shown = np.array([one in organizations for one in self.organizations], bool)
        return shown[self.organization]


_lock = threading.Lock()
_kept: dict[str, tuple[object, Catalogue]] = {}


def current() -> Catalogue:
    """The catalogue as the database is now.

    Every write that matters records an event in its own transaction, so the state of those events, read
    before the rows, tells each process whether what it keeps is still true. At midnight a certificate may
    expire.
    """
    state = (today(), state_of(CHANGES))
    kept = _kept.get("now")
    if kept is not None and kept[0] == state:
        return kept[1]
    with _lock:
        state = (today(), state_of(CHANGES))
        kept = _kept.get("now")
        if kept is None or kept[0] != state:
            _kept["now"] = kept = (state, read())
    return kept[1]


def read() -> Catalogue:
    """Read everything from the database."""
    capabilities = sorted(everything_active(), key=lambda one: one.pk)
    columns = Columns([to_engine(one) for one in in_force(capabilities)], Taxonomy.load())
    sites = known_places()
    site_at = {one.pk: at for at, one in enumerate(sites)}
    first_site: dict[UUID, int] = {}
    for at, site in enumerate(sites):
        first_site.setdefault(site.organization_id, at)
    machines = {one[0]: one for one in Equipment.objects.values_list("pk", "site_id", "code", "status")}
    linked = _linked()
    entries: list[tuple[int, UUID, UUID | None, int, str]] = []
    for row, one in enumerate(capabilities):
        firm = one.organization_id
        if one.pk not in linked:
            entries.append((row, firm, None, first_site.get(firm, -1), ""))
        for machine in linked.get(one.pk, ()):
            _pk, site_id, code, status = machines[machine]
            if status != Equipment.Status.RETIRED:
                entries.append((row, firm, machine, site_at[site_id], code))
    return _catalogue(columns, [one.pk for one in capabilities], sites, entries)


def _linked() -> dict[UUID, list[UUID]]:
    linked: dict[UUID, list[UUID]] = defaultdict(list)
    pairs = Equipment.capabilities.through.objects.values_list("capability_id", "equipment_id")
    for capability, machine in pairs:
        linked[capability].append(machine)
    return linked


def _catalogue(
    columns: Columns,
    capabilities: list[UUID],
    sites: list[Site],
    entries: list[tuple[int, UUID, UUID | None, int, str]],
) -> Catalogue:
    firms, firm_at = _numbered(one[1] for one in entries)
    machines, machine_at = _numbered(one[2] for one in entries if one[2] is not None)
    names = organization_names(firms)
    return Catalogue(
        columns,
        capabilities,
        firms,
        machines,
        sites,
        row=_ints(one[0] for one in entries),
        organization=_ints(firm_at[one[1]] for one in entries),
        machine=_ints(-1 if one[2] is None else machine_at[one[2]] for one in entries),
        site=_ints(one[3] for one in entries),
        key=_ranks([(str(one[1]), str(one[2] or "")) for one in entries]),
        name=_ranks([(names[one[1]], one[4]) for one in entries]),
    )


def _numbered(ids: Iterable[UUID]) -> tuple[list[UUID], dict[UUID, int]]:
    numbered = list(dict.fromkeys(ids))
    return numbered, {one: at for at, one in enumerate(numbered)}


def _ints(values: Iterable[int]) -> Rows:
    return np.fromiter(values, np.int64)


def _ranks(names: list[tuple[str, str]]) -> Rows:
    place = {one: at for at, one in enumerate(sorted(set(names)))}
    return _ints(place[one] for one in names)
