"""Search of capabilities: a sentence becomes a requirement, members' equipment is judged by it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import overload
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from gonghe.apps.capacity.catalogue import Catalogue, Firm, Machine, Rows, Spot
from gonghe.apps.capacity.catalogue_now import current
from gonghe.apps.members.access import hidden_from, own_sites
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Disclosure, Site
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.apps.technology import words
from gonghe.engines.matching import MAX_NEAR_MISSES, Piece, Query, match, understand
from gonghe.engines.matching.columns import Numbers
from gonghe.engines.matching.query import AXES, DISTANCE, PROCESS
from gonghe.engines.model.matching import Capability, Match, Requirement
from gonghe.joining import joined

LONGEST = 600  # characters of a sentence
FARTHER_KM = 30_000.0  # than any two places on the earth: where no distance is known


@dataclass(frozen=True, slots=True)
class Answer:
    """A machine (None: the firm names none), how far away it is, and what fails, in words."""

    firm: Firm
    machine: Machine | None
    site: Spot | None
    match: Match
    km: float | None
    fails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lot:
    """Entries of a catalogue in no order yet; all arrays are of one length.

    Parameters
    ----------
    entries : array of int
    km : array of float
        Distance of each; not a number where there is none.
    fails, gap : array of int and float
        How many properties fail, distance included, and by how much those of the machine.
    """

    entries: Rows
    km: Numbers
    fails: Rows
    gap: Numbers

    def of(self, chosen: Rows) -> Lot:
        """Some of them."""
        return Lot(self.entries[chosen], self.km[chosen], self.fails[chosen], self.gap[chosen])

    def first(self, count: int, name: Rows) -> Lot:
        """The first of them: by what fails, nearest first, then by gap and name.

        Sorting all of tens of thousands would take most of the time of a search that shows fifty.
        """
        way = np.nan_to_num(self.km, nan=FARTHER_KM)
        chosen = np.arange(len(way))
        if 0 < count < len(way):
            rough = self.fails * (2 * FARTHER_KM) + way
            chosen = np.flatnonzero(rough <= np.partition(rough, count - 1)[count - 1])
        keys = (name[self.entries[chosen]], self.gap[chosen], way[chosen], self.fails[chosen])
        return self.of(chosen[np.lexsort(keys)][:count])


class Ranking(Sequence[Answer]):
    """Answers in order; only those that are looked at are sorted and put into words.

    Parameters
    ----------
    asked : Asked
    catalogue : Catalogue
    lot : Lot
        Entries of the catalogue that answer.
    """

    def __init__(self, asked: Asked, catalogue: Catalogue, lot: Lot) -> None:
        self._asked, self._catalogue, self._lot = asked, catalogue, lot

    def __len__(self) -> int:
        return len(self._lot.entries)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self[:])

    @overload
    def __getitem__(self, at: int) -> Answer: ...
    @overload
    def __getitem__(self, at: slice) -> list[Answer]: ...
    def __getitem__(self, at: int | slice) -> Answer | list[Answer]:
        if isinstance(at, slice):
            places = range(len(self))[at]
            first = self._lot.first(max(places, default=-1) + 1, self._catalogue.name)
            return self._answers(first.of(np.array(places, np.int64)))
        place = range(len(self))[at]
        return self[place : place + 1][0]

    @property
    def firms(self) -> int:
        """How many firms answer."""
        return len(np.unique(self._catalogue.organization[self._lot.entries]))

    def _answers(self, lot: Lot) -> list[Answer]:
        judged = self._judged(self._catalogue.row[lot.entries])
        return [
            self._answer(entry, found, None if math.isnan(far) else far)
            for entry, found, far in zip(lot.entries.tolist(), judged, lot.km.tolist(), strict=True)
        ]

    def _judged(self, rows: Rows) -> list[Match]:
        """Rows judged one by one, for the words; of those that can only what they leave unsaid is asked."""
        wanted, columns = self._asked.requirement, self._catalogue.columns
        if not self._lot.fails.any():
            silent = [columns.silent(rows, code) for code in wanted.properties]
            of_row = zip(*silent, strict=True) if silent else ((),) * len(rows)
            return [
                Match(str(row), "can", (), tuple(compress(wanted.properties, unsaid)))
                for row, unsaid in zip(rows.tolist(), of_row, strict=True)
            ]
        offers = [
            Capability(str(row), columns.process(row), limits, covers_children=True)
            for row, limits in zip(rows.tolist(), columns.stated(rows, wanted.properties), strict=True)
        ]
        return match(wanted, offers, columns.taxonomy)

    def _answer(self, entry: int, found: Match, km: float | None) -> Answer:
        all_ = self._catalogue
        machine, site = all_.machine[entry], all_.site[entry]
        return Answer(
            all_.firms[all_.organization[entry]],
            None if machine < 0 else Machine(*all_.machines[machine]),
            all_.sites[site] if site >= 0 and self._asked.located[entry] else None,
            found,
            km,
            (*map(words.miss_text, found.misses), *_too_far(km, self._asked.within_km)),
        )


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
    query = understand(text[:LONGEST], taxonomies.current())
    requirement = query.requirement()
    origin = own_sites(acting).first()
    if requirement is None:
        return Found(query, (), (), 0, origin is not None)
    hidden = hidden_from(acting.organization, Disclosure.Group.CAPABILITIES)
    sorted_ = Requirement.from_json(requirement.to_json())  # the order in which all matching adds up
    all_, unplaced = current(), hidden_from(acting.organization, Disclosure.Group.IDENTITY)
    can, nearly = _rank(Asked(sorted_, query.within_km, ~all_.hidden(unplaced)), all_, hidden, origin)
    return Found(query, can, nearly, can.firms, origin is not None)


def _rank(asked: Asked, all_: Catalogue, hidden: set[UUID], origin: Site | None) -> tuple[Ranking, Ranking]:
    rows = all_.columns.fitting(asked.requirement.process)
    misses, distance = all_.columns.judge(asked.requirement, rows)
    near = misses <= MAX_NEAR_MISSES
    place = np.full(len(all_.columns), -1, np.int64)
    place[rows[near]] = np.flatnonzero(near)
    entries = np.flatnonzero(place[all_.row] >= 0)
    if hidden:
        entries = entries[~all_.hidden(hidden)[entries]]
    at = place[all_.row[entries]]
    best = _best_of_each(all_, entries, misses[at], distance[at])
    entries, at = entries[best], at[best]
    km = all_.distances(origin)[all_.site[entries]] if origin else np.full(len(entries), np.nan)
    km[~asked.located[entries]] = np.nan
    fails = misses[at] + (0 if asked.within_km is None else km > asked.within_km)
    lot = Lot(entries, km, fails, distance[at])
    can, nearly = np.flatnonzero(fails == 0), np.flatnonzero((fails > 0) & (fails <= MAX_NEAR_MISSES))
    return Ranking(asked, all_, lot.of(can)), Ranking(asked, all_, lot.of(nearly))


def _best_of_each(all_: Catalogue, entries: Rows, misses: Rows, distance: Numbers) -> Rows:
    """Places of the entries that fail least of each machine's, then by gap and id of the capability."""
    key = all_.key[entries] + len(all_.firms)
    several = np.bincount(key)[key] > 1 if len(key) else np.zeros(0, bool)
    those = np.flatnonzero(several)
    order = np.lexsort((all_.order[all_.row[entries[those]]], distance[those], misses[those]))
    _keys, first = np.unique(key[those[order]], return_index=True)
    return np.concatenate([np.flatnonzero(~several), those[order[first]]])


def piece_text(piece: Piece) -> str:
    """What a piece was taken for, such as "thickness: 3 mm"."""
    if piece.key == PROCESS:
        return words.process_name(str(piece.value))
    if piece.key == DISTANCE:
        return _("within %s km") % f"{piece.value:g}"
    return joined(": ", (words.property_name(piece.key), words.amount(piece.key, piece.value)))


def sentence(pieces: Iterable[Piece]) -> str:
    """A sentence of the reader's language that is understood as these pieces."""
    said = list(pieces)
    sides = {one.key: one.value for one in said if one.key in AXES}
    texts = [piece_text(one) for one in said if one.key not in sides or len(sides) == 1]
    if len(sides) > 1:
        texts.append(" x ".join(f"{sides[axis]:g}" for axis in AXES if axis in sides) + " mm")
    return joined("; ", texts)


def _too_far(km: float | None, within: float | None) -> tuple[str, ...]:
    if km is None or within is None or km <= within:
        return ()
    return (_("%(km).1f km away, %(over).1f km too far") % {"km": km, "over": km - within},)
