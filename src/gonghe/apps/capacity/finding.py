"""Search of capabilities: a sentence becomes a requirement, members' equipment is judged by it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from gonghe.apps.capacity.matching import Candidate, candidates
from gonghe.apps.members.access import own_sites
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.places import great_circle_km
from gonghe.apps.technology import words
from gonghe.engines.matching import MAX_NEAR_MISSES, Piece, Query, Taxonomy, understand
from gonghe.engines.matching.query import DISTANCE, PROCESS
from gonghe.joining import joined

LONGEST = 300  # characters of a sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """Equipment that can or nearly can, how far away it stands, and what fails, in words."""

    candidate: Candidate
    km: float | None
    fails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """How a sentence was understood and what answers it; `measured`: the viewer has a site."""

    query: Query
    can: tuple[Answer, ...]
    nearly: tuple[Answer, ...]
    measured: bool


def find(acting: Acting, text: str) -> Found:
    """Answer a sentence: those that can, nearest first, then near misses by what fails.

    Only members that show the viewer what they can do. Too far counts as one of the properties that may fail.
    """
    query = understand(text[:LONGEST], Taxonomy.load())
    requirement = query.requirement()
    origin = own_sites(acting).first()
    answers: list[Answer] = []
    for one in candidates(acting.organization, requirement.to_json()) if requirement else []:
        km = great_circle_km(origin, one.site) if origin and one.site else None
        fails = tuple(words.miss_text(miss) for miss in one.misses) + _too_far(km, query.within_km)
        answers.append(Answer(one, km, fails))
    answers.sort(key=lambda one: float("inf") if one.km is None else one.km)
    can = [one for one in answers if not one.fails]
    near = [one for one in answers if 0 < len(one.fails) <= MAX_NEAR_MISSES]
    nearly = sorted(near, key=lambda one: len(one.fails))
    return Found(query, tuple(can), tuple(nearly), origin is not None)


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
