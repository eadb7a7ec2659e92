"""What is found on a part beyond holes and pockets: tool reach, turned profile and grooves, threads.

Frozen, JSON in and out as part of :class:`gonghe.engines.model.parts.PartAnalysis`. Lengths are mm; faces are
named by their index in the file's order (0-based).
"""

from __future__ import annotations

from dataclasses import dataclass

Direction = tuple[float, float, float]

MACHINES = ("3-axis", "3+2", "5-axis")
SIDES = ("outside", "inside", "face")
STATED = ("dimension", "face name", "cosmetic", "note", "part name")
"""Where a file may say that there is a thread, the surest first."""

GUESSED = "diameter"


@dataclass(frozen=True, slots=True)
class SetUp:
    """One clamping: ``direction`` points out of the part to where the tool comes from.

    ``faces`` are those that no earlier set-up reached. ``square`` tells whether the direction is parallel or
    square to the part's main faces, so that a vice or the table holds it without a tilted fixture.
    """

    direction: Direction
    faces: tuple[int, ...]
    square: bool = True


@dataclass(frozen=True, slots=True)
class Undercut:
    """Faces that no three-axis set-up reaches, next to each other.

    ``tilted_to`` are directions from which a tilted straight tool does reach all of them; without any they
    need a form cutter, erosion, or another shape.
    """

    faces: tuple[int, ...]
    area_mm2: float
    tilted_to: tuple[Direction, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """How straight tools get at a part.

    ``setups`` are the clampings of a three-axis machine in order of use. ``machine`` is the least one that
    reaches all a straight tool can reach: ``3-axis``; ``3+2`` where a direction is oblique or a few flat
    undercuts want a tilt; ``5-axis`` where curved surfaces want many.
    """

    setups: tuple[SetUp, ...]
    machine: str
    undercuts: tuple[Undercut, ...] = ()

    def __post_init__(self) -> None:
        if self.machine not in MACHINES:
            raise ValueError(f"unknown machine {self.machine!r}; known are {', '.join(MACHINES)}")

    @property
    def hidden(self) -> tuple[int, ...]:
        """Faces that no straight tool reaches from anywhere."""
        return tuple(face for cut in self.undercuts if not cut.tilted_to for face in cut.faces)


@dataclass(frozen=True, slots=True)
class ProfileSegment:
    """One piece of a turned part's half section, ``start_mm`` to ``end_mm`` as (along the axis, diameter).

    ``kind`` is ``cylinder``, ``cone``, ``face`` (square to the axis) or ``arc``; the place along the axis
    counts from the part's lower end.
    """

    kind: str
    start_mm: tuple[float, float]
    end_mm: tuple[float, float]
    inside: bool
    faces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Groove:
    """A turned groove: on the ``outside``, ``inside`` a bore, or in a ``face`` square to the axis.

    ``position_mm`` is the middle of its mouth along the axis from the part's lower end; ``diameter_mm`` that
    of its floor, of a groove in a face its mean diameter. ``width_mm`` is measured at the mouth.
    """

    side: str
    position_mm: float
    width_mm: float
    depth_mm: float
    diameter_mm: float
    faces: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise ValueError(f"a groove lies {', '.join(SIDES)}, got {self.side!r}")
        if self.width_mm <= 0 or self.depth_mm <= 0:
            raise ValueError(
                f"a groove needs a positive width and depth, got {self.width_mm} x {self.depth_mm}"
            )


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread, as written in the file or guessed.

    ``source`` tells where the file says so: ``dimension``, ``face name``, ``cosmetic``, ``note`` or ``part
    name``. Only ``diameter`` is a guess, from a hole that has just the size of a tap drill. ``pitch_mm`` is
    None where neither the file nor the standard's coarse series tells it; ``length_mm`` None where unknown.
    """

    designation: str
    nominal_mm: float
    pitch_mm: float | None
    inside: bool
    source: str
    length_mm: float | None = None
    faces: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.source not in (*STATED, GUESSED):
            raise ValueError(f"unknown source of a thread {self.source!r}")
        if self.nominal_mm <= 0 or (self.pitch_mm is not None and self.pitch_mm <= 0):
            raise ValueError(f"thread {self.designation}: diameter and pitch must be positive")

    @property
    def guess(self) -> bool:
        """Whether only the diameter speaks for it."""
        return self.source == GUESSED
