"""What all members can do, in columns; a firm that changed something is put in anew, the others stay.

Holds every firm's capabilities; who may see which is asked at each search (`finding`), never kept here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from gonghe.apps.members.models import local_name
from gonghe.apps.members.places import Place, great_circle_km
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.engines.matching import Columns, Taxonomy

Rows = NDArray[np.int64]
KEPT_ORIGINS = 64  # searchers whose distances to all sites stay at hand
NAME_BITS = 32  # of an entry's name: the firm's place above, that of the machine's code below


class Firm(NamedTuple):
    """What an answer says of an organisation."""

    id: UUID
    slug: str
    name: str
    name_en: str

    @property
    def local_name(self) -> str:
        """What pages call it in the language of the reader."""
        return local_name(self.name, self.name_en)


class Machine(NamedTuple):
    """What an answer says of equipment; ids are in the form of the database."""

    id: str
    code: str
    name: str


class Spot(NamedTuple):
    """A site: where it is and what it is called."""

    id: str
    name: str
    latitude: Decimal
    longitude: Decimal


class Lines(NamedTuple):
    """All that some firms say, as it stands in the database.

    Parameters
    ----------
    firms : list of Firm
    sites : list of (id of the firm, Spot)
        Each firm's first one first.
    capabilities : list of (id, id of the firm, process, covers children, limits)
    machines : list of (id, code, name, id of the site)
        Those in use.
    links : list of (id of a capability, id of a machine)
        Also of machines that are in use no longer: their capabilities stand for no other place.
    """

    firms: list[Firm]
    sites: list[tuple[UUID, Spot]]
    capabilities: list[tuple[str, str, str, bool, Any]]
    machines: list[tuple[str, str, str, str]]
    links: list[tuple[str, str]]


Known = TypeVar("Known", Firm, Spot)


def _no_rows() -> Rows:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entry i: capability `row[i]` on machine `machine[i]` (-1: none named) at site `site[i]` (-1: none).

    Parameters
    ----------
    columns : Columns
        A row for each capability; rows of no entry are out of date.
    order : array of uint64
        Sorts rows as the ids of their capabilities.
    firms, machines, sites
        By number, which stays with a firm and a site for good. Machines are plain tuples: those the garbage
        collector passes over.
    row, organization, machine, site, code : array of int, shape (entries,)
        `code` sorts the entries of a firm by the codes of their machines.
    """

    columns: Columns
    order: NDArray[np.uint64]
    firms: tuple[Firm, ...] = ()
    machines: list[tuple[str, str, str]] = field(default_factory=list)
    sites: tuple[Spot, ...] = ()
    row: Rows = field(default_factory=_no_rows)
    organization: Rows = field(default_factory=_no_rows)
    machine: Rows = field(default_factory=_no_rows)
    site: Rows = field(default_factory=_no_rows)
    code: Rows = field(default_factory=_no_rows)
    _name: list[Rows] = field(default_factory=list)
    _distances: dict[tuple[Any, Any], NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> Catalogue:
        """Nobody can do anything."""
        return cls(Columns((), taxonomies.current()), np.zeros(0, np.uint64))

    @property
    def key(self) -> Rows:
        """The same for the same machine of a firm."""
        return np.where(self.machine < 0, -1 - self.organization, self.machine)

    @property
    def name(self) -> Rows:
        """Sorts by firm and code."""
        if not self._name:
            order = sorted(range(len(self.firms)), key=lambda at: (self.firms[at].name, self.firms[at].id))
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            self._name.append((place[self.organization] << NAME_BITS) + self.code)
        return self._name[0]

    def distances(self, origin: Place) -> NDArray[np.float64]:
        """Kilometres from a place to every site; the last one stands for "no site" and is not a number."""
        at = (origin.latitude, origin.longitude)
        if at not in self._distances:
            if len(self._distances) >= KEPT_ORIGINS:
                self._distances.clear()
            km = [great_circle_km(origin, site) for site in self.sites]
            self._distances[at] = np.array([*km, np.nan])
        return self._distances[at]

    def hidden(self, organizations: set[UUID]) -> NDArray[np.bool_]:
        """Which entries belong to these firms."""
        return np.array([one.id in organizations for one in self.firms], bool)[self.organization]

    def with_firms(self, lines: Lines) -> Catalogue:
        """The same with some firms as they are now."""
        firms, firm_at = _numbered(self.firms, lines.firms)
        sites, site_at = _numbered(self.sites, [spot for _firm, spot in lines.sites])
        anew = np.array([firm_at[one.id] for one in lines.firms], np.int64)
        kept = ~np.isin(self.organization, anew)
        after = _entries(lines, firm_at, site_at, (len(self.columns), len(self.machines)))
        before = (self.row, self.organization, self.machine, self.site, self.code)
        row, organization, machine, site, code = (
            np.concatenate([old[kept], new]) for old, new in zip(before, after, strict=True)
        )
        ids = (one[0].replace("-", "")[:16] for one in lines.capabilities)
        order = np.array([int(one, 16) for one in ids], np.uint64)
        stated = [one[2:] for one in lines.capabilities]
        return replace(
            self,
            columns=self.columns.followed_by(Columns(stated, taxonomies.current())),
            order=np.concatenate([self.order, order]),
            firms=firms,
            machines=self.machines + [one[:3] for one in lines.machines],
            sites=sites,
            row=row,
            organization=organization,
            machine=machine,
            site=site,
            code=code,
            _name=[],
            _distances=self._distances if sites == self.sites else {},
        )._compact()

    def judged_by(self, taxonomy: Taxonomy) -> Catalogue:
        """The same under this taxonomy."""
        if taxonomy is self.columns.taxonomy:
            return self
        return replace(self, columns=self.columns.judged_by(taxonomy))

    def _compact(self) -> Catalogue:
        """The same without rows and machines that are out of date, once they are the greater part."""
        rows = np.unique(self.row)
        if len(self.columns) <= 2 * len(rows):
            return self
        used = np.unique(self.machine[self.machine >= 0])
        machine = np.where(self.machine < 0, -1, np.searchsorted(used, self.machine))
        return replace(
            self,
            columns=self.columns.only(rows),
            order=self.order[rows],
            machines=[self.machines[at] for at in used],
            row=np.searchsorted(rows, self.row),
            machine=machine,
        )


def _numbered(known: tuple[Known, ...], news: Iterable[Known]) -> tuple[tuple[Known, ...], dict[Any, int]]:
    """Things with those that are new or have changed, and their numbers by id."""
    every = list(known)
    number = {one.id: at for at, one in enumerate(every)}
    for one in news:
        if number.setdefault(one.id, len(every)) == len(every):
            every.append(one)
        every[number[one.id]] = one
    return tuple(every), number


def _entries(
    lines: Lines, firm_at: dict[UUID, int], site_at: dict[str, int], first: tuple[int, int]
) -> tuple[Rows, Rows, Rows, Rows, Rows]:
    """Row, organization, machine, site and code of entries; rows and machines are numbered from `first`."""
    firm_of_text = {one: firm_at[UUID(one)] for one in {one[1] for one in lines.capabilities}}
    firm = _ints(firm_of_text[one[1]] for one in lines.capabilities)
    first_site = np.full(len(firm_at), -1, np.int64)
    for owner, spot in reversed(lines.sites):
        first_site[firm_at[owner]] = site_at[spot.id]
    row_at = {one[0]: at for at, one in enumerate(lines.capabilities)}
    machine_at = {one[0]: at for at, one in enumerate(lines.machines)}
    row = _ints(row_at.get(capability, -1) for capability, _machine in lines.links)
    machine = _ints(machine_at.get(one, -1) for _capability, one in lines.links)
    alone = np.ones(len(firm), bool)
    alone[row[row >= 0]] = False
    alone_rows = np.flatnonzero(alone)
    works = (row >= 0) & (machine >= 0)
    row, machine = row[works], machine[works]
    nothing = np.full(len(alone_rows), -1, np.int64)
    site = _ints(site_at[one[3]] for one in lines.machines)
    rows = np.concatenate([alone_rows, row])
    return (
        rows + first[0],
        firm[rows],
        np.concatenate([nothing, machine + first[1]]),
        np.concatenate([first_site[firm[alone_rows]], site[machine]]),
        np.concatenate([nothing + 1, _codes(lines.machines)[machine]]),
    )


def _codes(machines: list[tuple[str, str, str, str]]) -> Rows:
    """Places of machines in the order of their codes, from 1: an entry without a machine comes first."""
    place = np.empty(len(machines), np.int64)
    order = sorted(range(len(machines)), key=lambda at: (machines[at][1], machines[at][0]))
    place[order] = np.arange(1, len(machines) + 1)
    return place


def _ints(values: Iterable[int]) -> Rows:
    return np.fromiter(values, np.int64)
