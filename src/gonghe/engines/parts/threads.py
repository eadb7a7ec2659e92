"""Threads that a STEP file states, and guesses that say so.

CAD systems rarely model a thread. What may be left of it in a file: a dimension or a face with the
designation as its name, a cosmetic thread (curves named so), a note, or the part's own name. A hole that just
has the size of a tap drill is at most a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gonghe.engines.model.part_features import GUESSED, Thread
from gonghe.engines.model.parts import Hole, Vector
from gonghe.engines.parts.advice import UNIT_MM
from gonghe.engines.parts.step import Model
from gonghe.engines.parts.step_text import Cylinder, Entities
from gonghe.engines.parts.thread_names import Named, metric, tapped_as, threads_in
from gonghe.engines.parts.tolerances import named_dimensions
from gonghe.engines.parts.topology import Face, Topology
from gonghe.engines.parts.vectors import coaxial

HINT = re.compile(rb"(?<![A-Za-z0-9.])(?:M ?\d|G ?\d|T[rR] ?\d)|UN(?:C|F|EF)?\b|[Tt]hread|THREAD")
"""Without any of these a file names no thread."""

FITS = 0.06
"""A modelled diameter may lie outside the thread's by this share of the pitch."""

TAPPED_FROM, TAPPED_TO = 1.3, 0.75
"""A hole is drilled for a thread when it is smaller than the nominal by so many pitches."""


def find_threads(model: Model, topology: Topology, holes: Sequence[Hole], data: bytes) -> tuple[Thread, ...]:
    """Threads on the faces of a part, each face in one of them, the surest source first."""
    found: list[Thread] = []
    if HINT.search(data):
        finder = _Finder(topology, holes)
        for thread in _stated(model, finder, data):
            taken = {face for known in found for face in known.faces}
            if thread.faces and not taken & set(thread.faces):
                found.append(thread)
    taken = {face for known in found for face in known.faces}
    found += [guess for hole in holes if not taken & set(hole.faces) for guess in _guesses(hole)]
    return tuple(found)


def _guesses(hole: Hole) -> Iterator[Thread]:
    named = tapped_as(hole.diameter_mm)
    if named is not None and hole.countersink_mm is None and hole.counterbore_mm is None:
        yield Thread(named.designation, named.nominal_mm, named.pitch_mm, True, GUESSED, None, hole.faces)


def _stated(model: Model, finder: _Finder, data: bytes) -> Iterator[Thread]:
    for text, faces in named_dimensions(model, finder.topology):
        for named in threads_in(text):
            yield from finder.on_faces(named, faces, "dimension")
    entities = Entities(data, UNIT_MM.get(model.unit, 1.0))
    for name, cylinder in entities.named_cylinders():
        for named in threads_in(name):
            yield from finder.on_line(named, cylinder, "face name")
    for cylinder in entities.cosmetic_threads():
        named_so = next(threads_in(cylinder.name), None) or metric(round(2 * cylinder.radius, 3))
        if named_so is not None:
            yield from finder.on_line(named_so, cylinder, "cosmetic")
    for source, texts in (("note", entities.notes()), ("part name", entities.products())):
        for named in dict.fromkeys(named for text in texts for named in threads_in(text)):
            yield from finder.by_size(named, source)


class _Finder:
    """Holes and round faces that a named thread fits."""

    def __init__(self, topology: Topology, holes: Sequence[Hole]) -> None:
        self.topology, self._holes = topology, holes
        self._round = [face for face in topology.faces if face.kind == "cylinder"]

    def on_faces(self, named: Named, faces: Iterable[int], source: str) -> Iterator[Thread]:
        """Threads on those of the faces that are round and fit."""
        numbers = set(faces)
        for hole in self._holes:
            if numbers & set(hole.faces) and _fits_hole(named, hole.diameter_mm):
                numbers -= set(hole.faces)
                yield _thread(named, True, source, hole.depth_mm, hole.faces)
        for face in self._round:
            if face.index in numbers and not face.concave and _fits_bolt(named, 2 * face.radius):
                yield _thread(named, False, source, face.height, (face.index,))

    def on_line(self, named: Named, cylinder: Cylinder, source: str) -> Iterator[Thread]:
        """Threads on what lies about an axis."""
        point, axis = cylinder.point, cylinder.axis
        faces = [face.index for face in self._round if _about(face, point, axis)]
        for thread in self.on_faces(named, faces, source):
            length = cylinder.length if cylinder.length else thread.length_mm
            yield replace(thread, length_mm=length)

    def by_size(self, named: Named, source: str) -> Iterator[Thread]:
        """Threads in all holes drilled for it; where there is none, on the outside that has its diameter."""
        fitting = [hole for hole in self._holes if _drilled_for(named, hole.diameter_mm)]
        for hole in fitting:
            yield _thread(named, True, source, hole.depth_mm, hole.faces)
        if fitting:
            return
        bolts: dict[tuple[int, ...], list[Face]] = {}
        for face in self._round:
            if not face.concave and _fits_bolt(named, 2 * face.radius):
                bolts.setdefault((round(1e3 * face.low), round(1e3 * face.high)), []).append(face)
        for faces in bolts.values():
            yield _thread(named, False, source, faces[0].height, tuple(face.index for face in faces))


def _thread(named: Named, inside: bool, source: str, length: float, faces: tuple[int, ...]) -> Thread:
    return Thread(
        named.designation, round(named.nominal_mm, 4), round(named.pitch_mm, 4), inside, source,
        round(length, 4), faces,
    )  # fmt: skip


def _fits_hole(named: Named, diameter: float) -> bool:
    """Modelled as drilled, at the minor, or at the nominal diameter."""
    slack = FITS * named.pitch_mm
    return named.nominal_mm - TAPPED_FROM * named.pitch_mm - slack <= diameter <= named.nominal_mm + slack


def _drilled_for(named: Named, diameter: float) -> bool:
    lacking = (named.nominal_mm - diameter) / named.pitch_mm
    return TAPPED_TO <= lacking <= TAPPED_FROM


def _fits_bolt(named: Named, diameter: float) -> bool:
    """Modelled at the nominal diameter, or a little below as turned before rolling."""
    return -0.3 * named.pitch_mm <= diameter - named.nominal_mm <= FITS * named.pitch_mm


def _about(face: Face, point: Vector, axis: Vector) -> bool:
    return math.isfinite(face.radius) and coaxial(face.point, face.axis, point, axis, 0.02)
