"""Search of capabilities: a sentence becomes a requirement, members' equipment is judged by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from gonghe.apps.capacity import catalogue
from gonghe.apps.capacity.catalogue import Catalogue, Rows
from gonghe.apps.capacity.matching import Candidate, candidates_of
from gonghe.apps.members.access import own_sites, sees
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure, Site
from gonghe.apps.technology import words
from gonghe.engines.matching import MAX_NEAR_MISSES, Piece, Query, Taxonomy, understand
from gonghe.engines.matching.columns import Numbers
from gonghe.engines.matching.query import DISTANCE, PROCESS
from gonghe.engines.model.matching import Requirement
from gonghe.joining import joined

LONGEST = 300  # characters of a sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """Equipment that can or nearly can, how far away it stands, and what fails, in words."""

    candidate: Candidate
    km: float | None
    fails: tuple[str, ...]


class Ranking(Sequence[Answer]):
    """Answers in order; only those that are looked at are read from the database and put into words.

    Parameters
    ----------
    asked : Asked
    catalogue : Catalogue
    entries : array of int
        Numbers of its entries, in order.
    km : array of float
        Distance of each entry; not a number where there is none.
    """

    def __init__(self, asked: Asked, catalogue: Catalogue, entries: Rows, km: Numbers) -> None:
        self._asked, self._catalogue, self._entries, self._km = asked, catalogue, entries, km

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self[:])

    @overload
    def __getitem__(self, at: int) -> Answer: ...
    @overload
    def __getitem__(self, at: slice) -> list[Answer]: ...
    def __getitem__(self, at: int | slice) -> Answer | list[Answer]:
        if isinstance(at, slice):
            return self._answers(self._entries[at], self._km[at])
        place = range(len(self))[at]
        return self._answers(self._entries[[place]], self._km[[place]])[0]

    @property
    def firms(self) -> int:
        """How many firms answer."""
        return len(np.unique(self._catalogue.organization[self._entries]))

    def _answers(self, entries: Rows, km: Numbers) -> list[Answer]:
        rows = [self._catalogue.capabilities[row] for row in self._catalogue.row[entries]]
        places = [self._place(entry) for entry in entries]
        read = candidates_of(self._asked.requirement, rows, places)
        return [
            self._answer(one, None if np.isnan(far) else float(far))
            for one, far in zip(read, km, strict=True)
            if one is not None
        ]

    def _place(self, entry: int) -> tuple[UUID | None, Site | None]:
        machine, site = self._catalogue.place(entry)
        return machine, site if self._asked.located[entry] else None

    def _answer(self, one: Candidate, km: float | None) -> Answer:
        fails = tuple(words.miss_text(miss) for miss in one.misses)
        return Answer(one, km, fails + _too_far(km, self._asked.within_km))


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement, how far away its answers may be, and of which entries the searcher sees the place."""

    requirement: Requirement
    within_km: float | None
    located: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """How a sentence was understood and what answers it; `measured`: the viewer has a site."""

    query: Query
    can: Sequence[Answer]
    nearly: Sequence[Answer]
    firms: int
    measured: bool


def find(acting: Acting, text: str) -> Found:
    """Answer a sentence: those that can, nearest first, then near misses by what fails.

    Only members that show the viewer what they can do. Too far counts as one of the properties that may fail.
    """
    query = understand(text[:LONGEST], Taxonomy.load())
    requirement = query.requirement()
    origin = own_sites(acting).first()
    if requirement is None:
        return Found(query, (), (), 0, origin is not None)
    seen = sees(acting.organization, Disclosure.Group.CAPABILITIES)
    sorted_ = Requirement.from_json(requirement.to_json())  # the order in which all matching adds up
    all_ = catalogue.current()
    located = all_.shown_by(sees(acting.organization, Disclosure.Group.IDENTITY))
    can, nearly = _rank(Asked(sorted_, query.within_km, located), all_, seen, origin)
    return Found(query, can, nearly, can.firms, origin is not None)


def _rank(asked: Asked, all_: Catalogue, seen: set[UUID], origin: Site | None) -> tuple[Ranking, Ranking]:
    rows = all_.columns.fitting(asked.requirement.process)
    misses, distance = np.zeros(len(all_.capabilities), np.int64), np.zeros(len(all_.capabilities))
    misses[rows], distance[rows] = all_.columns.judge(asked.requirement, rows)
    fits = np.zeros(len(all_.capabilities), bool)
    fits[rows] = True
    entries = np.flatnonzero(fits[all_.row] & all_.shown_by(seen))
    entries = entries[misses[all_.row[entries]] <= MAX_NEAR_MISSES]
    row = all_.row[entries]
    entries = _best_of_each(all_.key[entries], np.lexsort((row, distance[row], misses[row])), entries)
    lacking, gap, name = misses[all_.row[entries]], distance[all_.row[entries]], all_.name[entries]
    km = all_.distances(origin)[all_.site[entries]] if origin else np.full(len(entries), np.nan)
    km[~asked.located[entries]] = np.nan
    fails = lacking + (0 if asked.within_km is None else km > asked.within_km)
    way = np.nan_to_num(km, nan=np.inf)
    order = np.lexsort((all_.row[entries], name, way))
    can = order[fails[order] == 0]
    order = np.lexsort((all_.row[entries], name, gap, way, fails))
    nearly = order[(fails[order] > 0) & (fails[order] <= MAX_NEAR_MISSES)]
    return Ranking(asked, all_, entries[can], km[can]), Ranking(asked, all_, entries[nearly], km[nearly])


def _best_of_each(keys: Rows, order: Rows, entries: Rows) -> Rows:
    """The first entry of each machine, by an order."""
    _keys, first = np.unique(keys[order], return_index=True)
    return entries[order[first]]


def piece_text(piece: Piece) -> str:
    """What a piece was taken for, such as "thickness: 3 mm"."""
    if piece.key == PROCESS:
        return words.process_name(str(piece.value))
    if piece.key == DISTANCE:
        return _("within %s km") % f"{piece.value:g}"
    return joined(": ", (words.property_name(piece.key), words.amount(piece.key, piece.value)))


def _too_far(km: float | None, within: float | None) -> tuple[str, ...]:
    if km is None or within is None or km <= within:
        return ()
    return (_("%(km).1f km away, %(over).1f km too far") % {"km": km, "over": km - within},)
